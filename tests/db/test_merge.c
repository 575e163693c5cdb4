/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Two contacts become one and two again; "not the same" is remembered; nothing that refers to a contact is
 * forgotten.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "crm/contact.h"
#include "crm/duplicate.h"
#include "crm/merge.h"
#include "sql/consent.h"
#include "tests/lib/testdb.h"

static struct testdb *t;
static struct db *db;

static int begin(void **state)
{
    (void)state;
    t = testdb_open("merge");
    db_close(testdb_user(t, "naser", "clerk", "defb"));
    db = testdb_user(t, "vesna", "clerk", "mayor");
    testdb_do(t, "insert into outbox_state values ('queued', false, true), ('accepted', true, false), "
                 "('excluded', true, false) on conflict do nothing");
    testdb_do(t, "insert into outbox_move values ('queued', 'excluded', '{office}') on conflict do nothing");
    return 0;
}

static int end(void **state)
{
    (void)state;
    db_close(db);
    testdb_close(t);
    return 0;
}

static int64_t add(struct contact_fields fields)
{
    struct err err;
    int64_t id = 0;
    fields.country = "XK";
    if (contact_add(db, &fields, &id, &err) < 0)
        fail_msg("%s", err.text);
    return id;
}

static struct merge_report merge(int64_t a, int64_t b, const char *take)
{
    struct err err;
    struct merge_report r;
    struct merge_options o = {.take = &take, .ntake = take != NULL};
    if (merge_contacts(t, db, a, b, &o, &r, &err) < 0)
        fail_msg("%s", err.text);
    return r;
}

static struct merge_report undo(int64_t id)
{
    struct err err;
    struct merge_report r;
    if (merge_undo(t, db, id, &r, &err) < 0)
        fail_msg("%s", err.text);
    return r;
}

