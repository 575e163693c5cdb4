/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/ical_lines.h"

#include <ctype.h>
#include <strings.h>

enum { DEPTH_MAX = 8, NAME_MAX_BYTES = 60 };

static bool is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '.';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* NAME: or NAME; at its beginning, or NAME and that in the next line. */
static bool begins_line(const char *s)
{
    size_t n = 0;
    while (n < NAME_MAX_BYTES && is_name_char(s[n]))
        n++;
    if (!n || !isalpha((unsigned char)*s))
        return false;
    size_t end = n + (s[n] == '\r');
    if (s[end] == '\n' && is_blank(s[end + 1]))
        n = end + 2;
    return s[n] == ':' || s[n] == ';';
}

/* The next line with what continues it: lines that begin with a blank, and lines that begin nothing. */
static char *next_line(void *mem, const char **p)
{
    struct text line = text_new(mem);
    do {
        size_t len = strcspn(*p, "\r\n");
        const char *s = *p + (line.len && is_blank(**p));
        text_add(&line, s, (size_t)(*p + len - s));
        *p += len;
        *p += **p == '\r';
        *p += **p == '\n';
    } while (**p && (is_blank(**p) || (!begins_line(*p) && **p != '\r' && **p != '\n')));
    return line.s;
}

/* ---- people */

static bool is_person(const char *line)
{
    return (!strncasecmp(line, "ATTENDEE", 8) && strchr(";:", line[8])) ||
           (!strncasecmp(line, "ORGANIZER", 9) && strchr(";:", line[9]));
}

/* Where the value begins that stands behind the parameters: the first ':' outside of quotes. NULL: nowhere.
 */
static const char *value_of(const char *line)
{
    bool quoted = false;
    for (const char *p = line; *p; p++)
        if (*p == '"')
            quoted = !quoted;
        else if (*p == ':' && !quoted)
            return p + 1;
    return NULL;
}

static const char *last_mailto(const char *line)
{
    const char *last = NULL;
    for (const char *p = line; (p = strcasestr(p, ":mailto:")); p++)
        if (p == line || p[-1] != '"')
            last = p + 1;
    return last;
}

/* ";NAME=", which is the end of the value before it, quoted or not. */
static bool begins_parameter(const char *s)
{
    size_t n = 1;
    while (n < NAME_MAX_BYTES && is_name_char(s[n]))
        n++;
    return *s == ';' && n > 1 && s[n] == '=';
}

/* One parameter, its value in quotes; lists of addresses stay as they are. */
static void add_parameter(struct text *out, const char *s, size_t len)
{
    const char *is = memchr(s, '=', len);
    size_t name = is ? (size_t)(is - s) + 1 : len;
    text_add(out, s, name);
    if (!is)
        return;
    if (memmem(s, len, "\",\"", 3)) {
        text_add(out, s + name, len - name);
        return;
    }
    text_putc(out, '"');
    for (size_t i = name; i < len; i++)
        if (s[i] != '"')
            text_putc(out, s[i]);
    text_putc(out, '"');
}

/* "ATTENDEE;CN=Office: Mr X;PARTSTAT=ACCEPTED:mailto:x@y.example", where the value would begin with " Mr X".
 */
static void add_person(struct text *out, const char *line)
{
    const char *value = value_of(line), *mailto = last_mailto(line);
    if (!mailto || value == mailto) {
        text_puts(out, line);
        return;
    }
    const char *end = mailto - 1, *p = line + strcspn(line, ";:");
    text_add(out, line, (size_t)(p - line));
    while (p < end && *p == ';') {
        const char *next = p + 1;
        while (next < end && !begins_parameter(next))
            next++;
        text_putc(out, ';');
        add_parameter(out, p + 1, (size_t)(next - p - 1));
        p = next;
    }
    text_puts(out, end);
}

/* ---- components */

struct open {
    char *name[DEPTH_MAX];
    size_t n;
};

static void end_last(struct text *out, struct open *open)
{
    text_printf(out, "END:%s\r\n", open->name[--open->n]);
}

/* The END of what is not open is left out; what stands in it and is open still ends before. */
static void add_end(struct text *out, struct open *open, const char *name)
{
    size_t i = open->n;
    while (i > 0 && strcasecmp(open->name[i - 1], name))
        i--;
    while (i > 0 && open->n >= i)
        end_last(out, open);
}

static void add_begin(void *mem, struct text *out, struct open *open, const char *name)
{
    if (open->n == DEPTH_MAX)
        return;
    open->name[open->n++] = talloc_strdup(mem, name);
    text_printf(out, "BEGIN:%s\r\n", name);
}

static void trim(char *line)
{
    size_t len = strlen(line);
    while (len && is_blank(line[len - 1]))
        line[--len] = 0;
}

char *ical_lines(void *mem, const char *text)
{
    MEM_SCOPE(scratch);
    struct text out = text_new(mem);
    struct open open = {.n = 0};
    const char *p = strcasestr(text, "BEGIN:VCALENDAR");
    if (!p)
        return NULL;
    do {
        char *line = next_line(scratch, &p);
        if (!strncasecmp(line, "BEGIN:", 6)) {
            trim(line);
            add_begin(scratch, &out, &open, line + 6);
        } else if (!strncasecmp(line, "END:", 4)) {
            trim(line);
            add_end(&out, &open, line + 4);
        } else if (is_person(line)) {
            add_person(&out, line);
            text_puts(&out, "\r\n");
        } else if (*line) {
            text_printf(&out, "%s\r\n", line);
        }
        talloc_free(line);
    } while (*p && open.n);
    while (open.n)
        end_last(&out, &open);
    return out.s;
}
