/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What somebody says about an event becomes an answer: proposed, unless their calendar says it and our own
 * mail server says that it is them (RFC 5546; RFC 6047 2.2).  Words are always proposed: a person confirms.
 *
 * RFC 5546 2.1.5: of a contact's calendar answers the one with the higher SEQUENCE, then the later DTSTAMP
 * holds; an older one that comes late is kept as rejected.
 */
#include <strings.h>

#include "base/catalog.h"
#include "mail/inbox_low.h"
#include "sql/inbox.h"

struct statement {
    const char *answer, *state, *by;
    json_t *evidence; /* dropped by add_answer */
    int64_t sequence, stamp;
};

static int add_answer(struct judgement *j, const struct statement *s, struct err *err)
{
    bool calendar = !strcmp(s->by, "calendar");
    int rc = db_run(j->inbox->db, NULL, err, SQL_INBOX_ADD_ANSWER, db_int(j->match.event_id),
                    db_int(j->match.contact_id), db_text(s->answer), db_text(s->state), db_text(s->by),
                    db_int(j->id), inbox_json(j, s->evidence), calendar ? db_int(s->sequence) : db_null(),
                    db_int_or_null(s->stamp), db_int_or_null(j->match.outbox_id));
    return rc < 0 ? -1 : 0;
}

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

/* ---- words */

/* NULL: the words propose nothing. */
static const char *answer_of_proposal(const char *proposal)
{
    static const char *const table[][2] = {{"accept", "accepted"},
                                           {"decline", "declined"},
                                           {"tentative", "tentative"},
                                           {"delegate", "delegated"},
                                           {"question", "question"}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (proposal && !strcmp(proposal, table[i][0]))
            return table[i][1];
    return NULL;
}

int inbox_answer_words(struct judgement *j, struct err *err)
{
    const char *was;
    const json_t *intent = json_object_get(j->verdict, "intent");
    if (!j->match.event_id || !j->match.contact_id)
        return inbox_decide(j, N_("somebody writes about a letter of ours"));
    const char *answer = answer_of_proposal(json_string_value(json_object_get(intent, "proposal")));
    const char *words = json_string_value(json_object_get(intent, "words"));
    if (!answer)
        return inbox_decide(j, N_("it says neither yes nor no"));
    struct statement s = {.answer = answer,
                          .state = "proposed",
                          .by = "words",
                          .evidence = json_pack("[{s:s, s:s}]", "where", "text", "text", words ? words : "")};
    if (j->match.from_other_address)
        json_array_append_new(s.evidence, json_pack("{s:s, s:s}", "where", "From", "text", j->letter.from));
    if (add_answer(j, &s, err) < 0 || confirmed_otherwise(j, answer, &was, err) < 0)
        return -1;
    if (was)
        return inbox_decide(j, "\"%s\" was confirmed before, now it says \"%s\"", was, answer);
    if (j->match.from_other_address && !j->match.keyed)
        return inbox_decide(j, N_("somebody writes about a letter of ours"));
    if (!strcmp(answer, "question"))
        return inbox_decide(j, N_("it asks something"));
    return !strcmp(answer, "delegated") ? inbox_decide(j, N_("somebody else is to come")) : 0;
}

/* ---- calendar */

static const char *answer_of_partstat(const char *partstat)
{
    static const char *const table[][2] = {{"ACCEPTED", "accepted"},
                                           {"DECLINED", "declined"},
                                           {"TENTATIVE", "tentative"},
                                           {"DELEGATED", "delegated"}};
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
            letter_is_authenticated(j->mem, l, j->account ? j->account->authserv_id : NULL, candidate[i],
                                    why_r))
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

/* Than an answer that is proved as well as this one: anybody can write a high SEQUENCE. */
static int is_older(struct judgement *j, const struct statement *s, bool proved, bool *older_r,
                    struct err *err)
{
    DB_ROWS rows = NULL;
    int rc = db_run(j->inbox->db, &rows, err, SQL_INBOX_LAST_CALENDAR_ANSWER, db_int(j->match.event_id),
                    db_int(j->match.contact_id), db_bool(proved));
    *older_r = false;
    if (rc == 1) {
        int64_t sequence = db_get_int_or(rows, 0, "sequence", 0), stamp = db_get_int_or(rows, 0, "stamp", 0);
        *older_r = s->sequence < sequence || (s->sequence == sequence && s->stamp && s->stamp < stamp);
    }
    return rc < 0 ? -1 : 0;
}

/* What keeps it from counting by itself; NULL: nothing. */
static const char *doubt(struct judgement *j, const struct statement *s, int64_t sequence,
                         const char **proof_r)
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
    return NULL;
}

static int add_reply(struct judgement *j, const char *answer, int64_t sequence, struct err *err)
{
    const struct letter_calendar *c = &j->letter.calendar;
    struct statement s = {.answer = answer, .by = "calendar", .sequence = c->sequence, .stamp = c->stamp};
    const char *proof = NULL, *why = doubt(j, &s, sequence, &proof);
    bool older;
    if (is_older(j, &s, !why, &older, err) < 0)
        return -1;
    s.state = older ? "rejected" : why ? "proposed" : "confirmed";
    s.evidence = json_pack("[{s:s, s:s}, {s:s, s:s}]", "where", "PARTSTAT", "text", c->partstat, "where",
                           older ? "DTSTAMP" : "Authentication-Results", "text",
                           older ? "older than an answer that came before"
                           : why ? why
                                 : proof);
    if (add_answer(j, &s, err) < 0)
        return -1;
    return !older && why ? inbox_decide(j, "%s", why) : 0;
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
    if (same(c->method, "COUNTER"))
        return inbox_decide(j, N_("proposes another time"));
    if (same(c->method, "REFRESH"))
        return inbox_decide(j, N_("asks for the invitation again"));
    const char *answer = answer_of_partstat(c->partstat);
    if (!answer || c->nattendees != 1)
        return inbox_decide(j, N_("the calendar answer says nothing that is understood"));
    if (!j->match.outbox_id || !j->match.contact_id)
        return inbox_decide(j, "%s was not invited", c->attendee ? c->attendee : "somebody who");
    return add_reply(j, answer, sequence, err);
}
