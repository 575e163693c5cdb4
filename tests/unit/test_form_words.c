/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What the words of a list tell: the class of a post, the gender, the parts of a name.
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

static void test_gender_of_words(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        char gender;
    } cases[] = {
        {"z.", 'm'},
        {"znj.", 'f'},
        {"г-дин", 'm'},
        {"г-ђа", 'f'},
        {"gđa", 'f'},
        {"g. Petrović", 'm'},
        {"Herr", 'm'},
        {"Frau Dr.", 'f'},
        {"Pan", 'm'},
        {"Pani", 'f'},
        {"Mr", 'm'},
        {"Mrs.", 'f'},
        {"mr Ana Ilić", 0},
        {"Poštovana gospođo Simić", 'f'},
        {"Поштовани господине министре", 'm'},
        {"Поштовани", 0},
        {"I nderuar z. Ministër", 'm'},
        {"E nderuara znj. Drejtoreshë", 'f'},
        {"I/E nderuar Yuki Tanabe", 0},
        {"Të nderuar", 0},
        {"Szanowna Pani / Szanowny Panie", 0},
        {"Szanowny Panie Wójcie", 'm'},
        {"Sehr geehrte Damen und Herren", 0},
        {"Sehr geehrter Herr Botschafter", 'm'},
        {"Dear Sir or Madam", 0},
        {"Dear Ms Ammann", 'f'},
        {"H.E. Ambassador", 0},
        {"Zoran Zekaj", 0},
        {"", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (form_gender_of(cases[i].text) != cases[i].gender)
            fail_msg("%s: %d", cases[i].text, form_gender_of(cases[i].text));
}

static void test_names(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const struct {
        const char *typed, *name, *title, *given, *family;
        char gender;
    } cases[] = {
        {"z. Arben Hoti", "Arben Hoti", "", "Arben", "Hoti", 'm'},
        {"mag. Primož Kovačič", "Primož Kovačič", "mag.", "Primož", "Kovačič", 0},
        {"Prof.Dr. Ana Ilić", "Ana Ilić", "Prof. Dr.", "Ana", "Ilić", 0},
        {"г-ђа др Драгана Симић", "Драгана Симић", "др", "Драгана", "Симић", 'f'},
        {"mr Ana Ilić", "Ana Ilić", "mr", "Ana", "Ilić", 0},
        {"Mr Ana Ilić", "Ana Ilić", "", "Ana", "Ilić", 'm'},
        {"H.E. Mr. Jonathan Hartwell", "Jonathan Hartwell", "", "Jonathan", "Hartwell", 'm'},
        {"Don Pjetër Markaj", "Pjetër Markaj", "Don", "Pjetër", "Markaj", 'm'},
        {"Don Smith", "Don Smith", "", "Don", "Smith", 0},
        {"Margaret A. Colton", "Margaret A. Colton", "", "Margaret", "Colton", 0},
        {"A. Kelmendi", "A. Kelmendi", "", "", "Kelmendi", 0},
        {"G. Hoti", "G. Hoti", "", "", "Hoti", 0},
        {"Kelmendi, Arbnora", "Arbnora Kelmendi", "", "Arbnora", "Kelmendi", 0},
        {"KELMENDI Arbnora", "KELMENDI Arbnora", "", "Arbnora", "KELMENDI", 0},
        {"Arben Hoti, PhD", "Arben Hoti", "PhD", "Arben", "Hoti", 0},
        {"Marijke van den Berg", "Marijke van den Berg", "", "Marijke", "van den Berg", 0},
        {"Ana Petrović Marković", "Ana Petrović Marković", "", "Ana", "Petrović Marković", 0},
        {"Lirije Gashi-Morina", "Lirije Gashi-Morina", "", "Lirije", "Gashi-Morina", 0},
        {"Pani", "Pani", "", "", "Pani", 0},
        {"  Zoran   Ilić ", "Zoran Ilić", "", "Zoran", "Ilić", 0},
        {"", "", "", "", "", 0},
        {"...", "...", "", "", "..", 0},
        {",", ",", "", "", ",", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct form_name n = form_name_of(mem, cases[i].typed);
        if (strcmp(n.name, cases[i].name) || strcmp(n.title, cases[i].title) ||
            strcmp(n.given, cases[i].given) || strcmp(n.family, cases[i].family) ||
            n.gender != cases[i].gender)
            fail_msg("%s: \"%s\" \"%s\" \"%s\" \"%s\" %d", cases[i].typed, n.name, n.title, n.given, n.family,
                     n.gender);
    }
}

static void test_gender_of_names(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const struct {
        const char *name;
        char gender;
    } cases[] = {
        {"Никола Јовић", 'm'},
        {"Саша Јевремовић", 0},
        {"Сања Митровић", 'f'},
        {"Новица Станковић", 'm'},
        {"Drenusha Kastrati", 'f'},
        {"Luca Bertolini", 0},
        {"Valon Deliu", 'm'},
        {"Jan Kowalski", 'm'},
        {"Priya Raman", 0},
        {"Života Cvejić", 'm'},
        {"Šarlota Ilić", 0},
        {"Radojica Ilić", 'm'},
        {"Kim Li", 0},
        {"Nebojsha Vukadinoviq", 'm'},
        {"Doris Ilić", 0},
        {"Ewelina Wrońska", 'f'},
        {"Ђорђе Ђорђевић", 'm'},
        {"Dragan Stojkoviq", 'm'},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct form_name n = form_name_of(mem, cases[i].name);
        if (form_gender_of_name(&n) != cases[i].gender)
            fail_msg("%s: %d", cases[i].name, form_gender_of_name(&n));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_gender_of_words),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_gender_of_names),
    };
    mem_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
