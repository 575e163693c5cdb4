/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What officials write from mail clients of their own, as it lies in their Sent folders: outgoing
 * correspondence of all to whom it went, never an answer.  It finds its thread when what came in is judged
 * (mail/inbox_thread.c).
 */
#ifndef MAIL_SENT_H
#define MAIL_SENT_H

#include "mail/inbox.h"
#include "mail/letter.h"
#include "mail/wire/imap.h"

/* In the caller's transaction. 1 new, 0 it was known (as a blind copy that came in, or as a letter of ours),
 * -1. */
int sent_store(struct inbox *inbox, const struct letter *letter, const struct imap_message *m, int64_t *id_r,
               struct err *err) MUST_CHECK;

#endif
