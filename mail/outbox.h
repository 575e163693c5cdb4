/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The outbox: one row a recipient of a mailing, in exactly one state (mail/outbox_state.def).
 *
 * A worker claims rows under a lease.  Before the first byte of a message's content `submitting` is
 * committed, in one commit with the outcome of the message before (outbox_step).  A lease that ran out turns
 * `claimed` into `queued` and `submitting` into `unknown`, never into `queued`; every update is conditional
 * on worker and attempt, so that a worker that was only slow cannot overwrite what was decided meanwhile, but
 * its late answer settles an `unknown`.
 */
#ifndef MAIL_OUTBOX_H
#define MAIL_OUTBOX_H

#include <jansson.h>

#include "base/db.h"

/* ---- workers */
int outbox_worker_begin(struct db *db, const char *account, int lease_s, int64_t *worker_r,
                        struct err *err) MUST_CHECK;
/* 1 renewed, 0 the lease had run out: send nothing more, -1 error */
int outbox_worker_renew(struct db *db, int64_t worker, int lease_s, struct err *err) MUST_CHECK;
int outbox_worker_end(struct db *db, int64_t worker, struct err *err) MUST_CHECK;
/* Dead leases and passed dates; cheap when there are none. */
int outbox_reap(struct db *db, struct err *err) MUST_CHECK;

/* ---- sending */
struct outbox_row {
    int64_t id, mailing_id, contact_id, event_id; /* event_id 0: none */
    int attempt;
    const char *email, *name, *language;
    json_t *view;
    const char *rfc_message_id; /* of the content submitted before, or NULL */
    int64_t message_id;         /* that content, or 0 */
    const char *set_aside;      /* not NULL: must not be sent now, and why */
    bool hold;                  /* then: held for a person rather than excluded */
};
/* At most n rows; talloc children of mem (the views too). Returns their number. */
int outbox_claim(void *mem, struct db *db, int64_t worker, const char *account, int n,
                 struct outbox_row **rows_r, struct err *err) MUST_CHECK;
/* Claimed rows that were not tried go back as they were. */
int outbox_give_back(struct db *db, int64_t worker, const struct outbox_row *rows, int n,
                     struct err *err) MUST_CHECK;
int outbox_set_aside(struct db *db, int64_t worker, const struct outbox_row *row, struct err *err) MUST_CHECK;

/* What the server said. */
struct outbox_outcome {
    const char *state;   /* accepted, deferred, refused, unknown */
    const char *attempt; /* outcome of the attempt: accepted, deferred, refused, lost, unknown */
    const char *stage, *server, *enhanced, *text;
    int code;
    int again_s; /* deferred: not before so many seconds */
};
/* What is about to be sent: new content, or with row->message_id the content that is kept already. */
struct outbox_content {
    const char *raw;
    size_t len;
    const char *rfc_message_id, *envelope_from, *envid, *from_address, *from_name, *subject;
    int64_t date;
    unsigned char identity[32];
};
/* One commit: `outcome` of `done` (NULL: none) and `submitting` of `next` (NULL: none).  *submitted_r says
 * whether next is still ours and may be sent. */
int outbox_step(struct db *db, int64_t worker, const struct outbox_row *done,
                const struct outbox_outcome *outcome, const struct outbox_row *next,
                const struct outbox_content *content, bool *submitted_r, struct err *err) MUST_CHECK;
/* After a commit whose answer was lost: did `submitting` of the row get there? */
int outbox_is_submitting(struct db *db, int64_t worker, const struct outbox_row *row, bool *yes_r,
                         struct err *err) MUST_CHECK;
/* MAIL, RCPT or DATA failed: no content was sent. */
int outbox_fail_envelope(struct db *db, int64_t worker, const struct outbox_row *row,
                         const struct outbox_outcome *outcome, struct err *err) MUST_CHECK;
/* How many different contents were submitted for the row: the next one's number is one more. */
int outbox_versions(struct db *db, int64_t outbox, int *versions_r, struct err *err) MUST_CHECK;

#endif
