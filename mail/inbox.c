/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Messages are judged in batches of one commit; when a batch fails, each of it is judged alone, and what
 * fails alone is parked.  The row of the outbox that a message speaks of is locked until the commit.  While
 * its outcome is being written by a worker (submitting) nothing can be settled, so the message waits for the
 * next run.
 */
#include "mail/inbox.h"

#include <strings.h>

#include "base/catalog.h"
#include "base/json_text.h"
#include "base/log.h"
#include "base/unicode.h"
#include "mail/classify.h"
#include "mail/inbox_low.h"
#include "mail/message.h"
#include "mail/rule.h"
#include "sql/inbox.h"

enum { BATCH = 50 };

/* ---- what the effects share */

int inbox_decide(struct judgement *j, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    j->why = talloc_vasprintf(j->mem, fmt, ap);
    va_end(ap);
    j->state = "decide";
    return 0;
}

const char *inbox_json_text(const struct judgement *j, json_t *value)
{
    if (!value)
        return NULL;
    char *s = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(value);
    must(s);
    const char *copy = talloc_strdup(j->mem, s);
    free(s);
    return copy;
}

struct db_arg inbox_json(const struct judgement *j, json_t *value)
{
    return db_text(inbox_json_text(j, value));
}

json_t *inbox_evidence(const struct judgement *j)
{
    return json_pack("{s:I, s:s, s:s}", "message", (json_int_t)j->id, "class", j->class, "by", j->match.by);
}

int inbox_settle(struct judgement *j, const char *to, const char *by, struct err *err)
{
    /* an answer proves that the letter arrived, but only an unknown outcome asks for the proof */
    static const char *const by_answer[] = {"unknown", "left"}, *const by_dsn[] = {"accepted", "unknown",
                                                                                   "left"};
    bool dsn = !strcmp(by, "dsn");
    if (!j->match.keyed)
        return 0;
    int rc = db_run(j->inbox->db, NULL, err, SQL_INBOX_SETTLE, db_int(j->match.outbox_id), db_text(to),
                    db_text(by), inbox_json(j, inbox_evidence(j)),
                    db_texts(j->mem, dsn ? by_dsn : by_answer, dsn ? 3 : 2));
    if (rc > 0 && db_run(j->inbox->db, NULL, err, SQL_INBOX_FINISH_MAILING, db_int(j->match.mailing_id)) < 0)
        return -1;
    return rc < 0 ? -1 : 0;
}

/* ---- effects by class */

static int effect_human(struct judgement *j, struct err *err)
{
    if (inbox_settle(j, "delivered", "answer", err) < 0)
        return -1;
    if (j->match.keyed && !j->match.from_other_address && j->match.address_id &&
        db_run(j->inbox->db, NULL, err, SQL_INBOX_ADDRESS_GOOD, db_int(j->match.address_id),
               inbox_json(j, inbox_evidence(j))) < 0)
        return -1;
    return inbox_answer_words(j, err);
}

static int effect_arrived(struct judgement *j, struct err *err)
{
    return inbox_settle(j, "delivered", "answer", err);
}

/* A person's answer that reads like a machine's would be lost among what is filed: who has only the words
 * asks. */
static int effect_automatic(struct judgement *j, struct err *err)
{
    const char *rule = json_text_or_null(j->verdict, "rule");
    if (effect_arrived(j, err) < 0)
        return -1;
    return strcmp(rule, rules[RULE_WEAK_SIGNS].id)
               ? 0
               : inbox_decide(j, N_("its words alone say that it is automatic"));
}

static int effect_unsubscribe(struct judgement *j, struct err *err)
{
    return inbox_settle(j, "delivered", "answer", err) < 0 ? -1
                                                           : inbox_decide(j, N_("asks for no more mail"));
}

static int effect_complaint(struct judgement *j, struct err *err)
{
    return inbox_settle(j, "delivered", "answer", err) < 0 ? -1
                                                           : inbox_decide(j, N_("marked our letter as spam"));
}

static const struct {
    const char *class;
    int (*effect)(struct judgement *j, struct err *err);
    bool report; /* about a letter of ours, rather than an answer to it */
} classes[] = {
    {"human", effect_human, false},
    {"calendar", inbox_answer_calendar, false},
    {"auto-reply", effect_automatic, false},
    {"bounce", inbox_effect_bounce, true},
    {"delivered", inbox_effect_delivered, true},
    {"delay", inbox_effect_delay, true},
    {"disposition", effect_arrived, true},
    {"complaint", effect_complaint, true},
    {"unsubscribe", effect_unsubscribe, false},
};

