/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/json_pool.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

static json_t *numbers(int n)
{
    json_t *list = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(list, json_pack("{s:i, s:s}", "n", i, "name", "a name that takes some room"));
    return list;
}

/* Values in the pool, values that have no room there, and one of before that ends in between. */
static void test_values(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct json_pool *pool = json_pool_new(mem, 4096);
    for (int round = 0; round < 3; round++)
        for (int n = 0; n < 100; n += 7) {
            json_t *before = numbers(n);
            json_pool_begin(pool);
            json_t *now = numbers(n);
            assert_true(json_equal(before, now));
            json_decref(before);
            json_array_clear(now);
            json_array_append_new(now, json_string("more"));
            assert_string_equal(json_string_value(json_array_get(now, 0)), "more");
            json_decref(now);
            json_pool_end();
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
