/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Each key of the question language on a small register: whom it finds, and whom it leaves out.  The
 * contacts are called by one letter, so that an answer is a word.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crm/contact.h"
#include "crm/segment.h"
#include "tests/lib/testdb.h"

static struct testdb *t;
static struct db *db, *other, *admin; /* clerks of two departments, an admin */

static void add(struct contact_fields fields)
{
    struct err err;
    int64_t id = 0;
    if (contact_add(db, &fields, &id, &err) < 0)
        fail_msg("%s", err.text);
}

/* a Драган, of the Komuna; b Agim, its mayor; c Hans in Vienna; d Petrović, who left; k Komuna; m media */
static void add_contacts(void)
{
    add((struct contact_fields){.name = "a Драган Стојковић",
                                .email = "dragan@komerc.example",
                                .category = "donor",
                                .language = "sr-Cyrl",
                                .tag = "vip,it's",
                                .organisation = "k Komuna e Klokotit",
                                .phone = "+383 49 000 201"});
    add((struct contact_fields){.name = "b Agim Hoxha",
                                .email = "agim@tax.gov.example",
                                .category = "municipality",
                                .language = "sq",
                                .organisation = "k Komuna e Klokotit",
                                .position = "Kryetar i Komunës",
                                .salutation = "I nderuar z. Hoxha"});
    add((struct contact_fields){.name = "c Hans Müller",
                                .email = "hans@wien.example",
                                .category = "donor",
                                .language = "de-AT,en",
                                .department = "finance",
                                .note = "likes wine"});
    add((struct contact_fields){.name = "d Petrović",
                                .category = "media",
                                .language = "sr",
                                .state = "left",
                                .email = "d@media.example"});
    add((struct contact_fields){
        .name = "m Radio", .kind = "organisation", .category = "media", .precedence = "7"});
}

static const char *id_of(const char *letter)
{
    return testdb_ask(t, "select contact_id from contact_name where name like '%s %%'", letter);
}

static void add_history(void)
{
    testdb_do(
        t,
        "insert into postal_address (contact_id, city, country) values (%s, 'Klokot', 'XK'), (%s, '60000 "
        "Kllokot/Klokot', 'XK'), (%s, 'Wien', 'AT')",
        id_of("a"), id_of("b"), id_of("c"));
    testdb_do(t, "update address set state = 'dead', evidence = '{}' where email like 'dragan%%'");
    testdb_do(t, "update contact set owner_id = (select id from staff where login = '%s') where id = %s",
              testdb_role(t, "vesna"), id_of("c"));
    testdb_do(t, "insert into event (uid, department_id, starts_at, ends_at) select u, 1, d, d + interval '1 "
                 "h' from (values "
                 "('1', '2026-05-01'::timestamptz), ('2', '2027-05-01'), ('3', '2027-06-01')) x (u, d)");
    testdb_do(
        t,
        "insert into event_text (event_id, language, name, place) values (1, 'en', 'Donor conference', 'K'), "
        "(1, 'sr-Cyrl', 'Донаторска конференција', 'K'), (2, 'en', 'Fair', 'K'), (3, 'en', 'Fair', 'K')");
    testdb_do(
        t,
        "insert into answer (event_id, contact_id, answer, state, by, decided_by, evidence) values "
        "(1, %s, 'accepted', 'confirmed', 'person', session_user, '[]'), (1, %s, 'tentative', 'proposed', "
        "'person', session_user, '[]'), (2, %s, 'declined', 'confirmed', 'person', session_user, '[]')",
        id_of("a"), id_of("c"), id_of("c"));
    testdb_do(t, "insert into mailing (kind, name, event_id, department_id, account, list_id) "
                 "values ('notice', 'Letter 7', 1, 1, 'x', (select id from mail_list limit 1))");
    testdb_do(t,
              "set session_replication_role = replica; insert into outbox (mailing_id, contact_id, email, "
              "name, language, "
              "view, state, reason) select 1, id, '', '', '', '{}', s, 'r' from (values (%s, 'refused'), "
              "(%s, 'printed'), "
              "(%s, 'excluded')) x (id, s); set session_replication_role = origin",
              id_of("a"), id_of("b"), id_of("c"));
    testdb_do(t,
              "insert into message (direction, identity, contact_id, date, class, size, state) values "
              "('in', 'a1', %s, '2025-03-01', 'human', 1, 'new'), ('out', 'a2', %s, '2026-02-01', null, 1, "
              "'sent'), "
              "('in', 'b1', %s, '2025-12-31 12:00', 'human', 1, 'new'), ('in', 'b2', %s, '2026-06-01', "
              "'bounce', 1, 'new')",
              id_of("a"), id_of("a"), id_of("b"), id_of("b"));
    testdb_do(t, "insert into import (kind, file_name, sha256, department_id, encoding, delimiter) values "
                 "('contacts', "
                 "'NGO list.csv', '', 1, '', '')");
    testdb_do(t, "update contact set import_id = 1, created = '2024-02-29 10:00' where id = %s", id_of("m"));
}

