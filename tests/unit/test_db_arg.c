/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/db.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void test_ints(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    const int64_t v[] = {INT64_MIN, -7, 0, 10, INT64_MAX};
    assert_string_equal(db_ints(mem, v, ARRAY_LEN(v)).value,
                        "{-9223372036854775808,-7,0,10,9223372036854775807}");
    assert_string_equal(db_ints(mem, v + 2, 1).value, "{0}");
    assert_string_equal(db_ints(mem, NULL, 0).value, "{}");
}

static void test_texts(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    const char *const v[] = {"a", NULL, "", "\"", "\\\\", "a\"b", "ж, {c}", "\"d\\"};
    assert_string_equal(db_texts(mem, v, ARRAY_LEN(v)).value,
                        "{\"a\",NULL,\"\",\"\\\"\",\"\\\\\\\\\",\"a\\\"b\",\"ж, {c}\",\"\\\"d\\\\\"}");
    assert_string_equal(db_texts(mem, NULL, 0).value, "{}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ints),
        cmocka_unit_test(test_texts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
