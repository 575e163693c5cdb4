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

#include "base/db_script.h"
#include "crm/segment.h"
#include "tests/lib/people.h"

static struct testdb *t;
static struct db *db; /* a clerk of the mayor's office */

static int begin(void **state)
{
    (void)state;
    t = testdb_open("segment");
    db = testdb_user(t, "vesna", "clerk", "mayor");
    db_close(testdb_user(t, "naser", "clerk", "finance"));
    people_add(t, db);
    return 0;
}

static int end(void **state)
{
    (void)state;
    db_close(db);
    testdb_close(t);
    return 0;
}

static const char *found(const char *question)
{
    return people_found(t, db, question);
}

static const struct {
    const char *question, *found;
} keys[] = {
    {"kind:person", "abcd"},
    {"kind:organisation", "km"},
    {"kind:person,organisation", "abcdkm"},
    {"category:donor", "ac"},
    {"category:media,municipality", "bdm"},
    {"category:MEDIA", "dm"},
    {"tag:vip", "a"},
    {"tag:VIP", "a"},
    {"tag:it's", "a"},
    {"tag:nobody", ""},
    {"tag:vip,nobody", "a"},
    {"language:sr", "ad"},
    {"language:sr-Cyrl", "a"},
    {"language:sr-latn", ""},
    {"language:de", "c"},
    {"language:de-AT", "c"},
    {"language:en,sq", "bc"},
    {"country:XK", "ab"},
    {"country:kosovo", "ab"},
    {"country:Österreich,pl", "c"},
    {"country:at", "c"},
    {"city:Klokot", "ab"},
    {"city:Kllokot", "ab"},
    {"city:Клокот", "ab"},
    {"city:Vienna", "c"},
    {"city:Gjilan", ""},
    {"department:finance", "c"},
    {"department:mayor,finance", "abcdkm"},
    {"state:left", "d"},
    {"state:active", "abckm"},
    {"state:any", "abcdkm"},
    {"state:left,active", "abcdkm"},
    {"state:dead", "a"},
    {"state:bounced", "a"},
    {"state:unverified", "bcd"},
    {"state:left,dead", "ad"},
    {"has:email", "bcd"},
    {"has:phone", "a"},
    {"has:postal", "abc"},
    {"has:salutation", "b"},
    {"has:post", "b"},
    {"has:organisation", "ab"},
    {"has:owner", "c"},
    {"has:category", "abcdm"},
    {"has:language", "abcd"},
    {"has:tag", "a"},
    {"has:precedence", "m"},
    {"has:note", "c"},
    {"has:phone,post", "ab"},
    {"has:note,post", "bc"},
    {"name:stojkovic", "a"},
    {"name:\"DRAGAN stoj\"", "a"},
    {"name:Стој", "a"},
    {"name:ojkovic", ""},
    {"name:hans,agim", "bc"},
    {"near-name:stojkoviq", "a"},
    {"near-name:petrovich", "d"},
    {"name:stojkoviq", ""},
    {"organisation:komuna", "ab"},
    {"organisation:radio", ""},
    {"post:kryetar", "b"},
    {"post:\"KOMUNES kry\"", "b"},
    {"post:minister", ""},
    {"address:DRAGAN@komerc.example", "a"},
    {"address:@gov.example", "b"},
    {"address:gov.example", "b"},
    {"address:@ov.example", ""},
    {"address:@tax.gov.example", "b"},
    {"address:@g_v.example", ""},
    {"address:@%", ""},
    {"text:komuna", "abk"},
    {"text:kryetar", "b"},
    {"text:vip", "a"},
    {"text:hans@wien.example", "c"},
    {"text:\"komuna e\"", "abk"},
    {"answered:1", "ac"},
    {"answered:\"Donor conference\"=yes", "a"},
    {"answered:\"donatorska konferencija\"=perhaps", "c"},
    {"answered:1=no", ""},
    {"answered:2=no,yes", "c"},
    {"answered:1=none", "b"},
    {"answered:1=none,yes", "ab"},
    {"invited:1", "ab"},
    {"invited:\"donor conference\"", "ab"},
    {"invited:2", ""},
    {"received:1", "b"},
    {"received:\"letter 7\"=refused", "a"},
    {"received:1=printed,excluded", "bc"},
    {"last-contact<2026-01-01", "b"},
    {"last-contact<2025-12-31", ""},
    {"last-contact<=2025-12-31", "b"},
    {"last-contact<=2025", "b"},
    {"last-contact>=2026", "a"},
    {"last-contact>2025", "a"},
    {"last-contact>2026-02", ""},
    {"last-contact:2026-02-01", "a"},
    {"last-contact:2025", "b"},
    {"last-contact:2025,2026-02", "ab"},
    {"created<2025", "m"},
    {"created:2024-02", "m"},
    {"created>2024-02-29", "abcdk"},
    {"created<2024-02-29", ""},
    {"created<=29.02.2024", "m"},
    {"imported:1", "m"},
    {"imported:\"ngo list.csv\"", "m"},
};

