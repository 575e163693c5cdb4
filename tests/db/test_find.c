/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Search: PostgreSQL's keys are those of C; every field is found, by those who may see it; what changes is
 * found as it is then, whoever changed it and whatever else changed at the same time.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/db_script.h"
#include "base/unicode.h"
#include "crm/contact.h"
#include "crm/search.h"
#include "tests/lib/testdb.h"

static struct testdb *t;
static struct db *vesna, *naser; /* of the mayor's office; of the department of economy */

static int begin(void **state)
{
    (void)state;
    t = testdb_open("find");
    vesna = testdb_user(t, "vesna", "clerk", "mayor");
    naser = testdb_user(t, "naser", "clerk", "defb");
    return 0;
}

static int end(void **state)
{
    (void)state;
    db_close(vesna);
    db_close(naser);
    testdb_close(t);
    return 0;
}

static int64_t add(struct contact_fields fields)
{
    struct err err;
    int64_t id = 0;
    if (contact_add(vesna, &fields, &id, &err) < 0)
        fail_msg("%s", err.text);
    return id;
}

static void edit(int64_t id, struct contact_fields fields)
{
    struct err err;
    if (contact_edit(vesna, id, &fields, &err) < 0)
        fail_msg("%s", err.text);
}

static void run(struct db *db, const char *fmt, ...) PRINTF(2, 3);
static void run(struct db *db, const char *fmt, ...)
{
    struct err err;
    va_list ap;
    va_start(ap, fmt);
    if (db_script(db, talloc_vasprintf(t, fmt, ap), &err) < 0)
        fail_msg("%s", err.text);
    va_end(ap);
}

