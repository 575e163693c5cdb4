/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Five lists, as the departments keep them, come in without a mapping made by hand; and where there is one,
 * what it gives is what is proposed.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/vcard_cage.h"
#include "base/xlsx.h"
#include "crm/import_undo.h"
#include "crm/import.h"
#include "tests/lib/testdb.h"

#define LISTS "demo/data/lists/"
#define MAPS  "tests/data/lists/"

static struct testdb *t;
static struct db *db;

static int begin(void **state)
{
    (void)state;
    t = testdb_open("import_lists");
    db = testdb_user(t, "lists_clerk", "clerk", "lists");
    return 0;
}

static int end(void **state)
{
    (void)state;
    db_close(db);
    testdb_close(t);
    return 0;
}

static struct import_report import(const char *file, const char *map)
{
    struct err err;
    struct import_report r;
    struct import_options o = {.file = file, .map_file = map, .country = "XK", .afresh = true};
    o.catalog = catalog_new(t, "en");
    if (import_contacts(t, db, &o, &r, &err) < 0)
        fail_msg("%s", err.text);
    return r;
}

static void undo(int64_t id)
{
    struct err err;
    struct import_undo u;
    if (import_undo(t, db, id, false, &u, &err) < 0)
        fail_msg("%s", err.text);
}

static void assert_sums(const struct import_report *r, int ready, int known, int check, int refused)
{
    assert_int_equal(r->ready, ready);
    assert_int_equal(r->known, known);
    assert_int_equal(r->check, check);
    assert_int_equal(r->refused, refused);
    assert_string_equal(
        testdb_ask(t, "select count(*) from import_row where import_id = %lld", (long long)r->id),
        talloc_asprintf(t, "%d", ready + known + check + refused));
}

/* What each row has become, but for its categories, its country (which the maps give to all) and the spelling
 * of its village. */
static char *rows_of(int64_t id)
{
    return (char *)testdb_ask(
        t,
        "select string_agg(concat_ws('|', r.row, r.class, c.kind, n.name, o.name, h.name, p.name, a.emails, "
        "f.phones,"
        " array_to_string(c.languages, ','), c.salutation, c.precedence, d.details, w.lines, "
        "nullif(w.city, (select value from contact_detail where contact_id = c.id and field = 'village')), "
        "x.notes),"
        " E'\\n' order by r.sheet, r.row)"
        " from import_row r left join contact c on c.id = r.contact_id"
        " left join contact_name n on n.contact_id = c.id and n.main"
        " left join contact_name o on o.contact_id = c.organisation_id and o.main"
        " left join lateral (select string_agg(m.name, ',' order by m.name) as name from contact q"
        "                      join contact_name m on m.contact_id = q.id where q.organisation_id = c.id) h "
        "on true"
        " left join lateral (select string_agg(p.name, ',' order by p.name) as name from post p"
        "                     where p.organisation_id = coalesce(c.organisation_id, c.id)) p on true"
        " left join lateral (select string_agg(email, ',' order by position) as emails from address"
        "                     where contact_id = c.id) a on true"
        " left join lateral (select string_agg(e164, ',' order by position) as phones from phone"
        "                     where contact_id = c.id) f on true"
        " left join lateral (select string_agg(field || '=' || value, ',' order by field) as details"
        "   from contact_detail where contact_id = c.id and field in ('employees', 'turnover', "
        "'registration', 'form',"
        "   'last_contact')) d on true"
        " left join postal_address w on w.contact_id = c.id"
        " left join lateral (select string_agg(note, ',' order by note) as notes from contact_note"
        "                     where contact_id = c.id) x on true"
        " where r.import_id = %lld",
        (long long)id);
}

static const char *categories_of(int64_t id)
{
    return testdb_ask(
        t,
        "select string_agg(r.row || '=' || k.slug, ' ' order by r.row, k.slug) from import_row r"
        " join contact_category ck using (contact_id) join category k on k.id = ck.category_id"
        " where r.import_id = %lld",
        (long long)id);
}

