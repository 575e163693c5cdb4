/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A statement goes to the server as it is at its first use on a connection, which is a command's only one
 * mostly, and is prepared at its second; `seen` remembers which.  Results come in text form but for bytea
 * parameters, which go out binary.  A column is looked up among a handful of names.
 */
#include <errno.h>
#include <libpq-fe.h>
#include <poll.h>

#include "base/db_low.h"
#include "base/db_script.h"

/* ---- values (made in db_arg.c) */

static const char *arg_value(const struct db_arg *a)
{
    return !a->value && a->len == -1 ? a->digits : a->value;
}

/* ---- errors */

static void one_line(char *s)
{
    size_t len = strlen(s);
    while (len > 0 && (s[len - 1] == '\n' || s[len - 1] == ' '))
        s[--len] = 0;
    for (; *s; s++)
        if (*s == '\n')
            *s = ' ';
}

int db_fail_result(struct db *db, const PGresult *res, const char *what, struct err *err)
{
    const char *state = res ? PQresultErrorField(res, PG_DIAG_SQLSTATE) : NULL;
    const char *message = res ? PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY) : NULL;
    const char *detail = res ? PQresultErrorField(res, PG_DIAG_MESSAGE_DETAIL) : NULL;
    if (PQstatus(db->conn) == CONNECTION_BAD || !state) {
        db_away(db, err);
    } else {
        enum err_code code = db_code_of_sqlstate(state);
        if (!strncmp(state, "40", 2) || !strcmp(state, "55P03"))
            err_set(err, code, "somebody else was changing the same at that moment; try again (%s: %s, %s)",
                    what, message ? message : "", state);
        else
            err_set(err, code, "%s%s%s%s (%s, %s)", message ? message : "", detail ? " (" : "",
                    detail ? detail : "", detail ? ")" : "", what, state);
        if (err)
            snprintf(err->sqlstate, sizeof err->sqlstate, "%s", state);
    }
    if (err)
        one_line(err->text);
    return -1;
}

int db_away(struct db *db, struct err *err)
{
    return err_set(err, ERR_AWAY, "PostgreSQL: %s", PQerrorMessage(db->conn));
}

/* ---- connections */

static void ignore_notice(void *arg, const PGresult *res)
{
    (void)arg, (void)res;
}

int db_open(struct db **db_r, const char *conninfo, const char *user, const char *application,
            struct err *err)
{
    /* What stands before dbname the connection string may change.  No statement of ours is worth compiling,
     * and none that somebody waits for is worth a process more: to begin one costs more than it saves. */
    const char *key[] = {"keepalives_idle",
                         "keepalives_interval",
                         "tcp_user_timeout",
                         "connect_timeout",
                         "target_session_attrs",
                         "options",
                         "dbname",
                         "user",
                         "application_name",
                         "client_encoding",
                         NULL};
    const char *value[] = {
        "30",     "10", "30000",     "10",   "read-write", "-c jit=off -c max_parallel_workers_per_gather=0",
        conninfo, user, application, "UTF8", NULL};
    struct db *db = talloc_zero(NULL, struct db);
    db->conn = PQconnectdbParams(key, value, 1);
    if (!db->conn || PQstatus(db->conn) != CONNECTION_OK) {
        const char *why = db->conn ? PQerrorMessage(db->conn) : "out of memory";
        /* libpq gives no SQLSTATE for a failed login, so its words decide what is configuration */
        bool refused = strstr(why, "authentication failed") || strstr(why, "does not exist") ||
                       strstr(why, "pg_hba") || strstr(why, "not permitted to log in");
        err_set(err, refused ? ERR_CONFIG : ERR_AWAY, "PostgreSQL: %s", why);
        if (err)
            one_line(err->text);
        db_close(db);
        return -1;
    }
    PQsetNoticeReceiver(db->conn, ignore_notice, NULL);
    *db_r = db;
    return 0;
}

