/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The form of address of contacts in the store, and the order of protocol.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <inttypes.h>

#include <cmocka.h>

#include "crm/contact.h"
#include "crm/precedence.h"
#include "crm/segment.h"
#include "tests/lib/testdb.h"

static struct testdb *t;
static struct db *db; /* as a clerk of the mayor's office */

static int begin(void **state)
{
    (void)state;
    t = testdb_open("form");
    db = testdb_user(t, "vesna", "clerk", "mayor");
    return 0;
}

static int end(void **state)
{
    (void)state;
    db_close(db);
    testdb_close(t);
    return 0;
}

static int64_t add(struct contact_fields fields)
{
    struct err err;
    int64_t id = 0;
    if (contact_add(db, &fields, &id, &err) < 0)
        fail_msg("%s", err.text);
    return id;
}

static void edit(int64_t id, struct contact_fields fields)
{
    struct err err;
    if (contact_edit(db, id, &fields, &err) < 0)
        fail_msg("%s", err.text);
}

static struct form_contact form(void *mem, int64_t id, const char *language)
{
    struct err err;
    struct form_contact f;
    if (form_of_contacts(mem, db, &(struct form_wanted){.contact = id, .language = language, .home = "XK"}, 1,
                         &f, &err) < 0)
        fail_msg("%s", err.text);
    return f;
}

static const char *envelope(void *mem, const struct form_contact *f)
{
    struct text lines = text_new(mem);
    for (const char **line = f->envelope; *line; line++)
        text_printf(&lines, "%s%s", lines.len ? "|" : "", *line);
    return lines.s;
}

static void test_languages_and_scripts(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    int64_t id = add((struct contact_fields){.name = "Небојша Вукадиновић",
                                             .organisation = "Министарство за заједнице",
                                             .position = "ministar",
                                             .language = "sr-Cyrl,sq"});
    edit(id, (struct contact_fields){.name = "Nebojsha Vukadinoviq", .name_language = "sq"});
    testdb_do(t,
              "insert into postal_address (contact_id, lines, postcode, city, country) values "
              "(%lld, 'Zgrada Rilindije', '10000', 'Priština', 'XK')",
              (long long)id);
    struct form_contact f = form(mem, id, NULL);
    assert_string_equal(f.language, "sr-Cyrl");
    assert_string_equal(f.salutation, "Поштовани господине министре");
    assert_string_equal(envelope(mem, &f), "Г. Небојша Вукадиновић|министар|Министарство за заједнице|"
                                           "Zgrada Rilindije|10000 Priština");
    f = form(mem, id, "sr-Latn");
    assert_string_equal(f.salutation, "Poštovani gospodine ministre");
    assert_string_equal(f.organisation, "Ministarstvo za zajednice");
    f = form(mem, id, "sq");
    assert_string_equal(f.salutation, "I nderuar z. Ministër");
    assert_string_equal(f.name, "Nebojsha Vukadinoviq");
    assert_string_equal(f.post, "Ministër");
    f = form(mem, id, "en");
    assert_string_equal(f.salutation, "Dear Minister");
    assert_string_equal(f.closing, "Yours sincerely");

    edit(id, (struct contact_fields){.position = "Ministër për Komunitete dhe Kthim",
                                     .form.post_language = "sq"});
    assert_string_equal(form(mem, id, "sq").post, "Ministër për Komunitete dhe Kthim");
    assert_string_equal(form(mem, id, "sr").post, "ministar");
    edit(id, (struct contact_fields){.position = "министар за заједнице и повратак",
                                     .form.post_language = "sr-Cyrl"});
    assert_string_equal(form(mem, id, "sr").post, "ministar za zajednice i povratak");

    testdb_do(t, "update postal_address set country = 'DE' where contact_id = %lld", (long long)id);
    assert_string_equal(form(mem, id, "en").salutation, "Your Excellency");
    edit(id, (struct contact_fields){.form.formality = "neutral"});
    assert_string_equal(form(mem, id, "en").salutation, "Dear Minister");
}

static void test_override(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    int64_t id = add((struct contact_fields){
        .name = "Драган Стојковић", .language = "sr", .salutation = "Poštovani gospodine Stojkoviću"});
    struct form_contact f = form(mem, id, "sr-Latn");
    assert_true(f.overridden);
    assert_string_equal(f.salutation, "Poštovani gospodine Stojkoviću");
    f = form(mem, id, "sr-Cyrl");
    assert_string_equal(f.salutation, "Поштовани господине Стојковићу");
    f = form(mem, id, "de"); /* the override tells the gender, and is not of the language */
    assert_false(f.overridden);
    assert_string_equal(f.salutation, "Sehr geehrter Herr Stojković");
    edit(id, (struct contact_fields){.salutation = "Mein lieber Freund", .form.salutation_language = "de"});
    assert_string_equal(form(mem, id, "de").salutation, "Mein lieber Freund");
    assert_false(form(mem, id, "sr-Latn").overridden);
    edit(id, (struct contact_fields){.salutation = "Dragi prijatelju"});
    assert_string_equal(
        testdb_ask(t, "select salutation_language from contact where id = %lld", (long long)id), "");
    assert_string_equal(form(mem, id, "sr-Latn").salutation, "Dragi prijatelju");
    edit(id, (struct contact_fields){.salutation = ""});
    assert_string_equal(form(mem, id, "sr-Latn").salutation, "Poštovani gospodine Stojkoviću");
}

