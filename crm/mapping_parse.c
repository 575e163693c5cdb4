/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A mapping's text, line by line.
 */
#include "base/unicode.h"
#include "crm/mapping_low.h"

enum { MAX_FILE_BYTES = 1 << 20, MAX_LINES = 20000 };

enum section { NO_SECTION, COLUMNS, VALUES, DEFAULTS, ALWAYS };

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
    return refuse(r, "there is no field \"%s\"; there are %s", name, mapping_field_names(mem));
}

static char *trim(char *s)
{
    s += strspn(s, " \t\r");
    size_t len = strlen(s);
    while (len > 0 && strchr(" \t\r", s[len - 1]))
        s[--len] = 0;
    return s;
}

/* Behind a field a remark may stand. */
static int add_column(struct reader *r, char *key, char *value)
{
    struct mapping *m = r->mapping;
    value[strcspn(value, " \t#")] = 0;
    size_t len = strlen(key);
    if (len >= 2 && key[0] == '"' && key[len - 1] == '"') {
        key[len - 1] = 0;
        key++;
    }
    enum field field;
    if (!mapping_find_field(value, &field))
        return refuse_field(r, value);
    const char *header = mapping_label(m, key);
    for (const struct column *c = m->columns; c; c = c->next) {
        if (!strcmp(c->header, header))
            return refuse(r, "the column \"%s\" is named twice (also in line %d)", header, c->line);
        if (c->field == field && !mapping_takes_several(field))
            return refuse(r, "a second column for %s (\"%s\" in line %d is the first)", value, c->header,
                          c->line);
    }
    struct column *column = talloc_zero(m, struct column);
    *column = (struct column){.header = header, .field = field, .line = r->line};
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
    enum field field;
    if (!mapping_find_field(key, &field))
        return refuse_field(r, key);
    struct value *value = talloc_zero(r->mapping, struct value);
    value->field = field;
    value->word = unicode_squeeze(value, dot + 1);
    value->fold = unicode_fold(value, dot + 1);
    value->meaning = talloc_strdup(value, meaning);
    *r->mapping->last_value = value;
    r->mapping->last_value = &value->next;
    return 0;
}

static int add_default(struct reader *r, const char *key, const char *meaning)
{
    enum field field;
    if (!mapping_find_field(key, &field))
        return refuse_field(r, key);
    r->mapping->defaults[field] = *meaning ? talloc_strdup(r->mapping, meaning) : NULL;
    return 0;
}

static int set_always(struct reader *r, const char *key, const char *meaning)
{
    if (strcmp(key, "category") != 0)
        return refuse(r, "[always] is for category, not for \"%s\"", key);
    r->mapping->always = talloc_strdup(r->mapping, meaning);
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

static struct mapping *mapping_new(void *mem, const char *name)
{
    struct mapping *m = talloc_zero(mem, struct mapping);
    m->name = talloc_strdup(m, name);
    m->last_column = &m->columns;
    m->last_value = &m->values;
    return m;
}

static int read_section(struct reader *r, char *line)
{
    static const char *const section_name[] = {"", "[columns]", "[values]", "[defaults]", "[always]"};
    size_t len = strlen(line);
    for (int i = COLUMNS; i <= ALWAYS; i++)
        if (!strcmp(line, section_name[i])) {
            r->section = (enum section)i;
            return 0;
        }
    if (strncmp(line, "[sheet ", 7) != 0 || line[len - 1] != ']')
        return refuse(
            r, "there is no section %s; there are [sheet NAME], [columns], [values], [defaults], [always]",
            line);
    line[len - 1] = 0;
    if (r->mapping->sheet || r->mapping->columns) {
        r->mapping->next = mapping_new(r->mapping, r->mapping->name);
        r->mapping = r->mapping->next;
    }
    r->mapping->sheet = mapping_label(r->mapping, line + 7);
    r->section = NO_SECTION;
    return 0;
}

static int read_line(struct reader *r, char *line)
{
    line = trim(line);
    if (!*line || *line == '#' || *line == ';')
        return 0;
    if (*line == '[')
        return read_section(r, line);
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
    case ALWAYS:
        return set_always(r, key, value);
    case NO_SECTION:
        break;
    }
    return refuse(r, "a line before the first [section]");
}

int mapping_parse(void *mem, const char *name, const char *text, struct mapping **mapping_r, struct err *err)
{
    MEM_SCOPE(scratch);
    if (!unicode_valid_utf8(text, strlen(text)))
        return err_set(err, ERR_INPUT, "%s: is not UTF-8", name);
    if (!strncmp(text, "\xef\xbb\xbf", 3))
        text += 3;
    struct mapping *m = mapping_new(mem, name);
    m->text = talloc_strdup(m, text);
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
