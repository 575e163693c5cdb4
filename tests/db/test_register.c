/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Registers of the small office in register.sql, read as text (.csv), and once as a workbook.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#include "base/db_script.h"
#include "reports/register.h"

static void *mem;
static struct db *db; /* as adresar_report */
static struct conf conf;
static char database[64];

static const char *folder(void)
{
    const char *dir = getenv("ADRESAR_TEST_DIR");
    return dir ? dir : "/tmp";
}

static char *path_of(const char *ending)
{
    return talloc_asprintf(mem, "%s/register-%ld.%s", folder(), (long)getpid(), ending);
}

static char *slurp(FILE *f)
{
    struct text t = text_new(mem);
    char part[4096];
    size_t n;
    while ((n = fread(part, 1, sizeof part, f)) > 0)
        text_add(&t, part, n);
    return t.s;
}

static char *output_of(const char *command)
{
    FILE *f = popen(command, "r");
    assert_non_null(f);
    char *s = slurp(f);
    assert_int_equal(pclose(f), 0);
    return s;
}

/* The register as .csv without its mark of order. */
static char *csv_of(struct register_query q, struct register_result *result_r)
{
    struct err err = {0};
    struct register_result result;
    q.path = path_of("csv");
    q.made_by = "besa";
    if (register_write(db, &conf, &q, &result, &err) < 0)
        fail_msg("%s", err.text);
    FILE *f = fopen(q.path, "r");
    assert_non_null(f);
    char *s = slurp(f);
    fclose(f);
    unlink(q.path);
    if (result_r)
        *result_r = result;
    return s + 3;
}

static enum err_code refused(struct register_query q)
{
    struct err err = {0};
    struct register_result result;
    q.path = q.path ? q.path : path_of("csv");
    q.made_by = "besa";
    assert_int_equal(register_write(db, &conf, &q, &result, &err), -1);
    assert_int_equal(access(q.path, F_OK), -1);
    assert_true(*err.text);
    return err.code;
}

static char *line_with(char *text, const char *part)
{
    char *at = strstr(text, part);
    if (!at)
        fail_msg("%s is not in:\n%s", part, text);
    while (at > text && at[-1] != '\n')
        at--;
    return talloc_strndup(mem, at, strcspn(at, "\r"));
}

/* First fields of all records, which here have no line breaks: "2 5 3". */
static char *first_fields(char *text)
{
    struct text t = text_new(mem);
    for (char *at = strchr(text, '\n'); at && at[1];
         at = strstr(at + 1, "\r\n") ? strstr(at + 1, "\r\n") + 1 : NULL)
        text_printf(&t, "%s%.*s", t.len ? " " : "", (int)strcspn(at + 1, ","), at + 1);
    return t.s;
}

#define assert_has(text, part) line_with(text, part)

static void test_contacts(void **state)
{
    (void)state;
    struct register_result r;
    char *s = csv_of((struct register_query){.name = "contacts"}, &r);
    assert_int_equal(r.rows, 5);
    assert_true(r.sums_agree);
    assert_has(s, "No.,Name,Organisation,Position,Category,");
    assert_string_equal(line_with(s, "anne@"),
                        "4,Anne-Marie O'Connor,,,,English,,anne@embassy.example,not tried yet,,,,,"
                        "Mayor's office,1,,active,2026-11-22,");
    assert_has(s, "2,Çerkin Gashi,Ministry of Regional Development,Minister,,Albanian,E nderuara Znj. Gashi,"
                  "\"cerkin.gashi@mzhr.example\ncgashi@old.example\",\"good\ndead\",+38344503112,,,,"
                  "\"Mayor's office\nDepartment of economy, finance and budget\",3,'=cmd(),active,2026-11-20,"
                  "\"mayor-office.csv (3)\ndefb-bizneset.csv (17)\"\r\n");
    assert_has(s, "\"Donor, Ministry\",\"Albanian, English\"");
    assert_string_equal(first_fields(s), "4 2 5 1 3");
}

static void test_names_in_the_language(void **state)
{
    (void)state;
    char *s = csv_of((struct register_query){.name = "contacts", .language = "sq"}, NULL);
    assert_has(s, "1,Ministria e Zhvillimit Rajonal");
    assert_has(s, "3,Ђорђе Стојковић");
    s = csv_of((struct register_query){.name = "contacts", .language = "sr"}, NULL);
    assert_has(s, "3,Đorđe Stojković");
    assert_string_equal(first_fields(s), "4 2 3 5 1"); /* Đ stands behind D, and so before F */
    assert_int_equal(refused((struct register_query){.name = "contacts", .language = "xx"}), ERR_USAGE);
}

