/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crm/department.h"
#include "crm/staff.h"
#include "tests/lib/testdb.h"

static struct testdb *t;
static struct db *owner;

static int begin(void **state)
{
    (void)state;
    t = testdb_open("staff");
    owner = testdb_as(t, "adresar_owner");
    return 0;
}

static int end(void **state)
{
    (void)state;
    db_close(owner);
    testdb_close(t);
    return 0;
}

static int add(const char *login, const char *role, const char *department, bool *made_r, struct err *err)
{
    struct staff s = {.login = login, .role = role, .department = department, .department_name = "D"};
    return staff_add(owner, &s, made_r, err);
}

static void test_life(void **state)
{
    (void)state;
    struct err err;
    struct db *db;
    struct department d;
    bool made;
    const char *login = testdb_role(t, "ana");
    assert_int_equal(add(login, "clerk", "mayor", &made, &err), 0);
    assert_true(made);
    db = testdb_as(t, login);
    assert_int_equal(department_get(t, db, NULL, &d, &err), 0); /* their own */
    assert_string_equal(d.slug, "mayor");
    db_close(db);
    assert_int_equal(add(login, "head", "mayor", &made, &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);

    assert_int_equal(staff_disable(owner, login, &err), 0);
    assert_int_equal(db_open(&db, t->conninfo, login, "test", &err), -1);
    assert_int_equal(add(login, "head", "mayor", &made, &err), 0);
    assert_false(made);
    db_close(testdb_as(t, login));
    struct staff *list;
    size_t n;
    assert_int_equal(staff_list(t, owner, &list, &n, &err), 0);
    assert_int_equal(n, 1);
    assert_string_equal(list[0].role, "head");
    assert_null(list[0].disabled_at);
    assert_int_equal(staff_disable(owner, "nobody", &err), -1);
    assert_int_equal(err.code, ERR_NOTFOUND);
}

static void test_refuses(void **state)
{
    (void)state;
    static const struct {
        const char *login, *role, *department;
        enum err_code code;
    } table[] = {
        {"x", "boss", "mayor", ERR_USAGE},
        {"Big", "clerk", "mayor", ERR_USAGE},
        {"a b", "clerk", "mayor", ERR_USAGE},
        {"", "clerk", "mayor", ERR_USAGE},
        {"9a", "clerk", "mayor", ERR_USAGE},
        {"pg_x", "clerk", "mayor", ERR_USAGE},
        {"adresar_x", "clerk", "mayor", ERR_USAGE},
        {"x", "clerk", "No Slug", ERR_USAGE},
        {"postgres", "admin", "mayor", ERR_CONFLICT},
        {"x'; drop table staff", "clerk", "mayor", ERR_USAGE},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct err err;
        bool made;
        assert_int_equal(add(table[i].login, table[i].role, table[i].department, &made, &err), -1);
        if (err.code != table[i].code)
            fail_msg("%s: %s", table[i].login, err.text);
    }
    assert_string_equal(testdb_ask(t, "select count(*) from pg_roles where rolname = 'x'"), "0");
}

/* A user may not make users. */
static void test_only_the_owner(void **state)
{
    (void)state;
    struct err err;
    bool made;
    struct db *clerk = testdb_user(t, "bora", "admin", "mayor");
    struct staff s = {.login = testdb_role(t, "eve"), .role = "admin", .department = "mayor"};
    assert_int_equal(staff_add(clerk, &s, &made, &err), -1);
    assert_int_equal(err.code, ERR_DENIED);
    db_close(clerk);
}

static void test_departments_named(void **state)
{
    (void)state;
    struct err err;
    struct department d;
    assert_int_equal(department_get(t, owner, "nix", &d, &err), -1);
    assert_non_null(strstr(err.text, "mayor"));
    assert_int_equal(department_get(t, owner, NULL, &d, &err), -1); /* the owner is of none */
    assert_int_equal(err.code, ERR_USAGE);
}

int main(void)
{
    mem_init();
    testdb_need();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_life),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_only_the_owner),
        cmocka_unit_test(test_departments_named),
    };
    return cmocka_run_group_tests_name("staff", tests, begin, end);
}
