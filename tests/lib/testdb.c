/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/testdb.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/db_script.h"
#include "base/embedded.h"
#include "cmd/store.h"
#include "crm/staff.h"

void testdb_need(void)
{
    if (getenv("ADRESAR_TEST_PG"))
        return;
    puts("1..0 # SKIP ADRESAR_TEST_PG names no PostgreSQL");
    exit(0);
}

/* ---- the template */

/* Changes when a migration does. */
static char *template_name(void *mem)
{
    uint64_t sum = 1469598103934665603u; /* FNV-1a */
    for (const struct embedded *m = migrations; m->name; m++)
        for (size_t i = 0; i < m->len; i++)
            sum = (sum ^ (unsigned char)m->bytes[i]) * 1099511628211u;
    return talloc_asprintf(mem, "adresar_template_%016llx", (unsigned long long)sum);
}

static void make_template(struct db *cluster, const char *conninfo, const char *name)
{
    MEM_SCOPE(mem);
    bool created;
    int applied;
    char *unfinished = talloc_asprintf(mem, "%s_%d", name, (int)getpid());
    DONE(store_create(conninfo, unfinished, &created, err));
    DONE(store_upgrade(talloc_asprintf(mem, "%s dbname=%s", conninfo, unfinished), &applied, err));
    DONE(db_script(cluster, talloc_asprintf(mem, "alter database %s rename to %s", unfinished, name), err));
}

static void clone(struct db *cluster, const char *conninfo, const char *name)
{
    MEM_SCOPE(mem);
    struct err why;
    char *template = template_name(mem);
    char *sql = talloc_asprintf(mem, "create database %s template %s owner adresar_owner", name, template);
    DONE(db_script(cluster, "select pg_advisory_lock(20261124)", err));
    if (db_script(cluster, sql, &why) < 0) {
        if (strcmp(why.sqlstate, "3D000") && strcmp(why.sqlstate, "42704")) /* no template, no owner */
            fail_msg("%s", why.text);
        make_template(cluster, conninfo, template);
        DONE(db_script(cluster, sql, err));
    }
    DONE(db_script(cluster, "select pg_advisory_unlock(20261124)", err));
}

/* ---- databases */

struct testdb *testdb_open(const char *name)
{
    struct testdb *t = talloc_zero(NULL, struct testdb);
    struct db *cluster;
    const char *conninfo = getenv("ADRESAR_TEST_PG");
    t->mem = t;
    t->name = talloc_asprintf(t, "adresar_t_%s_%d", name, (int)getpid());
    t->conninfo = talloc_asprintf(t, "%s dbname=%s", conninfo, t->name);
    DONE(db_open(&cluster, talloc_asprintf(t, "%s dbname=postgres", conninfo), NULL, "test", err));
    clone(cluster, conninfo, t->name);
    db_close(cluster);
    DONE(db_open(&t->su, t->conninfo, NULL, "test", err));
    return t;
}

void testdb_close(struct testdb *t)
{
    struct db *cluster;
    testdb_do(t, "do $$ declare r text; begin for r in select login from staff loop "
                 "execute format('drop role %%I', r); end loop; end $$");
    db_close(t->su);
    DONE(db_open(&cluster, talloc_asprintf(t, "%s dbname=postgres", t->conninfo), NULL, "test", err));
    DONE(db_script(cluster, talloc_asprintf(t, "drop database %s with (force)", t->name), err));
    db_close(cluster);
    talloc_free(t);
}

struct db *testdb_as(struct testdb *t, const char *role)
{
    struct db *db = NULL;
    DONE(db_open(&db, t->conninfo, role, "test", err));
    return db;
}

const char *testdb_role(struct testdb *t, const char *login)
{
    return talloc_asprintf(t, "%s_%d", login, (int)getpid());
}

struct db *testdb_user(struct testdb *t, const char *login, const char *role, const char *department)
{
    bool made;
    struct staff staff = {.login = testdb_role(t, login), .role = role, .department = department};
    struct db *owner = testdb_as(t, "adresar_owner");
    DONE(staff_add(owner, &staff, &made, err));
    db_close(owner);
    return testdb_as(t, staff.login);
}

/* ---- SQL */

void testdb_do(struct testdb *t, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    DONE(db_script(t->su, talloc_vasprintf(t, fmt, ap), err));
    va_end(ap);
}

/* A statement made while the test runs; the connection knows it by its address, so that it stays. */
const char *testdb_ask(struct testdb *t, const char *fmt, ...)
{
    DB_ROWS rows = NULL;
    va_list ap;
    va_start(ap, fmt);
    struct db_stmt *s = talloc_zero(t, struct db_stmt);
    *s = (struct db_stmt){"testdb_ask", talloc_vasprintf(t, fmt, ap), DB_ROWS_many, 0, false};
    va_end(ap);
    DONE(db_run_args(t->su, &rows, err, s, NULL));
    const char *cell = db_rows_count(rows) ? db_cell(rows, 0, 0) : NULL;
    return talloc_strdup(t, cell ? cell : "");
}

void testdb_refused(struct db *db, const char *sqlstate, const char *sql)
{
    struct err err = {0};
    if (db_script(db, sql, &err) == 0)
        fail_msg("PostgreSQL took: %s", sql);
    if (strcmp(err.sqlstate, sqlstate))
        fail_msg("%s: %s", sql, err.text);
}
