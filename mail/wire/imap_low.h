/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between the files of the IMAP client: the frames that parent and worker exchange, and the session inside
 * the worker.
 */
#ifndef MAIL_WIRE_IMAP_LOW_H
#define MAIL_WIRE_IMAP_LOW_H

#include <jansson.h>

#include "mail/wire/imap.h"
#include "mail/wire/stream_low.h"

enum { IMAP_BATCH = 256, IMAP_BATCH_BYTES = 2 << 20 };

/* A frame is two lengths, a JSON object and raw bytes. */
struct imap_frame {
    json_t *head; /* of the receiver, who drops it */
    char *bytes;  /* talloc child of the receiver's context, NUL behind its end */
    size_t len;
};
/* Drops head. timeout_s for all of it, -1: as long as the peer lives. ERR_AGAIN: the peer is gone or late. */
int imap_frame_send(int fd, int timeout_s, json_t *head, const char *bytes, size_t len,
                    struct err *err) MUST_CHECK;
int imap_frame_read(void *mem, int fd, int timeout_s, size_t max_bytes, struct imap_frame *frame_r,
                    struct err *err) MUST_CHECK;
/* In a frame of some messages ("messages"): before the bytes of each, a NUL behind them. */
struct imap_told {
    uint32_t uid, size;
};
/* A folder's name as IMAP writes it (modified UTF-7, RFC 3501 5.1.3); NULL for what is no UTF-8 or has
 * controls. */
char *imap_folder_name(void *mem, const char *utf8);
/* The way back; NULL for what is no such name. */
char *imap_folder_text(void *mem, const char *wire);

/* ---- in the worker: what is served over one line */
struct worker;
struct worker *worker_new(int line);
void worker_free(struct worker *worker);
/* A request that has come, or a look at what has come while it waits: whatever there is to do, in a thread of
 * its own. false: the parent is gone. */
bool worker_turn(struct worker *worker) MUST_CHECK;
/* What to poll between the turns; server: -1 while it does not wait. due: of the next turn, seconds of the
 * monotonic clock; 0: none. */
void worker_waits_for(const struct worker *worker, int *line_r, int *server_r, int64_t *due_r);

/* What is trusted: read once for all lines, and kept. NULL: an error. */
const struct stream_context *imap_trust(const char *ca_file, struct err *err) MUST_CHECK;

/* ---- in the worker: one connection, logged in */
/* The login, by a command with the tag 1; capabilities as " IMAP4REV1 IDLE ... ".  ERR_CONFIG: refused. */
int imap_login(mailstream *stream, const char *capabilities, const struct imap_options *options,
               struct err *err) MUST_CHECK;

struct imap_session;
int imap_session_open(void *mem, const struct stream_context *tls, const struct imap_options *options,
                      struct imap_session **session_r, struct err *err) MUST_CHECK;
void imap_session_close(struct imap_session *session);
/* After an error that is not ERR_NOTFOUND a session is out of step and good for nothing but closing. */
int imap_session_examine(struct imap_session *session, const char *name, struct imap_folder *folder_r,
                         struct err *err) MUST_CHECK;
int imap_session_search(struct imap_session *session, void *mem, const struct imap_query *query,
                        uint32_t **uids_r, size_t *n_r, struct err *err) MUST_CHECK;
/* Nothing where the session cannot say (imap_folder.modseq is 0). */
int imap_session_vanished(struct imap_session *session, void *mem, uint64_t modseq, uint32_t **ends_r,
                          size_t *n_r, struct err *err) MUST_CHECK;
/* The name as IMAP writes it. 1, 0 there is none, -1. */
int imap_session_special(struct imap_session *session, void *mem, const char *use, char **name_r,
                         struct err *err) MUST_CHECK;
/* Calls fn for each message that the server tells of, in its order, news of flags (size unknown) among them.
 * bytes is NULL without bodies, and where the server has none. `expected_bytes` bounds what the server may
 * send. */
#define IMAP_SIZE_UNKNOWN SIZE_MAX
typedef void imap_session_fn(void *context, const struct imap_message *message);
int imap_session_fetch(struct imap_session *session, const uint32_t *uids, size_t n, bool bodies,
                       size_t expected_bytes, imap_session_fn *fn, void *context, struct err *err) MUST_CHECK;
/* One message, of which fn gets the bytes as they come: -1 from it ends the session.  1, 0 it is gone, -1. */
typedef int imap_piece_fn(void *context, const char *bytes, size_t len, struct err *err);
int imap_session_pour(struct imap_session *session, const struct imap_message *message, imap_piece_fn *fn,
                      void *context, struct err *err) MUST_CHECK;
/* Waiting, a step at a time; 1 new mail, 0 none so far, -1.  A look is wanted when the descriptor can be read
 * from, and when it is due (seconds of the monotonic clock).  It ends before anything else is asked. */
int imap_session_wait_begin(struct imap_session *session, struct err *err) MUST_CHECK;
int imap_session_wait_look(struct imap_session *session, struct err *err) MUST_CHECK;
int imap_session_wait_end(struct imap_session *session, struct err *err) MUST_CHECK;
int imap_session_wait_fd(const struct imap_session *session);
int64_t imap_session_wait_due(const struct imap_session *session);

#endif
