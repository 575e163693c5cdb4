/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * COPY ... FROM STDIN, in pieces of 64 KB.
 */
#include <libpq-fe.h>

#include "base/db_low.h"
#include "base/db_script.h"

int db_copy_begin_args(struct db *db, struct err *err, const struct db_stmt *stmt)
{
    if (db_ready(db, err) < 0)
        return -1;
    PGresult *res = PQexec(db->conn, stmt->sql);
    int rc = PQresultStatus(res) == PGRES_COPY_IN ? 0 : db_fail_result(db, res, stmt->name, err);
    PQclear(res);
    if (rc == 0)
        db->copy = text_new(db);
    return rc;
}

static void copy_field(struct text *t, const char *s)
{
    if (!s) {
        text_puts(t, "\\N");
        return;
    }
    for (const char *p = s;; p += 1) {
        size_t plain = strcspn(p, "\\\n\r\t");
        text_add(t, p, plain);
        p += plain;
        if (!*p)
            return;
        text_puts(t, *p == '\\' ? "\\\\" : *p == '\n' ? "\\n" : *p == '\r' ? "\\r" : "\\t");
    }
}

static int copy_send(struct db *db, struct err *err)
{
    int ok = PQputCopyData(db->conn, db->copy.s, (int)db->copy.len);
    db->copy.len = 0;
    return ok == 1 ? 0 : db_away(db, err);
}

int db_copy_row(struct db *db, const char *const *field, size_t n, struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        if (i)
            text_putc(&db->copy, '\t');
        copy_field(&db->copy, field[i]);
    }
    text_putc(&db->copy, '\n');
    return db->copy.len < 65536 ? 0 : copy_send(db, err);
}

int64_t db_copy_end(struct db *db, struct err *err)
{
    if (copy_send(db, err) < 0)
        return -1;
    int64_t n = -1;
    if (PQputCopyEnd(db->conn, NULL) != 1)
        return db_away(db, err);
    PGresult *res;
    while ((res = PQgetResult(db->conn))) {
        if (PQresultStatus(res) == PGRES_COMMAND_OK)
            n = strtoll(PQcmdTuples(res), NULL, 10);
        else
            n = db_fail_result(db, res, "copy", err);
        PQclear(res);
    }
    TALLOC_FREE(db->copy.s);
    return n;
}
