/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A session of the SMTP client with a server that follows a script.
 */
#ifndef TESTS_SMTP_SCRIPT_H
#define TESTS_SMTP_SCRIPT_H

#include "mail/wire/smtp.h"
#include "tests/lib/scripted.h"

#define EHLO        "S 220 mail.test ESMTP\r\n", "R EHLO me.test"
#define PIPELINING  EHLO, "S 250-mail.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
#define ENVELOPE    "R MAIL FROM:<a@x.test>", "R RCPT TO:<b@y.test>", "R DATA"
#define ENVELOPE_OK ENVELOPE, "S 250 ok\r\n250 ok\r\n354 go\r\n"
#define CONTENT     "Subject: x\r\n\r\nhello\r\n"
#define SCRIPT(...) ((const char *const[]){__VA_ARGS__, NULL})

extern const struct smtp_envelope smtp_script_envelope; /* the one of ENVELOPE */

struct smtp_script {
    void *mem;
    const char *certificates; /* folder, or NULL */
    struct scripted server;
    struct stream_context *tls;
    struct smtp_options options;
    struct smtp *smtp;
    struct err err;
    struct smtp_result result, next;
};

/* Starts the script and opens a session with it; 0 or -1 as smtp_open. */
int smtp_script_begin(struct smtp_script *f, enum stream_tls tls, const char *const *steps);
/* The same without TLS; must succeed. */
void smtp_script_begin_plain(struct smtp_script *f, const char *const *steps);
/* Closes the session; the script must have been followed. Gives what the client said. */
char *smtp_script_end(struct smtp_script *f);
void smtp_script_end_free(struct smtp_script *f);
void smtp_script_expect(const struct smtp_result *r, enum smtp_outcome outcome, const char *stage, int code,
                        bool dead);

#endif
