/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Names taken apart; what honorifics, salutations and given names tell of the gender.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crm/personname.h"

static void test_greetings(void **state)
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
        {"Poštovani/Poštovana", 0},
        {"Поштована/поштовани", 0},
        {"Draga Ana", 'f'},
        {"Herr/Frau Wieser", 0},
        {"Zoran Zekaj", 0},
        {"", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        if (personname_greeting(cases[i].text) != cases[i].gender)
            fail_msg("%s: %d", cases[i].text, personname_greeting(cases[i].text));
}

static const struct {
    const char *typed, *name, *title, *given, *family;
    char gender;
    const char *suffix;
} names[] = {
    {"z. Arben Hoti", "Arben Hoti", "", "Arben", "Hoti", 'm', ""},
    {"Z. Arben Hoti", "Arben Hoti", "", "Arben", "Hoti", 'm', ""},
    {"Z. Hoti", "Z. Hoti", "", "", "Hoti", 0, ""},
    {"Z. A. Hoti", "Z. A. Hoti", "", "", "Hoti", 0, ""},
    {"Ž. Arben Hoti", "Ž. Arben Hoti", "", "", "Hoti", 0, ""},
    {"mag. Primož Kovačič", "Primož Kovačič", "mag.", "Primož", "Kovačič", 0, ""},
    {"Prof.Dr. Ana Ilić", "Ana Ilić", "Prof. Dr.", "Ana", "Ilić", 0, ""},
    {"Prof. dr Milan Petrović", "Milan Petrović", "Prof. dr", "Milan", "Petrović", 0, ""},
    {"г-ђа др Драгана Симић", "Драгана Симић", "др", "Драгана", "Симић", 'f', ""},
    {"Мр Драгана Симић", "Драгана Симић", "Мр", "Драгана", "Симић", 0, ""},
    {"mr Ana Ilić", "Ana Ilić", "mr", "Ana", "Ilić", 0, ""},
    {"Mr Ana Ilić", "Ana Ilić", "", "Ana", "Ilić", 'm', ""},
    {"mr ph. Nada Đokić", "Nada Đokić", "mr ph.", "Nada", "Đokić", 0, ""},
    {"Dr. med. Karin Wieser", "Karin Wieser", "Dr. med.", "Karin", "Wieser", 0, ""},
    {"prim. dr sci. med. Olga Ilić", "Olga Ilić", "prim. dr sci. med.", "Olga", "Ilić", 0, ""},
    {"H.E. Mr. Jonathan Hartwell", "Jonathan Hartwell", "", "Jonathan", "Hartwell", 'm', ""},
    {"Don Pjetër Markaj", "Pjetër Markaj", "Don", "Pjetër", "Markaj", 'm', ""},
    {"Don Smith", "Don Smith", "", "Don", "Smith", 0, ""},
    {"Hoxha, Imam", "Imam Hoxha", "", "Imam", "Hoxha", 0, ""},
    {"Margaret A. Colton", "Margaret A. Colton", "", "Margaret", "Colton", 0, ""},
    {"A. Kelmendi", "A. Kelmendi", "", "", "Kelmendi", 0, ""},
    {"G. Hoti", "G. Hoti", "", "", "Hoti", 0, ""},
    {"Kelmendi, Arbnora", "Arbnora Kelmendi", "", "Arbnora", "Kelmendi", 0, ""},
    {"Petrović, prof. dr Milan", "Milan Petrović", "prof. dr", "Milan", "Petrović", 0, ""},
    {"KELMENDI Arbnora", "KELMENDI Arbnora", "", "Arbnora", "KELMENDI", 0, ""},
    {"Arben Hoti, PhD", "Arben Hoti", "PhD", "Arben", "Hoti", 0, ""},
    {"dr Arben Hoti, Ph.D., MBA", "Arben Hoti", "dr Ph.D. MBA", "Arben", "Hoti", 0, ""},
    {"Hoti, Arben, MSc", "Arben Hoti", "MSc", "Arben", "Hoti", 0, ""},
    {"MSc. Arben Hoti", "Arben Hoti", "MSc.", "Arben", "Hoti", 0, ""},
    {"Petrović, dr", "Petrović", "dr", "", "Petrović", 0, ""},
    {"Petar Ilić dipl. ing.", "Petar Ilić", "dipl. ing.", "Petar", "Ilić", 0, ""},
    {"Petar Ilić, dipl. inž.", "Petar Ilić", "dipl. inž.", "Petar", "Ilić", 0, ""},
    {"dr Petar Ilić ml.", "Petar Ilić ml.", "dr", "Petar", "Ilić", 0, "ml."},
    {"Agim Hoxha i vjetër", "Agim Hoxha i vjetër", "", "Agim", "Hoxha", 0, "i vjetër"},
    {"Doe, John, Jr.", "John Doe Jr.", "", "John", "Doe", 0, "Jr."},
    {"Jack Ma", "Jack Ma", "", "Jack", "Ma", 0, ""},
    {"Jan Pan", "Jan Pan", "", "Jan", "Pan", 0, ""},
    {"Marijke van den Berg", "Marijke van den Berg", "", "Marijke", "van den Berg", 0, ""},
    {"Ana Petrović Marković", "Ana Petrović Marković", "", "Ana", "Petrović Marković", 0, ""},
    {"Lirije Gashi-Morina", "Lirije Gashi-Morina", "", "Lirije", "Gashi-Morina", 0, ""},
    {"Pani", "Pani", "", "", "Pani", 0, ""},
    {"  Zoran   Ilić ", "Zoran Ilić", "", "Zoran", "Ilić", 0, ""},
    {"", "", "", "", "", 0, ""},
    {"...", "...", "", "", "..", 0, ""},
    {",", ",", "", "", "", 0, ""},
    {", dr", ", dr", "dr", "", "", 0, ""},
};

