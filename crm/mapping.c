/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The file becomes three lists; binding to a header makes one field a column of them.
 */
#include "crm/mapping.h"

#include "base/csv.h"
#include "base/unicode.h"

enum { MAX_FILE_BYTES = 1 << 20, MAX_LINES = 20000 };

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
    {"ignore", FIELD_IGNORE, true},
};

struct column {
    struct column *next;
    const char *header;
    enum field field;
    int line;
};

struct value {
    struct value *next;
    enum field field;
    const char *word, *fold, *meaning;
};

struct mapping {
    const char *name;
    bool by_names;
    struct column *columns, **last_column;
    struct value *values, **last_value;
    const char *defaults[FIELD_COUNT];
    enum field bound[CSV_MAX_COLUMNS];
    bool named[CSV_MAX_COLUMNS];
    size_t n;
};

const char *mapping_field_name(enum field field)
{
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (fields[i].field == field)
            return fields[i].name;
    bug("field %d", (int)field);
}

static int find_field(const char *name)
{
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        if (!strcmp(fields[i].name, name))
            return (int)i;
    return -1;
}

/* ---- the file */

enum section { NO_SECTION, COLUMNS, VALUES, DEFAULTS };

struct reader {
    struct mapping *mapping;
    enum section section;
    int line;
    struct err *err;
};

static int refuse(struct reader *r, const char *fmt, ...) PRINTF(2, 3);
static int refuse(struct reader *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    err_vset(r->err, ERR_INPUT, fmt, ap);
    va_end(ap);
    return err_context(r->err, "%s:%d", r->mapping->name, r->line);
}

static int refuse_field(struct reader *r, const char *name)
{
    MEM_SCOPE(mem);
    struct text all = text_new(mem);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        text_printf(&all, "%s%s", i ? ", " : "", fields[i].name);
    return refuse(r, "there is no field \"%s\"; there are %s", name, all.s);
}

static char *trim(char *s)
{
    s += strspn(s, " \t\r");
    size_t len = strlen(s);
    while (len > 0 && strchr(" \t\r", s[len - 1]))
        s[--len] = 0;
    return s;
}

static int add_column(struct reader *r, char *key, const char *value)
{
    struct mapping *m = r->mapping;
    size_t len = strlen(key);
    if (len >= 2 && key[0] == '"' && key[len - 1] == '"') {
        key[len - 1] = 0;
        key++;
    }
    int i = find_field(value);
    if (i < 0)
        return refuse_field(r, value);
    const char *header = unicode_squeeze(m, key);
    for (const struct column *c = m->columns; c; c = c->next) {
        if (!strcmp(c->header, header))
            return refuse(r, "the column \"%s\" is named twice (also in line %d)", header, c->line);
        if (c->field == fields[i].field && !fields[i].several)
            return refuse(r, "a second column for %s (\"%s\" in line %d is the first)", value, c->header,
                          c->line);
    }
    struct column *column = talloc_zero(m, struct column);
    *column = (struct column){.header = header, .field = fields[i].field, .line = r->line};
    *m->last_column = column;
    m->last_column = &column->next;
    return 0;
}

static int add_value(struct reader *r, char *key, const char *meaning)
{
    char *dot = strchr(key, '.');
    if (!dot || !dot[1])
        return refuse(r, "a value is written \"field.word = meaning\"");
    *dot = 0;
    int i = find_field(key);
    if (i < 0)
        return refuse_field(r, key);
    struct value *value = talloc_zero(r->mapping, struct value);
    value->field = fields[i].field;
    value->word = unicode_squeeze(value, dot + 1);
    value->fold = unicode_fold(value, dot + 1);
    value->meaning = talloc_strdup(value, meaning);
    *r->mapping->last_value = value;
    r->mapping->last_value = &value->next;
    return 0;
}

static int add_default(struct reader *r, const char *key, const char *meaning)
{
    int i = find_field(key);
    if (i < 0)
        return refuse_field(r, key);
    r->mapping->defaults[fields[i].field] = *meaning ? talloc_strdup(r->mapping, meaning) : NULL;
    return 0;
}

/* The "=" between key and value: the first one outside quotes. */
static char *find_equals(char *line)
{
    bool quoted = false;
    for (char *s = line; *s; s++) {
        quoted = *s == '"' ? !quoted : quoted;
        if (*s == '=' && !quoted)
            return s;
    }
    return NULL;
}

static int read_line(struct reader *r, char *line)
{
    static const char *const section_name[] = {"", "[columns]", "[values]", "[defaults]"};
    line = trim(line);
    if (!*line || *line == '#' || *line == ';')
        return 0;
    if (*line == '[') {
        for (int i = COLUMNS; i <= DEFAULTS; i++)
            if (!strcmp(line, section_name[i])) {
                r->section = (enum section)i;
                return 0;
            }
        return refuse(r, "there is no section %s; there are [columns], [values], [defaults]", line);
    }
    char *equals = find_equals(line);
    if (!equals)
        return refuse(r, "neither a [section] nor \"key = value\"");
    *equals = 0;
    char *key = trim(line), *value = trim(equals + 1);
    switch (r->section) {
    case COLUMNS:
        return add_column(r, key, value);
    case VALUES:
        return add_value(r, key, value);
    case DEFAULTS:
        return add_default(r, key, value);
    case NO_SECTION:
        break;
    }
    return refuse(r, "a line before the first [section]");
}

