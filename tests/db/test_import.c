/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Lists in, and out again: the three departments' lists, and small ones made for one question each.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "crm/import_undo.h"
#include "crm/import.h"
#include "tests/lib/testdb.h"

static struct testdb *t;
static struct db *db, *defb;
static char file[64]; /* list of the test that runs */

static int begin(void **state)
{
    (void)state;
    t = testdb_open("import");
    defb = testdb_user(t, "naser", "clerk", "defb");
    db_close(testdb_user(t, "miljana", "clerk", "diaspora"));
    db = testdb_user(t, "vesna", "admin", "mayor"); /* of all departments */
    snprintf(file, sizeof file, "/tmp/adresar-test-import.%d.csv", (int)getpid());
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(file);
    db_close(defb);
    db_close(db);
    testdb_close(t);
    return 0;
}

static void write_list(const char *text)
{
    FILE_SCOPE FILE *f = fopen(file, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
}

static struct import_report import(struct import_options o)
{
    struct err err;
    struct import_report r;
    o.country = "XK";
    o.catalog = catalog_new(t, "en");
    if (!o.file)
        o.file = file;
    if (import_contacts(t, db, &o, &r, &err) < 0)
        fail_msg("%s", err.text);
    return r;
}

/* Of a list in that text: "3 ready, 0 known, 1 check, 0 refused" */
static struct import_report import_text(const char *text)
{
    write_list(text);
    return import((struct import_options){0});
}

static void assert_sums(const struct import_report *r, int ready, int known, int check, int refused)
{
    assert_int_equal(r->ready, ready);
    assert_int_equal(r->known, known);
    assert_int_equal(r->check, check);
    assert_int_equal(r->refused, refused);
}

static const struct import_line *line_of(const struct import_report *r, int64_t row)
{
    for (size_t i = 0; i < r->n; i++)
        if (r->lines[i].row == row)
            return &r->lines[i];
    fail_msg("row %lld is not in the report", (long long)row);
    return NULL;
}

static void assert_line(const struct import_report *r, int64_t row, const char *class, const char *words)
{
    const struct import_line *line = line_of(r, row);
    assert_string_equal(line->class, class);
    if (!strstr(line->reason, words))
        fail_msg("row %lld: %s", (long long)row, line->reason);
}

static void undo(int64_t id)
{
    struct err err;
    struct import_undo u;
    if (import_undo(t, db, id, false, &u, &err) < 0)
        fail_msg("%s", err.text);
}

/* Everything that an import may touch, in one line. */
static const char *sums(void)
{
    return testdb_ask(
        t, "select concat_ws(' ', (select count(*) from contact), (select count(*) from contact_name),"
           " (select count(*) from address), (select count(*) from phone),"
           " (select count(*) from postal_address), (select count(*) from contact_category),"
           " (select count(*) from contact_department), (select count(*) from contact_detail),"
           " (select count(*) from post), (select count(*) from term))");
}

/* ---- the three lists */

static void test_departments(void **state)
{
    (void)state;
    const char *empty = sums();
    struct import_report a = import((struct import_options){.file = "demo/data/lists/mayor-office.csv",
                                                            .map_file = "tests/data/lists/mayor-office.map"});
    assert_sums(&a, 69, 0, 11, 8);
    assert_string_equal(a.encoding, "UTF-8");
    assert_string_equal(a.delimiter, "comma");
    assert_line(&a, 7, "check", "2 addresses in a cell");
    assert_line(&a, 16, "refused", "arben.lluka@rks-gov..example");
    assert_int_equal(line_of(&a, 16)->line, 17); /* a cell above it has a line break */
    assert_line(&a, 77, "check", "also that of row 75");
    assert_line(&a, 89, "check", "the same as row 4");

    struct import_report b = import((struct import_options){.file = "demo/data/lists/defb-bizneset.csv",
                                                            .map_file = "demo/data/lists/defb-bizneset.map",
                                                            .department = "defb"});
    assert_sums(&b, 85, 3, 4, 1);
    assert_string_equal(b.encoding, "windows-1250");
    assert_string_equal(b.delimiter, "semicolon");
    assert_line(&b, 3, "known", "has this address");
    assert_line(&b, 92, "known", "the same as row 10");
    assert_string_equal(testdb_ask(t,
                                   "select value from contact_detail d join contact_name n using (contact_id)"
                                   " where field = 'turnover' and n.name = 'STOJKOVIQ KOMERC'"),
                        "412350.00");

    struct import_report c =
        import((struct import_options){.file = "demo/data/lists/dijaspora-klubovi.csv",
                                       .map_file = "tests/data/lists/dijaspora-klubovi.map",
                                       .department = "diaspora"});
    assert_sums(&c, 55, 2, 2, 1);
    assert_line(&c, 2, "known", "has this address"); /* the mayor's office writes to the club too */
    assert_line(&c, 52, "check", "nearly that of row 2");
    /* what two departments know is one contact, which both share */
    assert_string_equal(
        testdb_ask(t, "select string_agg(d.slug, ' ' order by d.slug) from address a"
                      " join contact_department using (contact_id) join department d on d.id = department_id"
                      " where email_key = 'klub.klokot.wien@gmx.example'"),
        "diaspora");
    assert_string_equal(
        testdb_ask(t, "select count(*) from address where email_key = 'klub.klokot.wien@gmx.example'"), "1");
    undo(c.id);
    undo(b.id);
    undo(a.id);
    assert_string_equal(sums(), empty);
}

/* ---- one question each */

static void test_new_and_again(void **state)
{
    (void)state;
    const char *list = "Name,Organisation,Position,E-mail,Phone\n"
                       "Ana Anić,Klub A,Director,ana@a.example,044 000 601\n"
                       "Bora Borić,Klub A,Director,bora@a.example,\n"
                       ",Клуб Б,,klub@b.example,\n";
    struct import_report r = import_text(list);
    assert_sums(&r, 3, 0, 0, 0);
    /* two persons, their organisation once; two posts of one name, for each has a holder */
    assert_string_equal(
        testdb_ask(t,
                   "select concat_ws(' ', count(*) filter (where kind = 'person'),"
                   " count(*) filter (where kind = 'organisation')) from contact where import_id = %lld",
                   (long long)r.id),
        "2 2");
    assert_string_equal(testdb_ask(t, "select count(*) from post where import_id = %lld", (long long)r.id),
                        "2");
    assert_string_equal(testdb_ask(t, "select language from contact_name where name = 'Клуб Б'"), "sr-Cyrl");
    assert_string_equal(testdb_ask(t, "select e164 from phone where typed = '044 000 601'"), "+38344000601");

    const char *before = sums();
    struct import_report again = import_text(list);
    assert_sums(&again, 0, 3, 0, 0);
    assert_string_equal(sums(), before);
    undo(again.id);
    assert_string_equal(sums(), before);
    undo(r.id);
}

/* What another department keeps gets nothing, and that department is asked to share it. */
static void test_kept_by_others(void **state)
{
    (void)state;
    struct err err;
    struct db *admin = db;
    const char *empty = sums();
    struct import_report a = import_text("Name,E-mail\nĐorđe Đokić,dj@x.example\nAna Anić,ana@x.example\n");
    testdb_do(t, "update address set private = true where email_key = 'ana@x.example'");
    const char *before = sums();
    db = defb;
    struct import_report b = import_text("Name,E-mail,Phone\nDjordje DJOKIC,DJ@x.example,044 000 602\n"
                                         "Ana ANIĆ,ana@x.example,044 000 603\n");
    assert_sums(&b, 0, 2, 0, 0);
    assert_line(&b, 2, "known", "kept by mayor, who are asked to share it");
    assert_line(&b, 3, "known",
                "kept by mayor, who are asked to share it"); /* under a private address, too */
    assert_string_equal(sums(), before);
    assert_string_equal(testdb_ask(t, "select count(*) || ' ' || max(d.slug) from share_request r"
                                      " join department d on d.id = r.department_id where granted is null"),
                        "2 defb");
    struct import_report again = import((struct import_options){0});
    assert_sums(&again, 0, 2, 0, 0);
    assert_string_equal(testdb_ask(t, "select count(*) from share_request"), "2");
    struct import_undo u;
    assert_int_equal(import_undo(t, db, a.id, false, &u, &err), -1);
    assert_int_equal(err.code, ERR_DENIED);
    struct import_report r;
    struct import_options o = {.file = file, .department = "mayor", .catalog = catalog_new(t, "en")};
    assert_int_equal(import_contacts(t, db, &o, &r, &err), -1);
    assert_int_equal(err.code, ERR_DENIED);
    undo(again.id);
    undo(b.id);
    assert_string_equal(testdb_ask(t, "select count(*) from share_request"), "0");
    db = admin;
    testdb_do(t, "set session_replication_role = replica; update address set private = false;"
                 "delete from audit_value; set session_replication_role = origin");
    undo(a.id);
    assert_string_equal(sums(), empty);
}

static void test_known_gets_what_is_missing(void **state)
{
    (void)state;
    const char *empty = sums();
    struct import_report a = import_text("Name,E-mail\nĐorđe Đokić,dj@x.example\n");
    const char *before = sums();
    write_list("Name,E-mail,Phone,Category\nDjordje DJOKIC,DJ@x.example;dj2@x.example,044 000 602,ngo\n");
    struct import_report b = import((struct import_options){.department = "defb"});
    assert_sums(&b, 0, 0, 1, 0); /* known, but two addresses in a cell */
    assert_line(&b, 2, "check", "has this address");
    assert_string_equal(
        testdb_ask(
            t,
            "select concat_ws(' ', (select count(*) from address where contact_id = c.id), "
            "(select count(*) from phone where contact_id = c.id), (select count(*) from contact_category "
            "where contact_id = c.id), (select count(*) from contact_department where contact_id = c.id)) "
            "from contact c where import_id = %lld",
            (long long)a.id),
        "2 1 1 1");
    undo(b.id);
    assert_string_equal(sums(), before);
    undo(a.id); /* what was added and taken back is no change */
    assert_string_equal(sums(), empty);
}

static void test_same_and_not_the_same(void **state)
{
    (void)state;
    struct import_report r =
        import_text("Name,Organisation,E-mail\n"
                    "Dragan Stojković,Komerc,dragan@x.example\n"
                    "D. Stojkovic,Komerc,dragan@x.example\n" /* 3: initial, surname and address: the same */
                    "Драган Стојковић,Комерц,\n" /* 4: name and organisation, nothing against it: the same */
                    "Dragan Stojković,Komerc,drugi@x.example\n" /* 5: another address: perhaps another */
                    "Dragan Stojković,Granit,treci@x.example\n" /* 6: of another firm: another */
                    "Marko Marković,Komerc,dragan@x.example\n"  /* 7: another's address */
                    "Dragan Stojkoviq,Komerc,peti@x.example\n"  /* 8: near */
                    ",Mali klub,klub@x.example\n"
                    ",MALI KLUB,\n"                                /* 10 */
                    ",Mali klub,\"a@x.example; klub@x.example\"\n" /* 11: known by its second address */
                    ",Mali klub Dva,mk2@x.example\n");
    assert_line(&r, 3, "known", "the same as row 2");
    assert_line(&r, 4, "known", "the same as row 2");
    assert_line(&r, 5, "check", "the name is nearly that of row 2");
    assert_line(&r, 7, "check", "dragan@x.example is also that of row 2");
    assert_line(&r, 8, "check", "nearly that of row 2");
    assert_line(&r, 10, "known", "the same as row 9");
    assert_line(&r, 11, "check", "the same as row 9");
    assert_sums(&r, 4, 3, 4, 0);
    assert_string_equal(
        testdb_ask(t, "select count(*) from contact where import_id = %lld and kind = 'organisation'",
                   (long long)r.id),
        "4"); /* Komerc, Granit and the two clubs */

    /* and so against the store */
    struct import_report again = import_text("Name,Organisation,E-mail\n"
                                             "Dragan Stojković,Komerc,cetvrti@x.example\n"
                                             "Petar Petrović,Komerc,klub@x.example\n"
                                             "d. stojković,,dragan@x.example; klub@x.example\n");
    assert_line(&again, 2, "check", "nearly that of contact");
    assert_line(&again, 3, "check", "is also that of contact");
    assert_line(&again, 4, "check",
                "has this address"); /* by the first one; the other is the club's and stays so */
    assert_line(&again, 4, "check", "klub@x.example is also that of contact");
    assert_string_equal(testdb_ask(t, "select count(*) from address where email_key = 'klub@x.example'"),
                        "2");
    undo(again.id);
}

static void test_organisation_lists(void **state)
{
    (void)state;
    write_list("Organisation,Name,Position,E-mail,Kind\n"
               "Firma „Prva“,Mira Mirić,Owner,prva@f.example,organisation\n"
               "Firma Druga,Mira Mirić,Owner,druga@f.example,organisation\n");
    struct import_report r = import((struct import_options){0});
    assert_sums(&r, 2, 0, 0, 0);
    assert_string_equal(testdb_ask(t, "select kind from contact c join address a on a.contact_id = c.id"
                                      " where email_key = 'prva@f.example'"),
                        "organisation");
    assert_string_equal(testdb_ask(t,
                                   "select count(*) from contact where kind = 'person' and import_id = %lld"
                                   " and organisation_id is not null",
                                   (long long)r.id),
                        "2");
    undo(r.id);
}

static void test_refused_rows(void **state)
{
    (void)state;
    const char *before = sums();
    write_list("Name,E-mail\nGood,good@x.example\nBad,bad@@x.example\n,\nWide,a@x.example,more\n");
    struct import_report r = import((struct import_options){.dry_run = true});
    assert_int_equal(r.id, 0);
    assert_sums(&r, 1, 0, 0, 2);
    assert_line(&r, 3, "refused", "bad@@x.example");
    assert_int_equal(line_of(&r, 5)->line, 5);
    assert_string_equal(sums(), before);
    r = import((struct import_options){.strict = true});
    assert_int_equal(r.id, 0);
    assert_int_equal(r.refused, 2);
    assert_string_equal(sums(), before);
    r = import((struct import_options){0});
    assert_true(r.id > 0);
    assert_string_equal(testdb_ask(t,
                                   "select string_agg(row || class, ' ' order by row) from import_row"
                                   " where import_id = %lld",
                                   (long long)r.id),
                        "2ready 3refused 5refused");
    undo(r.id);
}

static void assert_wrong(struct import_options o, const char *text, const char *words)
{
    struct err err;
    struct import_report r;
    const char *before = sums();
    if (text)
        write_list(text);
    o.file = o.file ? o.file : file;
    o.catalog = catalog_new(t, "en");
    assert_int_equal(import_contacts(t, db, &o, &r, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    if (!strstr(err.text, words) || !strstr(err.text, o.file))
        fail_msg("%s", err.text);
    assert_string_equal(sums(), before); /* and the connection still works */
}

/* A cell gone astray, and what would be too long for an index. */
static void test_long_name(void **state)
{
    (void)state;
    struct text list = text_new(t);
    text_puts(&list, "Name,E-mail\nGood,good@x.example\n");
    for (int i = 0; i < 5000; i++)
        text_puts(&list, "Đ");
    text_puts(&list, ",long@x.example\n");
    struct import_report r = import_text(list.s);
    assert_sums(&r, 1, 0, 0, 1);
    assert_line(&r, 3, "refused", "1000 bytes");
    undo(r.id);
}

static void test_wrong_files(void **state)
{
    (void)state;
    struct import_options none = {0};
    assert_wrong(none, "", "empty");
    assert_wrong(none, "Name,E-mail\n", "no rows");
    assert_wrong(none, "A,B\n1,2\n", "no column is called");
    assert_wrong(none, "Ana,ana@x.example\nBora,bora@x.example\n", "is a header");
    assert_wrong(none, "Name,E-mail\nA,\"x@x.example\nB,\n", "line 2");
    assert_wrong((struct import_options){.encoding = "UTF-8"}, "Name\nQum\xebshtorja\n", "UTF-8");
    assert_wrong((struct import_options){.file = "demo/data/lists/mayor-office.csv",
                                         .map_file = "demo/data/lists/defb-bizneset.map"},
                 NULL, "Nr.");
    assert_wrong((struct import_options){.file = "demo/data/lists/defb-bizneset.csv",
                                         .map_file = "demo/data/lists/defb-bizneset.map",
                                         .delimiter = ","},
                 NULL, "no column");
}

/* A list that still has the address which another has replaced speaks of the same contact, and does not bring
 * it back. */
static void test_address_replaced(void **state)
{
    (void)state;
    static const char list[] = "Name,E-mail\nLule Zog,lule@old.example\n";
    import_text(list);
    testdb_do(
        t,
        "insert into address (contact_id, email, email_key, position) select contact_id, 'lule@new.example', "
        "'lule@new.example', 2 from address where email_key = 'lule@old.example';"
        "update address set state = 'replaced', replaced_by = (select id from address where email_key = "
        "'lule@new.example') where email_key = 'lule@old.example'");
    struct import_report r = import((struct import_options){.policy = "update"});
    assert_int_equal(r.known, 1);
    assert_int_equal(line_of(&r, 2)->changes, 0);
    assert_string_equal(testdb_ask(t, "select count(*) from contact_name where name = 'Lule Zog'"), "1");
    r = import_text("Name,E-mail\nBen Ri,lule@old.example\n"); /* who sits there now */
    assert_int_equal(r.check, 1);
    assert_string_equal(
        testdb_ask(
            t, "select state from address a join contact_name n using (contact_id) where n.name = 'Ben Ri'"),
        "unverified");
}

static void test_undo_keeps(void **state)
{
    (void)state;
    struct err err;
    struct import_undo u;
    struct import_report r = import_text("Name,Organisation,E-mail\n"
                                         "Used,Kept Ltd,used@u.example\n"
                                         "Changed,Kept Ltd,changed@u.example\n"
                                         "Richer,Gone Ltd,richer@u.example\n"
                                         "Gone,Gone Ltd,gone@u.example\n");
    testdb_do(
        t, "insert into message (direction, identity, size, contact_id) select 'in', '\\x01', 1, contact_id "
           "from address where email_key = 'used@u.example';"
           "update contact set precedence = 'n' where id = (select contact_id from address where email_key = "
           "'changed@u.example');"
           "insert into phone (contact_id, typed) select contact_id, '1' from address where email_key = "
           "'richer@u.example'");
    assert_int_equal(import_undo(t, db, r.id, false, &u, &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_int_equal(u.nkept, 5); /* three, and the two firms where they work */
    assert_int_equal(import_undo(t, db, r.id, true, &u, &err), 0);
    assert_int_equal(u.removed, 1);
    assert_string_equal(
        testdb_ask(t,
                   "select string_agg(name, ', ' order by name) from contact_name n join contact c"
                   " on c.id = n.contact_id where c.import_id = %lld",
                   (long long)r.id),
        "Changed, Gone Ltd, Kept Ltd, Richer, Used");
    assert_int_equal(import_undo(t, db, r.id, true, &u, &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_int_equal(import_undo(t, db, 999999, true, &u, &err), -1);
    assert_int_equal(err.code, ERR_NOTFOUND);
}

int main(void)
{
    mem_init();
    testdb_need();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_departments),
        cmocka_unit_test(test_new_and_again),
        cmocka_unit_test(test_kept_by_others),
        cmocka_unit_test(test_known_gets_what_is_missing),
        cmocka_unit_test(test_organisation_lists),
        cmocka_unit_test(test_refused_rows),
        cmocka_unit_test(test_long_name),
        cmocka_unit_test(test_wrong_files),
        cmocka_unit_test(test_address_replaced),
        cmocka_unit_test(test_undo_keeps),
        cmocka_unit_test(test_same_and_not_the_same),
    };
    return cmocka_run_group_tests_name("import", tests, begin, end);
}
