/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Forms of address: those of an office's own list, and each language's rows one by one.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crm/form.h"

static const struct {
    struct form_person person;
    const char *salutation, *name, *post; /* NULL: not looked at */
} forms[] = {
    /* Albanian */
    {{.name = "Shpëtim Hyseni", .gender = 'm', .post = "Minister", .language = "sq"},
     "I nderuar z. Ministër",
     "Z. Shpëtim Hyseni",
     "Ministër"},
    {{.name = "Arta Gashi", .post = "Ministrja e Financave", .language = "sq"},
     "E nderuara znj. Ministre",
     "Znj. Arta Gashi",
     "Ministrja e Financave"},
    {{.name = "Vjosa Osmani", .gender = 'f', .post = "President of the Republic", .language = "sq"},
     "E nderuara znj. Presidente",
     NULL,
     "Presidente"},
    {{.name = "Dr. Lumnije Halimi", .language = "sq"},
     "E nderuara Dr. Halimi",
     "Znj. Dr. Lumnije Halimi",
     ""},
    {{.name = "Jonathan Hartwell", .gender = 'm', .post = "Ambassador", .language = "sq"},
     "Shkëlqesia Juaj",
     "Shkëlqesia e Tij z. Jonathan Hartwell",
     "Ambasador"},
    {{.name = "Arben Hoti", .gender = 'm', .formality = FORM_FAMILIAR, .language = "sq"},
     "I dashur Arben",
     NULL,
     NULL},
    {{.name = "Yuki Tanabe", .language = "sq"}, "I/E nderuar Yuki Tanabe", "Yuki Tanabe", ""},
    {{.language = "sq"}, "Të nderuar", "", ""},
    {{.name = "Besa Krasniqi", .post = "Kryetare", .category = "municipality", .language = "sq"},
     "E nderuara znj. Kryetare",
     NULL,
     NULL},
    /* Serbian, both scripts */
    {{.name = "Небојша Вукадиновић", .post = "министар", .language = "sr-Cyrl"},
     "Поштовани господине министре",
     "Г. Небојша Вукадиновић",
     "министар"},
    {{.name = "Nebojša Vukadinović", .post = "Minister", .language = "sr-Latn"},
     "Poštovani gospodine ministre",
     "G. Nebojša Vukadinović",
     "ministar"},
    {{.name = "Драгана Симић", .post = "координаторка", .language = "sr-Cyrl"},
     "Поштована госпођо Симић",
     "Г-ђа Драгана Симић",
     "координаторка"},
    {{.name = "Марко Петровић", .language = "sr-Cyrl"}, "Поштовани господине Петровићу", NULL, NULL},
    {{.name = "Marko Petrović", .language = "sr"}, "Poštovani gospodine Petroviću", NULL, NULL},
    {{.name = "Marko Kovač", .gender = 'm', .language = "sr"}, "Poštovani gospodine Kovač", NULL, NULL},
    {{.name = "Ана Петровић Марковић", .language = "sr-Cyrl"},
     "Поштована госпођо Петровић Марковић",
     NULL,
     NULL},
    {{.name = "Драган Стојковић", .formality = FORM_FAMILIAR, .language = "sr-Cyrl"},
     "Драги Драгане",
     NULL,
     NULL},
    {{.name = "Милица Арсић", .formality = FORM_FAMILIAR, .language = "sr-Latn"},
     "Draga Milice",
     "G-đa Milica Arsić",
     NULL},
    {{.name = "Annika Sundqvist", .gender = 'f', .post = "Ambassador", .language = "sr-Cyrl"},
     "Ваша екселенцијо",
     "Њена екселенција г-ђа Annika Sundqvist",
     "амбасадорка"},
    {{.name = "Annika Sundqvist",
      .gender = 'f',
      .post = "Ambassador",
      .formality = FORM_NEUTRAL,
      .language = "sr-Latn"},
     "Poštovana gospođo ambasadorko",
     NULL,
     NULL},
    {{.name = "Протојереј Сава Јевтић", .language = "sr-Cyrl"}, "Пречасни оче", "протојереј Сава Јевтић", ""},
    {{.name = "Sava Jevtić", .post = "paroh", .formality = FORM_NEUTRAL, .language = "sr"},
     "Poštovani oče Savo",
     NULL,
     NULL},
    {{.name = "Зоран Илић", .post = "начелник одељења", .language = "sr-Cyrl"},
     "Поштовани господине начелниче",
     NULL,
     NULL},
    {{.name = "Ана Илић", .post = "градоначелница", .language = "sr-Cyrl"},
     "Поштована госпођо градоначелнице",
     NULL,
     NULL},
    {{.name = "Зоран Илић", .post = "Kryetar", .category = "municipality", .language = "sr-Cyrl"},
     "Поштовани господине председниче",
     NULL,
     "председник општине"},
    {{.name = "др Саша Анђелковић", .language = "sr-Cyrl"},
     "Поштовани/поштована Саша Анђелковић",
     "др Саша Анђелковић",
     ""},
    {{.name = "др Саша Анђелковић", .gender = 'm', .language = "sr-Cyrl"},
     "Поштовани господине докторе",
     NULL,
     NULL},
    {{.name = "проф. др Марко Илић", .language = "sr-Latn"},
     "Poštovani gospodine profesore",
     "G. prof. dr Marko Ilić",
     NULL},
    {{.name = "Dragan STOJKOVIĆ", .language = "sr"}, "Poštovani gospodine STOJKOVIĆU", NULL, NULL},
    {{.language = "sr-Latn"}, "Poštovani", "", ""},
    {{.language = "sr-Cyrl"}, "Поштовани", "", ""},
    /* Polish */
    {{.name = "Andrzej Gołąbek", .post = "Wójt (mayor)", .language = "pl"},
     "Szanowny Panie Wójcie",
     "Szanowny Pan Andrzej Gołąbek",
     "Wójt (mayor)"},
    {{.name = "Jan Nowak", .post = "Burmistrz", .language = "pl"}, "Szanowny Panie Burmistrzu", NULL, NULL},
    {{.name = "Jan Nowak", .post = "Prezydent Miasta Kielce", .language = "pl"},
     "Szanowny Panie Prezydencie",
     NULL,
     NULL},
    {{.name = "Joanna Wrońska", .post = "Director", .language = "pl"},
     "Szanowna Pani Dyrektor",
     "Szanowna Pani Joanna Wrońska",
     "Dyrektor"},
    {{.name = "Jan Nowak", .post = "Prezes", .language = "pl"}, "Szanowny Panie Prezesie", NULL, NULL},
    {{.name = "ks. Jan Nowak", .language = "pl"}, "Szanowny Księże", "ks. Jan Nowak", ""},
    {{.name = "dr Anna Nowak", .language = "pl"}, "Szanowna Pani Doktor", "Szanowna Pani dr Anna Nowak", ""},
    {{.name = "dr hab. Jan Nowak", .language = "pl"},
     "Szanowny Panie Doktorze",
     "Szanowny Pan dr hab. Jan Nowak",
     ""},
    {{.name = "Jan Nowak", .formality = FORM_FAMILIAR, .language = "pl"}, "Szanowny Panie Janie", NULL, NULL},
    {{.name = "Anna Nowak", .formality = FORM_FAMILIAR, .language = "pl"}, "Szanowna Pani Anno", NULL, NULL},
    {{.name = "Ewa Sobczyk", .post = "Inspector", .language = "pl"}, "Szanowna Pani", NULL, NULL},
    {{.name = "Serkan Aydın", .post = "Ambassador", .language = "pl"},
     "Ekscelencjo",
     "Jego Ekscelencja Pan Serkan Aydın",
     "Ambasador"},
    {{.language = "pl"}, "Szanowni Państwo", "", ""},
    /* German */
    {{.name = "Dr. Karin Wieser", .post = "Head of office", .language = "de"},
     "Sehr geehrte Frau Dr. Wieser",
     "Frau Dr. Karin Wieser",
     NULL},
    {{.name = "Frau Dr. Karin Wieser", .title = "Dr.", .language = "de"},
     "Sehr geehrte Frau Dr. Wieser",
     "Frau Dr. Karin Wieser",
     ""},
    {{.name = "Stefan Brückner", .language = "de"},
     "Sehr geehrter Herr Brückner",
     "Herrn Stefan Brückner",
     ""},
    {{.name = "Mag. Johannes Pichler", .post = "Ambassador", .language = "de"},
     "Exzellenz",
     "S.E. Herrn Mag. Johannes Pichler",
     "Botschafter"},
    {{.name = "Mag. Johannes Pichler", .post = "Ambassador", .formality = FORM_NEUTRAL, .language = "de-AT"},
     "Sehr geehrter Herr Botschafter",
     NULL,
     NULL},
    {{.name = "Ana Ilić", .post = "ministarka", .language = "de"},
     "Sehr geehrte Frau Ministerin",
     "Frau Ana Ilić",
     "Ministerin"},
    {{.name = "Ana Ilić", .post = "ministarka", .foreign = true, .language = "de"},
     "Exzellenz",
     "I.E. Frau Ana Ilić",
     "Ministerin"},
    {{.name = "Kim Li", .language = "de"}, "Guten Tag Kim Li", "Kim Li", ""},
    {{.language = "de"}, "Sehr geehrte Damen und Herren", "", ""},
    /* English; and languages without a table */
    {{.name = "Daniel Whitcombe", .language = "en"}, "Dear Mr Whitcombe", "Mr Daniel Whitcombe", ""},
    {{.name = "Maj. Christopher Dunn", .post = "Team leader", .language = "en"},
     "Dear Major Dunn",
     "Major Christopher Dunn",
     "Team leader"},
    {{.name = "Pjetër Markaj", .title = "Don", .language = "en"},
     "Dear Father Pjetër",
     "The Reverend Pjetër Markaj",
     NULL},
    /* titles as the language has them */
    {{.name = "Milan Petrović", .title = "Prof. dr", .language = "sq"},
     "I nderuar z. Profesor",
     "Z. Prof. Dr. Milan Petrović",
     NULL},
    {{.name = "Милан Петровић", .title = "Prof. dr", .language = "sr-Cyrl"},
     "Поштовани господине професоре",
     "Г. проф. др Милан Петровић",
     NULL},
    {{.name = "Милан Петровић", .title = "проф. др", .language = "sr-Latn"},
     "Poštovani gospodine profesore",
     "G. prof. dr Milan Petrović",
     NULL},
    {{.name = "Milan Petrović", .title = "проф. др", .language = "en"},
     NULL,
     "Professor Dr Milan Petrović",
     NULL},
    {{.name = "Milan Petrović", .title = "проф. др", .language = "de"},
     NULL,
     "Herrn Prof. Dr. Milan Petrović",
     NULL},
    {{.name = "Milan Petrović", .title = "Prof. Dr.", .language = "pl"},
     NULL,
     "Szanowny Pan prof. dr Milan Petrović",
     NULL},
    {{.name = "Lumnije Halimi", .title = "Dr. sc.", .language = "sq"},
     NULL,
     "Znj. Dr. sc. Lumnije Halimi",
     NULL},
    {{.name = "Lumnije Halimi", .title = "Dr. sc.", .language = "en"}, NULL, "Dr Lumnije Halimi", NULL},
    {{.name = "Олга Илић", .title = "prim. dr sci. med.", .language = "sr-Cyrl"},
     NULL,
     "Г-ђа прим. др сци. мед. Олга Илић",
     NULL},
    {{.name = "Олга Илић", .title = "инж.", .language = "sq"}, NULL, "Znj. inž. Olga Ilić", NULL},
    {{.name = "Arben Hoti", .title = "Capt.", .gender = 'm', .language = "sr-Latn"},
     NULL,
     "G. kapetan Arben Hoti",
     NULL},
    {{.name = "Arben Hoti", .title = "PhD", .gender = 'm', .language = "sq"},
     "I nderuar Dr. Hoti",
     "Z. Dr. Arben Hoti",
     NULL},
    {{.name = "Petar Ilić ml.", .language = "sr-Latn"},
     "Poštovani gospodine Iliću",
     "G. Petar Ilić ml.",
     NULL},
    {{.name = "Primož Kovačič", .title = "mag.", .post = "Ambassador", .language = "en"},
     "Your Excellency",
     "H.E. mag. Primož Kovačič",
     "Ambassador"},
    {{.name = "Shpëtim Hyseni", .post = "Ministër", .language = "en"}, "Dear Minister", NULL, "Minister"},
    {{.name = "Kim Li", .post = "Mayor", .language = "fr"}, "Dear Mayor", "Kim Li", "Mayor"},
    {{.name = "Kim Li", .language = "fr"}, "Dear Kim Li", NULL, NULL},
    {{.name = "Prof. Dr. Ana Ilić", .language = "en"}, "Dear Professor Ilić", "Professor Dr Ana Ilić", ""},
    {{.name = "Marijke van den Berg", .language = "en"}, "Dear Ms van den Berg", NULL, NULL},
    {{.name = "Hoti", .gender = 'm', .language = "en"}, "Dear Mr Hoti", "Mr Hoti", ""},
    {{.language = "en"}, "Dear Sir or Madam", "", ""},
};