static int begin(void **state)
{
    (void)state;
    t = testdb_open("segment");
    db = testdb_user(t, "vesna", "clerk", "mayor");
    other = testdb_user(t, "naser", "clerk", "finance");
    admin = testdb_user(t, "ana", "admin", "mayor");
    testdb_do(
        t,
        "insert into staff_department (staff_id, department_id) select s.id, d.id from staff s, department d"
        " where s.login = '%s' and d.slug = 'finance'",
        testdb_role(t, "vesna"));
    add_contacts();
    add_history();
    return 0;
}

static int end(void **state)
{
    (void)state;
    db_close(db);
    db_close(other);
    db_close(admin);
    testdb_close(t);
    return 0;
}

static int first_letter(void *context, struct db_rows *rows, struct err *err)
{
    (void)err;
    text_add(context, db_get_str(rows, 0, "name"), 1);
    return 0;
}

/* The letters of whom the question finds, by name; and the three ways of asking agree. */
static const char *found(const char *question)
{
    struct err err;
    struct segment *s;
    struct segment_spot spot;
    struct segment_page all = {0};
    int64_t n, *ids;
    struct text letters = text_new(t);
    if (segment_open(t, db, question, &s, &spot, &err) < 0 || segment_count(db, s, &n, &err) < 0 ||
        segment_each(db, s, &all, first_letter, &letters, &err) < 0 || segment_ids(t, db, s, &ids, &err) < 0)
        fail_msg("%s: %s", question, err.text);
    assert_int_equal(n, letters.len);
    assert_int_equal(n, talloc_array_length(ids));
    return letters.s;
}

/* Found by the question, and with "-" before it exactly the others. */
static void test_keys(void **state)
{
    (void)state;
    static const struct {
        const char *question, *found;
    } table[] = {
#define KEY(question, found) {question, found},
#include "tests/db/segment_keys.def"
#undef KEY
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char others[7] = "", *to = others;
        const char *is = found(talloc_asprintf(t, "(%s) state:any", table[i].question));
        if (strcmp(is, table[i].found) != 0)
            fail_msg("%s: \"%s\", not \"%s\"", table[i].question, is, table[i].found);
        for (const char *s = "abcdkm"; *s; s++)
            if (!strchr(is, *s))
                *to++ = *s;
        const char *not = found(talloc_asprintf(t, "-(%s) state:any", table[i].question));
        if (strcmp(not, others) != 0)
            fail_msg("-(%s): \"%s\", not \"%s\"", table[i].question, not, others);
    }
}

