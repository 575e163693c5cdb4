/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The states of a recipient (mail/outbox_state.def) as values.
 */
#ifndef MAIL_OUTBOX_STATE_H
#define MAIL_OUTBOX_STATE_H

#include "base/db.h"

enum outbox_state {
#define STATE(name, terminal, first) OUTBOX_##name,
#define MOVE(from, to, who)
#include "mail/outbox_state.def"
#undef STATE
#undef MOVE
    OUTBOX_STATES
};

const char *outbox_state_name(enum outbox_state state);
bool outbox_state_is_terminal(enum outbox_state state);
/* Makes the tables outbox_state and outbox_move what the program knows; in a transaction of the owner. */
int outbox_state_sync(struct db *db, struct err *err) MUST_CHECK;

#endif
