/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What the words in lists mean, where the header of a list is, and what is proposed for it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>
#include <cmocka.h>

#include "base/catalog.h"
#include "base/unicode.h"
#include "crm/listplan.h"
#include "crm/listrow.h"
#include "crm/listword.h"
#include "crm/mapping_propose.h"
#include "crm/phrase.h"

static void test_phrases(void **state)
{
    (void)state;
    static const struct {
        const char *fold, *phrases;
        int points;
    } table[] = {
        {"e mail", "e mail*", 100},
        {"telefoni", "telefon*", 97},
        {"nr i punetoreve", "=nr", 0},
        {"nr", "tel|=nr", 100},
        {"postal address", "address*", 69},
        {"naziv kluba udruzenja", "naziv*|naziv kluba", 76},
        {"mail", "e mail", 0},
        {"", "a", 0},
        {"anything at all", "* * *", 97},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        assert_int_equal(phrase_match(table[i].fold, table[i].phrases), table[i].points);
}

static void test_headers(void **state)
{
    (void)state;
    static const struct {
        enum field field;
        const char *headers; /* with bars between */
    } table[] = {
        {FIELD_NAME,
         "Emri dhe mbiemri|Ime i prezime|Име и презиме|Full name|Imię i nazwisko|Emri|Ime|Име|Name"},
        {FIELD_SPEAKER, "Personi kontaktues|Kontakt osoba|Особа за контакт|Contact person|Ansprechpartner|"
                        "Osoba kontaktowa|Pronari / përfaqësuesi|Координатор"},
        {FIELD_GIVEN, "First name|Vorname|Given name"},
        {FIELD_FAMILY, "Mbiemri|Prezime|Презиме|Surname|Nachname|Nazwisko|Last name"},
        {FIELD_ORGANISATION, "Organizata|Organizacija|Назив клуба / удружења|Organisation|Unternehmen|Firma|"
                             "Nazwa organizacji|Emri i biznesit|Donatori|Institucioni"},
        {FIELD_EMAIL,
         "E-mail|Е-пошта|Posta elektronike|Email adresa|E-Mail-Adresse|Adres e-mail|Mejl|e-mail 2"},
        {FIELD_PHONE, "Telefoni|Телефон|Phone|Tel.|Mobil|Handynummer|Telefon komórkowy|Nr. tel|Mobile"},
        {FIELD_ADDRESS, "Adresa|Адреса|Postal address|Anschrift|Adres|Straße"},
        {FIELD_LANGUAGE, "Gjuha|Језик|Language|Sprache|Język"},
        {FIELD_COUNTRY, "Shteti / organizata|Држава|Country|Land|Kraj"},
        {FIELD_CITY, "Qyteti|Град|City|Stadt|Ort|Miasto|Miejscowość"},
        {FIELD_POSTCODE, "Kodi postar|Поштански број|PLZ|Kod pocztowy|Postal code"},
        {FIELD_CATEGORY, "Kategoria|Врста|Lloji|Category|Kategorie|Rodzaj"},
        {FIELD_POSITION, "Pozita|Функција|Position|Funktion|Stanowisko|Job title"},
        {FIELD_SALUTATION, "Form of address|Briefanrede|Обраћање|Zwrot grzecznościowy"},
        {FIELD_HONORIFIC, "Anrede|Titulli|Titel|Title"},
        {FIELD_NOTE, "Vërejtje|Напомена|Notes|Bemerkungen|Uwagi|Veprimtaria"},
        {FIELD_REGISTRATION, "NUI|PIB|Матични број|Registration no.|NIP"},
        {FIELD_EMPLOYEES, "Nr. i punëtorëve|Број запослених|Employees|Mitarbeiter|Liczba pracowników"},
        {FIELD_TURNOVER, "Qarkullimi vjetor (€)|Promet|Turnover|Umsatz|Obroty"},
        {FIELD_LAST_CONTACT,
         "Kontakti i fundit|Последњи контакт|Last contact|Letzter Kontakt|Ostatni kontakt"},
        {FIELD_FORM, "Forma|Pravni oblik|Legal form|Rechtsform|Forma prawna"},
        {FIELD_VILLAGE, "Fshati|Завичај|Village|Dorf"},
        {FIELD_IGNORE, "Nr.|Р.бр.|No.|Lp.|lfd. Nr."},
        {FIELD_DETAIL, "Fax|Projekti|Something else|Date"},
        {FIELD_GENDER, "Gjinia|Пол|Gender|Geschlecht|Płeć"},
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        for (char *next, *at = talloc_strdup(mem, table[i].headers); at; at = next) {
            int points;
            next = strchr(at, '|');
            if (next)
                *next++ = 0;
            if (listhead_field(at, &points) != table[i].field)
                fail_msg("\"%s\" is taken for %d, not %d", at, (int)listhead_field(at, &points),
                         (int)table[i].field);
        }
}

static const char *or_none(const char *s)
{
    return s ? s : "none";
}

static void test_words(void **state)
{
    (void)state;
    static const struct {
        const char *word, *slug;
    } categories[] = {
        {"Ministritë", "ministry"},
        {"Министарство", "ministry"},
        {"Embassies", "diplomatic-mission"},
        {"Botschaft", "diplomatic-mission"},
        {"komunë partnere", "partner-city"},
        {"Gmina", "municipality"},
        {"ОЈК", NULL},
        {"OJQ ndërkombëtare", "ngo"},
        {"невладина организација", "ngo"},
        {"organizatë ndërkombëtare", "international-organisation"},
        {"klub", "ngo"},
        {"спортски клуб", "sport"},
        {"donatorët", "donor"},
        {"Spender", "donor"},
        {"Javno preduzeće", "public-enterprise"},
        {"przedsiębiorstwo", "business"},
        {"xyz", NULL},
        {"village-council", "village-council"},
        {"црквена општина", "religious-community"},
        {"NGO, Donor", "ngo,donor"},
        {"донатор/инвеститор;", "donor,investor"},
        {"Ambasada / Konsullata", "diplomatic-mission"},
        {"Ambasada, Prishtinë", "diplomatic-mission"},
    };
    static const struct {
        const char *words, *tags;
    } languages[] = {
        {"serbisht", "sr"},
        {"српски", "sr-Cyrl"},
        {"Srpski", "sr-Latn"},
        {"Deutsch", "de"},
        {"SQ", "sq"},
        {"sr/en", "sr,en"},
        {"српски/немачки", "sr-Cyrl,de"},
        {"shqip dhe anglisht", "sq,en"},
        {"dygjuhësh", "sq,sr"},
        {"polski", "pl"},
        {"Klingon", NULL},
        {"sq, Klingon", NULL},
        {"", NULL},
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(categories); i++)
        assert_string_equal(or_none(listword_categories(mem, categories[i].word)),
                            or_none(categories[i].slug));
    for (size_t i = 0; i < ARRAY_LEN(languages); i++)
        assert_string_equal(or_none(listword_language(mem, languages[i].words)), or_none(languages[i].tags));
}

/* What our own lists call the categories, the languages, the kinds and their columns is known when they come
 * back. */
static void test_own_words(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const char *const names[] = {"NGO",
                                        "Business",
                                        "Donor",
                                        "Investor",
                                        "Diaspora club",
                                        "Partner city",
                                        "Ministry",
                                        "Agency",
                                        "Municipality",
                                        "Diplomatic mission",
                                        "International organisation",
                                        "Media",
                                        "Village council",
                                        "Religious community",
                                        "Education",
                                        "Culture",
                                        "Sport",
                                        "Public enterprise",
                                        "Farmer",
                                        "Other"};
    static const char *const languages[][2] = {
        {"Albanian", "sq"}, {"English", "en"}, {"German", "de"}, {"Polish", "pl"}};
    static const char *const catalogs[] = {"en", "sq", "sr-Cyrl", "sr-Latn"};
    int points;
    for (size_t k = 0; k < ARRAY_LEN(catalogs); k++) {
        const struct catalog *catalog = catalog_new(mem, catalogs[k]);
        for (size_t i = 0; i < ARRAY_LEN(names); i++) {
            const char *word = catalog_text(catalog, names[i]), *slug = listword_category(word, &points);
            char *want = unicode_fold(mem, names[i]);
            for (char *c = want; *c; c++)
                *c = *c == ' ' ? '-' : *c;
            if (!slug || strcmp(slug, want) != 0)
                fail_msg("%s: %s is %s, not %s", catalogs[k], word, or_none(slug), want);
        }
        for (size_t i = 0; i < ARRAY_LEN(languages); i++) {
            const char *word = catalog_text(catalog, languages[i][0]);
            if (strcmp(or_none(listword_language(mem, word)), languages[i][1]) != 0)
                fail_msg("%s: %s is %s", catalogs[k], word, or_none(listword_language(mem, word)));
        }
        assert_int_equal(listhead_field(catalog_text(catalog, "Tags"), &points), FIELD_TAG);
        assert_int_equal(listhead_field(catalog_text(catalog, "Cared for by"), &points), FIELD_OWNER);
        assert_string_equal(or_none(listword_kind(catalog_text(catalog, "Person"))), "person");
        assert_string_equal(or_none(listword_kind(catalog_text(catalog, "Organisation"))), "organisation");
    }
}

static void test_more_words(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    assert_true(listword_is_circle("Удружење жена"));
    assert_false(listword_is_circle("sportski klub"));
    assert_string_equal(or_none(listword_country(mem, "Zvicër")), "CH");
    assert_string_equal(or_none(listword_country(mem, "Аустрија")), "AT");
    assert_string_equal(or_none(listword_country(mem, "de")), "DE");
    assert_string_equal(or_none(listword_country(mem, "OKB")), "none");
    assert_string_equal(or_none(listword_kind("person fizik")), "person");
    assert_string_equal(or_none(listword_gender("Frau")), "f");
    assert_string_equal(or_none(listword_gender("gospodin")), "m");
    assert_string_equal(or_none(listword_gender("Ž")), "f");
    assert_string_equal(or_none(listword_gender("z.")), "m");
    assert_string_equal(or_none(listword_gender("ženski")), "f");
    assert_string_equal(or_none(listword_gender("Frau Wieser")), "none");
    assert_true(listword_is_total("GJITHSEJ"));
    assert_true(listword_is_total("Укупно:"));
    assert_false(listword_is_total("Sumadija"));
}

static void test_forms(void **state)
{
    (void)state;
    static const struct {
        const char *name, *form;
    } table[] = {
        {"Medimorava d.o.o.", "D.O.O."},
        {"Ђорђевић Градња доо", "D.O.O."},
        {"„Kosova Cement Trade“ SH.P.K.", "SH.P.K."},
        {"Spółdzielnia Sp. z o.o.", "Sp. z o.o."},
        {"GIZ GmbH", "GmbH"},
        {"N.T.P. Petrol", "N.T.P."},
        {"Nordic Berry AB", "AB"},
        {"Balneo Consult s.r.o.", "s.r.o."},
        {"Klub ab", NULL},
        {"Sa nama", NULL},
        {"AG", NULL},
        {"Klubi Lions", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        assert_string_equal(or_none(listword_form_in(table[i].name)), or_none(table[i].form));
}

/* ---- whole lists */

struct seen {
    void *mem;
    struct text rows; /* name|organisation|gender|categories; or group, total */
};

static int see_row(void *context, const struct list_part *part, const struct csv_record *record,
                   enum listhead_kind kind, const char *category, struct err *err)
{
    struct seen *s = context;
    (void)err;
    struct list_row row;
    struct listrow_options options = {.mapping = part->mapping,
                                      .label = part->head.label,
                                      .category = category,
                                      .country = "XK",
                                      .catalog = catalog_new(s->mem, "en")};
    if (kind != LISTHEAD_ROW) {
        text_printf(&s->rows, "%ld %s\n", record->number, kind == LISTHEAD_GROUP ? "group" : "total");
        return 0;
    }
    listrow_read(s->mem, &options, record, &row);
    const char *title = row.text[FIELD_HONORIFIC];
    text_printf(&s->rows, "%ld %s%s%s|%s|%s|", record->number, title ? title : "", title ? "+" : "",
                or_none(row.text[FIELD_NAME]), or_none(row.text[FIELD_ORGANISATION]),
                or_none(row.text[FIELD_GENDER]));
    for (size_t i = 0; i < row.categories; i++)
        text_printf(&s->rows, "%s%s", i ? "," : "", row.category[i]);
    text_printf(&s->rows, "%s%s\n", *row.reason ? " " : "", row.reason);
    return 0;
}

static const char *plan_text(void *mem, const char *text, struct list_plan *plan)
{
    struct err err;
    static char path[64];
    snprintf(path, sizeof path, "/tmp/adresar-test-mapping.%d.csv", (int)getpid());
    FILE *f = fopen(path, "w");
    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
    struct listplan_options options = {.file = path};
    struct seen seen = {mem, text_new(mem)};
    int rc = listplan_make(mem, &options, plan, &err);
    rc = rc < 0 ? rc : listplan_each(plan, see_row, &seen, &err);
    unlink(path);
    return rc < 0 ? talloc_strdup(mem, err.text) : seen.rows.s;
}

static void assert_rows(const char *text, const char *rows)
{
    MEM_SCOPE(mem);
    struct list_plan plan;
    assert_string_equal(plan_text(mem, text, &plan), rows);
}

static void test_titles_groups_sums(void **state)
{
    (void)state;
    assert_rows("Komuna e Kllokotit,,,\n,,,\nNr.,Institucioni,E-mail,Shuma\n"
                "A. Ministritë,,,\n1,Ministria A,a@x.example,100\n2,Ministria B,b@x.example,50\n"
                "B. Institucione të Kosovës,,,\n3,Klubi C,c@x.example,\n,Totali,,150\n,Numri,,3\n",
                "4 group\n5 none|Ministria A|none|ministry\n6 none|Ministria B|none|ministry\n7 group\n"
                "8 none|Klubi C|none|\n9 total\n10 total\n");
    /* an organisation with nothing but a name is no group; one called Total with an address is no sum */
    assert_rows("Name,Organisation,E-mail,Phone\n,Ministria e Drejtësisë,,\nAna Anić,,a@x.example,\n"
                ",Total,info@total.example,\n",
                "2 none|Ministria e Drejtësisë|none|\n3 Ana Anić|none|none|\n4 none|Total|none|\n");
}

static void test_split_names(void **state)
{
    (void)state;
    assert_rows("Emri;Mbiemri;E-mail\nArta;Hoxha;a@x.example\n", "2 Arta Hoxha|none|none|\n");
    assert_rows("Презиме;Име;Е-пошта\nСтојковић;Драган;a@x.example\n", "2 Драган Стојковић|none|none|\n");
    assert_rows("Anrede;Vorname;Name;Firma\nFrau;Anja;Petersen;GIZ\nHerr;Uli;Maier;GIZ\n",
                "2 Anja Petersen|GIZ|f|\n3 Uli Maier|GIZ|m|\n");
    assert_rows("Titel;Name;Anschrift\nDr.;Anja Petersen;x\nFrau Prof.;dr Eva Maier;x\nDr.;dr Uli Maier;x\n",
                "2 Dr.+Anja Petersen|none|none|\n3 Prof. dr+Eva Maier|none|f|\n4 dr+Uli Maier|none|none|\n");
    /* what an organisation is called is no person's name */
    assert_rows(
        "Emri;Lloji;E-mail\nDr. Oetker;person juridik;a@x.example\nDr. Arta Hoxha;person fizik;b@x.example\n",
        "2 Dr. Oetker|none|none|\n3 Dr.+Arta Hoxha|none|none|\n");
    assert_rows("Imię;Nazwisko;Organizacja\nEwa;Sobczyk;Gmina Piekoszów\n",
                "2 Ewa Sobczyk|Gmina Piekoszów|none|\n");
    assert_rows("Name;E-mail\nHoxha, Arta;a@x.example\n", "2 Arta Hoxha|none|none|\n");
}

static void test_by_values(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct list_plan plan;
    plan_text(
        mem,
        "Név;Elérés;Hívás;Nyelv;Ki\nx;ana@x.example;+383 49 000 201;srpski;Ana Anić\n"
        "y;bora@x.example;049 000 202;shqip;Bora Borić\nz;cveta@x.example;044/000-203;sq;Cveta Cvetić\n",
        &plan);
    assert_int_equal(mapping_field(plan.part[0].mapping, 1), FIELD_EMAIL);
    assert_int_equal(mapping_field(plan.part[0].mapping, 2), FIELD_PHONE);
    assert_int_equal(mapping_field(plan.part[0].mapping, 3), FIELD_LANGUAGE);
    assert_int_equal(mapping_field(plan.part[0].mapping, 4), FIELD_NAME);
    assert_int_equal(mapping_field(plan.part[0].mapping, 0), FIELD_DETAIL);
    assert_non_null(strstr(mapping_text(plan.part[0].mapping), "what stands in it (3 of 3) looks so"));
    /* a name that its cells deny */
    plan_text(mem,
              "Name;Phone\nana@x.example;Ana Anić\nbora@x.example;Bora Borić\nc@x.example;Cveta Cvetić\n",
              &plan);
    assert_int_equal(mapping_field(plan.part[0].mapping, 0), FIELD_EMAIL);
    assert_int_equal(mapping_field(plan.part[0].mapping, 1), FIELD_NAME);
}

static void test_columns_of_one_name(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct list_plan plan;
    struct mapping *again;
    struct err err;
    plan_text(mem, "Name,Phone,Phone,,\"Say \"\"no\"\"\"\nAna Anić,049000201,049000202,x,y\n", &plan);
    const struct list_head *head = &plan.part[0].head;
    assert_string_equal(head->label[2], "Phone (2)");
    assert_string_equal(head->label[3], "(D)");
    assert_string_equal(head->label[4], "Say 'no'");
    /* what is proposed can be read again, and fits */
    assert_int_equal(mapping_parse(mem, "m", mapping_text(plan.part[0].mapping), &again, &err), 0);
    assert_int_equal(mapping_bind(again, head->label, head->n, &err), 0);
    assert_int_equal(mapping_field(again, 2), FIELD_PHONE);
    assert_int_equal(mapping_field(again, 3), FIELD_DETAIL);
}

static void test_shapes(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct list_plan a, b, c;
    plan_text(mem, "Name,E-mail\nA B,a@x.example\n", &a);
    plan_text(mem, "Title\nNAME;e-mail\nC D;c@x.example\n", &b);
    plan_text(mem, "Name,E-mail,Phone\nA B,a@x.example,1\n", &c);
    assert_string_equal(a.part[0].head.shape, b.part[0].head.shape);
    assert_string_not_equal(a.part[0].head.shape, c.part[0].head.shape);
    assert_int_equal(b.part[0].head.row, 2);
}

static void test_sheets_of_a_mapping(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct mapping *m;
    struct err err;
    assert_int_equal(
        mapping_parse(mem, "m",
                      "[columns]\n\"A\" = name\n[sheet Two]\n[columns]\n\"B\" = organisation # x\n"
                      "[always]\ncategory = donor\n",
                      &m, &err),
        0);
    assert_null(mapping_always(mapping_for_sheet(m, "One")));
    assert_string_equal(mapping_always(mapping_for_sheet(m, "Two")), "donor");
    assert_ptr_equal(mapping_for_sheet(m, NULL), mapping_for_sheet(m, "One"));
    assert_int_equal(mapping_parse(mem, "m", "[columns]\n\"A\" = name\n[always]\nkind = x\n", &m, &err), -1);
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_phrases),
        cmocka_unit_test(test_headers),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_own_words),
        cmocka_unit_test(test_more_words),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_titles_groups_sums),
        cmocka_unit_test(test_split_names),
        cmocka_unit_test(test_by_values),
        cmocka_unit_test(test_columns_of_one_name),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_sheets_of_a_mapping),
    };
    return cmocka_run_group_tests_name("mapping", tests, NULL, NULL);
}