void db_at_close(struct db *db, db_close_fn *fn)
{
    db->at_close = fn;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    if (db->at_close && db->wrote && db->depth == 0 && PQstatus(db->conn) == CONNECTION_OK)
        db->at_close(db);
    PQfinish(db->conn);
    talloc_free(db);
}

/* A new session knows none of the old one's statements. */
static void reset(struct db *db)
{
    PQreset(db->conn);
    memset(db->seen, 0, sizeof db->seen), db->nseen = 0;
    db->nsent = 0, db->synced = db->failed = false;
}

int db_revive(struct db *db, struct err *err)
{
    must(db->depth == 0);
    if (PQstatus(db->conn) == CONNECTION_OK)
        return 0;
    reset(db);
    if (PQstatus(db->conn) == CONNECTION_OK)
        return 0;
    return db_away(db, err);
}

int db_wait(struct db *db, int ms, struct err *err)
{
    struct pollfd fd = {.fd = PQsocket(db->conn), .events = POLLIN};
    if (fd.fd < 0 || (poll(&fd, 1, ms) > 0 && !PQconsumeInput(db->conn)))
        return db_away(db, err);
    int n = 0;
    for (PGnotify *notice; (notice = PQnotifies(db->conn)); PQfreemem(notice))
        n++;
    return n > 0;
}

/* ---- statements */

static size_t slot_of(const struct db *db, const struct db_stmt *stmt)
{
    size_t i = ((uintptr_t)stmt >> 4) % DB_PREPARED_SLOTS;
    while (db->seen[i].stmt && db->seen[i].stmt != stmt)
        i = (i + 1) % DB_PREPARED_SLOTS;
    return i;
}

bool db_prepares_now(const struct db *db, const struct db_stmt *stmt)
{
    const struct db_seen *seen = &db->seen[slot_of(db, stmt)];
    return seen->stmt && !seen->prepared;
}

/* The constants of one statement may stand in several object files; the server knows it by name alone. */
static void name_of(const struct db_stmt *stmt, size_t slot, char name[static DB_NAME_SIZE])
{
    snprintf(name, DB_NAME_SIZE, "%s_%zu", stmt->name, slot);
}

int db_prepare(struct db *db, const struct db_stmt *stmt, struct err *err)
{
    size_t slot = slot_of(db, stmt);
    if (db->seen[slot].prepared)
        return 0;
    must(!db->nsent);
    char name[DB_NAME_SIZE];
    name_of(stmt, slot, name);
    PGresult *res = PQprepare(db->conn, name, stmt->sql, 0, NULL);
    bool fine = PQresultStatus(res) == PGRES_COMMAND_OK;
    if (!fine)
        db_fail_result(db, res, stmt->name, err);
    PQclear(res);
    if (!fine)
        return -1;
    db->nseen += !db->seen[slot].stmt;
    db->seen[slot] = (struct db_seen){stmt, true};
    return 0;
}

/* How many rows, or -1 where the statement's promise is not kept. */
static int64_t rows_checked(const struct db_stmt *stmt, PGresult *res, struct err *err)
{
    int64_t n = PQntuples(res);
    if (stmt->promise == DB_ROWS_none) {
        const char *changed = PQcmdTuples(res);
        return *changed ? strtoll(changed, NULL, 10) : 0;
    }
    if (n > 1 && stmt->promise != DB_ROWS_many)
        bug("%s gave %lld rows", stmt->name, (long long)n);
    if (n == 0 && stmt->promise == DB_ROWS_one)
        return err_set(err, ERR_NOTFOUND, "not found (%s)", stmt->name);
    return n;
}

