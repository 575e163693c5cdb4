/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Mailboxes as they should stand in a field, and as they do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mem.h"
#include "mail/wire/mailbox.h"

static const struct {
    const char *value, *boxes; /* "name<address>" each, "; " between */
} table[] = {
    {"a@b.example", "<a@b.example>"},
    {"A B <a@b.example>", "A B<a@b.example>"},
    {"\"B, A\" <a@b.example>, c@d.example", "B, A<a@b.example>; <c@d.example>"},
    {"\"A \\\"x\\\" B\" <a@b.example>", "A \"x\" B<a@b.example>"},
    {"a@b.example (A B)", "A B<a@b.example>"},
    {"a@b.example (A (x) B)", "A (x) B<a@b.example>"},
    {"A (Office) <a@b.example>", "A<a@b.example>"},
    {"<a@b.example>", "<a@b.example>"},
    {"Team: A <a@b.example>, c@d.example;, E <e@f.example>", "A<a@b.example>; <c@d.example>; E<e@f.example>"},
    {"undisclosed-recipients:;", ""},
    {"g: h: a@b.example;;", "<a@b.example>"},
    {"\"john doe\"@b.example", "<\"john doe\"@b.example>"},
    {"J <\"john doe\"@b.example>", "J<\"john doe\"@b.example>"},
    {"<@x.example,@y.example:a@b.example>", "<a@b.example>"},
    {"a . b @ c . example", "<a.b@c.example>"},
    {"J. R. Ewing <a@b.example>", "J. R. Ewing<a@b.example>"},
    {"A@B <a@b.example>", "A@B<a@b.example>"},
    {"a@b.example <a@b.example>", "a@b.example<a@b.example>"},
    {"a@[192.0.2.1]", "<a@[192.0.2.1]>"},
    {"\xd0\xb7@\xd0\xb1.example", "<з@б.example>"},
    /* what is not as it should be */
    {"Doe, John <j@d.example>", "Doe, John<j@d.example>"},
    {"Doe, John <j@d.example>, Roe, Jane <r@d.example>", "Doe, John<j@d.example>; Roe, Jane<r@d.example>"},
    {"John Doe j@d.example", "John Doe<j@d.example>"},
    {"A <a@b.example", "A<a@b.example>"},
    {"A <a@b.example, c@d.example", "A<a@b.example>; <c@d.example>"},
    {"A <<a@b.example>>", "A<a@b.example>"},
    {"A <mailto:a@b.example>", "A<a@b.example>"},
    {"A <'a@b.example'>", "A<a@b.example>"},
    {"a@b.example; c@d.example", "<a@b.example>; <c@d.example>"},
    {",, a@b.example,,", "<a@b.example>"},
    {"\"A <a@b.example>", "A<a@b.example>"},
    {"A (x <a@b.example>", "A x<a@b.example>"},
    {"A B <a@b.example> C D <c@d.example>", "A B<a@b.example>; C D<c@d.example>"},
    {"A <a@b.example> (x) y, c@d.example", "A<a@b.example>; <c@d.example>"},
    {"A < a@b.example >", "A<a@b.example>"},
    {"root, daemon", "<root>; <daemon>"},
    {"MAILER-DAEMON", "<MAILER-DAEMON>"},
    {"Mail Delivery System", ""},
    {"\"undisclosed\"", "<undisclosed>"},
    {"<>", ""},
    {"", ""},
    {":;<>@,\"(", ""},
    /* names that are encoded */
    {"=?utf-8?Q?=C4=8C?= <a@b.example>", "Č<a@b.example>"},
    {"=?utf-8?Q?=C4?=\r\n =?utf-8?Q?=8C?= <a@b.example>", "Č<a@b.example>"},
    {"\"=?utf-8?Q?=C4=8C, A?=\" <a@b.example>", "Č, A<a@b.example>"},
    {"=?utf-8?Q?=C4=8C, A <x>?= <a@b.example>", "Č, A <x><a@b.example>"},
    {"=?utf-8?B?xIwsIEE=?= <a@b.example>, =?utf-8?Q?B?= <c@d.example>", "Č, A<a@b.example>; B<c@d.example>"},
    {"=?utf-8?Q?=C4=8C_A_<a=40b.example>?=", "Č A<a@b.example>"},
    {"a@b.example (=?utf-8?Q?=C4=8C?=)", "Č<a@b.example>"},
    {"=?utf-8?Q?a=40b.example?=", "<a@b.example>"},
    {"\xc8"
     "edomir \x8aivi\xe6 <a@b.example>",
     "Čedomir Šivić<a@b.example>"},
};

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        struct text t = text_new(mem);
        json_t *list = json_array(), *one;
        mailbox_read(list, table[i].value, strlen(table[i].value), NULL, 10);
        size_t n;
        json_array_foreach(list, n, one)
            text_printf(&t, "%s%s<%s>", n ? "; " : "", json_string_value(json_array_get(one, 0)),
                        json_string_value(json_array_get(one, 1)));
        json_decref(list);
        assert_string_equal(t.s, table[i].boxes);
    }
}

/* No recursion, and no more than asked for. */
static void test_many(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct text groups = text_new(mem), many = text_new(mem);
    for (int i = 0; i < 100000; i++) {
        text_puts(&groups, "g:");
        text_printf(&many, "a%d@b.example, ", i);
    }
    json_t *list = json_array();
    mailbox_read(list, groups.s, groups.len, NULL, 10);
    assert_int_equal(json_array_size(list), 0);
    mailbox_read(list, many.s, many.len, NULL, 5000);
    assert_int_equal(json_array_size(list), 5000);
    json_decref(list);
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_table), cmocka_unit_test(test_many)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
