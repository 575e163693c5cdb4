/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A folder, once: what is new (by UID, from where the last commit ended), what could not be had before, what
 * has gone, and in a personal account what is known by now.  All of it goes the same way: UIDs, without those
 * that have a place already, and then the messages themselves.
 */
#include "base/log.h"
#include "base/unicode.h"
#include "mail/fetch_low.h"
#include "sql/fetch.h"

enum { UIDS_AT_ONCE = 10000, ROUNDS_MAX = 100 };

static struct db *db_of(const struct folder *d)
{
    return d->f->o.inbox->db;
}

static bool is_personal(const struct folder *d)
{
    return d->f->o.account->personal;
}

/* ---- messages by UID */

/* What is in hand is whole, however the session ended: it is kept. */
static int keep_rest(struct folder *d, struct err *err)
{
    if (!d->refused && !d->lost && fetch_commit(d, err) < 0)
        return -1;
    return fetch_settle(d, err);
}

static int take_batches(struct folder *d, const uint32_t *uids, size_t n, int batch_max, struct err *err)
{
    DB_TX tx = {0};
    struct err ignored;
    d->tx = &tx;
    d->batch_max = batch_max;
    fetch_drop_held(d);
    d->messages = 0;
    d->bytes = 0;
    d->last_uid = 0;
    d->refused = d->lost = false;
    int rc = imap_fetch(d->f->imap, uids, n, fetch_take, fetch_idle, d, err);
    bool ended = rc < 0 && !d->stopped;
    return keep_rest(d, ended ? &ignored : err) < 0 || ended ? -1 : 0;
}

static struct db_arg uids_arg(void *mem, const uint32_t *uids, size_t n)
{
    int64_t *wide = talloc_array(mem, int64_t, (unsigned)n + 1);
    for (size_t i = 0; i < n; i++)
        wide[i] = uids[i];
    return db_ints(mem, wide, n);
}

static size_t uids_of(void *mem, const struct db_rows *rows, uint32_t **uids_r)
{
    size_t n = (size_t)db_rows_count(rows);
    uint32_t *uids = talloc_array(mem, uint32_t, (unsigned)n + 1);
    for (size_t i = 0; i < n; i++)
        uids[i] = (uint32_t)db_get_int(rows, (int)i, "uid");
    *uids_r = uids;
    return n;
}

/* Those of them that have no place. */
static int take_unknown(struct folder *d, const uint32_t *uids, size_t n, int batch_max, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    uint32_t *unknown;
    if (db_run(db_of(d), &rows, err, SQL_FETCH_UNKNOWN, db_int(d->mailbox), db_int(d->uidvalidity),
               uids_arg(mem, uids, n), db_bool(is_personal(d))) < 0)
        return -1;
    n = uids_of(mem, rows, &unknown);
    return take_batches(d, unknown, n, batch_max, err);
}

/* What the store refuses may be a verdict, or a message: in the end one by one, so that it stands alone. */
static int take_new(struct folder *d, const uint32_t *uids, size_t n, struct err *err)
{
    static const struct {
        bool judge;
        int batch_max;
    } way[] = {{true, FETCH_BATCH}, {false, FETCH_BATCH}, {false, 1}};
    for (size_t at = 0; at < n && !d->stopped; at += UIDS_AT_ONCE) {
        size_t part = n - at < UIDS_AT_ONCE ? n - at : UIDS_AT_ONCE;
        int rc = -1;
        d->refused = true;
        for (size_t i = 0; rc < 0 && d->refused && i < ARRAY_LEN(way); i++) {
            d->judge = way[i].judge;
            rc = take_unknown(d, uids + at, part, way[i].batch_max, err);
        }
        d->judge = false;
        if (rc < 0)
            return -1;
    }
    return 0;
}

static int search(struct folder *d, void *mem, struct imap_query query, uint32_t **uids_r, size_t *n_r,
                  struct err *err)
{
    query.since = d->f->o.account->since;
    return imap_search(d->f->imap, mem, &query, uids_r, n_r, err);
}

/* ---- what is new, and what could not be had */

