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

/* Contacts 1 and 2, who alone has an address; mailing 1 is a draft, 2 is released, and 3 a draft that had
 * excluded the second.  1 could not get the letters of the draft 4 (no address) and of the released 5 (it
 * came back), must not get that of 6, and has that of 7 to come, which 2 has. */
static const char rows[] =
    "insert into outbox_state values ('held', false, true), ('queued', false, true), ('excluded', true, true)"
    " on conflict do nothing;"
    "insert into outbox_move values ('held', 'excluded', '{office}'), ('queued', 'excluded', '{office}')"
    " on conflict do nothing;"
    "insert into contact (kind, department_id) values ('person', 1), ('person', 1);"
    "insert into contact_name (contact_id, name, main, fold, near) select id, 'Iva Tasić', true, 'iva "
    "tasic', "
    "'iva tasic' from contact;"
    "insert into address (contact_id, email, email_key) values (2, 'a@x.example', 'a@x.example');"
    "set session_replication_role = replica;"
    "insert into mailing (name, department_id, kind, account, state, prepared_by, released_by, released_at) "
    "values"
    " ('A', 1, 'notice', 'x', 'draft', 'x', null, null), ('B', 1, 'notice', 'x', 'released', 'x', 'y', "
    "now()),"
    " ('C', 1, 'notice', 'x', 'draft', 'x', null, null), ('D', 1, 'notice', 'x', 'draft', 'x', null, null),"
    " ('E', 1, 'notice', 'x', 'released', 'x', 'y', now()), ('F', 1, 'notice', 'x', 'draft', 'x', null, "
    "null),"
    " ('G', 1, 'notice', 'x', 'released', 'x', 'y', now());"
    "insert into outbox (mailing_id, contact_id, email, name, language, view, state, reason)"
    " select m, c, 'a@x.example', 'N', 'en', '{}', s, r from (values (1, 'held', 'release'), (2, 'queued', "
    "null),"
    " (3, 'held', 'release')) m (m, s, r), (values (1), (2)) c (c);"
    "update outbox set state = 'excluded', reason = 'no address' where mailing_id = 3 and contact_id = 2;"
    "insert into outbox (mailing_id, contact_id, address_id, email, name, language, view, state, reason, "
    "rfc_message_id,"
    " message_id, envelope_from, content_sha256, settled_by)"
    " select m, c, case c when 2 then 1 end, case c when 2 then 'a@x.example' else '' end, 'N', 'en', '{}', "
    "s, r,"
    " '<x@y>', 1, 'x@y', '', b from (values (4, 1, 'excluded', 'no e-mail address', null), (4, 2, 'held', "
    "'release', null),"
    " (5, 1, 'bounced', null, 'dsn'), (5, 2, 'queued', null, null), (6, 1, 'excluded', 'address of a rival', "
    "'vesna'),"
    " (6, 2, 'held', 'release', null), (7, 1, 'queued', null, null), (7, 2, 'accepted', null, 'smtp')) v (m, "
    "c, s, r, b);"
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

static void letters_are(int contact, const char *mailings, const char *wanted)
{
    assert_string_equal(
        testdb_ask(t,
                   "select string_agg(mailing_id || ' ' || state || coalesce(' ' || reason, ''), ', '"
                   " order by mailing_id) from outbox where contact_id = %d and mailing_id in (%s)",
                   contact, mailings),
        wanted);
}

static void merge(void)
{
    struct err err;
    struct merge_report r;
    if (merge_contacts(t, db, 1, 2, &(struct merge_options){0}, &r, &err) < 0)
        fail_msg("%s", err.text);
}

static void test_letters_come_back(void **state)
{
    (void)state;
    struct err err;
    struct merge_report r;
    letters_are(2, "1, 2, 3", "1 held release, 2 queued, 3 excluded no address");
    letters_are(1, "7", "7 queued");
    merge();
    letters_are(2, "1, 2, 3", "1 excluded merged, 2 excluded merged, 3 excluded no address");
    /* by taking apart alone */
    testdb_refused(db, "AD001",
                   "update outbox set state = 'held', reason = 'release' where state = 'excluded'");
    if (merge_undo(t, db, 2, &r, &err) < 0)
        fail_msg("%s", err.text);
    letters_are(2, "1, 2, 3", "1 held release, 2 excluded merged, 3 excluded no address");
    size_t i = 0;
    while (i < r.nsum && strcmp(r.sum[i].object, "outbox") != 0)
        i++;
    assert_true(i < r.nsum);
    assert_int_equal(r.sum[i].moved, 6); /* of mailings 1 and 6; both of 4 and of 5 */
    assert_int_equal(r.sum[i].stays, 2);
}

/* Who could not be reached gets the other's letter with the other's address; who must not get it does not,
 * and who has it has it once. */
static void test_letters_go_on(void **state)
{
    (void)state;
    struct err err;
    struct merge_report r;
    static const char one[] =
        "4 excluded no e-mail address, 5 bounced, 6 excluded address of a rival, 7 excluded merged",
                      two[] = "4 held release, 5 queued, 6 held release, 7 accepted";
    letters_are(1, "4, 5, 6, 7", one);
    letters_are(2, "4, 5, 6, 7", two);
    merge();
    letters_are(1, "4, 5, 6, 7",
                "4 held release, 5 queued, 6 excluded address of a rival, 7 excluded merged");
    letters_are(2, "4, 5, 6, 7", "4 excluded no e-mail address, 5 bounced, 6 excluded merged, 7 accepted");
    assert_string_equal(testdb_ask(t,
                                   "select count(*) from outbox o join address a on a.id = o.address_id"
                                   " where a.contact_id = 1 and o.contact_id = 1 and mailing_id in (4, 5)"),
                        "2");
    if (merge_undo(t, db, 2, &r, &err) < 0)
        fail_msg("%s", err.text);
    letters_are(1, "4, 5, 6, 7", one);
    letters_are(2, "4, 5, 6, 7", two);
}

int main(void)
{
    mem_init();
    testdb_need();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_letters_come_back),
        cmocka_unit_test(test_letters_go_on),
    };
    return cmocka_run_group_tests_name("merge_letters", tests, begin, end);
}
