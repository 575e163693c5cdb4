/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Messages are judged in batches of one commit; when a batch fails, each of it is judged alone, and what
 * fails alone is parked.  The row of the outbox that a message speaks of is locked until the commit.  While
 * its outcome is being written by a worker (claimed, submitting) nothing can be settled, so the message waits
 * for the next run.
 */
#include "mail/inbox.h"

#include <strings.h>

#include "base/catalog.h"
#include "base/log.h"
#include "base/unicode.h"
#include "mail/classify.h"
#include "mail/inbox_low.h"
#include "mail/message.h"
#include "sql/inbox.h"

enum { BATCH = 50, MESSAGE_WAITS = 2 };

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

struct db_arg inbox_json(struct judgement *j, json_t *value)
{
    if (!value)
        return db_null();
    char *s = json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY);
    json_decref(value);
    must(s);
    const char *copy = talloc_strdup(j->mem, s);
    free(s);
    return db_text(copy);
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

bool inbox_is_own(const struct conf *conf, const char *address)
{
    if (!address)
        return false;
    for (const struct conf_imap *i = conf->imap; i; i = i->next)
        if (!strcasecmp(i->address, address))
            return true;
    for (const struct conf_smtp *s = conf->smtp; s; s = s->next)
        if (!strcasecmp(s->from_address, address) || !strcasecmp(s->bounce_address, address))
            return true;
    return conf->office.email && !strcasecmp(conf->office.email, address);
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
    {"auto-reply", effect_arrived, false},
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

/* Our own message back: filed, whatever it says.  Known by an id that only we can make, or, from a mail
 * client of ours, by what our server says.  1/0/-1 */
static int is_own(struct judgement *j, struct err *err)
{
    const char *why;
    bool from_us = inbox_is_own(j->inbox->conf, j->letter.from);
    int rc = inbox_match_own(j->mem, j->inbox, &j->letter, &j->look, &j->match, err);
    if (rc < 0 || (!rc && !from_us))
        return rc;
    if (!rc && !letter_is_authenticated(j->mem, &j->letter, j->account ? j->account->authserv_id : NULL,
                                        j->letter.from, &why)) {
        inbox_decide(j, N_("it is written in our name, and nothing proves that it is from us"));
        return 1;
    }
    j->class = "own";
    if (!from_us)
        inbox_decide(j, N_("it has the Message-ID of a letter of ours, but another sender"));
    return 1;
}

static bool being_sent(const struct inbox_match *m)
{
    return m->keyed && (!strcmp(m->outbox_state, "claimed") || !strcmp(m->outbox_state, "submitting"));
}

/* A letter of ours that lies in a mailbox has left us, whatever was added to it on its way (a copy as it was
 * is found by mail/fetch.c). */
static int effect_copy(struct judgement *j, struct err *err)
{
    if (being_sent(&j->match))
        return MESSAGE_WAITS;
    return strcmp(j->state, "decide") ? inbox_settle(j, "accepted", "copy", err) : 0;
}

static int give_effect(struct judgement *j, struct err *err)
{
    size_t i = class_index(j->class);
    int own = inbox_look(j->mem, j->inbox, &j->letter, j->id, &j->look, err) < 0 ? -1 : is_own(j, err);
    if (own < 0)
        return -1;
    bool by_token = !own && j->has_unsubscribe && !strcmp(j->class, "unsubscribe");
    bool twin = !own && !by_token && is_twin(j);
    if (!j->match.by &&
        inbox_match(j->mem, j->inbox, &j->letter, &j->look, classes[i].report, &j->match, err) < 0)
        return -1;
    if (!own && !twin && being_sent(&j->match))
        return MESSAGE_WAITS;
    if (by_token)
        return inbox_unsubscribe(j, err);
    if (!j->match.by)
        return own || twin ? 0 : nothing_found(j, err);
    if (inbox_match_thread(j->inbox, &j->match, j->letter.subject, err) < 0)
        return -1;
    if (own)
        return effect_copy(j, err);
    return twin ? 0 : classes[i].effect(j, err);
}

/* ---- one message */

/* What is worth keeping beside the raw mail: all but its texts and headers. */
static json_t *facts_to_keep(const json_t *facts)
{
    static const char *const keys[] = {"from",
                                       "sender",
                                       "reply_to",
                                       "to",
                                       "cc",
                                       "dsn",
                                       "arf",
                                       "mdn",
                                       "calendar",
                                       "returned",
                                       "in_reply_to",
                                       "references",
                                       "return_path",
                                       "auto_submitted",
                                       "authentication_results",
                                       "report_type",
                                       "attachments",
                                       "protection"};
    json_t *kept = json_object();
    for (size_t i = 0; i < ARRAY_LEN(keys); i++)
        json_object_set(kept, keys[i], json_object_get(facts, keys[i]));
    return kept;
}

static const char *verdict_text(const struct judgement *j, const char *key)
{
    return json_string_value(json_object_get(j->verdict, key));
}

static int file_message(struct judgement *j, struct err *err)
{
    bool own = !strcmp(j->class, "own");
    const struct letter *l = &j->letter;
    json_t *evidence = json_object_get(j->verdict, "evidence");
    return db_run(j->inbox->db, NULL, err, SQL_INBOX_FILE, db_int(j->id), db_int_or_null(l->date),
                  db_text(l->from), db_text(l->from_name), db_text(l->subject ? l->subject : ""),
                  db_text(j->class), db_text(own ? "own" : verdict_text(j, "rule")),
                  own ? db_null() : inbox_json(j, json_incref(evidence)),
                  inbox_json(j, facts_to_keep(j->facts)), db_text(verdict_text(j, "reply_text")),
                  db_int_or_null(j->match.contact_id), db_int_or_null(j->match.outbox_id),
                  db_int_or_null(j->match.thread_id), db_text(j->match.by), db_text(j->state),
                  db_text(j->why));
}

static bool uid_is_ours(const char *uid, void *arg)
{
    struct judgement *j = arg;
    struct err ignored; /* a connection that is lost shows at the next statement */
    return db_run(j->inbox->db, NULL, &ignored, SQL_INBOX_EVENT, db_text(uid)) == 1;
}

static int judge_facts(struct judgement *j, struct err *err)
{
    letter_read(j->mem, j->facts, &j->letter);
    j->has_unsubscribe =
        unsubscribe_find_in_letter(j->mem, j->inbox->ring, j->inbox->conf, &j->letter, &j->unsubscribe);
    struct classify_context context = {.uid_is_ours = uid_is_ours,
                                       .arg = j,
                                       .unsubscribe_where = j->unsubscribe.where,
                                       .unsubscribe_text = j->unsubscribe.text};
    j->verdict = classify_mail(j->facts, &context);
    j->class = verdict_text(j, "class");
    j->state = "filed";
    int rc = give_effect(j, err);
    if (rc == 0)
        rc = file_message(j, err) < 0 ? -1 : 0;
    json_decref(j->verdict);
    return rc;
}

static int park(struct inbox *inbox, int64_t id, const char *why, struct err *err)
{
    char text[sizeof err->text];
    snprintf(text, sizeof text, "%s", unicode_valid_utf8(why, strlen(why)) ? why : "it cannot be parsed");
    log_warning("message %lld is parked: %s", (long long)id, text);
    return db_run(inbox->db, NULL, err, SQL_INBOX_PARK, db_int(id), db_text(text)) < 0 ? -1 : 0;
}

/* The parser gets to work on it. */
static int parse_claimed(struct inbox *inbox, const struct db_rows *rows, int row, struct err *err)
{
    MEM_SCOPE(mem);
    char *raw;
    size_t len;
    if (db_get_bool(rows, row, "whole"))
        raw = db_get_bytes(mem, rows, row, "bytes", &len);
    else if (message_load(mem, inbox->db, db_get_int(rows, row, "id"), &raw, &len, err) < 0)
        return -1;
    cage_facts_begin(inbox->cage, raw, len);
    return 0;
}

static const struct conf_imap *find_account(const struct conf *conf, const char *name)
{
    const struct conf_imap *a = name ? conf->imap : NULL;
    while (a && strcmp(a->name, name))
        a = a->next;
    return a;
}

/* In the caller's transaction, and while the parser is at the next one. 0, MESSAGE_WAITS, or -1. */
static int judge_claimed(struct inbox *inbox, const struct db_rows *rows, int row, struct inbox_sum *sum,
                         struct err *err)
{
    MEM_SCOPE(mem);
    struct err why;
    struct judgement j = {.mem = mem, .inbox = inbox, .id = db_get_int(rows, row, "id")};
    int parsed = cage_facts_end(inbox->cage, &j.facts, &why);
    if (row + 1 < db_rows_count(rows) && parse_claimed(inbox, rows, row + 1, err) < 0) {
        json_decref(j.facts);
        return -1;
    }
    if (parsed < 0) {
        sum->parked += why.code == ERR_INPUT;
        *err = why;
        return why.code == ERR_INPUT ? park(inbox, j.id, why.text, err) : -1;
    }
    j.account = find_account(inbox->conf, db_get_text(rows, row, "account"));
    int rc = judge_facts(&j, err);
    json_decref(j.facts);
    sum->judged += rc == 0;
    sum->waiting += rc == MESSAGE_WAITS;
    return rc;
}

/* ---- batches */

static bool is_ours_to_end(const struct err *err)
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
    if (db_begin(&tx, inbox->db, DB_WRITE, err) < 0)
        return -1;
    n = db_run(inbox->db, &rows, err, SQL_INBOX_CLAIM, db_ints(mem, ids, (size_t)n));
    if (n < 0 || (n > 0 && parse_claimed(inbox, rows, 0, err) < 0))
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
        if (is_ours_to_end(&why)) {
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

int inbox_judge_new(struct inbox *inbox, struct inbox_sum *sum, struct err *err)
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
        if (is_ours_to_end(&why)) {
            *err = why;
            return -1;
        }
        if (judge_each(inbox, ids, n, sum, err) < 0)
            return -1;
    }
}
