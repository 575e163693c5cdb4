/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Mail as it was on the wire, kept once whatever mailbox it lies in.
 *
 * A message's identity is a SHA-256 over the unfolded, trimmed values of Message-ID, Date, From, To and
 * Subject (empty where missing; the first where one stands twice), each ended by a line feed, and the body
 * with CRLF line ends, its last line ended too; where there is neither field nor body, over all of it.  So
 * what a person moves is found again, and a forged copy with the same Message-ID is a second message.  A
 * letter that we sent gets its identity when something comes in under its Message-ID (mail/message_letter.c).
 * A header has at most 1 MB; what lies behind is the body.
 *
 * What is larger than SPOOL_ABOVE comes in a file (base/spool.h) and goes in pieces.
 */
#ifndef MAIL_MESSAGE_H
#define MAIL_MESSAGE_H

#include "base/db.h"
#include "base/digest.h"
#include "base/spool.h"

enum message_direction { MESSAGE_IN, MESSAGE_OUT };

/* What is known of a message besides its bytes; NULL and 0 where it is not. */
struct message_meta {
    const char *rfc_message_id; /* with angle brackets; NULL: taken from the header */
    int64_t date;               /* Unix time */
    const char *from_address, *from_name, *subject;
    int64_t contact_id, outbox_id, thread_id;
};

void message_identity(const char *raw, size_t len, unsigned char identity[DIGEST_BYTES]);
int message_identity_spool(const struct spool *spool, unsigned char identity[DIGEST_BYTES],
                           struct err *err) MUST_CHECK;
/* The first field of the name, unfolded and trimmed; NULL when there is none.  A talloc child of mem. */
char *message_header(void *mem, const char *raw, size_t len, const char *name);

/* The ids that it refers to, a blank between: of In-Reply-To and References, the newest first and each once;
 * NULL when there is none. */
char *message_refers_to(void *mem, const char *raw, size_t len);

/* Stores the message in the caller's transaction.  1 when it is new, 0 when it was known (its id is given,
 * nothing is changed), -1 on error.  An outgoing message is 'sent', an incoming one 'new'. */
int message_store(struct db *db, enum message_direction direction, const char *raw, size_t len,
                  const struct message_meta *meta, int64_t *id_r, struct err *err) MUST_CHECK;
int message_store_spool(struct db *db, enum message_direction direction, const struct spool *spool,
                        const struct message_meta *meta, int64_t *id_r, struct err *err) MUST_CHECK;
/* What its row says when it was judged before it was stored (mail/inbox_early.h). */
struct message_filing {
    const char *from_address, *from_name, *subject, *class, *rule, *state, *why, *reply_text;
    const char *evidence, *facts, *proposal; /* JSON */
    const char *people;                      /* the value of db_texts */
    int64_t date, contact_id;
    bool believed;
};
struct message_new {
    const char *raw;
    size_t len;
    unsigned char identity[DIGEST_BYTES];
    const char *rfc_message_id, *refers_to;
    const struct message_filing *filing; /* NULL: it is 'new' */
    int64_t id;                          /* the caller's to set */
};
/* All but the filing, out of raw. */
void message_new_read(void *mem, struct message_new *m);
/* Many incoming ones with one statement, which is sent (base/db_send.h): *rows_r gets `n`, from 1, and `id`
 * of those that the store did not know.  It may have waited for them, for what goes in pieces. */
int message_send_many(struct db *db, struct message_new *const *m, size_t n, struct db_rows **rows_r,
                      struct err *err) MUST_CHECK;
/* The bytes, a talloc child of mem; ERR_NOTFOUND. */
int message_load(void *mem, struct db *db, int64_t id, char **raw_r, size_t *len_r,
                 struct err *err) MUST_CHECK;
/* The same of one that came in, into a file. */
int message_load_spool(void *mem, struct db *db, int64_t id, struct spool **spool_r,
                       struct err *err) MUST_CHECK;

#endif