static void refused(int64_t a, int64_t b, const char *why)
{
    struct err err;
    struct merge_report r;
    assert_int_equal(merge_contacts(t, db, a, b, &(struct merge_options){0}, &r, &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    if (!strstr(err.text, why))
        fail_msg("\"%s\" does not say \"%s\"", err.text, why);
}

#define ask_int(...) strtoll(testdb_ask(t, __VA_ARGS__), NULL, 10)

/* Where anything refers to the contact, by the database's own catalogue: "answer 1, message 2" */
static const char *references(int64_t id)
{
    testdb_do(
        t,
        "create or replace function pg_temp.refs(id bigint) returns text language plpgsql as $$ "
        "declare r record; n bigint; s text := ''; begin "
        "for r in select c.relname, a.attname from pg_constraint f join pg_class c on c.oid = f.conrelid "
        "  join pg_attribute a on a.attrelid = f.conrelid and a.attnum = any (f.conkey) "
        "  where f.confrelid = 'contact'::regclass and f.contype = 'f' and c.relname !~ "
        "'^(duplicate|contact_merge|contact_revision|search_card)' order by 1, 2 loop "
        "  execute format('select count(*) from %%I where %%I = $1', r.relname, r.attname) into n using id; "
        "  if n > 0 then s := s || ', ' || r.relname || ' ' || n; end if; end loop; return substr(s, 3); end "
        "$$");
    return testdb_ask(t, "select pg_temp.refs(%lld)", (long long)id);
}

/* ---- */

/* All tables that refer to contacts can be followed: by one column, with rows that have a number. */
static void test_every_table(void **state)
{
    (void)state;
    assert_string_equal(
        testdb_ask(
            t,
            "select coalesce(string_agg(c.relname || '.' || a.attname, ', '), 'none') "
            "  from pg_constraint f join pg_class c on c.oid = f.conrelid "
            "  join pg_attribute a on a.attrelid = f.conrelid and a.attnum = any (f.conkey) "
            " where f.confrelid = 'contact'::regclass and f.contype = 'f' "
            "   and (c.relname, a.attname) not in (select object, field from contact_references()) "
            "   and (c.relname, a.attname) not in (('contact', 'merged_into'), ('duplicate', 'a'), "
            "       ('duplicate', 'b'), ('duplicate_key', 'contact_id'), ('contact_merge', 'survivor_id'), "
            "       ('contact_merge', 'loser_id'), ('search_card', 'contact_id'), ('contact_revision', "
            "'contact_id'))"),
        "none");
    assert_string_equal(
        testdb_ask(
            t,
            "select coalesce(string_agg(object, ', '), 'none') from contact_references() r where not exists "
            "(select from pg_attribute where attrelid = r.object::regclass and attname = 'id')"),
        "none");
}

/* A mailing and an event, released; both contacts got it or one. */
static void write_to(int64_t mailing, int64_t contact, const char *state)
{
    testdb_do(t, "set session_replication_role = replica");
    testdb_do(t,
              "insert into event (id, uid, department_id, starts_at, ends_at) overriding system value "
              "values (%lld, 'e%lld', (select min(id) from department), now(), now() + interval '1 hour') on "
              "conflict do nothing",
              (long long)mailing, (long long)mailing);
    testdb_do(
        t,
        "insert into mailing (id, name, event_id, department_id, account, state, prepared_by, released_by, "
        "released_at) overriding system value values (%lld, 'M', %lld, (select min(id) from department), "
        "'office', 'released', "
        "'x', 'y', now()) on conflict do nothing",
        (long long)mailing, (long long)mailing);
    testdb_do(t,
              "insert into outbox (mailing_id, contact_id, address_id, email, name, language, view, state, "
              "rfc_message_id, message_id, envelope_from, content_sha256) select %lld, %lld, (select min(id) "
              "from address where contact_id = %lld), "
              "'a@x.example', 'N', 'en', '{}', '%s', '<1>', 1, 'x', ''",
              (long long)mailing, (long long)contact, (long long)contact, state);
    testdb_do(t,
              "insert into answer (event_id, contact_id, answer, state, by, decided_by, evidence) values "
              "(%lld, %lld, "
              "'accepted', 'confirmed', 'person', 'x', '[]')",
              (long long)mailing, (long long)contact);
    testdb_do(t,
              "insert into message (direction, identity, size, contact_id) values ('in', "
              "sha256('%lld.%lld'), 1, %lld)",
              (long long)mailing, (long long)contact, (long long)contact);
    testdb_do(t, "set session_replication_role = origin");
}

/* Two with rows in many tables, and how they look from outside. */
static struct {
    int64_t a, b;
    const char *rows, *refs_a, *refs_b;
} pair;

static const char *rows_of_pair(void)
{
    return testdb_ask(
        t, "select jsonb_agg(to_jsonb(c) - 'import_id' order by id) from contact c where id in (%lld, %lld)",
        (long long)pair.a, (long long)pair.b);
}

static void make_pair(void)
{
    int64_t a = add((struct contact_fields){.name = "Goran Ilić",
                                            .email = "goran@x.example",
                                            .phone = "049/000-201",
                                            .country = "XK",
                                            .organisation = "Klub Most",
                                            .position = "President",
                                            .language = "sr",
                                            .note = "first"});
    int64_t b = add((struct contact_fields){.name = "Горан Илић",
                                            .email = "ilic@y.example",
                                            .phone = "00383 49 000 201",
                                            .country = "XK",
                                            .organisation = "Klub Most",
                                            .position = "Chair",
                                            .language = "en",
                                            .gender = "m",
                                            .category = "ngo",
                                            .note = "second"});
    testdb_do(t,
              "insert into address (contact_id, email, email_key) values (%lld, 'Goran@x.example', "
              "'goran@x.example')",
              (long long)b);
    testdb_do(t,
              "insert into contact_detail (contact_id, field, value) values (%lld, 'number', '1'), (%lld, "
              "'number', '2')",
              (long long)a, (long long)b);
    testdb_do(t,
              "insert into contact (kind, organisation_id, department_id) values ('person', %lld, "
              "(select min(id) from department))",
              (long long)b);
    write_to(1, b, "accepted"); /* the other one alone */
    write_to(2, a, "accepted"); /* both; it waits still */
    write_to(2, b, "queued");
    pair.a = a;
    pair.b = b;
    pair.rows = talloc_strdup(t, rows_of_pair());
    pair.refs_a = talloc_strdup(t, references(a));
    pair.refs_b = talloc_strdup(t, references(b));
}

static void test_merge(void **state)
{
    (void)state;
    struct err err;
    int64_t resolved;
    make_pair();
    int64_t a = pair.a, b = pair.b;
    struct merge_report r = merge(a, b, NULL);
    assert_int_equal(r.survivor, a);
    assert_int_equal(r.nconflict, 1);
    assert_string_equal(r.conflict[0].field, "number");
    assert_string_equal(r.conflict[0].kept, "1");
    assert_string_equal(r.conflict[0].dropped, "2");
    assert_string_equal(references(b), "contact_name 1, outbox 1");
    assert_string_equal(
        testdb_ask(t, "select array_to_string(languages, ',') || ' ' || gender from contact where id = %lld",
                   (long long)a),
        "sr,en m");
    assert_int_equal(ask_int("select count(*) from contact_note where contact_id = %lld", (long long)a), 2);
    assert_int_equal(ask_int("select count(*) from address where contact_id = %lld", (long long)a), 2);
    assert_string_equal(
        testdb_ask(t, "select string_agg(typed, ',') from phone where contact_id = %lld", (long long)a),
        "049/000-201"); /* one number in two spellings */
    assert_int_equal(ask_int("select count(*) from contact_name where contact_id = %lld", (long long)a), 2);
    assert_int_equal(ask_int("select count(*) from term where holder_id = %lld", (long long)a), 2);
    assert_int_equal(ask_int("select count(*) from outbox where contact_id = %lld", (long long)a), 2);
    assert_string_equal(
        testdb_ask(t, "select state || ' ' || reason from outbox where contact_id = %lld", (long long)b),
        "excluded merged");
    char number[32];
    snprintf(number, sizeof number, "%lld", (long long)b);
    assert_int_equal(contact_resolve(db, number, &resolved, &err), 0);
    assert_int_equal(resolved, a);
    assert_int_equal(contact_resolve(db, "ilic@y.example", &resolved, &err), 0);
    assert_int_equal(resolved, a);
    DB_ROWS found = NULL;
    assert_int_equal(contact_find(db, "goran ilic", 10, &found, &err), 1);
    json_t *history = NULL;
    assert_int_equal(contact_history(db, a, &history, &err), 0);
    char *text = json_dumps(history, 0);
    assert_non_null(strstr(text, "merged_into"));
    free(text);
    json_decref(history);
}

static void test_unmerge(void **state)
{
    (void)state;
    struct err err;
    int64_t a = pair.a, b = pair.b;
    testdb_do(t, "insert into phone (contact_id, typed) values (%lld, '1')",
              (long long)a); /* came later: stays */
    testdb_do(t, "update contact set precedence = 'third', gender = 'f' where id = %lld", (long long)a);
    struct merge_report r = undo(b);
    assert_int_equal(r.loser, b);
    testdb_do(t, "delete from phone where typed = '1'");
    assert_string_equal(references(b), pair.refs_b);
    assert_string_equal(references(a), pair.refs_a);
    assert_string_equal(
        testdb_ask(t, "select precedence || gender from contact where id = %lld", (long long)a), "thirdf");
    testdb_do(t, "update contact set precedence = null, gender = null where id = %lld", (long long)a);
    assert_string_equal(rows_of_pair(), pair.rows);
    assert_int_equal(ask_int("select count(*) from address where contact_id = %lld", (long long)b), 2);
    assert_string_equal(testdb_ask(t, "select typed from phone where contact_id = %lld", (long long)b),
                        "00383 49 000 201");
    assert_int_equal(ask_int("select count(*) from contact_name where fold = ''"), 0);
    assert_int_equal(merge_undo(t, db, b, &r, &err), -1);
    assert_int_equal(err.code, ERR_NOTFOUND);
}

static void test_take(void **state)
{
    (void)state;
    struct err err;
    int64_t a = add((struct contact_fields){.name = "Ana Perić", .salutation = "Dear A", .gender = "f"});
    int64_t b = add((struct contact_fields){.name = "Ana Peric-Nikolić", .salutation = "Dear B"});
    struct merge_report r = merge(b, a, "salutation");
    assert_int_equal(r.survivor, a);
    assert_string_equal(testdb_ask(t, "select salutation from contact where id = %lld", (long long)a),
                        "Dear B");
    assert_string_equal(r.conflict[0].kept, "Dear B");
    undo(a);
    assert_string_equal(testdb_ask(t, "select salutation from contact where id = %lld", (long long)a),
                        "Dear A");
    merge(a, b, "name");
    assert_string_equal(
        testdb_ask(t, "select name from contact_name where contact_id = %lld and main", (long long)a),
        "Ana Peric-Nikolić");
    undo(a);
    assert_string_equal(
        testdb_ask(t, "select name from contact_name where contact_id = %lld and main", (long long)a),
        "Ana Perić");
    assert_int_equal(merge_check_field(db, "created", &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_int_equal(merge_check_field(db, "salutation", &err), 0);
}

static void test_refused(void **state)
{
    (void)state;
    struct err err;
    struct merge_report r;
    int64_t person = add((struct contact_fields){.name = "Vuk Savić"});
    int64_t club = add((struct contact_fields){.kind = "organisation", .name = "Vuk Savić"});
    refused(person, club, "organisation");
    int64_t twin = add((struct contact_fields){.name = "Vuk Savić"}),
            third = add((struct contact_fields){.name = "Vuk Savic"});
    assert_int_equal(duplicate_tell_apart(db, twin, person, &err), 0);
    refused(person, twin, "not the same");
    /* of the one, and so of what it is merged into */
    merge(third, twin, NULL);
    int64_t survivor = ask_int("select merged_into from contact where id = %lld", (long long)third);
    refused(person, survivor ? survivor : third, "not the same");
    refused(third, person, survivor ? "merged already" : "not the same");
    /* nor past the program */
    testdb_refused(db, "AD001",
                   talloc_asprintf(t, "select contact_merge(%lld, %lld, '{}')", (long long)person,
                                   (long long)(survivor ? survivor : third)));
    assert_int_equal(merge_contacts(t, db, person, person, &(struct merge_options){0}, &r, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
}

/* An organisation goes into another, with its people and posts; a chain comes apart from its end. */
static void test_chain(void **state)
{
    (void)state;
    struct err err;
    struct merge_report r;
    int64_t resolved;
    add((struct contact_fields){.name = "Lule Gashi", .organisation = "OJQ Ura", .position = "Head"});
    add((struct contact_fields){.name = "Ema Gashi", .organisation = "NVO Ura", .position = "Head"});
    add((struct contact_fields){.name = "Era Gashi", .organisation = "NGO Ura"});
    int64_t id[3];
    const char *name[] = {"OJQ Ura", "NVO Ura", "NGO Ura"};
    for (int i = 0; i < 3; i++)
        id[i] = ask_int("select contact_id from contact_name where name = '%s'", name[i]);
    merge(id[1], id[2], NULL);
    merge(id[0], id[1], NULL);
    assert_int_equal(ask_int("select count(*) from contact where organisation_id = %lld", (long long)id[0]),
                     3);
    assert_int_equal(ask_int("select count(*) from post where organisation_id = %lld", (long long)id[0]), 2);
    char number[32];
    snprintf(number, sizeof number, "%lld", (long long)id[2]);
    assert_int_equal(contact_resolve(db, number, &resolved, &err), 0);
    assert_int_equal(resolved, id[0]);
    assert_int_equal(merge_undo(t, db, id[2], &r, &err), -1); /* the later one first */
    assert_int_equal(err.code, ERR_CONFLICT);
    undo(id[1]);
    undo(id[2]);
    for (int i = 0; i < 3; i++)
        assert_int_equal(
            ask_int("select count(*) from contact where organisation_id = %lld", (long long)id[i]), 1);
}

static int count_row(void *context, struct db_rows *rows, struct err *err)
{
    (void)err;
    (void)rows;
    ++*(int *)context;
    return 0;
}

static int proposals(int64_t id)
{
    struct err err;
    int n = 0;
    if (duplicate_list(db, id, 0.5, false, count_row, &n, &err) < 0)
        fail_msg("%s", err.text);
    return n;
}

static void search_one(int64_t id)
{
    DB_TX tx = {0};
    struct err err;
    struct duplicate_sums sums;
    if (db_begin(&tx, db, DB_WRITE, &err) < 0 || duplicate_search_contact(db, id, &sums, &err) < 0 ||
        db_commit(&tx, &err) < 0)
        fail_msg("%s", err.text);
}

static void test_remembered(void **state)
{
    (void)state;
    struct err err;
    struct duplicate_sums sums;
    int64_t merged;
    int64_t a = add((struct contact_fields){.name = "Rade Jokić", .email = "rade@j.example"});
    int64_t b = add((struct contact_fields){.name = "Раде Јокић"});
    testdb_do(t,
              "insert into address (contact_id, email, email_key) values (%lld, 'Rade@j.example', "
              "'rade@j.example')",
              (long long)b);
    int64_t c = add((struct contact_fields){.name = "Mira Jokić", .email = "rade@j.example"}); /* his wife */
    search_one(b);
    assert_int_equal(proposals(a), 1);
    assert_int_equal(proposals(b), 1);
    assert_int_equal(duplicate_search(db, &sums, &err), 0);
    assert_int_equal(proposals(b), 1);
    assert_int_equal(proposals(c), 0);
    assert_int_equal(duplicate_tell_apart(db, a, b, &err), 0);
    assert_int_equal(duplicate_search(db, &sums, &err), 0);
    assert_int_equal(proposals(a), 0);
    assert_int_equal(merge_certain(db, &merged, &err), 0);
    assert_int_equal(ask_int("select count(*) from contact where merged_into = %lld", (long long)a), 0);
    testdb_do(t, "delete from duplicate");
    assert_int_equal(duplicate_search(db, &sums, &err), 0);
    assert_int_equal(merge_certain(db, &merged, &err), 0); /* three have that address: a person decides */
    assert_int_equal(merged, 0);
    testdb_do(t, "delete from address where contact_id = %lld", (long long)c);
    assert_int_equal(duplicate_search(db, &sums, &err), 0);
    assert_int_equal(merge_certain(db, &merged, &err), 0);
    assert_int_equal(ask_int("select count(*) from contact where merged_into = %lld", (long long)a), 1);
    assert_int_equal(
        ask_int("select count(*) from contact where id = %lld and merged_into is null", (long long)c), 1);
}

/* Who is forgotten is forgotten as all that was merged into them. */
static void test_erased(void **state)
{
    (void)state;
    int64_t a = add((struct contact_fields){.name = "Sima Mitrić", .email = "sima@m.example"});
    int64_t b = add((struct contact_fields){.name = "Sima Mitric-Secret", .salutation = "Dear secret"});
    testdb_do(t,
              "insert into address (contact_id, email, email_key) values (%lld, 'sima@m.example', "
              "'sima@m.example')",
              (long long)b);
    merge(a, b, NULL);
    struct db *head = testdb_user(t, "dana", "head", "mayor");
    struct err err;
    DB_ROWS rows = NULL;
    if (db_run(head, &rows, &err, SQL_CONSENT_ERASE, db_int(a), db_text("asked")) < 0)
        fail_msg("%s", err.text);
    db_close(head);
    assert_int_equal(
        ask_int(
            "select count(*) from contact_name where name ilike '%%mitri%%' and contact_id in (%lld, %lld)",
            (long long)a, (long long)b),
        0);
    assert_int_equal(
        ask_int("select count(*) from contact_merge where (survivor, loser, taken)::text ilike '%%secret%%'"),
        0);
    assert_int_equal(ask_int("select count(*) from contact_merge_row where value::text ilike '%%sima%%'"), 0);
    assert_int_equal(
        ask_int("select count(*) from audit_value where concat(before, after) ilike '%%secret%%'"), 0);
    assert_int_equal(ask_int("select count(*) from duplicate where %lld in (a, b)", (long long)a), 0);
}

int main(void)
{
    mem_init();
    testdb_need();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_table), cmocka_unit_test(test_merge),   cmocka_unit_test(test_unmerge),
        cmocka_unit_test(test_take),        cmocka_unit_test(test_refused), cmocka_unit_test(test_chain),
        cmocka_unit_test(test_remembered),  cmocka_unit_test(test_erased),
    };
    return cmocka_run_group_tests_name("merge", tests, begin, end);
}
