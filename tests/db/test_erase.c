/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Of whoever is erased nothing is left, wherever it was written; and retention erases nobody who is needed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/db_script.h"
#include "crm/consent.h"
#include "crm/contact.h"
#include "crm/merge.h"
#include "tests/lib/testdb.h"

static struct testdb *t;
static struct db *clerk, *head, *other;

static int begin(void **state)
{
    (void)state;
    t = testdb_open("erase");
    clerk = testdb_user(t, "erase_clerk", "clerk", "mayor");
    head = testdb_user(t, "erase_head", "head", "mayor");
    other = testdb_user(t, "erase_other", "head", "mayor");
    return 0;
}

static int end(void **state)
{
    (void)state;
    db_close(clerk);
    db_close(head);
    db_close(other);
    testdb_close(t);
    return 0;
}

static int64_t add(const char *name, const char *email)
{
    int64_t id = 0;
    const struct contact_fields fields = {.name = name, .email = email, .country = "XK"};
    DONE(contact_add(clerk, &fields, &id, err));
    return id;
}

static void erase(int64_t id)
{
    DONE(consent_erase(head, id, "asked by letter", err));
}

/* The tables in which the word stands: "audit_value, thread" */
static const char *where(const char *word)
{
    testdb_do(t, "create or replace function pg_temp.tables(word text) returns text language plpgsql as $$ "
                 "declare r regclass; found boolean; s text := ''; begin "
                 "for r in select oid from pg_class where relkind = 'r' and relnamespace = "
                 "'public'::regnamespace order by relname loop "
                 "  execute format('select exists (select from %%s x where x::text ilike $1)', r) into found "
                 "using '%%' || word || '%%'; "
                 "  if found then s := s || ', ' || r; end if; end loop; return substr(s, 3); end $$");
    return testdb_ask(t, "select pg_temp.tables('%s')", word);
}

/* ---- */

/* A mail that somebody looked at before it was known whose it is. */
static void test_mail_that_was_nobodys(void **state)
{
    (void)state;
    struct err err;
    int64_t id = add("Ana Anić", "ana@e.example");
    testdb_do(t,
              "insert into thread (subject) values ('Zuckerwatte');"
              "insert into message (direction, identity, size, state, class, subject, reply_text, thread_id)"
              " select 'in', '\\x01', 1, 'filed', 'human', 'Zuckerwatte', 'Zuckerwatte', id from thread");
    assert_int_equal(db_script(clerk, "update message set state = 'parked'", &err), 0);
    testdb_do(t, "update message set contact_id = %lld", (long long)id);
    assert_string_equal(where("zuckerwatte"), "audit_value, message, thread");
    erase(id);
    assert_string_equal(where("zuckerwatte"), "");
}

/* A thread in which somebody else wrote has its subject. */
static void test_thread_of_two(void **state)
{
    (void)state;
    int64_t a = add("Ceca Cecić", "ceca@e.example"), b = add("Dana Danić", "dana@e.example");
    testdb_do(t,
              "insert into thread (subject) values ('Marillen');"
              "insert into message (direction, identity, size, state, class, subject, thread_id, contact_id)"
              " select 'in', v.i, 1, 'filed', 'human', 'Marillen', t.id, v.c from thread t,"
              " (values ('\\x02'::bytea, %lld), ('\\x03', %lld)) v (i, c) where t.subject = 'Marillen'",
              (long long)a, (long long)b);
    erase(a);
    assert_string_equal(testdb_ask(t, "select count(*) from thread where subject = 'Marillen'"), "1");
    erase(b);
    assert_string_equal(where("marillen"), "");
}

/* A mail of ours to several stays for the others, whoever of them it was kept under; with the last of them it
 * goes. */
