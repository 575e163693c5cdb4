/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Every statement of sql/query is prepared on a freshly migrated database, where a wrong table or column
 * shows without a line of the program being run.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/db_script.h"
#include "tests/lib/testdb.h"

/* Statements on a transaction's own tables need these first; they are run in the order of their file. */
static bool makes_table(const struct db_stmt *s)
{
    return strstr(s->name, "_create_") && strstr(s->sql, "create temporary table");
}

static void test_prepare_all(void **state)
{
    struct testdb *t = *state;
    struct err err;
    DB_TX tx = {0};
    const struct db_arg nothing[64] = {{0}};
    int n = 0;
    assert_int_equal(db_begin(&tx, t->su, DB_WRITE, &err), 0);
    for (const struct db_stmt *const *s = db_all_statements; *s; s++)
        if (makes_table(*s) && db_run_args(t->su, NULL, &err, *s, nothing) < 0)
            fail_msg("%s", err.text);
    for (const struct db_stmt *const *s = db_all_statements; *s; s++, n++)
        if (strncmp((*s)->sql, "copy", 4) && db_prepare(t->su, *s, &err) < 0)
            fail_msg("%s", err.text);
    assert_true(n > 50);
}

/* The names that the statements are known by on the server must differ. */
static void test_names_differ(void **state)
{
    (void)state;
    for (const struct db_stmt *const *a = db_all_statements; *a; a++)
        for (const struct db_stmt *const *b = a + 1; *b; b++)
            if (!strcmp((*a)->name, (*b)->name))
                fail_msg("%s stands twice", (*a)->name);
}

static int begin(void **state)
{
    *state = testdb_open("sql");
    return 0;
}

static int end(void **state)
{
    testdb_close(*state);
    return 0;
}

int main(void)
{
    mem_init();
    testdb_need();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_prepare_all),
        cmocka_unit_test(test_names_differ),
    };
    return cmocka_run_group_tests_name("sql", tests, begin, end);
}
