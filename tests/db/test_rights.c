/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Each role, in a department that keeps, shares or does not know a contact, against each table: what it sees
 * and changes by SQL under its own login, past the program's own checks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/db_script.h"
#include "crm/rights.h"
#include "tests/lib/testdb.h"

static struct testdb *t;

/* ---- who: the contact 1 is kept by the mayor's office, and shared with defb */

enum who { READER, CLERK, HEAD, SHARER, OTHER, BOTH, ADMIN, AUDITOR, NOBODY, WEB, WEB_UNSET, PEOPLE };

static const struct {
    const char *login, *role, *department, *also;
} people[PEOPLE] = {
    [READER] = {"reader", "reader", "mayor", NULL}, [CLERK] = {"clerk", "clerk", "mayor", NULL},
    [HEAD] = {"head", "head", "mayor", NULL},       [SHARER] = {"sharer", "clerk", "defb", NULL},
    [OTHER] = {"other", "clerk", "diaspora", NULL}, [BOTH] = {"both", "clerk", "diaspora", "mayor"},
    [ADMIN] = {"admin", "admin", "diaspora", NULL}, [AUDITOR] = {"auditor", "auditor", "diaspora", NULL},
    [NOBODY] = {"nobody", "head", "mayor", NULL}, /* is no user any more, and still logged in */
};
static struct db *session[PEOPLE];
static const char *acting, *acting_id; /* whom the web role names, "clerk" where nothing is said */

/* ---- the matrix */

enum { SEES = 1, ADDS = 2, CHANGES = 4, REMOVES = 8, ALL = 15 };

/* What they do; the row is the one of contact 1 (or its import, event ...), and the statements are undone. */
static const struct {
    const char *table, *row, *add, *change;
    /*         reader clerk head sharer other both admin auditor nobody web web without a user */
    int may[PEOPLE];
    bool silent; /* no grant for some of it: PostgreSQL refuses before the policies do */
} matrix[] = {
#include "tests/db/rights.def"
};

static void act_as(const char *login)
{
    acting = login;
    acting_id = testdb_ask(t, "select id from staff where login = '%s'", testdb_role(t, login));
}

static void begin_web(struct db *web)
{
    struct err err;
    const char *set = talloc_asprintf(t, "select set_config('adresar.user_id', '%s', true)", acting_id);
    if (db_script(web, set, &err) < 0)
        fail_msg("%s", err.text);
}

/* Runs a statement in a transaction that is undone; the rows it touched, -1 when PostgreSQL refused. */
static int try(enum who who, const char *sql, struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS rows = NULL;
    struct db_stmt *s = talloc_zero(t, struct db_stmt);
    *s = (struct db_stmt){"try", sql, DB_ROWS_many, 0, false};
    if (db_begin(&tx, session[who], DB_WRITE, err) < 0)
        fail_msg("%s", err->text);
    if (who == WEB)
        begin_web(session[who]);
    int n = db_run_args(session[who], &rows, err, s, NULL);
    if (n < 0 && strcmp(err->sqlstate, "42501"))
        fail_msg("%s: %s", sql, err->text);
    return n;
}

static void check(enum who who, const char *what, bool may, const char *sql)
{
    struct err err = {0};
    int n = try(who, sql, &err);
    if ((n > 0) != may)
        fail_msg("%s %s %s: %s (%d %s)",
                 who == WEB  ? talloc_asprintf(t, "the web for %s", acting)
                 : who < WEB ? people[who].login
                             : "the web",
                 may ? "does not" : "may", what, sql, n, err.text);
}

static void check_row(size_t i, enum who who, int may)
{
    const char *table = matrix[i].table, *row = matrix[i].row;
    check(who, "see", may & SEES, talloc_asprintf(t, "select 1 from %s where %s", table, row));
    if (matrix[i].add)
        check(who, "add", may & ADDS,
              talloc_asprintf(t, "insert into %s %s returning 1", table, matrix[i].add));
    if (matrix[i].change)
        check(who, "change", may & CHANGES,
              talloc_asprintf(t, "update %s set %s where %s returning 1", table, matrix[i].change, row));
    if (matrix[i].silent || (matrix[i].may[ADMIN] & REMOVES) == 0)
        return;
    if (strcmp(table, "contact")) /* contact 1 has letters; another one is removed below */
        check(who, "remove", may & REMOVES,
              talloc_asprintf(t, "delete from %s where %s returning 1", table, row));
}

static void test_matrix(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(matrix); i++)
        for (enum who who = 0; who < PEOPLE; who++)
            check_row(i, who, matrix[i].may[who]);
}

