/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The parser has a few mails before it while those behind it are read.  What the store is asked, it is asked
 * for all of a batch: whether they have kin, under the locks under which kin is looked for
 * (sql/query/inbox.sql), and who may have written them.  Two of a batch that have an id in common are kin
 * too.
 */
#include "mail/inbox_early.h"

#include "base/db_send.h"
#include "base/unicode.h"
#include "mail/inbox_low.h"
#include "mail/thread_number.h"
#include "sql/inbox.h"

enum {
    EARLY_BYTES = 64 << 10, /* a larger one would keep too much in memory */
    REFERS_FEW = 8,         /* each is a lock, and the server has so many */
    KIN_BATCH = 50
};

struct arrival {
    struct message_new *m;
    struct judgement j;
    bool readable, kin;
    struct message_filing filing;
};

struct inbox_early {
    struct inbox *inbox;
    const char *authserv_id;
    struct arrival item[INBOX_EARLY_MAX];
    size_t n;
    struct arrival *parsed[CAGE_CALLS_MAX]; /* by the cage, now, in order */
    size_t nparsed;
    /* between the steps: the plain ones, then those of them without kin */
    struct arrival *plain[INBOX_EARLY_MAX];
    struct judgement *alone[INBOX_EARLY_MAX];
    size_t nplain, nalone;
    struct db_rows *looked, *likely;
};

/* ---- reading */

static void forget(struct judgement *j)
{
    json_decref(j->verdict);
    json_decref(j->proposal);
    json_decref(j->facts);
    j->verdict = j->proposal = j->facts = NULL;
}

static int drop(struct inbox_early *e)
{
    if (e->nparsed)
        cage_give_up(e->inbox->cage);
    db_rows_end(&e->looked);
    db_rows_end(&e->likely);
    for (size_t i = 0; i < e->n; i++)
        forget(&e->item[i].j);
    return 0;
}

struct inbox_early *inbox_early_new(void *mem, struct inbox *inbox, const struct conf_imap *account)
{
    struct inbox_early *e = talloc_zero(mem, struct inbox_early);
    e->inbox = inbox;
    e->authserv_id = account ? account->authserv_id : NULL;
    talloc_set_destructor(e, drop);
    return e;
}

/* The one that was the first to go into the cage. */
static void read_first(struct inbox_early *e)
{
    struct err why;
    struct arrival *a = e->parsed[0];
    int rc = cage_facts_end(e->inbox->cage, &a->j.facts, &why);
    memmove(e->parsed, e->parsed + 1, --e->nparsed * sizeof *e->parsed);
    if (rc == 0) {
        a->readable = true;
        inbox_read_verdict(&a->j);
    } else if (why.code == ERR_INPUT) {
        const char *text = unicode_or(why.text, "it cannot be parsed");
        a->filing =
            (struct message_filing){.state = "parked", .why = talloc_strdup(e, text), .believed = true};
        a->m->filing = &a->filing;
    }
}

static void parse(struct inbox_early *e, struct arrival *a)
{
    if (e->nparsed == CAGE_CALLS_MAX)
        read_first(e);
    if (e->nparsed)
        cage_facts_begin_behind(e->inbox->cage, a->m->raw, a->m->len);
    else
        cage_facts_begin(e->inbox->cage, a->m->raw, a->m->len);
    e->parsed[e->nparsed++] = a;
}

void inbox_early_add(struct inbox_early *e, struct message_new *m)
{
    must(e->n < INBOX_EARLY_MAX);
    struct arrival *a = &e->item[e->n++];
    a->m = m;
    a->j = (struct judgement){.mem = e, .inbox = e->inbox, .authserv_id = e->authserv_id};
    if (m->len <= EARLY_BYTES)
        parse(e, a);
}

/* ---- kin */

static size_t count_refers(const char *refers_to)
{
    size_t n = refers_to != NULL;
    for (const char *p = refers_to; p && (p = strchr(p, ' ')); p++)
        n++;
    return n;
}