int db_bind(struct db_bound *b, struct db *db, const struct db_stmt *stmt, const struct db_arg *args,
            struct err *err)
{
    must(stmt->nparams <= DB_BUILD_MAX_PARAMS);
    for (int i = 0; i < stmt->nparams; i++) {
        b->value[i] = arg_value(&args[i]);
        b->length[i] = args[i].len;
        b->format[i] = args[i].binary;
    }
    b->sql = stmt->sql;
    if (stmt->built)
        return 0;
    size_t slot = slot_of(db, stmt);
    if (!db->seen[slot].stmt) {
        must(++db->nseen < DB_PREPARED_SLOTS / 2);
        db->seen[slot].stmt = stmt;
        return 0;
    }
    b->sql = NULL;
    name_of(stmt, slot, b->name);
    return db_prepare(db, stmt, err);
}

int db_send_bound(struct db *db, const struct db_bound *b, int nparams)
{
    return b->sql ? PQsendQueryParams(db->conn, b->sql, nparams, NULL, b->value, b->length, b->format, 0)
                  : PQsendQueryPrepared(db->conn, b->name, nparams, b->value, b->length, b->format, 0);
}

int64_t db_take_result(struct db *db, struct db_rows **rows_r, PGresult *res, const struct db_stmt *stmt,
                       struct err *err)
{
    ExecStatusType status = PQresultStatus(res);
    bool fine = status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
    int64_t n = fine ? rows_checked(stmt, res, err) : db_fail_result(db, res, stmt->name, err);
    const char *did = PQcmdStatus(res); /* no result, no status */
    db->wrote = db->wrote || (did && *did && strchr("IUD", *did));
    if (n < 0 || !rows_r) {
        PQclear(res);
    } else {
        db_rows_end(rows_r);
        *rows_r = talloc_zero(NULL, struct db_rows);
        (*rows_r)->res = res;
    }
    return n;
}

int db_run_args(struct db *db, struct db_rows **rows_r, struct err *err, const struct db_stmt *stmt,
                const struct db_arg *args)
{
    struct db_bound b;
    if (db_ready(db, err) < 0 || db_bind(&b, db, stmt, args, err) < 0)
        return -1;
    int n = stmt->nparams;
    PGresult *res = b.sql ? PQexecParams(db->conn, b.sql, n, NULL, b.value, b.length, b.format, 0)
                          : PQexecPrepared(db->conn, b.name, n, b.value, b.length, b.format, 0);
    int64_t rows = db_take_result(db, rows_r, res, stmt, err);
    return rows > INT32_MAX ? INT32_MAX : (int)rows;
}

int db_each_args(struct db *db, db_row_fn *fn, void *context, struct err *err, const struct db_stmt *stmt,
                 const struct db_arg *args)
{
    struct db_bound b;
    if (db_ready(db, err) < 0 || db_bind(&b, db, stmt, args, err) < 0)
        return -1;
    if (!db_send_bound(db, &b, stmt->nparams) || !PQsetSingleRowMode(db->conn))
        return db_away(db, err);
    int rc = 0;
    PGresult *res;
    while ((res = PQgetResult(db->conn))) { /* to the end even after an error: libpq wants it so */
        struct db_rows rows = {res};
        if (PQresultStatus(res) == PGRES_SINGLE_TUPLE) {
            if (rc == 0)
                rc = fn(context, &rows, err);
        } else if (PQresultStatus(res) != PGRES_TUPLES_OK && rc == 0) {
            rc = db_fail_result(db, res, stmt->name, err);
        }
        PQclear(res);
    }
    return rc;
}

/* ---- rows */

void db_rows_end(struct db_rows **rows)
{
    if (!*rows)
        return;
    PQclear((*rows)->res);
    TALLOC_FREE(*rows);
}

int db_rows_count(const struct db_rows *rows)
{
    return PQntuples(rows->res);
}

static int column_index(const struct db_rows *rows, const char *column)
{
    int i = PQfnumber(rows->res, column);
    if (i < 0)
        bug("no column %s", column);
    return i;
}

const char *db_get_text(const struct db_rows *rows, int row, const char *column)
{
    return db_cell(rows, row, column_index(rows, column));
}