/* For each of its users the web role may what they may under their own login, and hands out what they may. */
static void test_web_matrix(void **state)
{
    (void)state;
    static const bool exports[WEB] = {[CLERK] = true, [HEAD] = true,  [SHARER] = true, [OTHER] = true,
                                      [BOTH] = true,  [ADMIN] = true, [AUDITOR] = true};
    for (enum who who = 0; who < WEB; who++) {
        DB_TX tx = {0};
        struct err err;
        act_as(people[who].login);
        db_close(session[WEB]); /* a connection keeps in mind so many statements */
        session[WEB] = testdb_as(t, "adresar_web");
        for (size_t i = 0; i < ARRAY_LEN(matrix); i++)
            check_row(i, WEB, matrix[i].may[who]);
        assert_int_equal(db_begin(&tx, session[WEB], DB_WRITE, &err), 0);
        begin_web(session[WEB]);
        assert_int_equal(rights_check(session[WEB], RIGHT_export, &err) == 0, exports[who]);
        assert_int_equal(rights_check_contact(session[WEB], RIGHT_export, 1, &err) == 0,
                         exports[who] && who != OTHER);
    }
    act_as("clerk");
}

/* ---- what a table of rows does not say */

static void refused(enum who who, const char *sql)
{
    struct err err = {0};
    if (try(who, sql, &err) > 0)
        fail_msg("%s may: %s", people[who].login, sql);
}

static void allowed(enum who who, const char *sql)
{
    struct err err = {0};
    if (try(who, sql, &err) < 1)
        fail_msg("%s may not: %s (%s)", people[who].login, sql, err.text);
}

static void test_keeping(void **state)
{
    (void)state;
    /* a new contact is one's own department's */
    refused(CLERK, "insert into contact (kind, department_id) values ('person', 2) returning 1");
    allowed(BOTH, "insert into contact (kind, department_id) values ('person', 3) returning 1");
    allowed(ADMIN, "insert into contact (kind, department_id) values ('person', 2) returning 1");
    /* who shares it does not remove it, take it, or share it further; the clerk does not give it away */
    refused(SHARER, "delete from contact where id = 3 returning 1");
    allowed(CLERK, "delete from contact where id = 3 returning 1");
    refused(SHARER, "update contact set department_id = 2 where id = 1 returning 1");
    refused(SHARER, "insert into contact_department (contact_id, department_id) values (1, 3) returning 1");
    refused(OTHER, "insert into contact_department (contact_id, department_id) values (1, 3) returning 1");
    refused(CLERK, "update contact set department_id = 2 where id = 1 returning 1");
    allowed(HEAD, "update contact set department_id = 2 where id = 1 returning 1");
    /* nothing is carried over to a contact that is not one's own, nor taken from one */
    refused(OTHER, "update contact_note set contact_id = 4 where contact_id = 1 returning 1");
    refused(CLERK, "update contact_note set contact_id = 4 where contact_id = 1 returning 1");
    refused(CLERK, "update address set contact_id = 4 where contact_id = 1 returning 1");
    /* no policy tells by an error or a count what one does not see */
    refused(OTHER, "select 1 from contact_note where 1 / length(note) > 0");
    refused(OTHER, "select 1 from address where email like 'p@%'");
}

#define ASK(department)                                                                                      \
    "insert into share_request (contact_id, department_id) values (1, " department ") returning 1"
#define GRANT(by)                                                                                            \
    "update share_request set granted = true, decided_at = now(), decided_by = " by " returning 1"

static void test_requests(void **state)
{
    (void)state;
    allowed(OTHER, ASK("3"));
    refused(OTHER, ASK("1"));
    refused(READER, ASK("1"));
    testdb_do(t, "insert into share_request (contact_id, department_id, asked_by) values (1, 3, 'x')");
    allowed(OTHER, "select 1 from share_request");
    allowed(CLERK, "select 1 from share_request");
    refused(SHARER, "select 1 from share_request");
    refused(OTHER, GRANT("session_user"));
    refused(SHARER, GRANT("session_user"));
    refused(READER, GRANT("session_user"));
    refused(CLERK, GRANT("'somebody'"));
    allowed(CLERK, GRANT("session_user"));
    refused(OTHER, "update share_request set contact_id = 4 returning 1");
    allowed(OTHER, "delete from share_request returning 1");
    testdb_do(t, "delete from share_request");
}

