/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Reading the mailboxes of one account: what is new in each folder goes into the store, and is judged.
 *
 * The mailbox stays the mailbox: nothing in it is changed.  A place is (mailbox, UIDVALIDITY, UID); the
 * store's `next_uid` moves in the commit that stores what lies below it, so that a run that ends anywhere is
 * taken up where it ended.  A mailbox is read under an advisory lock: any number of processes may fetch the
 * same accounts.
 *
 * Of a personal account only mail with known contacts or in known threads is kept; of the rest a place with a
 * keyed hash, and when a contact gets an address, what of it is from or to that is read again.  What cannot
 * be stored or fetched has a place too, with the reason, and is tried again.
 */
#ifndef MAIL_FETCH_H
#define MAIL_FETCH_H

#include <signal.h>

#include "mail/inbox.h"
#include "mail/wire/imap.h"

struct fetch_options {
    struct inbox *inbox; /* database, configuration, keys and cage that judging needs */
    const struct conf_imap *account;
    const volatile sig_atomic_t *stop; /* set by a signal: commit what is in hand, then end; may be NULL */
    int line;    /* to an IMAP worker (imap_host_line), the caller's; -1: a worker of its own is started */
    bool resume; /* a session was left on the line by fetcher_wait */
};
struct fetch_sum {
    long seen, kept, known, apart; /* messages: met, new in the store, there already, not kept */
    long judged, parked, waiting;  /* struct inbox_sum */
    long failed;                   /* folders */
};

/* How the account's server is spoken to. */
struct imap_options fetch_imap_options(const struct conf_imap *account, const char *password);

struct fetcher; /* one account; its IMAP session is opened when it is needed */
int fetcher_open(void *mem, const struct fetch_options *options, struct fetcher **fetcher_r,
                 struct err *err) MUST_CHECK;
void fetcher_close(struct fetcher *fetcher);
/* All folders once.  What fails in a folder is recorded with it and does not keep the others from being read;
 * the first error is returned.  What was stored is judged (inbox_judge_new) after each folder. */
int fetcher_pass(struct fetcher *fetcher, struct fetch_sum *sum, struct err *err) MUST_CHECK;
/* Begins to wait for new mail in the first folder: the line can be read from when it is there, or after that
 * time, and the next fetcher resumes it. -1 when that folder is not open. */
int fetcher_wait(struct fetcher *fetcher, int timeout_s, struct err *err) MUST_CHECK;

/* An account that is not read any more: its folders say why. */
void fetch_disable(struct inbox *inbox, const struct conf_imap *account, const char *why);

/* How the mailboxes stand, one row each: account, folder, sent, read_at, lag_s, error, error_at, places,
 * kept, apart, missing, parked, decide, waiting (sql/query/fetch.sql). */
int fetch_status(struct db *db, const char *time_zone, struct db_rows **rows_r, struct err *err) MUST_CHECK;

#endif
