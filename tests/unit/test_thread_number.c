/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The numbers of an office's register, in the subjects of letters.
 */
#include "mail/thread_number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const struct {
    const char *subject;
    const char *keys[3];
} cases[] = {
    {"Your letter 020-558/17", {"020 558 17"}},
    {"Re: Ваш број: 05–123/2026.", {"05 123 2026"}},
    {"(Nr. 01/1-031-26) and 02/7", {"01 1 031 26", "02 7"}},
    {"Бр. I-031-12/24", {"i 031 12 24"}},
    {"no number, not even 2026 or 12", {NULL}},
    {"tel. 038/", {NULL}},
    {"", {NULL}},
};

static void subjects(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        MEM_SCOPE(mem);
        struct letter_list keys = thread_numbers(mem, cases[i].subject);
        size_t n = 0;
        for (; cases[i].keys[n]; n++)
            if (n >= keys.n || strcmp(keys.item[n], cases[i].keys[n]))
                fail_msg("%s: %s", cases[i].subject, n < keys.n ? keys.item[n] : "nothing");
        assert_int_equal(keys.n, n);
    }
    MEM_SCOPE(mem);
    assert_int_equal(thread_numbers(mem, NULL).n, 0);
    assert_string_equal(thread_number_key(mem, "05 - 123 / 2026"), "05 123 2026");
    assert_null(thread_number_key(mem, "2026"));
    assert_null(
        thread_number_key(mem, "1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17/18/19/20/21/22/23/24/25/26"));
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(subjects),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
