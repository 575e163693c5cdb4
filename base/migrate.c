/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/db_script.h"
#include "base/migrate.h"

#include "base/embedded.h"
#include "sql/migrate.h"

static const char table_sql[] = "create table if not exists migration ("
                                " n integer primary key, name text not null, sha256 bytea not null,"
                                " applied_at timestamptz not null default now());"
                                " grant select on migration to public";

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int number_of(const char *path)
{
    return (int)strtol(base_name(path), NULL, 10);
}

static int applied_list(struct db *db, struct db_rows **rows_r, struct err *err)
{
    DB_ROWS there = NULL;
    if (db_run(db, &there, err, SQL_MIGRATE_TABLE_EXISTS) < 0)
        return -1;
    return db_get_bool(there, 0, "there") ? db_run(db, rows_r, err, SQL_MIGRATE_LIST) : 0;
}

/* 1 applied as it is here, 0 not yet, -1 applied from another text. */
static int is_applied(struct db *db, const struct db_rows *rows, const struct embedded *m, struct err *err)
{
    for (int i = 0; rows && i < db_rows_count(rows); i++) {
        if (db_get_int(rows, i, "n") != number_of(m->name))
            continue;
        DB_ROWS sum = NULL;
        if (db_run(db, &sum, err, SQL_MIGRATE_SHA256, db_text(m->bytes)) < 0)
            return -1;
        if (strcmp(db_get_str(sum, 0, "sha256"), db_get_str(rows, i, "sha256")))
            return err_set(err, ERR_CONFIG,
                           "%s was applied with another text: this program is not of this database's line",
                           base_name(m->name));
        return 1;
    }
    return 0;
}

int migrate_status(void *mem, struct db *db, struct migrate_status *status_r, struct err *err)
{
    DB_ROWS rows = NULL;
    *status_r = (struct migrate_status){0};
    if (applied_list(db, &rows, err) < 0)
        return -1;
    for (const struct embedded *m = migrations; m->name; m++) {
        int rc = is_applied(db, rows, m, err);
        if (rc < 0)
            return -1;
        if (rc == 0) {
            status_r->pending++;
            continue;
        }
        status_r->applied++;
        status_r->last = talloc_strdup(mem, base_name(m->name));
    }
    return 0;
}

int migrate_upgrade(struct db *db, migrate_after_fn *after, int *applied_r, struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS rows = NULL;
    *applied_r = 0;
    if (db_begin(&tx, db, DB_WRITE, err) < 0 ||
        db_script(db, "select pg_advisory_xact_lock(20261122)", err) < 0 ||
        db_script(db, table_sql, err) < 0 || applied_list(db, &rows, err) < 0)
        return -1;
    for (const struct embedded *m = migrations; m->name; m++) {
        int rc = is_applied(db, rows, m, err);
        if (rc < 0)
            return -1;
        if (rc == 1)
            continue;
        if (db_script(db, m->bytes, err) < 0 ||
            db_run(db, NULL, err, SQL_MIGRATE_RECORD, db_int(number_of(m->name)), db_text(base_name(m->name)),
                   db_text(m->bytes)) < 0)
            return err_context(err, "%s", base_name(m->name));
        ++*applied_r;
    }
    if (after && after(db, err) < 0)
        return -1;
    return db_commit(&tx, err);
}
