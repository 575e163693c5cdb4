/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * N is believed more than FN, into which phones put what their owners write behind a name ("Zoran Petković
 * Beč"); what FN has beyond N goes into the note.
 */
#include "crm/listcard.h"

#include <strings.h>

#include "base/unicode.h"
#include "crm/personname.h"

enum {
    MOST = 8
}; /* addresses and phones: as many as a row takes, each with a column for when it is private */

/* In the order of the columns; the fields are those of a mapping. */
#define COLUMNS(ONE)                                                                                         \
    ONE(KIND, "kind")                                                                                        \
    ONE(NAME, "name")                                                                                        \
    ONE(GIVEN, "given")                                                                                      \
    ONE(FAMILY, "family")                                                                                    \
    ONE(HONORIFIC, "honorific")                                                                              \
    ONE(ORGANISATION, "organisation")                                                                        \
    ONE(UNIT, "detail")                                                                                      \
    ONE(POSITION, "position")                                                                                \
    ONE(GENDER, "gender")                                                                                    \
    ONE(LANGUAGE, "language")                                                                                \
    ONE(ADDRESS, "address")                                                                                  \
    ONE(CITY, "city")                                                                                        \
    ONE(POSTCODE, "postcode")                                                                                \
    ONE(COUNTRY, "country")                                                                                  \
    ONE(AT_HOME, "private_address")                                                                          \
    ONE(CATEGORY, "category")                                                                                \
    ONE(TAG, "tag")                                                                                          \
    ONE(NOTE, "note")                                                                                        \
    ONE(NICKNAME, "detail")                                                                                  \
    ONE(WEB, "detail")                                                                                       \
    ONE(FAX, "detail")                                                                                       \
    ONE(BIRTHDAY, "detail")                                                                                  \
    ONE(FLAW, "flaw")                                                                                        \
    ONE(DOUBT, "doubt")

enum column {
#define ONE(column, field) COLUMN_##column,
    COLUMNS(ONE)
#undef ONE
        COLUMN_EMAIL,
    COLUMN_PHONE = COLUMN_EMAIL + 2 * MOST,
    COLUMN_COUNT = COLUMN_PHONE + 2 * MOST
};

static const struct {
    const char *name, *field;
} columns[] = {
#define ONE(column, field) {#column, field},
    COLUMNS(ONE)
#undef ONE
};

static const char *column_name(void *mem, size_t i)
{
    if (i < COLUMN_EMAIL)
        return unicode_lower(mem, columns[i].name);
    size_t n = i < COLUMN_PHONE ? i - COLUMN_EMAIL : i - COLUMN_PHONE;
    return talloc_asprintf(mem, "%s%s %zu", n % 2 ? "private " : "", i < COLUMN_PHONE ? "e-mail" : "phone",
                           n / 2 + 1);
}

static const char *column_field(size_t i)
{
    static const char *const reach[] = {"email", "private_email", "phone", "private_phone"};
    return i < COLUMN_EMAIL ? columns[i].field : reach[2 * (i >= COLUMN_PHONE) + (i - COLUMN_EMAIL) % 2];
}

static struct csv_record record_of(void *mem, const char **cell)
{
    size_t *size = talloc_array(mem, size_t, COLUMN_COUNT);
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        cell[i] = cell[i] ? cell[i] : "";
        size[i] = strlen(cell[i]);
    }
    return (struct csv_record){.n = COLUMN_COUNT, .width = COLUMN_COUNT, .cell = cell, .size = size};
}

struct csv_record listcard_header(void *mem)
{
    const char **cell = talloc_zero_array(mem, const char *, COLUMN_COUNT);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        cell[i] = column_name(mem, i);
    return record_of(mem, cell);
}

char *listcard_mapping(void *mem)
{
    struct text t = text_new(mem);
    text_puts(&t, "[columns]\n");
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        text_printf(&t, "\"%s\" = %s\n", column_name(mem, i), column_field(i));
    return t.s;
}

/* ---- one card */

static const char *part_of(const struct vcard *card, enum vcard_property property, size_t part)
{
    const struct vcard_items *items = &card->of[property];
    return items->n && part < items->item[0].parts ? items->item[0].part[part] : "";
}

