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

/* What users reach is kept ready, and follows each of the tables that it is made of. */
static void reach_follows(const char *change)
{
    static const char made[] =
        "select s.login, r.name, d.id from staff s join staff_right r on r.role = s.role join department d on"
        " r.scope = 'all' or d.id = s.department_id or exists (select from staff_department x"
        " where x.staff_id = s.id and x.department_id = d.id) where s.disabled_at is null";
    static const char kept[] = "select login, name, unnest(departments) from staff_reach";
    const char *before = testdb_ask(t, "select md5(string_agg(k::text, ' ' order by k)) from staff_reach k");
    testdb_do(t, "%s", change);
    const char *after = testdb_ask(t, "select md5(string_agg(k::text, ' ' order by k)) from staff_reach k");
    if (!strcmp(before, after))
        fail_msg("%s: nothing follows", change);
    const char *differ = testdb_ask(t, "select count(*) from ((%s except %s) union all (%s except %s)) x",
                                    made, kept, kept, made);
    if (strcmp(differ, "0") != 0)
        fail_msg("%s: %s differ", change, differ);
}

static void test_reach(void **state)
{
    (void)state;
    db_close(testdb_user(t, "dana", "clerk", "mayor"));
    db_close(testdb_user(t, "adem", "admin", "mayor"));
    reach_follows("insert into department (slug, name) values ('culture', 'Culture'), ('sport', 'Sport')");
    reach_follows("insert into staff_department (staff_id, department_id) select s.id, d.id from staff s,"
                  " department d where s.login like 'dana%' and d.slug = 'culture'");
    reach_follows("update staff set department_id = (select id from department where slug = 'sport')"
                  " where login like 'dana%'");
    reach_follows("update staff set role = 'reader' where login like 'dana%'");
    reach_follows("delete from staff_right where name = 'see' and role = 'reader'");
    reach_follows("insert into staff_right (name, role, scope) values ('see', 'reader', 'own')");
    reach_follows("delete from staff_department");
    reach_follows("update staff set disabled_at = now() where login like 'dana%'");
    reach_follows("delete from department where slug = 'culture'");

    /* two who change something at once do not see each other's rows: the second one waits */
    struct db *other = testdb_as(t, "adresar_owner");
    testdb_do(t, "begin; insert into department (slug, name) values ('water', 'Water')");
    testdb_refused(other, "55P03", "set lock_timeout = '100ms'; update staff set role = 'clerk'");
    testdb_do(t, "commit");
    db_close(other);
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
        cmocka_unit_test(test_reach),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_only_the_owner),
        cmocka_unit_test(test_departments_named),
    };
    return cmocka_run_group_tests_name("staff", tests, begin, end);
}