static void test_contacts_filtered(void **state)
{
    (void)state;
    assert_string_equal(
        first_fields(csv_of((struct register_query){.name = "contacts", .department = "defb"}, NULL)),
        "2 5 3");
    /* a day of the office, not of Greenwich */
    struct register_query day = {.name = "contacts", .from = "21.11.2026", .to = "2026-11-21"};
    assert_string_equal(first_fields(csv_of(day, NULL)), "1 3");
    day.department = "mayor";
    assert_string_equal(first_fields(csv_of(day, NULL)), "1");
    assert_int_equal(refused((struct register_query){.name = "contacts", .department = "none"}),
                     ERR_NOTFOUND);
    assert_int_equal(refused((struct register_query){.name = "contacts", .from = "31.02.2026"}), ERR_USAGE);
}

/* The minister first; who has no rank is in alphabetical order, people by their family names. */
static void test_precedence(void **state)
{
    (void)state;
    struct register_query q = {.name = "contacts", .order = "precedence"};
    assert_string_equal(first_fields(csv_of(q, NULL)), "2 5 1 4 3");
    q.department = "defb";
    assert_string_equal(first_fields(csv_of(q, NULL)), "2 5 3");
    q = (struct register_query){.name = "mailing", .mailing_id = 1, .order = "precedence"};
    assert_string_equal(first_fields(csv_of(q, NULL)),
                        "Çerkin Gashi Freundeskreis Klokot e. V. Anne-Marie O'Connor Ђорђе Стојковић");
    q = (struct register_query){.name = "event", .event_id = 1, .order = "precedence"};
    assert_string_equal(first_fields(csv_of(q, NULL)),
                        "Çerkin Gashi Freundeskreis Klokot e. V. Anne-Marie O'Connor Ђорђе Стојковић");
    q = (struct register_query){.name = "contacts", .order = "name"};
    assert_string_equal(first_fields(csv_of(q, NULL)), "4 2 5 1 3");
    q.order = "height";
    assert_int_equal(refused(q), ERR_USAGE);
    q = (struct register_query){.name = "meetings", .order = "precedence"};
    assert_int_equal(refused(q), ERR_USAGE);
}

static void test_meetings(void **state)
{
    (void)state;
    char *s = csv_of((struct register_query){.name = "meetings"}, NULL);
    assert_has(s, "2026-09-01,10:00,Klokot,Road to Vërban,The mayor,");
    assert_has(
        s, "2026-10-12,,Prishtinë,Buxheti 2027,,,,Albanian,\"Department of economy, finance and budget\"");
    s = csv_of((struct register_query){.name = "meetings", .from = "2026-09-02"}, NULL);
    assert_string_equal(first_fields(s), "2026-10-12");
}

static void test_letters(void **state)
{
    (void)state;
    struct register_result r;
    char *s = csv_of((struct register_query){.name = "letters"}, &r);
    assert_int_equal(r.rows, 5);
    assert_string_equal(line_with(s, "<2@klokot.example>"),
                        "2,2026-11-23 09:01:00,Out,E-mail,Ђорђе Стојковић,,djordje@firma.example,"
                        "Позив: Донаторска конференција,Invitation,\"Donors' conference, invitation\","
                        "Donors' conference,came back as undeliverable,5.1.1 User unknown,,Mayor's office,"
                        "<2@klokot.example>");
    assert_string_equal(line_with(s, "<a@mzhr.example>"),
                        "4,2026-11-23 12:00:00,In,E-mail,Çerkin Gashi,Ministry of Regional Development,"
                        "cerkin.gashi@mzhr.example,Re: Ftesë,Letter,\"Donors' conference, invitation\","
                        "Donors' conference,filed,,comes,Mayor's office,<a@mzhr.example>");
    assert_has(s, "2027-01-01 00:30:00,In,E-mail,Someone,,someone@unknown.example,\"'=HYPERLINK(");
    assert_has(s, "to be decided,the sender is not known");
    s = csv_of((struct register_query){.name = "letters", .to = "31.12.2026"}, NULL);
    assert_string_equal(first_fields(s), "1 2 3 4");
    s = csv_of((struct register_query){.name = "letters", .department = "defb"}, NULL);
    assert_string_equal(first_fields(s), "");
}