static void test_mail_to_several(void **state)
{
    (void)state;
    int64_t a = add("Eva Ević", "eva@e.example"), b = add("Fata Fatić", "fata@e.example"),
            c = add("Goca Gocić", "goca@e.example");
    testdb_do(t,
              "with m as (insert into message (direction, identity, size, state, class, subject, contact_id)"
              " values ('out', '\\x0e', 1, 'sent', 'own', 'Powidl', %lld) returning id)"
              " insert into message_recipient (message_id, contact_id) select m.id, v.c from m, (values "
              "(%lld), (%lld)) v (c)",
              (long long)a, (long long)b, (long long)c);
    erase(b);
    assert_string_equal(
        testdb_ask(t, "select contact_id = %lld from message where subject = 'Powidl'", (long long)a), "t");
    erase(a);
    assert_string_equal(
        testdb_ask(t, "select contact_id = %lld from message where subject = 'Powidl'", (long long)c), "t");
    erase(c);
    assert_string_equal(where("powidl"), "");
}

/* Whoever comes in somebody else's place stands in that one's answer, and in what it was before. */
static void test_who_comes_instead(void **state)
{
    (void)state;
    int64_t guest = add("Bora Borić", "bora@e.example"), in_place = add("Quirin Quast", "quirin@e.example");
    testdb_do(t,
              "insert into event (uid, department_id, starts_at, ends_at) select 'e', id, now(), now() + "
              "interval '1 h' from department limit 1;"
              "insert into answer (event_id, contact_id, answer, state, by, evidence, instead, instead_id,"
              " decided_by) select id, %lld, 'delegated', 'confirmed', 'person',"
              " '[]', 'Quirin Quast', %lld, session_user from event",
              (long long)guest, (long long)in_place);
    erase(in_place);
    assert_string_equal(where("quast"), "");
    assert_string_equal(testdb_ask(t, "select answer from answer"), "delegated");
}

/* What the mail server's log said of a letter. */
static void test_evidence_of_a_letter(void **state)
{
    (void)state;
    int64_t id = add("Eva Ević", "vanillekipferl@e.example");
    testdb_do(
        t,
        "set session_replication_role = replica;"
        "insert into mailing (kind, name, department_id, account) select 'survey', 'm', id, 'a' from "
        "department limit 1;"
        "insert into outbox (mailing_id, contact_id, email, name, language, view, state, settled_by,"
        " settled_evidence) select m.id, %lld, 'vanillekipferl@e.example', 'Eva', 'sq', '{}', 'bounced', "
        "'dsn', '{\"rule\": \"x\", \"maillog\": {\"lines\": [\"to=<vanillekipferl@e.example>\"]}}' from "
        "mailing m;"
        "reset session_replication_role",
        (long long)id);
    erase(id);
    assert_string_equal(where("vanillekipferl"), "");
    assert_string_equal(testdb_ask(t, "select settled_evidence from outbox"), "{\"rule\": \"x\"}");
}

/* Two that were one for a while: an address of the one was replaced by one that is the other's again. */
static void test_replaced_across(void **state)
{
    (void)state;
    struct merge_report r;
    int64_t a = add("Fata Fatić", "fata@e.example"), b = add("Fata Fatic", "fata2@e.example");
    DONE(merge_contacts(t, clerk, a, b, &(struct merge_options){0}, &r, err));
    testdb_do(t,
              "update address set state = 'replaced', replaced_by = (select id from address where email_key ="
              " 'fata2@e.example') where email_key = 'fata@e.example'");
    DONE(merge_undo(t, clerk, r.loser, &r, err));
    erase(r.loser);
    assert_string_equal(where("fata2@e"), "");
    assert_string_equal(testdb_ask(t, "select state from address where email_key = 'fata@e.example'"),
                        "replaced");
}

/* ---- retention */

static void make_old(void)
{
    testdb_do(t, "set session_replication_role = replica;"
                 "update contact set created = '2020-01-01'; update contact_note set created = '2020-01-01';"
                 "update audit set at = '2020-01-01'; update contact_revision set at = '2020-01-01';"
                 "reset session_replication_role");
}

static const char *on_report(int64_t id)
{
    return testdb_ask(t,
                      "select string_agg(n.name || coalesce(' ' || i.erased, ''), ', ' order by n.name)"
                      " from retention_item i join contact_name n on n.contact_id = i.contact_id and n.main"
                      " where report_id = %lld",
                      (long long)id);
}

