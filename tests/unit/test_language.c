/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Which tags are languages, and what one that is none was perhaps meant to be.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/unicode_locale.h"
#include "crm/language.h"

static void test_known(void **state)
{
    (void)state;
    static const char *const known[] = {"sq",    "sr",         "sr-Latn",    "sr-Cyrl", "en",
                                        "de",    "pl",         "bs",         "tr",      "rom",
                                        "en-GB", "sr-Cyrl-RS", "sr-Latn-XK", "pt-BR"};
    static const char *const unknown[] = {"",      "xx",         "al",      "srp",          "SQ",
                                          "sr-",   "sr-cyrl",    "sr-Xxxx", "sr-CYRL",      "en-gb",
                                          "en-QQ", "english",    "sr_Latn", "sr-Latn-RS-x", "-sr",
                                          "sq ",   "sr-RS-Latn", "sr--RS",  "und",          "ë"};
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (!unicode_knows_language(known[i]))
            fail_msg("%s is a language", known[i]);
    for (size_t i = 0; i < ARRAY_LEN(unknown); i++)
        if (unicode_knows_language(unknown[i]))
            fail_msg("%s is no language", unknown[i]);
}

static void test_meant(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const struct {
        const char *word, *tag;
    } table[] = {
        {"SQ", "sq"},
        {"sr_latn", "sr-Latn"},
        {"sr-CYRL", "sr-Cyrl"},
        {"srp", "sr"},
        {"sqi", "sq"},
        {"deu", "de"},
        {"al", "sq"},
        {"xk", "sq"},
        {"AT", "de"},
        {"shqip", "sq"},
        {"English", "en"},
        {"sr-Lat", "sr-Latn"},
        {"sr-Cyrll", "sr-Cyrl"},
        {"xx", NULL},
        {"", NULL},
        {"qqqqqq", NULL},
        {"ë", NULL},
        {"sr-Xxxx", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        const char *tag = language_meant(mem, table[i].word);
        if (tag ? !table[i].tag || strcmp(tag, table[i].tag) : table[i].tag != NULL)
            fail_msg("%s: %s", table[i].word, tag ? tag : "nothing");
    }
}

static void test_check(void **state)
{
    (void)state;
    struct err err;
    assert_int_equal(language_check("sr-Latn", &err), 0);
    assert_int_equal(language_check("xx", &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_string_equal(err.text, "\"xx\" is no language; write sq, sr-Cyrl, sr-Latn, en, de ...");
    assert_int_equal(language_check("al", &err), -1);
    assert_string_equal(err.text, "\"al\" is no language; did you mean \"sq\"?");
}

/* The office is in Klokot: 10.00 on 4 December 2026, and on 5 June 2026. */
static void test_zone_elsewhere(void **state)
{
    (void)state;
    static const struct {
        const char *country, *language;
        int64_t when;
        const char *name;
    } table[] = {
        {"GB", "en", 1796374800, "Central European Standard Time, GMT+1"},
        {"GB", "en", 1780646400, "Central European Summer Time, GMT+2"},
        {"US", "sq", 1796374800, "Ora standarde e Evropës Qendrore, GMT+1"},
        {"AU", "sr-Cyrl", 1796374800, "Средњеевропско стандардно време, GMT+1"},
        {"CA", "sr-Latn", 1796374800, "Srednjeevropsko standardno vreme, GMT+1"},
        {"CA", "sr", 1796374800, "Srednjeevropsko standardno vreme, GMT+1"},
        {"TR", "de", 1796374800, "Mitteleuropäische Normalzeit, GMT+1"},
        {"IE", "pl", 1780646400, "czas środkowoeuropejski letni, GMT+2"},
        {"DE", "de", 1796374800, NULL},
        {"CH", "de", 1780646400, NULL},
        {"RS", "sr", 1796374800, NULL},
        {"XK", "sq", 1796374800, NULL},
        {"", "en", 1796374800, NULL},
        {"??", "en", 1796374800, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        const char *name = unicode_zone_elsewhere(mem, table[i].when, "Europe/Belgrade", table[i].country,
                                                  table[i].language);
        if (!name != !table[i].name || (name && strcmp(name, table[i].name)))
            fail_msg("%s in %s: %s", table[i].country, table[i].language, name ? name : "nothing");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_known), cmocka_unit_test(test_meant),
                                       cmocka_unit_test(test_check), cmocka_unit_test(test_zone_elsewhere)};
    mem_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
