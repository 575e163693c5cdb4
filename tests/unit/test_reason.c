/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What the store keeps in English is read in the reader's language, with the names and numbers that are in
 * it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/ours.h"
#include "mail/reason.h"

#define TEXT(english, serbian) "msgid \"" english "\"\nmsgstr \"" serbian "\"\n\n"
/* clang-format off */
static const char po[] =
    TEXT("", "Language: sr\\n")
    TEXT("paused by hand", "заустављено руком")
    TEXT("%s of %s recipients do not exist", "од %s")
    TEXT("opted out of %s on %s", "одјава са листе %s дана %s")
    TEXT("opted out of all bulk mail on %s", "одјава од свега дана %s")
    TEXT("several servers refuse our mail for our own configuration: %s", "више сервера нас одбија: %s")
    TEXT("SPF does not pass", "SPF не пролази")
    TEXT("contact is deceased", "преминуо")
    TEXT("not released yet", "није још")
    TEXT("\\\"%.300s\\\" is no e-mail address", "„%.300s“ није адреса")
    TEXT("address cannot be written to: %s", "на адресу се не може писати: %s")
    TEXT("%s: the address has %zu lines, and a window shows %d", "%s: %zu редова, а у прозор стаје %d")
    TEXT("nobody knows who writes", "не зна се ко пише")
    TEXT("%s (the sender has a token in it (verp = %s): where the server takes no such sender, [smtp %s] says verp = none)",
         "%s (у пошиљаоцу је жетон, verp = %s; [smtp %s] verp = none)");
/* clang-format on */

static void test_sentences(void **state)
{
    (void)state;
    static const struct {
        const char *kept, *shown;
    } cases[] = {
        {"paused by hand", "заустављено руком"},
        {"contact is deceased", "преминуо"},
        {"contact is deceased, they say", "contact is deceased, they say"},
        {"opted out of newsletter on 2026-11-30", "одјава са листе newsletter дана 2026-11-30"},
        {"opted out of all bulk mail on 2026-11-30", "одјава од свега дана 2026-11-30"},
        {"opted out of  on ", "opted out of  on "},
        {"12 of 40 recipients do not exist", "од 12"}, /* the last place is not wanted */
        {"SPF does not pass", "SPF не пролази"},
        {"SPF does not pass (550 5.7.23 <a@b.example>: %s%n (no))",
         "SPF не пролази (550 5.7.23 <a@b.example>: %s%n (no))"},
        {"SPF does not passable", "SPF does not passable"},
        {"several servers refuse our mail for our own configuration: SPF does not pass",
         "више сервера нас одбија: SPF не пролази"},
        {"several servers refuse our mail for our own configuration: ",
         "several servers refuse our mail for our own configuration: "},
        {"553 5.7.1 no (the sender has a token in it (verp = plus): where the server takes no such sender, "
         "[smtp office] says "
         "verp = none)",
         "553 5.7.1 no (у пошиљаоцу је жетон, verp = plus; [smtp office] verp = none)"},
        {"release", "није још"},
        {"address cannot be written to: \"a b@c.example\" is no e-mail address",
         "на адресу се не може писати: „a b@c.example“ није адреса"},
        {"Ana: the address has 12 lines, and a window shows 10", "Ana: 12 редова, а у прозор стаје 10"},
        {"Ana: the address has 12", "Ana: the address has 12"},
        {"nobody knows who writes", "не зна се ко пише"}, /* no sentence of ours, but in the catalogue */
        {"Nema struje", "Nema struje"},
        {"", ""},
    };
    MEM_SCOPE(mem);
    const struct catalog *serbian = catalog_parse(mem, "sr-Cyrl", po, sizeof po - 1),
                         *english = catalog_new(mem, "en");
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        assert_string_equal(reason_in(mem, serbian, cases[i].kept), cases[i].shown);
        assert_string_equal(reason_in(mem, english, cases[i].kept),
                            !strcmp(cases[i].kept, "release") ? "not released yet" : cases[i].kept);
    }
}

/* What pauses a mailing or slows a destination down is there for the translators. */
static void test_ours(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    const struct catalog *english = catalog_new(mem, "en");
    size_t n = 0;
    for (; ours_what(n); n++)
        assert_string_equal(reason_in(mem, english, ours_what(n)), ours_what(n));
    assert_true(n > 30);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_sentences), cmocka_unit_test(test_ours)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
