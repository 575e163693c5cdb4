/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The stream itself, for the clients in mail/wire/ alone: libetpan's mailstream with our driver under it, so
 * that libetpan's protocol engines and the functions here read and write the same buffers.
 *
 * A stream that has failed stays failed: no call succeeds any more but reading what the peer had sent before.
 */
#ifndef MAIL_WIRE_STREAM_LOW_H
#define MAIL_WIRE_STREAM_LOW_H

#include "mail/wire/etpan_lazy.h"

#include "mail/wire/stream.h"

/* Connects to each address in turn, and with STREAM_IMPLICIT shakes hands. ERR_AWAY, or ERR_CONFIG:
 * certificate, TLS version, plain text to an address that is not loopback. */
int stream_open(const struct stream_context *context, const struct stream_options *options,
                mailstream **stream_r, struct err *err) MUST_CHECK;
/* The handshake after STARTTLS. Refused when plain text of the server is waiting already (it would be taken
 * for something said under TLS). */
int stream_start_tls(mailstream *stream, struct err *err) MUST_CHECK;
/* "TLS1.3"; NULL in plain text. */
const char *stream_tls_version(mailstream *stream);
/* NULL is fine. */
void stream_close(mailstream *stream);

/* What the next exchange may take: one wait, all of it together, and bytes read. */
void stream_limit(mailstream *stream, int wait_s, int whole_s, size_t bytes);

/* Writes past libetpan's buffer, which must be empty. *handed_r is how much the system (or, in TLS, a whole
 * record of it) took, on failure too. */
int stream_write(mailstream *stream, const char *bytes, size_t len, size_t *handed_r,
                 struct err *err) MUST_CHECK;
/* A line without its end, NUL as '?'. A longer one than size - 1 is an error. */
int stream_read_line(mailstream *stream, char *line, size_t size, struct err *err) MUST_CHECK;
/* Without waiting; also when the connection is broken, which reading will tell. */
bool stream_can_read(mailstream *stream);
/* The first failure, for a caller who only saw libetpan's. */
int stream_explain(mailstream *stream, struct err *err);
/* Nothing is read or written any more. */
void stream_cancel(mailstream *stream);

#endif