static void test_combinations(void **state)
{
    (void)state;
    const char *c = id_of("c");
    const struct {
        const char *question, *found;
    } table[] = {
        {"", "abckm"},
        {"category:media", "m"},
        {"category:media state:any", "dm"},
        {"category:media -state:active", "d"},
        {"category:media state:left", "d"},
        {"state:dead", "a"},
        {"category:donor language:sr", "a"},
        {"category:donor language:sr,de -state:bounced", "c"},
        {"category:donor or post:kryetar", "abc"},
        {"post:kryetar or category:donor language:de", "bc"},
        {"(post:kryetar or category:donor) country:XK", "ab"},
        {"not (category:donor or post:kryetar)", "km"},
        {"-category:donor -post:kryetar", "km"},
        {"not (category:donor post:kryetar)", "abckm"},
        {"-(category:donor or has:note) -tag:vip", "bkm"},
        {"not not tag:vip", "a"},
        {"komuna -kind:organisation", "ab"},
        {"owner:me", "c"},
        {talloc_asprintf(t, "id:%s,999999", c), "c"},
        {"-has:email or has:post", "abkm"},
        {"answered:1=yes or (tag:vip or not has:note language:de)", "a"},
        {"has:phone state:any,dead", "a"},
        {"-state:any", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (strcmp(found(table[i].question), table[i].found) != 0)
            fail_msg("%s: \"%s\", not \"%s\"", table[i].question, found(table[i].question), table[i].found);
}

/* What looks like SQL, tsquery or LIKE is a value. */
static void test_values_are_values(void **state)
{
    (void)state;
    static const char *const nasty[] = {
        "tag:\"'\"",
        "tag:\"' | 's=active\"",
        "tag:\"\\\\\"",
        "tag:\"x' ) ; drop table contact; --\"",
        "tag:\"':*\"",
        "city:\"' | 's=active\"",
        "city:\"$1\"",
        "name:\"a' & b | !c:*\"",
        "name:\"x); delete from contact\"",
        "text:\"'; select 1 --\"",
        "text:\"b:* | c\"",
        "address:\"%@%.%\"",
        "address:\"'@x.example\"",
        "post:\"' or true or '\"",
        "organisation:\"$2 $3 $999\"",
        "near-name:\"x\\\\' | y\"",
        "\"$1 || $2\"",
        "tag:\"{a,b}\"",
        "tag:\"a\\\"},{\"",
        "address:\"@\\\\.example\"",
    };
    for (size_t i = 0; i < ARRAY_LEN(nasty); i++)
        assert_string_equal(found(nasty[i]), "");
    assert_string_equal(found("tag:\"it's\""), "a");
    assert_string_equal(testdb_ask(t, "select count(*) from contact"), "6");
}

static int refused(struct db *who, const char *question, struct err *err, struct segment_spot *spot)
{
    struct segment *s;
    if (segment_open(t, who, question, &s, spot, err) == 0)
        fail_msg("%s: no error", question);
    return -1;
}

static void test_errors(void **state)
{
    (void)state;
    static const struct {
        const char *question;
        enum err_code code;
        const char *text;
        size_t offset;
    } table[] = {
        {"tag:vip category:doner", ERR_NOTFOUND,
         "character 18: there is no category \"doner\"; did you mean \"donor\"?", 17},
        {"department:x", ERR_NOTFOUND, "character 12: there is no department \"x\"; there are finance, mayor",
         11},
        {"owner:nobody", ERR_NOTFOUND, "character 7: there is no user \"nobody\"; ", 6},
        {"answered:\"Donor conferenc\"", ERR_NOTFOUND,
         "character 10: there is no event \"Donor conferenc\"; did you mean \"Donor conference\"?", 9},
        {"answered:17", ERR_NOTFOUND, "character 10: there is no event \"17\"; there are ", 9},
        {"invited:fair", ERR_NOTFOUND,
         "character 9: several events are called \"fair\": write the number of one, 3 (2027-06-01), 2 "
         "(2027-05-01)",
         8},
        {"received:x", ERR_NOTFOUND, "character 10: there is no mailing \"x\"", 9},
        {"imported:x.csv", ERR_NOTFOUND, "character 10: there is no import of a file \"x.csv\"", 9},
        {"segment:x", ERR_NOTFOUND, "character 9: there is no segment \"x\"", 8},
        {"language:klingon", ERR_NOTFOUND, "character 10: \"klingon\" is no language", 9},
        {"country:atlantis", ERR_NOTFOUND, "character 9: \"atlantis\" is no country", 8},
        {"address:x", ERR_USAGE, "character 9: \"x\" is neither an address nor a domain", 8},
        {"id:x", ERR_USAGE, "character 4: \"x\" is no number", 3},
        {"name:\"&&&\"", ERR_USAGE, "character 6: \"&&&\" has neither letters nor digits", 5},
        {"catgory:x", ERR_USAGE, "character 1: there is no key", 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct err err;
        struct segment_spot spot;
        refused(db, table[i].question, &err, &spot);
        if (strncmp(err.text, table[i].text, strlen(table[i].text)) != 0)
            fail_msg("%s: %s", table[i].question, err.text);
        assert_int_equal(err.code, table[i].code);
        assert_int_equal(spot.offset, table[i].offset);
        assert_true(spot.len > 0);
    }
}

static void test_hints(void **state)
{
    (void)state;
    struct err err;
    struct segment *s;
    struct segment_spot spot;
    assert_int_equal(segment_open(t, db, "tag:vpi or city:Klokto or post:minister", &s, &spot, &err), 0);
    assert_string_equal(segment_hints(s), "nobody has the tag \"vpi\"; did you mean \"vip\"?\n"
                                          "nobody lives in \"Klokto\"; did you mean \"Klokot\"?\n");
    assert_int_equal(segment_open(t, db, "category:Donor,ngo -(language:sr) created<2026", &s, &spot, &err),
                     0);
    assert_string_equal(segment_hints(s), "");
    assert_string_equal(segment_words(s),
                        "(category is Donor or ngo and not language is sr and created is before 2026) "
                        "and state is active");
}

/* ---- saved ones */

static int save(struct db *who, const char *name, const char *question, struct err *err)
{
    struct segment_spot spot;
    return segment_save(who, name, question, NULL, &spot, err);
}

static void test_saved(void **state)
{
    (void)state;
    struct err err;
    struct segment_spot spot;
    DB_ROWS rows = NULL;
    assert_int_equal(
        segment_save(db, "Donatorë jashtë", "category:donor country:AT", "for the fair", &spot, &err), 1);
    assert_string_equal(found("donatore JASHTE"), "c");
    assert_string_equal(found("segment:\"Donatorë jashtë\" or tag:vip"), "ac");
    assert_string_equal(found("-segment:\"donatore jashte\""), "abkm");
    assert_int_equal(save(db, "All that left", "state:left", &err), 1);
    assert_string_equal(found("segment:\"all that left\""), "d");
    assert_string_equal(found("segment:\"all that left\",\"donatore jashte\""), "cd");
    assert_int_equal(
        save(db, "Two", "segment:\"All that left\" or segment:\"donatore jashte\" category:donor", &err), 1);
    assert_string_equal(found("two"), "cd");
    assert_int_equal(segment_list(db, NULL, &rows, &err), 3);
    assert_string_equal(db_get_str(rows, 1, "note"), "for the fair");

    assert_int_equal(save(db, "two", "tag:vip", &err), 0);
    assert_string_equal(found("TWO"), "a");
    assert_int_equal(save(db, "Two", "category:doner", &err), -1);
    assert_int_equal(save(db, "a:b", "tag:vip", &err), -1);
    assert_int_equal(save(db, "…", "tag:vip", &err), -1);
    assert_int_equal(save(db, "Empty", "  ", &err), -1);

    assert_int_equal(save(other, "Two", "tag:x", &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_int_equal(segment_remove(other, "Two", &err), -1);
    assert_int_equal(save(admin, "Two", "category:media", &err), 0);
    assert_string_equal(found("two"), "m");
    assert_string_equal(
        testdb_ask(t, "select owner = '%s' from segment where name = 'Two'", testdb_role(t, "vesna")), "t");
    testdb_refused(other, "AD001", "update segment set owner = session_user");
    testdb_refused(other, "AD001",
                   "insert into segment (name, fold, question, owner) values ('x', 'x', 'x', 'postgres')");
    assert_int_equal(segment_remove(db, "Two", &err), 0);
    assert_int_equal(segment_remove(db, "Two", &err), -1);
    assert_int_equal(err.code, ERR_NOTFOUND);
    assert_string_equal(testdb_ask(t, "select count(*) from audit where object = 'segment'"), "6");
}

static void test_cycles(void **state)
{
    (void)state;
    struct err err;
    struct segment_spot spot;
    assert_int_equal(save(db, "One", "tag:vip", &err), 1);
    assert_int_equal(save(db, "Next", "segment:one", &err), 1);
    assert_int_equal(save(db, "Third", "not segment:next", &err), 1);
    assert_int_equal(save(db, "One", "tag:x or segment:third", &err), -1);
    assert_non_null(strstr(err.text, "one → third → next → one"));
    assert_int_equal(save(db, "One", "segment:ONE", &err), -1);
    testdb_do(t, "set session_replication_role = replica; update segment set question = 'segment:third' "
                 "where fold = 'one'; "
                 "set session_replication_role = origin");
    refused(db, "tag:vip segment:one", &err, &spot);
    assert_int_equal(spot.offset, 16);
    assert_non_null(strstr(err.text, "one → third → next → one"));
}

static void test_limits(void **state)
{
    (void)state;
    struct err err;
    struct segment_spot spot;
    struct text many = text_new(t), wide = text_new(t);
    for (int i = 0; i < 30; i++)
        text_puts(&many, "name:x -text:y ");
    assert_string_equal(found(many.s), "");
    assert_int_equal(save(db, "Many", many.s, &err), 1);
    refused(db, "segment:many segment:many", &err, &spot);
    assert_non_null(strstr(err.text, "more than 60 conditions"));
    for (int i = 0; i < 12; i++) {
        text_puts(&wide, i ? " created:2026" : "created:2026");
        for (int k = 0; k < 40; k++)
            text_puts(&wide, ",2026");
    }
    refused(db, wide.s, &err, &spot);
    assert_non_null(strstr(err.text, "too many values"));
}

static void test_pages(void **state)
{
    (void)state;
    struct err err;
    struct segment *s;
    struct segment_spot spot;
    struct text letters = text_new(t);
    struct segment_page page = {.limit = 2};
    assert_int_equal(segment_open(t, db, "state:any", &s, &spot, &err), 0);
    for (const char *last = NULL; !last || strlen(last) > 0; last = id_of(letters.s + letters.len - 1)) {
        size_t before = letters.len;
        page.after = last ? strtoll(last, NULL, 10) : 0;
        assert_int_equal(segment_each(db, s, &page, first_letter, &letters, &err), 0);
        if (letters.len == before)
            break;
        assert_int_equal(letters.len, before + 2);
    }
    assert_string_equal(letters.s, "abcdkm");
}

/* The facts follow whatever is written, at its commit; nothing is left behind. */
static void test_facts_follow(void **state)
{
    (void)state;
    const char *m = id_of("m");
    assert_string_equal(found("tag:fresh"), "");
    testdb_do(t, "insert into contact_tag (contact_id, tag) values (%s, 'fresh')", m);
    assert_string_equal(found("tag:fresh"), "m");
    testdb_do(t, "update contact_tag set contact_id = %s where tag = 'fresh'", id_of("a"));
    assert_string_equal(found("tag:fresh"), "a");
    testdb_do(t, "delete from contact_tag where tag = 'fresh'");
    assert_string_equal(found("tag:fresh"), "");
    testdb_do(t, "begin; insert into contact_tag (contact_id, tag) values (%s, 'fresh'); rollback", m);
    assert_string_equal(found("tag:fresh"), "");
    testdb_do(t, "update contact_name set name = 'z Radio', fold = 'z radio' where contact_id = %s", m);
    assert_string_equal(found("category:media or tag:vip"), "az");
    testdb_do(
        t,
        "with c as (insert into contact (kind, department_id) values ('person', 1) returning id) insert into "
        "contact_name (contact_id, name, fold, near, main) select id, 'e E', 'e e', 'e e', true from c");
    assert_string_equal(found("-has:email kind:person"), "ae");
    testdb_do(t, "delete from contact where id = %s", id_of("e"));
    assert_string_equal(found("-has:email kind:person"), "a");
    assert_string_equal(testdb_ask(t, "select count(*) from contact_stale"), "0");
    assert_string_equal(testdb_ask(t, "select count(*) from contact_facts"), "6");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_combinations),
        cmocka_unit_test(test_values_are_values),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_hints),
        cmocka_unit_test(test_saved),
        cmocka_unit_test(test_cycles),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_pages),
        cmocka_unit_test(test_facts_follow),
    };
    mem_init();
    testdb_need();
    return cmocka_run_group_tests_name("segment", tests, begin, end);
}
