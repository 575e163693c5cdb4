/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The states of a recipient (mail/outbox_state.def) in the store.
 */
#ifndef MAIL_OUTBOX_STATE_H
#define MAIL_OUTBOX_STATE_H

#include "base/db.h"

/* Makes the tables outbox_state and outbox_move what the program knows; in a transaction of the owner. */
int outbox_state_sync(struct db *db, struct err *err) MUST_CHECK;

#endif