static void test_forms(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    int bad = 0;
    for (size_t i = 0; i < ARRAY_LEN(forms); i++) {
        struct form form;
        form_make(mem, &forms[i].person, &form);
        const char *got[] = {form.salutation, form.name, form.post};
        const char *wanted[] = {forms[i].salutation, forms[i].name, forms[i].post};
        for (size_t k = 0; k < ARRAY_LEN(got); k++)
            if (wanted[k] && strcmp(got[k], wanted[k])) {
                print_error("%s, %s: \"%s\", not \"%s\"\n",
                            forms[i].person.name ? forms[i].person.name : "nobody", forms[i].person.language,
                            got[k], wanted[k]);
                bad++;
            }
        assert_true(*form.closing);
    }
    assert_int_equal(bad, 0);
}

static bool is_one_of(const char *salutation, const char *list)
{
    if (!strcmp(salutation, "Your Excellency"))
        return strstr(list, "H.E.") || strstr(list, "Excellency");
    for (size_t len; *list; list += len) {
        const char *stroke = strstr(list, " / ");
        len = stroke ? (size_t)(stroke - list) : strlen(list);
        if (strlen(salutation) == len && !strncmp(list, salutation, len))
            return true;
        len += stroke ? 3 : 0;
    }
    return false;
}

/* The mayor's office writes to the head of one department as to a director, to the others by name. */
static void test_list(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err;
    char *text;
    size_t len;
    int rows = 0, same = 0, wrong_gender = 0;
    if (mem_read_file(mem, "tests/data/salutations.tsv", 1 << 20, &text, &len, &err) < 0)
        fail_msg("%s", err.text);
    for (char *line; (line = strsep(&text, "\n"));) {
        const char *cell[6] = {0};
        for (size_t i = 0; i < ARRAY_LEN(cell) && line && *line != '#'; i++)
            cell[i] = strsep(&line, "\t");
        if (!cell[5])
            continue;
        struct form_person person = {
            .name = cell[0], .post = cell[1], .category = cell[2], .language = cell[3], .gender = cell[4][0]};
        struct form form;
        form_make(mem, &person, &form);
        rows++;
        if (is_one_of(form.salutation, cell[5]))
            same++;
        else
            print_message("%s, %s: \"%s\", the list has \"%s\"\n", cell[0], cell[1], form.salutation,
                          cell[5]);
        person.gender = 0;
        form_make(mem, &person, &form);
        wrong_gender += form.gender && form.gender != cell[4][0];
    }
    assert_int_equal(rows, 86);
    assert_int_equal(same, 85);
    assert_int_equal(wrong_gender, 0);
}

