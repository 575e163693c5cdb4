/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * DKIM signatures (RFC 6376, 8301, 8463): rsa-sha256 and ed25519-sha256, relaxed/relaxed, over the whole body
 * and every field that says what the message is and whom it is from.  A field that is signed is named once
 * more than it stands there, and the important ones when they are missing, so that nobody can add one.
 *
 * A key is read once and never changes: any number of threads may sign with it at the same time.
 */
#ifndef MAIL_WIRE_DKIM_H
#define MAIL_WIRE_DKIM_H

#include <stdint.h>

#include "base/mem.h"

enum dkim_algorithm { DKIM_RSA, DKIM_ED25519 };

struct dkim_key; /* private; wiped when its talloc parent goes */

/* A new private key as PEM (PKCS #8), RSA with 2048 bits. The caller keeps it secret. */
char *dkim_key_new(void *mem, enum dkim_algorithm algorithm);
/* PEM, PKCS #1 or #8 without a password.  ERR_CONFIG for what is no such key, and for an RSA key that no
 * verifier has to accept: of fewer than 1024 bits or more than 4096 (RFC 8301 3.2). */
int dkim_key_parse(void *mem, const char *pem, struct dkim_key **key_r, struct err *err) MUST_CHECK;
enum dkim_algorithm dkim_key_algorithm(const struct dkim_key *key);
/* "RSA, 2048 bits", "Ed25519" */
const char *dkim_key_describe(void *mem, const struct dkim_key *key);
/* What DNS says of it: "v=DKIM1; k=rsa; p=..." */
char *dkim_key_record(void *mem, const struct dkim_key *key);

enum { DKIM_MAX_SELECTORS = 2 };
struct dkim_order {
    const char *domain; /* A-labels */
    struct {
        const char *name;
        const struct dkim_key *key;
    } selector[DKIM_MAX_SELECTORS]; /* one signature each */
    size_t n;
    int64_t time; /* of the signature */
};
/* The DKIM-Signature fields, folded, each with its CRLF: they go before the first field of the message.
 * A talloc child of mem.  ERR_INPUT when it is no message with CRLF line ends and one From. */
int dkim_sign(void *mem, const struct dkim_order *order, const char *message, size_t len, char **fields_r,
              struct err *err) MUST_CHECK;

/* What became on the way of a signature that we made. */
enum dkim_verdict {
    DKIM_ABSENT, /* there is none of the domain and selector */
    DKIM_GOOD,
    DKIM_BODY_CHANGED,
    DKIM_HEADER_CHANGED, /* a field that it covers, or itself */
    DKIM_UNREADABLE,
};
/* Of the topmost one of domain and selector; the message has CRLF line ends. */
enum dkim_verdict dkim_verify(const char *domain, const char *selector, const struct dkim_key *key,
                              const char *message, size_t len);

#endif