static size_t class_index(const char *class)
{
    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        if (!strcmp(classes[i].class, class))
            return i;
    bug("class %s", class);
}

/* One contact writes: what it may be about is for a person to say. */
static int known_contact_writes(struct judgement *j, struct err *err)
{
    DB_ROWS rows = NULL;
    int rc = db_run(j->inbox->db, &rows, err, SQL_INBOX_LAST_MAILING, db_int(j->match.senders[0]));
    if (rc < 0)
        return -1;
    if (rc == 0)
        return inbox_decide(j, N_("a known contact writes, but we wrote nothing that it could answer"));
    return inbox_decide(
        j, "a known contact writes, but no id says what it answers; mailing %lld was the last one",
        (long long)db_get_int(rows, 0, "mailing_id"));
}

static int nothing_found(struct judgement *j, struct err *err)
{
    if (classes[class_index(j->class)].report)
        return inbox_decide(j, N_("it speaks of no letter that we sent, by any id that only we can make"));
    if (j->letter.original.from)
        return inbox_decide(j, "it forwards what %s wrote", j->letter.original.from);
    if (j->match.nsenders == 1)
        return known_contact_writes(j, err);
    if (j->match.nsenders > 1)
        return inbox_decide(j, "%zu contacts have the sender's address, and it answers nothing that we sent",
                            j->match.nsenders);
    return inbox_decide(j, N_("the sender is unknown, and it answers nothing that we sent"));
}

/* A second message under a known id. */
static bool is_twin(struct judgement *j)
{
    if (j->look.twin)
        inbox_decide(j, "message %lld has the same Message-ID and another content", (long long)j->look.twin);
    return j->look.twin != 0;
}

static bool being_sent(const struct inbox_match *m)
{
    return m->keyed && !strcmp(m->outbox_state, "submitting");
}

/* The token, else its thread, else what else it says. */
static int find_match(struct judgement *j, bool report, struct err *err)
{
    struct inbox_match *m = &j->match;
    int rc = inbox_match_token(j->mem, j->inbox, &j->letter, &j->look, report, m, err);
    if (rc == 0)
        rc = inbox_thread_kept(j, err);
    if (rc == 0)
        rc = inbox_match_otherwise(j->mem, j->inbox, &j->letter, m, err);
    if (rc >= 0 && !m->contact_id && m->nsenders == 1)
        m->contact_id = m->senders[0];
    if (m->by && !strcmp(m->by, "event-uid") &&
        (!m->email || strcasecmp(m->email, j->letter.from ? j->letter.from : "")))
        j->believed = false;
    return rc < 0 ? -1 : 0;
}

/* Nothing is known but who may have written it. */
static void match_sender(struct judgement *j)
{
    j->match = (struct inbox_match){.senders = j->look.senders, .nsenders = j->look.nsenders};
    if (j->look.nsenders == 1)
        j->match.contact_id = j->look.senders[0];
}

/* What it may belong to is for a person to say. */
static int set_apart(struct judgement *j, struct err *err)
{
    const struct inbox_match *m = &j->match;
    int64_t thread = m->thread_id;
    match_sender(j);
    if (inbox_propose(j, err) < 0)
        return -1;
    if (thread) {
        if (!j->proposal)
            j->proposal = json_pack("{s:[]}", "evidence");
        json_object_set_new(j->proposal, "thread", json_integer(thread));
    }
    return 0;
}

static int effect_of(struct judgement *j, size_t class, int own, struct err *err)
{
    struct inbox_match *m = &j->match;
    if (!m->by)
        return own ? 0 : nothing_found(j, err);
    if (inbox_thread_matched(j, err) < 0)
        return -1;
    if (own)
        return inbox_own_effect(j, err);
    if (classes[class].effect(j, err) < 0)
        return -1;
    if (m->from_other_address && !strcmp(j->class, "human") && !strcmp(j->state, "filed"))
        inbox_decide(j, "%s answers the letter to %s", j->letter.from, m->email);
    return 0;
}

int inbox_act_alone(struct judgement *j, struct err *err)
{
    bool report = classes[class_index(j->class)].report;
    match_sender(j);
    if (report || letter_is_denied(j->mem, &j->letter, j->authserv_id))
        j->believed = false;
    return nothing_found(j, err);
}