static void test_vocatives(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const struct {
        const char *language, *name, *salutation;
        char gender;
    } cases[] = {
        {"sr-Cyrl", "Марко Илић", "Драги Марко", 'm'},
        {"sr-Cyrl", "Драган Илић", "Драги Драгане", 'm'},
        {"sr-Cyrl", "Милош Илић", "Драги Милоше", 'm'},
        {"sr-Cyrl", "Ђорђе Илић", "Драги Ђорђе", 'm'},
        {"sr-Cyrl", "Никола Илић", "Драги Никола", 'm'},
        {"sr-Cyrl", "Марија Илић", "Драга Марија", 'f'},
        {"sr-Cyrl", "Новак Илић", "Драги Новаче", 'm'},
        {"sr-Cyrl", "Предраг Илић", "Драги Предраже", 'm'},
        {"sr-Cyrl", "Петар Илић", "Драги Петре", 'm'},
        {"sr-Cyrl", "Александар Илић", "Драги Александре", 'm'},
        {"sr-Cyrl", "Митар Илић", "Драги Митре", 'm'},
        {"sr-Cyrl", "Лазар Илић", "Драги Лазаре", 'm'},
        {"sr-Cyrl", "Андреј Илић", "Драги Андреју", 'm'},
        {"sr-Cyrl", "Даница Илић", "Драга Данице", 'f'},
        {"sr-Latn", "Petar Ilić", "Dragi Petre", 'm'},
        {"sr-Latn", "Đurađ Ilić", "Dragi Đurđu", 'm'},
        {"pl", "Marek Bąk", "Szanowny Panie Marku", 'm'},
        {"pl", "Piotr Bąk", "Szanowny Panie Piotrze", 'm'},
        {"pl", "Andrzej Bąk", "Szanowny Panie Andrzeju", 'm'},
        {"pl", "Tomasz Bąk", "Szanowny Panie Tomaszu", 'm'},
        {"pl", "Paweł Bąk", "Szanowny Panie Pawle", 'm'},
        {"pl", "Kacper Bąk", "Szanowny Panie Kacprze", 'm'},
        {"pl", "Oskar Bąk", "Szanowny Panie Oskarze", 'm'},
        {"pl", "Michał Bąk", "Szanowny Panie Michale", 'm'},
        {"pl", "Stanisław Bąk", "Szanowny Panie Stanisławie", 'm'},
        {"pl", "Robert Bąk", "Szanowny Panie Robercie", 'm'},
        {"pl", "Konrad Bąk", "Szanowny Panie Konradzie", 'm'},
        {"pl", "Wojciech Bąk", "Szanowny Panie Wojciechu", 'm'},
        {"pl", "Grzegorz Bąk", "Szanowny Panie Grzegorzu", 'm'},
        {"pl", "Jerzy Bąk", "Szanowny Panie Jerzy", 'm'},
        {"pl", "Karol Bąk", "Szanowny Panie Karolu", 'm'},
        {"pl", "Adam Bąk", "Szanowny Panie Adamie", 'm'},
        {"pl", "Ewa Bąk", "Szanowna Pani Ewo", 'f'},
        {"pl", "Kasia Bąk", "Szanowna Pani Kasiu", 'f'},
        {"pl", "Zofia Bąk", "Szanowna Pani Zofio", 'f'},
        {"pl", "Noemi Bąk", "Szanowna Pani Noemi", 'f'},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct form form;
        form_make(mem,
                  &(struct form_person){.name = cases[i].name,
                                        .gender = cases[i].gender,
                                        .formality = FORM_FAMILIAR,
                                        .language = cases[i].language},
                  &form);
        assert_string_equal(form.salutation, cases[i].salutation);
    }
}

