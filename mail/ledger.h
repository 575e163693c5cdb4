/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The ledger: one thread with one connection to PostgreSQL, which writes down for all connections to the mail
 * server.  A connection hands over what became of the messages that it sent and which it sends next, and goes
 * on when that is durable.  Whatever waits meanwhile is joined into one statement and one commit, so that
 * the disk's time is shared.
 *
 * A row that the store refuses spoils nobody else's: the statement is halved until the row stands alone.
 * After a commit whose answer was lost the rows are read again before anything is done twice.
 */
#ifndef MAIL_LEDGER_H
#define MAIL_LEDGER_H

#include <semaphore.h>

#include "mail/outbox.h"

/* What a connection hands over at once; it stays as it is, and its arrays do, until ledger_wait returns. */
struct ledger_step {
    const struct outbox_outcome **outcome;
    struct outbox_letter **letter; /* to be submitted; `submitted` and `refused` come back */
    const struct outbox_row **back, **aside;
    size_t noutcome, nletter, nback, naside;
    int64_t pause; /* this mailing, before anything else; 0: none */
    const char *pause_reason;
    /* the ledger's */
    struct ledger_step *next;
    struct err err;
    int rc;
    sem_t written;
};

struct ledger;
struct ledger_options {
    const char *conninfo;
    int64_t worker;
    bool (*stopping)(void *arg); /* by order: then a server that is away is not waited for */
    void *arg;
};
int ledger_open(void *mem, const struct ledger_options *options, struct ledger **ledger_r,
                struct err *err) MUST_CHECK;
/* Writes what was handed over, then ends. */
void ledger_close(struct ledger *ledger);

/* From any thread. */
void ledger_begin(struct ledger *ledger, struct ledger_step *step);
int ledger_wait(struct ledger_step *step, struct err *err) MUST_CHECK;
/* A batch all of whose rows have an outcome: forgotten with the next commit. */
void ledger_end_batch(struct ledger *ledger, int64_t batch);

#endif
