/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/mailing_low.h"

#include "mail/destination.h"

#include "sql/mailing.h"
#include "sql/outbox.h"

static const struct {
    const char *kind;
    int window;
    const char *not_taken;
    int days;
} classes[] = {
#define CLASS(kind, window, not_taken, days) {kind, window, not_taken, days},
#include "mail/mailing_class.def"
#undef CLASS
};

int mailing_window(const char *kind)
{
    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        if (!strcmp(classes[i].kind, kind))
            return classes[i].window;
    return 1;
}

const char *mailing_not_taken(const char *kind)
{
    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        if (!strcmp(classes[i].kind, kind))
            return classes[i].not_taken;
    return "ask";
}

int mailing_days(const char *kind)
{
    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        if (!strcmp(classes[i].kind, kind))
            return classes[i].days;
    return 5;
}

static const char *copy(void *mem, const struct db_rows *rows, const char *column)
{
    const char *s = db_get_text(rows, 0, column);
    return s ? talloc_strdup(mem, s) : NULL;
}

int mailing_get(void *mem, struct db *db, int64_t id, struct mailing_info *info_r, struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(db, &rows, err, SQL_MAILING_GET, db_int(id)) < 0)
        return err->code == ERR_NOTFOUND
                   ? err_set(err, ERR_NOTFOUND, "there is no mailing %lld", (long long)id)
                   : -1;
    *info_r = (struct mailing_info){
        .id = id,
        .event_id = db_get_int_or(rows, 0, "event_id", 0),
        .kind = copy(mem, rows, "kind"),
        .step = copy(mem, rows, "step"),
        .overtaken = db_get_bool(rows, 0, "overtaken"),
        .name = copy(mem, rows, "name"),
        .account = copy(mem, rows, "account"),
        .shared_address = copy(mem, rows, "shared_address"),
        .state = copy(mem, rows, "state"),
        .pause_reason = copy(mem, rows, "pause_reason"),
        .prepared_by = copy(mem, rows, "prepared_by"),
        .released_by = copy(mem, rows, "released_by"),
        .segment = copy(mem, rows, "segment"),
        .event_starts = db_get_int_or(rows, 0, "event_starts", 0),
        .paper = db_get_bool(rows, 0, "paper"),
    };
    return 0;
}

int mailing_check(struct db *db, enum right right, int64_t id, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_MAILING_DEPARTMENT, db_int(id));
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no mailing %lld", (long long)id);
    if (n < 0 || rights_check_department(db, right, db_get_int(rows, 0, "department_id"), err) < 0)
        return n < 0 ? -1 : err_context(err, "mailing %lld", (long long)id);
    return 0;
}

/* The recipients by state; *total_r counts them, *open_r those without an outcome. */
static int count_states(struct db *db, int64_t id, json_t *by_state, int64_t *total_r, int64_t *open_r,
                        struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_OUTBOX_BY_STATE, db_int(id));
    *total_r = *open_r = 0;
    for (int i = 0; i < n; i++) {
        int64_t count = db_get_int(rows, i, "n");
        *total_r += count;
        if (!db_get_bool(rows, i, "terminal"))
            *open_r += count;
        if (count)
            json_object_set_new(by_state, db_get_str(rows, i, "state"), json_integer(count));
    }
    return n < 0 ? -1 : 0;
}

int mailing_status(struct db *db, int64_t id, json_t **status_r, struct err *err)
{
    MEM_SCOPE(mem);
    struct mailing_info info;
    DB_ROWS rows = NULL;
    json_t *by_state = json_object(), *waits;
    int64_t summed, open;
    if (mailing_get(mem, db, id, &info, err) < 0 || mailing_check(db, RIGHT_see, id, err) < 0 ||
        count_states(db, id, by_state, &summed, &open, err) < 0 ||
        db_run(db, &rows, err, SQL_MAILING_COUNT_RECIPIENTS, db_int(id)) < 0 ||
        destination_waits(db, id, &waits, err) < 0) {
        json_decref(by_state);
        return -1;
    }
    int64_t total = db_get_int(rows, 0, "n");
    /* Finished with open recipients, or a state that the program does not know, would be a wrong sum. */
    bool ok = total == summed && (strcmp(info.state, "finished") || open == 0);
    *status_r = json_pack("{s:I, s:s, s:s, s:s, s:b, s:I, s:o, s:I, s:b, s:s, s:s?, s:s?, s:s?, s:o}", "id",
                          (json_int_t)id, "name", info.name, "state", info.state, "step", info.step,
                          "overtaken", (int)info.overtaken, "total", (json_int_t)total, "by_state", by_state,
                          "open", (json_int_t)open, "sum_ok", ok, "prepared_by", info.prepared_by,
                          "released_by", info.released_by, "pause_reason", info.pause_reason, "segment",
                          info.segment, "waits", waits);
    return 0;
}

int mailing_not_in_state(struct db *db, int64_t id, const char *wanted, struct err *err)
{
    MEM_SCOPE(mem);
    struct mailing_info info;
    if (mailing_get(mem, db, id, &info, err) < 0)
        return -1;
    const char *state = err_word(info.state);
    return wanted ? err_set(err, ERR_CONFLICT, "mailing %lld is %s, not %s", (long long)id, state,
                            err_word(wanted))
                  : err_set(err, ERR_CONFLICT, "mailing %lld is %s already", (long long)id, state);
}

int mailing_pause(struct db *db, int64_t id, const char *reason, struct err *err)
{
    if (mailing_check(db, RIGHT_write, id, err) < 0)
        return -1;
    int rc = db_run(db, NULL, err, SQL_MAILING_SET_PAUSED, db_int(id), db_text(reason));
    return rc == 0 ? mailing_not_in_state(db, id, "released", err) : rc < 0 ? -1 : 0;
}

