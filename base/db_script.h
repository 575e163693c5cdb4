/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What few need of the database: text run as SQL, names, all statements at once, COPY, any
 * answer's columns.
 */
#ifndef BASE_DB_SCRIPT_H
#define BASE_DB_SCRIPT_H

#include "base/db.h"

/* ---- migrations and their like: the one way to run text as SQL (the files of sql/migrate, roles and
 * databases). Several statements, one transaction unless the text says otherwise. */
int db_script(struct db *db, const char *sql, struct err *err) MUST_CHECK;
/* An identifier quoted by libpq, for db_script only; a talloc child of mem. */
char *db_quote_name(void *mem, struct db *db, const char *name);
/* Only prepares (make check-sql). */
int db_prepare(struct db *db, const struct db_stmt *stmt, struct err *err) MUST_CHECK;

/* Called by db_close, outside a transaction, when the connection inserted, updated or deleted anything. */
typedef void db_close_fn(struct db *db);
void db_at_close(struct db *db, db_close_fn *fn);

/* What an SQLSTATE is to a caller. */
enum err_code db_code_of_sqlstate(const char *state);

/* The name of the database that conninfo speaks of. */
int db_name_of(const char *conninfo, char *name, size_t size, struct err *err) MUST_CHECK;

extern const struct db_stmt *const db_all_statements[]; /* ends with NULL; for `make check-sql` */

/* COPY ... FROM STDIN: the statement is the COPY; then rows of text fields (NULL = null); then the end, which
 * returns the number of rows. */
#define db_copy_begin(db, err, sql) db_copy_begin_args(db, err, DB_CHECKED(sql))
int db_copy_begin_args(struct db *db, struct err *err, const struct db_stmt *stmt) MUST_CHECK;
int db_copy_row(struct db *db, const char *const *field, size_t n, struct err *err) MUST_CHECK;
int64_t db_copy_end(struct db *db, struct err *err) MUST_CHECK;

/* Columns by position, for tools that show any answer. */
int db_columns(const struct db_rows *rows);
const char *db_column_name(const struct db_rows *rows, int i);
const char *db_cell(const struct db_rows *rows, int row, int i); /* NULL for null */

#endif
