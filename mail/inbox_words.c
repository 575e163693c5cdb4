/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What somebody writes about an event in words.  A person confirms it; without one it counts where the rule
 * that read it has proved itself (mail/answer_rule.h), the words say nothing else, and it is the
 * invited who writes, which our own mail server says.
 */
#include <strings.h>

#include "base/catalog.h"
#include "base/json_text.h"
#include "mail/answer_rule.h"
#include "mail/classify.h"
#include "mail/inbox_low.h"
#include "mail/intent.h"
#include "sql/inbox.h"

/* An answer that is confirmed and says something else; NULL: there is none. */
static int confirmed_otherwise(struct judgement *j, const char *answer, const char **was_r, struct err *err)
{
    DB_ROWS rows = NULL;
    *was_r = NULL;
    int rc = db_run(j->inbox->db, &rows, err, SQL_INBOX_CONFIRMED_ANSWER, db_int(j->match.event_id),
                    db_int(j->match.contact_id));
    if (rc == 1 && strcmp(db_get_str(rows, 0, "answer"), answer))
        *was_r = talloc_strdup(j->mem, db_get_str(rows, 0, "answer"));
    return rc < 0 ? -1 : 0;
}

/* The words, where they stand in the reply's text, and the rule. */
static json_t *evidence_of(const struct judgement *j, const json_t *intent)
{
    json_t *evidence = json_array(), *words = json_pack("{s:s}", "where", "text");
    json_object_set_new(words, "text", json_string(json_text(intent, "words")));
    static const char *const keys[] = {"rule", "start", "length"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        if (json_object_get(intent, keys[i]))
            json_object_set(words, keys[i], json_object_get(intent, keys[i]));
    json_array_append_new(evidence, words);
    inbox_add_evidence(evidence, "persons", json_text(intent, "persons_words"));
    if (j->match.from_other_address)
        inbox_add_evidence(evidence, "From", j->letter.from);
    return evidence;
}

/* 1: it needs no person; 0; -1. */
static int counts_by_itself(struct judgement *j, const json_t *intent, const struct inbox_statement *s,
                            struct err *err)
{
    const char *proof, *from = j->letter.from;
    bool bare = !strcmp(s->answer, "accepted") || !strcmp(s->answer, "declined");
    if (!bare || !json_is_true(json_object_get(intent, "plain")) || j->match.from_other_address || !from ||
        !j->match.email || strcasecmp(from, j->match.email) != 0)
        return 0;
    int confirmed = answer_rule_find(j->inbox->db, s->rule, err);
    if (confirmed <= 0)
        return confirmed;
    if (!letter_is_authenticated(j->mem, &j->letter, j->authserv_id, from, &proof))
        return 0;
    inbox_add_evidence(s->evidence, "rule",
                       talloc_asprintf(j->mem, "times confirmed: %d, never wrong", confirmed));
    inbox_add_evidence(s->evidence, "Authentication-Results", proof);
    return 1;
}

/* Why a person has to look at it, whatever it says; 0: not at all. */
static int decide_words(struct judgement *j, const char *answer, const char *was)
{
    if (was)
        return inbox_decide(j, "\"%s\" was confirmed before, now it says \"%s\"", was, answer);
    if (j->match.from_other_address && !j->match.keyed)
        return inbox_decide(j, N_("somebody writes about a letter of ours"));
    if (!strcmp(answer, "question"))
        return inbox_decide(j, N_("it asks something"));
    return !strcmp(answer, "delegated") ? inbox_decide(j, N_("somebody else is to come")) : 0;
}

int inbox_answer_words(struct judgement *j, struct err *err)
{
    const char *was;
    if (!j->match.event_id || !j->match.contact_id)
        return inbox_decide(j, N_("somebody writes about a letter of ours"));
    classify_intent(j->verdict);
    const json_t *intent = json_object_get(j->verdict, "intent");
    const char *answer = intent_answer(json_string_value(json_object_get(intent, "proposal")));
    if (!answer)
        return inbox_decide(j, N_("it says neither yes nor no"));
    if (confirmed_otherwise(j, answer, &was, err) < 0)
        return -1;
    struct inbox_statement s = {.answer = answer,
                                .by = "words",
                                .rule = json_string_value(json_object_get(intent, "rule")),
                                .persons = json_integer_value(json_object_get(intent, "persons")),
                                .evidence = evidence_of(j, intent)};
    int itself = was ? 0 : counts_by_itself(j, intent, &s, err);
    s.state = itself == 1 ? "confirmed" : "proposed";
    if (itself < 0)
        json_decref(s.evidence);
    if (itself < 0 || inbox_add_answer(j, &s, err) < 0)
        return -1;
    return decide_words(j, answer, was);
}
