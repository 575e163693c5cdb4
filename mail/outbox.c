/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/outbox.h"

#include <unistd.h>

#include "base/log.h"
#include "sql/outbox.h"

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

int outbox_reap(struct db *db, struct err *err)
{
    DB_ROWS lost = NULL;
    if (db_run(db, NULL, err, SQL_OUTBOX_REAP_CLAIMED) < 0 ||
        db_run(db, &lost, err, SQL_OUTBOX_REAP_SUBMITTING) < 0 ||
        db_run(db, NULL, err, SQL_OUTBOX_CANCEL_LATE) < 0 || db_run(db, NULL, err, SQL_OUTBOX_EXPIRE) < 0)
        return -1;
    for (int i = 0; i < db_rows_count(lost); i++)
        log_warning("mailing %s: the outcome for recipient %s is unknown: the process that sent to it ended",
                    db_get_str(lost, i, "mailing_id"), db_get_str(lost, i, "id"));
    return 0;
}

static int drop_view(struct outbox_row *rows)
{
    for (size_t i = 0; i < talloc_array_length(rows); i++)
        json_decref(rows[i].view);
    return 0;
}

/* Opt-out, hold, erasure and term are looked at again when a row is claimed. */
static void judge(void *mem, struct outbox_row *row, const struct db_rows *rows, int i)
{
    const char *contact = db_get_str(rows, i, "contact_state"),
               *address = db_get_str(rows, i, "address_state");
    bool moved = db_get_bool(rows, i, "holder_changed") && !db_get_bool(rows, i, "decided");
    if (moved && (!strcmp(contact, "active") || !strcmp(contact, "left")))
        row->set_aside = "the post has another holder", row->hold = true;
    else if (strcmp(contact, "active"))
        row->set_aside = talloc_asprintf(mem, "contact is %s", contact);
    else if (!db_is_null(rows, i, "forbidden"))
        row->set_aside = talloc_strdup(mem, db_get_str(rows, i, "forbidden"));
    else if (db_get_bool(rows, i, "event_cancelled"))
        row->set_aside = "the event is cancelled";
    else if (!strcmp(address, "dead") || !strcmp(address, "replaced"))
        row->set_aside = talloc_asprintf(mem, "address is %s", address);
    else if (db_get_bool(rows, i, "decided"))
        ; /* a person knows what would hold it, and said yes */
    else if (!strcmp(address, "held"))
        row->set_aside = "address is held", row->hold = true;
}

int outbox_claim(void *mem, struct db *db, int64_t worker, const char *account, int n,
                 struct outbox_row **rows_r, struct err *err)
{
    DB_ROWS rows = NULL;
    n = db_run(db, &rows, err, SQL_OUTBOX_CLAIM, db_int(worker), db_text(account), db_int(n));
    if (n < 0)
        return -1;
    struct outbox_row *out = talloc_zero_array(mem, struct outbox_row, (unsigned)n);
    talloc_set_destructor(out, drop_view);
    for (int i = 0; i < n; i++) {
        struct outbox_row *r = &out[i];
        r->id = db_get_int(rows, i, "id");
        r->mailing_id = db_get_int(rows, i, "mailing_id");
        r->contact_id = db_get_int(rows, i, "contact_id");
        r->event_id = db_get_int_or(rows, i, "event_id", 0);
        r->attempt = (int)db_get_int(rows, i, "attempt");
        r->email = talloc_strdup(out, db_get_str(rows, i, "email"));
        r->name = talloc_strdup(out, db_get_str(rows, i, "name"));
        r->language = talloc_strdup(out, db_get_str(rows, i, "language"));
        r->view = json_loads(db_get_str(rows, i, "view"), 0, NULL);
        must(r->view);
        if (!db_is_null(rows, i, "rfc_message_id"))
            r->rfc_message_id = talloc_strdup(out, db_get_str(rows, i, "rfc_message_id"));
        r->message_id = db_get_int_or(rows, i, "message_id", 0);
        judge(out, r, rows, i);
    }
    *rows_r = out;
    return n;
}