static void test_needed_again(void **state)
{
    (void)state;
    DB_ROWS rows = NULL;
    struct merge_report r;
    int64_t rule, report;
    int erased, left;
    testdb_do(t, "update contact set department_id = (select id from department where slug = 'mayor')");
    int64_t due = add("Rada Due", NULL), term = add("Rada Term", NULL), phone = add("Rada Phone", NULL),
            old = add("Rada Old", "rada@e.example"), same = add("Rada Same", "same@e.example");
    DONE(merge_contacts(t, clerk, old, same, &(struct merge_options){.survivor = old}, &r, err));
    make_old();
    DONE(contact_edit(clerk, old, &(struct contact_fields){.note = "rang us"}, err));
    const struct consent_retention years = {.kind = "person", .months = 24, .why = "the law"};
    DONE(consent_retention_add(head, &years, &rule, err));
    DONE(consent_report_new(head, &report, &rows, err));
    if (!strstr(on_report(report), "Rada Due, Rada Phone, Rada Term"))
        fail_msg("%s", on_report(report));
    if (strstr(on_report(report), "Rada Same"))
        fail_msg("who was merged is on the report: %s", on_report(report));
    DONE(contact_edit(clerk, phone, &(struct contact_fields){.phone = "+38344123456", .country = "XK"}, err));
    testdb_do(t,
              "insert into post (organisation_id, name) values (%lld, 'President');"
              "insert into term (post_id, holder_id) select id, %lld from post where name = 'President'",
              (long long)old, (long long)term);
    DONE(consent_report_erase(other, report, &erased, &left, err));
    assert_string_equal(testdb_ask(t, "select count(*) from erased where contact_id = %lld", (long long)due),
                        "1");
    assert_string_equal(testdb_ask(t, "select count(*) from erased where contact_id in (%lld, %lld)",
                                   (long long)phone, (long long)term),
                        "0");
}

/* What goes, and what refers to it, is found by an index: else each that goes would be a walk through all
 * letters. */
static void test_found_by_index(void **state)
{
    (void)state;
    assert_string_equal(
        testdb_ask(
            t,
            "select coalesce(string_agg(f.conrelid::regclass || '.' || a.attname, ', ' order by 1), '')"
            "  from pg_constraint f join pg_attribute a on a.attrelid = f.conrelid and a.attnum = f.conkey[1]"
            " where f.contype = 'f' and f.confrelid in ('contact'::regclass, 'address'::regclass, "
            "'post'::regclass, 'thread'::regclass)"
            "   and not exists (select from pg_index i where i.indrelid = f.conrelid and i.indkey[0] = "
            "f.conkey[1] and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) = format('(%%s IS NOT "
            "NULL)', a.attname)))"),
        "");
}

/* However long the log is, an erasure reads of it what is about the contact. */
static void test_log_by_index(void **state)
{
    (void)state;
    struct err err;
    int64_t id = add("Zora Zorić", "zora@e.example");
    const char *sql =
        talloc_asprintf(t,
                        "do $$ declare before bigint := pg_stat_get_xact_numscans('audit_insert'::regclass); "
                        "begin perform contact_erase(%lld, 'asked'); "
                        "if pg_stat_get_xact_numscans('audit_insert'::regclass) > before then "
                        "raise exception 'the log was read from its begin'; end if; end $$",
                        (long long)id);
    if (db_script(head, sql, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(
        testdb_ask(t,
                   "select count(*) from audit_insert where object = 'contact' and ids @> %lld::bigint "
                   "and salt is not null",
                   (long long)id),
        "0");
}

int main(void)
{
    mem_init();
    testdb_need();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mail_that_was_nobodys), cmocka_unit_test(test_thread_of_two),
        cmocka_unit_test(test_mail_to_several),       cmocka_unit_test(test_who_comes_instead),
        cmocka_unit_test(test_evidence_of_a_letter),  cmocka_unit_test(test_replaced_across),
        cmocka_unit_test(test_needed_again),          cmocka_unit_test(test_found_by_index),
        cmocka_unit_test(test_log_by_index),
    };
    return cmocka_run_group_tests_name("erase", tests, begin, end);
}
