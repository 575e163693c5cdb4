/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Weak signs: answering machines that do not say so, and wishes to be left out, by their words.
 */
#ifndef MAIL_AUTOMATIC_H
#define MAIL_AUTOMATIC_H

#include <jansson.h>

#include "base/mem.h"

/* Several signs together make an automatic answer; never a subject alone (RFC 3834 3.1.5), nor one phrase.
 * The signs found are added to the evidence where they are enough. */
bool automatic_by_signs(const json_t *facts, json_t *evidence);
/* Words of the reply (never of what it quotes) that ask to be taken off the list. */
bool automatic_unsubscribe_words(const json_t *facts, json_t *evidence);

#endif
