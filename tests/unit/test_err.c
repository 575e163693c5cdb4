/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Errors: their texts, what is put in front, and the language, which a cage speaks with whoever asks it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/cage.h"
#include "base/catalog.h"

static const char po[] = "msgid \"there is no contact %lld\"\nmsgstr \"контакт %lld не постоји\"\n\n"
                         "msgid \"%s of %s\"\nmsgstr \"%2$s: %1$s\"\n\n"
                         "msgid \"list %s\"\nmsgstr \"листа %s\"\n\n"
                         "msgid \"%zu letter\"\nmsgid_plural \"%zu letters\"\nmsgstr[0] \"%zu писмо\"\n"
                         "msgstr[1] \"%zu писма\"\nmsgstr[2] \"%zu писама\"\n";

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

static int parse_never(const char *bytes, size_t len, const char *argument, cage_frame_fn *put, void *context,
                       struct err *err)
{
    (void)bytes, (void)len, (void)argument, (void)put, (void)context;
    return err_set(err, ERR_NOTFOUND, "there is no contact %lld", 7LL);
}
static const struct cage_parser never = {"never", NULL, parse_never, NULL};

static void test_cage(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err;
    struct cage *cage;
    const struct cage_call call = {.parser = "never", .noun = "list", .bytes = "", .max_bytes = 1};
    static const struct {
        const char *language, *text;
    } said[] = {
        {"sr-Cyrl", "контакт 7 не постоји"}, {"sr-Latn", "kontakt 7 ne postoji"},
        {"sr-Latn", "kontakt 7 ne postoji"}, {"sq", "kontakti 7 nuk ekziston"},
        {"en", "there is no contact 7"},     {NULL, "there is no contact 7"},
    };
    if (cage_open(mem, &cage, &err) < 0)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < ARRAY_LEN(said); i++) {
        err_language(said[i].language ? catalog_new(mem, said[i].language) : NULL);
        assert_int_equal(cage_run(cage, &call, NULL, NULL, &err), -1);
        assert_string_equal(err.text, said[i].text);
        assert_int_equal(err.code, ERR_NOTFOUND);
    }
}

static void test_plural(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const struct {
        size_t n;
        const char *english, *serbian;
    } said[] = {{1, "1 letter", "1 писмо"},
                {2, "2 letters", "2 писма"},
                {5, "5 letters", "5 писама"},
                {21, "21 letters", "21 писмо"}};
    const struct catalog *catalog = catalog_parse(mem, "sr-Cyrl", po, sizeof po - 1);
    for (size_t i = 0; i < ARRAY_LEN(said); i++) {
        struct err err;
        err_language(NULL);
        err_set(&err, ERR_CONFLICT, err_plural("%zu letter", "%zu letters", said[i].n), said[i].n);
        assert_string_equal(err.text, said[i].english);
        err_language(catalog);
        err_set(&err, ERR_CONFLICT, err_plural("%zu letter", "%zu letters", said[i].n), said[i].n);
        assert_string_equal(err.text, said[i].serbian);
    }
    err_language(NULL);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_language), cmocka_unit_test(test_plural),
                                       cmocka_unit_test(test_cage)};
    mem_init();
    if (argc == 2 && !strcmp(argv[1], "cage"))
        return cage_main((const struct cage_parser *const[]){&never, NULL});
    return cmocka_run_group_tests(tests, NULL, NULL);
}