int outbox_give_back(struct db *db, int64_t worker, const struct outbox_row *rows, int n, struct err *err)
{
    if (n == 0)
        return 0;
    MEM_SCOPE(mem);
    int64_t *id = talloc_array(mem, int64_t, (unsigned)n);
    for (int i = 0; i < n; i++)
        id[i] = rows[i].id;
    return db_run(db, NULL, err, SQL_OUTBOX_GIVE_BACK, db_int(worker), db_ints(mem, id, (size_t)n)) < 0 ? -1
                                                                                                        : 0;
}

int outbox_set_aside(struct db *db, int64_t worker, const struct outbox_row *row, struct err *err)
{
    return db_run(db, NULL, err, SQL_OUTBOX_SET_ASIDE, db_int(row->id), db_int(worker),
                  db_text(row->hold ? "held" : "excluded"), db_text(row->set_aside)) < 0
               ? -1
               : 0;
}

static const char *or_null(const char *s)
{
    return s && *s ? s : NULL;
}

int outbox_step(struct db *db, int64_t worker, const struct outbox_row *done,
                const struct outbox_outcome *outcome, const struct outbox_row *next,
                const struct outbox_content *content, bool *submitted_r, struct err *err)
{
    static const struct outbox_outcome none;
    static const struct outbox_content nothing;
    const struct outbox_outcome *o = done ? outcome : &none;
    const struct outbox_content *c = next ? content : &nothing;
    DB_ROWS rows = NULL;
    if (db_run(db, &rows, err, SQL_OUTBOX_STEP, db_int_or_null(done ? done->id : 0),
               db_int_or_null(done ? done->attempt : 0), db_text(o->state), db_text(or_null(o->server)),
               db_int_or_null(o->code), db_text(or_null(o->enhanced)), db_text(or_null(o->text)),
               db_int(o->again_s), db_int(worker), db_int_or_null(next ? next->id : 0),
               db_int_or_null(next ? next->attempt : 0), db_int_or_null(next ? next->message_id : 0),
               db_text(c->rfc_message_id), db_text(c->subject ? c->subject : ""),
               db_bytes(c->identity, sizeof c->identity), db_int(c->date), db_text(c->from_address),
               db_text(c->from_name), db_bytes(c->raw, c->len), db_text(c->envelope_from),
               db_text(o->attempt)) < 0)
        return -1;
    if (done && !db_get_int(rows, 0, "settled"))
        log_warning("recipient %lld was decided on by somebody else before the server's answer (%s) came",
                    (long long)done->id, o->state);
    if (submitted_r)
        *submitted_r = db_get_int(rows, 0, "submitted") == 1;
    return 0;
}

int outbox_is_submitting(struct db *db, int64_t worker, const struct outbox_row *row, bool *yes_r,
                         struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(db, &rows, err, SQL_OUTBOX_IS_SUBMITTING, db_int(row->id), db_int(worker),
               db_int(row->attempt)) < 0)
        return -1;
    *yes_r = db_get_bool(rows, 0, "submitting");
    return 0;
}

int outbox_fail_envelope(struct db *db, int64_t worker, const struct outbox_row *row,
                         const struct outbox_outcome *outcome, struct err *err)
{
    return db_run(db, NULL, err, SQL_OUTBOX_FAIL_ENVELOPE, db_int(row->id), db_int(worker),
                  db_int(row->attempt), db_text(outcome->state), db_text(or_null(outcome->server)),
                  db_text(outcome->stage), db_int_or_null(outcome->code), db_text(or_null(outcome->enhanced)),
                  db_text(or_null(outcome->text)), db_int(outcome->again_s), db_text(outcome->attempt)) < 0
               ? -1
               : 0;
}

int outbox_versions(struct db *db, int64_t outbox, int *versions_r, struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(db, &rows, err, SQL_OUTBOX_GET_VERSION, db_int(outbox)) < 0)
        return -1;
    *versions_r = (int)db_get_int(rows, 0, "versions");
    return 0;
}
