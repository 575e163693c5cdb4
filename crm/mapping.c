/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The text becomes lists of columns and values; binding to a header makes one field a column of them.  What a
 * word means is looked up once: `learned` keeps it.
 */
#include "crm/mapping_low.h"

#include "base/unicode.h"
#include "crm/listword.h"

enum { MAX_LEARNED = 4096 };

static const struct {
    const char *name;
    enum field field;
    bool several; /* columns */
} fields[] = {
    {"organisation", FIELD_ORGANISATION, false},
    {"name", FIELD_NAME, false},
    {"position", FIELD_POSITION, false},
    {"salutation", FIELD_SALUTATION, false},
    {"language", FIELD_LANGUAGE, false},
    {"email", FIELD_EMAIL, true},
    {"email2", FIELD_EMAIL, true},
    {"phone", FIELD_PHONE, true},
    {"phone2", FIELD_PHONE, true},
    {"address", FIELD_ADDRESS, false},
    {"village", FIELD_VILLAGE, false},
    {"city", FIELD_CITY, false},
    {"country", FIELD_COUNTRY, false},
    {"category", FIELD_CATEGORY, false},
    {"rank", FIELD_RANK, false},
    {"note", FIELD_NOTE, true},
    {"number", FIELD_NUMBER, false},
    {"employees", FIELD_EMPLOYEES, false},
    {"turnover", FIELD_TURNOVER, false},
    {"registration", FIELD_REGISTRATION, false},
    {"form", FIELD_FORM, false},
    {"last_contact", FIELD_LAST_CONTACT, false},
    {"kind", FIELD_KIND, false},
    {"given", FIELD_GIVEN, false},
    {"family", FIELD_FAMILY, false},
    {"honorific", FIELD_HONORIFIC, false},
    {"gender", FIELD_GENDER, false},
    {"postcode", FIELD_POSTCODE, false},
    {"detail", FIELD_DETAIL, true},
    {"private_email", FIELD_PRIVATE_EMAIL, true},
    {"private_phone", FIELD_PRIVATE_PHONE, true},
    {"private_address", FIELD_PRIVATE_ADDRESS, false},
    {"flaw", FIELD_FLAW, false},
    {"doubt", FIELD_DOUBT, false},
    {"uid", FIELD_UID, false},
    {"tag", FIELD_TAG, true},
    {"owner", FIELD_OWNER, false},
    {"ignore", FIELD_IGNORE, true},
};

const char *mapping_field_name(enum field field)
{
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (fields[i].field == field)
            return fields[i].name;
    bug("field %d", (int)field);
}

const char *mapping_column_name(enum field field, int nth)
{
    const char *name = mapping_field_name(field);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (fields[i].field == field && nth-- == 1)
            return fields[i].name;
    return name;
}

bool mapping_takes_several(enum field field)
{
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (fields[i].field == field)
            return fields[i].several;
    return false;
}

char *mapping_field_names(void *mem)
{
    struct text all = text_new(mem);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        text_printf(&all, "%s%s", i ? ", " : "", fields[i].name);
    return all.s;
}

int mapping_find_field(const char *name, enum field *field_r)
{
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (!strcmp(fields[i].name, name)) {
            *field_r = fields[i].field;
            return 1;
        }
    return 0;
}

struct mapping *mapping_for_sheet(struct mapping *mapping, const char *sheet)
{
    MEM_SCOPE(mem);
    struct mapping *any = NULL;
    const char *label = mapping_label(mem, sheet ? sheet : "");
    for (struct mapping *m = mapping; m; m = m->next) {
        if (m->sheet && !strcmp(m->sheet, label))
            return m;
        if (!m->sheet)
            any = m;
    }
    return any;
}

const char *mapping_text(const struct mapping *mapping)
{
    return mapping->text;
}

char *mapping_label(void *mem, const char *cell)
{
    char *label = unicode_squeeze(mem, cell);
    for (char *s = label; *s; s++)
        if (*s == '"')
            *s = '\'';
    return label;
}

/* The column of a header, letter for letter, else by its fold; n: there is none, n + 1: more than one. */
static size_t find_column(void *mem, const char *wanted, const char *const *label, size_t n)
{
    const char *fold = unicode_fold(mem, wanted);
    size_t exact = n, near = n;
    for (size_t i = 0; i < n; i++) {
        if (!strcmp(label[i], wanted))
            exact = exact < n ? n + 1 : i;
        else if (*fold && !strcmp(unicode_fold(mem, label[i]), fold))
            near = near < n ? n + 1 : i;
    }
    return exact != n ? exact : near;
}

/* "(B)", "Phone (2)": a name that the row itself does not have (crm/listhead.h) */
static bool is_made_up(const char *header)
{
    size_t len = strlen(header);
    return *header == '(' || (len > 4 && header[len - 1] == ')' && strchr("23456789", header[len - 2]) &&
                              header[len - 3] == '(');
}

bool mapping_fits(const struct mapping *m, const char *const *cell, size_t n)
{
    MEM_SCOPE(mem);
    const char **label = talloc_array(mem, const char *, (unsigned)n + 1);
    for (size_t i = 0; i < n; i++)
        label[i] = mapping_label(mem, cell[i]);
    for (const struct column *c = m->columns; c; c = c->next)
        if (find_column(mem, c->header, label, n) == n && !is_made_up(c->header))
            return false;
    return true;
}

