/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What an import does to contacts that are known: by its policy, shown before, and taken back after.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "crm/contact.h"
#include "crm/import_undo.h"
#include "crm/import.h"
#include "crm/merge.h"
#include "tests/lib/testdb.h"

static struct testdb *t;
static struct db *db;
static char file[64];

static int begin(void **state)
{
    (void)state;
    t = testdb_open("import_policy");
    db = testdb_user(t, "policy_clerk", "clerk", "policy");
    snprintf(file, sizeof file, "/tmp/adresar-test-policy.%d.csv", (int)getpid());
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(file);
    db_close(db);
    testdb_close(t);
    return 0;
}

static struct import_report import(const char *text, struct import_options o)
{
    struct err err;
    struct import_report r;
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    o.file = file;
    o.country = "XK";
    o.catalog = catalog_new(t, "en");
    if (import_contacts(t, db, &o, &r, &err) < 0)
        fail_msg("%s", err.text);
    return r;
}

/* "field: before → after, ..." of a row */
static const char *changes_of(const struct import_report *r, int64_t row)
{
    struct text all = text_new(t);
    for (size_t i = 0; i < r->n; i++)
        for (size_t k = 0; k < r->lines[i].changes && r->lines[i].row == row; k++) {
            const struct import_difference *d = &r->lines[i].change[k];
            text_printf(&all, "%s%s: %s → %s", all.len ? ", " : "", d->field, d->before ? d->before : "none",
                        d->after);
        }
    return all.s;
}

/* All that the store says of the two contacts. */
static const char *store(void)
{
    return testdb_ask(
        t, "select string_agg(concat_ws('|', c.kind, n.name, c.salutation, c.gender, "
           "array_to_string(c.languages, ','),"
           " (select string_agg(email, ',' order by position) from address where contact_id = c.id),"
           " (select string_agg(typed, ',' order by position) from phone where contact_id = c.id),"
           " (select concat_ws('/', lines, city, country) from postal_address where contact_id = c.id),"
           " (select string_agg(field || '=' || value, ',' order by field) from contact_detail where "
           "contact_id = c.id)),"
           " E'\\n' order by n.name) from contact c join contact_name n on n.contact_id = c.id and n.main");
}

static int undo(int64_t id, bool keep_changed, struct import_undo *u)
{
    struct err err = {0};
    int rc = import_undo(t, db, id, keep_changed, u, &err);
    assert_true(rc == 0 || err.code == ERR_CONFLICT);
    return rc;
}

static void undo_all(int64_t id)
{
    struct import_undo u;
    assert_int_equal(undo(id, false, &u), 0);
}

static const char before[] = "Name,E-mail,Phone,Postal address,City,Language,Employees\n"
                             "Ana Anić,ana@p.example,044 000 601,Rruga A 1,Gjilan,sq,3\n";
static const char after[] = "Name,E-mail,Phone,Postal address,City,Language,Employees,Form of address\n"
                            "Ana Anić,ana@p.example,044 000 602,Rruga B 2,Gjilan,sr,4,E nderuara znj. Anić\n";

/* What a list writes into the name goes where it belongs, if nothing is there. */
static void test_titles(void **state)
{
    (void)state;
    static const char ask[] =
        "select concat_ws('|', n.name, c.title, c.gender) from contact c join contact_name n"
        " on n.contact_id = c.id where n.fold = 'agim krasniqi'";
    struct import_report a =
        import("Name,E-mail\nAgim Krasniqi,agim@p.example\n", (struct import_options){0});
    assert_string_equal(testdb_ask(t, ask), "Agim Krasniqi");
    struct import_report b =
        import("Name,E-mail\n\"KRASNIQI, z. Agim, PhD\",agim@p.example\n", (struct import_options){0});
    assert_string_equal(changes_of(&b, 2), "gender: none → m, title: none → PhD");
    assert_string_equal(testdb_ask(t, ask), "Agim Krasniqi|PhD|m");
    struct import_report c =
        import("Title,Name,E-mail\nZnj. Prof.,dr Agim Krasniqi,agim@p.example\n", (struct import_options){0});
    assert_string_equal(changes_of(&c, 2), "");
    struct import_report d = import("Title,Name,E-mail\nProf.,dr Agim Krasniqi,agim@p.example\n",
                                    (struct import_options){.policy = "update"});
    assert_string_equal(changes_of(&d, 2), "title: PhD → Prof. dr");
    undo_all(d.id);
    undo_all(c.id);
    undo_all(b.id);
    assert_string_equal(testdb_ask(t, ask), "Agim Krasniqi");
    undo_all(a.id);
    int64_t id;
    struct err err;
    const struct contact_fields typed = {.name = "Dr. Agim Krasniqi"};
    assert_int_equal(contact_add(db, &typed, &id, &err), 0);
    struct import_report e = import("Name\nprof. dr Agim Krasniqi\n", (struct import_options){0});
    assert_int_equal(e.known, 1);
    undo_all(e.id);
}

