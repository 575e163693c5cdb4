/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Whose answer is it: from the ids and addresses of a mail to the row of the outbox, the thread and the
 * contact.
 */
#ifndef MAIL_INBOX_MATCH_H
#define MAIL_INBOX_MATCH_H

#include "mail/inbox.h"
#include "mail/letter.h"

struct inbox_match {
    const char *by; /* "keyed-id", "envelope", "references", "number", "event-uid", "token"; NULL: nothing was
                       found */
    bool keyed;     /* found by a token that only we can make: states may change */
    int64_t outbox_id, mailing_id, event_id, thread_id, address_id;
    int64_t sent_message_id;  /* what was sent to the row */
    int64_t contact_id;       /* of the row, or the sender's */
    const char *email;        /* that the row was sent to */
    const char *outbox_state; /* the row is locked until the transaction ends */
    const int64_t *senders;   /* contacts with the sender's address */
    size_t nsenders;
    bool from_other_address; /* an answer whose sender is not whom we wrote to */
};

/* What one look into the store says about a mail. */
struct inbox_look {
    bool sent; /* under its Message-ID we sent something: */
    int64_t sent_outbox, sent_thread, sent_contact;
    int64_t twin;          /* an earlier message with its Message-ID */
    int64_t placed_thread; /* a person put it there */
    int64_t near_thread;   /* a person put what it answers there */
    bool related;          /* it refers to something, or something to it */
    bool answered;         /* we sent something that answers it */
    int64_t *senders;      /* contacts with the sender's address */
    size_t nsenders;
};
int inbox_look(void *mem, struct inbox *inbox, const struct letter *letter, int64_t id,
               struct inbox_look *look_r, struct err *err) MUST_CHECK;
/* Own message back: a Message-ID that only we can make, or one under which we sent something; the match says
 * which. 1/0/-1 */
int inbox_match_own(void *mem, struct inbox *inbox, const struct letter *letter,
                    const struct inbox_look *look, struct inbox_match *match_r, struct err *err) MUST_CHECK;
/* By a token: a keyed id among the answered ids, newest first; for a report ENVID, VERP, returned Message-ID.
 * 1/0/-1 */
int inbox_match_token(void *mem, struct inbox *inbox, const struct letter *letter,
                      const struct inbox_look *look, bool report, struct inbox_match *match_r,
                      struct err *err) MUST_CHECK;
/* By what else the mail says, when neither a token nor its thread did: VERP or plus address; the UID of an
 * event of ours. 1/0/-1 */
int inbox_match_otherwise(void *mem, struct inbox *inbox, const struct letter *letter,
                          struct inbox_match *match, struct err *err) MUST_CHECK;
/* To a row of the outbox. 1/0/-1 */
int inbox_match_row(void *mem, struct inbox *inbox, int64_t outbox, struct inbox_match *match,
                    struct err *err) MUST_CHECK;
/* To the row of the attendee, who was invited to the same event by another letter than the one that is
 * answered; the token of that one says nothing of it. */
int inbox_match_attendee(void *mem, struct inbox *inbox, const struct letter *letter,
                         struct inbox_match *match, struct err *err) MUST_CHECK;
/* Of the ids the first that only we can make names a row of the outbox. */
bool inbox_token_in_ids(const struct inbox *inbox, const struct letter_list *ids, int64_t *outbox_r);
/* Is there any token in it that only we can make? */
bool inbox_has_token(const struct inbox *inbox, const struct letter *letter);
/* Gives the match a thread if it has none yet. */
int inbox_match_thread(struct inbox *inbox, struct inbox_match *match, const char *subject,
                       struct err *err) MUST_CHECK;

#endif
