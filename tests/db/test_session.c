/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Sessions that end while they are in use, and what a session of delivering asks of the server.
 */
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/db_send.h"
#include "mail/outbox.h"
#include "sql/inbox.h"
#include "tests/lib/testdb.h"

/* Whatever is asked of a session that has ended is an error, again and again, until it is revived. */
static void test_ended(void **state)
{
    struct testdb *t = *state;
    struct db *db = testdb_as(t, "adresar_deliver");
    struct err err;
    assert_int_equal(outbox_walk(db, &err), 0);
    testdb_do(t, "select pg_terminate_backend(pid) from pg_stat_activity"
                 " where usename = 'adresar_deliver' and datname = current_database()");
    for (int i = 0; i < 3; i++) {
        assert_int_equal(outbox_walk(db, &err), -1);
        assert_int_equal(err.code, ERR_AWAY);
    }
    assert_int_equal(db_revive(db, &err), 0);
    assert_int_equal(outbox_walk(db, &err), 0);
    db_close(db);
}

/* What is committed by the ledger is on disk, whatever the server's setting. */
static void test_lasts(void **state)
{
    struct testdb *t = *state;
    struct err err;
    static const char *const setting[][2] = {
        {"off", "on"}, {"on", "on"}, {"local", "local"}, {"remote_apply", "remote_apply"}};
    for (size_t i = 0; i < ARRAY_LEN(setting); i++) {
        testdb_do(t, "set synchronous_commit = %s", setting[i][0]);
        assert_int_equal(outbox_last(t->su, &err), 0);
        assert_string_equal(testdb_ask(t, "show synchronous_commit"), setting[i][1]);
    }
}

/* Told once a mailing, when it is released or goes on, and of nothing else; a session that ended does not
 * wait. */
static void test_listens(void **state)
{
    struct testdb *t = *state;
    struct db *db = testdb_as(t, "adresar_deliver");
    struct err err;
    assert_int_equal(outbox_listen(db, &err), 0);
    testdb_do(t, "set session_replication_role = replica");
    testdb_do(t, "insert into mailing (id, department_id, kind, name, account, state, prepared_by)"
                 " overriding system value values (1, 1, 'notice', 'm', 'a', 'draft', 'one'), (2, 1, "
                 "'notice', 'n', 'a', 'draft', 'one')");
    testdb_do(t, "set session_replication_role = origin");
    testdb_do(t, "alter table mailing disable trigger mailing_guard");
    assert_int_equal(db_wait(db, 0, &err), 0);
    testdb_do(t, "update mailing set state = 'released', released_by = 'two', released_at = now()");
    assert_int_equal(db_wait(db, 10000, &err), 1);
    assert_int_equal(db_wait(db, 0, &err), 0);
    testdb_do(t, "update mailing set state = 'paused', pause_reason = 'x'");
    assert_int_equal(db_wait(db, 50, &err), 0);
    testdb_do(t, "update mailing set state = 'released', pause_reason = null where id = 2");
    assert_int_equal(db_wait(db, 10000, &err), 1);
    testdb_do(t, "select pg_terminate_backend(pid) from pg_stat_activity"
                 " where usename = 'adresar_deliver' and datname = current_database()");
    int waited;
    while ((waited = db_wait(db, 10000, &err)) == 0) /* why it ends comes before the end */
        ;
    assert_int_equal(waited, -1);
    assert_int_equal(err.code, ERR_AWAY);
    db_close(db);
}

/* What is sent is there when it is settled; what fails takes all behind it with it, and is told to whoever
 * settles, even if the connection was asked something else meanwhile. */
