/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What somebody's calendar says about an event becomes an answer: proposed, unless our own mail server says
 * that it is them (RFC 5546; RFC 6047 2.2).  Who was not invited, who comes for somebody else, and another
 * time are for a person.
 *
 * RFC 5546 2.1.5: of a contact's calendar answers the one with the higher SEQUENCE, then the later DTSTAMP
 * holds; an older one that comes late is kept as rejected.
 */
#include <strings.h>

#include "base/catalog.h"
#include "base/unicode.h"
#include "mail/evidence.h"
#include "mail/inbox_low.h"
#include "mail/intent.h"
#include "sql/inbox.h"

int inbox_add_answer(struct judgement *j, const struct inbox_statement *s, struct err *err)
{
    bool calendar = !strcmp(s->by, "calendar");
    int rc = db_run(j->inbox->db, NULL, err, SQL_INBOX_ADD_ANSWER, db_int(j->match.event_id),
                    db_int(j->match.contact_id), db_text(s->answer), db_text(s->state), db_text(s->by),
                    db_int(j->id), inbox_json(j, s->evidence), calendar ? db_int(s->sequence) : db_null(),
                    db_int_or_null(s->stamp), db_int_or_null(j->match.outbox_id), db_int_or_null(s->persons),
                    db_text(s->instead), db_text(s->rule && *s->rule ? s->rule : NULL));
    return rc < 0 ? -1 : 0;
}

/* NULL: it says nothing.  The short ones are Zimbra's. */
static const char *answer_of_partstat(const char *partstat)
{
    static const char *const table[][2] = {{"ACCEPTED", "accepted"},   {"ACCEPT", "accepted"},
                                           {"AC", "accepted"},         {"DECLINED", "declined"},
                                           {"DECLINE", "declined"},    {"DE", "declined"},
                                           {"TENTATIVE", "tentative"}, {"TE", "tentative"},
                                           {"DELEGATED", "delegated"}, {"DG", "delegated"}};
    for (size_t i = 0; partstat && i < ARRAY_LEN(table); i++)
        if (!strcasecmp(partstat, table[i][0]))
            return table[i][1];
    return NULL;
}

static bool same(const char *a, const char *b)
{
    return a && b && !strcasecmp(a, b);
}

static const char *domain_of(const char *address)
{
    const char *at = address ? strrchr(address, '@') : NULL;
    return at ? at + 1 : NULL;
}

/* SENT-BY stands in the answer, where any writer can name themselves.  It is believed of those who hold the
 * attendee's own letter, and of one at the attendee's domain who is nobody that we write to. */
static bool stands_in(const struct judgement *j, const char *writer)
{
    const struct letter *l = &j->letter;
    if (!same(writer, l->calendar.sent_by))
        return false;
    return j->match.keyed || (same(writer, l->from) && !j->match.nsenders &&
                              same(domain_of(writer), domain_of(l->calendar.attendee)));
}

/* Is it the invited attendee who writes, or who stands in for them, and does our own server say so? */
static bool sender_is_attendee(struct judgement *j, const char **why_r)
{
    const struct letter *l = &j->letter;
    const char *candidate[] = {l->from, l->sender};
    *why_r = N_("the sender is not the invited attendee");
    for (size_t i = 0; i < ARRAY_LEN(candidate); i++)
        if ((same(candidate[i], l->calendar.attendee) || stands_in(j, candidate[i])) &&
            letter_is_authenticated(j->mem, l, j->authserv_id, candidate[i], why_r))
            return true;
    return false;
}

/* The event of the UID, and its row for the attendee.  1; 0 decided otherwise; -1. */
static int find_event(struct judgement *j, int64_t *sequence_r, struct err *err)
{
    DB_ROWS rows = NULL;
    int rc = j->letter.calendar.uid
                 ? db_run(j->inbox->db, &rows, err, SQL_INBOX_EVENT, db_text(j->letter.calendar.uid))
                 : 0;
    if (rc < 0)
        return -1;
    if (rc == 0 || (j->match.event_id && j->match.event_id != db_get_int(rows, 0, "id")))
        return inbox_decide(j, N_("it answers another event than the one that we wrote about"));
    j->match.event_id = db_get_int(rows, 0, "id");
    *sequence_r = db_get_int(rows, 0, "sequence");
    return 1;
}

