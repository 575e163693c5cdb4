/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A workbook that goes out, is edited and comes back.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <unistd.h>

#include "base/csv.h"
#include "base/xlsx.h"
#include "crm/contact.h"
#include "reports/changes.h"
#include "reports/exchange_low.h"
#include "reports/exchange.h"
#include "reports/sheet.h"
#include "tests/lib/testdb.h"

static struct testdb *t;
static struct db *db; /* as a clerk of the mayor's office */
static struct conf conf;
static void *mem;

static int begin(void **state)
{
    (void)state;
    t = testdb_open("exchange");
    db = testdb_user(t, "vesna", "clerk", "mayor");
    mem = talloc_new(t);
    conf.office.language = "en";
    conf.office.time_zone = "Europe/Belgrade";
    conf.office.country = "XK";
    conf.office.name = "Office";
    return 0;
}

static int end(void **state)
{
    (void)state;
    db_close(db);
    testdb_close(t);
    return 0;
}

#define ok(call)                                                                                             \
    do {                                                                                                     \
        if ((call) < 0)                                                                                      \
            fail_msg("%s", err.text);                                                                        \
    } while (0)

static int64_t add(struct contact_fields fields)
{
    struct err err;
    int64_t id = 0;
    ok(contact_add(db, &fields, &id, &err));
    return id;
}

enum { MAX_COLUMNS = 40 };
struct table {
    const char *title[MAX_COLUMNS];
    size_t columns, rows;
    const char *cell[64][MAX_COLUMNS];
};

static int take_row(void *context, const struct xlsx_row *row, struct err *err)
{
    (void)err;
    struct table *table = context;
    bool header = row->n > 2 && !strcmp(row->cell[0], "uid");
    if (!header && !table->columns)
        return 0;
    if (header)
        table->columns = row->n;
    else
        table->rows++;
    for (size_t i = 0; i < table->columns; i++)
        (header ? table->title : table->cell[table->rows - 1])[i] =
            talloc_strdup(mem, i < row->n ? row->cell[i] : "");
    return 0;
}

static struct cage *open_cage(void)
{
    struct err err;
    struct cage *cage;
    ok(cage_open(mem, &cage, &err));
    return cage;
}

static const char *path_of(const char *name)
{
    const char *dir = getenv("ADRESAR_TEST_DIR");
    return talloc_asprintf(mem, "%s/exchange-%ld-%s", dir ? dir : "/tmp", (long)getpid(), name);
}

static struct table *export(const char *path, const int64_t *ids, size_t n)
{
    struct err err;
    char *bytes;
    size_t len;
    struct exchange_query q = {.path = path, .question = "", .made_by = "vesna", .ids = ids, .n = n};
    struct exchange_result result;
    struct table *table = talloc_zero(mem, struct table);
    ok(exchange_write(db, &conf, &q, &result, &err));
    assert_int_equal(result.contacts, n);
    ok(mem_read_file(mem, path, 1 << 20, &bytes, &len, &err));
    ok(xlsx_each(open_cage(), bytes, len, 0, take_row, table, &err));
    assert_int_equal(table->rows, n);
    return table;
}

/* Backwards, and without the column of that title. */
static void write_again(const char *path, const struct table *table, const char *without)
{
    struct err err;
    SHEET sheet = NULL;
    struct sheet_result result;
    struct sheet_column column[MAX_COLUMNS];
    size_t from[MAX_COLUMNS];
    int n = 0;
    for (size_t i = table->columns; i-- > 0;)
        if (!without || strcmp(table->title[i], without)) {
            from[n] = i;
            column[n++] = (struct sheet_column){table->title[i], SHEET_TEXT, 0};
        }
    struct sheet_about about = {.title = "Edited",
                                .office = "Office",
                                .made = "x",
                                .made_by = "x",
                                .page_words = "",
                                .date_format = "dd.mm.yyyy"};
    struct sheet_page page = {.name = "Contacts", .columns = column, .ncolumns = n};
    ok(sheet_open(mem, &sheet, path, &about, &err));
    ok(sheet_begin(sheet, &page, &err));
    for (size_t r = 0; r < table->rows; r++) {
        const char *cell[MAX_COLUMNS];
        for (int i = 0; i < n; i++)
            cell[i] = table->cell[r][from[i]];
        ok(sheet_add(sheet, cell, &err));
    }
    ok(sheet_save(sheet, &result, &err));
}

static const char **cell_of(struct table *table, size_t row, const char *title)
{
    for (size_t i = 0; i < table->columns; i++)
        if (!strcmp(table->title[i], title))
            return &table->cell[row][i];
    fail_msg("no column %s", title);
    return NULL;
}

