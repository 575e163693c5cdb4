/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * "On ... wrote:" in one to four lines.
 *
 * It has a verb ("wrote") or a full date with a time and an address in angle brackets, and, where no quoted
 * line follows that would bear it out, at least two of date, time and address.  Which lines belong to it is
 * told by which of them opens as such a line does, and by what the lines behind it would say alone.
 */
#include "base/unicode.h"
#include "mail/wire/reply_low.h"

enum { INTRODUCTION_MAX = 600 };

/* ---- lines */

bool reply_quoted(const struct line *line)
{
    const char *s = line->s;
    size_t initials = 0;
    while (*s == ' ' || *s == '\t')
        s++;
    while (initials < 4 && s[initials] >= 'A' && s[initials] <= 'Z')
        initials++;
    return *s == '>' || (*s == '&' && !strncmp(s, "&gt;", 4)) ||
           (initials >= 2 && initials <= 3 && s[initials] == '>' && s[initials + 1] == ' ');
}

size_t reply_next_text(const struct lines *l, size_t i)
{
    while (i < l->n && line_blank(&l->line[i]))
        i++;
    return i;
}

bool reply_quoted_at(const struct lines *l, size_t i)
{
    return i < l->n && l->line[i].quoted;
}

bool reply_ends_sentence(const struct line *line)
{
    return line->len && strchr(".!?", line->s[line->len - 1]);
}

/* ---- what a line tells: date, time, address */

static size_t digits_at(const char *s)
{
    return strspn(s, "0123456789");
}

/* "10.11.26", "10/11/26", "2026-11-10", "10 Nov 2026" */
static bool year_at(const char *s)
{
    if (digits_at(s) == 4)
        return !strncmp(s, "19", 2) || !strncmp(s, "20", 2);
    for (int part = 0; part < 2; part++) {
        size_t n = digits_at(s);
        if (n < 1 || n > 2 || !strchr("./-", s[n]) || !s[n])
            return false;
        s += n + 1;
    }
    return digits_at(s) == 2;
}

/* "9:30", "9h30", "9.30", "9 AM"; first: no digit or dot stands before it. */
static bool time_at(const char *s, bool first)
{
    size_t n = digits_at(s);
    if (n < 1 || n > 2 || !s[n])
        return false;
    bool two = digits_at(s + n + 1) == 2, dotted = s[n] == '.' && first && two && s[n + 3] != '.';
    return dotted || (strchr(":h", s[n]) && two) || !strncasecmp(s + n, " am", 3) ||
           !strncasecmp(s + n, " pm", 3);
}

/* "<a@b.example>" */
static bool has_bracketed_address(const char *s)
{
    for (; (s = strchr(s, '<')); s++)
        if (s[1 + strcspn(s + 1, "@<>")] == '@')
            return true;
    return false;
}

/* "... <a@b.example>:" */
static bool ends_with_address(const char *s)
{
    size_t len = strlen(s);
    while (len && s[len - 1] == ' ')
        len--;
    return len >= 2 && !strncmp(s + len - 2, ">:", 2);
}

struct reply_signs reply_signs_of(const char *s)
{
    MEM_SCOPE(mem);
    const char *folded = unicode_fold(mem, s), *begin = s;
    struct reply_signs signs = {.verb = reply_words_within(WORDS_WROTE, folded) || strstr(s, "写道"),
                                .cited = reply_words_begin(WORDS_CITED, folded),
                                .you = reply_words_within(WORDS_YOU, folded),
                                .address = strchr(s, '@'),
                                .bracketed = has_bracketed_address(s),
                                .closed = ends_with_address(s)};
    for (; *s; s += digits_at(s) ? digits_at(s) : 1) {
        signs.year = signs.year || year_at(s);
        signs.time = signs.time || time_at(s, s == begin || s[-1] != '.');
    }
    return signs;
}

static bool without_verb(struct reply_signs s)
{
    return s.year && s.time && s.bracketed && s.closed;
}

static bool introduces(struct reply_signs s)
{
    return (s.year && s.bracketed) || (s.verb && (s.year || s.time || s.address)) || without_verb(s) ||
           (s.cited && s.address);
}

