/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Statements whose results are not needed at once: libpq's pipeline mode.  The server works while the caller
 * does something else; after one that fails it passes over the rest, the commit too.
 */
#include <libpq-fe.h>
#include <string.h>

#include "base/db_low.h"
#include "base/db_send.h"

static int away(struct db *db, struct err *err)
{
    return err_set(err, ERR_AWAY, "PostgreSQL: %s", PQerrorMessage(db->conn));
}

static struct db_sent *begin_to_send(struct db *db)
{
    must(db->depth > 0 && db->nsent < DB_SENT_MAX);
    if (PQpipelineStatus(db->conn) == PQ_PIPELINE_OFF && !PQenterPipelineMode(db->conn))
        return NULL;
    return &db->sent[db->nsent];
}

int db_send_args(struct db *db, struct db_rows **rows_r, struct err *err, const struct db_stmt *stmt,
                 const struct db_arg *args)
{
    struct db_bound b;
    struct db_sent *s;
    size_t slot;
    if (!db_is_prepared(db, stmt, &slot) && db_ready(db, err) < 0) /* preparing waits for its answer */
        return -1;
    if (db_bind(&b, db, stmt, args, err) < 0)
        return -1;
    if (!(s = begin_to_send(db)) ||
        !PQsendQueryPrepared(db->conn, b.name, stmt->nparams, b.value, b.length, b.format, 0))
        return away(db, err);
    *s = (struct db_sent){stmt, rows_r};
    db->nsent++;
    return 0;
}

int db_send_commit(struct db_tx *tx, struct err *err)
{
    struct db *db = tx->db;
    struct db_sent *s;
    must(db && db->depth == 1 && !db->spoilt);
    if (!(s = begin_to_send(db)) || !PQsendQueryParams(db->conn, "commit", 0, NULL, NULL, NULL, NULL, 0) ||
        !PQpipelineSync(db->conn))
        return away(db, err);
    *s = (struct db_sent){0};
    db->nsent++;
    db->depth = 0;
    tx->db = NULL;
    return 0;
}

/* The result of one; 0, or -1 with the reason. */
static int take_result(struct db *db, const struct db_sent *s, PGresult *res, struct err *err)
{
    ExecStatusType status = PQresultStatus(res);
    const char *did = PQcmdStatus(res);
    if (status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK)
        return db_fail_result(db, res, s->stmt ? s->stmt->name : "commit", err);
    if (!s->stmt) /* COMMIT of a failed transaction answers ROLLBACK without an error */
        return strcmp(did, "COMMIT") == 0
                   ? 0
                   : err_set(err, ERR_AGAIN, "the transaction had failed before its commit");
    db->wrote = db->wrote || (*did && strchr("IUD", *did));
    if (db_rows_checked(s->stmt, res, err) < 0)
        return -1;
    if (s->rows_r) {
        db_rows_end(s->rows_r);
        *s->rows_r = talloc_zero(NULL, struct db_rows);
        (*s->rows_r)->res = res;
    }
    return s->rows_r ? 1 : 0;
}

static int take_results(struct db *db, struct err *err)
{
    struct err ignored;
    int rc = 0;
    bool synced = db->nsent && !db->sent[db->nsent - 1].stmt;
    if (!synced && !PQpipelineSync(db->conn))
        rc = away(db, err);
    for (size_t i = 0; i < db->nsent && PQstatus(db->conn) == CONNECTION_OK; i++) {
        PGresult *res = PQgetResult(db->conn);
        int one = take_result(db, &db->sent[i], res, rc < 0 ? &ignored : err);
        if (one <= 0)
            PQclear(res);
        if (one < 0)
            rc = -1;
        while ((res = PQgetResult(db->conn)))
            PQclear(res);
    }
    PQclear(PQgetResult(db->conn)); /* of the synchronisation */
    if (!PQexitPipelineMode(db->conn) && rc == 0)
        rc = away(db, err);
    db->nsent = 0;
    if (db->depth == 0 && PQtransactionStatus(db->conn) == PQTRANS_INERROR)
        PQclear(PQexec(db->conn, "rollback"));
    return rc;
}

int db_settle(struct db *db, struct err *err)
{
    if (db->failed) {
        db->failed = false;
        *err = db->why;
        return -1;
    }
    return db->nsent ? take_results(db, err) : 0;
}

int db_ready(struct db *db, struct err *err)
{
    if (!db->nsent || take_results(db, &db->why) == 0)
        return 0;
    if (db->depth > 0) {
        *err = db->why;
        return -1;
    }
    db->failed = true;
    return 0;
}
