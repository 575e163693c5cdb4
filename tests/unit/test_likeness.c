/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Which two records seem to be one party, and which do not.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "crm/likeness_party.h"

#pragma GCC diagnostic ignored "-Wmissing-field-initializers" /* what a card does not say */

/* name, organisation or person, e-mail, phone, city; own ones */
struct card {
    const char *name, *other, *email, *phone, *place, *registration;
};
struct couple {
    struct card a, b;
};

static struct likeness_party *party(void *mem, const struct card *c, bool organisation)
{
    const struct likeness_value email = {c->email, true}, phone = {c->phone, true};
    struct likeness_record r = {
        .id = 1,
        .organisation = organisation,
        .names = &c->name,
        .nnames = 1,
        .emails = &email,
        .nemails = c->email != NULL,
        .phones = &phone,
        .nphones = c->phone != NULL,
        .others = &c->other,
        .nothers = c->other != NULL,
        .places = &c->place,
        .nplaces = c->place != NULL,
        .registration = c->registration,
    };
    return likeness_party_new(mem, &r);
}

static int64_t count_two(void *context, uint64_t key)
{
    (void)context;
    (void)key;
    return 2;
}

static bool share_key(const struct likeness_party *a, const struct likeness_party *b)
{
    uint64_t x[LIKENESS_MAX_KEYS], y[LIKENESS_MAX_KEYS];
    size_t nx = likeness_keys(a, x), ny = likeness_keys(b, y);
    for (size_t i = 0; i < nx; i++)
        for (size_t j = 0; j < ny; j++)
            if (!((x[i] ^ y[j]) >> 1) && !(x[i] & y[j] & 1))
                return true;
    return false;
}

static double likely(const struct couple *c, bool organisation, bool *found_r)
{
    MEM_SCOPE(mem);
    struct likeness l;
    struct likeness_party *a = party(mem, &c->a, organisation), *b = party(mem, &c->b, organisation);
    likeness_compare(a, b, count_two, NULL, &l);
    *found_r = share_key(a, b);
    struct likeness back;
    likeness_compare(b, a, count_two, NULL, &back);
    assert_true(l.probability - back.probability < 0.001 && back.probability - l.probability < 0.001);
    return l.probability;
}

static void expect(const struct couple *c, size_t n, bool organisation, bool same)
{
    for (size_t i = 0; i < n; i++) {
        bool found;
        double p = likely(&c[i], organisation, &found);
        if ((p >= 0.5) != same)
            fail_msg("%s and %s: %.3f", c[i].a.name, c[i].b.name, p);
        if (same && !found)
            fail_msg("%s and %s would not be compared", c[i].a.name, c[i].b.name);
    }
}