static struct mapping *mapping_new(void *mem, const char *name)
{
    struct mapping *m = talloc_zero(mem, struct mapping);
    m->name = talloc_strdup(m, name);
    m->last_column = &m->columns;
    m->last_value = &m->values;
    return m;
}

int mapping_parse(void *mem, const char *name, const char *text, struct mapping **mapping_r, struct err *err)
{
    MEM_SCOPE(scratch);
    if (!unicode_valid_utf8(text, strlen(text)))
        return err_set(err, ERR_INPUT, "%s: is not UTF-8", name);
    if (!strncmp(text, "\xef\xbb\xbf", 3))
        text += 3;
    struct mapping *m = mapping_new(mem, name);
    struct reader r = {.mapping = m, .line = 0, .err = err};
    while (*text) {
        size_t len = strcspn(text, "\n");
        if (++r.line > MAX_LINES)
            return refuse(&r, "more than %d lines", MAX_LINES);
        if (read_line(&r, talloc_strndup(scratch, text, len)) < 0)
            return -1;
        text += len + (text[len] == '\n');
    }
    if (!m->columns)
        return err_set(err, ERR_INPUT, "%s: names no column", name);
    *mapping_r = m;
    return 0;
}

int mapping_load(void *mem, const char *path, struct mapping **mapping_r, struct err *err)
{
    MEM_SCOPE(scratch);
    char *text;
    size_t len;
    if (mem_read_file(scratch, path, MAX_FILE_BYTES, &text, &len, err) < 0)
        return -1;
    if (memchr(text, 0, len))
        return err_set(err, ERR_INPUT, "%s: is no text", path);
    return mapping_parse(mem, path, text, mapping_r, err);
}

struct mapping *mapping_by_names(void *mem)
{
    struct mapping *m = mapping_new(mem, "");
    m->by_names = true;
    return m;
}

/* ---- binding */

static int bind_by_names(struct mapping *m, const char *const *header, struct err *err)
{
    MEM_SCOPE(mem);
    bool seen[FIELD_COUNT] = {false};
    for (size_t i = 0; i < m->n; i++) {
        char *fold = unicode_fold(mem, header[i]);
        for (size_t f = 0; f < ARRAY_LEN(fields); f++) {
            char *name = unicode_fold(mem, fields[f].name);
            bool same = !strcmp(name, fold) || (fields[f].field == FIELD_EMAIL && !strcmp(fold, "e mail"));
            if (!same || (seen[fields[f].field] && !fields[f].several))
                continue;
            m->bound[i] = fields[f].field;
            m->named[i] = seen[fields[f].field] = true;
            break;
        }
    }
    if (!seen[FIELD_NAME] && !seen[FIELD_ORGANISATION])
        return err_set(err, ERR_INPUT,
                       "no column is called \"name\" or \"organisation\"; a mapping file (--map) says "
                       "which column is what");
    return 0;
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
    if (m->by_names)
        return bind_by_names(m, header, err);
    char **clean = talloc_array(mem, char *, n + 1);
    for (size_t i = 0; i < n; i++)
        clean[i] = unicode_squeeze(mem, header[i]);
    bool wanted = false;
    for (const struct column *c = m->columns; c; c = c->next) {
        size_t found = n;
        for (size_t i = 0; i < n; i++) {
            if (strcmp(clean[i], c->header) != 0)
                continue;
            if (found < n)
                return err_set(err, ERR_INPUT, "%s:%d: the list has two columns \"%s\"", m->name, c->line,
                               c->header);
            found = i;
        }
        if (found == n)
            return refuse_header(m, c, header, err);
        m->bound[found] = c->field;
        m->named[found] = true;
        wanted = wanted || c->field == FIELD_NAME || c->field == FIELD_ORGANISATION;
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

bool mapping_has(const struct mapping *m, enum field field)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->bound[i] == field)
            return true;
    return m->defaults[field] != NULL;
}

const char *mapping_value(const struct mapping *m, enum field field, const char *word)
{
    bool any = false;
    for (const struct value *v = m->values; v; v = v->next) {
        if (v->field != field)
            continue;
        if (!strcmp(v->word, word))
            return v->meaning;
        any = true;
    }
    if (!any)
        return word;
    MEM_SCOPE(mem);
    char *fold = unicode_fold(mem, word);
    for (const struct value *v = m->values; v; v = v->next)
        if (v->field == field && *fold && !strcmp(v->fold, fold))
            return v->meaning;
    return word;
}

const char *mapping_default(const struct mapping *m, enum field field)
{
    return m->defaults[field];
}