/* Than an answer that is proved as well as this one: anybody can write a high SEQUENCE.  Programs that repeat
 * the DTSTAMP of the invitation go by the date of their mail. */
static int is_older(struct judgement *j, const struct inbox_statement *s, bool proved, bool *older_r,
                    struct err *err)
{
    DB_ROWS rows = NULL;
    int rc = db_run(j->inbox->db, &rows, err, SQL_INBOX_LAST_CALENDAR_ANSWER, db_int(j->match.event_id),
                    db_int(j->match.contact_id), db_bool(proved));
    *older_r = false;
    if (rc == 1) {
        int64_t sequence = db_get_int_or(rows, 0, "sequence", 0), stamp = db_get_int_or(rows, 0, "stamp", 0),
                date = db_get_int_or(rows, 0, "date", 0);
        bool same_version = s->sequence == sequence;
        *older_r = s->sequence < sequence || (same_version && s->stamp && s->stamp < stamp) ||
                   (same_version && s->stamp == stamp && j->letter.date && j->letter.date < date);
    }
    return rc < 0 ? -1 : 0;
}

/* What the words with it say (NULL: nothing), and how many come. */
static const char *words_of(struct judgement *j, int64_t *persons_r)
{
    const char *text = json_string_value(json_object_get(j->verdict, "reply_text"));
    struct intent intent = intent_propose(j->mem, text ? text : "");
    *persons_r = intent.persons;
    return intent_answer(intent.proposal);
}

/* What keeps it from counting by itself; NULL: nothing. */
static const char *doubt(struct judgement *j, const struct inbox_statement *s, const char *words,
                         int64_t sequence, const char **proof_r)
{
    if (!same(j->letter.calendar.attendee, j->match.email))
        return talloc_asprintf(j->mem, "the answer is of %s, invited was %s", j->letter.calendar.attendee,
                               j->match.email);
    if (!sender_is_attendee(j, proof_r))
        return *proof_r;
    if (s->sequence < sequence)
        return N_("it answers an earlier version of the invitation");
    if (!strcmp(s->answer, "delegated"))
        return N_("somebody else is to come");
    if (words && !strcmp(words, "question"))
        return N_("it asks something");
    if (words && strcmp(words, s->answer) != 0)
        return N_("the words with it say something else");
    return NULL;
}

void inbox_add_evidence(json_t *evidence, const char *where, const char *text)
{
    if (text && *text)
        evidence_add(evidence, where, text);
}

static int add_reply(struct judgement *j, const char *answer, int64_t sequence, struct err *err)
{
    const struct letter_calendar *c = &j->letter.calendar;
    struct inbox_statement s = {.answer = answer,
                                .by = "calendar",
                                .sequence = c->sequence,
                                .stamp = c->stamp,
                                .instead = c->delegated_to,
                                .evidence = json_array()};
    const char *words = words_of(j, &s.persons), *proof = NULL, *why = doubt(j, &s, words, sequence, &proof);
    bool older;
    if (is_older(j, &s, !why, &older, err) < 0) {
        json_decref(s.evidence);
        return -1;
    }
    s.state = older ? "rejected" : why ? "proposed" : "confirmed";
    inbox_add_evidence(s.evidence, "PARTSTAT", c->partstat);
    inbox_add_evidence(s.evidence, older ? "DTSTAMP" : "Authentication-Results",
                       older ? "older than an answer that came before"
                       : why ? why
                             : proof);
    inbox_add_evidence(s.evidence, "DELEGATED-TO", c->delegated_to);
    inbox_add_evidence(s.evidence, "text", json_string_value(json_object_get(j->verdict, "reply_text")));
    if (inbox_add_answer(j, &s, err) < 0)
        return -1;
    return !older && why ? inbox_decide(j, "%s", why) : 0;
}

/* ---- what is for a person */

