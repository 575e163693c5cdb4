/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * PostgreSQL, and the only file that knows libpq.
 *
 * Statements live in sql/query/MODULE.sql; a generator makes of each a constant SQL_NAME whose type carries
 * the number of its parameters and whose promise says how many rows it gives:
 *
 *     -- contact_find_by_address :maybe
 *     select id, kind from contact where id = $1
 *
 *     DB_ROWS rows = NULL;
 *     int rc = db_run(db, &rows, err, SQL_CONTACT_FIND_BY_ADDRESS, db_int(id));
 *
 * A misspelt statement, a string passed as SQL, a wrong number of parameters or an ignored result does not
 * compile. Values are bound, never quoted into the text; columns are read by name, and a name that is not
 * there is a bug.  A connection belongs to one thread.
 */
#ifndef BASE_DB_H
#define BASE_DB_H

#include <stdint.h>

#include "base/mem.h"

enum db_promise { DB_ROWS_none, DB_ROWS_one, DB_ROWS_maybe, DB_ROWS_many };

struct db_stmt {
    const char *name, *sql;
    enum db_promise promise;
    int nparams;
    bool built; /* by base/db_build.h, and not kept prepared */
};

struct db;
struct db_rows;

/* ---- values */
struct db_arg {
    const char *value; /* NULL is SQL's null */
    int len;           /* of bytes; text ends with NUL */
    bool binary;
    char digits[24]; /* room for numbers */
};
struct db_arg db_text(const char *s_or_null);
struct db_arg db_int(int64_t n);
struct db_arg db_int_or_null(int64_t n_or_0);
struct db_arg db_bool(bool b);
struct db_arg db_null(void);
struct db_arg db_bytes(const void *bytes, size_t len); /* bytea */
/* Arrays: `$1::bigint[]`, `$1::text[]`, `$1::bytea[]` (a NULL element is SQL's null); children of mem. */
struct db_arg db_ints(void *mem, const int64_t *v, size_t n);
struct db_arg db_texts(void *mem, const char *const *v, size_t n);
struct db_arg db_bytes_array(void *mem, const void *const *v, const size_t *len, size_t n);
struct db_arg db_long_texts(void *mem, const char *const *v, size_t n); /* in binary */

/* ---- connections */

/* Opens; ERR_AWAY when no server answers, ERR_CONFIG when it refuses the login.  conninfo is libpq's; user
 * may be NULL (libpq's own rules: PGUSER, then the system user). */
int db_open(struct db **db_r, const char *conninfo, const char *user, const char *application,
            struct err *err) MUST_CHECK;
void db_close(struct db *db);
/* A connection lost meanwhile is opened again (outside a transaction only); -1 ERR_AWAY if it cannot be. */
int db_revive(struct db *db, struct err *err) MUST_CHECK;
/* 1: a NOTIFY came that the session listens to; 0 after so long, or when something else came. */
int db_wait(struct db *db, int ms, struct err *err) MUST_CHECK;

/* ---- statements */
#define DB_COUNT(...)                                                                                        \
    ((int)(sizeof((struct db_arg[]){(struct db_arg){0}, ##__VA_ARGS__}) / sizeof(struct db_arg)) - 1)
#define DB_CHECKED(sql, ...)                                                                                 \
    (&(sql).stmt + 0 * sizeof(char[sizeof((sql).params) - 1 == DB_COUNT(__VA_ARGS__) ? 1 : -1]))
#define DB_ARGS(...) ((const struct db_arg[]){(struct db_arg){0}, ##__VA_ARGS__} + 1)

/* Runs a statement.  Returns the number of rows (:one gives 1 or fails with ERR_NOTFOUND, :maybe 0 or 1,
 * :many any), or for :none the number of rows it changed; -1 on error.  rows_r may be NULL. */
#define db_run(db, rows_r, err, sql, ...)                                                                    \
    db_run_args(db, rows_r, err, DB_CHECKED(sql, ##__VA_ARGS__), DB_ARGS(__VA_ARGS__))
int db_run_args(struct db *db, struct db_rows **rows_r, struct err *err, const struct db_stmt *stmt,
                const struct db_arg *args) MUST_CHECK;

/* Streams a large answer: fn is called for each row (row 0 of a set that lives for the call), -1 from it
 * stops. */
typedef int db_row_fn(void *context, struct db_rows *rows, struct err *err);
#define db_each(db, fn, context, err, sql, ...)                                                              \
    db_each_args(db, fn, context, err, DB_CHECKED(sql, ##__VA_ARGS__), DB_ARGS(__VA_ARGS__))
int db_each_args(struct db *db, db_row_fn *fn, void *context, struct err *err, const struct db_stmt *stmt,
                 const struct db_arg *args) MUST_CHECK;

/* ---- rows */
#define DB_ROWS CLEANUP(db_rows_end) struct db_rows *
void db_rows_end(struct db_rows **rows);
int db_rows_count(const struct db_rows *rows);
/* A text is valid as long as the rows.  NULL for null; numbers and booleans must not be null. */
const char *db_get_text(const struct db_rows *rows, int row, const char *column);
const char *db_get_str(const struct db_rows *rows, int row, const char *column); /* "" for null */
int64_t db_get_int(const struct db_rows *rows, int row, const char *column);
int64_t db_get_int_or(const struct db_rows *rows, int row, const char *column, int64_t if_null);
bool db_get_bool(const struct db_rows *rows, int row, const char *column);
bool db_is_null(const struct db_rows *rows, int row, const char *column);
/* bytea, a child of mem with a NUL behind its end */
char *db_get_bytes(void *mem, const struct db_rows *rows, int row, const char *column, size_t *len_r);
/* ---- transactions: rolled back at the end of the block unless committed
 *
 *     DB_TX tx = {0};
 *     if (db_begin(&tx, db, DB_WRITE, err) < 0) return -1;
 *     return db_commit(&tx, err);
 *
 * One begun within another is a part of it, and when it ends without db_commit the other cannot commit.
 * db_commit's ERR_AWAY means that the answer to COMMIT was lost: read the rows again before acting. */
enum db_mode { DB_READ, DB_WRITE }; /* DB_READ: all of its statements see the same data */
struct db_tx {
    struct db *db;
};
#define DB_TX CLEANUP(db_tx_end) struct db_tx
int db_begin(struct db_tx *tx, struct db *db, enum db_mode mode, struct err *err) MUST_CHECK;
int db_commit(struct db_tx *tx, struct err *err) MUST_CHECK;
void db_tx_end(struct db_tx *tx);

#endif