static void test_persons(void **state)
{
    (void)state;
    static const struct couple same[] = {
        {{"Ђорђе Васић", "Opština Parteš", .phone = "+38344000001"}, {"Xhorxhe Vasiq", "Komuna e Parteshit"}},
        {{"Vasić Đorđe", .email = "v@x.example"}, {"Đ. Vasić", .email = "v@x.example"}},
        {{"Gordana Lukić", .phone = "+38344000001"}, {"Goca Lukić", .phone = "+38344000001"}},
        {{"Dr. Arta Krasniqi (drejtoreshë)", .email = "arta@spital.example"},
         {"Arta Krasniqi", .email = "arta@spital.example"}},
        {{"Milena Jovanović Petrović", .email = "m@x.example"}, {"Милена Петровић", .email = "m@x.example"}},
        {{"Besnik Gashi", .email = "besnik.gashi@gmail.example"},
         {"Besnik Gashi", .email = "besnik.gashi@hotmail.example"}},
        {{"Wolfgang Müller", "GIZ"},
         {"Wolfgang Mueller", "Deutsche Gesellschaft für Internationale Zusammenarbeit"}},
        {{"Shpresa Berisha", .email = "s@x.example"}, {"Shpersa Berisha", .email = "s@x.example"}},
        {{"Hoxha, Agim, Ph.D.", .phone = "+1234567"}, {"Drejtor Agim Hoxha", .phone = "+1234567"}},
        {{"Г-дин Агим Хоџа", .phone = "+1234567"}, {"dr sci. med. Agim Hodža", .phone = "+1234567"}},
    };
    static const struct couple different[] = {
        /* namesakes */
        {{"Petar Petrović", "Klub Morava Wien", "p@a.example"},
         {"Petar Petrović", "Opština Štrpce", "p@b.example"}},
        {{"Milan Ilić"}, {"Milan Ilić"}},
        /* families, on one address or phone */
        {{"Ana Nikolić", .email = "nikolic@x.example", .phone = "+1234567"},
         {"Petar Nikolić", .email = "nikolic@x.example", .phone = "+1234567"}},
        {{"Agim Hoxha st.", .phone = "+1234567"}, {"Agim Hoxha ml.", .phone = "+1234567"}},
        {{"Agim Hoxha i vjetër", .phone = "+1234567"}, {"Agim Hoxha, ml.", .phone = "+1234567"}},
        {{"Dr. Agim Hoxha", .phone = "+1234567"}, {"Dr. Arta Hoxha", .phone = "+1234567"}},
        {{"Arben Morina", "Firma A", "a@x.example"}, {"Arbena Morina", "Firma A", "a@x.example"}},
        /* successors in a post, on its address and phone */
        {{"Blerim Ahmeti", "Komuna e Gjilanit", "kryetari@gjilan.example", "+1234567"},
         {"Ilir Shala", "Komuna e Gjilanit", "kryetari@gjilan.example", "+1234567"}},
        /* colleagues */
        {{"Valon Deliu", "MAPL", "info@mapl.example"}, {"Arta Deliu", "MAPL", "info@mapl.example"}},
    };
    expect(same, ARRAY_LEN(same), false, true);
    expect(different, ARRAY_LEN(different), false, false);
}

static void test_organisations(void **state)
{
    (void)state;
    static const struct couple same[] = {
        {{"Ministry of Finance, Labour and Transfers", .email = "x@mf.example"},
         {"Ministarstvo finansija, rada i transfera", .email = "y@mf.example"}},
        {{"Министарство културе, омладине и спорта", .email = "x@mks.example"},
         {"Ministria e Kulturës, Rinisë dhe Sportit", .email = "y@mks.example"}},
        {{"Opština Štrpce"}, {"Komuna e Shtërpcës"}},
        {{"Gemeinde Graz"}, {"Komuna Grac"}},
        {{"Ambasada Švajcarske"}, {"Schweizerische Botschaft"}},
        {{"Međunarodna organizacija za migracije", .email = "a@iom.example"},
         {"IOM Kosovo", .email = "b@iom.example"}},
        {{"Organizacija za evropsku bezbednost i saradnju", .email = "a@osce.example"},
         {"OSCE", .email = "b@osce.example"}},
        {{"Morina Bau GmbH", "Ilir Morina"}, {"MORINA BAU SH.P.K.", "I. Morina"}},
        {{"Klub „Sloga“ Beč", "Petar Savić"}, {"Клуб „Слога“ Беч", "Петар Савић"}},
        {{"Shoqata „Drita“ Gjenevë", .phone = "+41220000001"},
         {"Udruženje „Drita“, Ženeva", .phone = "+41220000001"}},
        {{"Qendra për Zhvillimin e Grave", .phone = "+38344000001"}, {"QZHG", .phone = "+38344000001"}},
        {{"Radio Štrpce"}, {"RADIO SHTËRPCË"}},
    };
    static const struct couple different[] = {
        {{"Klub „Sloga“ Beč", "Petar Savić"}, {"Klub „Sloga“ Grac", "Ana Perić"}},
        {{"Opština Štrpce", .email = "a@rks.example"}, {"Opština Parteš", .email = "b@rks.example"}},
        {{"Ambasada Slovenije"}, {"Ambasada Slovačke"}},
        {{"Ministria e Financave", .email = "a@rks.example"},
         {"Ministria e Kulturës", .email = "b@rks.example"}},
        {{"Ambasada e Zvicrës", .email = "a@eda.example"},
         {"Zyra Zvicerane për Bashkëpunim", .email = "b@eda.example"}},
        {{"Apoteka „Zdravlje“", .email = "knjige@gmail.example"},
         {"Mesara „Kod Jove“", .email = "knjige@gmail.example"}},
        {{"Ilić Gradnja d.o.o.", "Marko Ilić", .registration = "810000001"},
         {"Ilić gradnja d.o.o.", "Jovan Ilić", .registration = "810000002"}},
        {{"UNDP Kosovo"}, {"UNHCR Kosovo"}},
        {{"Restoran „Lovac“ Vitina"}, {"Lovački klub Vitina"}},
        {{"Pekara Morava", "Ana Ristić", .phone = "+38344000001"},
         {"Hotel Morava", "Jovan Savić", .phone = "+38344000002"}},
    };
    expect(same, ARRAY_LEN(same), true, true);
    expect(different, ARRAY_LEN(different), true, false);
}