static int read_new(struct folder *d, const struct imap_folder *info, int64_t next, struct err *err)
{
    MEM_SCOPE(mem);
    uint32_t *uids;
    size_t n;
    const struct imap_query query = {.first = (uint32_t)next};
    if (info->exists == 0 || (info->uidnext && info->uidnext <= next))
        return 0;
    if (search(d, mem, query, &uids, &n, err) < 0 || take_new(d, uids, n, err) < 0)
        return -1;
    /* What lies below and was not found came too early. */
    return d->stopped || !info->uidnext ? 0
                                        : db_run(db_of(d), NULL, err, SQL_FETCH_ADVANCE, db_int(d->mailbox),
                                                 db_int(d->uidvalidity), db_int(info->uidnext));
}

static int read_again(struct folder *d, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    uint32_t *uids;
    if (db_run(db_of(d), &rows, err, SQL_FETCH_AGAIN, db_int(d->mailbox), db_int(d->uidvalidity)) < 0)
        return -1;
    size_t n = uids_of(mem, rows, &uids);
    return n ? take_batches(d, uids, n, 1, err) : 0;
}

/* ---- what has gone */

static int mark_gone(struct folder *d, const uint32_t *ends, size_t n, struct err *err)
{
    MEM_SCOPE(mem);
    uint32_t *first = talloc_array(mem, uint32_t, (unsigned)n + 1);
    uint32_t *last = talloc_array(mem, uint32_t, (unsigned)n + 1);
    for (size_t i = 0; i < n; i++)
        first[i] = ends[2 * i], last[i] = ends[2 * i + 1];
    return db_run(db_of(d), NULL, err, SQL_FETCH_GONE, db_int(d->mailbox), db_int(d->uidvalidity),
                  uids_arg(mem, first, n), uids_arg(mem, last, n));
}

/* No more than a convenience: a server that cannot say it stops nothing. */
static int read_gone(struct folder *d, uint64_t since, uint64_t now, struct err *err)
{
    MEM_SCOPE(mem);
    uint32_t *ends;
    size_t n = 0;
    struct err why;
    if (now == since)
        return 0;
    if (since && imap_vanished(d->f->imap, mem, since, &ends, &n, &why) < 0) {
        log_warning("[imap %s] %s: %s", d->f->o.account->name, d->name, why.text);
        return 0;
    }
    if (n && mark_gone(d, ends, n, err) < 0)
        return -1;
    return db_run(db_of(d), NULL, err, SQL_FETCH_MODSEQ, db_int(d->mailbox), db_int((int64_t)now)) < 0 ? -1
                                                                                                       : 0;
}

/* ---- what is known by now */

struct look {
    const char **address;
    int64_t *id;
    size_t n;
};

static int addresses_to_look_for(struct folder *d, void *mem, struct look *look, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db_of(d), &rows, err, SQL_FETCH_LOOK_FOR, db_int(d->mailbox));
    if (n < 0)
        return -1;
    *look = (struct look){talloc_array(mem, const char *, (unsigned)n + 1),
                          talloc_array(mem, int64_t, (unsigned)n + 1), (size_t)n};
    for (int i = 0; i < n; i++) {
        look->address[i] = talloc_strdup(mem, db_get_str(rows, i, "email_key"));
        look->id[i] = db_get_int(rows, i, "address_id");
    }
    return 0;
}

/* 1 there may be more, 0 there is not, -1. */
static int look_once(struct folder *d, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    struct look look;
    uint32_t *uids;
    size_t n;
    if (addresses_to_look_for(d, mem, &look, err) < 0)
        return -1;
    if (!look.n)
        return 0;
    const struct imap_query query = {.first = 1, .address = look.address, .naddresses = look.n};
    if (search(d, mem, query, &uids, &n, err) < 0 ||
        db_run(db_of(d), &rows, err, SQL_FETCH_APART, db_int(d->mailbox), db_int(d->uidvalidity),
               uids_arg(mem, uids, n)) < 0)
        return -1;
    n = uids_of(mem, rows, &uids);
    if (take_batches(d, uids, n, 1, err) < 0)
        return -1;
    if (d->stopped)
        return 0;
    return db_run(db_of(d), NULL, err, SQL_FETCH_LOOKED, db_int(d->mailbox), db_ints(mem, look.id, look.n)) <
                   0
               ? -1
               : 1;
}

