/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/outbox.h"

#include <unistd.h>

#include "base/log.h"
#include "mail/mailing.h"
#include "sql/outbox.h"

/* ---- workers */

int outbox_worker_begin(struct db *db, const char *account, int lease_s, int64_t *worker_r, struct err *err)
{
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    DB_ROWS rows = NULL;
    if (db_run(db, &rows, err, SQL_OUTBOX_WORKER_BEGIN, db_text(host), db_int(getpid()), db_text(account),
               db_int(lease_s)) < 0)
        return -1;
    *worker_r = db_get_int(rows, 0, "id");
    return 0;
}

int outbox_worker_renew(struct db *db, int64_t worker, int lease_s, struct err *err)
{
    return db_run(db, NULL, err, SQL_OUTBOX_WORKER_RENEW, db_int(worker), db_int(lease_s));
}

int outbox_worker_end(struct db *db, int64_t worker, struct err *err)
{
    return db_run(db, NULL, err, SQL_OUTBOX_WORKER_END, db_int(worker)) < 0 ? -1 : 0;
}

/* Behind the locks of these batches each statement sees all that their worker has committed. */
static int reap(struct db *db, struct db_arg batches, struct err *err)
{
    DB_ROWS lost = NULL;
    if (db_run(db, &lost, err, SQL_OUTBOX_REAP_SUBMITTING, batches) < 0 ||
        db_run(db, NULL, err, SQL_OUTBOX_REAP_BATCHES, batches) < 0)
        return -1;
    for (int i = 0; i < db_rows_count(lost); i++)
        log_warning("mailing %s: the outcome for recipient %s is unknown: the process that sent to it ended",
                    db_get_str(lost, i, "mailing_id"), db_get_str(lost, i, "id"));
    return 0;
}

int outbox_reap(struct db *db, struct err *err)
{
    MEM_SCOPE(mem);
    DB_TX tx = {0};
    DB_ROWS dead = NULL;
    int n;
    if (db_begin(&tx, db, DB_WRITE, err) < 0 || (n = db_run(db, &dead, err, SQL_OUTBOX_DEAD_BATCHES)) < 0)
        return -1;
    int64_t *id = talloc_array(mem, int64_t, (unsigned)n);
    for (int i = 0; i < n; i++)
        id[i] = db_get_int(dead, i, "id");
    if ((n && reap(db, db_ints(mem, id, (size_t)n), err) < 0) ||
        db_run(db, NULL, err, SQL_OUTBOX_CANCEL_LATE) < 0)
        return -1;
    return db_commit(&tx, err);
}

int outbox_sweep(struct db *db, struct err *err)
{
    return db_run(db, NULL, err, SQL_OUTBOX_EXPIRE) < 0 || db_run(db, NULL, err, SQL_OUTBOX_MEND_QUEUE) < 0 ||
                   db_run(db, NULL, err, SQL_OUTBOX_MEND_STALE) < 0 ||
                   db_run(db, NULL, err, SQL_OUTBOX_MEND_HANDS) < 0
               ? -1
               : 0;
}

int outbox_walk(struct db *db, struct err *err)
{
    return db_run(db, NULL, err, SQL_OUTBOX_WALK) < 0 ? -1 : 0;
}

int outbox_listen(struct db *db, struct err *err)
{
    return db_run(db, NULL, err, SQL_OUTBOX_LISTEN) < 0 ? -1 : 0;
}

int outbox_last(struct db *db, struct err *err)
{
    return db_run(db, NULL, err, SQL_OUTBOX_LAST) < 0 ? -1 : 0;
}

int outbox_keep(struct db *db, struct err *err)
{
    return db_run(db, NULL, err, SQL_OUTBOX_KEEP) < 0 ? -1 : 0;
}

int outbox_tell_standby(struct db *db, int seconds, struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(db, &rows, err, SQL_OUTBOX_STANDBY_AWAY, db_int(seconds)) < 0)
        return -1;
    if (db_get_int(rows, 0, "n") > 0)
        log_warning("PostgreSQL has waited %s seconds for a synchronous standby that does not answer: "
                    "nothing is sent "
                    "until it does",
                    db_get_str(rows, 0, "seconds"));
    return 0;
}

/* ---- claiming */

int outbox_claimable(void *mem, struct db *db, const char *account, struct outbox_mailing **mailings_r,
                     struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_OUTBOX_CLAIMABLE, db_text(account));
    struct outbox_mailing *m = talloc_zero_array(mem, struct outbox_mailing, (unsigned)(n < 0 ? 0 : n));
    for (int i = 0; i < n; i++)
        m[i] = (struct outbox_mailing){
            .id = db_get_int(rows, i, "id"),
            .event_id = db_get_int_or(rows, i, "event_id", 0),
            .list_id = db_get_int(rows, i, "list_id"),
            .window = mailing_window(db_get_str(rows, i, "kind")),
        };
    *mailings_r = m;
    return n;
}

static void set_aside(struct outbox_row *row, const char *state, const char *reason)
{
    row->aside = state;
    row->reason = reason;
}

