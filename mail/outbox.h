/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The outbox: one row a recipient of a mailing, in exactly one state (mail/outbox_state.def).
 *
 * A worker claims rows under a lease: their batch is what it has in hand, and they stay as they are.  Before
 * the first byte of a message's content `submitting` is committed, together with the outcomes of messages
 * before (outbox_commit), if batch, attempt and state are as claimed: a row that somebody else has, or has
 * decided on, is never sent.  A lease that ran out ends the batch: what waits is queued again, and
 * `submitting` becomes `unknown`, never `queued`.  An outcome is conditional on worker and attempt: who was
 * only slow cannot overwrite what was decided meanwhile, but a late answer settles an `unknown`.
 */
#ifndef MAIL_OUTBOX_H
#define MAIL_OUTBOX_H

#include <stdint.h>
#include "base/db.h"

/* ---- workers */
int outbox_worker_begin(struct db *db, const char *account, int lease_s, int64_t *worker_r,
                        struct err *err) MUST_CHECK;
/* 1 renewed, 0 the lease had run out: send nothing more, -1 error */
int outbox_worker_renew(struct db *db, int64_t worker, int lease_s, struct err *err) MUST_CHECK;
int outbox_worker_end(struct db *db, int64_t worker, struct err *err) MUST_CHECK;
/* Dead leases; cheap when there are none. */
int outbox_reap(struct db *db, struct err *err) MUST_CHECK;
/* Passed dates, and what got lost: who waits without standing in the queue, or is in dead hands without
 * standing in a batch.  Looks at all rows of the mailings that are under way. */
int outbox_sweep(struct db *db, struct err *err) MUST_CHECK;
/* The session: its plans walk along keys, however small the tables were at the first; db_wait() hears of
 * mailings that go out; its commits are on disk when they return (last), wait for no standby (keep). */
int outbox_walk(struct db *db, struct err *err) MUST_CHECK;
int outbox_listen(struct db *db, struct err *err) MUST_CHECK;
int outbox_last(struct db *db, struct err *err) MUST_CHECK;
int outbox_keep(struct db *db, struct err *err) MUST_CHECK;
/* Says so in the log when commits have waited that long for a standby: nothing is sent meanwhile. */
int outbox_tell_standby(struct db *db, int seconds, struct err *err) MUST_CHECK;

/* ---- claiming */
struct outbox_row {
    int64_t id, mailing_id, contact_id, event_id; /* event_id 0: none */
    int64_t batch_id;                             /* with which it was claimed */
    int attempt;                                  /* that is to be made: one more than its row tells of */
    int window;                                   /* mail/mailing_class.def */
    const char *email, *name, *language;
    const char *view;           /* JSON */
    const char *rfc_message_id; /* of the content submitted before, or NULL */
    int64_t message_id;         /* that content, or 0 */
    const char *aside;          /* not NULL: the state that it goes to instead of being sent, and why */
    const char *reason;
    const struct composer_work *work; /* mail/compose.h */
    size_t bytes;                     /* of its files, or of the content that is kept */
    struct feed_batch *batch;         /* mail/feed.h */
};
/* Released mailings of an account, in an order by chance. */
struct outbox_mailing {
    int64_t id, event_id, list_id;
    int window;
};
int outbox_claimable(void *mem, struct db *db, const char *account, struct outbox_mailing **mailings_r,
                     struct err *err) MUST_CHECK;
/* Where the last claim of a mailing ended: the queue is read from there, not from its begin. */
struct outbox_place {
    char next_try_at[40]; /* "": from the begin */
    int64_t id;
};
/* At most n rows of a mailing, of one batch; talloc children of mem.  Returns their number, moves the place.
 */
int outbox_claim(void *mem, struct db *db, int64_t worker, const struct outbox_mailing *mailing, int n,
                 struct outbox_place *place, struct outbox_row **rows_r, struct err *err) MUST_CHECK;
/* Claimed rows that were not tried go back as they were. */
int outbox_give_back(struct db *db, const struct outbox_row *const *rows, size_t n,
                     struct err *err) MUST_CHECK;
/* The same, and none of them is claimed again before its time. */
int outbox_put_off(struct db *db, const struct outbox_row *const *rows, const int64_t *ms, size_t n,
                   struct err *err) MUST_CHECK;
/* Rows with `aside` go there. */
int outbox_set_aside(struct db *db, const struct outbox_row *const *rows, size_t n,
                     struct err *err) MUST_CHECK;
int outbox_end_batches(struct db *db, const int64_t *batch, size_t n, struct err *err) MUST_CHECK;

/* ---- sending */

/* What the server said. */
struct outbox_outcome {
    const struct outbox_row *row;
    const char *state;   /* accepted, deferred, refused, unknown */
    const char *attempt; /* outcome of the attempt: accepted, deferred, refused, lost, unknown */
    const char *stage, *server, *enhanced, *text;
    int code;
    int again_s; /* deferred: not before so many seconds */
};
/* New content, or with row->message_id the content that is kept already. */
struct outbox_content {
    const char *raw, *packed; /* packed: as it is kept (base/pack.h), upon this base (0: none) */
    size_t len, packed_len;
    int64_t base_id, date; /* date: Unix time */
    const char *rfc_message_id, *envelope_from, *envid, *from_address, *from_name, *subject;
    const char *refers_to; /* NULL, or ids: the newest first, a blank between */
    unsigned char sha256[32];
};
struct outbox_letter {
    const struct outbox_row *row;
    const struct outbox_content *content;
    bool submitted; /* by outbox_commit: it was still ours, and may be sent */
    char *refused;  /* why the store does not take it, now or later (mail/ledger.h); malloc'ed */
};
/* One commit: outcomes, and `submitting` of letters; batches that are through go along.  Each is at most
 * OUTBOX_COMMIT_MAX.  Gives 1: what may be sent is marked so; 0: outbox_submitted has to tell which. */
enum { OUTBOX_COMMIT_MAX = 8192 };
int outbox_commit(struct db *db, int64_t worker, const struct outbox_outcome *const *outcome, size_t noutcome,
                  struct outbox_letter *const *letter, size_t nletter, const int64_t *batch, size_t nbatch,
                  struct err *err) MUST_CHECK;
/* Marks those letters that are submitting: after a commit whose answer was lost, or that took not all. */
int outbox_submitted(struct db *db, int64_t worker, struct outbox_letter *const *letter, size_t n,
                     struct err *err) MUST_CHECK;
/* The base that letters are packed upon. */
int outbox_add_base(struct db *db, const void *bytes, size_t len, int64_t *id_r, struct err *err) MUST_CHECK;

#endif
