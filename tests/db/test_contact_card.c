/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Cards of contacts, their UIDs and revisions.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "crm/contact.h"
#include "crm/contact_card.h"
#include "tests/lib/testdb.h"

static struct testdb *t;
static struct db *db; /* as a clerk of the mayor's office */
static void *mem;

static int begin(void **state)
{
    (void)state;
    t = testdb_open("contact_card");
    db = testdb_user(t, "vesna", "clerk", "mayor");
    mem = talloc_new(t);
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

static void edit(int64_t id, struct contact_fields fields)
{
    struct err err;
    ok(contact_edit(db, id, &fields, &err));
}

static struct vcard *card_of(int64_t id)
{
    struct err err;
    struct vcard *card;
    ok(contact_card(mem, db, id, &card, &err));
    return card;
}

/* "a|b, c" */
static const char *values(const struct vcard *card, enum vcard_property property)
{
    struct text s = text_new(mem);
    for (size_t i = 0; i < card->of[property].n; i++)
        for (size_t p = 0; p < card->of[property].item[i].parts; p++)
            text_printf(&s, "%s%s", p ? "|" : i ? ", " : "", card->of[property].item[i].part[p]);
    return s.s;
}

static void test_card(void **state)
{
    (void)state;
    int64_t club = add((struct contact_fields){.kind = "organisation", .name = "Klub Klokot"});
    edit(club, (struct contact_fields){.name = "Клуб Клокот", .name_language = "sr-Cyrl"});
    int64_t id = add((struct contact_fields){.name = "Prof. dr Ana Marija Petrović",
                                             .organisation = "Opština Klokot",
                                             .position = "savetnica",
                                             .email = "ana@x.example",
                                             .phone = "nije broj",
                                             .language = "sr-Latn,sq",
                                             .gender = "f",
                                             .category = "donor",
                                             .postal.lines = "Glavna 1",
                                             .postal.city = "Klokot",
                                             .postal.country = "XK",
                                             .note = "a\nb"});
    testdb_do(t,
              "with p as (insert into post (organisation_id, name) values (%lld, 'predsednica') returning id)"
              " insert into term (post_id, holder_id) select id, %lld from p",
              (long long)club, (long long)id);
    testdb_do(t, "update address set private = true where contact_id = %lld", (long long)id);
    struct vcard *card = card_of(id);
    assert_string_equal(values(card, VCARD_KIND), "individual");
    assert_string_equal(values(card, VCARD_N), "Petrović|Ana|Marija|Prof. dr|");
    assert_string_equal(card->of[VCARD_N].item[0].sort_as, "petrovic,ana");
    assert_string_equal(values(card, VCARD_GENDER), "F");
    assert_string_equal(values(card, VCARD_ORG), "Opština Klokot, Klub Klokot, Клуб Клокот");
    assert_string_equal(values(card, VCARD_TITLE), "savetnica");
    assert_string_equal(values(card, VCARD_ROLE), "predsednica");
    assert_string_equal(card->of[VCARD_ROLE].item[0].group, card->of[VCARD_ORG].item[2].group);
    assert_null(card->of[VCARD_ORG].item[0].altid);
    assert_string_equal(card->of[VCARD_ORG].item[1].altid, card->of[VCARD_ORG].item[2].altid);
    assert_string_equal(values(card, VCARD_TEL), "nije broj");
    assert_string_equal(card->of[VCARD_EMAIL].item[0].types, "home");
    assert_string_equal(values(card, VCARD_ADR), "||Glavna 1|Klokot|||XK");
    assert_string_equal(card->of[VCARD_ADR].item[0].label, "Glavna 1\nKlokot\nKOSOVO");
    assert_string_equal(values(card, VCARD_LANG), "sr-Latn, sq");
    assert_string_equal(values(card, VCARD_CATEGORY), "Donor");
    assert_string_equal(values(card, VCARD_NOTE), "a\nb");
    testdb_do(t, "update address set state = 'dead', evidence = '{}' where contact_id = %lld", (long long)id);
    testdb_do(t, "update term set during = daterange('2020-01-01', '2021-01-01') where holder_id = %lld",
              (long long)id);
    card = card_of(id);
    assert_string_equal(values(card, VCARD_EMAIL), "");
    assert_string_equal(values(card, VCARD_TITLE), "");
    assert_string_equal(values(card, VCARD_ORG), "Opština Klokot");
    card = card_of(club);
    assert_string_equal(values(card, VCARD_KIND), "org");
    assert_string_equal(values(card, VCARD_N), "");
    struct err err;
    assert_int_equal(contact_card(mem, db, 999999, &card, &err), -1);
    assert_int_equal(err.code, ERR_NOTFOUND);
}

/* Names that are no names are not cut; the rest of a name is what stands between. */
static void test_names(void **state)
{
    (void)state;
    static const struct {
        const char *name, *n;
    } table[] = {
        {"Drita", ""},
        {"Drita Krasniqi", "Krasniqi|Drita|||"},
        {"znj. Drita Krasniqi", "Krasniqi|Drita|||"},
        {"др Слободан Димитријевић", "Димитријевић|Слободан||др|"},
        {"otac Sava", ""},
        {"Lindita (përkthyese)", ""},
        {"Klub 1912 Klokot", ""},
        {"G. Petrović", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        int64_t id = add((struct contact_fields){.name = table[i].name});
        assert_string_equal(values(card_of(id), VCARD_N), table[i].n);
    }
}

static const char *revised(int64_t id)
{
    return testdb_ask(t, "select at from contact_revision where contact_id = %lld", (long long)id);
}

static void forget(void)
{
    testdb_do(t, "delete from contact_revision");
}

static void test_revisions(void **state)
{
    (void)state;
    int64_t club = add((struct contact_fields){.kind = "organisation", .name = "Revision"});
    int64_t id = add((struct contact_fields){.name = "A B",
                                             .email = "r@x.example",
                                             .organisation = "Revision",
                                             .phone = "049000201",
                                             .category = "donor",
                                             .note = "x"});
    assert_string_equal(revised(id), ""); /* all of it is the contact's making */
    static const struct {
        const char *before, *behind;
    } changes[] = {
        {"update contact set gender = 'm' where id = ", ""},
        {"update contact_name set name = 'C D' where contact_id = ", ""},
        {"insert into address (contact_id, email, email_key) values (", ", 'q@x.example', 'q@x.example')"},
        {"update address set position = 7 where contact_id = ", ""},
        {"delete from phone where contact_id = ", ""},
        {"delete from contact_category where contact_id = ", ""},
        {"insert into contact_tag (contact_id, tag) values (", ", 'vip')"},
        {"update contact_note set note = 'y' where contact_id = ", ""},
        {"insert into postal_address (contact_id, lines) values (", ", 'z')"},
    };
    for (size_t i = 0; i < ARRAY_LEN(changes); i++) {
        forget();
        testdb_do(t, "%s%lld%s", changes[i].before, (long long)id, changes[i].behind);
        assert_string_not_equal(revised(id), "");
        assert_string_equal(revised(club), "");
    }
    forget();
    edit(club, (struct contact_fields){.name = "Revision 2"});
    assert_string_not_equal(revised(id), "");
    assert_string_not_equal(revised(club), "");
    const char *uid = testdb_ask(t, "select uid from contact where id = %lld", (long long)id);
    testdb_refused(db, "AD001", "update contact set uid = gen_random_uuid()");
    testdb_do(t, "delete from contact where id = %lld", (long long)id);
    assert_string_equal(revised(id), "");
    assert_int_equal(strlen(uid), 36);
}

/* ---- a transaction within another */

static void test_nested(void **state)
{
    (void)state;
    struct err err;
    int64_t id = add((struct contact_fields){.name = "Nested"});
    {
        DB_TX tx = {0};
        ok(db_begin(&tx, db, DB_WRITE, &err));
        edit(id, (struct contact_fields){.gender = "m"});
    }
    assert_string_equal(testdb_ask(t, "select gender from contact where id = %lld", (long long)id), "");
    DB_TX tx = {0};
    ok(db_begin(&tx, db, DB_WRITE, &err));
    edit(id, (struct contact_fields){.gender = "m"});
    struct contact_fields none = {.owner = "nobody"};
    assert_int_equal(contact_edit(db, id, &none, &err), -1);
    assert_int_equal(db_commit(&tx, &err), -1); /* a part of it has failed */
    assert_string_equal(testdb_ask(t, "select gender from contact where id = %lld", (long long)id), "");
    edit(id, (struct contact_fields){.gender = "f"});
    assert_string_equal(testdb_ask(t, "select gender from contact where id = %lld", (long long)id), "f");
}

/* ---- the workbook: read as text, edited, written again in another order of columns */

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_card),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_revisions),
        cmocka_unit_test(test_nested),
    };
    testdb_need();
    return cmocka_run_group_tests_name("contact_card", tests, begin, end);
}
