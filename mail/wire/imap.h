/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Reading mailboxes over IMAP (RFC 3501), by libetpan behind a wall: greeting and STARTTLS are read by hand,
 * folders are opened by EXAMINE, bodies fetched by BODY.PEEK, nothing is ever changed.  libetpan's parser can
 * be crashed by a server, so this code runs in a worker process (imap_worker_main) without database, started
 * by exec of our own program.  A worker holds many sessions: while they wait for mail they share one poll(),
 * a request of the parent is served in a thread of its own.  The parent has a line (a socket pair) to each
 * session, and talks over it with the calls below.
 */
#ifndef MAIL_WIRE_IMAP_H
#define MAIL_WIRE_IMAP_H

#include <stdint.h>
#include <sys/types.h>

#include "base/spool.h"
#include "mail/wire/stream.h"

struct imap_options {
    struct stream_options stream;
    const char *ca_file;
    const char *user, *password, *token_file, *mechanism; /* mail/wire/sasl.h */
    size_t max_message_bytes;
};

/* ---- parent's side */

/* A worker process, for up to IMAP_HOST_LINES sessions.  It dies with the thread that opened it. */
enum { IMAP_HOST_LINES = 50 };
struct imap_host;
int imap_host_open(void *mem, struct imap_host **host_r, struct err *err) MUST_CHECK;
void imap_host_close(struct imap_host *host);
pid_t imap_host_pid(const struct imap_host *host);
/* Its process has ended, or is about to: it can be waited for. */
bool imap_host_is_gone(const struct imap_host *host);
/* Its process was waited for. */
void imap_host_died(struct imap_host *host);
/* A line for a session; the caller closes it, which ends the session. */
int imap_host_line(struct imap_host *host, int *line_r, struct err *err) MUST_CHECK;

struct imap; /* one logged-in session */

/* ERR_AWAY, ERR_CONFIG as smtp_open; a worker that died is ERR_AGAIN with "IMAP worker died".  The calls
 * below reconnect by themselves where the session broke; ERR_AWAY when that fails. In a worker of its own: */
int imap_open(void *mem, const struct imap_options *options, struct imap **imap_r,
              struct err *err) MUST_CHECK;
/* The same over a line, which stays the caller's. */
int imap_open_on(void *mem, int line, const struct imap_options *options, struct imap **imap_r,
                 struct err *err) MUST_CHECK;
/* Over a line where another process opened it and left it at imap_wait_begin. */
struct imap *imap_resume(void *mem, int line, const struct imap_options *options);
void imap_close(struct imap *imap);
/* The worker is gone, or out of step: nothing but imap_close is of use. */
bool imap_is_dead(const struct imap *imap);
struct imap_folder {
    uint32_t uidvalidity, uidnext, exists;
    uint64_t modseq; /* HIGHESTMODSEQ; 0: the server cannot say what has gone (QRESYNC) */
};
/* EXAMINE.  The name is UTF-8.  ERR_NOTFOUND when the server has no such folder. */
int imap_examine(struct imap *imap, const char *folder, struct imap_folder *folder_r,
                 struct err *err) MUST_CHECK;
/* The name of the folder for a use, "\\Sent" (RFC 6154). 1, 0 none is marked so, -1. */
int imap_special(struct imap *imap, void *mem, const char *use, char **folder_r, struct err *err) MUST_CHECK;

/* UIDs, ascending, of the messages from `first` on that came on the day `since` or later (YYYY-MM-DD; NULL:
 * whenever) and, where addresses are given, are from or to one of them, as far as the server can tell. */
struct imap_query {
    uint32_t first;
    const char *since;
    const char *const *address;
    size_t naddresses;
};
int imap_search(struct imap *imap, void *mem, const struct imap_query *query, uint32_t **uids_r, size_t *n_r,
                struct err *err) MUST_CHECK;
/* What has gone since the folder stood at modseq: ranges of UIDs, first and last of each. */
int imap_vanished(struct imap *imap, void *mem, uint64_t modseq, uint32_t **ends_r, size_t *n_r,
                  struct err *err) MUST_CHECK;

struct imap_message {
    uint32_t uid;
    size_t size;
    const char *bytes;         /* or, where it is larger than SPOOL_ABOVE: */
    const struct spool *spool; /* neither when larger than max_message_bytes, or when it cannot be fetched */
    const char *why;           /* then: the reason */
};
/* The messages with these UIDs, ascending, in batches; those that are gone are left out.  fn -1 stops (its
 * error is returned).  Messages are given away one by one: `message` lives for the call.  While the server
 * has nothing to read there is time for idle (which may be NULL): 1 it is called again soon, -1 as from fn.
 */
typedef int imap_message_fn(void *context, const struct imap_message *message, struct err *err);
typedef int imap_idle_fn(void *context, struct err *err);
int imap_fetch(struct imap *imap, const uint32_t *uids, size_t n, imap_message_fn *fn, imap_idle_fn *idle,
               void *context, struct err *err) MUST_CHECK;
/* The same for all from `first_uid` on. */
int imap_fetch_since(struct imap *imap, uint32_t first_uid, imap_message_fn *fn, void *context,
                     struct err *err) MUST_CHECK;
/* Waits for new mail, by IDLE where offered, else by NOOP each minute: the line can be read from once there
 * is something to be fetched or to be told (imap_resume), or time is over (fetch all the same: where mail is
 * removed at the same moment, a server need not tell). */
int imap_wait_begin(struct imap *imap, int timeout_s, struct err *err) MUST_CHECK;

/* ---- the worker: body of the hidden command `adresar imap-worker`, which gets its lines over descriptor 3
 */
int imap_worker_main(void);

#endif