static void test_certain(void **state)
{
    (void)state;
    static const struct {
        struct couple couple;
        bool certain;
    } table[] = {
        {{{"Vesna Ilić", .email = "vesna@x.example"}, {"Весна Илић", .email = "vesna@x.example"}}, true},
        {{{"Vesna Ilić", .email = "vesna@x.example"}, {"Vesna Iliq", .email = "vesna@x.example"}}, false},
        {{{"Vesna Ilić", .email = "info@x.example"}, {"Vesna Ilić", .email = "info@x.example"}}, false},
        {{{"Vesna Ilić", .phone = "+1234567"}, {"Vesna Ilić", .phone = "+1234567"}}, false},
        {{{"Vesna Ilić", .email = "v@x.example", .place = "Wien"},
          {"Vesna Ilić", .email = "v@x.example", .place = "Graz"}},
         false},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        struct likeness l;
        likeness_compare(party(mem, &table[i].couple.a, false), party(mem, &table[i].couple.b, false),
                         count_two, NULL, &l);
        if (l.certain != table[i].certain)
            fail_msg("%s and %s: %.5f", table[i].couple.a.name, table[i].couple.b.name, l.probability);
    }
}

static int64_t count_many(void *context, uint64_t key)
{
    (void)key;
    return *(int64_t *)context;
}

/* What many carry says less. */
static void test_rarity(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    const struct card a = {"Dragan Petrović", .place = "Niš"}, b = {"Dragan Petrović", .place = "Niš"};
    double before = 1;
    for (int64_t n = 2; n < 1000; n *= 4) {
        struct likeness l;
        likeness_compare(party(mem, &a, false), party(mem, &b, false), count_many, &n, &l);
        assert_true(l.probability < before);
        before = l.probability;
    }
}

/* Foreign bytes: names of nothing, of a thousand words, of one letter. */
static void test_odd_names(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct text many = text_new(mem);
    for (int i = 0; i < 1000; i++)
        text_printf(&many, "word%d ", i);
    const char *const names[] = {"",     "-",    "x",      "„“", "sh p k", "d.o.o.", "SH.P.K.",
                                 "漢字", many.s, "i e te", "()", "( )",    "(x",     "dr"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        for (size_t j = 0; j < ARRAY_LEN(names); j++)
            for (int kind = 0; kind < 2; kind++) {
                struct likeness l;
                const struct card a = {names[i], names[j], "@", "", "", ""},
                                  b = {names[j], names[i], "a@", "", "x", ""};
                struct likeness_party *x = party(mem, &a, kind), *y = party(mem, &b, kind);
                uint64_t keys[LIKENESS_MAX_KEYS];
                assert_true(likeness_keys(x, keys) <= LIKENESS_MAX_KEYS);
                likeness_compare(x, y, count_two, NULL, &l);
                assert_true(l.probability >= 0 && l.probability <= 1);
            }
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_persons), cmocka_unit_test(test_organisations), cmocka_unit_test(test_certain),
        cmocka_unit_test(test_rarity),  cmocka_unit_test(test_odd_names),
    };
    return cmocka_run_group_tests_name("likeness", tests, NULL, NULL);
}