/* "class field: from -> to" a line */
static const char *differences(const char *path, struct changes *changes)
{
    struct err err;
    struct text s = text_new(mem);
    ok(changes_read(mem, db, &conf, open_cage(), path, DB_READ, changes, &err));
    for (size_t i = 0; i < changes->n; i++) {
        const struct change *c = &changes->change[i];
        text_printf(&s, "%s %s: %s -> %s; ", change_class_name(c->class), c->field ? c->field : "row",
                    c->from, c->to);
    }
    return s.s;
}

/* Two contacts, the files of their export and of its edited copy. */
struct trip {
    int64_t ids[2];
    const char *path, *edited;
};

static struct trip new_trip(const char *name)
{
    struct trip trip = {.path = path_of("list.xlsx"), .edited = path_of("edited.xlsx")};
    const char *email = talloc_asprintf(mem, "%s@rt.example", name);
    trip.ids[0] = add((struct contact_fields){.name = talloc_asprintf(mem, "Aaa %s", name),
                                              .email = email,
                                              .language = "sq",
                                              .note = "=1+2\n+383",
                                              .phone = "049/000-201",
                                              .country = "XK",
                                              .category = "donor",
                                              .tag = "one"});
    trip.ids[1] = add((struct contact_fields){.name = talloc_asprintf(mem, "Ccc %s", name),
                                              .organisation = "Round Trip",
                                              .position = "chair",
                                              .language = "de"});
    return trip;
}

static void end_trip(const struct trip *trip)
{
    unlink(trip->path);
    unlink(trip->edited);
}

static const char *fact(const char *expression, int64_t id)
{
    return testdb_ask(t, "select %s from contact c where c.id = %lld", expression, (long long)id);
}

static void test_unedited(void **state)
{
    (void)state;
    struct changes changes;
    struct trip trip = new_trip("Unedited");
    struct table *table = export(trip.path, trip.ids, 2);
    assert_string_equal(differences(trip.path, &changes), "");
    write_again(trip.edited, table, NULL);
    assert_string_equal(differences(trip.edited, &changes), "");
    end_trip(&trip);
}

static void test_round_trip(void **state)
{
    (void)state;
    struct err err;
    struct changes changes;
    size_t applied;
    struct trip trip = new_trip("Edited");
    struct table *table = export(trip.path, trip.ids, 2);
    *cell_of(table, 0, "Name") = "  Aaa   Edited ";
    *cell_of(table, 0, "Category") = "Investor, NGO";
    *cell_of(table, 0, "Language") = "German, Albanian";
    *cell_of(table, 0, "Title") = "Prof. dr";
    *cell_of(table, 0, "Tags") = "two";
    *cell_of(table, 0, "City") = "Klokot";
    *cell_of(table, 0, "Note") = "=1+2\n+383\nand more";
    *cell_of(table, 0, "Phone") = "049 000 201";
    *cell_of(table, 1, "Organisation") = "ROUND TRIP";
    *cell_of(table, 1, "Position") = "secretary";
    *cell_of(table, 1, "State") = "has left";
    write_again(trip.edited, table, "E-mail");
    assert_string_equal(
        differences(trip.edited, &changes),
        "ready category: Donor -> Investor, NGO; ready languages: Albanian -> German, Albanian; "
        "ready title:  -> Prof. dr; ready city:  -> Klokot; ready tags: one -> two; "
        "ready note: =1+2\n+383 -> =1+2\n+383\nand more; "
        "ready position: chair -> secretary; ready state: active -> has left; ");
    ok(changes_approve(db, &conf, &changes, NULL, 0, &applied, &err));
    assert_int_equal(applied, 8);
    assert_string_equal(fact("title", trip.ids[0]), "Prof. dr");
    assert_string_equal(differences(trip.edited, &changes), "");
    assert_string_equal(fact("languages", trip.ids[0]), "{de,sq}");
    assert_string_equal(fact("(select count(*) from contact_note where contact_id = c.id)", trip.ids[0]),
                        "2");
    assert_string_equal(fact("(select string_agg(slug, ' ' order by slug) from contact_category x"
                             " join category k on k.id = category_id where contact_id = c.id)",
                             trip.ids[0]),
                        "investor ngo");
    end_trip(&trip);
}

