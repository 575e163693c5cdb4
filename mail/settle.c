/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/settle.h"

#include <time.h>

#include "mail/maillog.h"
#include "mail/mailing.h"
#include "sql/settle.h"

/* One row that is unknown, and what becomes of it. */
struct unknown {
    struct maillog_letter letter;
    int64_t id, mailing_id;
    const char *name, *kind;
    const char *state; /* the new one; NULL: it stays unknown */
    json_t *evidence;
};

/* ---- from and to the store */

static int find_unknown(void *mem, struct db *db, const struct conf *conf, int64_t mailing,
                        struct unknown **list_r, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = mailing ? mailing_check(db, RIGHT_write, mailing, err) : 0;
    if (n == 0)
        n = db_run(db, &rows, err, SQL_SETTLE_UNKNOWN, db_int(mailing));
    *list_r = talloc_zero_array(mem, struct unknown, (unsigned)(n < 0 ? 0 : n));
    for (int i = 0; i < n; i++) {
        const struct conf_smtp *account = conf ? conf_find_smtp(conf, db_get_str(rows, i, "account")) : NULL;
        (*list_r)[i] = (struct unknown){
            .letter = {.rfc_message_id = talloc_strdup(mem, db_get_str(rows, i, "rfc_message_id")),
                       .email = talloc_strdup(mem, db_get_str(rows, i, "email")),
                       .user = account ? account->user : NULL,
                       .begun = db_get_int(rows, i, "begun"),
                       .ended = db_get_int(rows, i, "ended")},
            .id = db_get_int(rows, i, "id"),
            .mailing_id = db_get_int(rows, i, "mailing_id"),
            .name = talloc_strdup(mem, db_get_str(rows, i, "name")),
            .kind = talloc_strdup(mem, db_get_str(rows, i, "kind")),
        };
    }
    return n;
}

static char *dump(void *mem, const json_t *value)
{
    char *s = json_dumps(value, JSON_COMPACT);
    must(s);
    char *copy = talloc_strdup(mem, s);
    free(s);
    return copy;
}

static int write_rows(struct db *db, const struct unknown *u, size_t n, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    int64_t *id = talloc_array(mem, int64_t, (unsigned)n);
    const char **state = talloc_array(mem, const char *, (unsigned)n),
               **evidence = talloc_array(mem, const char *, (unsigned)n),
               **enhanced = talloc_array(mem, const char *, (unsigned)n),
               **reply = talloc_array(mem, const char *, (unsigned)n);
    size_t count = 0;
    for (size_t i = 0; i < n; i++) {
        if (!u[i].state)
            continue;
        bool bounced = !strcmp(u[i].state, "bounced");
        id[count] = u[i].id;
        state[count] = u[i].state;
        evidence[count] = dump(mem, u[i].evidence);
        enhanced[count] = bounced ? u[i].letter.enhanced : NULL;
        reply[count++] = bounced ? u[i].letter.words : NULL;
    }
    if (!count)
        return 0;
    if (db_run(db, &rows, err, SQL_SETTLE_ROWS, db_ints(mem, id, count), db_texts(mem, state, count),
               db_texts(mem, evidence, count), db_texts(mem, enhanced, count),
               db_texts(mem, reply, count)) < 0)
        return -1;
    if (db_get_int(rows, 0, "settled") != (int64_t)count)
        return err_set(err, ERR_AGAIN, "some of them were decided on meanwhile; nothing was changed");
    return 0;
}

/* ---- by the log */

static json_t *lines_of(const struct maillog_letter *l)
{
    json_t *lines = json_array();
    for (size_t i = 0; i < talloc_array_length(l->lines); i++)
        json_array_append_new(lines, json_string(l->lines[i]));
    return lines;
}

static json_t *evidence_of(const struct maillog_letter *l)
{
    return json_pack("{s:{s:s*, s:s*, s:s*, s:s*, s:o}}", "maillog", "why", l->why, "status", l->status,
                     "enhanced", l->enhanced, "text", l->words, "lines", lines_of(l));
}

static const char *state_of(const struct unknown *u)
{
    const struct maillog_letter *l = &u->letter;
    if (l->verdict == MAILLOG_TAKEN)
        return l->status && (!strcmp(l->status, "bounced") || !strcmp(l->status, "expired")) ? "bounced"
                                                                                             : "accepted";
    const char *wanted = l->verdict == MAILLOG_NOT_TAKEN ? mailing_not_taken(u->kind) : "ask";
    return !strcmp(wanted, "resend") ? "queued" : !strcmp(wanted, "leave") ? "left" : NULL;
}

static json_t *row_of(const struct unknown *u)
{
    static const char *const verdict[] = {"unclear", "taken", "not-taken"};
    const struct maillog_letter *l = &u->letter;
    return json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s*, s:s*, s:s*, s:s*, s:o}", "id", (json_int_t)u->id,
                     "mailing", (json_int_t)u->mailing_id, "name", u->name, "address", l->email, "state",
                     u->state ? u->state : "unknown", "verdict", verdict[l->verdict], "why", l->why, "status",
                     l->status, "enhanced", l->enhanced, "text", l->words, "lines", lines_of(l));
}

