/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The fields of a row that have one value each: what a list's writer meant is taken, what cannot be taken is
 * complained of and left out.
 */
#include "crm/listrow_low.h"

#include <ctype.h>

#include "base/unicode.h"
#include "crm/listword.h"
#include "crm/personname.h"

static const char *without_edges(void *mem, const char *s, const char *signs)
{
    s += strspn(s, signs);
    size_t len = strlen(s);
    while (len > 0 && strchr(signs, s[len - 1]))
        len--;
    return len ? talloc_strndup(mem, s, len) : NULL;
}

/* „Morava Šped“ → Morava Šped, where nothing else is quoted. */
static const char *without_quotes(void *mem, const char *s)
{
    static const struct {
        const char *open, *close;
    } pairs[] = {{"„", "“"}, {"„", "”"}, {"“", "”"}, {"«", "»"}, {"\"", "\""}};
    size_t len = strlen(s);
    for (size_t i = 0; i < ARRAY_LEN(pairs); i++) {
        size_t open = strlen(pairs[i].open), close = strlen(pairs[i].close);
        if (len <= open + close || strncmp(s, pairs[i].open, open) || strcmp(s + len - close, pairs[i].close))
            continue;
        char *inside = talloc_strndup(mem, s + open, len - open - close);
        if (!strstr(inside, pairs[i].open) && !strstr(inside, pairs[i].close))
            return inside;
    }
    return s;
}

/* A row about an organisation may call its name just a name. */
static bool names_a_person(const struct listrow_reading *r)
{
    const char *const *text = r->row->text;
    return text[FIELD_ORGANISATION] || !text[FIELD_KIND] || strcmp(text[FIELD_KIND], "organisation");
}

/* Two columns are one name; titles in a column of their own stand before those in the name. */
static void join_name(struct listrow_reading *r)
{
    const char **text = r->row->text;
    const char *given = text[FIELD_GIVEN], *family = text[FIELD_FAMILY], *typed = text[FIELD_HONORIFIC];
    if (given || family)
        text[FIELD_NAME] = talloc_asprintf(r->mem, "%s%s%s", given ? given : "", given && family ? " " : "",
                                           family ? family : "");
    text[FIELD_HONORIFIC] = NULL;
    if (!text[FIELD_NAME] || !names_a_person(r))
        return;
    struct personname said = personname_of(r->mem, ""), name = personname_of_list(r->mem, text[FIELD_NAME]);
    const char *gender = typed ? listword_gender(typed) : NULL;
    if (typed && !gender)
        personname_add_titles(r->mem, &said, typed);
    if (!gender)
        gender = personname_gender_text(said.gender ? said.gender : name.gender);
    const char *title = name.title;
    if (*said.title &&
        strcmp(unicode_fold(r->mem, said.title), unicode_fold(r->mem, title))) /* one is enough */
        title = unicode_squeeze(r->mem, talloc_asprintf(r->mem, "%s %s", said.title, title));
    text[FIELD_NAME] = name.name;
    text[FIELD_HONORIFIC] = *title ? title : NULL;
    if (!text[FIELD_GENDER])
        text[FIELD_GENDER] = gender;
}

static void clean_gender(struct listrow_reading *r)
{
    const char **text = r->row->text, *gender = text[FIELD_GENDER];
    if (gender && strcmp(gender, "m") != 0 && strcmp(gender, "f") != 0) {
        listrow_complain(r, LISTROW_CHECK, TEXT(r, "unknown gender \"%s\""), gender);
        text[FIELD_GENDER] = NULL;
    }
    if (!text[FIELD_GENDER] && text[FIELD_SALUTATION])
        text[FIELD_GENDER] = personname_gender_text(personname_greeting(text[FIELD_SALUTATION]));
}

static void clean_names(struct listrow_reading *r)
{
    const char **text = r->row->text;
    join_name(r);
    if (text[FIELD_NAME])
        text[FIELD_NAME] = without_edges(r->mem, text[FIELD_NAME], " ,;:/|-");
    if (text[FIELD_ORGANISATION])
        text[FIELD_ORGANISATION] = without_edges(r->mem, text[FIELD_ORGANISATION], " ,;:/|-");
    if (text[FIELD_ORGANISATION])
        text[FIELD_ORGANISATION] = without_quotes(r->mem, text[FIELD_ORGANISATION]);
    if (!text[FIELD_NAME] && !text[FIELD_ORGANISATION])
        listrow_complain(r, LISTROW_REFUSED, "%s", TEXT(r, "neither a name nor an organisation"));
    if ((text[FIELD_NAME] && strlen(text[FIELD_NAME]) > LISTROW_MAX_NAME_BYTES) ||
        (text[FIELD_ORGANISATION] && strlen(text[FIELD_ORGANISATION]) > LISTROW_MAX_NAME_BYTES))
        listrow_complain(r, LISTROW_REFUSED, TEXT(r, "a name of more than %d bytes"), LISTROW_MAX_NAME_BYTES);
}

static void clean_salutation(struct listrow_reading *r)
{
    const char **text = &r->row->text[FIELD_SALUTATION];
    if (!*text)
        return;
    const char *stroke = strstr(*text, " / ");
    if (stroke) {
        const char *first = talloc_strndup(r->mem, *text, (size_t)(stroke - *text));
        listrow_complain(r, LISTROW_CHECK,
                         TEXT(r, "two forms of address, the first is taken: \"%s\", not \"%s\""), first,
                         stroke + 3);
        *text = first;
    }
    *text = without_edges(r->mem, *text, " ,;:/");
}

