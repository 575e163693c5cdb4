/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/unicode_locale.h"

#include <ctype.h>

#include "base/icui18n_lazy.h"
#include "base/icuuc_lazy.h"
#include "base/unicode.h"

enum { TAG_BYTES = 64 };

static bool is_one_of(const char *const *list, const char *word)
{
    while (*list && strcmp(*list, word))
        list++;
    return *list != NULL;
}

static bool is_script(const char *s)
{
    return isupper((unsigned char)s[0]) && strspn(s + 1, "abcdefghijklmnopqrstuvwxyz") == 3 && !s[4] &&
           u_getPropertyValueEnum(UCHAR_SCRIPT, s) != UCHAR_INVALID_CODE;
}

bool unicode_knows_language(const char *tag)
{
    /* those of our own letters need not load ICU */
    static const char *const own[] = {"en", "sq", "sr", "sr-Cyrl", "sr-Latn", "de", "pl", NULL};
    if (is_one_of(own, tag))
        return true;
    char part[3][TAG_BYTES] = {"", "", ""};
    size_t n = 0;
    for (const char *at = tag; n < ARRAY_LEN(part); at++) {
        size_t len = strcspn(at, "-");
        if (len >= TAG_BYTES)
            return false;
        memcpy(part[n++], at, len);
        at += len;
        if (!*at)
            break;
        if (n == ARRAY_LEN(part))
            return false;
    }
    if (!strcmp(part[0], "und") || !is_one_of(uloc_getISOLanguages(), part[0]))
        return false;
    if (n == 3)
        return is_script(part[1]) && is_one_of(uloc_getISOCountries(), part[2]);
    return n == 1 || is_script(part[1]) || is_one_of(uloc_getISOCountries(), part[1]);
}

/* The usual letters and codes; "" if it is no tag. */
static void canonical(const char *word, char tag[TAG_BYTES])
{
    char locale[TAG_BYTES];
    UErrorCode status = U_ZERO_ERROR;
    int32_t len = uloc_canonicalize(word, locale, sizeof locale, &status);
    if (U_SUCCESS(status) && len < TAG_BYTES)
        len = uloc_toLanguageTag(locale, tag, TAG_BYTES, true, &status);
    if (U_FAILURE(status) || len >= TAG_BYTES)
        *tag = 0;
}

/* The language that most of the country speak. */
static char *language_of_country(void *mem, const char *word)
{
    if (strlen(word) != 2)
        return NULL;
    const char country[] = {(char)toupper((unsigned char)word[0]), (char)toupper((unsigned char)word[1]), 0};
    char language[TAG_BYTES], locale[TAG_BYTES];
    UErrorCode status = U_ZERO_ERROR;
    if (!is_one_of(uloc_getISOCountries(), country))
        return NULL;
    uloc_addLikelySubtags(talloc_asprintf(mem, "und_%s", country), locale, sizeof locale, &status);
    uloc_getLanguage(locale, language, sizeof language, &status);
    return U_SUCCESS(status) && unicode_knows_language(language) ? talloc_strdup(mem, language) : NULL;
}

char *unicode_language_meant(void *mem, const char *word)
{
    MEM_SCOPE(scratch);
    char tag[TAG_BYTES];
    canonical(word, tag);
    return unicode_knows_language(tag) ? talloc_strdup(mem, tag) : language_of_country(mem, word);
}

char *unicode_country_name(void *mem, const char *country, const char *language)
{
    UChar wide[128];
    char name[3 * ARRAY_LEN(wide)];
    UErrorCode status = U_ZERO_ERROR;
    if (!is_one_of(uloc_getISOCountries(), country))
        return NULL;
    ULocaleDisplayNames *names =
        uldn_open(strcmp(language, "sr") ? language : "sr-Latn", ULDN_STANDARD_NAMES, &status);
    must(U_SUCCESS(status));
    int32_t len = uldn_regionDisplayName(names, country, wide, ARRAY_LEN(wide), &status);
    uldn_close(names);
    u_strToUTF8(name, sizeof name, NULL, wide, len, &status);
    return U_SUCCESS(status) ? talloc_strdup(mem, name) : NULL;
}

static bool offset_at(const UChar *zone, int32_t len, int64_t when, int32_t *ms_r)
{
    UErrorCode status = U_ZERO_ERROR;
    UCalendar *c = ucal_open(zone, len, "en", UCAL_GREGORIAN, &status);
    ucal_setMillis(c, (UDate)when * 1000, &status);
    *ms_r = ucal_get(c, UCAL_ZONE_OFFSET, &status) + ucal_get(c, UCAL_DST_OFFSET, &status);
    ucal_close(c);
    return U_SUCCESS(status);
}

/* Is there a place in the country whose clocks show another hour? */
static bool country_differs(const char *country, int64_t when, int32_t ms)
{
    UErrorCode status = U_ZERO_ERROR;
    UEnumeration *zones =
        ucal_openTimeZoneIDEnumeration(UCAL_ZONE_TYPE_CANONICAL_LOCATION, country, NULL, &status);
    bool differs = false;
    int32_t len, there;
    const UChar *zone;
    while (U_SUCCESS(status) && !differs && (zone = uenum_unext(zones, &len, &status)))
        differs = offset_at(zone, len, when, &there) && there != ms;
    uenum_close(zones);
    return differs;
}

char *unicode_zone_elsewhere(void *mem, int64_t when, const char *time_zone, const char *country,
                             const char *language)
{
    static const UChar pattern[] = {'z', 'z', 'z', 'z', ',', ' ', 'O', 0};
    UChar zone[64], wide[128];
    char name[3 * ARRAY_LEN(wide)];
    int32_t zone_len, ms, len;
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8(zone, ARRAY_LEN(zone), &zone_len, time_zone, -1, &status);
    if (U_FAILURE(status) || !is_one_of(uloc_getISOCountries(), country) ||
        !offset_at(zone, zone_len, when, &ms) || !country_differs(country, when, ms))
        return NULL;
    const char *locale = !strcmp(language, "sr") ? "sr-Latn" : !strcmp(language, "en") ? "en-GB" : language;
    UDateFormat *format = udat_open(UDAT_PATTERN, UDAT_PATTERN, locale, zone, zone_len, pattern, -1, &status);
    must(U_SUCCESS(status));
    len = udat_format(format, (UDate)when * 1000, wide, ARRAY_LEN(wide), NULL, &status);
    udat_close(format);
    u_strToUTF8(name, sizeof name, NULL, wide, len, &status);
    return U_SUCCESS(status) ? talloc_strdup(mem, name) : NULL;
}
