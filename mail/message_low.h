/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between message.c, message_many.c and message_letter.c.
 */
#ifndef MAIL_MESSAGE_LOW_H
#define MAIL_MESSAGE_LOW_H

#include "mail/message.h"
#include "mail/message_cut.h"

/* Before what bears the Message-ID, and has the identity, is looked up or stored: a letter of ours under that
 * id that has no identity yet gets its own. */
int message_know_letter(struct db *db, const char *rfc_message_id, const unsigned char identity[DIGEST_BYTES],
                        struct err *err) MUST_CHECK;

/* All pieces but the first, which stands in the store. */
int message_add_rest(struct db *db, int64_t id, struct message_cut *pieces, struct err *err) MUST_CHECK;

#endif
