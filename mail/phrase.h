/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Looking for words of a table in text that people wrote, whatever script, case and marks they used.
 *
 * A pattern is folded words (base/unicode.h): `word` itself, `word*` with any ending, `%` a word that begins
 * with a digit (12., 3rd), `#` a number of persons, `a|b` either, `..` up to four words between; `^` the
 * beginning of a sentence, `$` its end.  A match lies within one sentence.  Of a text the first 4,000 words
 * are looked at.
 */
#ifndef MAIL_PHRASE_H
#define MAIL_PHRASE_H

#include <stdint.h>

#include "base/mem.h"

struct phrase_word {
    const char *folded; /* "" for the end of a sentence */
    const char *start;  /* in the text as it was written */
    uint32_t len;
    uint16_t beginning;
    uint16_t next; /* the next word that begins likewise, and 1; 0: none */
    bool question; /* the end of a sentence that asks */
};
struct phrase_text {
    struct phrase_word *word;
    size_t n;
    uint16_t *begins;    /* by how they begin (phrase_low.h): the first such word, and 1; 0: none */
    unsigned mask;       /* that many of them, less 1 */
    uint16_t *beginning; /* each of which there is a word, some twice */
    size_t nbeginnings;
};
struct phrase_match {
    size_t first, last; /* words */
};

/* Patterns of which few stand in any text.  static struct phrase_table t = PHRASE_TABLE(rows, pattern); */
struct phrase_table {
    const void *first; /* a pattern; the next one is so many bytes behind it */
    size_t stride, n;
    struct phrase_index *index; /* made when it is wanted first */
};
#define PHRASE_TABLE(rows, pattern)                                                                          \
    {                                                                                                        \
        &(rows)[0].pattern, sizeof(rows)[0], ARRAY_LEN(rows), NULL                                           \
    }
#define PHRASE_LIST(patterns)                                                                                \
    {                                                                                                        \
        &(patterns)[0], sizeof(patterns)[0], ARRAY_LEN(patterns), NULL                                       \
    }
struct phrase_rows {
    uint16_t *row;
    size_t n;
};

/* Keeps pointers into the text. */
struct phrase_text phrase_text(void *mem, const char *text);
/* The rows whose pattern may stand in the text, in their order: no other does. */
struct phrase_rows phrase_rows(void *mem, const struct phrase_text *t, struct phrase_table *table);
/* The first match that begins at word `from` or later. */
bool phrase_find(const struct phrase_text *t, const char *pattern, size_t from, struct phrase_match *match_r);
/* The first that lies within the words from `from` on and before `end`. */
bool phrase_find_in(const struct phrase_text *t, const char *pattern, size_t from, size_t end,
                    struct phrase_match *match_r);
/* Whether a word of the pattern stands in the sentence before the word, at most `back` words away. */
bool phrase_preceded(const struct phrase_text *t, size_t word, size_t back, const char *pattern);
/* The words stand in the folded text as they are, as whole words. */
bool phrase_stands(const char *folded, const char *words);
/* 1 to 99, in digits or in words (number.def); 0: the word is no number. */
int phrase_number(const char *folded);
/* What was written there, in one line. */
char *phrase_words(void *mem, const struct phrase_text *t, struct phrase_match match);

#endif