/* Who has a title, and whose gender is known. */
static const char *titles_of(int64_t id)
{
    return testdb_ask(
        t,
        "select string_agg(concat_ws('|', n.name, c.title, c.gender), ', ' order by n.name collate \"C\")"
        " from contact c join contact_name n on n.contact_id = c.id"
        " where c.import_id = %lld and c.title is not null",
        (long long)id);
}

static const char *genders_of(int64_t id)
{
    return testdb_ask(
        t,
        "select concat_ws('+', count(*) filter (where gender = 'f'), count(*) filter (where gender = "
        "'m')) from contact where import_id = %lld",
        (long long)id);
}

/* Each word of a among those of b, with blanks between. */
static void assert_within(const char *a, const char *b)
{
    const char *all = talloc_asprintf(t, " %s ", b);
    char *words = talloc_strdup(t, a);
    for (char *next, *word = words; word; word = next) {
        next = strchr(word, ' ');
        if (next)
            *next++ = 0;
        if (!strstr(all, talloc_asprintf(t, " %s ", word)))
            fail_msg("%s is not among %s", word, b);
    }
}

static void assert_same_lines(const char *a, const char *b)
{
    while (*a || *b) {
        size_t la = strcspn(a, "\n"), lb = strcspn(b, "\n");
        if (la != lb || strncmp(a, b, la) != 0)
            fail_msg("by hand  %.*s\nproposed %.*s", (int)la, a, (int)lb, b);
        a += la + (a[la] != 0);
        b += lb + (b[lb] != 0);
    }
}

static void test_as_by_hand(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        int ready, known, check, refused;
        const char *titles, *genders;
    } lists[] = {
        {"mayor-office", 69, 0, 11, 8,
         "Friederike Althoff|Dr.|f, Johannes Pichler|Mag.|m, Karin Wieser|Dr.|f, Pjetër Markaj|Don|m, "
         "Primož Kovačič|mag., Sava Jevtić|Protojerej|m",
         "29+38"},
        {"defb-bizneset", 87, 1, 4, 1,
         "Lumnije Halimi|Dr., Milena Savić|Dr., Saša Anđelković|dr., Ukshin Brahimi|Ing.", "0+0"},
        {"dijaspora-klubovi", 57, 0, 2, 1, "Милорад Јелић|отац|m, Светлана Васиљевић|др", "0+1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        const char *file = talloc_asprintf(t, LISTS "%s.csv", lists[i].name);
        struct import_report hand = import(file, talloc_asprintf(t, MAPS "%s.map", lists[i].name));
        assert_sums(&hand, lists[i].ready, lists[i].known, lists[i].check, lists[i].refused);
        const char *rows = rows_of(hand.id), *categories = categories_of(hand.id);
        undo(hand.id);
        struct import_report own = import(file, NULL);
        assert_sums(&own, lists[i].ready, lists[i].known, lists[i].check, lists[i].refused);
        assert_string_equal(own.part[0].origin, "proposed");
        assert_same_lines(rows, rows_of(own.id));
        assert_within(categories, categories_of(own.id));
        assert_string_equal(titles_of(own.id), lists[i].titles);
        assert_string_equal(genders_of(own.id), lists[i].genders);
        undo(own.id);
    }
}

