/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Statements whose results are not needed at once, while the caller does something else.
 */
#ifndef BASE_DB_SEND_H
#define BASE_DB_SEND_H

#include "base/db.h"

/* Sends a statement, in a transaction, without waiting: what it gives is in *rows_r (which may be NULL), and
 * any error told, when db_settle was called.  Whatever else is asked of the connection waits for it. */
#define db_send(db, rows_r, err, sql, ...)                                                                   \
    db_send_args(db, rows_r, err, DB_CHECKED(sql, ##__VA_ARGS__), DB_ARGS(__VA_ARGS__))
int db_send_args(struct db *db, struct db_rows **rows_r, struct err *err, const struct db_stmt *stmt,
                 const struct db_arg *args) MUST_CHECK;
/* What was sent leaves at once, and is answered at once, and not only when there is more of it; nothing more
 * is sent before db_settle. */
int db_send_off(struct db *db, struct err *err) MUST_CHECK;
/* What was sent off, or committed, is being answered: db_settle has little to wait for. */
bool db_answers(struct db *db);
/* Behind what was sent; not of a transaction begun within another. */
int db_send_commit(struct db_tx *tx, struct err *err) MUST_CHECK;
/* All that was sent is done, or -1: nothing of it is, if its commit was sent too.  0 where nothing was sent.
 */
int db_settle(struct db *db, struct err *err) MUST_CHECK;

#endif