/* Neither a token nor anything else that could be looked up. */
static bool is_plain(const struct arrival *a)
{
    const struct letter *l = &a->j.letter;
    return a->readable && !a->j.has_unsubscribe && count_refers(a->m->refers_to) <= REFERS_FEW &&
           !(l->calendar.uid && l->calendar.method) && !l->original.from &&
           !inbox_is_house(a->j.inbox->conf, l->from) && !inbox_has_token(a->j.inbox, l) &&
           !thread_numbers(a->j.mem, l->subject).n;
}

struct id {
    const char *s;
    struct arrival *of;
};
struct ids {
    struct id *item;
    size_t n;
};

static void add_id(struct inbox_early *e, struct ids *ids, const char *s, struct arrival *of)
{
    if (!s)
        return;
    ids->item = talloc_realloc(e, ids->item, struct id, (unsigned)ids->n + 1);
    ids->item[ids->n++] = (struct id){s, of};
}

static int compare_ids(const void *a, const void *b)
{
    return strcmp(((const struct id *)a)->s, ((const struct id *)b)->s);
}

/* Their own, and what they refer to. */
static void add_ids(struct inbox_early *e, struct ids *ids, struct arrival *a)
{
    add_id(e, ids, a->m->rfc_message_id, a);
    if (a->readable)
        add_id(e, ids, a->j.letter.message_id, a);
    char *rest = talloc_strdup(e, a->m->refers_to), *id;
    while ((id = strsep(&rest, " ")))
        add_id(e, ids, id, a);
}

static void find_kin_among_them(struct inbox_early *e)
{
    struct ids ids = {0};
    for (struct arrival *a = e->item; a < e->item + e->n; a++)
        add_ids(e, &ids, a);
    if (ids.n)
        qsort(ids.item, ids.n, sizeof *ids.item, compare_ids);
    for (size_t i = 1; i < ids.n; i++)
        if (ids.item[i - 1].of != ids.item[i].of && !strcmp(ids.item[i - 1].s, ids.item[i].s))
            ids.item[i - 1].of->kin = ids.item[i].of->kin = true;
}

static int send_lock(struct inbox_early *e, struct err *err)
{
    struct ids ids = {0};
    for (size_t i = 0; i < e->nplain; i++)
        add_ids(e, &ids, e->plain[i]);
    const char **s = talloc_array(e, const char *, (unsigned)ids.n + 1);
    for (size_t i = 0; i < ids.n; i++)
        s[i] = ids.item[i].s;
    return db_send(e->inbox->db, NULL, err, SQL_INBOX_LOCK_IDS, db_long_texts(e, s, ids.n));
}

static int send_look(struct inbox_early *e, struct err *err)
{
    size_t n = e->nplain;
    const char *id[INBOX_EARLY_MAX], *refers_to[INBOX_EARLY_MAX], *sender[INBOX_EARLY_MAX];
    for (size_t i = 0; i < n; i++) {
        const struct arrival *a = e->plain[i];
        id[i] = a->j.letter.message_id;
        refers_to[i] = a->m->refers_to;
        sender[i] = a->j.letter.from;
    }
    return db_send(e->inbox->db, &e->looked, err, SQL_INBOX_LOOK_MANY, db_long_texts(e, id, n),
                   db_long_texts(e, refers_to, n), db_long_texts(e, sender, n));
}

static void read_look(struct arrival *a, const struct db_rows *rows, int row)
{
    const char *senders = db_get_str(rows, row, "senders");
    struct inbox_look *look = &a->j.look;
    a->kin = db_get_bool(rows, row, "kin");
    look->senders = talloc_array(a->j.mem, int64_t, (unsigned)strlen(senders) / 2 + 1);
    for (char *end; *senders; senders = end)
        look->senders[look->nsenders++] = strtoll(senders, &end, 10);
}

/* ---- judging */

