/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Wishes to be left out, by their words: a suggestion to a person (who has a token needs no words).
 */
#ifndef MAIL_UNSUBSCRIBE_WORDS_H
#define MAIL_UNSUBSCRIBE_WORDS_H

#include <jansson.h>

#include "base/mem.h"
#include "mail/phrase.h"

/* Words of the new text, never of what it quotes, nor of a list to its readers; a subject counts where
 * nothing else is said. */
bool unsubscribe_words(const json_t *facts, const struct phrase_text *text, json_t *evidence);

#endif
