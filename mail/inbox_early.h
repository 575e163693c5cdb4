/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Mails that are judged before they are stored, so that their rows are written once.
 *
 * Most mail is kin to nothing that we keep, and shows no token: what it is depends on itself and its sender
 * alone.  What is kin to anything is stored as new, and judged when it is there; so is, by inbox_judge_new,
 * what is not parsed here, or left over.
 */
#ifndef MAIL_INBOX_EARLY_H
#define MAIL_INBOX_EARLY_H

#include "mail/inbox.h"
#include "mail/message.h"

/* A batch of them.  The account is the one in whose mailbox they lie. */
enum { INBOX_EARLY_MAX = 200 };
struct inbox_early;
struct inbox_early *inbox_early_new(void *mem, struct inbox *inbox, const struct conf_imap *account);
/* One more, which lives as long as the batch: it is parsed while the caller sees to the next. */
void inbox_early_add(struct inbox_early *early, struct message_new *m);
/* In the transaction in which they are to be stored, three steps, between which the caller may do something
 * else: the first two send what the store is asked, the third gives who can be judged a filing, which lives
 * as long as the batch. */
int inbox_early_look(struct inbox_early *early, struct err *err) MUST_CHECK;
int inbox_early_ask(struct inbox_early *early, struct err *err) MUST_CHECK;
int inbox_early_judge(struct inbox_early *early, struct err *err) MUST_CHECK;
/* What is filed was sent: nothing but the filing's state and reason is of use any more. */
void inbox_early_sent(struct inbox_early *early);
/* When all are stored, and those that are new have their ids: the rest of these, in a transaction of its own.
 * What cannot be judged stays new.  -1 only when nothing can go on. */
int inbox_early_judge_kin(struct inbox_early *early, struct inbox_sum *sum, struct err *err) MUST_CHECK;

#endif
