/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * SASL (RFC 4422): what a client says to log in, for SMTP (smtp_open.c) and IMAP (imap_login.c), which carry
 * its words.  SCRAM (RFC 5802, 7677), PLAIN (RFC 4616), LOGIN with a password; XOAUTH2 and OAUTHBEARER (RFC
 * 7628) with an OAuth 2.0 access token.
 *
 *     sasl_begin; then for each challenge of the server sasl_answer; then, as the server says, sasl_accepted
 *     or sasl_refused
 *
 * Challenges and answers are in base64.  No error holds the password or the token.
 */
#ifndef MAIL_WIRE_SASL_H
#define MAIL_WIRE_SASL_H

#include "base/mem.h"

enum { SASL_SECRET_MAX = 8192, SASL_USER_MAX = 255 };

struct sasl_login {
    const char *user, *password;
    const char *token_file;  /* in place of the password; it is read anew at each login, so that any program
                                can  renew what is in it */
    const char *mechanism;   /* NULL: the strongest of those that the server offers */
    const char *host, *port; /* of the server, which OAUTHBEARER tells it */
};

struct sasl;
typedef bool sasl_offers_fn(const void *server, const char *mechanism);
/* 0 also where the server offers nothing that serves: then *sasl_r is NULL.  ERR_CONFIG for a user, password
 * or token that cannot be said.  A talloc child of mem. */
int sasl_begin(void *mem, const struct sasl_login *login, sasl_offers_fn *offers, const void *server,
               struct sasl **sasl_r, struct err *err) MUST_CHECK;
const char *sasl_mechanism(const struct sasl *sasl);
/* What the client may say unasked; NULL: the server speaks first, or it is longer than max_len and waits
 * until the server asks. */
const char *sasl_first(struct sasl *sasl, size_t max_len);
/* ERR_AWAY when the challenge makes no sense, or the server does not know the password. */
int sasl_answer(struct sasl *sasl, const char *challenge, const char **answer_r, struct err *err) MUST_CHECK;
/* The server says yes: -1 ERR_AWAY unless it has proven itself, where the mechanism has it do so. */
int sasl_accepted(const struct sasl *sasl, struct err *err) MUST_CHECK;
/* The server says no, and err says in which words: what is wrong with a token is added, and since another one
 * may lie there soon, it is ERR_AWAY.  Gives -1. */
int sasl_refused(const struct sasl *sasl, struct err *err);

#endif
