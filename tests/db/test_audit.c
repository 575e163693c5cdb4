/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The audit log: writers do not wait for each other, nothing is missed, an import is one entry, and whatever
 * is done to the log by somebody with all rights is found.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/db_script.h"
#include "crm/audit.h"
#include "tests/lib/testdb.h"

static struct testdb *t;
static struct db *one, *two;

static void run(struct db *db, const char *sql)
{
    struct err err;
    if (db_script(db, sql, &err) < 0)
        fail_msg("%s: %s", sql, err.text);
}

static void is(const char *wanted, const char *question)
{
    assert_string_equal(testdb_ask(t, "%s", question), wanted);
}

static void seal(void)
{
    struct err err;
    if (audit_seal(t->su, &err) < 0)
        fail_msg("%s", err.text);
}

static int begin(void **state)
{
    (void)state;
    t = testdb_open("audit");
    one = testdb_user(t, "ana", "clerk", "mayor");
    two = testdb_user(t, "bora", "clerk", "mayor");
    run(one, "insert into contact (kind, department_id) select 'person', 1 from generate_series(1, 4)");
    /* one who waits for another fails here */
    run(one, "set lock_timeout = '1s'");
    run(two, "set lock_timeout = '1s'");
    return 0;
}

static int end(void **state)
{
    (void)state;
    db_close(one);
    db_close(two);
    testdb_close(t);
    return 0;
}

static void test_writers_do_not_wait(void **state)
{
    (void)state;
    run(one, "begin; update contact set precedence = 'a' where id = 1");
    run(two, "begin; update contact set precedence = 'b' where id = 2; commit");
    run(two, "select audit_seal()");
    run(two, "begin; update contact set precedence = 'c' where id = 3; commit");
    run(one, "commit");
    run(one, "select audit_seal()");
    is("0", "select count(*) from audit where seq is null");
    /* the first to write was sealed last, since it committed last */
    is("b,a,c", "select string_agg(v.after->>'precedence', ',' order by a.seq) from audit a"
                " join audit_value v on v.audit_id = a.id where a.object = 'contact'");
    is("", "select why from audit_broken()");
}

/* Who seals holds up neither writers nor others who seal. */
static void test_sealing_holds_nobody_up(void **state)
{
    (void)state;
    run(one, "begin; update contact set precedence = 'd' where id = 1; select audit_seal()");
    run(two, "update contact set precedence = 'e' where id = 2");
    run(two, "select audit_seal()");
    is("1", "select count(*) from audit where seq is null");
    run(one, "commit");
    seal();
    is("0", "select count(*) from audit where seq is null");
    is("t", "select max(seq) = count(*) and min(seq) = 1 from audit");
    is("", "select why from audit_broken()");
    testdb_refused(two, "AD001",
                   "begin isolation level repeatable read; update contact set precedence = 'x'"
                   " where id = 2; select audit_seal()");
    run(two, "rollback");
}

static void test_import_is_one_entry(void **state)
{
    (void)state;
    const char *last = testdb_ask(t, "select max(id) from audit");
    run(one, "begin;"
             "insert into import (kind, file_name, sha256, department_id, encoding, delimiter)"
             " values ('contacts', 'x', '', 1, '', '');"
             "insert into contact (kind, department_id) select 'person', 1 from generate_series(1, 10);"
             "insert into contact_name (contact_id, name, fold, near, main)"
             " select id, 'N', 'n', 'n', true from contact order by id desc limit 10;"
             "update contact set precedence = 'f' where id = 1;"
             "commit");
    assert_string_equal(
        testdb_ask(t,
                   "select string_agg(action || ' ' || object || ' ' || rows, ', ' order by action)"
                   " from audit where id > %s",
                   last),
        "IMPORT import 1 21, UPDATE contact 1");
    /* afterwards, and behind a trigger that was made to come early, each statement has its own */
    run(one, "begin;"
             "insert into import (kind, file_name, sha256, department_id, encoding, delimiter)"
             " values ('contacts', 'x', '', 1, '', ''); set constraints all immediate;"
             "insert into contact (kind, department_id) values ('person', 1); commit;"
             "insert into contact (kind, department_id) values ('person', 1)");
    is("IMPORT import 2 1, INSERT contact 1, INSERT contact 1",
       "select string_agg(action || ' ' || object || ' ' || rows, ', ' order by id) from"
       " (select * from audit order by id desc limit 3) x");
    testdb_refused(one, "AD001", "update import set xid = pg_current_xact_id()");
    testdb_refused(one, "AD001", "update import set audit_id = 1");
    seal();
    is("", "select why from audit_broken()");
}