const char *db_get_str(const struct db_rows *rows, int row, const char *column)
{
    return PQgetvalue(rows->res, row, column_index(rows, column));
}

static const char *not_null(const struct db_rows *rows, int row, const char *column)
{
    const char *s = db_get_text(rows, row, column);
    if (!s)
        bug("column %s is null", column);
    return s;
}

int64_t db_get_int(const struct db_rows *rows, int row, const char *column)
{
    return strtoll(not_null(rows, row, column), NULL, 10);
}

int64_t db_get_int_or(const struct db_rows *rows, int row, const char *column, int64_t if_null)
{
    const char *s = db_get_text(rows, row, column);
    return s ? strtoll(s, NULL, 10) : if_null;
}

bool db_get_bool(const struct db_rows *rows, int row, const char *column)
{
    return not_null(rows, row, column)[0] == 't';
}

bool db_is_null(const struct db_rows *rows, int row, const char *column)
{
    return PQgetisnull(rows->res, row, column_index(rows, column));
}

static int hex_digit(char c)
{
    return c <= '9' ? c - '0' : c - 'a' + 10;
}

char *db_get_bytes(void *mem, const struct db_rows *rows, int row, const char *column, size_t *len_r)
{
    const char *s = not_null(rows, row, column);
    must(s[0] == '\\' && s[1] == 'x');
    size_t len = (strlen(s) - 2) / 2;
    char *bytes = talloc_size(mem, len + 1);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (char)(hex_digit(s[2 + 2 * i]) << 4 | hex_digit(s[3 + 2 * i]));
    bytes[len] = 0;
    *len_r = len;
    return bytes;
}

int db_columns(const struct db_rows *rows)
{
    return PQnfields(rows->res);
}

const char *db_column_name(const struct db_rows *rows, int i)
{
    return PQfname(rows->res, i);
}

const char *db_cell(const struct db_rows *rows, int row, int i)
{
    return PQgetisnull(rows->res, row, i) ? NULL : PQgetvalue(rows->res, row, i);
}

/* ---- transactions and scripts */

int db_script(struct db *db, const char *sql, struct err *err)
{
    if (db_ready(db, err) < 0)
        return -1;
    PGresult *res = PQexec(db->conn, sql);
    ExecStatusType status = PQresultStatus(res);
    bool fine = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK;
    int rc = fine ? 0 : db_fail_result(db, res, "script", err);
    PQclear(res);
    return rc;
}

int db_begin(struct db_tx *tx, struct db *db, enum db_mode mode, struct err *err)
{
    const char *begin = mode == DB_READ ? "begin isolation level repeatable read, read only" : "begin";
    if (!db->depth && db_script(db, begin, err) < 0)
        return -1;
    if (!db->depth++)
        db->spoilt = false;
    tx->db = db;
    return 0;
}

int db_commit(struct db_tx *tx, struct err *err)
{
    struct db *db = tx->db;
    must(db && db->depth > 0);
    tx->db = NULL;
    if (--db->depth)
        return 0;
    /* COMMIT of a failed transaction answers ROLLBACK without an error */
    bool failed = db->spoilt || PQtransactionStatus(db->conn) == PQTRANS_INERROR;
    int rc = db_script(db, db->spoilt ? "rollback" : "commit", err);
    return rc == 0 && failed ? err_set(err, ERR_AGAIN, "the transaction had failed before its commit") : rc;
}

void db_tx_end(struct db_tx *tx)
{
    struct err ignored;
    if (!tx->db)
        return;
    tx->db->spoilt = true;
    if (!--tx->db->depth && db_script(tx->db, "rollback", &ignored) < 0)
        reset(tx->db);
    tx->db->failed = false;
    tx->db = NULL;
}

char *db_quote_name(void *mem, struct db *db, const char *name)
{
    char *quoted = PQescapeIdentifier(db->conn, name, strlen(name));
    must(quoted);
    char *copy = talloc_strdup(mem, quoted);
    PQfreemem(quoted);
    return copy;
}
