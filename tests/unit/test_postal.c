/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Addresses as lists have them, in the lines of the country where the letter goes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crm/postal.h"

static const struct {
    struct postal_address address;
    const char *lines; /* with | between */
} cases[] = {
    {{"Rr. „Idriz Seferi“ p.n., 60000 Gjilan", NULL, NULL, NULL}, "Rr. „Idriz Seferi“ p.n.|60000 Gjilan"},
    {{"Ndërtesa e ish-Rilindjes, kati XII\n10000 Prishtinë", NULL, NULL, "XK"},
     "Ndërtesa e ish-Rilindjes|kati XII|10000 Prishtinë"},
    {{"Urząd Gminy Piekoszów\nul. Częstochowska 66a\n26-065 Piekoszów, Polska", NULL, NULL, NULL},
     "Urząd Gminy Piekoszów|ul. Częstochowska 66a|26-065 Piekoszów|POLAND"},
    {{"ul. Częstochowska 66a", "26-065", "Piekoszów", "PL"}, "ul. Częstochowska 66a|26-065 Piekoszów|POLAND"},
    {{"Ottakringer Straße 100, 1160 Wien", NULL, "Wien", "AT"}, "Ottakringer Straße 100|1160 Wien|AUSTRIA"},
    {{"1600 Pennsylvania Ave NW, Washington, DC 20500", NULL, NULL, "US"},
     "1600 Pennsylvania Ave NW|Washington, DC 20500|UNITED STATES OF AMERICA"},
    {{"350 Fifth Avenue", "NY 10118", "New York", "US"},
     "350 Fifth Avenue|New York NY 10118|UNITED STATES OF AMERICA"},
    {{"10 Downing Street", "SW1A 2AA", "London", "GB"}, "10 Downing Street|LONDON|SW1A 2AA|UNITED KINGDOM"},
    {{"10 Downing Street, London", "SW1A 2AA", NULL, "GB"},
     "10 Downing Street|LONDON|SW1A 2AA|UNITED KINGDOM"},
    {{"Rruga kryesore p.n.", NULL, "Kllokot", "XK"}, "Rruga kryesore p.n.|Kllokot"},
    {{"Klokot", "61000", "Klokot", NULL}, "61000 Klokot"},
    {{"Wien, Österreich", NULL, NULL, NULL}, "Wien|AUSTRIA"},
    {{"Bd. X 3", "1000", "Ruritanien", "ZZ"}, "Bd. X 3|1000 Ruritanien|ZZ"},
    {{"Rruga kryesore", "61000", NULL, NULL}, "Rruga kryesore|61000"},
    {{"1160 Wien", NULL, "Беч", "AT"}, "1160 Wien|AUSTRIA"},
    {{"1160 Wien", "1160", "Беч", "AT"}, "1160 Wien|AUSTRIA"},
    {{"Wien", "1160", "Беч", "AT"}, "1160 Wien|AUSTRIA"},
    {{"Wien", NULL, "Vienna", "AT"}, "Wien|AUSTRIA"},
    {{"Thun", NULL, "Тун", "CH"}, "Thun|SWITZERLAND"},
    {{"Seestr. 1, Bregenz", NULL, "Брегенц", "AT"}, "Seestr. 1|Bregenz|AUSTRIA"},
    {{"Seestr. 1, Bregenz", "6900", "Брегенц", "AT"}, "Seestr. 1|6900 Bregenz|AUSTRIA"},
    {{"Pod Gradom 1, Клокот", NULL, "Klokot", "XK"}, "Pod Gradom 1|Клокот"},
    {{"Seestr. 1", NULL, "Брегенц", "AT"}, "Seestr. 1|Брегенц|AUSTRIA"},
    {{"Bregenz", NULL, "Линц", "AT"}, "Bregenz|Линц|AUSTRIA"},
    {{NULL, NULL, NULL, NULL}, ""},
    {{"", "", "", "PL"}, ""},
    {{" , ;\n\n, ", NULL, NULL, NULL}, ""},
    {{"a,b,c,d,e,f,g,h,i,j", "1", "k", "DE"}, "a|b|c|d|e|f|g|h,i,j|1 k|GERMANY"},
};

static void test_lines(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct text t = text_new(mem);
        for (const char **line = postal_lines(mem, &cases[i].address, "XK", NULL); *line; line++)
            text_printf(&t, "%s%s", t.len ? "|" : "", *line);
        assert_string_equal(t.s, cases[i].lines);
    }
}

/* The last line, in the language of the country of posting or another. */
static void test_country(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const struct {
        const char *country, *language, *line;
    } table[] = {
        {"DE", NULL, "GERMANY"},     {"DE", "en", "GERMANY"},
        {"DE", "sq", "GJERMANI"},    {"DE", "sr-Latn", "NEMAČKA"},
        {"DE", "sr", "NEMAČKA"},     {"DE", "sr-Cyrl", "НЕМАЧКА"},
        {"GB", "fr", "ROYAUME-UNI"}, {"BA", "en", "BOSNIA AND HERZEGOVINA"},
        {"BR", "en", "BRAZIL"},      {"JP", "sq", "JAPONI"},
        {"ZZ", "sq", "ZZ"},          {"XK", "sq", "1 Town"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        const struct postal_address address = {"Street", "1", "Town", table[i].country};
        const char **line = postal_lines(mem, &address, "XK", table[i].language);
        while (line[1])
            line++;
        assert_string_equal(*line, table[i].line);
    }
}

static void test_place(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const struct {
        struct postal_address address;
        const char *where; /* country and postcode, "" nowhere, NULL an unknown country */
    } table[] = {
        {{"Rr. A 1, 60000 Gjilan", NULL, NULL, NULL}, "XK 60000"},
        {{"Rr. A 1", "60000", "Gjilan", "XK"}, "XK 60000"},
        {{"Zeil 5, 60311 Frankfurt, Deutschland", NULL, NULL, NULL}, "DE 60311"},
        {{"", NULL, "10000 Priština", NULL}, "XK 10000"},
        {{"Klokot", NULL, NULL, NULL}, "XK "},
        {{"Marunouchi 1", NULL, "Tokyo", "JP"}, "JP "},
        {{"Nowhere 1", NULL, "Erewhon", "ZZ"}, NULL},
        {{NULL, NULL, NULL, "DE"}, ""},
        {{NULL, NULL, NULL, NULL}, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct postal_place place;
        struct err err;
        int rc = postal_place(mem, &table[i].address, "XK", &place, &err);
        assert_int_equal(rc, !table[i].where ? -1 : *table[i].where != 0);
        if (rc > 0)
            assert_string_equal(talloc_asprintf(mem, "%s %s", place.country, place.postcode), table[i].where);
        else if (rc < 0)
            assert_string_equal(err.text, "Erewhon: there is no country \"ZZ\"");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lines), cmocka_unit_test(test_country),
                                       cmocka_unit_test(test_place)};
    mem_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
