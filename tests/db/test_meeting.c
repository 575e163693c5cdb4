/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "crm/import_undo.h"
#include "crm/meeting.h"
#include "tests/lib/testdb.h"

static struct testdb *t;
static struct db *db;
static char file[64];

static int begin(void **state)
{
    (void)state;
    t = testdb_open("meeting");
    db = testdb_user(t, "vesna", "clerk", "mayor");
    snprintf(file, sizeof file, "/tmp/adresar-test-meeting.%d.csv", (int)getpid());
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

static int import(const char *path, struct import_options o, struct import_report *r, struct err *err)
{
    o.file = path;
    o.catalog = catalog_new(t, "en");
    return meeting_import(t, db, &o, r, err);
}

static void write_list(const char *text)
{
    FILE_SCOPE FILE *f = fopen(file, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
}

static void test_list(void **state)
{
    (void)state;
    struct err err;
    struct import_report r;
    const char *path = "demo/data/lists/meetings.csv";
    assert_int_equal(import(path, (struct import_options){0}, &r, &err), 0);
    assert_int_equal(r.ready, 44);
    assert_int_equal(r.refused, 0);
    assert_string_equal(
        testdb_ask(t, "select held_on || ' ' || held_at || ' ' || language from meeting order by id limit 1"),
        "2025-01-13 09:00:00 sr-Latn");
    int64_t id = r.id;
    assert_int_equal(import(path, (struct import_options){0}, &r, &err), 0);
    assert_int_equal(r.known, 44);
    assert_string_equal(testdb_ask(t, "select count(*) from meeting"), "44");
    struct import_undo u;
    assert_int_equal(import_undo(t, db, id, false, &u, &err), 0);
    assert_int_equal(u.removed, 44);
}

static void test_bad_rows(void **state)
{
    (void)state;
    struct err err;
    struct import_report r;
    static const char *const reason[] = {"31.02.2025", "25:00", "no subject", "5 cells"};
    write_list("Datum;Vreme;Predmet\n13.01.2025;9.05;A\n31.02.2025;9h;B\n1.3.2025;25:00;C\n1.3.2025;;\n"
               "2.3.2025;;E;;\n3.3.2025;;F\n");
    assert_int_equal(import(file, (struct import_options){.strict = true}, &r, &err), 0);
    assert_int_equal(r.id, 0);
    assert_int_equal(import(file, (struct import_options){.dry_run = true}, &r, &err), 0);
    assert_int_equal(r.id, 0);
    assert_string_equal(testdb_ask(t, "select count(*) from meeting"), "0");
    assert_int_equal(import(file, (struct import_options){0}, &r, &err), 0);
    assert_int_equal(r.ready, 2);
    assert_int_equal(r.refused, 4);
    for (size_t i = 0; i < ARRAY_LEN(reason); i++) {
        assert_int_equal(r.lines[i].row, i + 3);
        assert_non_null(strstr(r.lines[i].reason, reason[i]));
    }
    assert_string_equal(testdb_ask(t, "select held_at from meeting where subject = 'A'"), "09:05:00");
}

static void test_wrong_files(void **state)
{
    (void)state;
    struct err err;
    struct import_report r;
    static const struct {
        const char *text, *words;
    } table[] = {
        {"", "empty"},
        {"Date,Subject\n", "no rows"},
        {"Date,Who\n1.1.2025,x\n", "\"Subject\""},
        {"When,Subject\n1.1.2025,x\n", "\"Date\""},
        {"Date,Subject\n1.1.2025,\"x\n", "line 2"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        write_list(table[i].text);
        assert_int_equal(import(file, (struct import_options){0}, &r, &err), -1);
        if (err.code != ERR_INPUT || !strstr(err.text, table[i].words) || !strstr(err.text, file))
            fail_msg("%s", err.text);
    }
}

static void test_when(void **state)
{
    (void)state;
    static const struct {
        const char *date, *time, *date_r, *time_r; /* NULL: refused */
    } table[] = {
        {"18.03.2027", "9:30", "2027-03-18", "09:30"},
        {"2027-03-18", "09.30", "2027-03-18", "09:30"},
        {"18.3.2027.", "9h", "2027-03-18", "09:00"},
        {"18.03.2027", "", "2027-03-18", NULL},
        {"30.02.2027", "9:30", NULL, NULL},
        {"18.03.2027", "24:00", NULL, NULL},
        {"18.03.2027", "9:5", NULL, NULL},
        {"18.03.2027", "9:60", NULL, NULL},
        {"18.03.2027", "-1:00", NULL, NULL},
        {"18.03.2027", "9:300", NULL, NULL},
        {NULL, NULL, NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct meeting m = {0};
        const char *flaw = meeting_read_when(t, table[i].date, table[i].time, &m, catalog_new(t, "en"));
        assert_int_equal(flaw == NULL, table[i].date_r != NULL);
        if (flaw)
            continue;
        assert_string_equal(m.date, table[i].date_r);
        if (table[i].time_r)
            assert_string_equal(m.time, table[i].time_r);
        else
            assert_null(m.time);
    }
}

int main(void)
{
    mem_init();
    testdb_need();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_bad_rows),
        cmocka_unit_test(test_wrong_files),
        cmocka_unit_test(test_when),
    };
    return cmocka_run_group_tests_name("meeting", tests, begin, end);
}
