/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/pace_to.h"

static struct pace_to *open_pace(void *mem, const char *setting)
{
    struct err err;
    struct pace_to *p;
    if (pace_to_open(mem, setting, &p, &err) < 0)
        fail_msg("%s", err.text);
    return p;
}

static void settings(void **state)
{
    (void)state;
    static const char *const
        good[] = {NULL, "gmail.com 20", "gmail.com 20, outlook.com 30,* 200", " a.example  1 "},
        *const bad[] = {"", "gmail.com", "gmail.com 0", "gmail.com x", "gmail.com 20 30", "gmail.com 20,"};
    MEM_SCOPE(mem);
    struct pace_to *p;
    struct err err;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        assert_int_equal(pace_to_open(mem, good[i], &p, &err), 0);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        if (pace_to_open(mem, bad[i], &p, &err) == 0)
            fail_msg("\"%s\" is taken", bad[i]);
        assert_int_equal(err.code, ERR_CONFIG);
    }
}

static void pairs(void **state)
{
    (void)state;
    const char *rest = "GMail.com 20,* 200";
    struct pace_to_setting one;
    struct err err;
    assert_int_equal(pace_to_read(&rest, &one, &err), 1);
    assert_string_equal(one.domain, "gmail.com");
    assert_int_equal(one.a_minute, 20);
    assert_int_equal(pace_to_read(&rest, &one, &err), 1);
    assert_string_equal(one.domain, "*");
    assert_int_equal(one.a_minute, 200);
    assert_int_equal(pace_to_read(&rest, &one, &err), 0);
}

static void without_limit(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct pace_to *p = open_pace(mem, "gmail.com 20");
    for (int i = 0; i < 1000; i++)
        assert_int_equal(pace_to_wait_ms(p, "a@far.example", 0), 0);
}

/* Twenty a minute, whoever asks and however often; nobody else waits for them. */
static void one_after_the_other(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct pace_to *p = open_pace(mem, "gmail.com 20");
    assert_int_equal(pace_to_wait_ms(p, "a@gmail.com", 5000), 0);
    assert_int_equal(pace_to_wait_ms(p, "b@GMail.com", 5000), 3000);
    assert_int_equal(pace_to_wait_ms(p, "c@gmail.com", 5000), 6000);
    assert_int_equal(pace_to_wait_ms(p, "d@far.example", 5000), 0);
    assert_int_equal(pace_to_wait_ms(p, "b@gmail.com", 8000), 0);
    assert_int_equal(pace_to_wait_ms(p, "e@gmail.com", 8000), 6000); /* behind c */
    assert_int_equal(pace_to_wait_ms(p, "c@gmail.com", 11000), 0);
    int went = 0;
    for (int64_t now = 20000; now < 80000; now += 500)
        went += pace_to_wait_ms(p, "x@gmail.com", now) == 0;
    assert_in_range(went, 19, 21);
}

static void all_the_others(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct pace_to *p = open_pace(mem, "gmail.com 20, * 6");
    assert_int_equal(pace_to_wait_ms(p, "a@one.example", 0), 0);
    assert_int_equal(pace_to_wait_ms(p, "a@two.example", 0), 0); /* each domain has its own */
    assert_int_equal(pace_to_wait_ms(p, "b@one.example", 0), 10000);
    assert_int_equal(pace_to_wait_ms(p, "a@gmail.com", 0), 0);
    assert_int_equal(pace_to_wait_ms(p, "b@gmail.com", 0), 3000);
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings),       cmocka_unit_test(pairs),
        cmocka_unit_test(without_limit),  cmocka_unit_test(one_after_the_other),
        cmocka_unit_test(all_the_others),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