static int give_effect(struct judgement *j, struct err *err)
{
    size_t i = class_index(j->class);
    int own = inbox_look(j->mem, j->inbox, &j->letter, j->id, &j->look, err) < 0 ? -1 : inbox_own(j, err);
    if (own < 0)
        return -1;
    bool by_token = !own && j->has_unsubscribe && !strcmp(j->class, "unsubscribe");
    bool twin = !own && !by_token && is_twin(j);
    if (twin || classes[i].report || letter_is_denied(j->mem, &j->letter, j->authserv_id))
        j->believed = false;
    if (!j->match.by && find_match(j, classes[i].report, err) < 0)
        return -1;
    if (twin || (own && !strcmp(j->state, "decide")))
        return set_apart(j, err);
    if (being_sent(&j->match))
        return MESSAGE_WAITS;
    if (by_token)
        return inbox_unsubscribe(j, err);
    return effect_of(j, i, own, err) < 0 ? -1 : inbox_propose(j, err);
}

/* ---- one message */

static bool uid_is_ours(const char *uid, void *arg)
{
    struct judgement *j = arg;
    struct err ignored; /* a connection that is lost shows at the next statement */
    return db_run(j->inbox->db, NULL, &ignored, SQL_INBOX_EVENT, db_text(uid)) == 1;
}

void inbox_read_verdict(struct judgement *j)
{
    struct calendar_answer answer = calendar_answer(j->facts, uid_is_ours, j);
    letter_read(j->mem, j->facts, &j->letter);
    letter_read_calendar(&answer, &j->letter.calendar);
    if (inbox_is_own(j->inbox->conf, j->letter.original.from))
        j->letter.original.from = NULL;
    inbox_thread_people(j);
    j->believed = true;
    j->has_unsubscribe =
        unsubscribe_find_in_letter(j->mem, j->inbox->ring, j->inbox->conf, &j->letter, &j->unsubscribe);
    struct classify_context context = {.uid_is_ours = uid_is_ours,
                                       .arg = j,
                                       .intent_later = true,
                                       .unsubscribe_where = j->unsubscribe.where,
                                       .unsubscribe_text = j->unsubscribe.text};
    j->verdict = classify_mail(j->facts, &context);
    j->class = json_text_or_null(j->verdict, "class");
    j->state = "filed";
}

int inbox_act(struct judgement *j, struct err *err)
{
    int rc = give_effect(j, err);
    if (rc == 0)
        rc = inbox_file_message(j, err);
    json_decref(j->proposal);
    j->proposal = NULL;
    return rc;
}

static int judge_facts(struct judgement *j, struct err *err)
{
    inbox_read_verdict(j);
    int rc = inbox_act(j, err);
    json_decref(j->verdict);
    return rc;
}

static int park(struct inbox *inbox, int64_t id, const char *why, struct err *err)
{
    char text[sizeof err->text];
    snprintf(text, sizeof text, "%s", unicode_or(why, "it cannot be parsed"));
    log_warning("message %lld is parked: %s", (long long)id, text);
    return db_run(inbox->db, NULL, err, SQL_INBOX_PARK, db_int(id), db_text(text)) < 0 ? -1 : 0;
}

int inbox_parse(struct inbox *inbox, const struct db_rows *rows, int row, struct err *err)
{
    MEM_SCOPE(mem);
    char *raw;
    size_t len;
    struct spool *spool;
    int64_t id = db_get_int(rows, row, "id");
    if (db_get_int(rows, row, "size") > SPOOL_ABOVE) {
        if (message_load_spool(mem, inbox->db, id, &spool, err) < 0)
            return -1;
        cage_facts_begin_spool(inbox->cage, spool);
        return 0;
    }
    if (!db_is_null(rows, row, "bytes"))
        raw = db_get_bytes(mem, rows, row, "bytes", &len);
    else if (message_load(mem, inbox->db, id, &raw, &len, err) < 0)
        return -1;
    cage_facts_begin(inbox->cage, raw, len);
    return 0;
}

const char *inbox_authserv_id(const struct conf *conf, const char *accounts)
{
    MEM_SCOPE(mem);
    char *rest = talloc_strdup(mem, accounts ? accounts : ""), *name;
    const char *found = NULL;
    while ((name = strsep(&rest, ","))) {
        const struct conf_imap *a = *name ? conf_find_imap(conf, name) : NULL;
        const char *id = a ? a->authserv_id : NULL;
        if (!id || (found && strcasecmp(found, id)))
            return NULL;
        found = id;
    }
    return found;
}

