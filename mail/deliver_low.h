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
#include "mail/server.h"
#include "mail/wire/smtp.h"

struct deliver {
    const struct deliver_options *o;
    struct stream_context *tls;
    const char *password;
    int64_t worker;
    struct feed *feed;
    struct makers *makers;
    struct ledger *ledger;
    pthread_mutex_t lock; /* of what follows */
    struct err err;       /* of the first thread that failed */
    struct deliver_sum sum;
    int refusals, cuts;   /* in a row */
    struct server server; /* of the last session, known: not written down yet */
    char server_name[300];
    struct pace pace;
    struct pace_to *pace_to;
    atomic_int running; /* connections */
    sem_t ends;         /* of connections */
    atomic_bool stop;
    atomic_bool journal_refused; /* and told */
    atomic_llong lease_until_ms; /* by our own clock */
};

/* At so many messages a minute: each is made when its turn comes. */
static inline bool deliver_paced(const struct deliver *d)
{
    return d->o->account->per_minute > 0;
}

bool deliver_stopping(void *deliver);
/* The lease is over, as far as we know: others may have our rows, and no letter is begun any more. */
bool deliver_lapsed(const struct deliver *d);
/* Keeps the first error, and stops all. */
void deliver_failed(void *deliver, const struct err *err);

/* What the server of a new session takes; the keeper writes it down. */
void deliver_saw_server(struct deliver *d, const struct smtp *smtp);
/* Counts it, too.  Its strings are the result's; the server's name is to be filled in. */
struct outbox_outcome deliver_outcome(struct deliver *d, const struct outbox_row *row,
                                      const struct smtp_result *result);
/* Our own server refuses for what we are (mail/ours.h), refuses the sender or, several times running, the
 * content, or ends the connection instead of an answer to it: that is ours to mend, no recipient's fault. The
 * mailing waits for a person, and a recipient whose content was refused so is deferred. */
bool deliver_is_ours(struct deliver *d, const struct smtp_result *result);
const char *deliver_why(void *mem, const struct deliver *d, const struct smtp_result *result);

/* Who gets a copy of the row's letter, or NULL; that the server does not take it for them is said once, and
 * the letter goes without. */
const char *deliver_journal(const struct deliver *d, const struct outbox_row *row);
void deliver_look_at_journal(struct deliver *d, const struct smtp *smtp);

/* A connection's thread; arg is the struct deliver. */
void *sender_main(void *arg);

#endif
