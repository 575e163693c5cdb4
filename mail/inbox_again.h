/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Judging once more what is kept, after a rule changed.
 *
 * What a person said of a message's class holds, whatever the rules say.  Where nobody had it in hand and its
 * class changes, what the old verdict alone had done is taken back and the new one has its effects; where
 * somebody had, the verdict alone is written down.
 */
#ifndef MAIL_INBOX_AGAIN_H
#define MAIL_INBOX_AGAIN_H

#include "mail/inbox.h"

struct inbox_again {
    const char *from, *to; /* days when the messages came, both included; NULL: open */
    bool apply;
};
/* A message whose class, rule, evidence or new text is another now. */
struct inbox_change {
    int64_t id;
    const char *date, *from_address, *subject;
    const char *class_was, *rule_was; /* NULL: it was parked */
    const char *why;                  /* it cannot be parsed; the verdict is NULL then */
    const json_t *verdict;
    bool text, evidence; /* that changed, besides */
};
typedef void inbox_change_fn(void *context, const struct inbox_change *change);

struct inbox_again_sum {
    long judged, changed, unreadable, waiting; /* waiting: as in struct inbox_sum, and not applied */
};
/* In the order in which they came, in batches of one commit: bounded memory, however long the period. */
int inbox_judge_again(struct inbox *inbox, const struct inbox_again *again, inbox_change_fn *fn,
                      void *context, struct inbox_again_sum *sum, struct err *err) MUST_CHECK;

#endif
