/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A message cut into pieces: its files, as they stand in it in base64, and what is between them.  No
 * structure is looked at, only lines: whatever wrote them, the pieces put together are the message byte for
 * byte.
 */
#ifndef MAIL_MESSAGE_CUT_H
#define MAIL_MESSAGE_CUT_H

#include "base/spool.h"

enum { MESSAGE_CHUNK_BYTES = 256 * 1024 };

struct message_piece {
    const char *bytes;
    size_t len;
    int line; /* 0: bytes of the message; else those of a file, which stood there in base64 with so many
                 characters a line, each ended by CRLF, or, where it is negative, by LF */
};

/* A talloc child of mem; of a message in memory, or (raw NULL) in a file. */
struct message_cut;
struct message_cut *message_cut_begin(void *mem, const char *raw, size_t len, const struct spool *spool);
/* The first piece is one of the message, perhaps empty; each is valid until the next. 1, 0 there are no more,
 * -1. */
int message_cut_next(struct message_cut *cut, struct message_piece *piece_r, struct err *err) MUST_CHECK;
/* Appends the bytes that stood in the message. */
void message_join(struct text *out, const char *bytes, size_t len, int line);

#endif