/* What a list does not change is said, and not when a program only wrote it in its own way. */
static void test_not_by_list(void **state)
{
    (void)state;
    struct changes changes;
    struct trip trip = new_trip("Fixed");
    testdb_ask(t,
               "insert into contact_detail (contact_id, field, value) values (%lld, 'turnover', '43100') "
               "returning id",
               (long long)trip.ids[0]);
    struct table *table = export(trip.path, trip.ids, 2);
    const char *since = *cell_of(table, 0, "Since");
    *cell_of(table, 0, "Since") = talloc_asprintf(mem, "%.2s.%.2s.%.4s", since + 8, since + 5, since);
    *cell_of(table, 0, "Turnover") = "43100.00";
    write_again(trip.edited, table, NULL);
    assert_string_equal(differences(trip.edited, &changes), "");
    *cell_of(table, 0, "Since") = "2020-02-03";
    *cell_of(table, 0, "Turnover") = "50000";
    *cell_of(table, 0, "E-mail state") = "dead";
    write_again(trip.edited, table, NULL);
    assert_string_equal(
        differences(trip.edited, &changes),
        talloc_asprintf(mem,
                        "fixed live_states: not tried yet -> dead; fixed turnover: 43100 -> 50000; "
                        "fixed since: %s -> 2020-02-03; ",
                        since));
    end_trip(&trip);
}

/* The second row's owner is nobody. */
static void test_all_or_none(void **state)
{
    (void)state;
    struct err err;
    struct changes changes;
    size_t applied;
    struct trip trip = new_trip("Whole");
    struct table *table = export(trip.path, trip.ids, 2);
    *cell_of(table, 0, "City") = "Vrbovac";
    *cell_of(table, 1, "Cared for by") = "nobody";
    write_again(trip.edited, table, NULL);
    differences(trip.edited, &changes);
    assert_int_equal(changes_approve(db, &conf, &changes, NULL, 0, &applied, &err), -1);
    assert_non_null(strstr(err.text, "row 6, Cared for by"));
    assert_string_equal(fact("(select city from postal_address where contact_id = c.id)", trip.ids[0]), "");
    ok(changes_approve(db, &conf, &changes, (const long[]){5}, 1, &applied, &err));
    assert_int_equal(applied, 1);
    assert_string_equal(fact("(select city from postal_address where contact_id = c.id)", trip.ids[0]),
                        "Vrbovac");
    assert_int_equal(changes_approve(db, &conf, &changes, (const long[]){7}, 1, &applied, &err), -1);
    assert_int_equal(err.code, ERR_NOTFOUND);
    end_trip(&trip);
}

/* The same contact twice; a row with damaged digests; one that is no contact's. */
static void test_damaged(void **state)
{
    (void)state;
    struct changes changes;
    struct trip trip = new_trip("Damaged");
    struct table *table = export(trip.path, trip.ids, 2);
    memcpy(table->cell[2], table->cell[0], sizeof table->cell[0]);
    memcpy(table->cell[3], table->cell[0], sizeof table->cell[0]);
    table->cell[1][1] = "abc";
    table->cell[3][0] = "00000000-0000-0000-0000-000000000000";
    table->rows = 4;
    write_again(trip.edited, table, NULL);
    assert_string_equal(differences(trip.edited, &changes),
                        "unknown row:  -> ; unknown row:  -> ; unknown row:  -> ; ");
    end_trip(&trip);
}

/* In each language a title is one column, and a word of a column that a list changes is one key. */
static void test_words_are_apart(void **state)
{
    (void)state;
    static const char *const languages[] = {"sq", "sr-Latn", "sr-Cyrl", "en", "de", "pl"};
    struct err err;
    for (size_t l = 0; l < ARRAY_LEN(languages); l++) {
        struct register_run run = {.mem = mem, .db = db, .conf = &conf};
        ok(exchange_begin(&run, languages[l], &err));
        for (int i = 0; i < run.table->ncolumns; i++) {
            const struct register_column *column = run.table->columns;
            for (int k = 0; k < i; k++)
                if (!strcmp(register_text(&run, column[i].title), register_text(&run, column[k].title)))
                    fail_msg("%s: \"%s\" is \"%s\" too", languages[l], column[i].title, column[k].title);
            for (const struct register_word *a = run.words[i]; a && a->key; a++)
                for (const struct register_word *b = run.words[i]; b < a; b++)
                    if (!strcmp(a->text, b->text))
                        fail_msg("%s, %s: \"%s\" is \"%s\" too", languages[l], column[i].title, a->key,
                                 b->key);
        }
    }
}

int main(int argc, char **argv)
{
    static const struct cage_parser *const parsers[] = {&xlsx_parser, NULL};
    mem_init();
    if (argc > 1 && !strcmp(argv[1], "cage"))
        return cage_main(parsers);
    testdb_need();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_unedited),    cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_not_by_list), cmocka_unit_test(test_all_or_none),
        cmocka_unit_test(test_damaged),     cmocka_unit_test(test_words_are_apart),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