static void test_skip(void **state)
{
    (void)state;
    struct import_report a = import(before, (struct import_options){0});
    const char *was = store();
    struct import_report b = import(after, (struct import_options){.policy = "skip"});
    assert_int_equal(b.known, 1);
    assert_string_equal(changes_of(&b, 2), "");
    assert_string_equal(store(), was);
    undo_all(b.id);
    undo_all(a.id);
}

static void test_fill(void **state)
{
    (void)state;
    struct import_report a = import(before, (struct import_options){0});
    const char *was = store();
    struct import_report dry = import(after, (struct import_options){.dry_run = true});
    assert_string_equal(store(), was);
    assert_string_equal(
        changes_of(&dry, 2),
        "gender: none → f, phone: none → 044 000 602, salutation: none → E nderuara znj. Anić");
    struct import_report b = import(after, (struct import_options){0});
    assert_string_equal(store(),
                        "person|Ana Anić|E nderuara znj. Anić|f|sq|ana@p.example|044 000 601,044 000 602|"
                        "Rruga A 1/Gjilan|employees=3");
    undo_all(b.id);
    assert_string_equal(store(), was);
    undo_all(a.id); /* what came and went is no change of its contacts */
}

static void test_update(void **state)
{
    (void)state;
    struct import_undo u;
    struct import_report a = import(before, (struct import_options){0});
    const char *was = store();
    struct import_report b = import(after, (struct import_options){.policy = "update"});
    assert_string_equal(
        changes_of(&b, 2),
        "address: Rruga A 1 → Rruga B 2, employees: 3 → 4, gender: none → f, languages: sq → sr,"
        " phone: none → 044 000 602, salutation: none → E nderuara znj. Anić");
    assert_string_equal(store(),
                        "person|Ana Anić|E nderuara znj. Anić|f|sr|ana@p.example|044 000 601,044 000 602|"
                        "Rruga B 2/Gjilan|employees=4");
    /* what was changed again stays as it is, the rest becomes what it was */
    testdb_do(t, "update contact_detail set value = '5' where field = 'employees'");
    assert_int_equal(undo(b.id, false, &u), -1);
    assert_int_equal(u.nkept, 1);
    assert_int_equal(u.kept[0].row, 2);
    assert_string_equal(u.kept[0].why, "changed");
    assert_int_equal(undo(b.id, true, &u), 0);
    assert_string_equal(store(), "person|Ana Anić|sq|ana@p.example|044 000 601|Rruga A 1/Gjilan|employees=5");
    testdb_do(t, "update contact_detail set value = '3' where field = 'employees'");
    assert_string_equal(store(), was);
    undo_all(a.id);
}

static void test_update_of_a_name(void **state)
{
    (void)state;
    struct import_report a =
        import("Name,E-mail\nDragan Stojkovic,d@p.example\n", (struct import_options){0});
    /* an initial is no better name, nor is the same one with other marks */
    struct import_report b =
        import("Name,E-mail\nD. Stojković,d@p.example\n", (struct import_options){.policy = "update"});
    assert_string_equal(changes_of(&b, 2), "");
    struct import_report c =
        import("Name,E-mail\nDragan Stojkoviq,d@p.example\n", (struct import_options){.policy = "update"});
    assert_string_equal(changes_of(&c, 2), "name: Dragan Stojkovic → Dragan Stojkoviq");
    assert_string_equal(testdb_ask(t, "select fold from contact_name where main"), "dragan stojkoviq");
    undo_all(c.id);
    assert_string_equal(testdb_ask(t, "select name || ' ' || fold from contact_name where main"),
                        "Dragan Stojkovic dragan stojkovic");
    undo_all(b.id);
    undo_all(a.id);
}

