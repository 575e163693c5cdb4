/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Errors: their texts, what is put in front, and the language.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/catalog.h"

static const char po[] = "msgid \"there is no contact %lld\"\nmsgstr \"контакт %lld не постоји\"\n\n"
                         "msgid \"%s of %s\"\nmsgstr \"%2$s: %1$s\"\n\n"
                         "msgid \"list %s\"\nmsgstr \"листа %s\"\n";

static void test_language(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err;
    assert_int_equal(err_set(&err, ERR_NOTFOUND, "there is no contact %lld", 7LL), -1);
    assert_string_equal(err.text, "there is no contact 7");
    err_language(catalog_parse(mem, "sr-Cyrl", po, sizeof po - 1));
    err_set(&err, ERR_NOTFOUND, "there is no contact %lld", 7LL);
    assert_string_equal(err.text, "контакт 7 не постоји");
    assert_int_equal(err.code, ERR_NOTFOUND);
    err_context(&err, "list %s", "a.csv");
    assert_string_equal(err.text, "листа a.csv: контакт 7 не постоји");
    err_set(&err, ERR_INPUT, "%s of %s", "a", "b");
    assert_string_equal(err.text, "b: a");
    err_set(&err, ERR_INPUT, "not translated: %s", "c");
    assert_string_equal(err.text, "not translated: c");
    err_language(catalog_parse(mem, "sr-Latn", po, sizeof po - 1));
    err_set(&err, ERR_NOTFOUND, "there is no contact %lld", 7LL);
    assert_string_equal(err.text, "kontakt 7 ne postoji");
    err_language(NULL);
    err_set(&err, ERR_NOTFOUND, "there is no contact %lld", 7LL);
    assert_string_equal(err.text, "there is no contact 7");
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_language)};
    mem_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
