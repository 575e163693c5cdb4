/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What the inbox asks of an incoming mail, read out of the facts that the cage gave (mail/wire/facts.h).
 *
 * All of it was written by others.  Addresses are as they stand in the mail; compare them without regard to
 * case.
 */
#ifndef MAIL_LETTER_H
#define MAIL_LETTER_H

#include <jansson.h>
#include <stdint.h>

#include "mail/calendar.h"

struct letter_list {
    const char **item;
    size_t n;
};

struct letter_calendar {
    const char *method; /* NULL: no calendar part of its own */
    enum calendar_method kind;
    const char *uid, *attendee, *name, *partstat, *sent_by, *comment;
    const char *delegated_to, *delegated_from; /* the first address of each */
    bool alone;                                /* as in calendar.h */
    int64_t sequence;                          /* what is not said is 0 (RFC 5545 3.8.7.4) */
    int64_t stamp;                             /* Unix time, 0 when missing */
    const json_t *start, *end;                 /* see ical.h; NULL when missing */
};

/* What it forwards: who wrote that, what it is an answer to. from is NULL: it forwards nothing. */
struct letter_original {
    const char *from, *name;
    struct letter_list answers;
};

struct letter {
    const char *message_id; /* with angle brackets; NULL when missing */
    const char *from, *from_name, *sender, *subject, *in_reply_to;
    const char *text;              /* what the writer wrote; NULL: nothing */
    int64_t date;                  /* Unix time, 0 when missing */
    struct letter_list to;         /* To, Cc and Bcc */
    struct letter_list answers;    /* ids: In-Reply-To, then References, the newest first */
    struct letter_list arrived_at; /* addresses that the delivery and To, Cc name */
    struct letter_list returned;   /* Message-IDs of the mail that a report is about */
    const char *envid;             /* Original-Envelope-Id of a report */
    struct letter_list results;    /* Authentication-Results, the topmost first */
    struct letter_calendar calendar;
    struct letter_original original;
};

/* Everything in the letter lives in mem or in the facts. */
void letter_read(void *mem, const json_t *facts, struct letter *letter_r);
/* The calendar anew, when it is known which of its events is ours. */
void letter_read_calendar(const struct calendar_answer *answer, struct letter_calendar *calendar_r);

/* Does our own server say that the domain of From did not send it (dmarc=fail)? */
bool letter_is_denied(void *mem, const struct letter *letter, const char *authserv_id);

/* RFC 8601: does the topmost Authentication-Results, if it is of our own server `authserv_id`, say that the
 * domain of `address` sent this mail (dmarc=pass for it as header.from, dkim=pass with it as header.d, or
 * spf=pass with it in smtp.mailfrom)?  why_r says what it stands on, or what is missing. */
bool letter_is_authenticated(void *mem, const struct letter *letter, const char *authserv_id,
                             const char *address, const char **why_r);

#endif