int mailing_pause_for(struct db *db, int64_t id, const char *reason, struct err *err)
{
    return db_run(db, NULL, err, SQL_MAILING_SET_PAUSED, db_int(id), db_text(reason)) < 0 ? -1 : 0;
}

int mailing_resume(struct db *db, int64_t id, struct err *err)
{
    if (mailing_check(db, RIGHT_write, id, err) < 0)
        return -1;
    int rc = db_run(db, NULL, err, SQL_MAILING_RESUME, db_int(id));
    return rc == 0 ? mailing_not_in_state(db, id, "paused", err) : rc < 0 ? -1 : 0;
}

static int cancel_recipients(struct db *db, int64_t id, struct err *err)
{
    DB_ROWS rows = NULL;
    int64_t last = 0;
    if (db_run(db, NULL, err, SQL_OUTBOX_CANCEL_QUEUE, db_int(id)) < 0)
        return -1;
    do {
        if (db_run(db, &rows, err, SQL_OUTBOX_CANCEL, db_int(id), db_int(last)) < 0)
            return -1;
        last = db_get_int_or(rows, 0, "last", 0);
    } while (last);
    return 0;
}

int mailing_cancel(struct db *db, int64_t id, struct err *err)
{
    DB_TX tx = {0};
    if (db_begin(&tx, db, DB_WRITE, err) < 0 || mailing_check(db, RIGHT_write, id, err) < 0)
        return -1;
    int rc = db_run(db, NULL, err, SQL_MAILING_CANCEL, db_int(id));
    if (rc == 0)
        return mailing_not_in_state(db, id, NULL, err);
    if (rc < 0 || cancel_recipients(db, id, err) < 0)
        return -1;
    return db_commit(&tx, err);
}

int mailing_retry(struct db *db, int64_t id, int *n_r, struct err *err)
{
    if (mailing_check(db, RIGHT_write, id, err) < 0)
        return -1;
    *n_r = db_run(db, NULL, err, SQL_OUTBOX_RETRY, db_int(id));
    return *n_r < 0 ? -1 : 0;
}

int mailing_settle(struct db *db, int64_t outbox, const char *state, const char *why, struct err *err)
{
    bool queued = !strcmp(state, "queued"), excluded = !strcmp(state, "excluded");
    if (strcmp(state, "accepted") && strcmp(state, "left") && !queued && !excluded)
        return err_set(err, ERR_USAGE,
                       "an unknown outcome is settled as accepted, left or queued, who is held as queued or "
                       "excluded, not as \"%s\"",
                       state);
    DB_TX tx = {0};
    DB_ROWS rows = NULL;
    if (db_begin(&tx, db, DB_WRITE, err) < 0)
        return -1;
    int rc = db_run(db, &rows, err, SQL_MAILING_OF_OUTBOX, db_int(outbox));
    if (rc == 0)
        return err_set(err, ERR_NOTFOUND,
                       "there is no recipient %lld; `adresar mailing recipients` has their numbers",
                       (long long)outbox);
    if (rc < 0 || mailing_check(db, RIGHT_write, db_get_int(rows, 0, "mailing_id"), err) < 0)
        return -1;
    if (!excluded &&
        db_run(db, &rows, err, SQL_OUTBOX_SETTLE, db_int(outbox), db_text(state), db_text(why)) < 0)
        return -1;
    int64_t settled = excluded ? 0 : db_get_int(rows, 0, "settled");
    if (!settled && (queued || excluded)) {
        if (db_run(db, &rows, err, SQL_OUTBOX_DECIDE, db_int(outbox), db_text(state), db_text(why)) < 0)
            return -1;
        settled = db_get_int(rows, 0, "settled");
    }
    if (!settled)
        return err_set(err, ERR_CONFLICT, "recipient %lld is not in a state to be settled as %s",
                       (long long)outbox, state);
    return db_commit(&tx, err);
}

int mailing_finish_all(struct db *db, struct err *err)
{
    return db_run(db, NULL, err, SQL_MAILING_FINISH) < 0 ? -1 : 0;
}

int mailing_pointing_to(struct db *db, const json_t *done, json_t **list_r, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    size_t n = json_array_size(done), count = 0;
    int64_t *post = talloc_array(mem, int64_t, (unsigned)n + 1),
            *holder = talloc_array(mem, int64_t, (unsigned)n + 1);
    for (size_t i = 0; i < n; i++) {
        const json_t *change = json_array_get(done, i);
        int64_t before = json_integer_value(json_object_get(change, "before_id"));
        if (before == json_integer_value(json_object_get(change, "after_id")))
            continue;
        post[count] = json_integer_value(json_object_get(change, "post"));
        holder[count++] = before;
    }
    int found = db_run(db, &rows, err, SQL_MAILING_POINTING_TO, db_ints(mem, post, count),
                       db_ints(mem, holder, count));
    if (found < 0)
        return -1;
    *list_r = json_array();
    for (int i = 0; i < found; i++)
        json_array_append_new(
            *list_r,
            json_pack("{s:s, s:I, s:s, s:I, s:s, s:I, s:s}", "kind", db_get_str(rows, i, "kind"), "id",
                      (json_int_t)db_get_int(rows, i, "id"), "name", db_get_str(rows, i, "name"), "recipient",
                      (json_int_t)db_get_int(rows, i, "recipient"), "state", db_get_str(rows, i, "state"),
                      "contact", (json_int_t)db_get_int(rows, i, "contact_id"), "holder",
                      db_get_str(rows, i, "holder")));
    return 0;
}
