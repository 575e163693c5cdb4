/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Inside of delivering: what the process (deliver.c) and its connections (sender.c) share.
 */
#ifndef MAIL_DELIVER_LOW_H
#define MAIL_DELIVER_LOW_H

#include <pthread.h>
#include <stdatomic.h>

#include "mail/deliver.h"
#include "mail/feed.h"
#include "mail/ledger.h"
#include "mail/pace.h"
#include "mail/wire/smtp.h"

struct deliver {
    const struct deliver_options *o;
    struct stream_context *tls;
    const char *password;
    int64_t worker;
    struct feed *feed;
    struct ledger *ledger;
    pthread_mutex_t lock; /* of what follows */
    struct err err;       /* of the first thread that failed */
    struct deliver_sum sum;
    int refusals, cuts; /* in a row */
    struct pace pace;
    atomic_int running; /* connections */
    atomic_bool stop;
};

bool deliver_stopping(void *deliver);
/* Keeps the first error, and stops all. */
void deliver_failed(void *deliver, const struct err *err);

/* A connection's thread; arg is the struct deliver. */
void *sender_main(void *arg);

#endif