/* 'Known, kept by X': also under a private address that one does not see. */
static void test_known(void **state)
{
    (void)state;
    allowed(OTHER,
            "select 1 from contact_known('{p@x.example}') where contact_id = 1 and department = 'mayor'"
            " and not mine");
    allowed(SHARER, "select 1 from contact_known('{p@x.example}') where mine");
    allowed(OTHER, "select 1 from contact_known('{+38344000002}') where contact_id = 1");
    refused(OTHER, "select 1 from contact_known('{nix@x.example}')");
    refused(NOBODY, "select 1 from contact_known('{p@x.example}')");
    refused(WEB_UNSET, "select 1 from contact_known('{p@x.example}')");
}

static void test_release(void **state)
{
    (void)state;
    const char *release =
        "update mailing set state = 'released', released_by = session_user where id = 1 returning 1";
    allowed(HEAD, release);
    allowed(CLERK, release);
    allowed(ADMIN, release);
    refused(OTHER, release);
    refused(READER, release);
    refused(AUDITOR, release);
}

/* The pages' user is gone with the transaction, and nobody's word is taken who is not the pages. */
static void test_web(void **state)
{
    (void)state;
    struct err err = {0};
    allowed(WEB, "select 1 from contact_note");
    refused(WEB_UNSET, "select 1 from contact");
    assert_int_equal(
        db_script(session[WEB_UNSET], "begin; select set_config('adresar.user_id', '2', true); commit", &err),
        0);
    refused(WEB_UNSET, "select 1 from contact");
    assert_int_equal(db_script(session[OTHER], "set adresar.user_id = '2'", &err), 0);
    refused(OTHER, "select 1 from contact_note");
    assert_int_equal(db_script(session[OTHER], "reset adresar.user_id", &err), 0);
    testdb_refused(session[WEB], "42501",
                   "begin; select set_config('adresar.user_id', '99', true);"
                   "insert into contact (kind, department_id) values ('person', 1)");
    assert_int_equal(db_script(session[WEB], "rollback", &err), 0);
    /* what is done bears the user's name */
    struct db *web = session[WEB];
    const char *id = testdb_ask(t, "select id from staff where login = '%s'", testdb_role(t, "clerk"));
    assert_int_equal(
        db_script(web,
                  talloc_asprintf(t,
                                  "begin; select set_config('adresar.user_id', '%s', true);"
                                  "insert into contact (kind, department_id) values ('person', 1);"
                                  "commit",
                                  id),
                  &err),
        0);
    assert_string_equal(
        testdb_ask(t, "select (select created_by from contact order by id desc limit 1) || ' ' ||"
                      " (select actor from audit order by id desc limit 1)"),
        talloc_asprintf(t, "%s %s", testdb_role(t, "clerk"), testdb_role(t, "clerk")));
    assert_string_equal(testdb_ask(t, "select count(*) from pg_roles where rolname like 'adresar\\_%%'"
                                      " and (rolsuper or rolbypassrls)"),
                        "0");
}

/* ---- the program's own checks, in words */

