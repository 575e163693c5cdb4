/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What ICU does for us.  Its objects (converters, formats, collators) are opened where they are used: ICU
 * keeps the data behind them, so that opening costs microseconds, and nothing is shared between threads.  The
 * keys for search, which run over every contact, use nothing but ICU's tables of characters.
 */
#include "base/unicode.h"

#include "base/icuuc_lazy.h"
#include "base/icui18n_lazy.h"

enum { MAX_DECODED = 512 << 20 };

/* ---- characters */

void unicode_load(void)
{
    lazy_need(&icuuc_lazy);
    lazy_need(&icui18n_lazy);
}

/* A mark has no small letter, though one (U+0345) folds to a letter. */
static uint32_t small(UChar32 c)
{
    return (uint32_t)(unicode_is_mark((uint32_t)c) ? c : u_foldCase(c, U_FOLD_CASE_DEFAULT));
}

/* ASCII is told here, so that what asks for no more need not load ICU. */
static bool is_ascii_letter(uint32_t c)
{
    return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
}

int unicode_decompose(uint32_t c, uint32_t out[20])
{
    if (c < 0x80) {
        out[0] = is_ascii_letter(c) ? c | 0x20 : c;
        return 1;
    }
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfkd = unorm2_getNFKDInstance(&status);
    must(U_SUCCESS(status));
    UChar wide[40];
    int32_t len = unorm2_getDecomposition(nfkd, (UChar32)c, wide, ARRAY_LEN(wide), &status);
    if (U_FAILURE(status) || len < 0) {
        out[0] = small((UChar32)c);
        return 1;
    }
    int n = 0;
    for (int32_t i = 0; i < len && n < 20;) {
        UChar32 part;
        U16_NEXT(wide, i, len, part);
        out[n++] = small(part);
    }
    return n;
}

bool unicode_is_letter(uint32_t c)
{
    return c < 0x80 ? is_ascii_letter(c) : u_isalpha((UChar32)c);
}

bool unicode_is_upper(uint32_t c)
{
    return c < 0x80 ? c >= 'A' && c <= 'Z' : u_isupper((UChar32)c) || u_istitle((UChar32)c);
}

bool unicode_is_mark(uint32_t c)
{
    if (c < 0x591)
        return (c >= 0x300 && c <= 0x36f) || (c >= 0x483 && c <= 0x489);
    return U_GET_GC_MASK((UChar32)c) & U_GC_M_MASK;
}

bool unicode_is_digit(uint32_t c)
{
    return c < 0x80 ? c >= '0' && c <= '9' : u_isdigit((UChar32)c);
}

bool unicode_is_blank(uint32_t c)
{
    return c <= ' ' || (c >= 0x7f && c <= 0xa0) || c == 0x200b || c == 0xfeff ||
           (c >= 0x1680 && u_isUWhiteSpace((UChar32)c));
}

size_t unicode_width(const char *s)
{
    size_t n = 0;
    for (uint32_t c; (c = unicode_next(&s));)
        n += !unicode_is_mark(c) && c != 0x200b && c != 0xfeff;
    return n;
}

/* ---- between UTF-8 and ICU's UTF-16 */

static UChar *to_wide(void *mem, const char *s, int32_t *len_r)
{
    size_t len = strlen(s);
    must(len < MAX_DECODED);
    UChar *wide = talloc_array(mem, UChar, len + 1);
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8WithSub(wide, (int32_t)len + 1, len_r, s, (int32_t)len, 0xfffd, NULL, &status);
    must(U_SUCCESS(status));
    return wide;
}

static char *to_utf8(void *mem, const UChar *wide, int32_t len)
{
    size_t room = (size_t)len * 3 + 1;
    char *s = talloc_size(mem, room);
    int32_t bytes;
    UErrorCode status = U_ZERO_ERROR;
    u_strToUTF8WithSub(s, (int32_t)room, &bytes, wide, len, 0xfffd, NULL, &status);
    must(U_SUCCESS(status));
    return talloc_realloc_size(mem, s, (size_t)bytes + 1);
}

typedef int32_t case_fn(UChar *, int32_t, const UChar *, int32_t, const char *, UErrorCode *);

