/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between the files of fetching: an account, and a folder of it while it is read.
 */
#ifndef MAIL_FETCH_LOW_H
#define MAIL_FETCH_LOW_H

#include "mail/fetch.h"
#include "mail/inbox_early.h"

enum { FETCH_BATCH = 50 };

struct fetcher {
    struct fetch_options o;
    struct imap_options imap_options;
    struct imap *imap;
    bool first_is_open; /* the folder that is waited for */
};

struct folder {
    struct fetcher *f;
    const char *name;
    bool sent;
    int64_t mailbox, uidvalidity;
    struct fetch_sum *sum;
    /* the batch in hand */
    struct db_tx *tx;
    int batch_max, messages;
    size_t bytes;
    int64_t last_uid;
    bool judge; /* before they are stored (mail/inbox_early.h) */
    bool refused, stopped;
    /* of it, what is not stored yet */
    void *held_mem;
    struct inbox_early *early;
    struct held {
        struct message_new message; /* raw is NULL where there are no bytes: why says the reason */
        uint32_t uid;
        const char *why;
    } held[FETCH_BATCH];
    size_t nheld;
    /* the batch on its way into the store */
    struct sent_batch {
        void *mem;             /* NULL: there is none */
        struct db_rows *added; /* the new ones (message_send_many) */
        size_t messages, apart;
        const char *parked[FETCH_BATCH]; /* why; NULL: it is not */
        bool judged[FETCH_BATCH];
    } sent_batch;
    bool lost;  /* what was on its way did not arrive: nothing behind it may be stored */
    bool known; /* most of it was: what comes next is not judged before that is certain */
};

/* The session is there, or can be had. */
int fetch_dial(struct fetcher *f, struct err *err) MUST_CHECK;
/* A folder once; what was stored is judged. What is wrong with the folder is recorded with it and in sum; -1
 * when nothing can go on (database). */
int fetch_folder(struct fetcher *f, const char *name, bool sent, struct fetch_sum *sum,
                 struct err *err) MUST_CHECK;
/* Records what is wrong with a folder; the first is what err_r says. */
void fetch_failed(struct fetcher *f, const char *name, const struct err *why, struct fetch_sum *sum,
                  struct err *err_r);

/* One message into the batch (imap_message_fn, of a struct folder), the batch on its way into the store, and
 * there. */
int fetch_take(void *folder, const struct imap_message *m, struct err *err) MUST_CHECK;
int fetch_commit(struct folder *d, struct err *err) MUST_CHECK;
int fetch_settle(struct folder *d, struct err *err) MUST_CHECK;
void fetch_drop_held(struct folder *d);

#endif