/* The first parts of all values, with a sign between. */
static const char *joined(void *mem, const struct vcard *card, enum vcard_property property,
                          const char *between)
{
    struct text all = text_new(mem);
    const struct vcard_items *items = &card->of[property];
    for (size_t i = 0; i < items->n; i++)
        text_printf(&all, "%s%s", all.len ? between : "", items->item[i].part[0]);
    return all.s;
}

static const char *joined_parts(void *mem, const struct vcard_item *item, size_t from, size_t to,
                                const char *between)
{
    struct text all = text_new(mem);
    for (size_t i = from; i < to && i < item->parts; i++)
        if (*item->part[i])
            text_printf(&all, "%s%s", all.len ? between : "", item->part[i]);
    return all.s;
}

/* Of the first value. */
static const char *parts_from(void *mem, const struct vcard *card, enum vcard_property property, size_t from,
                              size_t to, const char *between)
{
    const struct vcard_items *items = &card->of[property];
    return items->n ? joined_parts(mem, &items->item[0], from, to, between) : "";
}

static bool same_name(void *mem, const char *a, const char *b)
{
    return !strcmp(unicode_fold(mem, a), unicode_fold(mem, b));
}

/* Whether each word of a stands in b. */
static bool holds_words(void *mem, const char *a, const char *b)
{
    const char *all = talloc_asprintf(mem, " %s ", unicode_fold(mem, b));
    char *fold = unicode_fold(mem, a);
    for (char *next, *word = fold; word && *word; word = next) {
        next = strchr(word, ' ');
        if (next)
            *next++ = 0;
        if (!strstr(all, talloc_asprintf(mem, " %s ", word)))
            return false;
    }
    return true;
}

static void put_name(void *mem, const struct vcard *card, const char **cell)
{
    const char *kind = vcard_first(card, VCARD_KIND), *fn = card->fn ? card->fn : "";
    const char *organisation = part_of(card, VCARD_ORG, 0);
    const char *family = part_of(card, VCARD_N, 0), *suffix = part_of(card, VCARD_N, 4);
    const char *given = parts_from(mem, card, VCARD_N, 1, 3, " "), *titles = part_of(card, VCARD_N, 3);
    struct personname whole = personname_of(mem, fn);
    bool group = kind && strcmp(kind, "individual") != 0;
    if (group || (*organisation && same_name(mem, fn, organisation))) {
        cell[COLUMN_KIND] = "organisation";
        cell[COLUMN_ORGANISATION] = *organisation ? organisation : fn;
        cell[COLUMN_NOTE] = same_name(mem, fn, cell[COLUMN_ORGANISATION]) ? "" : fn;
        return;
    }
    cell[COLUMN_KIND] = "person";
    cell[COLUMN_ORGANISATION] = organisation;
    cell[COLUMN_NAME] = fn;
    cell[COLUMN_GIVEN] = given;
    if (!*given && !*family)
        return;
    cell[COLUMN_FAMILY] = talloc_asprintf(mem, "%s %s", family, suffix);
    cell[COLUMN_HONORIFIC] = *titles ? titles : whole.title;
    if (!holds_words(mem, whole.name, talloc_asprintf(mem, "%s %s %s", given, family, suffix)))
        cell[COLUMN_NOTE] = fn;
}

static bool has_type(const struct vcard_item *item, const char *type)
{
    size_t n = strlen(type);
    for (const char *s = item->types; s && (s = strstr(s, type)); s += n)
        if ((s == item->types || s[-1] == ',') && (!s[n] || s[n] == ','))
            return true;
    return false;
}

/* Where a person lives, and does not work too. */
static bool is_private(const struct vcard_item *item, const char **cell)
{
    return !strcmp(cell[COLUMN_KIND], "person") && has_type(item, "home") && !has_type(item, "work");
}

/* Letters go to the office, if the card knows one. */
static void put_postal(void *mem, const struct vcard *card, const char **cell)
{
    const struct vcard_items *all = &card->of[VCARD_ADR];
    const struct vcard_item *item = all->item;
    for (size_t i = all->n; i-- > 0;)
        if (!is_private(&all->item[i], cell))
            item = &all->item[i];
    if (!all->n)
        return;
    cell[COLUMN_ADDRESS] = joined_parts(mem, item, 0, 3, ", ");
    cell[COLUMN_CITY] = item->part[3];
    cell[COLUMN_POSTCODE] = item->part[5];
    cell[COLUMN_COUNTRY] = item->part[6];
    cell[COLUMN_AT_HOME] = is_private(item, cell) ? "yes" : "";
}

