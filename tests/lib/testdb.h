/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A database of its own for a test program, cloned from a migrated template that the first program of the
 * cluster makes.  What fails fails the test.
 */
#ifndef TESTS_LIB_TESTDB_H
#define TESTS_LIB_TESTDB_H

#include "base/db.h"
#include "tests/lib/done.h"

struct testdb {
    void *mem;
    const char *name, *conninfo; /* without a user */
    struct db *su;               /* as superuser */
};

/* ADRESAR_TEST_PG is the connection string of a superuser; without it this says that all is left out (TAP),
 * and the program ends with success. */
void testdb_need(void);
struct testdb *testdb_open(const char *name);
void testdb_close(struct testdb *t);

/* A department and a user of it (clerk, head ...), who is connected then.  The role's name carries the
 * process's number, and is dropped at the end. */
struct db *testdb_user(struct testdb *t, const char *login, const char *role, const char *department);
const char *testdb_role(struct testdb *t, const char *login);
/* As one of the program's own roles. */
struct db *testdb_as(struct testdb *t, const char *role);

/* SQL as superuser; of an answer the first cell, "" for null or no row. */
void testdb_do(struct testdb *t, const char *fmt, ...) PRINTF(2, 3);
const char *testdb_ask(struct testdb *t, const char *fmt, ...) PRINTF(2, 3);
/* SQL on that connection, which must fail with that SQLSTATE. */
void testdb_refused(struct db *db, const char *sqlstate, const char *sql);

#endif