static void test_mailing(void **state)
{
    (void)state;
    struct register_result r;
    char *s = csv_of((struct register_query){.name = "mailing", .mailing_id = 1}, &r);
    assert_int_equal(r.rows, 4);
    assert_true(r.sums_agree);
    assert_string_equal(line_with(s, "anne@"),
                        "Anne-Marie O'Connor,,E-mail,anne@embassy.example,English,refused by the server,,"
                        "5.7.1,mail.klokot.example,Message refused by local policy,"
                        "2026-11-23 09:01:00,,,,,,<3@klokot.example>");
    assert_has(s, "comes,proposed,letter,2026-11-23 12:00:00,Me kënaqësi marr pjesë. Ç. Gashi");
    assert_has(s, "left out,has opted out of invitations");
    assert_int_equal(refused((struct register_query){.name = "mailing"}), ERR_USAGE);
    assert_int_equal(refused((struct register_query){.name = "mailing", .mailing_id = 99}), ERR_NOTFOUND);
    assert_int_equal(
        refused((struct register_query){.name = "mailing", .mailing_id = 1, .from = "2026-01-01"}),
        ERR_USAGE);
}

static void test_event(void **state)
{
    (void)state;
    struct register_result r;
    char *s = csv_of((struct register_query){.name = "event", .event_id = 1}, &r);
    assert_int_equal(r.rows, 4);
    assert_has(s,
               "Çerkin Gashi,Ministry of Regional Development,Minister,cerkin.gashi@mzhr.example,Albanian,");
    assert_int_equal(refused((struct register_query){.name = "event", .event_id = 99}), ERR_NOTFOUND);
    assert_int_equal(refused((struct register_query){.name = "guests"}), ERR_USAGE);
    assert_int_equal(refused((struct register_query){.name = "event", .event_id = 1, .path = "x.ods"}),
                     ERR_USAGE);
}

static void test_workbook(void **state)
{
    (void)state;
    struct err err = {0};
    struct register_result r;
    struct register_query q = {
        .name = "mailing", .mailing_id = 1, .path = path_of("xlsx"), .made_by = "besa"};
    assert_int_equal(register_write(db, &conf, &q, &r, &err), 0);
    assert_int_equal(r.sheets, 2);
    assert_int_equal(r.rows, 4);
    char *list = output_of(talloc_asprintf(mem, "unzip -p %s xl/worksheets/sheet1.xml", q.path));
    assert_has(list, "Mailing: Donors' conference, invitation");
    assert_has(list, "Donors' conference · 18/03/2027");
    char *sums = output_of(talloc_asprintf(mem, "unzip -p %s xl/worksheets/sheet2.xml", q.path));
    assert_has(sums, "The sums agree with the number of rows in the list.");
    assert_has(sums, "no answer yet");
    unlink(q.path);
}

/* ---- set-up */

static void run_as_superuser(const char *sql)
{
    struct db *super;
    struct err err = {0};
    if (db_open(&super, getenv("ADRESAR_TEST_PG"), NULL, "test", &err) < 0 || db_script(super, sql, &err) < 0)
        fail_msg("%s", err.text);
    db_close(super);
}

static void fill(const char *conninfo)
{
    struct db *super;
    struct err err = {0};
    char *sql;
    size_t len;
    if (mem_read_file(mem, "tests/db/register.sql", 1 << 20, &sql, &len, &err) < 0 ||
        db_open(&super, conninfo, NULL, "test", &err) < 0 || db_script(super, sql, &err) < 0)
        fail_msg("%s", err.text);
    db_close(super);
}

static int set_up(void **state)
{
    (void)state;
    struct err err = {0};
    mem_init();
    mem = talloc_new(NULL);
    if (!getenv("ADRESAR_TEST_PG") || !getenv("ADRESAR_BIN"))
        return -1; /* tests/run sets them */
    snprintf(database, sizeof database, "register_%ld", (long)getpid());
    char *conninfo = talloc_asprintf(mem, "%s dbname=%s", getenv("ADRESAR_TEST_PG"), database);
    char *file = path_of("conf");
    char *text = talloc_asprintf(mem, "[database]\nconninfo = %s\n", conninfo);
    assert_int_equal(mem_write_file(file, text, strlen(text), &err), 0);
    output_of(talloc_asprintf(mem, "%s -c %s db init", getenv("ADRESAR_BIN"), file));
    unlink(file);
    fill(conninfo);
    conf.office.name = "Komuna e Kllokotit";
    conf.office.language = "en";
    conf.office.time_zone = "Europe/Belgrade";
    return db_open(&db, conninfo, "adresar_report", "test", &err);
}

static int tear_down(void **state)
{
    (void)state;
    db_close(db);
    run_as_superuser(talloc_asprintf(mem, "drop database if exists %s", database));
    return talloc_free(mem);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_contacts),          cmocka_unit_test(test_names_in_the_language),
        cmocka_unit_test(test_contacts_filtered), cmocka_unit_test(test_precedence),
        cmocka_unit_test(test_meetings),          cmocka_unit_test(test_letters),
        cmocka_unit_test(test_mailing),           cmocka_unit_test(test_event),
        cmocka_unit_test(test_workbook),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