/* "Ana Anić near name+post, ..." */
static const char *found_most(struct db *db, const char *text, int most)
{
    struct err err;
    DB_ROWS rows = NULL;
    struct text s = text_new(t);
    if (contact_find(db, text, most, &rows, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    for (int i = 0; i < db_rows_count(rows); i++) {
        const char *by[CONTACT_MATCH_FIELDS];
        size_t n = contact_match_fields(db_get_str(rows, i, "found_by"), by);
        text_printf(&s, "%s%s %s ", i ? ", " : "", db_get_str(rows, i, "name"),
                    contact_match_name((int)db_get_int(rows, i, "grade")));
        for (size_t k = 0; k < n; k++)
            text_printf(&s, "%s%s", k ? "+" : "", by[k]);
    }
    return s.s;
}

static const char *found(struct db *db, const char *text)
{
    return found_most(db, text, 50);
}

/* ---- keys */

/* PostgreSQL's keys of the texts are those of C. */
static void compare(const char *const *text, size_t n)
{
    static const struct db_stmt keys = {"test_find_keys",
                                        "select search_fold(s) as fold, search_near(search_fold(s)) as near"
                                        "  from unnest($1::text[]) with ordinality u (s, n) order by n",
                                        DB_ROWS_many, 1, false};
    struct err err;
    DB_ROWS rows = NULL;
    if (db_run_args(t->su, &rows, &err, &keys, DB_ARGS(db_texts(t, text, n))) != (int)n)
        fail_msg("%s", err.text);
    for (size_t i = 0; i < n; i++) {
        char *fold = unicode_fold(t, text[i]);
        if (strcmp(db_get_str(rows, (int)i, "fold"), fold) != 0)
            fail_msg("fold of \"%s\": %s, not %s", text[i], db_get_str(rows, (int)i, "fold"), fold);
        char *near = unicode_near(t, fold);
        if (strcmp(db_get_str(rows, (int)i, "near"), near) != 0)
            fail_msg("near of \"%s\": %s, not %s", text[i], db_get_str(rows, (int)i, "near"), near);
    }
}

/* Latin, Greek, Cyrillic, Armenian, Hebrew, Arabic; what composes to them; signs, ligatures, wide forms */
static void test_keys_of_letters(void **state)
{
    (void)state;
    static const uint32_t ranges[][2] = {{1, 0x6ff},       {0x1d00, 0x23ff}, {0x2460, 0x24ff},
                                         {0x2c60, 0x2c7f}, {0xa640, 0xa69d}, {0xa720, 0xa7ca},
                                         {0xfb00, 0xfb4f}, {0xff00, 0xff60}};
    const char **text = talloc_array(t, const char *, 0x4000);
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(ranges); i++) {
        for (uint32_t c = ranges[i][0]; c <= ranges[i][1]; c++) {
            struct text s = text_new(t);
            text_putc(&s, 'a');
            unicode_add(&s, c);
            text_puts(&s, "b ");
            unicode_add(&s, c);
            text[n++] = s.s;
        }
    }
    compare(text, n);
}

static void test_keys_of_texts(void **state)
{
    (void)state;
    static const char *const text[] = {"",
                                       " ",
                                       "ЂОРЂЕ Ђокић-Њива, „Љубав“",
                                       "Gjorgje  Xhorxheviq\n\tTschaikowsky",
                                       "O’Brien d'Arc",
                                       "И\xcc\x86он Йон",
                                       "Straße GROẞ Œuvre Łódź Åse ΟΔΟΣ",
                                       "schtsch dzhxh thqkj aaa ooee yyjj",
                                       "ǅ ǆ Ǌ ﬁ ½ ² Ⅳ",
                                       "İstanbul Iğdır ı",
                                       "Фушë Kosovë / Fushë Косово",
                                       "e\xcc\x88\xcc\x81",
                                       "(038) 200-100",
                                       "x\xc2\xady\xe2\x80\x8bz\xef\xbb\xbf"};
    compare(text, ARRAY_LEN(text));
    static const char letters[] = "tschzqkjdgxhlnywaeou  ";
    const char **random = talloc_array(t, const char *, 2000);
    uint32_t state_of = 1;
    for (size_t i = 0; i < 2000; i++) {
        struct text s = text_new(t);
        for (int k = 0; k < 12; k++) {
            state_of = state_of * 1103515245u + 12345u;
            text_putc(&s, letters[(state_of >> 16) % (sizeof letters - 1)]);
        }
        random[i] = s.s;
    }
    compare(random, 2000);
}

/* ---- fields */

static void test_fields(void **state)
{
    (void)state;
    int64_t ana = add((struct contact_fields){.name = "Ана Бабовић",
                                              .organisation = "Zadruga „Izvor“ Grnčar",
                                              .position = "Rukovodilac projekta",
                                              .email = "ana.b@Posta.example",
                                              .phone = "044/123-456",
                                              .country = "XK",
                                              .note = "Voli šljive",
                                              .tag = "sajam-2026"});
    run(t->su,
        "insert into postal_address (contact_id, lines, city) values (%ld, 'Vidovdanska 7', 'Gnjilane')",
        (long)ana);
    static const struct {
        const char *text, *found;
    } table[] = {
        {"Бабовић", "Ана Бабовић exact name"},
        {"babovic ANA", "Ана Бабовић fold name"},
        {"babo", "Ана Бабовић fold name"},
        {"an ba", ""}, /* begins have three letters */
        {"ana ba", ""},
        {"izvor", "Zadruga „Izvor“ Grnčar fold name, Ана Бабовић fold organisation"},
        {"Izvor Rukovodilac", "Ана Бабовић exact organisation+post"},
        {"ana.b@posta.example", "Ана Бабовић exact address"},
        {"ANA.B@", "Ана Бабовић fold address"},
        {"@posta.example", "Ана Бабовић fold address"},
        {"posta example", "Ана Бабовић exact address"},
        {"123456", "Ана Бабовић exact phone"},
        {"+383 44 123 456", "Ана Бабовић exact phone"},
        {"0038344123456", "Ана Бабовић exact phone"},
        {"044 123456 babović", "Ана Бабовић fold name+phone"},
        {"12345", ""}, /* the end of a number, not its middle */
        {"Vidovdanska", "Ана Бабовић exact city"},
        {"sljive", "Ана Бабовић fold note"},
        {"sajam 2026", "Ана Бабовић exact tag"},
        {"babovic sljive gnjilane", "Ана Бабовић fold name+city+note"},
        /* places under all their names */
        {"Gjilan", "Ана Бабовић fold city"},
        {"Гњилане", "Ана Бабовић fold city"},
        {"Gërnçar", "Zadruga „Izvor“ Grnčar fold name, Ана Бабовић fold organisation"},
        /* neighbours, and letters wrong */
        {"Baboviq", "Ана Бабовић near name"},
        {"Bbovic", "Ана Бабовић near name"},
        {"Baabovic", "Ана Бабовић near name"},
        {"Bobavic", ""},
        {"Bavobic", ""},
        {"Baobvic", "Ана Бабовић near name"},
        {"Бабовец", "Ана Бабовић near name"},
        {"Wabovic", "Ана Бабовић near name"},
        {"rukovodliac", "Ана Бабовић near post"},
        {"babovci izvro", "Ана Бабовић near name+organisation"},
        {"", ""},
        {"& | ! ( :* ' \\ <-> %", ""},
        {"@", ""},
        {"#6543", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (strcmp(found(vesna, table[i].text), table[i].found) != 0)
            fail_msg("%s: %s, not %s", table[i].text, found(vesna, table[i].text), table[i].found);
}

/* Of the contact above: titles are no part of the name. */
static void test_titles(void **state)
{
    (void)state;
    assert_string_equal(found(vesna, "Prof. dr Ана Бабовић, PhD"), "Ана Бабовић exact name");
    assert_string_equal(found(vesna, "г-ђа Babović"), "Ана Бабовић fold name");
    assert_string_equal(found(vesna, "Prof. dr Baboviq"), "Ана Бабовић near name");
    assert_string_equal(found(vesna, "dr Rukovodilac"), "Ана Бабовић exact post");
    assert_string_equal(found(vesna, "Prof. dr"), "");
    add((struct contact_fields){.kind = "organisation", .name = "Pan Bagerom"});
    add((struct contact_fields){.kind = "organisation", .name = "Bagerom"});
    assert_string_equal(found(vesna, "pan bagerom"), "Pan Bagerom fold name"); /* unless it is one's */
}

static void test_limits(void **state)
{
    (void)state;
    struct err err;
    DB_ROWS rows = NULL;
    assert_int_equal(contact_find(vesna, "\xff", 9, &rows, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_int_equal(contact_find(vesna, "a b c d e f g h i j k l m n o p q", 9, &rows, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    char *word = talloc_strdup(t, "");
    for (int i = 0; i < 3000; i++)
        word = talloc_strdup_append(word, "ё");
    assert_string_equal(found(vesna, word), "");
    int64_t id = add((struct contact_fields){.name = "Langer Text"});
    run(t->su,
        "insert into contact_note (contact_id, note) values (%ld, repeat('x', 5000) || ' ' || repeat('wort "
        "', 100000))",
        (long)id);
    assert_string_equal(found(vesna, "wort"), "Langer Text fold note");
    assert_string_equal(found(vesna, word), "");
    for (int i = 0; i < 4; i++)
        add((struct contact_fields){.name = "Vielfach Name"});
    assert_string_equal(found_most(vesna, "vielfach", 2), "Vielfach Name fold name, Vielfach Name fold name");
}

/* ---- who sees what */

static void test_private(void **state)
{
    (void)state;
    int64_t id = add((struct contact_fields){.name = "Privat Osoba", .note = "Povjerljivo jabuka"});
    run(t->su,
        "insert into address (contact_id, email, email_key, private) values (%1$ld, 'tajna@kuca.example', "
        "'tajna@kuca.example', true);"
        "insert into phone (contact_id, e164, typed, private) values (%1$ld, '+38344999888', '044 999 888', "
        "true)",
        (long)id);
    static const char *const text[] = {"jabuka",      "osoba jabuka", "tajna@kuca.example",
                                       "044 999 888", "kuca",         "jabukaa"};
    for (size_t i = 0; i < ARRAY_LEN(text); i++) {
        assert_string_not_equal(found(vesna, text[i]), "");
        assert_string_equal(found(naser, text[i]), "");
    }
    assert_string_equal(found(naser, "privat"), "Privat Osoba fold name");
    /* what matches besides what they may see does not show */
    edit(id, (struct contact_fields){.note = "PRIVAT mayora"});
    assert_string_equal(found(vesna, "privat mayora"), "Privat Osoba fold name+note");
    assert_string_equal(found(naser, "privat mayora"), "");
    edit(id, (struct contact_fields){.tag = "kolega"});
    assert_string_equal(found(vesna, "privat kolega"), "Privat Osoba fold name+tag+note");
    assert_string_equal(found(naser, "privat kolega"), "Privat Osoba fold name+tag");
    edit(id, (struct contact_fields){.department = "defb"});
    assert_string_equal(found(naser, "jabuka"), "Privat Osoba fold note");
    testdb_refused(vesna, "42501", "select from search_card");
    testdb_refused(vesna, "42501", "select from search_word");
    testdb_refused(vesna, "42501", "select contact_renew('{1}')");
}

/* ---- changes */

static void test_changes(void **state)
{
    (void)state;
    int64_t id = add((struct contact_fields){
        .name = "Davnina Ime", .organisation = "Stara Firma", .position = "Kapetan", .tag = "zelen"});
    edit(id, (struct contact_fields){.name = "Novo Prezime"});
    assert_string_equal(found(vesna, "davnina"), "");
    assert_string_equal(testdb_ask(t, "select string_agg(fold, ' ' order by fold) from search_word"
                                      " where fold in ('davnina', 'ime', 'prezime')"),
                        "prezime");
    assert_string_equal(found(vesna, "prezime"), "Novo Prezime fold name");
    int64_t firm;
    struct err err;
    DB_ROWS rows = NULL;
    assert_int_equal(contact_find(vesna, "stara firma", 1, &rows, &err), 1);
    firm = db_get_int(rows, 0, "id");
    edit(firm, (struct contact_fields){.name = "Druga Kompanija"});
    assert_string_equal(found(vesna, "kompanija prezime"), "Novo Prezime fold name+organisation");
    assert_string_equal(found(vesna, "firma"), "");
    run(t->su, "update post set name = 'Kormilar' where name = 'Kapetan'");
    assert_string_equal(found(vesna, "kapetan"), "");
    assert_string_equal(found(vesna, "kormilar"), "Novo Prezime fold post");
    run(t->su, "update term set during = daterange(null, current_date) where holder_id = %ld", (long)id);
    assert_string_equal(found(vesna, "kormilar"), "");
    edit(id, (struct contact_fields){.untag = "zelen"});
    assert_string_equal(found(vesna, "zelen"), "");
    run(t->su, "delete from term where holder_id = %1$ld; delete from contact where id = %1$ld", (long)id);
    assert_string_equal(found(vesna, "prezime"), "");
    assert_string_equal(testdb_ask(t, "select count(*) from search_card where contact_id = %ld", (long)id),
                        "0");
    assert_string_equal(testdb_ask(t, "select count(*) from contact_due"), "0");
    /* a change of what has no words leaves the card alone */
    testdb_do(t, "update address set state = 'held', evidence = '{}'");
}

/* A day passes on which nobody writes: the first who asks, or a daemon, finds who holds a post then. */
static void test_days(void **state)
{
    (void)state;
    int64_t old = add(
                (struct contact_fields){.name = "Prethodni", .organisation = "Luka", .position = "Lučar"}),
            next = add((struct contact_fields){.name = "Naredni"});
    run(t->su,
        "update term set during = daterange('2020-01-01', current_date + 5) where holder_id = %ld;"
        "insert into term (post_id, holder_id, during) select post_id, %ld, daterange(current_date + 5, null)"
        " from term where holder_id = %ld",
        (long)old, (long)next, (long)old);
    assert_false(contact_renew_terms(vesna)); /* nothing to do today */
    /* seven days go by */
    run(t->su,
        "set session_replication_role = replica;"
        "update term set during = daterange(lower(during) - 7, upper(during) - 7) where holder_id in (%ld, "
        "%ld);"
        "update contact_revision set at = '2020-01-01' where contact_id = %ld;"
        "set session_replication_role = origin",
        (long)old, (long)next, (long)next);
    assert_string_equal(testdb_ask(t, "select contact_renew_terms()"), "0"); /* it was today already */
    assert_string_equal(found(vesna, "prethodni lucar"), "Prethodni fold name+post");
    run(t->su, "update contact_renewal set day = current_date - 7");
    assert_string_equal(found(vesna, "prethodni lucar"), ""); /* the question itself sees to it */
    assert_string_equal(found(vesna, "naredni lucar"), "Naredni fold name+post");
    assert_string_equal(
        testdb_ask(t, "select at > '2020-01-01' from contact_revision where contact_id = %ld", (long)next),
        "t");
    assert_string_equal(testdb_ask(t, "select day = current_date from contact_renewal"), "t");
    run(t->su, "update contact_renewal set day = current_date - 7");
    assert_true(contact_renew_terms(naser));
    assert_false(contact_renew_terms(naser));
    run(t->su, "update contact_renewal set day = current_date - 7");
    assert_string_equal(testdb_ask(t, "select contact_renew_terms()"), "2");
    /* of two at once the second leaves it to the first */
    run(t->su, "update contact_renewal set day = current_date - 7");
    run(vesna, "begin; select contact_renew_terms()");
    assert_string_equal(testdb_ask(t, "select contact_renew_terms()"), "0");
    run(vesna, "commit");
    run(t->su, "delete from term where holder_id in (%ld, %ld)", (long)old, (long)next);
}

/* Two who change two parts of one contact: the card has both. */
static void test_together(void **state)
{
    (void)state;
    int64_t id = add((struct contact_fields){.name = "Zajednicki Kontakt"});
    run(vesna, "begin; insert into contact_tag (contact_id, tag) values (%ld, 'prva')", (long)id);
    run(t->su, "begin; insert into contact_tag (contact_id, tag) values (%ld, 'druga'); commit", (long)id);
    run(vesna, "commit");
    assert_string_equal(found(vesna, "prva druga"), "Zajednicki Kontakt exact tag");
}

/* All at once or one by one, the cards are the same. */
static void test_renew(void **state)
{
    (void)state;
    testdb_do(t, "create table before as select * from search_card; truncate search_card, search_word;"
                 "select contact_renew(array_agg(id)) from contact");
    assert_string_equal(
        testdb_ask(t, "select count(*) from (select * from before except select * from search_card) x"), "0");
    assert_string_equal(testdb_ask(t, "select count(*) = (select count(*) from before) from search_card"),
                        "t");
}

/* To PostgreSQL a scan that is forbidden is dear beyond measure, and what is dear is compiled: a search took
 * 0.2 s for whoever asked with jit on, as psql does by default. */
static void test_jit(void **state)
{
    (void)state;
    assert_string_equal(
        testdb_ask(t, "select string_agg(proname, ' ') from pg_proc where proconfig @> '{enable_seqscan=off}'"
                      " and not proconfig @> '{jit=off}'"),
        "");
    assert_string_not_equal(
        testdb_ask(t, "select count(*) from pg_proc where proconfig @> '{enable_seqscan=off,jit=off}'"), "0");
}

int main(void)
{
    mem_init();
    testdb_need();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys_of_letters),
        cmocka_unit_test(test_keys_of_texts),
        cmocka_unit_test(test_fields),
        cmocka_unit_test(test_titles),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_private),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_days),
        cmocka_unit_test(test_together),
        cmocka_unit_test(test_renew),
        cmocka_unit_test(test_jit),
    };
    return cmocka_run_group_tests_name("find", tests, begin, end);
}