static void test_overrides(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const struct {
        const char *salutation, *of, *usual, *language, *cyrillic_name, *result;
    } cases[] = {
        {"I nderuar Don Pjetër", NULL, "sq", "sq", NULL, "I nderuar Don Pjetër"},
        {"I nderuar Don Pjetër", NULL, "sq", "sr-Cyrl", NULL, NULL},
        {"Dear Bob", NULL, "sq", "en", NULL, "Dear Bob"},
        {"Dear Bob", NULL, "sq", "sq", NULL, NULL},
        {"Hej Bob", NULL, "sq", "sq", NULL, "Hej Bob"},
        {"Hej Bob", "sv", "sq", "sq", NULL, NULL},
        {"H.E. Ambassador", NULL, "en", "en", NULL, NULL},
        {"Поштована Ано", NULL, "sr", "sr-Latn", NULL, "Poštovana Ano"},
        {"Поштована Ано", "sr-Cyrl", NULL, "sr", NULL, "Poštovana Ano"},
        {"Poštovani gospodine ministre", NULL, "sr", "sr-Latn", NULL, "Poštovani gospodine ministre"},
        {"Poštovani gospodine ministre", NULL, "sr", "sr-Cyrl", NULL, "Поштовани господине министре"},
        {"Poštovani gospodine Injac", NULL, "sr", "sr-Cyrl", NULL, NULL},
        {"Poštovani gospodine Stojkoviću", NULL, "sr", "sr-Cyrl", "Драган Стојковић",
         "Поштовани господине Стојковићу"},
        {"Poštovani gospodine Stojkoviću", NULL, "sr", "sr-Cyrl", "Dragan Stojković", NULL},
        {"", NULL, "sr", "sr-Cyrl", NULL, NULL},
        {NULL, NULL, "sr", "sr-Cyrl", NULL, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *got = form_override(mem, cases[i].salutation, cases[i].of, cases[i].usual,
                                        cases[i].language, cases[i].cyrillic_name);
        if (!got != !cases[i].result || (got && strcmp(got, cases[i].result)))
            fail_msg("%s for %s: %s", cases[i].salutation, cases[i].language, got ? got : "nothing");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_list),
        cmocka_unit_test(test_vocatives),
        cmocka_unit_test(test_overrides),
    };
    mem_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
