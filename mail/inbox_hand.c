/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/inbox_hand.h"

#include <jansson.h>

#include "crm/rights.h"
#include "sql/inbox.h"

/* ---- to look at */

int inbox_list(struct db *db, bool all, const char *state, const char *time_zone, int64_t after, int limit,
               struct db_rows **rows_r, struct err *err)
{
    return db_run(db, rows_r, err, SQL_INBOX_LIST, db_bool(all), db_text(time_zone), db_int(after),
                  db_int(limit), db_text(state));
}

static int no_message(int64_t id, struct err *err)
{
    return err_set(err, ERR_NOTFOUND, "there is no message %lld", (long long)id);
}

int inbox_get(struct db *db, int64_t id, const char *time_zone, struct db_rows **rows_r, struct err *err)
{
    int rc = db_run(db, rows_r, err, SQL_INBOX_SHOW, db_int(id), db_text(time_zone));
    return rc == 0 ? no_message(id, err) : rc;
}

int inbox_get_places(struct db *db, int64_t id, struct db_rows **rows_r, struct err *err)
{
    return db_run(db, rows_r, err, SQL_INBOX_PLACES, db_int(id));
}

int inbox_get_answers(struct db *db, int64_t id, struct db_rows **rows_r, struct err *err)
{
    return db_run(db, rows_r, err, SQL_INBOX_ANSWERS, db_int(id));
}

int inbox_get_thread(struct db *db, int64_t thread, const char *time_zone, struct db_rows **rows_r,
                     struct err *err)
{
    return db_run(db, rows_r, err, SQL_INBOX_THREAD, db_int(thread), db_text(time_zone));
}

/* ---- to decide; all in a transaction that has locked the message */

struct hand {
    int64_t id, contact_id, thread_id, outbox_id, event_id, sent_message_id;
    const char *subject, *proposal, *class; /* class: NULL before it was judged */
};

static int take(void *mem, struct db *db, int64_t id, struct hand *h, struct err *err)
{
    DB_ROWS rows = NULL;
    if (rights_check(db, RIGHT_write, err) < 0)
        return -1;
    int rc = db_run(db, &rows, err, SQL_INBOX_BY_HAND, db_int(id));
    if (rc <= 0)
        return rc < 0 ? -1 : no_message(id, err);
    if (!strcmp(db_get_str(rows, 0, "direction"), "out"))
        return err_set(err, ERR_CONFLICT, "message %lld was sent by us", (long long)id);
    *h = (struct hand){.id = id,
                       .contact_id = db_get_int_or(rows, 0, "contact_id", 0),
                       .thread_id = db_get_int_or(rows, 0, "thread_id", 0),
                       .outbox_id = db_get_int_or(rows, 0, "outbox_id", 0),
                       .event_id = db_get_int_or(rows, 0, "event_id", 0),
                       .subject = talloc_strdup(mem, db_get_str(rows, 0, "subject")),
                       .proposal = talloc_strdup(mem, db_get_str(rows, 0, "proposal")),
                       .class = talloc_strdup(mem, db_get_text(rows, 0, "class"))};
    if (!h->event_id)
        h->event_id = db_get_int_or(rows, 0, "calendar_event_id", 0);
    return 0;
}

static int must_exist(int rc, const char *what, int64_t id, struct err *err)
{
    return rc == 0 ? err_set(err, ERR_NOTFOUND, "there is no %s %lld", what, (long long)id) : rc;
}

static int check_filing(struct db *db, const struct inbox_filing *f, struct err *err)
{
    if (f->contact_id && must_exist(db_run(db, NULL, err, SQL_INBOX_CONTACT_EXISTS, db_int(f->contact_id)),
                                    "contact", f->contact_id, err) < 0)
        return -1;
    if (f->contact_id && rights_check_contact(db, RIGHT_see, f->contact_id, err) < 0)
        return -1;
    if (f->thread_id && must_exist(db_run(db, NULL, err, SQL_INBOX_THREAD_EXISTS, db_int(f->thread_id)),
                                   "thread", f->thread_id, err) < 0)
        return -1;
    return 0;
}

/* The recipient of the mailing that the contact is, and the thread of what was sent to them. */
static int find_recipient(struct db *db, const struct inbox_filing *f, struct hand *h, struct err *err)
{
    DB_ROWS rows = NULL;
    if (!f->mailing_id)
        return 0;
    if (!h->contact_id)
        return err_set(err, ERR_CONFLICT,
                       "message %lld is filed under no contact yet: which recipient is it? --contact C",
                       (long long)h->id);
    int rc = db_run(db, &rows, err, SQL_INBOX_RECIPIENT, db_int(f->mailing_id), db_int(h->contact_id));
    if (rc == 0)
        return err_set(err, ERR_NOTFOUND, "contact %lld is no recipient of mailing %lld",
                       (long long)h->contact_id, (long long)f->mailing_id);
    if (rc < 0)
        return -1;
    h->outbox_id = db_get_int(rows, 0, "id");
    h->thread_id = db_get_int_or(rows, 0, "thread_id", h->thread_id);
    h->sent_message_id = db_get_int_or(rows, 0, "message_id", 0);
    return 0;
}

static int need_thread(struct db *db, const struct inbox_filing *f, struct hand *h, struct err *err)
{
    DB_ROWS rows = NULL;
    if (h->thread_id)
        return 0;
    if (db_run(db, &rows, err, SQL_INBOX_ADD_THREAD, db_text(h->subject), db_int_or_null(f->mailing_id)) < 0)
        return -1;
    h->thread_id = db_get_int(rows, 0, "id");
    return 0;
}

