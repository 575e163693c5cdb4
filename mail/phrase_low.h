/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between phrase_text.c (the words of a text) and phrase.c (patterns).
 */
#ifndef MAIL_PHRASE_LOW_H
#define MAIL_PHRASE_LOW_H

#include "mail/phrase.h"

/* Where the words that begin with these (up to) three letters are found. */
static inline unsigned phrase_beginning(const char *s, size_t len)
{
    unsigned h = 0;
    for (size_t i = 0; i < 3; i++)
        h = h * 41 + (i < len ? (unsigned char)s[i] : 0);
    return h % PHRASE_BEGINNINGS;
}

#endif
