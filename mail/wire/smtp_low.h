/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a session's beginning (smtp_open.c) and its transactions (smtp.c) share.
 */
#ifndef MAIL_WIRE_SMTP_LOW_H
#define MAIL_WIRE_SMTP_LOW_H


#include "mail/wire/smtp.h"
#include "mail/wire/smtp_reply.h"
#include "mail/wire/stream_low.h"

struct smtp_capabilities {
    bool pipelining, dsn, utf8, mime8, size;
    size_t size_max; /* 0: none told */
};

struct smtp {
    mailstream *stream; /* NULL: the session is over */
    int timeout_s, final_dot_s;
    char *server;
    const char *login; /* the mechanism; NULL: none was asked for */
    char *ehlo;        /* the server's keywords, a line each */
    struct smtp_capabilities can;
    enum {
        SMTP_READY,   /* between transactions */
        SMTP_STALE,   /* a transaction is left over: RSET goes before the next */
        SMTP_CONTENT, /* 354 was read */
    } state;
    bool journal_taken;      /* in the transaction that is begun */
    char journal_words[600]; /* the last refusal of it; "": none */
    struct text out;         /* what is to be written; kept for its room */
};

/* One reply, within `wait_s` for all of it; each line's text goes to `lines` too, unless that is NULL. */
int smtp_read_reply(mailstream *stream, int wait_s, struct smtp_reply *reply, struct text *lines,
                    struct err *err) MUST_CHECK;
/* Drops the connection, without a word. */
void smtp_drop(struct smtp *smtp);

#endif
