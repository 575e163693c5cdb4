/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The steps of a signature, which dkim.c puts together and the tests hold against the examples of the RFCs.
 */
#ifndef MAIL_WIRE_DKIM_LOW_H
#define MAIL_WIRE_DKIM_LOW_H

#include "mail/wire/dkim.h"

enum { DKIM_SUM_BYTES = 32, DKIM_SIGNATURE_MAX = 4096 / 8 };

/* The field in the relaxed form (RFC 6376 3.4.2), with CRLF; `to` has room for len + 2 bytes. Returns its
 * end. */
char *dkim_relaxed_field(char *to, const char *field, size_t len);
/* SHA-256 over the relaxed form (RFC 6376 3.4.4) of a body whose lines end with CRLF. */
void dkim_body_sum(const char *body, size_t len, unsigned char sum[DKIM_SUM_BYTES]);

/* rsa-sha256, ed25519-sha256 */
const char *dkim_key_method(const struct dkim_key *key);
/* Signs a sum; returns the length of the signature. */
size_t dkim_key_sign(const struct dkim_key *key, const unsigned char sum[DKIM_SUM_BYTES],
                     unsigned char signature[DKIM_SIGNATURE_MAX]);
bool dkim_key_verify(const struct dkim_key *key, const unsigned char sum[DKIM_SUM_BYTES],
                     const unsigned char *signature, size_t len);

#endif