/* Each is undone again. */
static const char *const tampering[] = {
    "with a as (delete from audit where seq = 3 returning *) insert into audit overriding system value"
    " select id + 1000, at, actor, action, object, rows, digest, seq, seal from a",
    "update audit set at = at + interval '1 microsecond' where seq = 3",
    "update audit set actor = 'nobody' where seq = 3",
    "update audit set action = 'DELETE' where seq = 3",
    "update audit set object = 'phone' where seq = 3",
    "update audit set rows = rows + 1 where seq = 3",
    "update audit set digest = digest || '\\x00' where seq = 3",
    "update audit set seq = 3000 where seq = 3",
    "update audit set seal = sha256(seal) where seq = 3",
    "update audit set seq = null, seal = null where seq = 3",
    /* with its own seal mended */
    "update audit a set actor = 'nobody' where seq = 3;"
    "update audit a set seal = audit_seal_digest(a, 3) where seq = 3",
    "update audit set seq = -1 where seq = 3; update audit set seq = 3 where seq = 4;"
    "update audit set seq = 4 where seq = -1",
    "delete from audit where seq = 1",
    "delete from audit where seq = 3",
    "delete from audit where seq = (select max(seq) from audit)",
    "delete from audit where seq >= (select max(first_seq) from audit_batch)",
    "delete from audit where seq >= (select max(first_seq) from audit_batch);"
    "delete from audit_batch where n = (select max(n) from audit_batch)",
    "delete from audit",
    "insert into audit (actor, action, object, rows, digest, seq, seal)"
    " select actor, 'NOTE', object, rows, digest, (select max(seq) + 1 from audit), seal from audit where "
    "seq = 3",
    "update audit_value set row_id = row_id + 1000 where audit_id = (select min(audit_id) from audit_value)",
    "update audit_value set contact_id = 4 where audit_id = (select min(audit_id) from audit_value)",
    "update audit_value set salt = gen_random_uuid() where audit_id = (select min(audit_id) from "
    "audit_value)",
    "update audit_value set before = '{}' where audit_id = (select min(audit_id) from audit_value)",
    "update audit_value set before = after, after = null where audit_id = (select min(audit_id) from "
    "audit_value)",
    "update audit_value set after = '{}' where audit_id = (select min(audit_id) from audit_value)",
    "update audit_value set digest = sha256('') where audit_id = (select min(audit_id) from audit_value)",
    "delete from audit_value where audit_id = (select min(audit_id) from audit_value)",
    "insert into audit_value (audit_id, row_id, digest) select audit_id, 999, digest from audit_value limit "
    "1",
    "update audit_insert set object = 'x' where n = 2",
    "update audit_insert set rows = 77 where n = 2",
    "update audit_insert set ids = '{}' where n = 2",
    "update audit_insert set digest = sha256('') where n = 2",
    "update audit_insert set audit_id = (select max(audit_id) from audit_insert) where n = 2",
    "delete from audit_insert where n = 2",
    "delete from audit_insert where n = (select max(n) from audit_insert)",
    "update audit_batch set at = now() where n = 1",
    "update audit_batch set last_seq = last_seq + 1 where n = 1",
    "update audit_batch set digest = sha256('') where n = 1",
    "update audit_batch set chain = sha256('') where n = 1",
    "update audit_batch b set digest = sha256('') where n = 1;"
    "update audit_batch b set chain = audit_chain_digest(sha256('adresar'), b) where n = 1",
    "delete from audit_batch where n = 1",
    "delete from audit_batch",
    "update audit_head set seq = seq - 1",
    "update audit_head set chain = sha256('')",
};