static void test_title_class_and_organisation(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    int64_t id = add((struct contact_fields){
        .name = "Karin Wieser", .organisation = "ADA", .language = "de", .gender = "f", .form.title = "Dr."});
    assert_string_equal(form(mem, id, NULL).salutation, "Sehr geehrte Frau Dr. Wieser");
    edit(id, (struct contact_fields){.position = "Referentin"});
    edit(id, (struct contact_fields){.form.post_class = "ambassador"});
    struct form_contact f = form(mem, id, NULL);
    assert_string_equal(f.salutation, "Exzellenz");
    assert_int_equal(f.class, FORM_AMBASSADOR);
    edit(id, (struct contact_fields){.form.post_class = "", .form.title = "", .form.formality = "familiar"});
    assert_string_equal(form(mem, id, NULL).salutation, "Liebe Frau Wieser");
    int64_t ada = 0;
    sscanf(testdb_ask(t, "select organisation_id from contact where id = %lld", (long long)id), "%" SCNd64,
           &ada);
    f = form(mem, ada, "sq");
    assert_string_equal(f.salutation, "Të nderuar");
    assert_string_equal(envelope(mem, &f), "ADA");
    assert_string_equal(form(mem, ada, NULL).salutation, "Dear Sir or Madam");
}

static void refused(int64_t id, struct form_fields fields, const char *words)
{
    struct err err;
    assert_int_equal(contact_edit(db, id, &(struct contact_fields){.form = fields}, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_non_null(strstr(err.text, words));
}

static void test_refused(void **state)
{
    (void)state;
    int64_t id = add((struct contact_fields){.name = "Ana Anić"});
    refused(id, (struct form_fields){.formality = "cold"}, "familiar");
    refused(id, (struct form_fields){.post_class = "emperor"}, "emperor");
    refused(id, (struct form_fields){.post_class = "minister"}, "no post");
    refused(id, (struct form_fields){.rank = "0"}, "rank");
    refused(id, (struct form_fields){.rank = "-3"}, "rank");
    refused(id, (struct form_fields){.in_office_since = "yesterday"}, "date");
    refused(id, (struct form_fields){.salutation_language = "x!"}, "language");
    refused(id, (struct form_fields){.post_language = "sq"}, "--position");
    struct err err;
    struct form_contact f;
    MEM_SCOPE(mem);
    assert_int_equal(form_of_contacts(mem, db, &(struct form_wanted){.contact = 999999}, 1, &f, &err), -1);
    assert_int_equal(err.code, ERR_NOTFOUND);
}

static void test_precedence_of(void **state)
{
    (void)state;
    struct precedence a = precedence_of("Ambassador – 3 (credentials 14.09.2023)");
    assert_int_equal(a.rank, form_class_rank(FORM_AMBASSADOR));
    assert_int_equal(a.number, 3);
    assert_string_equal(a.since, "2023-09-14");
    assert_int_equal(precedence_of("P2 – Minister").rank, form_class_rank(FORM_MINISTER));
    assert_int_equal(precedence_of("CdA a.i. – 15").number, 15);
    assert_int_equal(precedence_of("CdA a.i. – 15").rank, form_class_rank(FORM_CHARGE));
    assert_int_equal(precedence_of("clergy").rank, 0);
    assert_int_equal(precedence_of("").rank, 0);
    struct precedence b = precedence_of("Ambassador – 13");
    assert_true(precedence_compare(&a, &b) < 0);
    b = precedence_of("Minister");
    assert_true(precedence_compare(&a, &b) > 0);
}

static int64_t guest(const char *name, const char *position, const char *precedence)
{
    return add((struct contact_fields){.name = name,
                                       .organisation = "Gäste",
                                       .position = position,
                                       .precedence = precedence,
                                       .category = "donor"});
}

static int append(void *context, struct db_rows *rows, struct err *err)
{
    (void)err;
    text_printf(context, "%s; ", db_get_str(rows, 0, "name"));
    return 0;
}

static void test_order(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err;
    guest("Ćira Čolić", NULL, NULL);
    guest("Сава Бабић", NULL, NULL);
    guest("Ana Dedić", NULL, NULL);
    guest("Jonathan Hartwell", "Ambassador", "Ambassador – 2 (credentials 11.07.2023)");
    guest("Serkan Aydın", "Ambassador", "Ambassador – 1 (credentials 20.02.2022), doyen");
    guest("Pavel Novotný", "Ambassador", "Ambassador – 13");
    guest("Shpëtim Hyseni", "Ministër", NULL);
    int64_t mayor = guest("Sabedin Ajeti", "Mayor", "Mayor"),
            late = guest("Late Ambassador", "Ambassador", NULL);
    edit(late, (struct contact_fields){.form.in_office_since = "01.05.2023"});
    struct text names = text_new(mem);
    const struct segment_page page = {.precedence = "sr-Latn"};
    struct segment *donors;
    struct segment_spot spot;
    if (segment_open(mem, db, "category:donor", &donors, &spot, &err) < 0 ||
        segment_each(db, donors, &page, append, &names, &err) < 0)
        fail_msg("%s", err.text);
    assert_string_equal(names.s,
                        "Shpëtim Hyseni; Serkan Aydın; Late Ambassador; Jonathan Hartwell; Pavel Novotný; "
                        "Sabedin Ajeti; Сава Бабић; Ćira Čolić; Ana Dedić; ");
    edit(mayor, (struct contact_fields){.form.rank = "1"});
    names = text_new(mem);
    assert_int_equal(segment_each(db, donors, &page, append, &names, &err), 0);
    assert_int_equal(strncmp(names.s, "Sabedin Ajeti; Shpëtim", strlen("Sabedin Ajeti; Shpëtim")), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_languages_and_scripts),
        cmocka_unit_test(test_override),
        cmocka_unit_test(test_title_class_and_organisation),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_precedence_of),
        cmocka_unit_test(test_order),
    };
    mem_init();
    testdb_need();
    return cmocka_run_group_tests(tests, begin, end);
}