/* Who speaks for an organisation that is known. */
static void test_people_of_known_organisations(void **state)
{
    (void)state;
    struct import_report a = import("Organisation,Contact person,E-mail\nKlub A,Ana Anić,klub@p.example\n",
                                    (struct import_options){0});
    struct import_report b =
        import("Organisation,Contact person,Position,E-mail\n"
               "Klub A,A. Anić,,klub@p.example\nKlub A,Bora Borić,President,klub@p.example\n",
               (struct import_options){0});
    assert_int_equal(b.known, 2);
    assert_string_equal(changes_of(&b, 2), "");
    assert_string_equal(changes_of(&b, 3), "person: none → Bora Borić");
    assert_string_equal(testdb_ask(t, "select string_agg(n.name, ', ' order by n.name) from contact c"
                                      " join contact_name n on n.contact_id = c.id where c.kind = 'person'"),
                        "Ana Anić, Bora Borić");
    assert_string_equal(testdb_ask(t,
                                   "select p.name || ': ' || n.name from post p join term on post_id = p.id"
                                   " join contact_name n on n.contact_id = holder_id"),
                        "President: Bora Borić");
    undo_all(b.id);
    undo_all(a.id);
    assert_string_equal(testdb_ask(t, "select count(*) from contact"), "0");
    /* where the address leads to the person, that is who speaks */
    a = import("Name,Organisation,E-mail\nAna Anić,Klub A,ana@p.example\n", (struct import_options){0});
    b = import("Organisation,Contact person,E-mail\nClub A,Ana Anić,ana@p.example\n",
               (struct import_options){0});
    assert_string_equal(changes_of(&b, 2), "");
    assert_string_equal(testdb_ask(t, "select count(*) from contact"), "2");
    undo_all(b.id);
    undo_all(a.id);
}

/* The employer of a person who had none. */
static void test_employer(void **state)
{
    (void)state;
    struct import_report a = import("Name,E-mail\nAna Anić,ana@p.example\n", (struct import_options){0});
    struct import_report b =
        import("Name,Organisation,E-mail\nAna Anić,Klub A,ana@p.example\n", (struct import_options){0});
    assert_string_equal(changes_of(&b, 2), "organisation: none → Klub A");
    undo_all(b.id);
    undo_all(a.id);
    assert_string_equal(testdb_ask(t, "select count(*) from contact"), "0");
}

static void test_same_file(void **state)
{
    (void)state;
    struct import_report a = import(before, (struct import_options){0});
    const char *was = store();
    assert_int_equal(a.same_as, 0);
    struct import_report b = import(before, (struct import_options){.policy = "update"});
    assert_int_equal(b.same_as, a.id);
    assert_int_equal(b.known, 1);
    assert_string_equal(changes_of(&b, 2), "");
    assert_string_equal(store(), was);
    undo_all(b.id);
    undo_all(a.id);
}

/* A list that contact export wrote, in which somebody edited a row and added one (reports/exchange.h): what
 * is new comes in, what came from here is left to contact changes.  The apostrophe before what would be a
 * formula is not the office's. */
static void test_own_list(void **state)
{
    (void)state;
    import("Name,E-mail,Phone\nOlta Vetja,olta@own.example,+383 44 000 901\n", (struct import_options){0});
    const char *uid = testdb_ask(
        t,
        "select c.uid from contact c join address a on a.contact_id = c.id where email = 'olta@own.example'");
    struct import_report r = import(
        talloc_asprintf(t,
                        "uid,adresar 1 sq 7,Nr.,Lloji,Emri,E-posta,Gjendja e e-postës,Telefoni,Vërejtje\n"
                        "%s,0a0b,1,Personi,Olta Tjetër,tjeter@own.example,e mirë,'+383 44 000 901,one\n"
                        ",,,Organizata,Shoqata e Re,re@own.example,,'+383 44 000 902,'=two\n"
                        "0d5c9d2e-a2c5-4233-941f-5ab05bf2882d,0a,3,Personi,Hana Huaj,huaj@own.example,,,\n",
                        uid),
        (struct import_options){.policy = "update"});
    assert_int_equal(r.known, 1);
    assert_int_equal(r.ready, 2);
    assert_string_equal(changes_of(&r, 2), "");
    assert_string_equal(
        testdb_ask(t, "select string_agg(n.name || ' ' || c.kind, ', ' order by n.name) from contact c join "
                      "contact_name n on n.contact_id = c.id join address a on a.contact_id = c.id "
                      "where a.email like '%%@own.example'"),
        "Hana Huaj person, Olta Vetja person, Shoqata e Re organisation");
    assert_string_equal(
        testdb_ask(t, "select p.typed || n.note from phone p join contact_note n using (contact_id) "
                      "where e164 = '+38344000902'"),
        "+383 44 000 902=two");
    assert_string_equal(
        testdb_ask(t, "select count(*) from contact_detail where field in ('uid', 'adresar 1 sq 7')"), "0");
}

