/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A TCP stream with TLS by GnuTLS, as a driver under libetpan's mailstream (whose own TLS verifies nothing).
 *
 * Chain and name of the certificate are verified, TLS >= 1.2, SNI sent, every wait has an end, every command
 * a budget of bytes.  A stream belongs to one thread.
 */
#ifndef MAIL_WIRE_STREAM_H
#define MAIL_WIRE_STREAM_H

#include "base/mem.h"

enum stream_tls { STREAM_STARTTLS, STREAM_IMPLICIT, STREAM_PLAIN /* loopback addresses only */ };

struct stream_options {
    const char *host, *port;
    const char *verify_name; /* NULL: host */
    enum stream_tls tls;
    int timeout_s; /* of one operation */
};

/* Trust anchors and TLS parameters; immutable, shared by threads. ca_file NULL: the system's. */
struct stream_context;
int stream_context_new(void *mem, const char *ca_file, struct stream_context **context_r,
                       struct err *err) MUST_CHECK;

#endif