static void test_spreadsheet(void **state)
{
    (void)state;
    struct import_report r = import(LISTS "donatoret.xlsx", NULL);
    assert_sums(&r, 47, 0, 2, 0); /* two international organisations stand for countries */
    assert_int_equal(r.parts, 2);
    assert_int_equal(r.part[0].header, 4);
    assert_int_equal(r.skips, 9); /* six groups, three lines of sums */
    assert_string_equal(
        testdb_ask(
            t,
            "select concat_ws('|', c.kind, n.name, a.email, f.e164, w.country, (select string_agg(k.slug, ','"
            " order by k.slug) from contact_category x join category k on k.id = x.category_id where "
            "x.contact_id"
            " = c.id), (select value from contact_detail d where d.contact_id = c.id and field = 'Data e "
            "zotimit'))"
            " from import_row r join contact c on c.id = r.contact_id"
            " join contact_name n on n.contact_id = c.id and n.main join address a on a.contact_id = c.id"
            " join phone f on f.contact_id = c.id left join postal_address w on w.contact_id = c.id"
            " where r.import_id = %lld and r.sheet = 'Donatorët' and r.row = 26",
            (long long)r.id),
        "organisation|Gmina "
        "Piekoszow|Ewa.Sobczyk@piekoszow.example|+48410000132|donor,partner-city|2024-07-12");
    assert_string_equal(
        testdb_ask(
            t,
            "select concat_ws('|', c.kind, n.name, (select string_agg(k.slug, ',' order by k.slug) from"
            " contact_category x join category k on k.id = x.category_id where x.contact_id = c.id))"
            " from import_row r join contact c on c.id = r.contact_id"
            " join contact_name n on n.contact_id = c.id and n.main"
            " where r.import_id = %lld and r.sheet = 'Donatorët' and r.row = 32",
            (long long)r.id),
        "person|Rade Maksimović|donor");
    assert_string_equal(
        testdb_ask(t,
                   "select string_agg(distinct k.slug, ',') from import_row r join contact_category x"
                   " using (contact_id) join category k on k.id = x.category_id"
                   " where r.import_id = %lld and r.sheet = 'Investitorët'",
                   (long long)r.id),
        "investor");
    assert_string_equal(titles_of(r.id), "Nada Đokić|mr ph., Tomáš Dvořák|Ing., Ulrich Reinders|Dr.");
    undo(r.id);
}

static void test_cards(void **state)
{
    (void)state;
    struct import_report r = import(LISTS "telefon.vcf", NULL);
    assert_sums(&r, 40, 1, 0, 0);
    assert_string_equal(
        testdb_ask(
            t,
            "select concat_ws('|', c.kind, n.name, o.name, (select string_agg(email, ',' order by position)"
            " from address a where a.contact_id = c.id), (select string_agg(e164, ',' order by position) from"
            " phone f where f.contact_id = c.id), array_to_string(c.languages, ','))"
            " from import_row r join contact c on c.id = r.contact_id"
            " join contact_name n on n.contact_id = c.id and n.main"
            " left join contact_name o on o.contact_id = c.organisation_id and o.main"
            " where r.import_id = %lld and r.row = 10",
            (long long)r.id),
        "person|Slavica Nedeljković|Zavičajni klub Vrbovac|vrbovac.stuttgart+klokot@t-online.example,"
        "slavica.nedeljkovic@gmail.example|+491700000409|sr");
    /* what the owner of the phone wrote behind a name is a note */
    assert_string_equal(testdb_ask(t,
                                   "select note from import_row r join contact_note using (contact_id)"
                                   " where r.import_id = %lld and r.row = 9",
                                   (long long)r.id),
                        "Zoran Petković Beč");
    assert_string_equal(testdb_ask(t,
                                   "select kind from import_row r join contact c on c.id = r.contact_id"
                                   " where r.import_id = %lld and r.row = 31",
                                   (long long)r.id),
                        "organisation");
    assert_string_equal(titles_of(r.id), "Sava|otac|m, Горан Денић|капетан, Слободан Димитријевић|др");
    undo(r.id);
}

int main(int argc, char **argv)
{
    mem_init();
    if (argc > 1 && !strcmp(argv[1], "cage"))
        return cage_main((const struct cage_parser *const[]){&xlsx_parser, &vcard_parser, NULL});
    testdb_need();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_by_hand),
        cmocka_unit_test(test_spreadsheet),
        cmocka_unit_test(test_cards),
    };
    return cmocka_run_group_tests_name("import_lists", tests, begin, end);
}
