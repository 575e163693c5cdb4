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
    size_t len;
    bool question; /* the end of a sentence that asks */
    uint16_t next; /* the next word that begins likewise, and 1; 0: none */
};
enum { PHRASE_BEGINNINGS = 4096 };
struct phrase_text {
    struct phrase_word *word;
    size_t n;
    uint16_t *begins; /* by how they begin (phrase.c): the first such word, and 1; 0: none */
};
struct phrase_match {
    size_t first, last; /* words */
};

/* Keeps pointers into the text. */
struct phrase_text phrase_text(void *mem, const char *text);
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
