/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between maillog.c (reading) and maillog_judge.c.
 */
#ifndef MAIL_MAILLOG_LOW_H
#define MAIL_MAILLOG_LOW_H

#include "mail/maillog.h"
#include "mail/wire/maillog.h"

/* One SMTP session of the server, from its connect to its disconnect. */
struct maillog_session {
    const char *key;                /* host, instance, process */
    const char *address, *user;     /* of the client */
    const char *begin, *lost, *end; /* lines */
    int64_t begins, ends;           /* ends 0: not yet */
    int open;                       /* letters of it in the index */
    long queued;                    /* of its letters, shown by the log */
    long taken, tried;              /* by its own count; -1: it says none */
    bool lost_at_dot, broken;
    const char *id; /* a Message-ID of our domain that came by it */
    struct maillog_session *next;
};

/* A letter in the server's queue. */
struct maillog_transfer {
    const char *key;   /* host, instance, queue id */
    const char *begin; /* the line */
    struct maillog_session *session;
    struct maillog_letter *letter; /* that is asked for, or NULL */
    bool queued;
    const char *status, *enhanced, *words;
    struct maillog_transfer *next;
};

/* A time of which the log may not say all. */
struct maillog_gap {
    int64_t from, to;
    const char *why;
};

enum { MAILLOG_BUCKETS = 1 << 14 };
struct maillog {
    struct maillog_letter *letters;
    size_t n;
    const char *domain;
    struct maillog_clock clock;
    int64_t earliest, latest; /* of the letters, with the skew */
    int64_t first, last, since;
    struct maillog_transfer *transfers[MAILLOG_BUCKETS];
    struct maillog_session *open, *ended; /* ended: of the time in question, or with letters in the index */
    struct maillog_transfer *ours;        /* of letters that are asked for */
    struct maillog_gap *gaps;
    struct maillog_client *clients;
};

#endif