static int refuse_header(const struct mapping *m, const struct column *c, const char *const *header,
                         struct err *err)
{
    MEM_SCOPE(mem);
    struct text all = text_new(mem);
    for (size_t i = 0; i < m->n && all.len < 600; i++)
        text_printf(&all, "%s\"%s\"", i ? ", " : "", unicode_squeeze(mem, header[i]));
    return err_set(err, ERR_INPUT, "%s:%d: the list has no column \"%s\"; it has %s", m->name, c->line,
                   c->header, all.s);
}

int mapping_bind(struct mapping *m, const char *const *header, size_t n, struct err *err)
{
    MEM_SCOPE(mem);
    must(n <= CSV_MAX_COLUMNS);
    m->n = n;
    memset(m->bound, 0, sizeof m->bound);
    memset(m->named, 0, sizeof m->named);
    const char **clean = talloc_array(mem, const char *, (unsigned)n + 1);
    for (size_t i = 0; i < n; i++)
        clean[i] = mapping_label(mem, header[i]);
    bool wanted = false;
    for (const struct column *c = m->columns; c; c = c->next) {
        size_t found = find_column(mem, c->header, clean, n);
        if (found > n)
            return err_set(err, ERR_INPUT, "%s:%d: the list has two columns \"%s\"", m->name, c->line,
                           c->header);
        if (found == n)
            return refuse_header(m, c, header, err);
        m->bound[found] = c->field;
        m->named[found] = true;
        wanted = wanted || c->field == FIELD_NAME || c->field == FIELD_ORGANISATION ||
                 c->field == FIELD_GIVEN || c->field == FIELD_FAMILY;
    }
    return wanted ? 0 : err_set(err, ERR_INPUT, "%s: no column is a name or an organisation", m->name);
}

enum field mapping_field(const struct mapping *m, size_t column)
{
    return column < m->n ? m->bound[column] : FIELD_IGNORE;
}

bool mapping_names_column(const struct mapping *m, size_t column)
{
    return column < m->n && m->named[column];
}

size_t mapping_columns(const struct mapping *m)
{
    return m->n;
}

bool mapping_is_column(const struct mapping *m, enum field field)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->bound[i] == field)
            return true;
    return false;
}

bool mapping_has(const struct mapping *m, enum field field)
{
    return mapping_is_column(m, field) || m->defaults[field] != NULL;
}

/* ---- words */

const char *mapping_dictionary(void *mem, enum field field, const char *word)
{
    switch (field) {
    case FIELD_LANGUAGE:
        return listword_language(mem, word);
    case FIELD_COUNTRY:
        return listword_country(mem, word);
    case FIELD_CATEGORY:
        return listword_categories(mem, word);
    case FIELD_KIND:
        return listword_kind(word);
    case FIELD_GENDER:
        return listword_gender(word);
    case FIELD_FORM:
        return listword_form(word);
    default:
        return NULL;
    }
}

static const char *look_up(struct mapping *m, enum field field, const char *word)
{
    const char *fold = unicode_fold(m, word), *meaning = NULL;
    for (const struct value *v = m->values; v; v = v->next)
        if (v->field == field && !strcmp(v->word, word))
            return v->meaning;
    for (const struct value *v = m->values; v && !meaning; v = v->next)
        if (v->field == field && *fold && !strcmp(v->fold, fold))
            meaning = v->meaning;
    return meaning ? meaning : mapping_dictionary(m, field, word);
}

static bool has_words(const struct mapping *m, enum field field)
{
    static const bool own[FIELD_COUNT] = {
        [FIELD_LANGUAGE] = true, [FIELD_COUNTRY] = true, [FIELD_CATEGORY] = true,
        [FIELD_KIND] = true,     [FIELD_GENDER] = true,  [FIELD_FORM] = true};
    for (const struct value *v = m->values; v; v = v->next)
        if (v->field == field)
            return true;
    return own[field];
}

const char *mapping_value(struct mapping *m, enum field field, const char *word)
{
    if (!has_words(m, field))
        return word;
    unsigned hash = (unsigned)field;
    for (const char *s = word; *s; s++)
        hash = hash * 31 + (unsigned char)*s;
    struct value **bucket = &m->learned[hash % MAPPING_BUCKETS];
    for (const struct value *v = *bucket; v; v = v->next)
        if (v->field == field && !strcmp(v->word, word))
            return v->meaning;
    const char *meaning = look_up(m, field, word);
    if (m->nlearned >= MAX_LEARNED)
        return meaning ? meaning : word;
    struct value *v = talloc_zero(m, struct value);
    m->nlearned++;
    v->field = field;
    v->word = talloc_strdup(v, word);
    v->meaning = meaning ? talloc_strdup(v, meaning) : v->word;
    v->next = *bucket;
    return (*bucket = v)->meaning;
}

const char *mapping_default(const struct mapping *m, enum field field)
{
    return m->defaults[field];
}

const char *mapping_always(const struct mapping *m)
{
    return m->always;
}
