/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/share.h"

#include "crm/department.h"
#include "crm/rights.h"
#include "sql/share.h"

static int add(struct db *db, int64_t contact_id, int64_t department_id, struct err *err)
{
    int n = db_run(db, NULL, err, SQL_SHARE_ADD, db_int(contact_id), db_int(department_id));
    if (n < 0 || db_run(db, NULL, err, SQL_SHARE_GRANT_ASKED, db_int(contact_id), db_int(department_id)) < 0)
        return -1;
    return n;
}

int share_add(struct db *db, int64_t contact_id, const char *department, struct err *err)
{
    DB_TX tx = {0};
    MEM_SCOPE(mem);
    struct department d;
    if (db_begin(&tx, db, DB_WRITE, err) < 0 || rights_check_keeper(db, RIGHT_share, contact_id, err) < 0 ||
        department_get(mem, db, department, &d, err) < 0)
        return -1;
    int n = add(db, contact_id, d.id, err);
    return n < 0 || db_commit(&tx, err) < 0 ? -1 : n;
}

int share_end(struct db *db, int64_t contact_id, const char *department, struct err *err)
{
    DB_TX tx = {0};
    MEM_SCOPE(mem);
    struct department d;
    if (db_begin(&tx, db, DB_WRITE, err) < 0 || department_get(mem, db, department, &d, err) < 0)
        return -1;
    if (rights_check_department(db, RIGHT_write, d.id, NULL) < 0 &&
        rights_check_keeper(db, RIGHT_share, contact_id, err) < 0)
        return -1;
    int n = db_run(db, NULL, err, SQL_SHARE_END, db_int(contact_id), db_int(d.id));
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "contact %lld is not shared with %s", (long long)contact_id,
                       d.slug);
    return n < 0 ? -1 : db_commit(&tx, err);
}

int share_hand_over(struct db *db, int64_t contact_id, const char *department, struct err *err)
{
    DB_TX tx = {0};
    MEM_SCOPE(mem);
    struct department d;
    if (db_begin(&tx, db, DB_WRITE, err) < 0 ||
        rights_check_keeper(db, RIGHT_hand_over, contact_id, err) < 0 ||
        department_get(mem, db, department, &d, err) < 0)
        return -1;
    int n = db_run(db, NULL, err, SQL_SHARE_HAND_OVER, db_int(contact_id), db_int(d.id));
    if (n == 0)
        return err_set(err, ERR_CONFLICT, "contact %lld is kept by %s already", (long long)contact_id,
                       d.slug);
    return n < 0 ? -1 : db_commit(&tx, err);
}

int share_ask(struct db *db, int64_t contact_id, const char *department, struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS rows = NULL;
    MEM_SCOPE(mem);
    struct department d;
    if (db_begin(&tx, db, DB_WRITE, err) < 0 ||
        department_get_for(mem, db, RIGHT_write, department, &d, err) < 0 ||
        db_run(db, &rows, err, SQL_SHARE_EXISTS, db_int(contact_id), db_int(d.id)) < 0)
        return -1;
    if (db_get_bool(rows, 0, "keeps") || db_get_bool(rows, 0, "shares"))
        return err_set(err, ERR_CONFLICT, "%s %s contact %lld already", d.slug,
                       db_get_bool(rows, 0, "keeps") ? "keeps" : "shares", (long long)contact_id);
    int n = db_run(db, NULL, err, SQL_SHARE_ASK, db_int(contact_id), db_int(d.id));
    return n < 0 || db_commit(&tx, err) < 0 ? -1 : n;
}

int share_list(struct db *db, bool all, const char *zone, struct db_rows **rows_r, struct err *err)
{
    return db_run(db, rows_r, err, SQL_SHARE_LIST, db_bool(all), db_text(zone));
}

int share_decide(struct db *db, int64_t request, bool grant, struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS rows = NULL;
    if (db_begin(&tx, db, DB_WRITE, err) < 0)
        return -1;
    int n = db_run(db, &rows, err, SQL_SHARE_FIND, db_int(request));
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no request %lld; `adresar contact requests` has them",
                       (long long)request);
    if (n < 0)
        return -1;
    int64_t contact = db_get_int(rows, 0, "contact_id");
    if (db_get_bool(rows, 0, "decided"))
        return err_set(err, ERR_CONFLICT, "request %lld is decided already", (long long)request);
    if (rights_check_keeper(db, RIGHT_share, contact, err) < 0 ||
        db_run(db, NULL, err, SQL_SHARE_DECIDE, db_int(request), db_bool(grant)) < 0 ||
        (grant && add(db, contact, db_get_int(rows, 0, "department_id"), err) < 0))
        return -1;
    return db_commit(&tx, err);
}