bool reply_introduces_surely(struct reply_signs s)
{
    return (s.verb && s.year + s.time + s.address >= 2) || without_verb(s) || (s.cited && s.address);
}

/* ---- "On ... wrote:" */

bool reply_opens(const struct line *line)
{
    const char *folded = line->folded;
    size_t n = digits_at(folded);
    if (n)
        return (n <= 2 || n == 4) && folded[n] == ' ' && folded[n + 1] && folded[n + 2];
    return reply_words_begin(WORDS_OPENER, folded) && strpbrk(folded, "0123456789");
}

/* first: the line with which it would begin. */
static bool ends_introduction(const struct line *first, const struct line *line)
{
    return reply_ends_with(line, ":") || reply_ends_with(line, "\xef\xbc\x9a") ||
           (reply_ends_with(line, "--") && !strncmp(first->s, "--", 2));
}

static const char *joined(void *mem, const struct lines *l, size_t i, size_t n)
{
    struct text t = text_new(mem);
    for (; n; n--, i++) {
        text_add(&t, l->line[i].s, l->line[i].len);
        text_putc(&t, ' ');
    }
    return t.s;
}

/* Do these n lines, whose last one ends an introduction, introduce, and does none of the first belong to the
 * text above? */
static bool begins_here(const struct lines *l, size_t i, size_t n, bool marked)
{
    MEM_SCOPE(mem);
    struct reply_signs signs = reply_signs_of(joined(mem, l, i, n));
    bool named = signs.bracketed && l->line[i + n - 1].ends_verb; /* "A <a@b.example> wrote:" */
    bool dated = n == 1 && signs.year && signs.time;              /* in whatever language */
    bool sure = marked ? introduces(signs) || dated : reply_introduces_surely(signs) || named;
    if (n == 1)
        return sure ? signs.time || signs.address || !signs.you
                    : marked && (signs.verb || signs.cited) && !signs.you;
    struct reply_signs first = reply_signs_of(l->line[i].s);
    bool addressed =
        first.bracketed && (reply_ends_with(&l->line[i], ">") || reply_ends_with(&l->line[i], ">,"));
    bool opening = reply_opens(&l->line[i]) || addressed || first.cited, part = first.verb || first.address;
    if (!sure || (!opening && !part) || (!part && reply_ends_sentence(&l->line[i])))
        return false;
    for (size_t k = 1; k < n; k++) {
        struct reply_signs later = reply_signs_of(joined(mem, l, i + k, n - k));
        bool other = reply_opens(&l->line[i + k]) && (!addressed || later.address);
        if (introduces(later) && (!opening || other))
            return false;
    }
    return true;
}

size_t reply_introduction(const struct lines *l, size_t i, bool *marked_r)
{
    size_t len = 0;
    for (size_t n = 1; n <= INTRODUCTION_LINES && i + n <= l->n; n++) {
        const struct line *line = &l->line[i + n - 1];
        len += line->len;
        if (line_blank(line) || line->quoted || len > INTRODUCTION_MAX)
            return 0;
        *marked_r = reply_quoted_at(l, reply_next_text(l, i + n));
        if (ends_introduction(&l->line[i], line))
            return begins_here(l, i, n, *marked_r) ? n : 0;
        if (*marked_r) {
            MEM_SCOPE(mem);
            struct reply_signs signs = reply_signs_of(joined(mem, l, i, n));
            bool bare = signs.year && signs.bracketed; /* "2026/11/10 A <a@b.example>" */
            bool wrote = signs.verb && (signs.year || signs.time) && (signs.address || line->ends_verb);
            return (bare || wrote) && reply_opens(&l->line[i]) && begins_here(l, i, n, true) ? n : 0;
        }
        if (line->ends_verb && i + n < l->n && line_blank(&l->line[i + n])) {
            MEM_SCOPE(mem);
            struct reply_signs signs = reply_signs_of(joined(mem, l, i, n));
            return signs.year && signs.time && signs.address && begins_here(l, i, n, false) ? n : 0;
        }
    }
    return 0;
}
