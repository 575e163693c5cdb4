/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A message a commit, locked while it is applied and only if its verdict is still the one that was compared:
 * a person may correct it meanwhile.  What it was stands in its evidence, as "judged again", and is left out
 * when it is compared.
 */
#include "mail/inbox_again.h"

#include "base/json_text.h"
#include "mail/classify.h"
#include "mail/inbox_hand.h"
#include "mail/inbox_low.h"
#include "sql/inbox.h"

enum { PAGE = 5000, BATCH = 50 }; /* ids, and messages in memory */

#define AGAIN "judged again"

struct again {
    struct inbox *inbox;
    const struct inbox_again *options;
    inbox_change_fn *fn;
    void *context;
    struct inbox_again_sum *sum;
};

/* ---- what changed */

/* The evidence kept, in two: of the verdict, and what it was before. */
static json_t *split_evidence(const char *kept, json_t **before_r)
{
    json_t *all = json_loads(kept, 0, NULL), *own = json_array(), *e;
    *before_r = json_array();
    size_t i;
    json_array_foreach(all, i, e)
        json_array_append(strcmp(json_text(e, "where"), AGAIN) ? own : *before_r, e);
    json_decref(all);
    return own;
}

static bool has_words(const json_t *evidence)
{
    json_t *e;
    size_t i;
    json_array_foreach(evidence, i, e) if (!strcmp(json_text(e, "where"), "text")) return true;
    return false;
}

static bool same(const char *a, const char *b)
{
    return !strcmp(a ? a : "", b ? b : "");
}

/* False: the verdict is what it was. */
static bool compare(const struct db_rows *rows, int row, const json_t *verdict, const json_t *evidence,
                    struct inbox_change *change_r)
{
    *change_r = (struct inbox_change){
        .id = db_get_int(rows, row, "id"),
        .date = db_get_str(rows, row, "date"),
        .from_address = db_get_str(rows, row, "from_address"),
        .subject = db_get_str(rows, row, "subject"),
        .class_was = db_get_text(rows, row, "class"),
        .rule_was = db_get_text(rows, row, "rule"),
        .verdict = verdict,
        .text = !same(db_get_text(rows, row, "reply_text"), json_text(verdict, "reply_text")),
        .evidence = !json_equal(evidence, json_object_get(verdict, "evidence"))};
    return change_r->text || change_r->evidence || !same(change_r->class_was, json_text(verdict, "class")) ||
           !same(change_r->rule_was, json_text(verdict, "rule"));
}

/* ---- applied */

/* The verdict alone: its class is the same, or a person had the message in hand. */
static int write_verdict(struct judgement *j, struct err *err)
{
    return db_run(j->inbox->db, NULL, err, SQL_INBOX_AGAIN_VERDICT, db_int(j->id), db_text(j->class),
                  db_text(json_text(j->verdict, "rule")),
                  inbox_json(j, json_incref(json_object_get(j->verdict, "evidence"))),
                  inbox_json(j, inbox_facts_to_keep(j->facts)),
                  db_text(json_string_value(json_object_get(j->verdict, "reply_text")))) < 0
               ? -1
               : 0;
}

static bool in_hand(const struct db_rows *rows, int row)
{
    const char *state = db_get_str(rows, row, "state");
    return same(db_get_text(rows, row, "matched_by"), "person") || !strcmp(state, "answered") ||
           !strcmp(state, "ignored");
}

static int act(struct judgement *j, const struct db_rows *rows, int row, bool other_class, struct err *err)
{
    if (!other_class || in_hand(rows, row))
        return write_verdict(j, err);
    return inbox_take_back(j->inbox->db, j->id, j->class, err) < 0 ? -1 : inbox_act(j, err);
}

/* 0, MESSAGE_WAITS, or -1. */
static int apply(struct judgement *j, const struct db_rows *rows, int row, json_t *before, struct err *err)
{
    DB_TX tx = {0};
    const char *class = db_get_text(rows, row, "class"), *rule = db_get_text(rows, row, "rule");
    bool other_class = !same(class, j->class);
    if (other_class && class)
        json_array_append_new(before, json_pack("{s:s, s:o}", "where", AGAIN, "text",
                                                json_sprintf("%s (%s)", class, rule ? rule : "")));
    if (db_begin(&tx, j->inbox->db, DB_WRITE, err) < 0)
        return -1;
    int rc = db_run(j->inbox->db, NULL, err, SQL_INBOX_AGAIN_LOCK, db_int(j->id), db_text(class),
                    db_text(rule), db_text(db_get_str(rows, row, "state")));
    if (rc <= 0)
        return rc < 0 ? -1 : MESSAGE_WAITS;
    rc = act(j, rows, row, other_class, err);
    if (rc)
        return rc;
    if (json_array_size(before) && db_run(j->inbox->db, NULL, err, SQL_INBOX_AGAIN_EVIDENCE, db_int(j->id),
                                          inbox_json(j, json_incref(before))) < 0)
        return -1;
    return db_commit(&tx, err);
}