static void put_reach(const struct vcard *card, const char **cell)
{
    const struct vcard_items *emails = &card->of[VCARD_EMAIL], *phones = &card->of[VCARD_TEL];
    for (size_t i = 0; i < emails->n && i < MOST; i++)
        cell[COLUMN_EMAIL + 2 * i + is_private(&emails->item[i], cell)] = emails->item[i].part[0];
    for (size_t i = 0, n = 0; i < phones->n && n < MOST; i++) {
        const struct vcard_item *phone = &phones->item[i];
        if (phone->types && strstr(phone->types, "fax"))
            cell[COLUMN_FAX] = phone->part[0];
        else
            cell[COLUMN_PHONE + 2 * n++ + is_private(phone, cell)] = phone->part[0];
    }
}

/* The next of the tags that is this word, blind to the size of its letters, and was not taken before. */
static bool take_tag(void *mem, const struct vcard_items *tags, const char *word, bool *taken)
{
    const char *lower = unicode_lower(mem, word);
    for (size_t i = 0; i < tags->n; i++)
        if (!taken[i] && !strcmp(unicode_lower(mem, tags->item[i].part[0]), lower))
            return taken[i] = true;
    return false;
}

/* Of a card that came from here a tag is what still stands among the categories; one category each, so that a
 * tag which is called like a category leaves that. */
static void put_categories(void *mem, const struct vcard *card, const char **cell)
{
    const struct vcard_items *all = &card->of[VCARD_CATEGORY], *tags = &card->of[VCARD_TAG];
    struct text text[2] = {text_new(mem), text_new(mem)};
    bool *taken = talloc_zero_array(mem, bool, (unsigned)tags->n + 1);
    for (size_t i = 0; i < all->n; i++) {
        const char *word = all->item[i].part[0];
        struct text *t = &text[take_tag(mem, tags, word, taken)];
        text_printf(t, "%s%s", t->len ? "," : "", word);
    }
    cell[COLUMN_CATEGORY] = text[false].s;
    cell[COLUMN_TAG] = text[true].s;
}

/* A list of other cards, which nobody writes to. */
static bool is_group(const struct vcard *card)
{
    const char *kind = vcard_first(card, VCARD_KIND);
    return kind && !strcasecmp(kind, "group") && !card->of[VCARD_EMAIL].n && !card->of[VCARD_TEL].n &&
           !card->of[VCARD_ADR].n;
}

struct csv_record listcard_record(void *mem, const struct vcard *card)
{
    const char **cell = talloc_zero_array(mem, const char *, COLUMN_COUNT);
    const char *gender = vcard_first(card, VCARD_GENDER), *title = vcard_first(card, VCARD_TITLE);
    if (!card->refused && is_group(card))
        cell[COLUMN_NOTE] = "KIND:group"; /* a row of nothing else names a group (crm/listhead.h) */
    else if (!card->refused) {
        put_name(mem, card, cell);
        put_reach(card, cell);
        put_postal(mem, card, cell);
        cell[COLUMN_UNIT] = parts_from(mem, card, VCARD_ORG, 1, VCARD_MAX_PARTS, ", ");
        cell[COLUMN_POSITION] = title ? title : vcard_first(card, VCARD_ROLE);
        cell[COLUMN_GENDER] = gender && strchr("MFmf", *gender) ? gender : "";
        cell[COLUMN_LANGUAGE] = joined(mem, card, VCARD_LANG, ",");
        put_categories(mem, card, cell);
        cell[COLUMN_NICKNAME] = joined(mem, card, VCARD_NICKNAME, ", ");
        cell[COLUMN_WEB] = joined(mem, card, VCARD_URL, ", ");
        cell[COLUMN_BIRTHDAY] = vcard_first(card, VCARD_BDAY);
        const char *note = joined(mem, card, VCARD_NOTE, "; "), *more = cell[COLUMN_NOTE];
        cell[COLUMN_NOTE] =
            talloc_asprintf(mem, "%s%s%s", more ? more : "", more && *more && *note ? "; " : "", note);
    }
    cell[COLUMN_FLAW] = card->refused;
    if (card->doubt)
        cell[COLUMN_DOUBT] = talloc_asprintf(mem, "line %ld: %s", card->doubt_line, card->doubt);
    struct csv_record record = record_of(mem, cell);
    record.number = card->number;
    record.line = card->line;
    return record;
}
