/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between inbox.c (the judging), inbox_effect.c (what a report does), inbox_answer.c (what an answer says),
 * inbox_unsubscribe.c and inbox_again.c (judging once more).
 */
#ifndef MAIL_INBOX_LOW_H
#define MAIL_INBOX_LOW_H

#include <jansson.h>

#include "mail/inbox_match.h"
#include "mail/message.h"
#include "mail/unsubscribe.h"

/* One message while it is judged; all of it lives in mem and ends with the transaction. */
struct judgement {
    void *mem;
    struct inbox *inbox;
    int64_t id;
    const char *authserv_id; /* of the server whose word about senders counts; NULL: nobody's */
    json_t *facts, *verdict;
    const char *class;
    struct letter letter;
    struct inbox_look look;
    struct inbox_match match;
    bool copy;            /* of what we sent, by its Message-ID */
    bool has_unsubscribe; /* a token that unsubscribes is in it */
    struct unsubscribe_request unsubscribe;
    struct letter_list people; /* whom From, To and Cc name, in small letters, but ourselves */
    bool believed;             /* that they take part in its thread */
    const char *state, *why;   /* the outcome; why is set where state is 'decide' */
    json_t *proposal;          /* then: what it may belong to; or NULL */
};

/* Nothing can be judged now, whatever the message. */
bool inbox_is_ours_to_end(const struct err *err);
enum { MESSAGE_WAITS = 2 };
/* The letter and the verdict out of the facts; the caller drops the verdict. */
void inbox_read_verdict(struct judgement *j);
/* What follows from it, and the message filed. 0, MESSAGE_WAITS (nothing to keep), or -1. */
int inbox_act(struct judgement *j, struct err *err) MUST_CHECK;
/* What follows for one that has no kin, no token and nothing else that could be looked up
 * (mail/inbox_early.c): all but inbox_propose. */
int inbox_act_alone(struct judgement *j, struct err *err) MUST_CHECK;
/* What its row is to say; what it says of the address may make it somebody's task. */
struct message_filing inbox_filing(struct judgement *j);
int inbox_file_message(struct judgement *j, struct err *err) MUST_CHECK;
/* What of the facts is worth keeping beside the raw mail: all but texts and headers. */
json_t *inbox_facts_to_keep(const json_t *facts);
/* The server whose word counts: that of the account where the message lies.  Where several have it (a comma
 * between), it is not known whose bytes were kept, and only servers of one name count.  NULL: nobody's. */
const char *inbox_authserv_id(const struct conf *conf, const char *accounts);
/* The parser gets to work on the row's message (id, size, bytes where they came along). */
int inbox_parse(struct inbox *inbox, const struct db_rows *rows, int row, struct err *err) MUST_CHECK;

/* state 'decide' */
int inbox_decide(struct judgement *j, const char *fmt, ...) PRINTF(2, 3);
/* Moves the row from one of the states that let `to` follow; `by`: dsn, answer. */
int inbox_settle(struct judgement *j, const char *to, const char *by, struct err *err) MUST_CHECK;
/* The record that an effect leaves behind: {"message", "class", "by"} and what the caller adds. */
json_t *inbox_evidence(const struct judgement *j);
const char *inbox_json_text(const struct judgement *j, json_t *value); /* drops value; NULL for NULL */
struct db_arg inbox_json(const struct judgement *j, json_t *value);    /* the same */

/* inbox_own.c: our own message back; 1/0/-1. The class is 'own', or the state 'decide' */
int inbox_own(struct judgement *j, struct err *err) MUST_CHECK;
int inbox_own_effect(struct judgement *j, struct err *err) MUST_CHECK;

/* inbox_thread.c: what belongs together */

/* Fills people. */
void inbox_thread_people(struct judgement *j);
/* Joins the message to its kin; and when that is a thread of ours, the match says so: by "references", or
 * "number". 1/0/-1 */
int inbox_thread_kept(struct judgement *j, struct err *err) MUST_CHECK;
/* Gives what was matched a thread, and joins to that what belongs to it. */
int inbox_thread_matched(struct judgement *j, struct err *err) MUST_CHECK;
/* Joins what we sent to what it answers; in a transaction of its own. */
int inbox_thread_sent(struct inbox *inbox, struct err *err) MUST_CHECK;

/* inbox_propose.c: what a message may belong to, when a person has to say it */
int inbox_propose(struct judgement *j, struct err *err) MUST_CHECK;
/* The same for some (at least one) that have no kin and forward nothing, with one statement: *rows_r is there
 * when the database has settled. */
int inbox_propose_send(void *mem, struct judgement *const *j, size_t n, struct db_rows **rows_r,
                       struct err *err) MUST_CHECK;
void inbox_propose_take(struct judgement *const *j, size_t n, const struct db_rows *rows);

/* inbox_effect.c: a report about a letter of ours */
int inbox_effect_bounce(struct judgement *j, struct err *err) MUST_CHECK;
int inbox_effect_delay(struct judgement *j, struct err *err) MUST_CHECK;
int inbox_effect_delivered(struct judgement *j, struct err *err) MUST_CHECK;

/* inbox_words.c, inbox_answer.c: what somebody says about an event, in words or by their calendar */
struct inbox_statement {
    const char *answer, *state, *by;
    json_t *evidence;        /* dropped by inbox_add_answer */
    int64_t sequence, stamp; /* of a calendar; stamp 0: not said */
    const char *rule;        /* that read the words */
    const char *instead;     /* who comes; NULL */
    int64_t persons;         /* 0: not said */
};
int inbox_add_answer(struct judgement *j, const struct inbox_statement *s, struct err *err) MUST_CHECK;
void inbox_add_evidence(json_t *evidence, const char *where, const char *text); /* nothing for NULL or "" */
int inbox_answer_words(struct judgement *j, struct err *err) MUST_CHECK;
int inbox_answer_calendar(struct judgement *j, struct err *err) MUST_CHECK;

/* inbox_unsubscribe.c: whoever shows a token is off the list */
int inbox_unsubscribe(struct judgement *j, struct err *err) MUST_CHECK;

#endif