static void test_mapping_is_remembered(void **state)
{
    (void)state;
    char map[80];
    snprintf(map, sizeof map, "%s.map", file);
    FILE *f = fopen(map, "w");
    assert_non_null(f);
    assert_true(fputs("[columns]\n\"X\" = name\n\"Y\" = note\n[defaults]\ncategory = media\n", f) >= 0);
    assert_int_equal(fclose(f), 0);
    struct import_report a = import("X,Y\nAna Anić,n\n", (struct import_options){.map_file = map});
    struct import_report b = import("A title\nx,Y\nBora Borić,n\n", (struct import_options){0});
    unlink(map);
    assert_string_equal(a.part[0].origin, "given");
    assert_string_equal(b.part[0].origin, "remembered");
    assert_string_equal(testdb_ask(t, "select count(*) from contact_category k join category on category.id ="
                                      " category_id where slug = 'media'"),
                        "2");
    undo_all(b.id);
    undo_all(a.id);
}

static void test_address_written_to(void **state)
{
    (void)state;
    struct import_undo u;
    struct import_report a = import(before, (struct import_options){0});
    struct import_report b =
        import("Name,E-mail,E-mail 2\nAna Anić,ana@p.example,ana2@p.example\n", (struct import_options){0});
    testdb_do(
        t,
        "insert into mailing (kind, name, department_id, account) select 'notice', 't', id, 'a' "
        "from department limit 1;"
        "insert into outbox (mailing_id, contact_id, address_id, email, name, language, view, state, reason)"
        " select m.id, contact_id, a.id, email, 'Ana', 'sq', '{}', 'held', 'release' from address a, mailing "
        "m"
        " where email_key = 'ana2@p.example'");
    assert_int_equal(undo(b.id, false, &u), -1);
    assert_string_equal(u.kept[0].why, "used");
    assert_int_equal(undo(b.id, true, &u), 0);
    assert_string_equal(testdb_ask(t, "select count(*) from address"), "2");
    assert_int_equal(undo(a.id, false, &u), -1); /* a contact with correspondence stays */
}