static char *change_case(void *mem, const char *s, case_fn *change)
{
    MEM_SCOPE(scratch);
    int32_t len;
    UChar *wide = to_wide(scratch, s, &len);
    int32_t room = 3 * len + 1;
    UChar *changed = talloc_array(scratch, UChar, (size_t)room),
          *composed = talloc_array(scratch, UChar, (size_t)room);
    UErrorCode status = U_ZERO_ERROR;
    len = change(changed, room, wide, len, "", &status);
    len = unorm2_normalize(unorm2_getNFCInstance(&status), changed, len, composed, room, &status);
    must(U_SUCCESS(status));
    return to_utf8(mem, composed, len);
}

static int32_t keep_case(UChar *to, int32_t room, const UChar *from, int32_t len, const char *locale,
                         UErrorCode *status)
{
    (void)locale;
    (void)status;
    must(len <= room);
    memcpy(to, from, (size_t)len * sizeof *to);
    return len;
}

char *unicode_compose(void *mem, const char *s)
{
    return change_case(mem, s, keep_case);
}

char *unicode_lower(void *mem, const char *s)
{
    char *small = talloc_strdup(mem, s), *at = small;
    for (; *at && (unsigned char)*at < 128; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at += 'a' - 'A';
    if (!*at)
        return small;
    talloc_free(small);
    return change_case(mem, s, u_strToLower);
}

char *unicode_upper(void *mem, const char *s)
{
    return change_case(mem, s, u_strToUpper);
}

/* ---- encodings */

int unicode_high_half(const char *encoding, uint32_t map[128])
{
    UErrorCode status = U_ZERO_ERROR;
    UConverter *converter = ucnv_open(encoding, &status);
    if (U_FAILURE(status))
        return -1;
    for (int i = 0; i < 128; i++) {
        char byte = (char)(128 + i);
        UChar wide[4];
        status = U_ZERO_ERROR;
        int32_t len = ucnv_toUChars(converter, wide, ARRAY_LEN(wide), &byte, 1, &status);
        /* ICU fills the holes of a code page with control characters or with U+FFFD */
        map[i] = U_SUCCESS(status) && len == 1 && wide[0] >= 0xa0 && wide[0] != 0xfffd ? wide[0] : 0;
    }
    ucnv_close(converter);
    return 0;
}

static long line_of(const UChar *wide, const UChar *end)
{
    long line = 1;
    for (; wide < end; wide++)
        line += *wide == '\n' || (*wide == '\r' && (wide + 1 == end || wide[1] != '\n'));
    return line;
}

/* Control characters that no office writes: the zero byte, and what fills the holes of a code page. */
static const UChar *find_hole(const UChar *wide, const UChar *end, bool eight_bits)
{
    for (; wide < end; wide++)
        if (*wide == 0 || (eight_bits && *wide >= 0x80 && *wide < 0xa0))
            return wide;
    return NULL;
}

struct decoding {
    const char *encoding;
    UConverter *converter;
    const char *bytes;
    size_t len;
    UChar *wide, *end;
};

static int decode_wide(struct decoding *d, struct err *err)
{
    UErrorCode status = U_ZERO_ERROR;
    const char *from = d->bytes;
    UChar *to = d->wide;
    ucnv_setToUCallBack(d->converter, UCNV_TO_U_CALLBACK_STOP, NULL, NULL, NULL, &status);
    ucnv_toUnicode(d->converter, &to, d->wide + d->len, &from, d->bytes + d->len, NULL, true, &status);
    bool eight_bits = ucnv_getMaxCharSize(d->converter) == 1;
    const UChar *hole = find_hole(d->wide, to, eight_bits);
    if (hole)
        return err_set(err, ERR_INPUT, "line %ld, byte %zd: %s has no such character (0x%02x)",
                       line_of(d->wide, hole), eight_bits ? hole - d->wide : from - d->bytes, d->encoding,
                       *hole);
    if (U_FAILURE(status)) {
        char bad[32];
        int8_t n = sizeof bad;
        UErrorCode ignored = U_ZERO_ERROR;
        ucnv_getInvalidChars(d->converter, bad, &n, &ignored);
        ptrdiff_t at = from - d->bytes - n;
        return err_set(err, ERR_INPUT, "line %ld, byte %zd: not %s (0x%02x)", line_of(d->wide, to), at,
                       d->encoding, (unsigned char)d->bytes[at]);
    }
    d->end = to;
    return 0;
}

static int decode_as(void *mem, struct decoding *d, char **utf8_r, struct err *err)
{
    UErrorCode status = U_ZERO_ERROR;
    d->converter = ucnv_open(d->encoding, &status);
    if (U_FAILURE(status))
        return err_set(err, ERR_USAGE, "unknown encoding \"%s\"", d->encoding);
    MEM_SCOPE(scratch);
    d->wide = talloc_array(scratch, UChar, d->len + 1);
    int rc = decode_wide(d, err);
    ucnv_close(d->converter);
    if (rc == 0)
        *utf8_r = to_utf8(mem, d->wide, (int32_t)(d->end - d->wide));
    return rc;
}

static const struct {
    const char *mark;
    size_t len;
    const char *encoding;
} byte_order_marks[] = {
    {"\xef\xbb\xbf", 3, "UTF-8"},
    {"\xff\xfe", 2, "UTF-16LE"},
    {"\xfe\xff", 2, "UTF-16BE"},
};

/* Text without a mark, whose letters and blanks of ASCII leave every second byte zero and no other. */
static const char *find_utf16(const char *bytes, size_t len)
{
    size_t zeros[2] = {0, 0}, seen = len < 4096 ? len & ~(size_t)1 : 4096;
    for (size_t i = 0; i < seen; i++)
        zeros[i & 1] += bytes[i] == 0;
    size_t most = zeros[0] > zeros[1] ? zeros[0] : zeros[1];
    if (most == 0 || most < seen / 8 || zeros[0] + zeros[1] != most)
        return NULL;
    return most == zeros[0] ? "UTF-16BE" : "UTF-16LE";
}

int unicode_decode(void *mem, const char *bytes, size_t len, const char *encoding, char **utf8_r,
                   const char **encoding_r, struct err *err)
{
    if (len >= MAX_DECODED)
        return err_set(err, ERR_INPUT, "%zu bytes are too many for a text", len);
    size_t mark = 0;
    for (size_t i = 0; i < ARRAY_LEN(byte_order_marks); i++)
        if (len >= byte_order_marks[i].len &&
            !memcmp(bytes, byte_order_marks[i].mark, byte_order_marks[i].len)) {
            if (encoding && strncasecmp(encoding, byte_order_marks[i].encoding, 5))
                continue;
            encoding = byte_order_marks[i].encoding;
            mark = byte_order_marks[i].len;
        }
    if (!encoding)
        encoding = find_utf16(bytes, len);
    if (!encoding && memchr(bytes, 0, len))
        return err_set(err, ERR_INPUT, "not a text: it holds zero bytes");
    bool utf8 = unicode_valid_utf8(bytes + mark, len - mark);
    if (!encoding)
        encoding = utf8 ? "UTF-8" : unicode_detect(mem, bytes, len);
    *encoding_r = talloc_strdup(mem, encoding);
    if (utf8 && !strcasecmp(encoding, "UTF-8")) {
        *utf8_r = talloc_strndup(mem, bytes + mark, len - mark);
        return 0;
    }
    if (!strcasecmp(encoding, "iso-8859-16"))
        return unicode_decode_latin_10(mem, bytes, len, utf8_r, err);
    struct decoding d = {.encoding = encoding, .bytes = bytes + mark, .len = len - mark};
    return decode_as(mem, &d, utf8_r, err);
}

/* ---- dates */

static const struct language {
    const char *name, *icu;
    const char *patterns[UNICODE_STAMP + 1];
} languages[] = {
    {"en", "en_GB", {"EEEE, d MMMM y", "d MMMM y", "dd/MM/y", "H:mm", "dd/MM/y H:mm"}},
    {"sq", "sq", {"EEEE, d MMMM y", "d MMMM y", "dd.MM.y", "H.mm", "dd.MM.y H.mm"}},
    {"sr-Cyrl", "sr_Cyrl", {"EEEE, d. MMMM y.", "d. MMMM y.", "dd.MM.y.", "H.mm", "dd.MM.y. H.mm"}},
    {"sr-Latn", "sr_Latn", {"EEEE, d. MMMM y.", "d. MMMM y.", "dd.MM.y.", "H.mm", "dd.MM.y. H.mm"}},
    {"sr", "sr_Latn", {"EEEE, d. MMMM y.", "d. MMMM y.", "dd.MM.y.", "H.mm", "dd.MM.y. H.mm"}},
    {"de", "de", {"EEEE, d. MMMM y", "d. MMMM y", "dd.MM.y", "H:mm", "dd.MM.y H:mm"}},
    {"pl", "pl", {"EEEE, d MMMM y", "d MMMM y", "dd.MM.y", "H.mm", "dd.MM.y H.mm"}},
};

static const struct language *language_named(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(languages); i++)
        if (name && !strcmp(languages[i].name, name))
            return &languages[i];
    return &languages[0];
}