/* The letter that nobody had answered yet has a thread now. */
static int thread_sent(struct db *db, const struct hand *h, struct err *err)
{
    return h->sent_message_id && db_run(db, NULL, err, SQL_INBOX_SET_THREAD, db_int(h->sent_message_id),
                                        db_int(h->thread_id)) < 0
               ? -1
               : 0;
}

/* The program's proposal as the person's word; with the message that it proposes it makes a thread. */
static int take_proposal(struct db *db, struct hand *h, struct inbox_filing *f, struct err *err)
{
    DB_ROWS rows = NULL;
    json_t *p = json_loads(h->proposal, 0, NULL);
    int64_t with = json_integer_value(json_object_get(p, "message"));
    *f = (struct inbox_filing){.contact_id = json_integer_value(json_object_get(p, "contact")),
                               .thread_id = json_integer_value(json_object_get(p, "thread")),
                               .mailing_id = json_integer_value(json_object_get(p, "mailing"))};
    json_decref(p);
    if (with && db_run(db, &rows, err, SQL_INBOX_JOIN, db_int(h->id), db_int(with)) < 0)
        return -1;
    if (with)
        f->thread_id = db_get_int(rows, 0, "id");
    if (!f->contact_id && !f->thread_id && !f->mailing_id)
        return err_set(err, ERR_CONFLICT, "message %lld: nothing is proposed for it", (long long)h->id);
    return 0;
}

int inbox_file(struct db *db, int64_t id, const struct inbox_filing *filing, struct err *err)
{
    MEM_SCOPE(mem);
    DB_TX tx = {0};
    struct hand h;
    struct inbox_filing proposed, *f = &proposed;
    proposed = *filing;
    if (db_begin(&tx, db, DB_WRITE, err) < 0 || take(mem, db, id, &h, err) < 0 ||
        (filing->as_proposed && take_proposal(db, &h, f, err) < 0) || check_filing(db, f, err) < 0)
        return -1;
    if (f->contact_id)
        h.contact_id = f->contact_id;
    if (f->thread_id)
        h.thread_id = f->thread_id;
    if (find_recipient(db, f, &h, err) < 0 || need_thread(db, f, &h, err) < 0 ||
        thread_sent(db, &h, err) < 0 ||
        db_run(db, NULL, err, SQL_INBOX_SET_FILED, db_int(id), db_int_or_null(h.contact_id),
               db_int(h.thread_id), db_int_or_null(h.outbox_id)) < 0)
        return -1;
    return db_commit(&tx, err);
}

int inbox_ignore(struct db *db, int64_t id, struct err *err)
{
    if (rights_check(db, RIGHT_write, err) < 0)
        return -1;
    int rc = db_run(db, NULL, err, SQL_INBOX_SET_IGNORED, db_int(id));
    return rc == 0 ? no_message(id, err) : rc < 0 ? -1 : 0;
}

static int set_answer(struct db *db, const struct hand *h, const char *answer, struct err *err)
{
    if (!h->event_id)
        return err_set(err, ERR_CONFLICT,
                       "message %lld is about no event yet: `inbox file %lld --mailing M` first",
                       (long long)h->id, (long long)h->id);
    if (!h->contact_id)
        return err_set(err, ERR_CONFLICT,
                       "message %lld is filed under no contact yet: `inbox file %lld --contact C` first",
                       (long long)h->id, (long long)h->id);
    struct db_arg message = db_int(h->id), contact = db_int(h->contact_id);
    int rc = db_run(db, NULL, err, SQL_INBOX_CONFIRM, message, contact, db_text(answer));
    if (rc == 0)
        rc = db_run(db, NULL, err, SQL_INBOX_ANSWER_BY_HAND, db_int(h->event_id), contact, db_text(answer),
                    message);
    return rc < 0 ? -1 : 0;
}

int inbox_take_back(struct db *db, int64_t id, const char *class, struct err *err)
{
    return db_run(db, NULL, err, SQL_INBOX_BACK_ANSWERS, db_int(id)) < 0 ||
                   db_run(db, NULL, err, SQL_INBOX_BACK_ADDRESS, db_int(id), db_text(class)) < 0 ||
                   db_run(db, NULL, err, SQL_INBOX_BACK_LETTER, db_int(id)) < 0
               ? -1
               : 0;
}

int inbox_candidates(struct db *db, const char *time_zone, int64_t after, int limit, struct db_rows **rows_r,
                     struct err *err)
{
    return db_run(db, rows_r, err, SQL_INBOX_CANDIDATES, db_text(time_zone), db_int(after), db_int(limit));
}

int inbox_correct(struct db *db, int64_t id, const char *answer, const char *class, struct err *err)
{
    MEM_SCOPE(mem);
    DB_TX tx = {0};
    struct hand h;
    if (db_begin(&tx, db, DB_WRITE, err) < 0 || take(mem, db, id, &h, err) < 0)
        return -1;
    if (db_run(db, NULL, err, SQL_INBOX_ADD_CORRECTION, db_int(id), db_text(class), db_text(answer)) < 0)
        return -1;
    if (class && h.class && strcmp(class, h.class) && inbox_take_back(db, id, class, err) < 0)
        return -1;
    if (class && db_run(db, NULL, err, SQL_INBOX_SET_CLASS, db_int(id), db_text(class)) < 0)
        return -1;
    if (answer &&
        (set_answer(db, &h, answer, err) < 0 || db_run(db, NULL, err, SQL_INBOX_SET_DECIDED, db_int(id)) < 0))
        return -1;
    return db_commit(&tx, err);
}
