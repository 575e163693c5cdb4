/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/event.h"

#include "crm/department.h"
#include "crm/language.h"
#include "sql/event.h"

enum { MAX_TEXT_BYTES = 1000 };

static int check_text(const struct event_text *t, struct err *err)
{
    if (language_check(t->language, err) < 0)
        return -1;
    if (!t->name || !t->place)
        return err_set(err, ERR_USAGE, "language %s: --%s-%s is missing", t->language,
                       t->name ? "place" : "name", t->language);
    if (strlen(t->name) > MAX_TEXT_BYTES || strlen(t->place) > MAX_TEXT_BYTES)
        return err_set(err, ERR_USAGE, "language %s: a name or place of more than %d bytes", t->language,
                       MAX_TEXT_BYTES);
    return 0;
}

static int check_event(const struct event_new *e, struct err *err)
{
    if (e->end <= e->start)
        return err_set(err, ERR_USAGE, "the event ends before it begins");
    if (!e->ntexts)
        return err_set(err, ERR_USAGE,
                       "the event has no name: --name-sq N --place-sq P, or in another language");
    for (size_t i = 0; i < e->ntexts; i++)
        if (check_text(&e->texts[i], err) < 0)
            return -1;
    return 0;
}

int event_add(struct db *db, const struct event_new *e, int64_t *id_r, struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS rows = NULL;
    MEM_SCOPE(mem);
    struct department department;
    if (check_event(e, err) < 0 || db_begin(&tx, db, DB_WRITE, err) < 0 ||
        department_get_for(mem, db, RIGHT_write, e->department, &department, err) < 0 ||
        db_run(db, &rows, err, SQL_EVENT_ADD, db_text(e->domain), db_int(department.id), db_int(e->start),
               db_int(e->end), db_text(e->reply_by)) < 0)
        return -1;
    *id_r = db_get_int(rows, 0, "id");
    for (size_t i = 0; i < e->ntexts; i++)
        if (db_run(db, NULL, err, SQL_EVENT_TEXT_ADD, db_int(*id_r), db_text(e->texts[i].language),
                   db_text(e->texts[i].name), db_text(e->texts[i].place)) < 0)
            return err_context(err, "language %s", e->texts[i].language);
    return db_commit(&tx, err);
}

static int fail_unknown(int64_t id, struct err *err)
{
    return err_set(err, ERR_NOTFOUND, "there is no event %lld", (long long)id);
}

int event_view(struct db *db, int64_t id, json_t **view_r, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_EVENT_VIEW, db_int(id));
    if (n <= 0)
        return n < 0 ? -1 : fail_unknown(id, err);
    *view_r = json_loads(db_get_str(rows, 0, "view"), 0, NULL);
    must(*view_r);
    return 0;
}

int event_list(struct db *db, const char *language, struct db_rows **rows_r, struct err *err)
{
    return db_run(db, rows_r, err, SQL_EVENT_LIST, db_text(language));
}

int event_answers(struct db *db, int64_t id, struct db_rows **rows_r, struct err *err)
{
    int n = db_run(db, NULL, err, SQL_EVENT_EXISTS, db_int(id));
    if (n <= 0)
        return n < 0 ? -1 : fail_unknown(id, err);
    return db_run(db, rows_r, err, SQL_EVENT_ANSWERS, db_int(id));
}
