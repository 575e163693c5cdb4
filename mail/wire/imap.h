/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Reading mailboxes over IMAP (RFC 3501), by libetpan behind a wall: greeting and STARTTLS are read by hand,
 * folders are opened by EXAMINE, bodies fetched by BODY.PEEK, nothing is ever changed.  libetpan's parser can
 * be crashed by a server, so this code runs in a worker process (imap_worker_main) without database, started
 * by exec of our own program; the parent talks to it over a socket pair with the calls below.
 */
#ifndef MAIL_WIRE_IMAP_H
#define MAIL_WIRE_IMAP_H

#include <stdint.h>

#include "base/mem.h"
#include "mail/wire/stream.h"

struct imap_options {
    struct stream_options stream;
    const char *ca_file;
    const char *user, *password, *mechanism; /* NULL: SCRAM-SHA-256, PLAIN, LOGIN */
    size_t max_message_bytes;
};

/* ---- parent's side */
struct imap; /* a worker process with one logged-in session */

/* ERR_AWAY, ERR_CONFIG as smtp_open; a worker that died is ERR_AGAIN with "IMAP worker died".  The worker
 * dies with the thread that opened it.  The calls below reconnect by themselves where the session broke;
 * ERR_AWAY when that fails. */
int imap_open(void *mem, const struct imap_options *options, struct imap **imap_r,
              struct err *err) MUST_CHECK;
void imap_close(struct imap *imap);
/* Makes the call that another thread waits in, and all later ones, fail; imap_close is still to come. */
void imap_cancel(struct imap *imap);
struct imap_folder {
    uint32_t uidvalidity, uidnext, exists;
};
/* EXAMINE.  The name is UTF-8.  ERR_NOTFOUND when the server has no such folder. */
int imap_examine(struct imap *imap, const char *folder, struct imap_folder *folder_r,
                 struct err *err) MUST_CHECK;

struct imap_message {
    uint32_t uid;
    int64_t internal_date; /* Unix time */
    size_t size;
    const char *bytes; /* NULL when larger than max_message_bytes, or when this UID cannot be fetched */
    const char *why;   /* then: the reason */
};
/* All messages with UID >= first, ascending, in batches; fn -1 stops (its error is returned).  Messages are
 * given away one by one: `message` lives for the call. */
typedef int imap_message_fn(void *context, const struct imap_message *message, struct err *err);
int imap_fetch_since(struct imap *imap, uint32_t first_uid, imap_message_fn *fn, void *context,
                     struct err *err) MUST_CHECK;
/* Waits for new mail: IDLE where offered, else NOOP each minute. 1 something new, 0 time is over (fetch all
 * the same: where mail is removed at the same moment, a server need not tell). */
int imap_wait(struct imap *imap, int timeout_s, struct err *err) MUST_CHECK;

/* ---- the worker: body of the hidden command `adresar imap-worker`, which finds its socket at descriptor 3
 */
int imap_worker_main(void);

#endif