/* Opt-out, hold, erasure and term are looked at again when a row is claimed. */
static void judge(void *mem, struct outbox_row *row, const struct db_rows *rows, int i)
{
    const char *contact = db_get_str(rows, i, "contact_state"),
               *address = db_get_str(rows, i, "address_state");
    bool moved = db_get_bool(rows, i, "holder_changed") && !db_get_bool(rows, i, "decided");
    if (db_get_bool(rows, i, "expired"))
        set_aside(row, "expired", "its time to be sent is over");
    else if (moved && (!strcmp(contact, "active") || !strcmp(contact, "left")))
        set_aside(row, "held", "the post has another holder");
    else if (strcmp(contact, "active"))
        set_aside(row, "excluded", talloc_asprintf(mem, "contact is %s", contact));
    else if (!db_is_null(rows, i, "forbidden"))
        set_aside(row, "excluded", talloc_strdup(mem, db_get_str(rows, i, "forbidden")));
    else if (db_get_bool(rows, i, "event_cancelled"))
        set_aside(row, "excluded", "the event is cancelled");
    else if (!strcmp(address, "dead") || !strcmp(address, "replaced"))
        set_aside(row, "excluded", talloc_asprintf(mem, "address is %s", address));
    else if (db_get_bool(rows, i, "decided"))
        ; /* a person knows what would hold it, and said yes */
    else if (!strcmp(address, "held"))
        set_aside(row, "held", "address is held");
}

static void take_row(void *mem, struct outbox_row *r, const struct outbox_mailing *mailing,
                     const struct db_rows *rows, int i)
{
    *r = (struct outbox_row){
        .id = db_get_int(rows, i, "id"),
        .mailing_id = mailing->id,
        .contact_id = db_get_int(rows, i, "contact_id"),
        .event_id = mailing->event_id,
        .batch_id = db_get_int(rows, i, "batch_id"),
        .attempt = (int)db_get_int(rows, i, "attempt"),
        .window = mailing->window,
        .email = talloc_strdup(mem, db_get_str(rows, i, "email")),
        .name = talloc_strdup(mem, db_get_str(rows, i, "name")),
        .language = talloc_strdup(mem, db_get_str(rows, i, "language")),
        .view = talloc_strdup(mem, db_get_str(rows, i, "view")),
        .message_id = db_get_int_or(rows, i, "message_id", 0),
    };
    if (!db_is_null(rows, i, "rfc_message_id"))
        r->rfc_message_id = talloc_strdup(mem, db_get_str(rows, i, "rfc_message_id"));
    judge(mem, r, rows, i);
}

int outbox_claim(void *mem, struct db *db, int64_t worker, const struct outbox_mailing *mailing, int n,
                 struct outbox_place *place, struct outbox_row **rows_r, struct err *err)
{
    DB_ROWS rows = NULL;
    int64_t taken;
    int found;
    bool again;
    do {
        found = db_run(db, &rows, err, SQL_OUTBOX_CLAIM, db_int(worker), db_int(mailing->id), db_int(n),
                       db_text(*place->next_try_at ? place->next_try_at : "-infinity"), db_int(place->id),
                       db_int(mailing->list_id), db_int_or_null(mailing->event_id));
        if (found < 0)
            return -1;
        taken = db_get_int(rows, 0, "taken");
        if (db_is_null(rows, 0, "id")) /* entries whose rows do not wait any more are gone now */
            found = 0;
        again = found == 0 && (taken > 0 || *place->next_try_at);
        if (taken < n) /* the queue's end, or who was locked: from the begin again */
            *place = (struct outbox_place){0};
    } while (again);
    struct outbox_row *out = talloc_zero_array(mem, struct outbox_row, (unsigned)found);
    for (int i = 0; i < found; i++)
        take_row(out, &out[i], mailing, rows, i);
    if (taken == n) {
        snprintf(place->next_try_at, sizeof place->next_try_at, "%s",
                 db_get_str(rows, found - 1, "next_try_at"));
        place->id = out[found - 1].id;
    }
    *rows_r = out;
    return found;
}

int outbox_give_back(struct db *db, const struct outbox_row *const *rows, size_t n, struct err *err)
{
    MEM_SCOPE(mem);
    int64_t *id = talloc_array(mem, int64_t, (unsigned)n);
    for (size_t i = 0; i < n; i++)
        id[i] = rows[i]->id;
    return n && db_run(db, NULL, err, SQL_OUTBOX_GIVE_BACK, db_ints(mem, id, n)) < 0 ? -1 : 0;
}

int outbox_put_off(struct db *db, const struct outbox_row *const *rows, const int64_t *ms, size_t n,
                   struct err *err)
{
    MEM_SCOPE(mem);
    int64_t *id = talloc_array(mem, int64_t, (unsigned)n);
    for (size_t i = 0; i < n; i++)
        id[i] = rows[i]->id;
    return n && db_run(db, NULL, err, SQL_OUTBOX_PUT_OFF, db_ints(mem, id, n), db_ints(mem, ms, n)) < 0 ? -1
                                                                                                        : 0;
}

int outbox_set_aside(struct db *db, const struct outbox_row *const *rows, size_t n, struct err *err)
{
    MEM_SCOPE(mem);
    int64_t *id = talloc_array(mem, int64_t, (unsigned)n);
    const char **state = talloc_array(mem, const char *, (unsigned)n),
               **reason = talloc_array(mem, const char *, (unsigned)n);
    for (size_t i = 0; i < n; i++) {
        id[i] = rows[i]->id;
        state[i] = rows[i]->aside;
        reason[i] = rows[i]->reason;
    }
    return n && db_run(db, NULL, err, SQL_OUTBOX_SET_ASIDE, db_ints(mem, id, n), db_texts(mem, state, n),
                       db_texts(mem, reason, n)) < 0
               ? -1
               : 0;
}

int outbox_end_batches(struct db *db, const int64_t *batch, size_t n, struct err *err)
{
    MEM_SCOPE(mem);
    return n && db_run(db, NULL, err, SQL_OUTBOX_END_BATCHES, db_ints(mem, batch, n)) < 0 ? -1 : 0;
}

int outbox_add_base(struct db *db, const void *bytes, size_t len, int64_t *id_r, struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(db, &rows, err, SQL_OUTBOX_ADD_BASE, db_bytes(bytes, len)) < 0)
        return -1;
    *id_r = db_get_int(rows, 0, "id");
    return 0;
}
