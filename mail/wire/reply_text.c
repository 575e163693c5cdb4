/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Lines are judged, none is rewritten: first what is quoted (reply_quote.c), then, of what is left, what is
 * signature (reply_signature.c).  Two texts come of it, so that a line which only looks like a signature is
 * lost in neither.
 */
#include "mail/wire/reply_text.h"

#include "base/unicode.h"
#include "mail/wire/reply_low.h"

enum { LINES_MAX = 20000 };

/* Length without blanks and no-break spaces at the end. */
static size_t trimmed(const char *s, size_t len)
{
    for (;;) {
        if (len && (s[len - 1] == ' ' || s[len - 1] == '\t' || s[len - 1] == '\f'))
            len--;
        else if (len > 1 && !memcmp(s + len - 2, "\xc2\xa0", 2))
            len -= 2;
        else
            return len;
    }
}

static struct lines split(void *mem, const char *text, const char *marks)
{
    size_t most = 1;
    for (const char *p = text; (p = strchr(p, '\n')) && most < LINES_MAX; p++)
        most++;
    struct lines l = {.mem = mem, .line = talloc_zero_array(mem, struct line, most)};
    char *copy = talloc_strdup(mem, text);
    for (char *p = copy; *p && l.n < most;) {
        size_t whole = strcspn(p, "\n"), len = trimmed(p, whole);
        bool more = p[whole];
        p[len] = 0;
        struct line *line = &l.line[l.n++];
        *line = (struct line){.s = p, .len = len, .folded = ""};
        line->quoted = reply_quoted(line);
        if (marks && *marks)
            line->mark = *marks++;
        p += whole + more;
    }
    return l;
}

/* Without empty lines at either end and rulers at the end, and no two empty lines in a row. */
static char *join(void *mem, const struct lines *l, enum line_fate most)
{
    size_t n = l->n;
    while (n && (l->line[n - 1].fate > most || line_blank(&l->line[n - 1]) || line_ruler(&l->line[n - 1])))
        n--;
    char *out = talloc_size(mem, n ? (size_t)(l->line[n - 1].s - l->line[0].s) + l->line[n - 1].len + 1 : 1),
         *end = out;
    bool gap = false;
    for (size_t i = 0; i < n; i++) {
        const struct line *line = &l->line[i];
        if (line->fate > most || line_blank(line)) {
            gap = true;
            continue;
        }
        if (end > out)
            end = mempcpy(end, "\n\n", gap ? 2 : 1); /* each stands for an end of a line */
        end = mempcpy(end, line->s, line->len);
        gap = false;
    }
    *end = 0;
    return out;
}

static bool any_quoted(const struct lines *l)
{
    for (size_t i = 0; i < l->n; i++)
        if (l->line[i].fate == LINE_QUOTED)
            return true;
    return false;
}

struct reply reply_read(void *mem, const char *text, const char *marks, const char *writer)
{
    MEM_SCOPE(scratch);
    struct lines l = split(scratch, text, marks);
    reply_find_quotations(&l);
    bool quotes = any_quoted(&l);
    reply_find_signatures(&l, writer ? unicode_fold(scratch, writer) : "");
    return (struct reply){join(mem, &l, LINE_NEW), join(mem, &l, LINE_SIGNATURE), quotes};
}

char *reply_original(void *mem, const char *text)
{
    MEM_SCOPE(scratch);
    struct lines l = split(scratch, text, NULL);
    const char *author = reply_find_author(&l);
    return author ? talloc_strdup(mem, author) : NULL;
}
