/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/trail.h"

#include "base/catalog.h"
#include "mail/mailing.h"
#include "sql/trail.h"

enum { AT_ONCE = 200 }; /* recipients: what the statement makes of each it compares with all others' */

static json_t *head(int64_t id, const struct db_rows *m)
{
    return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:o}", "id",
                     (json_int_t)id, "name", db_get_str(m, 0, "name"), "state", db_get_str(m, 0, "state"),
                     "step", db_get_str(m, 0, "step"), "prepared_by", db_get_str(m, 0, "prepared_by"),
                     "prepared_at", db_get_str(m, 0, "prepared_at"), "segment", db_get_text(m, 0, "segment"),
                     "words", db_get_text(m, 0, "segment_words"), "file", db_get_text(m, 0, "list_file"),
                     "released_by", db_get_text(m, 0, "released_by"), "released_at",
                     db_get_text(m, 0, "released_at"), "despite", db_get_text(m, 0, "despite"), "missing_of",
                     db_is_null(m, 0, "missing_of") ? json_null()
                                                    : json_integer(db_get_int(m, 0, "missing_of")));
}

static json_t *recipient(const struct db_rows *r, int i)
{
    json_t *line = db_is_null(r, i, "line") ? json_null() : json_integer(db_get_int(r, i, "line"));
    return json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:o, s:s?, s:[]}", "recipient",
                     (json_int_t)db_get_int(r, i, "id"), "contact",
                     (json_int_t)db_get_int(r, i, "contact_id"), "name", db_get_str(r, i, "name"), "address",
                     db_get_str(r, i, "email"), "language", db_get_str(r, i, "language"), "state",
                     db_get_str(r, i, "state"), "line", line, "post", db_get_text(r, i, "post"), "steps");
}

/* Both are in the order of the recipients; at: the first whom they may be of. */
static void add_steps(json_t *recipients, size_t at, const struct db_rows *s, int n)
{
    for (int i = 0; i < n; i++) {
        json_t *r;
        while (r = json_array_get(recipients, at),
               json_integer_value(json_object_get(r, "recipient")) != db_get_int(s, i, "id"))
            must(++at < json_array_size(recipients));
        json_array_append_new(json_object_get(r, "steps"),
                              json_pack("{s:s, s:s?, s:s, s:s?}", "at", db_get_str(s, i, "at"), "by",
                                        db_get_text(s, i, "by"), "what", db_get_str(s, i, "what"), "how",
                                        db_get_text(s, i, "how")));
    }
}

/* Whom it went to. */
static const char *source(void *mem, const struct db_rows *m)
{
    const char *segment = db_get_text(m, 0, "segment"), *file = db_get_text(m, 0, "list_file");
    if (!db_is_null(m, 0, "missing_of"))
        return talloc_asprintf(mem, err_word(N_("those without a letter of mailing %s")),
                               db_get_str(m, 0, "missing_of"));
    if (!segment && !file)
        return err_word(N_("guests of its event"));
    return segment ? segment : talloc_asprintf(mem, "%s%s", file, err_word(N_(", a list")));
}

static int not_near(struct db *db, int64_t mailing, int64_t contact, const struct db_rows *m, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_TRAIL_CONTACT, db_int(mailing), db_int(contact));
    if (n < 0)
        return -1;
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no contact %lld", (long long)contact);
    const char *state = db_get_str(rows, 0, "state"), *forbids = db_get_text(rows, 0, "forbids");
    return err_set(err, ERR_NOTFOUND,
                   "contact %lld, %s, never was in mailing %lld, which went to %s; today the contact is "
                   "%s%s%s%s",
                   (long long)contact, db_get_str(rows, 0, "name"), (long long)mailing, source(mem, m),
                   err_word(state),
                   db_get_bool(rows, 0, "reachable") ? "" : err_word(N_(", has no address that takes mail")),
                   forbids ? ", " : "", forbids ? forbids : "");
}

static int read_recipients(struct db *db, const struct conf *conf, int64_t mailing,
                           const struct db_rows *rows, int n, json_t *recipients, struct err *err)
{
    MEM_SCOPE(mem);
    int64_t *id = talloc_array(mem, int64_t, (unsigned)n);
    for (int i = 0; i < n; i++) {
        id[i] = db_get_int(rows, i, "id");
        json_array_append_new(recipients, recipient(rows, i));
    }
    for (int i = 0; i < n; i += AT_ONCE) {
        DB_ROWS steps = NULL;
        int some = n - i < AT_ONCE ? n - i : AT_ONCE;
        int count = db_run(db, &steps, err, SQL_TRAIL_STEPS, db_int(mailing),
                           db_ints(mem, id + i, (size_t)some), db_text(conf->office.time_zone));
        if (count < 0)
            return -1;
        add_steps(recipients, (size_t)i, steps, count);
    }
    return 0;
}

int trail_read(struct db *db, const struct conf *conf, int64_t mailing, int64_t contact, json_t **trail_r,
               struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS m = NULL;
    DB_ROWS rows = NULL;
    if (db_begin(&tx, db, DB_READ, err) < 0 || mailing_check(db, RIGHT_see, mailing, err) < 0 ||
        db_run(db, &m, err, SQL_TRAIL_MAILING, db_int(mailing), db_text(conf->office.time_zone)) < 0)
        return -1;
    int n = db_run(db, &rows, err, SQL_TRAIL_RECIPIENTS, db_int(mailing), db_int_or_null(contact));
    if (n <= 0 && contact)
        return n < 0 ? -1 : not_near(db, mailing, contact, m, err);
    json_t *trail = head(mailing, m), *recipients = json_array();
    json_object_set_new(trail, "recipients", recipients);
    if (n < 0 || read_recipients(db, conf, mailing, rows, n, recipients, err) < 0 ||
        db_commit(&tx, err) < 0) {
        json_decref(trail);
        return -1;
    }
    *trail_r = trail;
    return 0;
}
