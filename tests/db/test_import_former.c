/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A department's old list, after contacts were renamed: who is still called alike is known by the former
 * name, keeps the new one, and nobody comes in twice; who has quite another name now is for a person to look
 * at.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "crm/contact.h"
#include "crm/import.h"
#include "tests/lib/testdb.h"

static struct testdb *t;
static struct db *db, *other; /* clerks of two departments */
static char file[64];

static int begin(void **state)
{
    (void)state;
    t = testdb_open("import_former");
    db = testdb_user(t, "former_clerk", "clerk", "mayor");
    other = testdb_user(t, "former_other", "clerk", "culture");
    snprintf(file, sizeof file, "/tmp/adresar-test-former.%d.csv", (int)getpid());
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(file);
    db_close(db);
    db_close(other);
    testdb_close(t);
    return 0;
}

/* "class reason" of each row that is not ready, a line each. */
static const char *import(struct db *by, const char *rows, const char *policy)
{
    struct err err;
    struct import_report r;
    struct import_options o = {
        .file = file, .country = "XK", .policy = policy, .catalog = catalog_new(t, "en")};
    struct text all = text_new(t);
    FILE *f = fopen(file, "w");
    assert_non_null(f);
    assert_true(fprintf(f, "Emri,Organizata,E-mail,Gjuha,Telefoni\n%s", rows) > 0);
    assert_int_equal(fclose(f), 0);
    if (import_contacts(t, by, &o, &r, &err) < 0)
        fail_msg("%s", err.text);
    text_printf(&all, "%ld new", (long)r.ready);
    for (size_t i = 0; i < r.n; i++)
        text_printf(&all, "\n%s %s", r.lines[i].class, r.lines[i].reason);
    return all.s;
}

static void rename_contact(int64_t id, const char *name)
{
    struct err err;
    if (contact_edit(db, id, &(struct contact_fields){.name = name}, &err) < 0)
        fail_msg("%s", err.text);
}

static int64_t named(const char *name)
{
    return strtoll(testdb_ask(t, "select contact_id from contact_name where name = '%s'", name), NULL, 10);
}

static const char old_list[] = "Besa Krasniqi,,besa@x.example,sq,049 000 201\n"
                               "Arta Gashi,,,sq,\n"
                               ",Klub Klokot,klub@x.example,sq,\n"
                               "Agim Berisha,Komuna,post@x.example,sq,\n";

static void test_renamed(void **state)
{
    (void)state;
    assert_string_equal(import(db, old_list, "fill"), "4 new");
    int64_t besa = named("Besa Krasniqi"), arta = named("Arta Gashi"), club = named("Klub Klokot"),
            agim = named("Agim Berisha");
    rename_contact(besa, "Besa Hoxha");
    rename_contact(besa, "Besa Hoxha Shala");
    rename_contact(arta, "Arta Morina");
    rename_contact(club, "Klub Klokot Wien");
    rename_contact(agim, "Mirjana Savić"); /* who has the post now */
    assert_string_equal(
        import(db, old_list, "update"),
        talloc_asprintf(
            t,
            "0 new\nknown contact %lld was called so before\nknown contact %lld was called so before\n"
            "known contact %lld was called so before\n"
            "check the address post@x.example is also that of contact %lld, Mirjana Savić",
            (long long)besa, (long long)arta, (long long)club, (long long)agim));
    assert_string_equal(testdb_ask(t, "select string_agg(name, '|' order by name) from contact_name"),
                        "Agim Berisha|Arta Morina|Besa Hoxha Shala|Klub Klokot Wien|Komuna|Mirjana Savić");
    assert_string_equal(
        import(db, "Besa Hoxha,,besa@x.example,sq,044 000 777\n", "fill"),
        talloc_asprintf(t, "0 new\nknown contact %lld was called so before", (long long)besa));
    assert_string_equal(testdb_ask(t, "select string_agg(typed, '|' order by id) from phone"),
                        "049 000 201|044 000 777");
}

/* Another at the same place of work is not the one who was called so. */
static void test_others(void **state)
{
    (void)state;
    assert_string_equal(import(db, "Arta Gashi,Biblioteka,,sq,\n", "fill"), "1 new");
    assert_string_equal(import(db, "Besa Hoxha,,hoxha@y.example,sq,\n", "fill"), "1 new");
}

/* The history of a contact is its departments'; what it was called is the house's. */
static void test_department(void **state)
{
    (void)state;
    int64_t club = named("Klub Klokot Wien");
    assert_string_equal(
        import(other, ",Klub Klokot,klub@x.example,sq,\n", "fill"),
        talloc_asprintf(t,
                        "0 new\nknown contact %lld was called so before; kept by mayor, who are "
                        "asked to share it",
                        (long long)club));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_renamed), cmocka_unit_test(test_others),
                                       cmocka_unit_test(test_department)};
    mem_init();
    return cmocka_run_group_tests(tests, begin, end);
}
