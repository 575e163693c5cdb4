/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/unicode.h"
#include "crm/place.h"

static const char *const names[] = {
#define PLACE(fold, key, country, land) fold,
#include "crm/place_table.h"
#undef PLACE
};

static void test_table(void **state)
{
    (void)state;
    for (size_t i = 1; i < ARRAY_LEN(names); i++)
        if (strcmp(names[i - 1], names[i]) >= 0)
            fail_msg("\"%s\" stands before \"%s\"", names[i - 1], names[i]);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        MEM_SCOPE(mem);
        struct place place;
        if (!place_find(names[i], &place))
            fail_msg("\"%s\" is not found", names[i]);
        if (strcmp(unicode_fold(mem, names[i]), names[i]))
            fail_msg("\"%s\" is no fold", names[i]);
        struct place again; /* what was rewritten is rewritten to itself */
        assert_true(place_find(place.key, &again));
        assert_string_equal(again.key, place.key);
    }
}

/* one place */
static const struct {
    const char *a, *b;
} same[] = {
    {"Kllokot", "Клокот"},
    {"Kllokotit", "Klokotu"},
    {"Vërboc", "Vrbovca"},
    {"Mogillë", "Могили"},
    {"Gërnçar", "Grnčar"},
    {"Gjilan", "Гњилане"},
    {"Prishtinës", "Priština"},
    {"Ferizaj", "Uroševac"},
    {"Viti", "Vitina"},
    {"Partesh", "Parteš"},
    {"Ranillug", "Ranilug"},
    {"Shtërpcë", "Štrpce"},
    {"Graçanicë", "Gračanica"},
    {"Novobërdë", "Novo Brdo"},
    {"Pejë", "Peć"},
    {"Gjakovë", "Đakovica"},
    {"Fushë Kosova", "Косово Поље"},
    {"Suharekë", "Suvoj Reci"},
    {"Rahovec", "Orahovac"},
    {"Skenderaj", "Srbica"},
    {"Vushtrri", "Vučitrn"},
    {"Drenas", "Glogovac"},
    {"Hani i Elezit", "Đeneral Janković"},
    {"Shkup", "Skopje"},
    {"Beč", "Wien"},
    {"Vjenë", "Беч"},
    {"Zürich", "Cyrih"},
    {"Zuerich", "Цирих"},
    {"München", "Минхен"},
    {"Malmö", "Малме"},
    {"Genf", "Gjenevë"},
    {"Kielce", "Kjelce"},
    {"Varšava", "Warszawa"},
    {"Austrija", "Österreich"},
    {"Zvicër", "Швајцарска"},
    {"Polonisë", "Poland"},
    {"United States of America", "SHBA"},
    {"Türkiye", "Turqi"},
    {"Kosovës", "Косово"},
};

static void test_one_key(void **state)
{
    (void)state;
    static const struct {
        const char *a, *b;
    } other[] = {
        {"Wien", "Graz"}, {"Slovenia", "Slovakia"}, {"Austria", "Australia"}, {"Klokot", "Banja Klokot"},
        {"Peć", "Beč"},   {"Vitina", "Istok"},      {"Luxemburg", "Linz"},
    };
    MEM_SCOPE(mem);
    struct place a, b;
    for (size_t i = 0; i < ARRAY_LEN(same); i++) {
        if (!place_find(unicode_fold(mem, same[i].a), &a) || !place_find(unicode_fold(mem, same[i].b), &b))
            fail_msg("%s or %s is no place", same[i].a, same[i].b);
        assert_string_equal(a.key, b.key);
        assert_string_equal(a.country, b.country);
    }
    for (size_t i = 0; i < ARRAY_LEN(other); i++) {
        assert_true(place_find(unicode_fold(mem, other[i].a), &a));
        assert_true(place_find(unicode_fold(mem, other[i].b), &b));
        assert_string_not_equal(a.key, b.key);
    }
    assert_true(place_find("zvicer", &a) && a.land);
    assert_string_equal(a.country, "CH");
    assert_true(place_find("ulm", &a) && !a.land);
    static const char *const none[] = {"",     "kllokotas", "klokotk", "dardania",   "burim",
                                       "nova", "bar",       "kosov",   "klokot graz"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        if (place_find(none[i], &a))
            fail_msg("\"%s\" is a place", none[i]);
}

static void test_rewrite(void **state)
{
    (void)state;
    static const struct {
        const char *text, *to;
    } table[] = {
        {"", ""},
        {"klub i kllokotit vjene", "klub i klokot wien"},
        {"hotel banja e kllokotit", "hotel banjaklokot"},
        {"opstina suva reka", "opstina suvareka"},
        {"suva", "suva"},
        {"embassy of the united states of america", "embassy of the sjedinjeneamerickedrzave"},
        {"ambasada e polonise ne shkup", "ambasada e poljska ne skoplje"},
        {"kllokotit", "klokot"},
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        assert_string_equal(place_rewrite(mem, table[i].text), table[i].to);
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_one_key),
        cmocka_unit_test(test_rewrite),
    };
    return cmocka_run_group_tests_name("place", tests, NULL, NULL);
}
