/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/import_undo.h"

#include "base/db_again.h"
#include "crm/rights.h"
#include "sql/import.h"

static int check_import(struct db *db, int64_t id, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_IMPORT_UNDO_FIND, db_int(id));
    if (n < 0)
        return -1;
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no import %lld", (long long)id);
    if (rights_check_department(db, RIGHT_write, db_get_int(rows, 0, "department_id"), err) < 0)
        return -1;
    if (!db_is_null(rows, 0, "undone_at"))
        return err_set(err, ERR_CONFLICT, "import %lld was undone at %s", (long long)id,
                       db_get_str(rows, 0, "undone_at"));
    return 0;
}

static int find_kept(void *mem, struct db *db, int64_t id, struct import_undo *undo, struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(db, NULL, err, SQL_IMPORT_CREATE_KEPT) < 0 ||
        db_run(db, NULL, err, SQL_IMPORT_UNDO_KEEP_USED, db_int(id)) < 0 ||
        db_run(db, NULL, err, SQL_IMPORT_UNDO_KEEP_MERGED, db_int(id)) < 0 ||
        db_run(db, NULL, err, SQL_IMPORT_UNDO_KEEP_CHANGED, db_int(id)) < 0 ||
        db_run(db, NULL, err, SQL_IMPORT_UNDO_KEEP_OLDER, db_int(id)) < 0)
        return -1;
    int more;
    while ((more = db_run(db, NULL, err, SQL_IMPORT_UNDO_KEEP_EMPLOYERS, db_int(id))) > 0)
        ;
    int n = more < 0 ? -1 : db_run(db, &rows, err, SQL_IMPORT_UNDO_KEPT, db_int(id));
    if (n < 0)
        return -1;
    undo->kept = talloc_zero_array(mem, struct import_kept, (unsigned)n);
    undo->nkept = (size_t)n;
    for (int i = 0; i < n; i++) {
        struct import_kept *kept = &undo->kept[i];
        kept->contact_id = db_get_int(rows, i, "contact_id");
        kept->name = talloc_strdup(undo->kept, db_get_str(rows, i, "name"));
        kept->why = talloc_strdup(undo->kept, db_get_str(rows, i, "why"));
        kept->row = db_get_int_or(rows, i, "row", 0);
        kept->sheet =
            db_is_null(rows, i, "sheet") ? NULL : talloc_strdup(undo->kept, db_get_str(rows, i, "sheet"));
    }
    return 0;
}

static int change_back(struct db *db, int64_t id, struct err *err)
{
    if (db_run(db, NULL, err, SQL_IMPORT_UNDO_CONTACT_CHANGES, db_int(id)) < 0 ||
        db_run(db, NULL, err, SQL_IMPORT_UNDO_NAME_CHANGES, db_int(id)) < 0 ||
        db_run(db, NULL, err, SQL_IMPORT_UNDO_POSTAL_CHANGES, db_int(id)) < 0 ||
        db_run(db, NULL, err, SQL_IMPORT_UNDO_DETAIL_CHANGES, db_int(id)) < 0)
        return -1;
    return 0;
}

static int remove_rest(struct db *db, int64_t id, int64_t *removed_r, struct err *err)
{
    int meetings = db_run(db, NULL, err, SQL_IMPORT_UNDO_MEETINGS, db_int(id));
    if (meetings < 0 || change_back(db, id, err) < 0 ||
        db_run(db, NULL, err, SQL_IMPORT_CREATE_GONE, db_int(id)) < 0 ||
        db_run(db, NULL, err, SQL_IMPORT_UNDO_ADDITIONS, db_int(id)) < 0 ||
        db_run(db, NULL, err, SQL_IMPORT_UNDO_PARTS) < 0 ||
        db_run(db, NULL, err, SQL_IMPORT_UNDO_POSTS, db_int(id)) < 0)
        return -1;
    int contacts = db_run(db, NULL, err, SQL_IMPORT_UNDO_CONTACTS);
    if (contacts < 0 || db_run(db, NULL, err, SQL_IMPORT_UNDO_REQUESTS, db_int(id)) < 0 ||
        db_run(db, NULL, err, SQL_IMPORT_UNDO_MARK, db_int(id)) < 0)
        return -1;
    *removed_r = contacts + meetings;
    return 0;
}

static int undo_whole(void *mem, struct db *db, int64_t id, bool keep_changed, struct import_undo *undo_r,
                      struct err *err)
{
    DB_TX tx = {0};
    *undo_r = (struct import_undo){0};
    if (db_begin(&tx, db, DB_WRITE, err) < 0 || check_import(db, id, err) < 0 ||
        db_run(db, NULL, err, SQL_IMPORT_UNDO_LOCK, db_int(id)) < 0 ||
        find_kept(mem, db, id, undo_r, err) < 0)
        return -1;
    if (undo_r->nkept && !keep_changed)
        return err_set(
            err, ERR_CONFLICT,
            err_plural("%zu contact of import %lld is in use or has changed; --keep-changed leaves it",
                       "%zu contacts of import %lld are in use or have changed; --keep-changed leaves them",
                       undo_r->nkept),
            undo_r->nkept, (long long)id);
    if (remove_rest(db, id, &undo_r->removed, err) < 0)
        return -1;
    return db_commit(&tx, err);
}

int import_undo(void *mem, struct db *db, int64_t id, bool keep_changed, struct import_undo *undo_r,
                struct err *err)
{
    return DB_AGAIN(undo_whole(mem, db, id, keep_changed, undo_r, err), err);
}
