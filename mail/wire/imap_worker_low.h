/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between the files that serve a line.
 */
#ifndef MAIL_WIRE_IMAP_WORKER_LOW_H
#define MAIL_WIRE_IMAP_WORKER_LOW_H

#include "mail/wire/imap_low.h"

struct worker {
    void *mem;
    int line;
    struct imap_options options;
    const struct stream_context *tls; /* NULL: nothing was said yet */
    struct imap_session *session;     /* NULL: broken, to be opened again */
    char *folder;                     /* as IMAP writes it */
    uint32_t uidvalidity;
    uint32_t *uids; /* what is to be fetched, ascending */
    size_t nuids, at;
    size_t batch; /* how many to ask for at once */
    bool failed;  /* the last batch */
    bool again;   /* the message at `at` has failed once when asked for alone */
    int bad_in_a_row;
    bool stale; /* a new session, and no search in it yet: there may be news */
    bool waiting;
    int64_t until; /* it does so; monotonic seconds */
    bool parent_gone;
    const char *spool_folder;
};

void worker_tell(struct worker *w, json_t *head, const char *bytes, size_t len);
void worker_tell_error(struct worker *w, const struct err *err);
/* A session in the folder that was examined last. */
int worker_need_session(struct worker *w, struct err *err) MUST_CHECK;
void worker_drop_session(struct worker *w);

/* Each answers by one frame; the wait when it ends. */
void worker_examine(struct worker *w, const struct imap_frame *request);
void worker_special(struct worker *w, const struct imap_frame *request);
void worker_search(struct worker *w, const struct imap_frame *request);
void worker_vanished(struct worker *w, const struct imap_frame *request);
void worker_wait(struct worker *w, const struct imap_frame *request);
/* Something came while it waits, or its time is over. */
void worker_look(struct worker *w);

#endif
