/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between the files of fetching: an account, and a folder of it while it is read.
 */
#ifndef MAIL_FETCH_LOW_H
#define MAIL_FETCH_LOW_H

#include "mail/fetch.h"
#include "mail/inbox_early.h"

enum {
    FETCH_BATCH = 200,  /* at most */
    FETCH_ENOUGH = 100, /* when the one before it is there */
    FETCH_BATCH_BYTES = 1 << 20,
    FETCH_LOOK = 4 /* after so many messages: whether the store has answered */
};

struct fetcher {
    struct fetch_options o;
    struct imap_options imap_options;
    struct imap *imap;
    bool first_is_open; /* the folder that is waited for */
};

struct batch { /* of what can wait to be stored; a talloc context */
    struct held {
        struct message_new message; /* raw is NULL where there are no bytes: why says the reason */
        uint32_t uid;
        const char *why;
    } held[FETCH_BATCH];
    size_t nheld;
    struct message_new *m[FETCH_BATCH]; /* those with bytes */
    size_t n;
    struct inbox_early *early; /* NULL: they are judged in the store */
    struct db_rows *added;     /* message_send_many */
    enum { BATCH_HELD, BATCH_LOOKED, BATCH_ASKED, BATCH_SENT } stage;
    int64_t next_uid; /* below it all is stored when this is */
};

struct folder {
    struct fetcher *f;
    const char *name;
    bool sent;
    int64_t mailbox, uidvalidity;
    struct fetch_sum *sum;
    /* the batch in hand; in its transaction, if that has begun, what could not wait.  While one is on its way
     * and its commit is not, the transaction is that one's */
    struct db_tx *tx;
    struct batch *batch; /* NULL: nothing waits */
    int batch_max, messages;
    size_t bytes;
    int64_t last_uid;
    struct batch *sent_batch; /* on its way into the store; NULL */
    bool judge;               /* before they are stored */
    bool known; /* the last batch was there: the next one is not judged before that is certain */
    bool refused, stopped;
    bool lost; /* a batch did not get into the store: nothing behind it may */
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

/* One message (imap_message_fn, of a struct folder). */
int fetch_take(void *folder, const struct imap_message *m, struct err *err) MUST_CHECK;
/* And while none comes (imap_idle_fn). */
int fetch_idle(void *folder, struct err *err) MUST_CHECK;

/* mail/fetch_batch.c: into the batch; the batch on its way into the store; a step further if the store is
 * ready for it; and there. */
void fetch_hold(struct folder *d, const struct imap_message *m);
int fetch_commit(struct folder *d, struct err *err) MUST_CHECK;
int fetch_go_on(struct folder *d, struct err *err) MUST_CHECK;
int fetch_settle(struct folder *d, struct err *err) MUST_CHECK;
/* Nothing is on its way, or it would settle at once. */
bool fetch_store_is_free(const struct folder *d);
/* The transaction of the batch in hand, for what cannot wait. */
int fetch_batch_begin(struct folder *d, struct err *err) MUST_CHECK;
void fetch_drop_held(struct folder *d);
/* The store says no to what is written. */
bool fetch_is_refusal(const struct err *err);

#endif