/* In the caller's transaction, and while the parser is at the next one. 0, MESSAGE_WAITS, or -1. */
static int judge_claimed(struct inbox *inbox, const struct db_rows *rows, int row, struct inbox_sum *sum,
                         struct err *err)
{
    MEM_SCOPE(mem);
    struct err why;
    struct judgement j = {.mem = mem, .inbox = inbox, .id = db_get_int(rows, row, "id")};
    int parsed = cage_facts_end(inbox->cage, &j.facts, &why);
    if (row + 1 < db_rows_count(rows) && inbox_parse(inbox, rows, row + 1, err) < 0) {
        json_decref(j.facts);
        return -1;
    }
    if (parsed < 0) {
        sum->parked += why.code == ERR_INPUT;
        *err = why;
        return why.code == ERR_INPUT ? park(inbox, j.id, why.text, err) : -1;
    }
    j.authserv_id = inbox_authserv_id(inbox->conf, db_get_text(rows, row, "accounts"));
    int rc = judge_facts(&j, err);
    json_decref(j.facts);
    sum->judged += rc == 0;
    sum->waiting += rc == MESSAGE_WAITS;
    return rc;
}

/* ---- batches */

bool inbox_is_ours_to_end(const struct err *err)
{
    return err->code == ERR_AWAY || err->code == ERR_CONFIG || err->code == ERR_DENIED;
}

static int judge_together(struct inbox *inbox, const int64_t *ids, int n, struct inbox_sum *sum,
                          struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS rows = NULL;
    MEM_SCOPE(mem);
    struct inbox_sum more = *sum;
    struct db_arg all = db_ints(mem, ids, (size_t)n);
    if (db_begin(&tx, inbox->db, DB_WRITE, err) < 0 || db_run(inbox->db, NULL, err, SQL_INBOX_LOCK, all) < 0)
        return -1;
    n = db_run(inbox->db, &rows, err, SQL_INBOX_CLAIM, all);
    if (n < 0 || (n > 0 && inbox_parse(inbox, rows, 0, err) < 0))
        return -1;
    for (int i = 0; i < n; i++)
        if (judge_claimed(inbox, rows, i, &more, err) < 0)
            return -1;
    if (db_commit(&tx, err) < 0)
        return -1;
    *sum = more;
    return 0;
}

static int park_alone(struct inbox *inbox, int64_t id, const char *why, struct err *err)
{
    DB_TX tx = {0};
    if (db_begin(&tx, inbox->db, DB_WRITE, err) < 0 || park(inbox, id, why, err) < 0)
        return -1;
    return db_commit(&tx, err);
}

static int judge_each(struct inbox *inbox, const int64_t *ids, int n, struct inbox_sum *sum, struct err *err)
{
    for (int i = 0; i < n; i++) {
        struct err why;
        if (judge_together(inbox, &ids[i], 1, sum, &why) == 0)
            continue;
        if (inbox_is_ours_to_end(&why)) {
            *err = why;
            return -1;
        }
        if (why.code == ERR_AGAIN) { /* a deadlock, a lock: the next run tries it again */
            sum->waiting++;
            continue;
        }
        if (park_alone(inbox, ids[i], why.text, err) < 0)
            return -1;
        sum->parked++;
    }
    return 0;
}

static int judge_all(struct inbox *inbox, struct inbox_sum *sum, struct err *err)
{
    for (int64_t last = 0;;) {
        DB_ROWS rows = NULL;
        int64_t ids[BATCH];
        int n = db_run(inbox->db, &rows, err, SQL_INBOX_NEW, db_int(last), db_int(BATCH));
        if (n <= 0)
            return n;
        for (int i = 0; i < n; i++)
            ids[i] = db_get_int(rows, i, "id");
        last = ids[n - 1];
        struct err why;
        if (judge_together(inbox, ids, n, sum, &why) == 0)
            continue;
        if (inbox_is_ours_to_end(&why)) {
            *err = why;
            return -1;
        }
        if (judge_each(inbox, ids, n, sum, err) < 0)
            return -1;
    }
}

int inbox_judge_new(struct inbox *inbox, struct inbox_sum *sum, struct err *err)
{
    do {
        struct err why;
        inbox->again = false;
        if (inbox_thread_sent(inbox, &why) < 0) {
            if (inbox_is_ours_to_end(&why)) {
                *err = why;
                return -1;
            }
            log_warning("what was sent waits for its threads: %s", why.text); /* until the next run */
        }
        if (judge_all(inbox, sum, err) < 0)
            return -1;
    } while (inbox->again);
    return 0;
}