static void test_tampering_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(tampering); i++) {
        testdb_do(t, "begin; set local session_replication_role = replica; %s", tampering[i]);
        if (!*testdb_ask(t, "select why from audit_broken()"))
            fail_msg("not found: %s", tampering[i]);
        testdb_do(t, "rollback");
    }
    is("", "select why from audit_broken()");
    testdb_do(t, "begin; set local session_replication_role = replica; delete from audit where seq = 3");
    is("t",
       "select id = (select id from audit where seq = 4) and at is not null and why like 'entries before%'"
       " from audit_broken()");
    testdb_do(t, "rollback");
}

/* An erasure takes the values and the salts, and nothing else can be taken, not even by the owner. */
static void test_erasure(void **state)
{
    (void)state;
    struct db *owner = testdb_as(t, "adresar_owner");
    run(owner, "update audit_value set before = null, after = null where contact_id = 1");
    run(owner, "update audit_insert set salt = null");
    is("", "select why from audit_broken()");
    is("t", "select erased > 0 from audit_sums()");
    static const char *const statements[] = {
        "update audit set actor = 'x'",
        "delete from audit",
        "truncate audit cascade",
        "update audit set seq = null, seal = null",
        "update audit_value set after = '{}'",
        "delete from audit_value",
        "truncate audit_value",
        "update audit_insert set rows = 1",
        "delete from audit_insert",
        "update audit_batch set at = now()",
        "delete from audit_batch",
        "truncate audit_batch",
    };
    for (size_t i = 0; i < ARRAY_LEN(statements); i++)
        testdb_refused(owner, "AD001", statements[i]);
    db_close(owner);
}

/* ---- the tables beside the log */

static const char *differs(void)
{
    struct err err;
    DB_ROWS rows = NULL;
    struct text s = text_new(t);
    int n = audit_differs(one, &rows, &err);
    if (n < 0)
        fail_msg("%s", err.text);
    for (int i = 0; i < n; i++)
        text_printf(&s, "%s%s %s", i ? ", " : "", db_get_str(rows, i, "object"), db_get_str(rows, i, "why"));
    return s.s;
}

/* As somebody with all rights, past the triggers; each is undone again. */
static const struct {
    const char *sql, *differs;
} past_the_log[] = {
    {"update contact set precedence = 'x' where id = 90001", "contact changed"},
    {"update contact_name set name = 'Mallory' where contact_id = 90002 and main", "contact_name changed"},
    /* who was changed before, with the log */
    {"update contact set precedence = 'x' where id = 90003", "contact changed"},
    {"delete from contact where id = 90004", "contact gone"},
    {"delete from contact where id = 90003", "contact gone"},
    {"insert into contact_tag (contact_id, tag) values (90001, 'x')", "contact_tag unknown"},
    {"insert into phone overriding system value select id, 90001, null, '1' from phone_gone", "phone back"},
    {"update address set email = 'm@x.example', email_key = 'm@x.example' where email = 'u@x.example'",
     "address changed"},
    {"update segment set question = 'tag:y' where name = 'S'", "segment changed"},
    {"update audit_insert set width = 3 where object = 'contact'",
     NULL}, /* as if columns had been added since */
};

