/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Plain text in lines of a width.  Words are what stands between spaces (a no-break space is none); a longer
 * one than a line has a line for itself and is not split, for it is a link.
 */
#include "base/markdown.h"

#include "base/eight.h"

enum { LITERAL = 0x1c, BREAK = 0x1d, LINE = 0x1e, NEXT = 0x1f };

struct wrapper {
    struct text out;
    unsigned columns, column;
    bool blank; /* an empty line comes before the next one */
};

/* A letter is a column: right for the alphabets we write in. */
static unsigned width(const char *s, size_t len)
{
    unsigned n = 0;
    for (size_t i = 0; i < len; i++)
        n += ((unsigned char)s[i] & 0xc0) != 0x80;
    return n;
}

static void begin_line(struct wrapper *w, const char *margin, size_t len)
{
    if (w->blank && w->out.len)
        text_putc(&w->out, '\n');
    w->blank = false;
    text_add(&w->out, margin, len);
    w->column = width(margin, len);
}

static void end_line(struct wrapper *w)
{
    text_putc(&w->out, '\n');
}

struct line {
    const char *first, *rest, *words, *end;
    size_t first_len, rest_len;
};

/* Where a line that begins at s ends: at the last blank that fits, when all that could be on it is words of
 * ASCII with one blank between; else 0, and it goes word by word */
static size_t whole_line(const char *s, const char *end, size_t room)
{
    if ((size_t)(end - s) < room + 9 || *s == ' ') /* the last eight begin at `room` */
        return 0;
    bool blank = false;
    for (size_t i = 0; i <= room; i += 8) {
        uint64_t eight = eight_at(s + i), blanks = eight_marks(eight, ' ');
        if (!eight_are_printable(eight) || (blanks & blanks << 8) || (blank && s[i] == ' '))
            return 0;
        blank = s[i + 7] == ' ';
    }
    size_t at = room;
    while (at && s[at] != ' ')
        at--;
    return at;
}

static void put_words(struct wrapper *w, const struct line *l)
{
    bool empty = true; /* no word on the line yet */
    begin_line(w, l->first, l->first_len);
    for (const char *s = l->words; s < l->end;) {
        size_t whole = empty && w->column < w->columns ? whole_line(s, l->end, w->columns - w->column) : 0;
        if (whole) {
            text_add(&w->out, s, whole);
            end_line(w);
            begin_line(w, l->rest, l->rest_len);
            s += whole + 1;
            continue;
        }
        if (*s == ' ' || *s == '\t') {
            s++;
            continue;
        }
        if (*s == BREAK) {
            end_line(w);
            begin_line(w, l->rest, l->rest_len);
            empty = true;
            s++;
            continue;
        }
        const char *word = s;
        while (s < l->end && *s != ' ' && *s != '\t' && *s != BREAK)
            s++;
        unsigned columns = width(word, (size_t)(s - word));
        if (!empty && w->column + 1 + columns > w->columns) {
            end_line(w);
            begin_line(w, l->rest, l->rest_len);
        } else if (!empty) {
            text_putc(&w->out, ' ');
            w->column++;
        }
        text_add(&w->out, word, (size_t)(s - word));
        w->column += columns;
        empty = false;
    }
    end_line(w);
}

static bool is_empty(const char *s, const char *end)
{
    while (s < end && (*s == ' ' || *s == '\t' || *s == BREAK))
        s++;
    return s == end;
}

/* A marked line; one whose words all went away (a section that is not shown) goes with them. */
static void put_marked(struct wrapper *w, const char *s, const char *end)
{
    struct line l = {.first = s + 1, .end = end};
    const char *next = memchr(l.first, NEXT, (size_t)(end - l.first));
    must(next);
    l.first_len = (size_t)(next - l.first);
    l.rest = next + 1;
    next = memchr(l.rest, NEXT, (size_t)(end - l.rest));
    must(next);
    l.rest_len = (size_t)(next - l.rest);
    l.words = next + 1;
    if (!is_empty(l.words, end))
        put_words(w, &l);
}

const char *markdown_wrap(void *mem, const char *marked, unsigned columns)
{
    struct wrapper w = {.out = text_for(mem, strlen(marked) * 9 / 8), .columns = columns};
    for (const char *s = marked; *s;) {
        const char *end = strchrnul(s, '\n');
        if (*s == LINE)
            put_marked(&w, s, end);
        else if (end == s)
            w.blank = true;
        else {
            begin_line(&w, "", 0);
            s += *s == LITERAL;
            text_add(&w.out, s, (size_t)(end - s));
            end_line(&w);
        }
        s = end + (*end == '\n');
    }
    return w.out.s;
}
