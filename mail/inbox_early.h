/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Mails that are judged before they are stored, so that their rows are written once.
 *
 * Most mail is kin to nothing that we keep, and shows no token: what it is depends on itself and its sender
 * alone.  What is kin to anything, or cannot be parsed at once, is stored as new, and judged then
 * (mail/inbox.h).
 */
#ifndef MAIL_INBOX_EARLY_H
#define MAIL_INBOX_EARLY_H

#include "mail/inbox.h"
#include "mail/message.h"

/* A batch of them.  The account is the one in whose mailbox they lie. */
enum { INBOX_EARLY_MAX = 100 };
struct inbox_early;
struct inbox_early *inbox_early_new(void *mem, struct inbox *inbox, const struct conf_imap *account);
/* One more, which lives as long as the batch: it is parsed while the caller sees to the next. */
void inbox_early_add(struct inbox_early *early, struct message_new *m);
/* In the transaction in which they are to be stored: who can be judged gets a filing, as long as the batch.
 */
int inbox_early_judge(struct inbox_early *early, struct err *err) MUST_CHECK;

#endif
