/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Statements that are put together, for what only the one who asks can say: a condition.
 *
 * The text comes from constants alone, the parts that sql/query/MODULE.sql promises as `:part`; what somebody
 * typed is bound, as everywhere.  A part counts its parameters from $1, and they get their numbers in the
 * whole when it is added:
 *
 *     -- segment_kind :part
 *     c.kind = any ($1::text[])
 *
 *     struct db_build *b = db_build_new(mem, "segment");
 *     db_build_add(b, SQL_SEGMENT_COUNT);
 *     db_build_add(b, SQL_SEGMENT_KIND, db_texts(mem, kinds, n));
 *     DB_ROWS rows = NULL;
 *     int rc = db_build_run(db, &rows, err, b);
 *
 * A part in place of a statement, a string in place of a part, a wrong number of values do not compile.  The
 * statement is planned for its values each time, and gives any number of rows.
 */
#ifndef BASE_DB_BUILD_H
#define BASE_DB_BUILD_H

#include "base/db.h"

enum { DB_BUILD_MAX_PARAMS = 512 };

struct db_part {
    const char *name, *sql;
    int nparams;
};

struct db_build;
/* name: what errors call the statement; lives as long */
struct db_build *db_build_new(void *mem, const char *name);

#define DB_CHECKED_PART(sql, ...)                                                                            \
    (&(sql).part + 0 * sizeof(char[sizeof((sql).params) - 1 == DB_COUNT(__VA_ARGS__) ? 1 : -1]))
/* The values are copied. */
#define db_build_add(build, sql, ...)                                                                        \
    db_build_add_args(build, DB_CHECKED_PART(sql, ##__VA_ARGS__), DB_ARGS(__VA_ARGS__))
void db_build_add_args(struct db_build *build, const struct db_part *part, const struct db_arg *args);
/* All parts of another one behind those that are there. */
void db_build_append(struct db_build *build, const struct db_build *other);
/* How many values are bound; more than DB_BUILD_MAX_PARAMS is a bug of the caller. */
int db_build_params(const struct db_build *build);

/* As db_run and db_each do. */
int db_build_run(struct db *db, struct db_rows **rows_r, struct err *err,
                 const struct db_build *build) MUST_CHECK;
int db_build_each(struct db *db, db_row_fn *fn, void *context, struct err *err,
                  const struct db_build *build) MUST_CHECK;

#endif