char *unicode_format_date(void *mem, int64_t when, const char *time_zone, const char *language,
                          enum unicode_date style)
{
    MEM_SCOPE(scratch);
    const struct language *l = language_named(language);
    int32_t zone_len, pattern_len;
    UChar *zone = to_wide(scratch, time_zone, &zone_len),
          *pattern = to_wide(scratch, l->patterns[style], &pattern_len);
    UErrorCode status = U_ZERO_ERROR;
    UDateFormat *format =
        udat_open(UDAT_PATTERN, UDAT_PATTERN, l->icu, zone, zone_len, pattern, pattern_len, &status);
    must(U_SUCCESS(status));
    UChar wide[128];
    int32_t len = udat_format(format, (UDate)when * 1000, wide, ARRAY_LEN(wide), NULL, &status);
    udat_close(format);
    must(U_SUCCESS(status));
    return to_utf8(mem, wide, len);
}

char *unicode_format_range(void *mem, int64_t from, int64_t to, const char *time_zone, const char *language)
{
    char *begin = unicode_format_date(mem, from, time_zone, language, UNICODE_TIME);
    if (!to)
        return begin;
    char *end = unicode_format_date(begin, to, time_zone, language, UNICODE_TIME);
    return talloc_asprintf(mem, "%s–%s", begin, end);
}