static void test_sent(void **state)
{
    struct testdb *t = *state;
    struct err err;
    DB_ROWS rows = NULL;
    for (int i = 0; i < 2; i++) {
        DB_TX tx = {0};
        assert_int_equal(db_begin(&tx, t->su, DB_WRITE, &err), 0);
        assert_int_equal(db_send(t->su, &rows, &err, SQL_INBOX_ADD_THREAD, db_text("sent"), db_null()), 0);
        assert_int_equal(db_send_commit(&tx, &err), 0);
        assert_int_equal(db_settle(t->su, &err), 0);
        assert_int_equal(db_rows_count(rows), 1);
    }
    assert_string_equal(testdb_ask(t, "select count(*) from thread where subject = 'sent'"), "2");
    for (int asked = 0; asked < 2; asked++) {
        DB_TX tx = {0};
        assert_int_equal(db_begin(&tx, t->su, DB_WRITE, &err), 0);
        assert_int_equal(db_send(t->su, NULL, &err, SQL_INBOX_ADD_THREAD, db_text("lost"), db_null()), 0);
        assert_int_equal(db_send(t->su, &rows, &err, SQL_INBOX_ADD_THREAD, db_text("bad \xff"), db_null()),
                         0);
        assert_int_equal(db_send(t->su, NULL, &err, SQL_INBOX_ADD_THREAD, db_text("lost"), db_null()), 0);
        assert_int_equal(db_send_commit(&tx, &err), 0);
        if (asked)
            assert_string_equal(testdb_ask(t, "select 1"), "1");
        assert_int_equal(db_settle(t->su, &err), -1);
        assert_int_equal(err.code, ERR_INPUT);
        assert_int_equal(db_settle(t->su, &err), 0);
    }
    DB_TX left = {0};
    assert_int_equal(db_begin(&left, t->su, DB_WRITE, &err), 0);
    assert_int_equal(db_send(t->su, NULL, &err, SQL_INBOX_ADD_THREAD, db_text("bad \xff"), db_null()), 0);
    db_tx_end(&left);
    assert_int_equal(db_settle(t->su, &err), 0);
    assert_string_equal(testdb_ask(t, "select count(*) from thread where subject = 'lost'"), "0");
}

/* What was sent off is answered by itself, in the middle of a transaction and at its end. */
static void test_sent_off(void **state)
{
    struct testdb *t = *state;
    struct err err;
    DB_ROWS rows = NULL;
    DB_TX tx = {0};
    assert_true(db_answers(t->su)); /* nothing is on its way */
    assert_int_equal(db_begin(&tx, t->su, DB_WRITE, &err), 0);
    assert_int_equal(db_send(t->su, &rows, &err, SQL_INBOX_ADD_THREAD, db_text("off"), db_null()), 0);
    for (int step = 0; step < 2; step++) {
        assert_false(step == 0 && db_answers(t->su)); /* nobody asked for it yet */
        assert_int_equal(step ? db_send_commit(&tx, &err) : db_send_off(t->su, &err), 0);
        for (int i = 0; i < 500 && !db_answers(t->su); i++)
            poll(NULL, 0, 10);
        assert_true(db_answers(t->su));
        assert_int_equal(db_settle(t->su, &err), 0);
    }
    assert_int_equal(db_rows_count(rows), 1);
    assert_string_equal(testdb_ask(t, "select count(*) from thread where subject = 'off'"), "1");
}

/* The end of the session while something is on its way. */
static void test_sent_and_ended(void **state)
{
    struct testdb *t = *state;
    struct db *db = testdb_as(t, "adresar_fetch");
    struct err err;
    for (int i = 0; i < 2; i++) {
        DB_TX tx = {0};
        assert_int_equal(db_begin(&tx, db, DB_WRITE, &err), 0);
        assert_int_equal(db_send(db, NULL, &err, SQL_INBOX_ADD_THREAD, db_text("ended"), db_null()), 0);
        if (i == 0)
            testdb_do(t, "select pg_terminate_backend(pid, 5000) from pg_stat_activity"
                         " where usename = 'adresar_fetch' and datname = current_database()");
        int sent = db_send_commit(&tx, &err);
        assert_int_equal(sent < 0 ? sent : db_settle(db, &err), i - 1);
        if (i == 0)
            assert_int_equal(err.code, ERR_AWAY);
        db_tx_end(&tx);
        assert_int_equal(db_revive(db, &err), 0);
    }
    assert_string_equal(testdb_ask(t, "select count(*) from thread where subject = 'ended'"), "1");
    db_close(db);
}

static int begin(void **state)
{
    *state = testdb_open("session");
    return 0;
}

static int end(void **state)
{
    testdb_close(*state);
    return 0;
}

int main(void)
{
    mem_init();
    testdb_need();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ended), cmocka_unit_test(test_lasts),    cmocka_unit_test(test_listens),
        cmocka_unit_test(test_sent),  cmocka_unit_test(test_sent_off), cmocka_unit_test(test_sent_and_ended),
    };
    return cmocka_run_group_tests_name("session", tests, begin, end);
}
