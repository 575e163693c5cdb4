/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/department.h"

#include "sql/department.h"

static void department_read(void *mem, const struct db_rows *rows, struct department *d)
{
    d->id = db_get_int(rows, 0, "id");
    d->slug = talloc_strdup(mem, db_get_str(rows, 0, "slug"));
    d->name = talloc_strdup(mem, db_get_str(rows, 0, "name"));
}

/* The error that helps: which departments there are. */
static int fail_unknown(struct db *db, const char *slug, struct err *err)
{
    DB_ROWS rows = NULL;
    MEM_SCOPE(mem);
    if (db_run(db, &rows, err, SQL_DEPARTMENT_LIST) < 0)
        return -1;
    struct text t = text_new(mem);
    for (int i = 0; i < db_rows_count(rows); i++)
        text_printf(&t, "%s%s", i ? ", " : "", db_get_str(rows, i, "slug"));
    if (!t.len)
        return err_set(err, ERR_NOTFOUND, "there is no department yet: `adresar user add` makes them");
    if (!slug)
        return err_set(err, ERR_USAGE, "--department is one of %s", t.s);
    return err_set(err, ERR_NOTFOUND, "there is no department \"%s\"; there are %s", slug, t.s);
}

int department_get(void *mem, struct db *db, const char *slug, struct department *department_r,
                   struct err *err)
{
    DB_ROWS rows = NULL;
    int n = slug ? db_run(db, &rows, err, SQL_DEPARTMENT_FIND, db_text(slug))
                 : db_run(db, &rows, err, SQL_DEPARTMENT_OF_USER);
    if (n < 0)
        return -1;
    if (n == 0)
        return fail_unknown(db, slug, err);
    department_read(mem, rows, department_r);
    return 0;
}

int department_get_for(void *mem, struct db *db, enum right right, const char *slug,
                       struct department *department_r, struct err *err)
{
    if (department_get(mem, db, slug, department_r, err) < 0)
        return -1;
    return rights_check_department(db, right, department_r->id, err);
}

static bool slug_is_valid(const char *slug)
{
    size_t len = strspn(slug, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return len > 0 && len <= 40 && !slug[len] && slug[0] != '-';
}

int department_get_or_add(void *mem, struct db *db, const char *slug, const char *name_or_null,
                          struct department *department_r, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_DEPARTMENT_FIND, db_text(slug));
    if (n < 0)
        return -1;
    if (n == 0 && !slug_is_valid(slug))
        return err_set(err, ERR_USAGE, "\"%s\" is no short name: a-z, 0-9 and -, at most 40 of them", slug);
    if (n == 0 && db_run(db, &rows, err, SQL_DEPARTMENT_ADD, db_text(slug),
                         db_text(name_or_null ? name_or_null : slug)) < 0)
        return -1;
    department_read(mem, rows, department_r);
    return n == 0;
}
