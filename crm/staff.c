/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/db_script.h"
#include "crm/staff.h"

#include "crm/department.h"
#include "crm/rights.h"
#include "sql/staff.h"

static int check_login(const char *login, struct err *err)
{
    size_t len = strspn(login, "abcdefghijklmnopqrstuvwxyz0123456789_.-");
    if (!len || len > 63 || login[len] || strchr("-.0123456789", login[0]))
        return err_set(err, ERR_USAGE,
                       "\"%s\" is no login: a-z, 0-9, _ . and -, a letter first, at most 63 of them", login);
    if (!strncmp(login, "adresar_", 8) || !strncmp(login, "pg_", 3))
        return err_set(err, ERR_USAGE, "\"%s\": names that begin with adresar_ or pg_ are taken", login);
    return 0;
}

static int check_new(struct db *db, const struct staff *staff, struct err *err)
{
    DB_ROWS rows = NULL;
    if (!rights_is_role(staff->role))
        return err_set(err, ERR_USAGE, "a role is %s, not \"%s\"", RIGHTS_ROLES, staff->role);
    int n = db_run(db, &rows, err, SQL_STAFF_FIND, db_text(staff->login));
    if (n == 1 && !db_get_bool(rows, 0, "disabled"))
        return err_set(err, ERR_CONFLICT, "%s is a user already: %s of %s", staff->login,
                       db_get_str(rows, 0, "role"), db_get_str(rows, 0, "department"));
    return n < 0 ? -1 : 0;
}

/* Roles belong to the cluster: one that is there may serve another database of ours, but a stranger's must
 * not become the office's by accident. */
static int make_role(struct db *db, const char *login, struct err *err)
{
    DB_ROWS rows = NULL;
    MEM_SCOPE(mem);
    int n = db_run(db, &rows, err, SQL_STAFF_FIND_ROLE, db_text(login));
    if (n < 0)
        return -1;
    if (n == 1 && !db_get_bool(rows, 0, "office"))
        return err_set(err, ERR_CONFLICT, "PostgreSQL has a role \"%s\" that is not the office's", login);
    const char *role = db_quote_name(mem, db, login);
    return db_script(db,
                     n == 0 ? talloc_asprintf(mem, "create role %s login in role adresar_office", role)
                            : talloc_asprintf(mem, "alter role %s login", role),
                     err);
}

/* The further departments become those of the list, with commas or blanks between; they must be there. */
static int set_departments(struct db *db, int64_t id, const char *list, struct err *err)
{
    MEM_SCOPE(mem);
    struct department department;
    if (db_run(db, NULL, err, SQL_STAFF_LEAVE_DEPARTMENTS, db_int(id)) < 0)
        return -1;
    for (const char *s = list; s && *s;) {
        s += strspn(s, ", ");
        size_t len = strcspn(s, ", ");
        if (len && (department_get(mem, db, talloc_strndup(mem, s, len), &department, err) < 0 ||
                    db_run(db, NULL, err, SQL_STAFF_JOIN_DEPARTMENT, db_int(id), db_int(department.id)) < 0))
            return -1;
        s += len;
    }
    return 0;
}

int staff_add(struct db *db, const struct staff *staff, bool *department_made_r, struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS added = NULL;
    MEM_SCOPE(mem);
    struct department department;
    if (check_login(staff->login, err) < 0 || db_begin(&tx, db, DB_WRITE, err) < 0 ||
        check_new(db, staff, err) < 0)
        return -1;
    int made = department_get_or_add(mem, db, staff->department, staff->department_name, &department, err);
    if (made < 0 || make_role(db, staff->login, err) < 0 ||
        db_run(db, &added, err, SQL_STAFF_ADD, db_text(staff->login), db_text(staff->role),
               db_int(department.id)) < 0 ||
        set_departments(db, db_get_int(added, 0, "id"), staff->also, err) < 0)
        return -1;
    *department_made_r = made;
    return db_commit(&tx, err);
}

int staff_disable(struct db *db, const char *login, struct err *err)
{
    DB_TX tx = {0};
    MEM_SCOPE(mem);
    if (db_begin(&tx, db, DB_WRITE, err) < 0)
        return -1;
    int n = db_run(db, NULL, err, SQL_STAFF_DISABLE, db_text(login));
    if (n < 0)
        return -1;
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no user \"%s\"", login);
    if (db_script(db, talloc_asprintf(mem, "alter role %s nologin", db_quote_name(mem, db, login)), err) < 0)
        return -1;
    return db_commit(&tx, err);
}

int staff_list(void *mem, struct db *db, struct staff **list_r, size_t *n_r, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_STAFF_LIST);
    if (n < 0)
        return -1;
    struct staff *list = talloc_zero_array(mem, struct staff, (unsigned)n);
    for (int i = 0; i < n; i++) {
        list[i].login = talloc_strdup(list, db_get_str(rows, i, "login"));
        list[i].role = talloc_strdup(list, db_get_str(rows, i, "role"));
        list[i].department = talloc_strdup(list, db_get_str(rows, i, "department"));
        list[i].department_name = talloc_strdup(list, db_get_str(rows, i, "department_name"));
        list[i].also = talloc_strdup(list, db_get_str(rows, i, "also"));
        const char *at = db_get_text(rows, i, "disabled_at");
        list[i].disabled_at = at ? talloc_strdup(list, at) : NULL;
    }
    *list_r = list;
    *n_r = (size_t)n;
    return 0;
}