int inbox_early_look(struct inbox_early *e, struct err *err)
{
    while (e->nparsed)
        read_first(e);
    find_kin_among_them(e);
    for (struct arrival *a = e->item; a < e->item + e->n; a++)
        if (!a->kin && is_plain(a))
            e->plain[e->nplain++] = a;
    if (!e->nplain)
        return 0;
    return send_lock(e, err) < 0 || send_look(e, err) < 0 ? -1 : db_send_off(e->inbox->db, err);
}

int inbox_early_ask(struct inbox_early *e, struct err *err)
{
    if (db_settle(e->inbox->db, err) < 0)
        return -1;
    if (e->nplain && (!e->looked || (size_t)db_rows_count(e->looked) != e->nplain))
        return err_set(err, ERR_AGAIN, "the transaction had failed before its commit");
    for (size_t i = 0; i < e->nplain; i++) {
        struct arrival *a = e->plain[i];
        read_look(a, e->looked, (int)i);
        if (!a->kin && inbox_act_alone(&a->j, err) < 0)
            return -1;
        if (!a->kin)
            e->alone[e->nalone++] = &a->j;
    }
    if (!e->nalone)
        return 0;
    return inbox_propose_send(e, e->alone, e->nalone, &e->likely, err) < 0 ? -1
                                                                           : db_send_off(e->inbox->db, err);
}

int inbox_early_judge(struct inbox_early *e, struct err *err)
{
    if (db_settle(e->inbox->db, err) < 0)
        return -1;
    if (e->nalone && !e->likely)
        return err_set(err, ERR_AGAIN, "the transaction had failed before its commit");
    if (e->nalone)
        inbox_propose_take(e->alone, e->nalone, e->likely);
    for (size_t i = 0; i < e->nalone; i++) {
        struct arrival *a = (struct arrival *)((char *)e->alone[i] - offsetof(struct arrival, j));
        a->filing = inbox_filing(&a->j);
        a->m->filing = &a->filing;
    }
    return 0;
}

void inbox_early_sent(struct inbox_early *e)
{
    for (struct arrival *a = e->item; a < e->item + e->n; a++)
        if (a->m->filing)
            forget(&a->j);
}

/* ---- in the store */

static bool waits(const struct arrival *a)
{
    return a->readable && a->m->id && !a->m->filing;
}

static int act(struct inbox_early *e, const struct db_rows *rows, int row, struct inbox_sum *sum,
               struct err *err)
{
    struct arrival *a = e->item;
    while (a->m->id != db_get_int(rows, row, "id"))
        must(++a < e->item + e->n);
    a->j.id = a->m->id;
    a->j.authserv_id = inbox_authserv_id(e->inbox->conf, db_get_text(rows, row, "accounts"));
    int rc = inbox_act(&a->j, err);
    sum->judged += rc == 0;
    return rc;
}

static int act_together(struct inbox_early *e, const int64_t *ids, size_t n, struct inbox_sum *sum,
                        struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS rows = NULL;
    struct db *db = e->inbox->db;
    struct db_arg all = db_ints(e, ids, n);
    struct inbox_sum more = *sum;
    if (db_begin(&tx, db, DB_WRITE, err) < 0 || db_run(db, NULL, err, SQL_INBOX_LOCK, all) < 0)
        return -1;
    int found = db_run(db, &rows, err, SQL_INBOX_CLAIM_READ, all);
    for (int row = 0; row < found; row++)
        if (act(e, rows, row, &more, err) < 0)
            return -1;
    if (found < 0 || db_commit(&tx, err) < 0)
        return -1;
    *sum = more;
    return 0;
}

int inbox_early_judge_kin(struct inbox_early *e, struct inbox_sum *sum, struct err *err)
{
    int64_t ids[INBOX_EARLY_MAX];
    size_t n = 0;
    for (struct arrival *a = e->item; a < e->item + e->n; a++)
        if (waits(a))
            ids[n++] = a->m->id;
    for (size_t i = 0; i < n; i += KIN_BATCH)
        if (act_together(e, ids + i, n - i < KIN_BATCH ? n - i : KIN_BATCH, sum, err) < 0 &&
            inbox_is_ours_to_end(err))
            return -1;
    return 0;
}
