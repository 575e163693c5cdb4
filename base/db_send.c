/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Statements whose results are not needed at once: libpq's pipeline mode.  The server works while the caller
 * does something else; after one that fails it passes over the rest, the commit too.
 */
#include <libpq-fe.h>
#include <string.h>

#include "base/db_low.h"
#include "base/db_send.h"

static struct db_sent *begin_to_send(struct db *db)
{
    must(db->depth > 0 && db->nsent < DB_SENT_MAX && !db->synced);
    if (PQpipelineStatus(db->conn) == PQ_PIPELINE_OFF && !PQenterPipelineMode(db->conn))
        return NULL;
    return &db->sent[db->nsent];
}

int db_send_args(struct db *db, struct db_rows **rows_r, struct err *err, const struct db_stmt *stmt,
                 const struct db_arg *args)
{
    struct db_bound b;
    struct db_sent *s;
    if (db_prepares_now(db, stmt) && db_ready(db, err) < 0)
        return -1;
    if (db_bind(&b, db, stmt, args, err) < 0)
        return -1;
    if (!(s = begin_to_send(db)) || !db_send_bound(db, &b, stmt->nparams))
        return db_away(db, err);
    *s = (struct db_sent){stmt, rows_r};
    db->nsent++;
    return 0;
}

/* Which sends all that waits, too. */
static int sync_up(struct db *db, struct err *err)
{
    if (!PQpipelineSync(db->conn))
        return db_away(db, err);
    db->synced = true;
    return 0;
}

int db_send_off(struct db *db, struct err *err)
{
    return db->nsent ? sync_up(db, err) : 0;
}

bool db_answers(struct db *db)
{
    return !db->nsent || !PQconsumeInput(db->conn) || !PQisBusy(db->conn);
}

int db_send_commit(struct db_tx *tx, struct err *err)
{
    struct db *db = tx->db;
    struct db_sent *s;
    must(db && db->depth == 1 && !db->spoilt);
    if (!(s = begin_to_send(db)) || !PQsendQueryParams(db->conn, "commit", 0, NULL, NULL, NULL, NULL, 0) ||
        sync_up(db, err) < 0)
        return db_away(db, err);
    *s = (struct db_sent){0};
    db->nsent++;
    db->depth = 0;
    tx->db = NULL;
    return 0;
}

static int take_commit(struct db *db, PGresult *res, struct err *err)
{
    int rc = 0;
    if (PQresultStatus(res) != PGRES_COMMAND_OK)
        rc = db_fail_result(db, res, "commit", err);
    else if (strcmp(PQcmdStatus(res), "COMMIT") != 0) /* that of a failed transaction answers ROLLBACK */
        rc = err_set(err, ERR_AGAIN, "the transaction had failed before its commit");
    PQclear(res);
    return rc;
}

static int take_results(struct db *db, struct err *err)
{
    struct err ignored;
    int rc = 0;
    if (!db->synced)
        rc = sync_up(db, err);
    for (size_t i = 0; i < db->nsent && PQstatus(db->conn) == CONNECTION_OK; i++) {
        const struct db_sent *s = &db->sent[i];
        PGresult *res = PQgetResult(db->conn);
        struct err *why = rc < 0 ? &ignored : err;
        if ((s->stmt ? db_take_result(db, s->rows_r, res, s->stmt, why) : take_commit(db, res, why)) < 0)
            rc = -1;
        while ((res = PQgetResult(db->conn)))
            PQclear(res);
    }
    PQclear(PQgetResult(db->conn)); /* of the synchronisation */
    if (!PQexitPipelineMode(db->conn) && rc == 0)
        rc = db_away(db, err);
    db->nsent = 0;
    db->synced = false;
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