static void test_words(void **state)
{
    (void)state;
    static const struct {
        enum who who;
        enum right right;
        int64_t contact;   /* 0: anywhere */
        const char *words; /* NULL: allowed */
    } table[] = {
        {READER, RIGHT_write, 0, "a reader may not change anything"},
        {READER, RIGHT_export, 0, "a reader may not export"},
        {AUDITOR, RIGHT_write, 1, "an auditor may not change anything"},
        {AUDITOR, RIGHT_export, 1, NULL},
        {AUDITOR, RIGHT_see, 1, NULL},
        {CLERK, RIGHT_write, 1, NULL},
        {SHARER, RIGHT_write, 1, NULL},
        {OTHER, RIGHT_write, 1, "contact 1 is kept by mayor; ask with `adresar contact ask 1`"},
        {OTHER, RIGHT_see, 1, "contact 1 is kept by mayor"},
        {BOTH, RIGHT_write, 1, NULL},
        {ADMIN, RIGHT_write, 1, NULL},
        {ADMIN, RIGHT_audit, 0, NULL},
        {HEAD, RIGHT_audit, 0, "a head may not read the audit log"},
        {NOBODY, RIGHT_write, 0, "you are no user of this office"},
        {WEB_UNSET, RIGHT_write, 0, "you are no user of this office"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct err err = {0};
        struct db *db = session[table[i].who];
        int rc = table[i].contact ? rights_check_contact(db, table[i].right, table[i].contact, &err)
                                  : rights_check(db, table[i].right, &err);
        if (table[i].words ? rc == 0 || err.code != ERR_DENIED || !strstr(err.text, table[i].words) : rc < 0)
            fail_msg("%zu: %s", i, err.text);
    }
    struct err err = {0};
    assert_int_equal(rights_check_keeper(session[CLERK], RIGHT_share, 1, &err), 0);
    assert_int_equal(rights_check_keeper(session[SHARER], RIGHT_share, 1, &err), -1);
    assert_non_null(strstr(err.text, "only they may share"));
    assert_int_equal(rights_check_department(session[CLERK], RIGHT_write, 2, &err), -1);
    assert_non_null(strstr(err.text, "that is for department defb, and you work for mayor"));
    assert_int_equal(rights_check_contact(session[CLERK], RIGHT_write, 999, &err), -1);
    assert_int_equal(err.code, ERR_NOTFOUND);
    assert_int_equal(rights_check(t->su, RIGHT_write, &err), 0); /* whom no policy binds, no check does */
}

/* ---- no table is forgotten */

static const struct {
    const char *table, *why;
} open_tables[] = {
    {"department", "the house knows its departments; only the owner changes them"},
    {"staff", "and its people"},
    {"staff_department", "and who works where"},
    {"staff_right", "and what each may do"},
    {"category", "words for all; only the owner changes them"},
    {"migration", "what was applied; no data"},
    {"outbox_state", "words; only the owner changes them"},
    {"outbox_move", "likewise"},
    {"worker", "processes; only deliver writes it"},
    {"outbox_batch", "numbers alone, which only deliver writes"},
    {"mailbox", "which folders are read, and errors; only fetch writes it"},
    {"mailbox_look", "numbers alone, which only fetch reads"},
    {"audit_batch", "digests alone, which only the seal writes"},
    {"audit_head", "likewise"},
    {"search_card", "only the owner's functions read it, and look at the rights themselves"},
    {"search_word", "likewise"},
    {"contact_revision", "when a contact last changed; only triggers write it"},
    {"erased_address", "digests, which only the owner's functions read"},
    {"erased_salt", "likewise"},
    {"contact_renewal", "a day; only contact_renew_terms writes it"},
    {"contact_due", "only the owner's functions read it; its rows live within a transaction"},
};

static void test_no_table_is_forgotten(void **state)
{
    (void)state;
    struct text list = text_new(t);
    for (size_t i = 0; i < ARRAY_LEN(open_tables); i++)
        text_printf(&list, "%s'%s'", i ? "," : "", open_tables[i].table);
    assert_string_equal(
        testdb_ask(
            t,
            "select string_agg(relname, ', ') from pg_class where relnamespace = 'public'::regnamespace"
            " and relkind in ('r', 'p') and not relrowsecurity and relname not in (%s)"
            " and has_any_column_privilege('adresar_office', oid, 'select, insert, update')",
            list.s),
        "");
    /* none of the list is there for nothing, and nobody but the owner changes one of them */
    assert_string_equal(testdb_ask(t,
                                   "select count(*) from pg_class where relnamespace = 'public'::regnamespace"
                                   " and relkind = 'r' and not relrowsecurity and relname in (%s)",
                                   list.s),
                        talloc_asprintf(t, "%zu", ARRAY_LEN(open_tables)));
    assert_string_equal(
        testdb_ask(t,
                   "select string_agg(c, ', ') from unnest(array[%s]) c"
                   " where has_table_privilege('adresar_office', c, 'insert, update, delete, truncate')",
                   list.s),
        "");
    /* a policy for the office on each, and views that look with their reader's eyes or are in the matrix */
    assert_string_equal(
        testdb_ask(
            t, "select string_agg(relname, ', ') from pg_class c where relnamespace = 'public'::regnamespace"
               " and relrowsecurity and not exists (select from pg_policy p where p.polrelid = c.oid"
               " and 'adresar_office'::regrole = any (p.polroles))"),
        "");
    assert_string_equal(
        testdb_ask(
            t, "select string_agg(relname, ', ') from pg_class where relnamespace = 'public'::regnamespace"
               " and relkind = 'v' and not coalesce(reloptions, '{}') @> '{security_invoker=true}'"
               " and not (relname = 'contact_written' and reloptions @> '{security_barrier=true}')"),
        "");
}

/* ---- */

static const char rows[] =
    "set session_replication_role = replica;"
    "insert into contact (kind, department_id) values ('person', 1), ('organisation', 1), ('person', 1), "
    "('person', 3);"
    "insert into contact_department (contact_id, department_id) values (1, 2), (3, 2);"
    "insert into contact_name (contact_id, name, main, fold, near) select id, 'N' || id, true, 'n', 'n' from "
    "contact;"
    "insert into contact_category (contact_id, category_id) values (1, 1);"
    "insert into contact_tag (contact_id, tag) values (1, 'x');"
    "insert into address (contact_id, email, email_key, private) values (1, 'a@x.example', 'a@x.example', "
    "false),"
    " (1, 'p@x.example', 'p@x.example', true);"
    "insert into phone (contact_id, typed, e164, private) values (1, '1', '+38344000001', false),"
    " (1, '2', '+38344000002', true);"
    "insert into postal_address (contact_id, city, private) values (1, 'A', false), (1, 'B', true);"
    "insert into contact_note (contact_id, note) values (1, 'secret');"
    "insert into contact_detail (contact_id, field, value) values (1, 'turnover', '7');"
    "insert into post (organisation_id, name) values (2, 'Director'), (2, 'Deputy');"
    "insert into term (post_id, holder_id) values (1, 1);"
    "insert into import (kind, file_name, sha256, department_id, encoding, delimiter)"
    " values ('contacts', 'x', '', 1, '', '');"
    "insert into import_row (import_id, row, line, class, contact_id) values (1, 2, 2, 'ready', 1);"
    "insert into import_addition (import_id, object, object_id) values (1, 'phone', 1);"
    "insert into consent (contact_id, given, how) values (1, false, 'phone');"
    "insert into mail_probe (account, ok, report) values ('office', true, '{}');"
    "insert into event (uid, department_id, starts_at, ends_at) values ('u', 1, now(), now() + interval '1 "
    "day');"
    "insert into meeting (department_id, held_on, subject) values (1, '2026-01-01', 's');"
    "insert into mailing (kind, name, department_id, account, prepared_by) values ('notice', 'n', 1, 'a', "
    "'x');"
    "insert into outbox (mailing_id, contact_id, email, name, language, view, state, reason)"
    " values (1, 1, 'a@x.example', 'N', 'en', '{}', 'held', 'release'),"
    " (1, 2, 'b@x.example', 'N', 'en', '{}', 'held', 'release');"
    "insert into paper_letter (outbox_id, n, pages, letter, printed_by) values (1, 1, 1, '{}', 'x');"
    "insert into thread (subject, created_by) values ('s', 'x');"
    "insert into message (direction, identity, size, thread_id, contact_id, class, state) values"
    " ('in', '\\x01', 1, 1, 1, 'human', 'filed'), ('in', '\\x02', 1, null, null, null, 'new');"
    "insert into message_recipient (message_id, contact_id) values (1, 1);"
    "insert into thread (subject, created_by) values ('t', 'x');"
    "insert into thread_apart (a, b, by) values (1, 2, 'x');"
    "insert into message_chunk values (1, 0, 'x'), (2, 0, 'x');"
    "insert into answer (event_id, contact_id, answer, state, by, evidence, decided_by)"
    " values (1, 1, 'accepted', 'confirmed', 'person', '[]', 'x');"
    "insert into correction (message_id, class, by) values (1, 'human', 'x');"
    "set session_replication_role = origin;"
    "update contact set gender = 'm' where id = 1";

static int begin(void **state)
{
    (void)state;
    t = testdb_open("rights");
    for (enum who who = 0; who < WEB; who++)
        session[who] = testdb_user(t, people[who].login, people[who].role, people[who].department);
    session[WEB] = testdb_as(t, "adresar_web");
    session[WEB_UNSET] = testdb_as(t, "adresar_web");
    act_as("clerk");
    testdb_do(
        t,
        "insert into staff_department (staff_id, department_id) select id, 1 from staff where login = '%s';"
        "update staff set disabled_at = now() where login = '%s'",
        testdb_role(t, people[BOTH].login), testdb_role(t, people[NOBODY].login));
    testdb_do(t, "%s", rows);
    return 0;
}

static int end(void **state)
{
    (void)state;
    for (enum who who = 0; who < PEOPLE; who++)
        db_close(session[who]);
    testdb_close(t);
    return 0;
}

int main(void)
{
    mem_init();
    testdb_need();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matrix),
        cmocka_unit_test(test_web_matrix),
        cmocka_unit_test(test_keeping),
        cmocka_unit_test(test_requests),
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_release),
        cmocka_unit_test(test_web),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_no_table_is_forgotten),
    };
    return cmocka_run_group_tests_name("rights", tests, begin, end);
}
