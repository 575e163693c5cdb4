/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Two contacts wait for the same mailing and become one: one letter goes out.  When they are taken apart, the
 * other waits again as it did, if the mailing still is a draft.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crm/merge.h"
#include "tests/lib/testdb.h"

static struct testdb *t;
static struct db *db;

/* Contacts 1 and 2; mailing 1 is a draft, 2 is released, and 3 a draft that had excluded the second. */
static const char rows[] =
    "insert into outbox_state values ('held', false, true), ('queued', false, true), ('excluded', true, true)"
    " on conflict do nothing;"
    "insert into outbox_move values ('held', 'excluded', '{office}'), ('queued', 'excluded', '{office}')"
    " on conflict do nothing;"
    "insert into contact (kind, department_id) values ('person', 1), ('person', 1);"
    "insert into contact_name (contact_id, name, main, fold, near) select id, 'Iva Tasić', true, 'iva "
    "tasic', "
    "'iva tasic' from contact;"
    "set session_replication_role = replica;"
    "insert into mailing (name, department_id, kind, account, state, prepared_by, released_by, released_at) "
    "values"
    " ('A', 1, 'notice', 'x', 'draft', 'x', null, null), ('B', 1, 'notice', 'x', 'released', 'x', 'y', "
    "now()),"
    " ('C', 1, 'notice', 'x', 'draft', 'x', null, null);"
    "insert into outbox (mailing_id, contact_id, email, name, language, view, state, reason)"
    " select m, c, 'a@x.example', 'N', 'en', '{}', s, r from (values (1, 'held', 'release'), (2, 'queued', "
    "null),"
    " (3, 'held', 'release')) m (m, s, r), (values (1), (2)) c (c);"
    "update outbox set state = 'excluded', reason = 'no address' where mailing_id = 3 and contact_id = 2;"
    "set session_replication_role = origin";

static int begin(void **state)
{
    (void)state;
    t = testdb_open("merge_letters");
    db = testdb_user(t, "vesna", "clerk", "mayor");
    testdb_do(t, "%s", rows);
    return 0;
}

static int end(void **state)
{
    (void)state;
    db_close(db);
    testdb_close(t);
    return 0;
}

static void letters_are(const char *wanted)
{
    assert_string_equal(
        testdb_ask(t, "select string_agg(mailing_id || ' ' || state || coalesce(' ' || reason, ''), ', '"
                      " order by mailing_id) from outbox where contact_id = 2"),
        wanted);
}

static void test_letters_come_back(void **state)
{
    (void)state;
    struct err err;
    struct merge_report r;
    letters_are("1 held release, 2 queued, 3 excluded no address");
    if (merge_contacts(t, db, 1, 2, &(struct merge_options){0}, &r, &err) < 0)
        fail_msg("%s", err.text);
    letters_are("1 excluded merged, 2 excluded merged, 3 excluded no address");
    /* by taking apart alone */
    testdb_refused(db, "AD001",
                   "update outbox set state = 'held', reason = 'release' where state = 'excluded'");
    if (merge_undo(t, db, 2, &r, &err) < 0)
        fail_msg("%s", err.text);
    letters_are("1 held release, 2 excluded merged, 3 excluded no address");
    size_t i = 0;
    while (i < r.nsum && strcmp(r.sum[i].object, "outbox") != 0)
        i++;
    assert_true(i < r.nsum);
    assert_int_equal(r.sum[i].moved, 1);
    assert_int_equal(r.sum[i].stays, 1);
}

int main(void)
{
    mem_init();
    testdb_need();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_letters_come_back),
    };
    return cmocka_run_group_tests_name("merge_letters", tests, begin, end);
}
