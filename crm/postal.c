/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/postal.h"

#include <ctype.h>

#include "base/unicode.h"
#include "base/unicode_locale.h"
#include "crm/place.h"
#include "sql/postal.h"

enum { MAX_LINES = 8 };
enum postcode { BEFORE, BEHIND, BELOW };

static const struct country {
    const char *code, *name;
    enum postcode postcode;
    const char *others;
} countries[] = {
#define COUNTRY(code, name, postcode, others) {code, name, postcode, others},
#include "crm/postal_country.def"
#undef COUNTRY
};

static const struct country *country_of(const char *code)
{
    for (size_t i = 0; code && i < ARRAY_LEN(countries); i++)
        if (!strcmp(countries[i].code, code))
            return &countries[i];
    return NULL;
}

static bool is_in_list(void *mem, const char *list, const char *fold)
{
    return strstr(talloc_asprintf(mem, ",%s,", list), talloc_asprintf(mem, ",%s,", fold)) != NULL;
}

static const struct country *country_named(void *mem, const char *line)
{
    const char *fold = unicode_fold(mem, line);
    for (size_t i = 0; *fold && i < ARRAY_LEN(countries); i++)
        if (!strcmp(unicode_fold(mem, countries[i].name), fold) || is_in_list(mem, countries[i].others, fold))
            return &countries[i];
    return NULL;
}

struct lines {
    void *mem;
    const char *v[MAX_LINES + 4]; /* room for town, postcode, country */
    size_t n;
};

/* "DC 20500": no line of its own */
static bool is_state_and_zip(const char *s)
{
    return isupper((unsigned char)s[0]) && isupper((unsigned char)s[1]) && s[2] == ' ' &&
           isdigit((unsigned char)s[3]);
}

/* Line breaks, commas and semicolons end a line; what is too much stays on the last one. */
static void split(struct lines *l, const char *text)
{
    while (text && *text) {
        size_t len = 0;
        bool last = l->n == MAX_LINES - 1;
        while (text[len] && text[len] != '\n' &&
               (last || !strchr(",;", text[len]) || is_state_and_zip(text + len + strspn(text + len, ",; "))))
            len++;
        const char *line = unicode_squeeze(l->mem, talloc_strndup(l->mem, text, len));
        if (*line && l->n < MAX_LINES)
            l->v[l->n++] = line;
        text += len + (text[len] != 0);
    }
}

static bool starts_with_postcode(const char *line)
{
    size_t digits = strspn(line, "0123456789-");
    return digits >= 4 && line[digits] == ' ' && !strchr("0123456789", line[digits + 1]);
}

/* A key of how a name sounds, by which German's and Polish's z (Bregenz) is Serbian's c (Брегенц). */
static const char *sound(void *mem, const char *fold)
{
    char *key = unicode_near(mem, fold);
    for (char *z = strchr(key, 'z'); z; z = strchr(z, 'z'))
        *z = 'c';
    return key;
}

/* Thun and Тун, Wien and Vienna, Bregenz and Брегенц */
static bool is_one_place(void *mem, const char *a, const char *b)
{
    const char *fold_a = unicode_fold(mem, a), *fold_b = unicode_fold(mem, b);
    struct place place_a, place_b;
    if (place_find(fold_a, &place_a) && place_find(fold_b, &place_b))
        return !strcmp(place_a.key, place_b.key);
    if (unicode_script(a) != unicode_script(b))
        return !strcmp(sound(mem, fold_a), sound(mem, fold_b));
    return !strcmp(unicode_near(mem, fold_a), unicode_near(mem, fold_b));
}

/* What the line calls the city: "60000 Gjilan" or "Gjilan" for Gjilan; "1160 Wien" for Беч, whose name in the
 * other script is another; NULL: nothing. */
static const char *name_of_city(void *mem, const char *line, const char *city)
{
    bool after_code = starts_with_postcode(line);
    const char *rest = after_code ? line + strcspn(line, " ") + 1 : line;
    bool two_scripts = unicode_script(rest) == UNICODE_LATIN && unicode_script(city) == UNICODE_CYRILLIC;
    return (after_code && two_scripts) || is_one_place(mem, rest, city) ? rest : NULL;
}