/* Found by the question, and with "-" before it exactly the others. */
static void test_keys(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        char others[7] = "", *to = others;
        const char *is = found(talloc_asprintf(t, "(%s) state:any", keys[i].question));
        if (strcmp(is, keys[i].found) != 0)
            fail_msg("%s: \"%s\", not \"%s\"", keys[i].question, is, keys[i].found);
        for (const char *s = "abcdkm"; *s; s++)
            if (!strchr(is, *s))
                *to++ = *s;
        const char *not = found(talloc_asprintf(t, "-(%s) state:any", keys[i].question));
        if (strcmp(not, others) != 0)
            fail_msg("-(%s): \"%s\", not \"%s\"", keys[i].question, not, others);
    }
}

static void test_combinations(void **state)
{
    (void)state;
    const char *c = people_id(t, "c");
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

/* One of several recipients had it too; and whoever asks goes to the contact's own messages by their index,
 * however many there are. */
static void test_last_contact(void **state)
{
    (void)state;
    struct err err;
    testdb_do(t,
              "insert into message_recipient (message_id, contact_id) select id, %s from message where "
              "identity = 'a2'",
              people_id(t, "b"));
    assert_string_equal(found("last-contact>=2026"), "ab");
    /* what was read until now is not what is looked at */
    assert_int_equal(db_script(db, "do $$ begin perform pg_stat_force_next_flush(); end $$", &err), 0);
    assert_int_equal(db_script(db, "begin; set local enable_seqscan = off", &err), 0);
    assert_string_equal(found("last-contact<2026"), "");
    assert_string_equal(found("last-contact>=2026"), "ab");
    if (db_script(db,
                  "do $$ begin if exists (select from pg_stat_xact_user_tables where relname in ('message', "
                  "'message_recipient') and seq_scan > 0) then raise exception 'read from end to end'; end "
                  "if; end $$",
                  &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(db_script(db, "rollback", &err), 0);
    testdb_do(t, "delete from message_recipient");
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
        {"language:xk", ERR_NOTFOUND, "character 10: \"xk\" is no language; did you mean \"sq\"?", 9},
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

/* What is private is asked for by those who see it, and is no fact that others could read. */
static void test_private(void **state)
{
    (void)state;
    static const struct {
        const char *question, *part;
    } table[] = {
        {"name:m has:email", "address (email, email_key, private, contact_id) values ('m@p.example', "
                             "'m@p.example', true, "},
        {"name:m has:phone", "phone (typed, private, contact_id) values ('1', true, "},
        {"name:m has:postal", "postal_address (lines, private, contact_id) values ('x', true, "},
        {"name:m state:unverified", NULL},
        {"address:@p.example", NULL},
        {"name:m has:email,note state:unverified,left", NULL},
    };
    struct db *naser = testdb_as(t, testdb_role(t, "naser"));
    const char *m = talloc_strdup(t, people_id(t, "m"));
    const char *facts =
        talloc_strdup(t, testdb_ask(t, "select facts::text from contact_facts where contact_id = %s", m));
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        if (table[i].part) {
            assert_string_equal(found(table[i].question), "");
            testdb_do(t, "insert into %s%s)", table[i].part, m);
        }
        assert_string_equal(found(table[i].question), "m");
        assert_string_equal(people_found(t, naser, table[i].question), "");
    }
    assert_string_equal(people_found(t, naser, "name:m -has:phone -has:email -has:postal -state:unverified"),
                        "m");
    assert_string_equal(found("name:m -has:phone"), "");
    assert_string_equal(testdb_ask(t, "select facts::text from contact_facts where contact_id = %s", m),
                        facts);
    db_close(naser);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_keys),         cmocka_unit_test(test_combinations),
        cmocka_unit_test(test_last_contact), cmocka_unit_test(test_values_are_values),
        cmocka_unit_test(test_errors),       cmocka_unit_test(test_hints),
        cmocka_unit_test(test_private),
    };
    mem_init();
    testdb_need();
    return cmocka_run_group_tests_name("segment", tests, begin, end);
}
