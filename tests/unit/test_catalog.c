/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/catalog.h"

static const char po[] = "msgid \"\"\n"
                         "msgstr \"Language: sr\\n\"\n"
                         "\n"
                         "#: a.c\n"
                         "#, c-format\n"
                         "msgid \"letter of %s\\n\"\n"
                         "msgstr \"\"\n"
                         "\"писмо \\\"%s\\\"\\n\"\n"
                         "\"Љубав\"\n"
                         "\n"
                         "#, fuzzy, c-format\n"
                         "msgid \"guess\"\n"
                         "msgstr \"нагађање\"\n"
                         "\n"
                         "msgid \"empty\"\n"
                         "msgstr \"\"\n"
                         "\n"
                         "#| msgid \"older\"\n"
                         "msgid \"%ld row\"\n"
                         "msgid_plural \"%ld rows\"\n"
                         "msgstr[0] \"%ld ред\"\n"
                         "msgstr[1] \"%ld реда\"\n"
                         "msgstr[2] \"%ld редова\"\n"
                         "\n"
                         "#~ msgid \"gone\"\n"
                         "#~ msgstr \"нестало\"\n";

static void test_texts(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    const struct catalog *c = catalog_parse(mem, "sr-Cyrl", po, sizeof po - 1);
    assert_string_equal(catalog_language(c), "sr-Cyrl");
    assert_string_equal(catalog_text(c, "letter of %s\n"), "писмо \"%s\"\nЉубав");
    assert_string_equal(catalog_text(c, "guess"), "guess");
    assert_string_equal(catalog_text(c, "empty"), "empty");
    assert_string_equal(catalog_text(c, "gone"), "gone");
    assert_string_equal(catalog_text(c, "unknown"), "unknown");
    assert_string_equal(catalog_text(c, ""), "");
    c = catalog_parse(mem, "sr", po, sizeof po - 1);
    assert_string_equal(catalog_language(c), "sr-Latn");
    assert_string_equal(catalog_text(c, "letter of %s\n"), "pismo \"%s\"\nLjubav");
}

static void test_plurals(void **state)
{
    (void)state;
    static const struct {
        long n;
        const char *form;
    } table[] = {{0, "%ld redova"}, {1, "%ld red"},      {2, "%ld reda"},     {4, "%ld reda"},
                 {5, "%ld redova"}, {11, "%ld redova"},  {12, "%ld redova"},  {21, "%ld red"},
                 {22, "%ld reda"},  {111, "%ld redova"}, {112, "%ld redova"}, {121, "%ld red"},
                 {122, "%ld reda"}, {-1, "%ld red"}};
    MEM_SCOPE(mem);
    const struct catalog *sr = catalog_parse(mem, "sr-Latn", po, sizeof po - 1), *en = catalog_new(mem, "en");
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        assert_string_equal(catalog_plural(sr, "%ld row", "%ld rows", table[i].n), table[i].form);
    assert_string_equal(catalog_plural(en, "%ld row", "%ld rows", 1), "%ld row");
    assert_string_equal(catalog_plural(en, "%ld row", "%ld rows", 2), "%ld rows");
    assert_string_equal(catalog_plural(sr, "%ld no", "%ld noes", 2), "%ld noes");
}

static void test_built_in(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    const char *created = "created";
    assert_string_equal(catalog_text(catalog_new(mem, "en"), created), "created");
    assert_string_equal(catalog_text(catalog_new(mem, "tlh"), created), "created");
    assert_string_equal(catalog_text(catalog_new(mem, "sq"), created), "u krijua");
    assert_string_equal(catalog_text(catalog_new(mem, "sr-Cyrl"), created), "направљена");
    assert_string_equal(catalog_text(catalog_new(mem, "sr"), created), "napravljena");
    assert_string_equal(catalog_language(catalog_new(mem, "tlh")), "en");
}

/* Broken files may give nonsense, never a crash. */
static void test_broken(void **state)
{
    (void)state;
    static const char *const broken[] = {"msgid \"a",
                                         "msgid\nmsgstr\n",
                                         "msgid \"a\\",
                                         "msgid \"a\\\"\nmsgstr \"b\"",
                                         "\"x\"\nmsgstr[9] \"y\"\n",
                                         "msgstr[0] \"y\"\n\n\n"};
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(broken); i++)
        assert_non_null(catalog_text(catalog_parse(mem, "sr", broken[i], strlen(broken[i])), "a"));
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_texts), cmocka_unit_test(test_plurals),
                                       cmocka_unit_test(test_built_in), cmocka_unit_test(test_broken)};
    return cmocka_run_group_tests_name("catalog", tests, NULL, NULL);
}
