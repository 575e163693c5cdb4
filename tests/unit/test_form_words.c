/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What the words of a list tell: the class of a post.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crm/form.h"

static void test_classes(void **state)
{
    (void)state;
    static const struct {
        const char *post, *category, *class;
        char gender;
    } cases[] = {
        {"Ministër i Financave", NULL, "minister", 0},
        {"Ministarka za zajednice", NULL, "minister", 'f'},
        {"министар", NULL, "minister", 0},
        {"Zamenik ministra", NULL, "deputy-minister", 0},
        {"Këshilltar i Ministrit", NULL, "staff", 0},
        {"Adviser to the Minister", NULL, "staff", 0},
        {"Vozač ministra", NULL, "", 0},
        {"Wójt Gminy Piekoszów", NULL, "wojt", 0},
        {"Burmistrz", NULL, "burmistrz", 0},
        {"gradonačelnica", NULL, "city-mayor", 'f'},
        {"Kryetar i Komunës", NULL, "mayor", 0},
        {"Kryetare", "municipality", "mayor", 'f'},
        {"Kryetar", "diaspora-club", "president", 0},
        {"Chair", "village-council", "chair", 0},
        {"председник МЗ", NULL, "village-head", 0},
        {"председник клуба", NULL, "president", 0},
        {"Direktorin", NULL, "director", 'f'},
        {"Director of the Legal Department", NULL, "head", 0},
        {"Executive director", NULL, "manager", 0},
        {"v.d. direktora", NULL, "", 0},
        {"v.d. direktor", NULL, "director", 0},
        {"Ambasadorja e Shqipërisë", NULL, "ambassador", 'f'},
        {"Botschafterin", NULL, "ambassador", 'f'},
        {"Minister Counsellor", "diplomatic-mission", "staff", 0},
        {"Chargé d'Affaires a.i.", NULL, "charge", 0},
        {"Head of Office / EUSR", NULL, "head-of-mission", 0},
        {"Station commander (captain)", NULL, "captain", 0},
        {"Sekretar i Përgjithshëm", NULL, "secretary-general", 0},
        {"Stellvertretender Minister", NULL, "deputy-minister", 0},
        {"народна посланица", NULL, "deputy", 'f'},
        {"vlasnik", NULL, "owner", 0},
        {"", NULL, "", 0},
        {"///", NULL, "", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char gender = 'x';
        const char *class = form_class_name(form_class_of(cases[i].post, cases[i].category, &gender));
        if (strcmp(class, cases[i].class) || gender != cases[i].gender)
            fail_msg("%s: %s, %c", cases[i].post, class, gender ? gender : '-');
    }
    enum form_class class;
    assert_true(form_class_find("city-mayor", &class));
    assert_int_equal(class, FORM_CITY_MAYOR);
    assert_false(form_class_find("", &class));
    assert_true(form_class_rank(FORM_MINISTER) < form_class_rank(FORM_AMBASSADOR));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes),
    };
    mem_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
