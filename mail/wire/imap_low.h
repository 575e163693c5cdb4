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

enum { IMAP_BATCH = 64, IMAP_BATCH_BYTES = 8 << 20 };

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

/* A folder's name as IMAP writes it (modified UTF-7, RFC 3501 5.1.3); NULL for what is no UTF-8 or has
 * controls. */
char *imap_folder_name(void *mem, const char *utf8);

/* ---- in the worker: one connection, logged in */
struct imap_session;
int imap_session_open(void *mem, const struct stream_context *tls, const struct imap_options *options,
                      struct imap_session **session_r, struct err *err) MUST_CHECK;
void imap_session_close(struct imap_session *session);
/* After an error that is not ERR_NOTFOUND a session is out of step and good for nothing but closing. */
int imap_session_examine(struct imap_session *session, const char *name, struct imap_folder *folder_r,
                         struct err *err) MUST_CHECK;
/* Ascending. */
int imap_session_search(struct imap_session *session, void *mem, uint32_t first, uint32_t **uids_r,
                        size_t *n_r, struct err *err) MUST_CHECK;
/* Calls fn for each message that the server tells of, in its order, news of flags (size unknown) among them.
 * bytes is NULL without bodies, and where the server has none. `expected_bytes` bounds what the server may
 * send. */
#define IMAP_SIZE_UNKNOWN SIZE_MAX
typedef void imap_session_fn(void *context, const struct imap_message *message);
int imap_session_fetch(struct imap_session *session, const uint32_t *uids, size_t n, bool bodies,
                       size_t expected_bytes, imap_session_fn *fn, void *context, struct err *err) MUST_CHECK;
/* 1 new mail, 0 time is over or other_fd has something to say. */
int imap_session_wait(struct imap_session *session, int timeout_s, int other_fd, struct err *err) MUST_CHECK;

#endif
