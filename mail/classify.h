/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What an inbound mail is, and by which words: a pure function of its facts (mail/wire/facts.h).
 *
 * The verdict is an object:
 *   class        human, auto-reply, bounce, delay, delivered, complaint, calendar, unsubscribe, disposition
 *   rule         stable id of the rule that decided (mail/rule.def)
 *   evidence     [{"where", "text"}]
 *   recipients   bounce, delay, delivered, complaint: [{"address", "action", "status", "smtp", "hard",
 *                "again", "reason", "rule"}]; the last four as in mail/bounce.h
 *   system       bounce, delay in words: whose, an id of mail/bounce.def
 *   envelope_id  as the report gives it
 *   returned     {"message_id", ...} of the message that came back
 *   feedback_type, disposition ("displayed", "deleted", "denied", "failed" ...), strength ("token", "words")
 *   calendar     {"method", "uid", "sequence", "stamp", "recurrence_id", "attendee", "partstat", "comment",
 *                "delegated_to", "delegated_from", "sent_by", "start", "end"}, of any calendar in it,
 * whatever the class intent       human: {"proposal", "words", "start", "length", "rule", "plain", "persons",
 * "persons_words"} (mail/intent.h) notice       human, auto-reply: {"kind", "words", "address", "name"}
 * (mail/notice.h) reply_text   human, calendar, unsubscribe, auto-reply from         address; message_id,
 * in_reply_to, references What does not apply is absent.
 */
#ifndef MAIL_CLASSIFY_H
#define MAIL_CLASSIFY_H

#include <jansson.h>

#include "base/mem.h"

/* What only the database and the keys know; NULL where there are none: then no token is valid and each UID
 * ours. */
struct classify_context {
    /* where a valid token that unsubscribes was found, "address" or "header Subject", and that; or NULL */
    const char *unsubscribe_where, *unsubscribe_text;
    bool (*uid_is_ours)(const char *uid, void *arg);
    void *arg;
    bool intent_later; /* it is asked for where it matters: most mail speaks of no event */
};
/* The caller drops the verdict with json_decref. */
json_t *classify_mail(const json_t *facts, const struct classify_context *context);
/* Adds the intent to a human's verdict, and its words to the evidence. */
void classify_intent(json_t *verdict);

#endif
