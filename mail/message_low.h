/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between message.c and message_many.c.
 */
#ifndef MAIL_MESSAGE_LOW_H
#define MAIL_MESSAGE_LOW_H

#include "mail/message.h"
#include "mail/message_cut.h"

/* All pieces but the first, which stands in the store. */
int message_add_rest(struct db *db, int64_t id, struct message_cut *pieces, struct err *err) MUST_CHECK;

#endif