static UCalendar *calendar_open(const char *time_zone)
{
    MEM_SCOPE(scratch);
    int32_t len;
    UChar *zone = to_wide(scratch, time_zone, &len);
    UErrorCode status = U_ZERO_ERROR;
    UCalendar *calendar = ucal_open(zone, len, "en", UCAL_GREGORIAN, &status);
    must(U_SUCCESS(status));
    return calendar;
}

bool unicode_time_of(const struct unicode_clock *clock, const char *time_zone, int64_t *when_r)
{
    UCalendar *calendar = calendar_open(time_zone);
    UErrorCode status = U_ZERO_ERROR;
    ucal_clear(calendar);
    ucal_setDateTime(calendar, clock->year, clock->month - 1, clock->day, clock->hour, clock->minute,
                     clock->second, &status);
    double ms = ucal_getMillis(calendar, &status);
    /* an hour that the change to summer time leaps over comes back as another one */
    bool same = ucal_get(calendar, UCAL_HOUR_OF_DAY, &status) == clock->hour;
    ucal_close(calendar);
    *when_r = (int64_t)(ms / 1000);
    return U_SUCCESS(status) && same;
}

struct unicode_clock unicode_clock_of(int64_t when, const char *time_zone)
{
    UCalendar *calendar = calendar_open(time_zone);
    UErrorCode status = U_ZERO_ERROR;
    ucal_setMillis(calendar, (UDate)when * 1000, &status);
    struct unicode_clock clock = {
        .year = ucal_get(calendar, UCAL_YEAR, &status),
        .month = ucal_get(calendar, UCAL_MONTH, &status) + 1,
        .day = ucal_get(calendar, UCAL_DATE, &status),
        .hour = ucal_get(calendar, UCAL_HOUR_OF_DAY, &status),
        .minute = ucal_get(calendar, UCAL_MINUTE, &status),
        .second = ucal_get(calendar, UCAL_SECOND, &status),
    };
    ucal_close(calendar);
    must(U_SUCCESS(status));
    return clock;
}

/* ---- order */

struct unicode_collator {
    UCollator *icu;
};

static int collator_end(struct unicode_collator *collator)
{
    ucol_close(collator->icu);
    return 0;
}

struct unicode_collator *unicode_collator_new(void *mem, const char *language)
{
    struct unicode_collator *collator = talloc_zero(mem, struct unicode_collator);
    UErrorCode status = U_ZERO_ERROR;
    collator->icu = ucol_open(language_named(language)->icu, &status);
    must(U_SUCCESS(status));
    talloc_set_destructor(collator, collator_end);
    return collator;
}

char *unicode_sort_key(void *mem, const struct unicode_collator *collator, const char *s)
{
    MEM_SCOPE(scratch);
    int32_t len;
    UChar *wide = to_wide(scratch, s, &len);
    int32_t size = ucol_getSortKey(collator->icu, wide, len, NULL, 0);
    uint8_t *key = talloc_size(scratch, (size_t)size);
    ucol_getSortKey(collator->icu, wide, len, key, size);
    struct text t = text_new(mem);
    for (int32_t i = 0; i + 1 < size; i++)
        text_printf(&t, "%02x", key[i]);
    return t.s;
}