static int look_again(struct folder *d, struct err *err)
{
    int more = is_personal(d);
    for (int i = 0; i < ROUNDS_MAX && more > 0; i++)
        more = look_once(d, err);
    return more < 0 ? -1 : 0;
}

/* ---- the whole */

static int read_folder(struct folder *d, const struct imap_folder *info, struct err *err)
{
    DB_ROWS rows = NULL;
    d->uidvalidity = info->uidvalidity;
    if (db_run(db_of(d), NULL, err, SQL_FETCH_BEGIN, db_int(d->mailbox), db_int(info->uidvalidity),
               db_text(d->f->o.account->since), db_bool(is_personal(d)), db_bool(d->sent)) < 0 ||
        db_run(db_of(d), &rows, err, SQL_FETCH_POSITION, db_int(d->mailbox)) < 0)
        return -1;
    if (read_new(d, info, db_get_int(rows, 0, "next_uid"), err) < 0 || read_again(d, err) < 0 ||
        look_again(d, err) < 0)
        return -1;
    return read_gone(d, (uint64_t)db_get_int(rows, 0, "modseq"), info->modseq, err);
}

/* 0 also when another process is at this folder. */
static int open_and_read(struct folder *d, struct err *err)
{
    DB_ROWS rows = NULL;
    struct db *db = db_of(d);
    struct imap_folder info;
    if (fetch_dial(d->f, err) < 0 || imap_examine(d->f->imap, d->name, &info, err) < 0 ||
        db_run(db, &rows, err, SQL_FETCH_MAILBOX, db_text(d->f->o.account->name), db_text(d->name),
               db_int(info.uidvalidity)) < 0)
        return -1;
    d->mailbox = db_get_int(rows, 0, "id");
    if (db_run(db, &rows, err, SQL_FETCH_LOCK, db_int(d->mailbox)) < 0)
        return -1;
    if (!db_get_bool(rows, 0, "locked"))
        return 0;
    int rc = read_folder(d, &info, err);
    fetch_drop_held(d);
    if (rc == 0)
        rc = db_run(db, NULL, err, SQL_FETCH_SUCCEED, db_int(d->mailbox)) < 0 ? -1 : 0;
    struct err ignored; /* a connection that is lost has lost its locks */
    if (db_run(db, &rows, &ignored, SQL_FETCH_UNLOCK, db_int(d->mailbox)) < 0 && rc == 0)
        log_warning("[imap %s] %s: %s", d->f->o.account->name, d->name, ignored.text);
    return rc;
}

void fetch_failed(struct fetcher *f, const char *name, const struct err *why, struct fetch_sum *sum,
                  struct err *err_r)
{
    struct err err;
    const char *text = unicode_or(why->text, "it cannot be read");
    log_error("[imap %s] %s: %s", f->o.account->name, name, why->text);
    if (db_revive(f->o.inbox->db, &err) < 0 ||
        db_run(f->o.inbox->db, NULL, &err, SQL_FETCH_FAIL, db_text(f->o.account->name), db_text(name),
               db_text(text)) < 0)
        log_error("%s", err.text);
    if (!sum->failed++ && err_r != why)
        *err_r = *why;
}

int fetch_folder(struct fetcher *f, const char *name, bool sent, struct fetch_sum *sum, struct err *err)
{
    struct inbox_sum judged = {0};
    struct err why, ignored;
    struct folder d = {.f = f, .name = name, .sent = sent, .sum = sum};
    if (f->o.stop && *f->o.stop)
        return 0;
    int rc = open_and_read(&d, &why);
    f->first_is_open = rc == 0;
    if (rc < 0)
        fetch_failed(f, name, &why, sum, err);
    rc = inbox_judge_new(f->o.inbox, &judged, sum->failed ? &ignored : err);
    sum->judged += judged.judged;
    sum->parked += judged.parked;
    sum->waiting = judged.waiting;
    if (rc < 0 && !sum->failed++)
        return -1;
    return rc;
}