/* What is about somebody invited and counts when a person says so. */
static int propose(struct judgement *j, const char *answer, const char *instead, json_t *evidence,
                   struct err *err)
{
    const struct letter_calendar *c = &j->letter.calendar;
    struct inbox_statement s = {.answer = answer,
                                .state = "proposed",
                                .by = "calendar",
                                .sequence = c->sequence,
                                .stamp = c->stamp,
                                .instead = instead,
                                .evidence = evidence};
    return inbox_add_answer(j, &s, err);
}

/* "2027-03-18 10:00", in the office's zone where the calendar says which it means. */
static const char *time_text(struct judgement *j, const json_t *t)
{
    if (!json_is_integer(t))
        return json_is_string(t) ? json_string_value(t) : "?";
    struct unicode_clock c = unicode_clock_of(json_integer_value(t), j->inbox->conf->office.time_zone);
    return talloc_asprintf(j->mem, "%04d-%02d-%02d %02d:%02d", c.year, c.month, c.day, c.hour, c.minute);
}

/* Another time: it says perhaps as much, and is no answer to ours. */
static int counter(struct judgement *j, struct err *err)
{
    const struct letter_calendar *c = &j->letter.calendar;
    const char *answer = answer_of_partstat(c->partstat),
               *when = talloc_asprintf(j->mem, "%s – %s", time_text(j, c->start), time_text(j, c->end));
    json_t *evidence = json_array();
    inbox_add_evidence(evidence, "COUNTER", when);
    inbox_add_evidence(evidence, "PARTSTAT", c->partstat);
    inbox_add_evidence(evidence, "COMMENT", c->comment);
    if (propose(j, answer ? answer : "question", NULL, evidence, err) < 0)
        return -1;
    return inbox_decide(j, "proposes another time: %s", when);
}

/* Somebody who was not invited: perhaps one whom somebody invited sends (RFC 5546 3.2.2.3). */
static int not_invited(struct judgement *j, const char *answer, struct err *err)
{
    const struct letter_calendar *c = &j->letter.calendar;
    const char *who = c->attendee ? c->attendee : "somebody who";
    struct letter sender = j->letter;
    struct inbox_match match = j->match;
    sender.calendar.attendee = c->delegated_from;
    if (c->delegated_from && inbox_match_attendee(j->mem, j->inbox, &sender, &match, err) < 0)
        return -1;
    if (!c->delegated_from || !match.contact_id || !same(match.email, c->delegated_from))
        return inbox_decide(j, "%s was not invited", who);
    j->match = match;
    if (answer && !strcmp(answer, "declined"))
        return inbox_decide(j, "%s, whom %s sends, does not come", who, c->delegated_from);
    json_t *evidence = json_array();
    inbox_add_evidence(evidence, "DELEGATED-FROM", c->delegated_from);
    inbox_add_evidence(evidence, "PARTSTAT", c->partstat);
    if (propose(j, "delegated", c->name ? c->name : c->attendee, evidence, err) < 0)
        return -1;
    return inbox_decide(j, "%s comes in place of %s", who, c->delegated_from);
}

int inbox_answer_calendar(struct judgement *j, struct err *err)
{
    const struct letter_calendar *c = &j->letter.calendar;
    int64_t sequence = 0;
    int rc = inbox_settle(j, "delivered", "answer", err) < 0 ? -1 : find_event(j, &sequence, err);
    if (rc <= 0)
        return rc;
    if (inbox_match_attendee(j->mem, j->inbox, &j->letter, &j->match, err) < 0)
        return -1;
    const char *answer = answer_of_partstat(c->partstat);
    bool invited = j->match.outbox_id && j->match.contact_id;
    if (c->kind == CALENDAR_REFRESH)
        return inbox_decide(j, N_("asks for the invitation again"));
    if (c->kind == CALENDAR_DECLINECOUNTER)
        return inbox_decide(j, N_("refuses another time, which we did not propose"));
    if (c->kind == CALENDAR_REPLY && (!answer || !c->alone))
        return inbox_decide(j, N_("the calendar answer says nothing that is understood"));
    if (!invited || (c->delegated_from && !same(j->match.email, c->attendee)))
        return not_invited(j, answer, err);
    return c->kind == CALENDAR_COUNTER ? counter(j, err) : add_reply(j, answer, sequence, err);
}
