/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The answer keys (tests/data/replies) have words of their own for what a mail is: the one table of what they
 * mean in ours.
 */
#ifndef TESTS_LIB_ANSWERKEY_H
#define TESTS_LIB_ANSWERKEY_H

#include "base/mem.h"

struct answerkey {
    const char *word, *class;
    const char *partstat;              /* calendar; NULL: any */
    enum { ANY, NO, YES } hard, known; /* is the address dead; does it answer something of ours */
};
/* The row of the word that fits the class (a word may mean two), NULL: none. */
const struct answerkey *answerkey_find(const char *word, const char *class);

#endif