/* A contact that was merged stays, and its row says why. */
static void test_merged_since(void **state)
{
    (void)state;
    struct import_undo u;
    struct import_report a =
        import("Name,E-mail\nAna Anić,ana@m.example\nAna Anic,anic@m.example\n", (struct import_options){0});
    const char *first =
        testdb_ask(t, "select min(contact_id) from import_row where import_id = %lld", (long long)a.id);
    const char *last =
        testdb_ask(t, "select max(contact_id) from import_row where import_id = %lld", (long long)a.id);
    struct merge_options none = {0};
    struct merge_report merge;
    struct err err;
    if (merge_contacts(t, db, strtoll(first, NULL, 10), strtoll(last, NULL, 10), &none, &merge, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(undo(a.id, false, &u), -1);
    assert_int_equal(u.nkept, 2);
    assert_string_equal(u.kept[0].why, "merged");
    assert_int_equal(u.kept[0].row, 2);
    assert_int_equal(undo(a.id, true, &u), 0); /* with nothing that could go */
    assert_int_equal(u.removed, 0);
}

/* Whoever was one of several recipients, or comes in somebody's place, is spoken of as much. */
static void test_spoken_of(void **state)
{
    (void)state;
    struct import_undo u;
    struct import_report a = import("Name,E-mail\nAna Anić,ana@s.example\nBora Borić,bora@s.example\n",
                                    (struct import_options){0});
    testdb_do(t, "insert into message (direction, identity, size, state) values ('out', '\\x01', 1, 'sent');"
                 "insert into message_recipient (message_id, contact_id) select m.id, a.contact_id"
                 " from message m, address a where email_key = 'ana@s.example'");
    const char *guest = testdb_ask(
        t, "with c as (insert into contact (kind, department_id) select 'person', id from department limit 1"
           " returning id) select id from c");
    testdb_do(t,
              "insert into event (uid, department_id, starts_at, ends_at) select 'e', id, now(), now() + "
              "interval '1 h' from department limit 1;"
              "insert into answer (event_id, contact_id, answer, state, by, evidence, instead_id, decided_by)"
              " select e.id, %s, 'delegated', 'confirmed', 'person', '[]', a.contact_id, session_user"
              " from event e, address a where email_key = 'bora@s.example'",
              guest);
    assert_int_equal(undo(a.id, false, &u), -1);
    assert_int_equal(u.nkept, 2);
    assert_string_equal(u.kept[0].why, "used");
    assert_string_equal(u.kept[1].why, "used");
    assert_int_equal(undo(a.id, true, &u), 0);
    assert_int_equal(u.removed, 0);
    assert_string_equal(testdb_ask(t, "select count(*) from message_recipient"), "1");
}

/* A post that an organisation got since is not the list's to take away. */
static void test_post_since(void **state)
{
    (void)state;
    struct import_undo u;
    struct import_report a =
        import("Organisation,E-mail\nMinistria X,m@x.example\n", (struct import_options){0});
    testdb_do(t, "insert into post (organisation_id, name) select contact_id, 'Minister' from address"
                 " where email_key = 'm@x.example'");
    assert_int_equal(undo(a.id, false, &u), -1);
    assert_int_equal(u.nkept, 1);
    assert_string_equal(u.kept[0].why, "changed");
    testdb_do(t, "delete from post where name = 'Minister'");
    undo_all(a.id);
    /* nor one of the list's that is called otherwise now */
    a = import("Name,Organisation,Position\nCeca Cecić,Ministria Y,Minister\n", (struct import_options){0});
    testdb_do(t, "update post set name = 'First Minister' where name = 'Minister'");
    assert_int_equal(undo(a.id, false, &u), -1);
    assert_string_equal(u.kept[0].why, "changed");
    testdb_do(t, "update post set name = 'Minister' where name = 'First Minister'");
    undo_all(a.id);
}

/* An address that a list added, and that is more by now: another was replaced by it, or its state
 * is known. */
static void test_address_since(void **state)
{
    (void)state;
    struct import_undo u;
    struct import_report a = import("Name,E-mail\nAna Anić,ana@r.example\n", (struct import_options){0});
    struct import_report b = import("Name,E-mail,E-mail 2,E-mail 3\n"
                                    "Ana Anić,ana@r.example,ana2@r.example,ana3@r.example\n",
                                    (struct import_options){0});
    testdb_do(t,
              "update address set state = 'replaced', replaced_by = (select id from address where email_key ="
              " 'ana2@r.example') where email_key = 'ana@r.example'");
    assert_int_equal(undo(b.id, false, &u), -1);
    assert_int_equal(u.nkept, 1);
    assert_string_equal(u.kept[0].why, "changed");
    assert_int_equal(undo(b.id, true, &u), 0);
    assert_string_equal(testdb_ask(t,
                                   "select string_agg(email, ' ' order by id) from address where email like"
                                   " '%%@r.example'"),
                        "ana@r.example ana2@r.example");
    struct import_report c =
        import("Name,E-mail,E-mail 2\nAna Anić,ana2@r.example,ana4@r.example\n", (struct import_options){0});
    testdb_do(t, "update address set state = 'good', evidence = '{}' where email_key = 'ana4@r.example'");
    assert_int_equal(undo(c.id, false, &u), -1);
    assert_string_equal(u.kept[0].why, "changed");
    assert_int_equal(undo(c.id, true, &u), 0);
    assert_string_equal(testdb_ask(t, "select count(*) from address where email_key = 'ana4@r.example'"),
                        "1");
    testdb_do(t,
              "update address set state = 'unverified', replaced_by = null where email like '%%@r.example'");
    (void)a;
}

int main(void)
{
    mem_init();
    testdb_need();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_skip),
        cmocka_unit_test(test_fill),
        cmocka_unit_test(test_update),
        cmocka_unit_test(test_update_of_a_name),
        cmocka_unit_test(test_people_of_known_organisations),
        cmocka_unit_test(test_employer),
        cmocka_unit_test(test_same_file),
        cmocka_unit_test(test_mapping_is_remembered),
        cmocka_unit_test(test_address_written_to),
        cmocka_unit_test(test_merged_since),
        cmocka_unit_test(test_spoken_of),
        cmocka_unit_test(test_post_since),
        cmocka_unit_test(test_address_since),
        cmocka_unit_test(test_titles),
        cmocka_unit_test(test_own_list),
    };
    return cmocka_run_group_tests_name("import_policy", tests, begin, end);
}
