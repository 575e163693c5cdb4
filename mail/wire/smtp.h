/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * An SMTP submission client (RFC 5321, 6409; pipelining RFC 2920; DSN RFC 3461; AUTH RFC 4954), over
 * mail/wire/stream.
 *
 * One message has one recipient here, besides the journal's, so one transaction has one outcome.  The caller
 * commits `submitting` before smtp_content(), which sends the first byte of content; an envelope that fails
 * has sent none.
 */
#ifndef MAIL_WIRE_SMTP_H
#define MAIL_WIRE_SMTP_H

#include "base/mem.h"
#include "mail/wire/stream.h"

struct smtp_options {
    struct stream_options stream;
    const char *user, *password, *token_file, *mechanism; /* mail/wire/sasl.h; no AUTH without user */
    const char *helo;                                     /* own name */
    int final_dot_s;                                      /* 600 (RFC 5321 4.5.3.2.6); tests take less */
};

struct smtp_envelope {
    const char *from, *to; /* addresses; IDN domains as A-labels already */
    const char *envid;     /* NULL: none; sent as xtext where DSN is offered (RFC 3461 4.4) */
    const char *journal; /* a second recipient, for a copy; NULL: none.  The outcome is that of `to` alone */
    size_t size;         /* of the content */
};

/* What came of a transaction, or of a part of it. */
enum smtp_outcome {
    SMTP_OK, /* envelope: the server waits for content (354); content: the server took the message (250) */
    SMTP_DEFERRED, /* 4yz */
    SMTP_REFUSED,  /* 5yz, or we refuse to send: no SMTPUTF8 offered, larger than SIZE */
    SMTP_LOST, /* envelope: connection lost or server's protocol broken, no content sent; content: gone before
                  the final dot was written, so the server cannot have taken it (RFC 5321 4.1.1.4) */
    SMTP_UNKNOWN, /* content only: the final dot was (perhaps) written and no answer was read */
};
struct smtp_result {
    enum smtp_outcome outcome;
    const char *stage;  /* "connect", "MAIL", "RCPT", "DATA", "content" */
    int code;           /* 0 when no reply was read */
    char enhanced[16];  /* RFC 3463, "" where the server gave none */
    char text[512];     /* reply text, one line, control characters as '?' */
    bool per_recipient; /* the reply is about RCPT (or content of one recipient), not about the session or
                           sender */
    bool session_dead;  /* 421 or lost: open a new session */
};

struct smtp;

/* Connect, greeting, EHLO, STARTTLS (refused when it is wanted and not offered), EHLO, AUTH.  ERR_AWAY: not
 * reachable or 4yz; ERR_CONFIG: certificate, name, STARTTLS stripped, AUTH refused.  err->reply has the SMTP
 * code if there was one. */
int smtp_open(void *mem, const struct stream_context *tls, const struct smtp_options *options,
              struct smtp **smtp_r, struct err *err) MUST_CHECK;
/* QUIT and close; waits a second at most. A session also ends (without QUIT) with its talloc context. */
void smtp_close(struct smtp *smtp);
/* "host:port" and banner of the server, for the attempt's record. */
const char *smtp_server(const struct smtp *smtp);
/* "SCRAM-SHA-256"; NULL without AUTH. */
const char *smtp_login(const struct smtp *smtp);
/* "TLS1.3"; NULL in plain text. */
const char *smtp_tls(const struct smtp *smtp);
bool smtp_offers(const struct smtp *smtp,
                 const char *ehlo_keyword); /* "DSN", "SMTPUTF8", "PIPELINING", "8BITMIME" */
/* Whether an address can stand in MAIL and RCPT: no blank, < or >, be it in quotes, which some servers
 * misread. */
bool smtp_address_is_safe(const char *address);
size_t smtp_max_bytes(const struct smtp *smtp); /* of a message; 0: the server names no limit */

/* MAIL, RCPT and DATA, in one write where PIPELINING is offered. What we refuse to send (code 0) writes
 * nothing. */
void smtp_envelope(struct smtp *smtp, const struct smtp_envelope *envelope, struct smtp_result *result_r);
/* What the server said to the journal's address when it did not take it, in any transaction; NULL. */
const char *smtp_journal_refused(const struct smtp *smtp);
/* Content in canonical CRLF form (else the session ends and it is SMTP_REFUSED, code 0); dot-stuffed here.
 * Where the next message is known already, its MAIL, RCPT and DATA travel in the same write behind the final
 * dot (next may be NULL) and next_r gets their outcome; no byte of its *content* is sent. */
void smtp_content(struct smtp *smtp, const char *content, size_t len, struct smtp_result *result_r,
                  const struct smtp_envelope *next, struct smtp_result *next_r);
/* After an envelope that is SMTP_OK, gives the transaction up without sending content (closes the session:
 * after 354 there is no other way). */
void smtp_abandon(struct smtp *smtp);

#endif
