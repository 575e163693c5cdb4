/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The feed: one thread with one connection to PostgreSQL, which claims rows for all connections to the mail
 * server, some hundred at once, judges them and reads what their letters need.  They wait in a short queue;
 * what is left there in the end is given back.
 */
#ifndef MAIL_FEED_H
#define MAIL_FEED_H

#include "base/keyring.h"
#include "mail/ledger.h"
#include "mail/pace_to.h"
#include "mail/signing.h"

struct feed;
struct feed_options {
    const struct conf *conf;
    const struct conf_smtp *account;
    const struct keyring *ring;
    const struct signer *signer;
    struct ledger *ledger; /* forgets batches that are through */
    struct pace_to *pace_to;
    int64_t worker;
    bool once;                   /* end when nothing is left to be sent now */
    bool (*stopping)(void *arg); /* end, whatever is left */
    void (*failed)(void *arg, const struct err *err);
    void *arg;
};
int feed_open(void *mem, const struct feed_options *options, struct feed **feed_r,
              struct err *err) MUST_CHECK;
/* Waits for the thread; nobody takes any more. */
void feed_close(struct feed *feed);

/* Up to `most` rows of one in-doubt window; waits up to wait_ms for the first.  None: later, or *ended_r. */
size_t feed_take(struct feed *feed, size_t most, int wait_ms, const struct outbox_row **rows_r,
                 bool *ended_r);
/* The row has an outcome that is durable; it is gone then. */
void feed_release(struct feed *feed, const struct outbox_row *row);

#endif
