/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between phrase_text.c (the words of a text) and phrase.c (patterns).
 */
#ifndef MAIL_PHRASE_LOW_H
#define MAIL_PHRASE_LOW_H

#include "mail/phrase.h"

/* Of the words that begin with these (up to) three letters; what is behind them is 0. */
static inline uint16_t phrase_beginning(char first, char second, char third)
{
    return (uint16_t)(((unsigned char)first * 41u + (unsigned char)second) * 41u + (unsigned char)third);
}

#endif