static void test_tables_are_what_the_log_says(void **state)
{
    (void)state;
    assert_string_equal(differs(), "");
    run(one, "set timezone = 'Asia/Tokyo'; set datestyle = 'German'; set bytea_output = 'escape'");
    run(one, "begin;"
             "insert into import (kind, file_name, sha256, department_id, encoding, delimiter)"
             " values ('contacts', 'x', '\\x01', 1, '', '');"
             "insert into contact (id, kind, department_id, languages) overriding system value"
             " select id, 'person', 1, '{sr,\"a \\\" b\"}' from generate_series(90001, 110000) id order by "
             "id % 7, id desc;"
             "insert into contact_name (contact_id, name, fold, near, main)"
             " select id, 'Ћирић, \"A\" ' || id, 'n', 'n', true from contact where id > 90000;"
             "commit");
    run(one,
        "update contact set precedence = 'a', languages = '{de}' where id = 90003;"
        "update contact set precedence = 'b' where id = 90003;"
        "insert into contact_detail (contact_id, field, value) values (90001, 'x', 'y'), (90001, 'z', 'y');"
        "delete from contact_detail where field = 'x';"
        "insert into term (post_id, holder_id, during) select 1, 90001, '[2020-01-01,2020-02-01)' where "
        "false;"
        "insert into address (contact_id, email, email_key) values (90001, 'u@x.example', 'u@x.example');"
        "insert into phone (contact_id, typed) values (90001, '1');"
        "insert into segment (name, fold, question) values ('S', 's', 'tag:x')");
    testdb_do(t, "create table phone_gone as select id from phone");
    run(one, "delete from phone; update address set private = true where email = 'u@x.example'");
    seal();
    is("t", "select count(*) between 6 and 8 from audit_insert where audit_id = (select max(audit_id) from "
            "import)");
    run(t->su, "set timezone = 'America/Caracas'; set datestyle = 'SQL'");
    assert_string_equal(differs(), "");
    for (size_t i = 0; i < ARRAY_LEN(past_the_log); i++) {
        testdb_do(t, "begin; set local session_replication_role = replica; %s", past_the_log[i].sql);
        const char *found =
            testdb_ask(t, "select string_agg(object || ' ' || why, ', ') from audit_differs()");
        if (past_the_log[i].differs ? strcmp(found, past_the_log[i].differs) != 0 : !*found)
            fail_msg("%s: %s", past_the_log[i].sql, found);
        testdb_do(t, "rollback");
    }
    /* a new column is no change */
    testdb_do(t, "begin; alter table contact add column later text default 'x'");
    is("", "select string_agg(object || ' ' || why, ', ') from audit_differs()");
    testdb_do(t, "rollback");
    /* what an erasure emptied is not computed, and the rest of the import is */
    struct db *head = testdb_user(t, "dana", "head", "mayor");
    run(head, "select contact_erase(90005, 'asked')");
    db_close(head);
    assert_string_equal(differs(), "");
    testdb_do(
        t,
        "begin; set local session_replication_role = replica; update contact set rank = 1 where id = 109000");
    is("contact changed", "select string_agg(object || ' ' || why, ', ') from audit_differs()");
    testdb_do(t, "rollback");
}

static void test_notes(void **state)
{
    (void)state;
    struct err err;
    static const unsigned char digest[DIGEST_BYTES] = {1};
    assert_int_equal(audit_note(one, "EXPORT", "register contacts", 7, digest, &err), 0);
    assert_int_equal(audit_note(one, "UPDATE", "contact", 7, digest, &err), -1);
    is("t", "select actor like 'ana%' from audit where action = 'EXPORT' and rows = 7");
    seal();
    is("", "select why from audit_broken()");
}

int main(void)
{
    mem_init();
    testdb_need();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_writers_do_not_wait),
        cmocka_unit_test(test_sealing_holds_nobody_up),
        cmocka_unit_test(test_import_is_one_entry),
        cmocka_unit_test(test_tables_are_what_the_log_says),
        cmocka_unit_test(test_tampering_is_found),
        cmocka_unit_test(test_erasure),
        cmocka_unit_test(test_notes),
    };
    return cmocka_run_group_tests_name("audit", tests, begin, end);
}
