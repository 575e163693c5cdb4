/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between db.c, db_send.c and db_copy.c: what a connection is.
 */
#ifndef BASE_DB_LOW_H
#define BASE_DB_LOW_H

#include "base/db_build.h"
#include "base/db_script.h"

enum { DB_PREPARED_SLOTS = 2048, DB_SENT_MAX = 8, DB_NAME_SIZE = 128 };

struct pg_conn; /* libpq's */
struct pg_result;

struct db_sent {                /* on its way */
    const struct db_stmt *stmt; /* NULL: the commit */
    struct db_rows **rows_r;
};

struct db {
    struct pg_conn *conn;
    int depth;   /* inside a transaction */
    bool spoilt; /* a transaction within it ended without commit */
    struct db_seen {
        const struct db_stmt *stmt;
        bool prepared;
    } seen[DB_PREPARED_SLOTS]; /* open addressing by the statement's address */
    size_t nseen;
    struct text copy; /* what db_copy_row gathers before it sends */
    bool wrote;
    db_close_fn *at_close;
    struct db_sent sent[DB_SENT_MAX];
    size_t nsent;
    bool synced;    /* behind the last of them the server is told to answer */
    bool failed;    /* what was sent, and whoever sent it has not asked yet */
    struct err why; /* then */
};

struct db_rows {
    struct pg_result *res;
};

/* The values as libpq wants them. */
struct db_bound {
    const char *value[DB_BUILD_MAX_PARAMS];
    int length[DB_BUILD_MAX_PARAMS], format[DB_BUILD_MAX_PARAMS];
    const char *sql; /* of a built statement, and of any at its first use, which may be the only one */
    char name[DB_NAME_SIZE]; /* where `sql` is NULL: of the prepared one */
};
int db_bind(struct db_bound *b, struct db *db, const struct db_stmt *stmt, const struct db_arg *args,
            struct err *err) MUST_CHECK;
/* Sent; false where libpq could not, whose connection says why. */
int db_send_bound(struct db *db, const struct db_bound *b, int nparams) MUST_CHECK;
/* db_bind would prepare it, and wait for the answer. */
bool db_prepares_now(const struct db *db, const struct db_stmt *stmt);

/* The whole result of a statement, which goes to *rows_r (which may be NULL) or ends here: how many rows; -1
 * where it failed or the statement's promise is not kept. */
int64_t db_take_result(struct db *db, struct db_rows **rows_r, struct pg_result *res,
                       const struct db_stmt *stmt, struct err *err) MUST_CHECK;
/* Always -1; res NULL: the connection says why. */
int db_fail_result(struct db *db, const struct pg_result *res, const char *what, struct err *err);
/* Always -1, with what the connection says. */
int db_away(struct db *db, struct err *err);

/* Nothing is on its way any more, so that the connection can be asked something: what failed of it outside a
 * transaction is told to whoever sent it (db_settle). */
int db_ready(struct db *db, struct err *err) MUST_CHECK;

#endif