/* "ul. Częstochowska 66a, 26-065 Piekoszów, Polska" */
static void find_country(struct listrow_reading *r)
{
    const char **text = r->row->text;
    const char *comma = text[FIELD_ADDRESS] ? strrchr(text[FIELD_ADDRESS], ',') : NULL;
    if (mapping_is_column(r->options->mapping, FIELD_COUNTRY) && text[FIELD_COUNTRY])
        return;
    const char *last = comma ? unicode_squeeze(r->mem, comma + 1) : "";
    const char *country = strlen(last) > 2 ? listword_country(r->mem, last) : NULL;
    if (country)
        text[FIELD_COUNTRY] = country;
}

/* A village is where somebody lives, unless the list has cities, or its column is called as where they come
 * from or build. */
static const char *village_for_city(const struct listrow_reading *r)
{
    const struct listrow_options *o = r->options;
    if (mapping_has(o->mapping, FIELD_CITY) || !o->label)
        return NULL;
    for (size_t i = 0; i < mapping_columns(o->mapping); i++)
        if (mapping_field(o->mapping, i) == FIELD_VILLAGE && !listword_is_home(o->label[i]))
            return NULL;
    return r->row->text[FIELD_VILLAGE];
}

static void clean_place(struct listrow_reading *r)
{
    const char **text = r->row->text;
    if (!text[FIELD_CITY])
        text[FIELD_CITY] = village_for_city(r);
    if (text[FIELD_POSTCODE])
        text[FIELD_CITY] = text[FIELD_CITY]
                               ? talloc_asprintf(r->mem, "%s %s", text[FIELD_POSTCODE], text[FIELD_CITY])
                               : text[FIELD_POSTCODE];
    if (!text[FIELD_FORM] && text[FIELD_ORGANISATION])
        text[FIELD_FORM] = listword_form_in(text[FIELD_ORGANISATION]);
}

static void clean_country(struct listrow_reading *r)
{
    const char **text = &r->row->text[FIELD_COUNTRY];
    find_country(r);
    const char *s = *text;
    if (!s || (isupper((unsigned char)s[0]) && isupper((unsigned char)s[1]) && !s[2]))
        return;
    listrow_complain(r, LISTROW_CHECK, TEXT(r, "unknown country \"%s\""), s);
    *text = NULL;
}

static void clean_kind(struct listrow_reading *r)
{
    const char **text = r->row->text;
    bool known = text[FIELD_KIND] &&
                 (!strcmp(text[FIELD_KIND], "person") || !strcmp(text[FIELD_KIND], "organisation"));
    if (text[FIELD_KIND] && !known)
        listrow_complain(r, LISTROW_CHECK, TEXT(r, "kind is person or organisation, not \"%s\""),
                         text[FIELD_KIND]);
    if (!known)
        text[FIELD_KIND] = text[FIELD_NAME] ? "person" : "organisation";
}

static void clean_uid(struct listrow_reading *r)
{
    static const char shape[] = "hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh";
    const char **text = &r->row->text[FIELD_UID];
    for (size_t i = 0; *text && i < sizeof shape; i++)
        if (shape[i] == 'h' ? !isxdigit((unsigned char)(*text)[i]) : (*text)[i] != shape[i])
            *text = NULL;
}

static void clean_private(struct listrow_reading *r)
{
    const char *said = r->row->text[FIELD_PRIVATE_ADDRESS];
    r->row->private_address = said && !strcmp(said, "yes");
    if (said && strcmp(said, "yes") != 0 && strcmp(said, "no") != 0)
        listrow_complain(r, LISTROW_CHECK, TEXT(r, "an address is private, yes or no, not \"%s\""), said);
}

static void clean_number(struct listrow_reading *r, enum field field)
{
    const char **text = &r->row->text[field];
    if (!*text)
        return;
    const char *language = r->options->number_language ? r->options->number_language : "sq";
    const char *number = unicode_parse_number(r->mem, *text, language);
    if (!number)
        listrow_complain(r, LISTROW_CHECK, TEXT(r, "\"%s\" is no number (%s)"), *text,
                         mapping_field_name(field));
    *text = number;
}

static void clean_registration(struct listrow_reading *r)
{
    const char **text = &r->row->text[FIELD_REGISTRATION];
    if (!*text || (*text)[strspn(*text, "0123456789 ")])
        return;
    struct text digits = text_new(r->mem);
    for (const char *s = *text; *s; s++)
        if (*s != ' ')
            text_putc(&digits, *s);
    *text = digits.s;
}

static void clean_date(struct listrow_reading *r)
{
    char iso[11];
    const char *typed = r->row->text[FIELD_LAST_CONTACT];
    if (typed && unicode_parse_date(typed, iso))
        r->row->last_contact = talloc_strdup(r->mem, iso);
}

void listrow_clean(struct listrow_reading *r)
{
    clean_names(r);
    clean_gender(r); /* each form of address may say it */
    clean_salutation(r);
    clean_country(r);
    clean_place(r);
    clean_kind(r);
    clean_uid(r);
    clean_private(r);
    clean_number(r, FIELD_EMPLOYEES);
    clean_number(r, FIELD_TURNOVER);
    clean_registration(r);
    clean_date(r);
}