/* ---- one after the other */

/* The parser gets to work on the row, while the one before is judged. */
static int begin(struct again *a, const struct db_rows *rows, int row, struct err *err)
{
    return row == db_rows_count(rows) ? 0 : inbox_parse(a->inbox, rows, row, err);
}

static int unreadable(struct again *a, const struct db_rows *rows, int row, struct err *why)
{
    if (why->code != ERR_INPUT)
        return -1;
    a->sum->unreadable++;
    if (db_get_text(rows, row, "class")) /* news: it could be read before */
        a->fn(a->context, &(struct inbox_change){.id = db_get_int(rows, row, "id"),
                                                 .date = db_get_str(rows, row, "date"),
                                                 .from_address = db_get_str(rows, row, "from_address"),
                                                 .subject = db_get_str(rows, row, "subject"),
                                                 .class_was = db_get_text(rows, row, "class"),
                                                 .rule_was = db_get_text(rows, row, "rule"),
                                                 .why = why->text});
    return 0;
}

static int judge_facts(void *mem, struct again *a, const struct db_rows *rows, int row, json_t *facts,
                       struct err *err)
{
    struct inbox_change change;
    struct judgement j = {.mem = mem,
                          .inbox = a->inbox,
                          .id = db_get_int(rows, row, "id"),
                          .authserv_id =
                              inbox_authserv_id(a->inbox->conf, db_get_text(rows, row, "accounts")),
                          .facts = facts};
    json_t *before, *evidence = split_evidence(db_get_str(rows, row, "evidence"), &before);
    inbox_read_verdict(&j);
    if (!strcmp(j.class, "human") && has_words(evidence)) /* what it says was asked for then */
        classify_intent(j.verdict);
    a->sum->judged++;
    int rc = 0;
    if (compare(rows, row, j.verdict, evidence, &change)) {
        a->fn(a->context, &change);
        a->sum->changed++;
        rc = a->options->apply ? apply(&j, rows, row, before, err) : 0;
    }
    if (rc == MESSAGE_WAITS || (rc < 0 && err->code == ERR_AGAIN)) {
        a->sum->waiting++;
        rc = 0;
    }
    json_decref(j.verdict);
    json_decref(evidence);
    json_decref(before);
    return rc;
}

static int judge_row(struct again *a, const struct db_rows *rows, int row, struct err *err)
{
    MEM_SCOPE(mem);
    struct err why;
    json_t *facts = NULL;
    int parsed = cage_facts_end(a->inbox->cage, &facts, &why);
    int rc = begin(a, rows, row + 1, err);
    if (rc == 0 && parsed < 0) {
        *err = why;
        rc = unreadable(a, rows, row, err);
    } else if (rc == 0) {
        rc = judge_facts(mem, a, rows, row, facts, err);
    }
    json_decref(facts);
    return rc;
}

static int judge_batch(struct again *a, const int64_t *ids, size_t n, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    int found = db_run(a->inbox->db, &rows, err, SQL_INBOX_AGAIN, db_ints(mem, ids, n),
                       db_text(a->inbox->conf->office.time_zone));
    int rc = found < 0 ? -1 : begin(a, rows, 0, err);
    for (int i = 0; i < found && rc == 0; i++)
        rc = judge_row(a, rows, i, err);
    return rc;
}

int inbox_judge_again(struct inbox *inbox, const struct inbox_again *again, inbox_change_fn *fn,
                      void *context, struct inbox_again_sum *sum, struct err *err)
{
    struct again a = {.inbox = inbox, .options = again, .fn = fn, .context = context, .sum = sum};
    *sum = (struct inbox_again_sum){0};
    for (int64_t last = 0;;) {
        DB_ROWS rows = NULL;
        int64_t ids[PAGE];
        int n = db_run(inbox->db, &rows, err, SQL_INBOX_AGAIN_IDS, db_text(again->from), db_text(again->to),
                       db_text(inbox->conf->office.time_zone), db_int(last), db_int(PAGE));
        if (n <= 0)
            return n;
        for (int i = 0; i < n; i++)
            ids[i] = db_get_int(rows, i, "id");
        for (int i = 0; i < n; i += BATCH)
            if (judge_batch(&a, ids + i, (size_t)(n - i < BATCH ? n - i : BATCH), err) < 0)
                return -1;
        last = ids[n - 1];
    }
}