static void test_names(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        struct personname n = personname_of(mem, names[i].typed);
        if (strcmp(n.name, names[i].name) || strcmp(n.title, names[i].title) ||
            strcmp(n.given, names[i].given) || strcmp(n.family, names[i].family) ||
            strcmp(n.suffix, names[i].suffix) || n.gender != names[i].gender)
            fail_msg("%s: \"%s\" \"%s\" \"%s\" \"%s\" \"%s\" %d", names[i].typed, n.name, n.title, n.given,
                     n.family, n.suffix, n.gender);
    }
    assert_int_equal(personname_of(mem, "Agim Hoxha st.").generation, TITLE_SENIOR);
}

static void test_lists(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const struct {
        const char *typed, *name, *title;
        char gender;
    } table[] = {
        {"Ana Anić", "Ana Anić", "", 0},
        {"Hoxha, Arta", "Arta Hoxha", "", 0},
        {"Petrović, PhD", "Petrović", "PhD", 0},
        {"znj. Arta Hoxha", "Arta Hoxha", "", 'f'},
        {"z.Agim Hoxha", "Agim Hoxha", "", 'm'},
        {"г-дин Драган Стојковић", "Драган Стојковић", "", 'm'},
        {"gđa Milena Savić", "Milena Savić", "", 'f'},
        {"Herr Dr. Ulrich Reinders", "Ulrich Reinders", "Dr.", 'm'},
        {"Pani Ewa Sobczyk", "Ewa Sobczyk", "", 'f'},
        {"STOJKOVIĆ Dragan", "Dragan Stojković", "", 0},
        {"STOJKOVIĆ dr Dragan", "Dragan Stojković", "dr", 0},
        {"Dragan STOJKOVIĆ", "Dragan Stojković", "", 0},
        {"PROF. DR DRAGAN STOJKOVIĆ", "Dragan Stojković", "PROF. DR", 0},
        {"KRASNIQI-VULA BURIM", "Krasniqi-Vula Burim", "", 0},
        {"СТОЈКОВИЋ Драган", "Драган Стојковић", "", 0},
        {"HOXHA, znj. ARTA", "Arta Hoxha", "", 'f'},
        {"PETROVIĆ, ml.", "Petrović ml.", "", 0},
        {"DJ Boban", "DJ Boban", "", 0},
        {"  Ana \n Anić ", "Ana Anić", "", 0},
        {"Frau", "Frau", "", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct personname n = personname_of_list(mem, table[i].typed);
        if (strcmp(n.name, table[i].name) || strcmp(n.title, table[i].title) || n.gender != table[i].gender)
            fail_msg("%s: \"%s\" \"%s\" %d", table[i].typed, n.name, n.title, n.gender);
    }
}

static void test_fields(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct personname n = personname_of(mem, "Karin Wieser");
    personname_add_titles(mem, &n, "Frau Dr. Primaria Don");
    assert_string_equal(n.title, "Dr. Primaria Don");
    assert_int_equal(n.gender, 'f');
    assert_int_equal(n.class, FORM_DOCTOR);
    assert_true(personname_is_titles("Prof. Dr. sc."));
    assert_false(personname_is_titles("Dr. Wieser"));
    assert_false(personname_is_titles(""));
    assert_int_equal(personname_honorific("г-дин"), 'm');
    assert_int_equal(personname_honorific("Frau Dr."), 0);
    assert_int_equal(personname_honorific("H.E."), 0);
    assert_int_equal(personname_honorific("draga"), 0);
    const char *rest = "Prof. Dr. sc. Primaria";
    struct personname_title title;
    assert_true(personname_next_title(mem, &rest, &title) && title.title == TITLE_PROF && !title.special);
    assert_true(personname_next_title(mem, &rest, &title) && title.title == TITLE_DR && title.special);
    assert_string_equal(title.typed, "Dr. sc.");
    assert_true(personname_next_title(mem, &rest, &title) && title.title == TITLE_OTHER && !title.languages);
    assert_false(personname_next_title(mem, &rest, &title));
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
        struct personname n = personname_of(mem, cases[i].name);
        if (personname_gender(&n) != cases[i].gender)
            fail_msg("%s: %d", cases[i].name, personname_gender(&n));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_greetings),       cmocka_unit_test(test_names),
        cmocka_unit_test(test_lists),           cmocka_unit_test(test_fields),
        cmocka_unit_test(test_gender_of_names),
    };
    mem_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
