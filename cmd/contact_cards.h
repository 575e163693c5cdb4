/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * `contact read` of a file of vCards.
 */
#ifndef CMD_CONTACT_CARDS_H
#define CMD_CONTACT_CARDS_H

#include "cmd/cmd.h"

/* false when it cannot be read, too: who reads it then says why. */
bool contact_cards_is(const char *path);
/* The exit code: EXIT_LOOK when a card was refused. */
int contact_cards_read(struct cmd *c, const char *path, const char *encoding);

#endif
