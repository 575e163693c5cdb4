/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between inbox.c (the judging), inbox_effect.c (what a report does), inbox_answer.c (what an answer says)
 * and inbox_unsubscribe.c.
 */
#ifndef MAIL_INBOX_LOW_H
#define MAIL_INBOX_LOW_H

#include <jansson.h>

#include "mail/inbox_match.h"
#include "mail/unsubscribe.h"

/* One message while it is judged; all of it lives in mem and ends with the transaction. */
struct judgement {
    void *mem;
    struct inbox *inbox;
    int64_t id;
    const struct conf_imap *account; /* NULL: of no mailbox that is configured */
    json_t *facts, *verdict;
    const char *class;
    struct letter letter;
    struct inbox_look look;
    struct inbox_match match;
    bool has_unsubscribe; /* a token that unsubscribes is in it */
    struct unsubscribe_request unsubscribe;
    const char *state, *why; /* the outcome; why is set where state is 'decide' */
};

/* state 'decide' */
int inbox_decide(struct judgement *j, const char *fmt, ...) PRINTF(2, 3);
/* Moves the row from one of the states that let `to` follow; `by`: dsn, answer. */
int inbox_settle(struct judgement *j, const char *to, const char *by, struct err *err) MUST_CHECK;
/* The record that an effect leaves behind: {"message", "class", "by"} and what the caller adds. */
json_t *inbox_evidence(const struct judgement *j);
struct db_arg inbox_json(struct judgement *j, json_t *value); /* drops value */

/* inbox_effect.c: a report about a letter of ours */
int inbox_effect_bounce(struct judgement *j, struct err *err) MUST_CHECK;
int inbox_effect_delay(struct judgement *j, struct err *err) MUST_CHECK;
int inbox_effect_delivered(struct judgement *j, struct err *err) MUST_CHECK;

/* inbox_answer.c: what somebody says about an event */
int inbox_answer_words(struct judgement *j, struct err *err) MUST_CHECK;
int inbox_answer_calendar(struct judgement *j, struct err *err) MUST_CHECK;

/* inbox_unsubscribe.c: whoever shows a token is off the list */
int inbox_unsubscribe(struct judgement *j, struct err *err) MUST_CHECK;

#endif