static void add_town(struct lines *l, const struct postal_address *a, enum postcode place)
{
    const char *postcode = a->postcode && *a->postcode ? a->postcode : NULL,
               *city = a->city && *a->city ? a->city : NULL;
    const char *name = city && l->n ? name_of_city(l->mem, l->v[l->n - 1], city) : NULL;
    if (name && !postcode)
        return;
    if (name) {
        l->n--;
        if (unicode_script(name) == UNICODE_LATIN && unicode_script(city) == UNICODE_CYRILLIC)
            city = name; /* which is read everywhere */
    }
    if (!city && postcode && l->n > 1 && !starts_with_postcode(l->v[l->n - 1]))
        city = l->v[--l->n]; /* the last line is the town */
    if (place == BELOW) {
        if (city)
            l->v[l->n++] = unicode_upper(l->mem, city);
        if (postcode)
            l->v[l->n++] = postcode;
    } else if (city && postcode)
        l->v[l->n++] = talloc_asprintf(l->mem, "%s %s", place == BEFORE ? postcode : city,
                                       place == BEFORE ? city : postcode);
    else if (city || postcode)
        l->v[l->n++] = city ? city : postcode;
}

/* In English as the post calls it, which CLDR does not always ("Bosnia & Herzegovina"). */
static const char *country_line(void *mem, const char *code, const char *language)
{
    const struct country *country = country_of(code);
    bool english = !language || !strcmp(language, "en");
    const char *name =
        english && country ? country->name : unicode_country_name(mem, code, english ? "en" : language);
    return name ? unicode_upper(mem, name) : code;
}

/* All but the country, whose code is *code_r, NULL: none. */
static void read_lines(struct lines *l, const struct postal_address *a, const char *home, const char **code_r)
{
    split(l, a->lines);
    const struct country *named = l->n ? country_named(l->mem, l->v[l->n - 1]) : NULL;
    if (named)
        l->n--;
    const struct country *country = a->country ? country_of(a->country) : named;
    *code_r = a->country ? a->country : named ? named->code : home;
    add_town(l, a, country ? country->postcode : BEFORE);
}

const char **postal_lines(void *mem, const struct postal_address *address, const char *home,
                          const char *language)
{
    struct lines l = {.mem = mem};
    const char *code;
    read_lines(&l, address, home, &code);
    if (l.n && code && (!home || strcmp(code, home)))
        l.v[l.n++] = country_line(mem, code, language);
    l.v[l.n] = NULL;
    return talloc_memdup(mem, l.v, sizeof *l.v * (l.n + 1));
}

int postal_place(void *mem, const struct postal_address *address, const char *home,
                 struct postal_place *place_r, struct err *err)
{
    struct lines l = {.mem = mem};
    const char *code, *postcode = address->postcode && *address->postcode ? address->postcode : NULL;
    read_lines(&l, address, home, &code);
    if (!l.n)
        return 0;
    if (code && !country_of(code) && !unicode_country_name(mem, code, "en"))
        return err_set(err, ERR_INPUT, "%s: there is no country \"%s\"", l.v[l.n - 1], code);
    for (size_t i = l.n; !postcode && i-- > 0;)
        if (starts_with_postcode(l.v[i]))
            postcode = talloc_strndup(mem, l.v[i], strcspn(l.v[i], " "));
    *place_r = (struct postal_place){talloc_strdup(mem, code ? code : ""),
                                     talloc_strdup(mem, postcode ? postcode : "")};
    return 1;
}

static bool is_country(const char *code)
{
    return isupper((unsigned char)code[0]) && isupper((unsigned char)code[1]) && !code[2];
}

int postal_change(struct db *db, int64_t contact, const struct postal_address *a, struct err *err)
{
    if (!a->lines && !a->postcode && !a->city && !a->country)
        return 0;
    if (a->country && *a->country && !is_country(a->country))
        return err_set(err, ERR_USAGE, "a country has two capitals (XK, RS, DE ...), not \"%s\"", a->country);
    const struct db_arg id = db_int(contact), lines = db_text(a->lines), postcode = db_text(a->postcode),
                        city = db_text(a->city), country = db_text(a->country);
    int n = db_run(db, NULL, err, SQL_POSTAL_CHANGE, id, lines, postcode, city, country);
    if (n == 0)
        n = db_run(db, NULL, err, SQL_POSTAL_ADD, id, lines, postcode, city, country);
    return n < 0 ? -1 : 0;
}
