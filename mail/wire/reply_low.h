/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between reply_text.c (the lines), reply_quote.c (what is quoted), reply_introduction.c ("On ... wrote:"),
 * reply_signature.c (what is signature) and reply_words.c (the words of each language).
 */
#ifndef MAIL_WIRE_REPLY_LOW_H
#define MAIL_WIRE_REPLY_LOW_H

#include "base/mem.h"

enum line_fate { LINE_NEW, LINE_SIGNATURE, LINE_QUOTED };

struct line {
    const char *s; /* without trailing blanks */
    size_t len;
    const char *folded; /* base/unicode.h; "" behind what quotes the rest of the mail */
    char mark;          /* html.h */
    bool quoted;        /* reply_quoted */
    bool ends_verb;     /* its last word, of several, is of WORDS_WROTE */
    enum line_fate fate;
};

struct lines {
    void *mem;
    struct line *line;
    size_t n, nfolded;
};

static inline bool line_blank(const struct line *line)
{
    return line->len == 0;
}

/* "_____" */
static inline bool line_ruler(const struct line *line)
{
    size_t n = 0;
    while (line->s[n] == '_' || line->s[n] == '-' || line->s[n] == '=' || line->s[n] == '*' ||
           line->s[n] == '~')
        n++;
    return line->len >= 3 && n == line->len;
}

static inline bool reply_ends_with(const struct line *line, const char *end)
{
    size_t len = strlen(end);
    return line->len >= len && !memcmp(line->s + line->len - len, end, len);
}

enum { INTRODUCTION_LINES = 4 };

/* ---- reply_introduction.c */

bool reply_quoted(const struct line *line); /* "> ..." */
bool reply_ends_sentence(const struct line *line);
/* The first line from i on that is not empty. */
size_t reply_next_text(const struct lines *l, size_t i);
bool reply_quoted_at(const struct lines *l, size_t i);

/* What a text tells of who wrote when. */
struct reply_signs {
    bool verb, cited, you, year, time, address, bracketed, closed;
};
struct reply_signs reply_signs_of(const char *s);
/* "On ...", "Am ...", "wt., 10 lis ...", "10. nov. 2026. ..." */
bool reply_opens(const struct line *line);
/* Though no quoted line follows. */
bool reply_introduces_surely(struct reply_signs s);
/* How many lines from i on introduce a quotation; 0: none.  *marked_r tells whether quoted lines follow. */
size_t reply_introduction(const struct lines *l, size_t i, bool *marked_r);

/* ---- the judges */

/* Each finds its own among the lines that are LINE_NEW. */
void reply_find_quotations(struct lines *l);
/* Of the first quoted header; NULL: there is none.  Takes quote marks off the lines. */
const char *reply_find_author(struct lines *l);
void reply_find_signatures(struct lines *l, const char *writer_folded);

/* ---- words */

enum reply_words {
    WORDS_WROTE,    /* "On ... A wrote:" */
    WORDS_OPENER,   /* first words of such a line */
    WORDS_CITED,    /* "Quoting A:" */
    WORDS_YOU,      /* "as you wrote:" is the writer's own */
    WORDS_ORIGINAL, /* "-----Original Message-----" */
    WORDS_ABOVE,    /* "type your reply above this line" */
    WORDS_ANSWERS,  /* "see my answers ..." */
    WORDS_BELOW,    /* "... below" */
    WORDS_COLOUR,   /* "in red" */
    WORDS_DEVICE,   /* "Sent from my ..." */
    WORDS_GADGET,   /* "... phone" */
    WORDS_CLOSING,  /* "Kind regards", with a few words behind */
    WORDS_ALONE,    /* "Thanks": closes a letter only as a line of its own above a name */
    WORDS_LEGAL,    /* how a disclaimer begins ... */
    WORDS_SECRET,   /* ... and what it says */
    WORDS_WARNING,  /* how the banner of a mail gateway begins ... */
    WORDS_OUTSIDE,  /* ... and what it says */
    WORDS_MAIL,
    WORDS_POSTSCRIPT,
};
/* Length of the longest entry that the text begins with, in whole words; 0: none. */
size_t reply_words_begin(enum reply_words list, const char *folded);
bool reply_words_within(enum reply_words list, const char *folded);

/* Labels of a quoted header. */
enum reply_label {
    NO_LABEL,
    FROM_LABEL,
    DATE_LABEL,
    SENT_LABEL,
    TO_LABEL,
    CC_LABEL,
    SUBJECT_LABEL,
    LABELS_N
};
enum reply_label reply_label(const char *folded);

#endif
