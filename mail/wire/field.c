/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/field.h"

#include <strings.h>

enum { NAME_LEN_MAX = 200 };

static size_t line_len(const char *p, size_t left)
{
    const char *end = memchr(p, '\n', left);
    return end ? (size_t)(end - p) + 1 : left;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_space(char c)
{
    return is_blank(c) || c == '\r' || c == '\n';
}

static bool is_empty(const char *p, size_t len)
{
    while (len && (p[len - 1] == '\n' || p[len - 1] == '\r'))
        len--;
    return len == 0;
}

static bool is_blank_line(const char *p, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (!is_space(p[i]))
            return false;
    return true;
}

/* How long the name of the field at p is, and where its value begins; 0: it is none.  len: with its folds,
 * since blanks of any kind may stand before the colon (RFC 5322 4.5). */
static size_t name_at(const char *p, size_t len, size_t *value_r)
{
    size_t n = 0;
    while (n < len && n <= NAME_LEN_MAX && p[n] > ' ' && p[n] < 0x7f && p[n] != ':')
        n++;
    size_t colon = n;
    while (colon < len && is_space(p[colon]))
        colon++;
    if (n == 0 || n > NAME_LEN_MAX || colon == len || p[colon] != ':')
        return 0;
    *value_r = colon + 1;
    return n;
}

/* A name that a header has and a sentence has not. */
static bool is_header_name(const char *name, size_t len)
{
    static const char *const plain[] = {"From",       "To",           "Cc",       "Bcc",      "Fcc",
                                        "Subject",    "Date",         "Sender",   "Received", "References",
                                        "Keywords",   "Comments",     "Priority", "Status",   "Lines",
                                        "Precedence", "Organization", "Path"};
    for (size_t i = 0; i < ARRAY_LEN(plain); i++)
        if (strlen(plain[i]) == len && !strncasecmp(plain[i], name, len))
            return true;
    return memchr(name, '-', len) != NULL;
}

/* A line of blanks alone at p: text behind it, that is neither a field nor folded, says that it was meant to
 * be empty. */
static bool is_meant_empty(const char *p, size_t left)
{
    size_t line = line_len(p, left), value;
    const char *next = p + line;
    size_t next_len = line_len(next, left - line);
    return is_blank_line(p, line) && next_len && !is_blank(*next) && !is_empty(next, next_len) &&
           !name_at(next, next_len, &value);
}

/* The line and all that is folded behind it. */
static size_t field_len(const char *p, size_t left)
{
    size_t n = line_len(p, left);
    while (n < left && is_blank(p[n]) && !is_meant_empty(p + n, left - n))
        n += line_len(p + n, left - n);
    return n;
}

/* At a line that is no field: does the header go on behind it, and what is folded behind it? */
static bool goes_on(const char *p, size_t left)
{
    size_t n = field_len(p, left), value;
    size_t name = n < left ? name_at(p + n, field_len(p + n, left - n), &value) : 0;
    bool mbox = left > 6 &&
                (!memcmp(p, "From ", 5) || !memcmp(p, ">From ", 6)); /* what a mailbox puts between mails */
    return name && (mbox || is_header_name(p + n, name)) && memcmp(p, "--", left < 2 ? left : 2);
}

static void add(void *mem, struct fields *fields, const struct field *field)
{
    if (fields->n == FIELDS_MAX) {
        fields->omitted = true;
        return;
    }
    if ((fields->n & (fields->n - 1)) == 0)
        fields->v = talloc_realloc(mem, fields->v, struct field, fields->n ? 2 * (unsigned)fields->n : 16);
    fields->v[fields->n] = *field;
    if (field->value_len > FIELD_BYTES_MAX) {
        fields->v[fields->n].value_len = FIELD_BYTES_MAX;
        fields->omitted = true;
    }
    fields->n++;
}

size_t fields_read(void *mem, const char *bytes, size_t len, struct fields *fields_r)
{
    *fields_r = (struct fields){0};
    for (size_t at = 0; at < len;) {
        const char *p = bytes + at;
        size_t line = line_len(p, len - at), whole = field_len(p, len - at), value;
        if (is_empty(p, line) || (at && is_blank_line(p, line)))
            return at + line;
        size_t name = name_at(p, whole, &value);
        if (!name && !goes_on(p, len - at))
            return at;
        if (at > FIELDS_BYTES_MAX)
            fields_r->omitted = true;
        else if (name)
            add(mem, fields_r, &(struct field){p, p + value, name, whole - value});
        at += whole;
    }
    return len;
}

bool field_is(const struct field *field, const char *name)
{
    return strlen(name) == field->name_len && !strncasecmp(field->name, name, field->name_len);
}

const struct field *fields_find(const struct fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->n; i++)
        if (field_is(&fields->v[i], name))
            return &fields->v[i];
    return NULL;
}