/* The server's clock is the one by which letters have their times here. */
static int now_of(struct db *db, int64_t *now_r, struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(db, &rows, err, SQL_SETTLE_NOW) < 0)
        return -1;
    *now_r = db_get_int(rows, 0, "now");
    return 0;
}

/* Which of the letters in the log are ours, a talloc array; *skewed_r: the log has one at another time. */
static int find_sent(void *mem, struct db *db, const struct maillog *log, const char ***sent_r,
                     bool *skewed_r, struct err *err)
{
    DB_ROWS rows = NULL;
    const struct maillog_client *clients = maillog_clients(log);
    size_t n = talloc_array_length(clients);
    const char **id = talloc_array(mem, const char *, (unsigned)n);
    int64_t *at = talloc_array(mem, int64_t, (unsigned)n);
    for (size_t i = 0; i < n; i++) {
        id[i] = clients[i].id;
        at[i] = clients[i].at;
    }
    int nsent = db_run(db, &rows, err, SQL_SETTLE_SENT, db_texts(mem, id, n), db_ints(mem, at, n),
                       db_int(MAILLOG_SKEW_S));
    *sent_r = talloc_array(mem, const char *, (unsigned)(nsent < 0 ? 0 : nsent));
    *skewed_r = false;
    for (int i = 0; i < nsent; i++) {
        (*sent_r)[i] = talloc_strdup(mem, db_get_str(rows, i, "rfc_message_id"));
        *skewed_r |= db_get_bool(rows, i, "skewed");
    }
    return nsent < 0 ? -1 : 0;
}

static int judge(void *mem, struct db *db, const struct conf *conf, const struct settle_order *order,
                 struct unknown *u, size_t n, struct err *err)
{
    const char **sent;
    int64_t now;
    bool skewed;
    struct maillog_letter *letters = talloc_array(mem, struct maillog_letter, (unsigned)n);
    for (size_t i = 0; i < n; i++)
        letters[i] = u[i].letter;
    if (now_of(db, &now, err) < 0)
        return -1;
    struct maillog *log = maillog_new(mem, letters, n, conf->office.domain, now);
    if (maillog_read(log, order->files, order->nfiles, order->since, err) < 0 ||
        find_sent(mem, db, log, &sent, &skewed, err) < 0)
        return -1;
    maillog_judge(log, sent, talloc_array_length(sent), skewed);
    for (size_t i = 0; i < n; i++) {
        u[i].letter = letters[i];
        u[i].state = state_of(&u[i]);
    }
    return 0;
}

/* The rows as they are shown, and what is written of them. */
static int conclude(struct db *db, struct db_tx *tx, struct unknown *u, size_t n, bool dry_run,
                    json_t **rows_r, struct err *err)
{
    int rc = dry_run ? 0 : write_rows(db, u, n, err);
    *rows_r = json_array();
    for (size_t i = 0; i < n; i++) {
        json_array_append_new(*rows_r, row_of(&u[i]));
        json_decref(u[i].evidence);
    }
    if (rc == 0 && !dry_run)
        rc = db_commit(tx, err);
    if (rc < 0)
        json_decref(*rows_r);
    return rc;
}

int settle_by_maillog(struct db *db, const struct conf *conf, const struct settle_order *order,
                      json_t **rows_r, struct err *err)
{
    MEM_SCOPE(mem);
    DB_TX tx = {0};
    struct unknown *u;
    if (db_begin(&tx, db, DB_WRITE, err) < 0)
        return -1;
    int n = find_unknown(mem, db, conf, order->mailing_id, &u, err);
    if (n < 0 || judge(mem, db, conf, order, u, (size_t)n, err) < 0)
        return -1;
    for (int i = 0; i < n; i++)
        u[i].evidence = evidence_of(&u[i].letter);
    return conclude(db, &tx, u, (size_t)n, order->dry_run, rows_r, err);
}

/* ---- by a person's word */

int settle_by_word(struct db *db, const struct settle_order *order, json_t **rows_r, struct err *err)
{
    static const char *const words[][2] = {{"accepted", "accepted"}, {"leave", "left"}, {"resend", "queued"}};
    MEM_SCOPE(mem);
    DB_TX tx = {0};
    struct unknown *u;
    const char *state = NULL;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        state = strcmp(words[i][0], order->word) ? state : words[i][1];
    if (!state)
        return err_set(err, ERR_USAGE,
                       "all that is unknown is settled as accepted, leave or resend, not as \"%s\"",
                       order->word);
    if (db_begin(&tx, db, DB_WRITE, err) < 0)
        return -1;
    int n = find_unknown(mem, db, NULL, order->mailing_id, &u, err);
    if (n < 0)
        return -1;
    for (int i = 0; i < n; i++) {
        u[i].state = state;
        u[i].letter.why = order->because;
        u[i].evidence = json_pack("{s:s}", "person", order->because);
    }
    return conclude(db, &tx, u, (size_t)n, order->dry_run, rows_r, err);
}
