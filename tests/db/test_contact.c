/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Contacts by hand: what is added is found again in any script and spelling, what changes is in the history,
 * and what must not be cannot be stored.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/db_script.h"
#include "crm/contact.h"
#include "crm/merge.h"
#include "tests/lib/testdb.h"

static struct testdb *t;
static struct db *db; /* as a clerk of the mayor's office */

static int begin(void **state)
{
    (void)state;
    t = testdb_open("contact");
    db = testdb_user(t, "vesna", "admin", "mayor"); /* of all departments */
    db_close(testdb_user(t, "naser", "clerk", "defb"));
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

static json_t *view(int64_t id)
{
    struct err err;
    json_t *v = NULL;
    if (contact_view(db, id, &v, &err) < 0)
        fail_msg("%s", err.text);
    return v;
}

/* "3 exact, 17 near" */
static const char *found(const char *text)
{
    struct err err;
    DB_ROWS rows = NULL;
    struct text s = text_new(t);
    if (contact_find(db, text, 100, &rows, &err) < 0)
        fail_msg("%s: %s", text, err.text);
    for (int i = 0; i < db_rows_count(rows); i++)
        text_printf(&s, "%s%s %s", i ? ", " : "", db_get_str(rows, i, "name"),
                    contact_match_name((int)db_get_int(rows, i, "grade")));
    return s.s;
}

static void test_find(void **state)
{
    (void)state;
    add((struct contact_fields){.name = "Драган Стојковић", .email = "Dragan@komerc.example"});
    add((struct contact_fields){.name = "Ђорђе Xhemajli-Ćosić", .phone = "049/000-201", .country = "XK"});
    add((struct contact_fields){.kind = "organisation", .name = "Hotel „Banja e Kllokotit“"});
    static const struct {
        const char *text, *found;
    } table[] = {
        {"Стојковић", "Драган Стојковић exact"},
        {"Stojković", "Драган Стојковић fold"},
        {"STOJKOVIC", "Драган Стојковић fold"},
        {"Stojkoviq", "Драган Стојковић near"},
        {"stojković dragan", "Драган Стојковић fold"},
        {"dra stoj", "Драган Стојковић fold"},
        {"tojkovic", "Драган Стојковић near"},
        {"Dragan Petrović", ""},
        {"Djordje Cosic", "Ђорђе Xhemajli-Ćosić fold"},
        {"Gjorgje", "Ђорђе Xhemajli-Ćosić near"},
        {"banja", "Hotel „Banja e Kllokotit“ fold"},
        {"Банја е Клокотит", "Hotel „Banja e Kllokotit“ near"},
        {"DRAGAN@komerc.example", "Драган Стојковић exact"},
        {"@komerc.example", "Драган Стојковић fold"},
        {"+383 49 000 201", "Ђорђе Xhemajli-Ćosić exact"},
        {"049000201", "Ђорђе Xhemajli-Ćosić exact"},
        {"", ""},
        {"& | ! ( :* '", ""},
        {"%", ""},
        {"@", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        assert_string_equal(found(table[i].text), table[i].found);
    struct err err;
    DB_ROWS rows = NULL;
    assert_int_equal(contact_find(db, "\xff", 9, &rows, &err), -1);
}

static void test_name_for(void **state)
{
    (void)state;
    static const struct contact_name both[] = {{"sr-Cyrl", "Стојан Њива", true},
                                               {"sq", "Stojan Njiva", false}};
    static const struct contact_name cyrillic[] = {{NULL, "Стојан Њива", true}};
    static const struct contact_name latin[] = {{NULL, "Agim Hoxha", true}, {NULL, "A. Hoxha", false}};
    static const struct {
        const struct contact_name *names;
        size_t n;
        const char *language, *name;
    } table[] = {
        {both, 2, "sr-Cyrl", "Стојан Њива"},     {both, 2, "sq", "Stojan Njiva"},
        {both, 2, "de", "Stojan Njiva"},         {cyrillic, 1, "sr-Latn", "Stojan Njiva"},
        {cyrillic, 1, "sr", "Stojan Njiva"},     {cyrillic, 1, "en", "Stojan Njiva"},
        {cyrillic, 1, "sr-Cyrl", "Стојан Њива"}, {latin, 2, "sr-Cyrl", "Agim Hoxha"},
        {latin, 2, "sq", "Agim Hoxha"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        assert_string_equal(contact_name_for(t, table[i].names, table[i].n, table[i].language),
                            table[i].name);
    assert_null(contact_name_for(t, NULL, 0, "sq"));
}

static void test_organisation_and_post(void **state)
{
    (void)state;
    struct contact_fields f = {.name = "Ana Anić", .organisation = "Црвени крст", .position = "Director"};
    int64_t ana = add(f);
    f.name = "Bora Borić", f.organisation = "CRVENI KRST";
    int64_t bora = add(f);
    /* one organisation, two posts of the same name */
    assert_string_equal(
        testdb_ask(t, "select count(distinct organisation_id) from contact where id in (%lld, %lld)",
                   (long long)ana, (long long)bora),
        "1");
    assert_string_equal(testdb_ask(t,
                                   "select count(distinct post_id) from term where holder_id in (%lld, %lld)",
                                   (long long)ana, (long long)bora),
                        "2");
    edit(ana, (struct contact_fields){.position = "President"});
    assert_string_equal(
        testdb_ask(t,
                   "select string_agg(p.name || ' ' || (t.during @> current_date), ', ' order by t.id) "
                   "from term t join post p on p.id = t.post_id where holder_id = %lld",
                   (long long)ana),
        "Director false, President true");
    /* the post that Ana left is free */
    f.name = "Ceca Cecić";
    int64_t ceca = add(f);
    assert_string_equal(testdb_ask(t,
                                   "select (select post_id from term where holder_id = %lld) = "
                                   "(select min(post_id) from term where holder_id = %lld)",
                                   (long long)ceca, (long long)ana),
                        "t");
    struct err err;
    f = (struct contact_fields){.name = "Dana", .position = "Clerk"};
    int64_t id;
    assert_int_equal(contact_add(db, &f, &id, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
}

/* A slip that is mended on the same day leaves no second post. */
static void test_position_mended(void **state)
{
    (void)state;
    int64_t id = add((struct contact_fields){.name = "Eva", .organisation = "Klub E", .position = "Member"});
    edit(id, (struct contact_fields){.position = "Presidnt"});
    edit(id, (struct contact_fields){.position = "President"});
    assert_string_equal(
        testdb_ask(t,
                   "select string_agg(p.name || ' ' || (t.during @> current_date) || ' ' || "
                   "coalesce((lower(t.during) = current_date)::text, '-'), ', ' order by t.id) "
                   "from term t join post p on p.id = t.post_id where holder_id = %lld",
                   (long long)id),
        "Member false -, President true true");
}

/* Of two names in one language, which a merge has brought, one is changed. */
static void test_names_of_one_language(void **state)
{
    (void)state;
    int64_t id = add((struct contact_fields){.name = "Fata Fatić", .name_language = "sr-Latn"});
    testdb_do(
        t,
        "insert into contact_name (contact_id, language, name, fold, near)"
        " values (%lld, 'sr-Latn', 'Fata Fatić-Petrović', 'fata fatic petrovic', 'fata fatic petrovic')",
        (long long)id);
    edit(id, (struct contact_fields){.name = "Fatima Fatić", .name_language = "sr-Latn"});
    assert_string_equal(testdb_ask(t,
                                   "select string_agg(name, ', ' order by id) from contact_name where "
                                   "contact_id = %lld",
                                   (long long)id),
                        "Fatima Fatić, Fata Fatić-Petrović");
}

/* None of many words is left out. */
static void test_many_tags(void **state)
{
    (void)state;
    int64_t id =
        add((struct contact_fields){.name = "Goca", .tag = "a,b,c,d,e,f,g,h,i,j,k,l,m,n,o,p,q,r, s t,,u"});
    assert_string_equal(
        testdb_ask(t, "select string_agg(tag, '' order by tag) from contact_tag where contact_id = %lld",
                   (long long)id),
        "abcdefghijklmnopqrstu");
}

/* What is written to a contact that was merged meanwhile is the other's, and not lost where nobody looks. */
static void test_merged_meanwhile(void **state)
{
    (void)state;
    struct err err;
    struct merge_report r;
    int64_t a = add((struct contact_fields){.name = "Hana H", .email = "hana@x.example"}),
            b = add((struct contact_fields){.name = "Hana Ha", .email = "hana2@x.example"});
    assert_int_equal(merge_contacts(t, db, a, b, &(struct merge_options){.survivor = a}, &r, &err), 0);
    edit(b, (struct contact_fields){.phone = "+38344111222", .country = "XK"});
    assert_string_equal(
        testdb_ask(t, "select contact_id = %lld from phone where e164 = '+38344111222'", (long long)a), "t");
}

static void test_edit_and_history(void **state)
{
    (void)state;
    int64_t id = add((struct contact_fields){.name = "Милош Милић",
                                             .name_language = "sr-Cyrl",
                                             .email = "milos@x.example",
                                             .language = "sr-Cyrl,sq",
                                             .salutation = "Поштовани"});
    edit(id,
         (struct contact_fields){.name = "Milloš Milliq", .name_language = "sq", .email = "New@Y.example"});
    edit(id,
         (struct contact_fields){.state = "left", .salutation = "", .category = "ngo", .department = "defb"});
    edit(id, (struct contact_fields){.name = "Миле Милић"});
    json_t *v = view(id);
    assert_string_equal(json_string_value(json_object_get(v, "name")), "Миле Милић");
    assert_string_equal(json_string_value(json_object_get(v, "state")), "left");
    assert_null(json_object_get(v, "salutation"));
    assert_int_equal(json_array_size(json_object_get(v, "names")), 2);
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(json_object_get(v, "addresses"), 0), "email")),
        "New@y.example");
    assert_string_equal(json_string_value(json_array_get(json_object_get(v, "languages"), 1)), "sq");
    assert_string_equal(json_string_value(json_array_get(json_object_get(v, "departments"), 0)), "defb");
    assert_string_equal(json_string_value(json_object_get(v, "department")), "mayor");
    json_decref(v);

    struct err err;
    json_t *list = NULL;
    assert_int_equal(contact_history(db, id, &list, &err), 0);
    char *text = json_dumps(list, JSON_SORT_KEYS);
    assert_non_null(strstr(text, "\"before\": {\"salutation\": \"Поштовани\", \"state\": \"active\"}"));
    assert_non_null(strstr(text, "Милош Милић"));
    assert_non_null(strstr(text, testdb_role(t, "vesna")));
    free(text);
    json_decref(list);
}

/* The entries of a history that made a row of the object and say the words. */
static int made_in_history(int64_t id, const char *object, const char *words)
{
    struct err err;
    json_t *list = NULL, *entry;
    size_t i;
    int n = 0;
    assert_int_equal(contact_history(db, id, &list, &err), 0);
    json_array_foreach(list, i, entry)
    {
        char *changes = json_dumps(json_object_get(entry, "changes"), JSON_ENCODE_ANY | JSON_SORT_KEYS);
        n += !strcmp(json_string_value(json_object_get(entry, "action")), "INSERT") &&
             !strcmp(json_string_value(json_object_get(entry, "object")), object) && strstr(changes, words);
        free(changes);
    }
    json_decref(list);
    return n;
}

/* What was added is as much of the history as what was changed, and stays there when it is changed or gone.
 */
static void test_additions_in_history(void **state)
{
    (void)state;
    int64_t id = add((struct contact_fields){.name = "Adem Additë", .email = "adem@x.example"});
    edit(id, (struct contact_fields){.phone = "+383 44 111 333", .note = "met in Vitina", .tag = "vip"});
    edit(id, (struct contact_fields){.name = "Adem Shtesa", .untag = "vip", .unphone = "+383 44 111 333"});
    assert_int_equal(made_in_history(id, "contact_name", "Adem Additë"), 1);
    assert_int_equal(made_in_history(id, "contact_name", "Adem Shtesa"), 0);
    assert_int_equal(made_in_history(id, "address", "adem@x.example"), 1);
    assert_int_equal(made_in_history(id, "phone", "+38344111333"), 1);
    assert_int_equal(made_in_history(id, "contact_note", "met in Vitina"), 1);
    assert_int_equal(made_in_history(id, "contact_tag", "vip"), 1);
    struct err err;
    assert_int_equal(
        db_script(
            db,
            talloc_asprintf(t, "insert into consent (contact_id, given, how) values (%lld, false, 'phone')",
                            (long long)id),
            &err),
        0);
    assert_int_equal(made_in_history(id, "consent", "\"field\": \"given\""), 1);
}

static void refused(struct contact_fields f, enum err_code code, const char *words)
{
    struct err err;
    int64_t id;
    const char *before = testdb_ask(t, "select count(*) from contact");
    assert_int_equal(contact_add(db, &f, &id, &err), -1);
    if (err.code != code || !strstr(err.text, words))
        fail_msg("%d %s", err.code, err.text);
    assert_string_equal(testdb_ask(t, "select count(*) from contact"), before);
}

static void test_refuses(void **state)
{
    (void)state;
    add((struct contact_fields){.name = "Once", .email = "once@x.example"});
    refused((struct contact_fields){.name = "ONCE", .email = "Once@x.example"}, ERR_CONFLICT,
            "there already");
    refused((struct contact_fields){.name = "X", .email = "a@@b.example"}, ERR_USAGE, "a@@b.example");
    refused((struct contact_fields){.name = "X", .category = "nix"}, ERR_NOTFOUND, "village-council");
    refused((struct contact_fields){.name = "X", .department = "nix"}, ERR_NOTFOUND, "there are defb, mayor");
    refused((struct contact_fields){.name = "X", .kind = "club"}, ERR_USAGE, "club");
    refused((struct contact_fields){.name = "X", .state = "gone"}, ERR_USAGE, "gone");
    refused((struct contact_fields){.name = "X", .gender = "x"}, ERR_USAGE, "gender");
    refused((struct contact_fields){.name = ""}, ERR_USAGE, "name");
    refused((struct contact_fields){.kind = "person"}, ERR_USAGE, "name");
}

static void test_resolve(void **state)
{
    (void)state;
    struct err err;
    int64_t id;
    int64_t a = add((struct contact_fields){.name = "Shared A", .email = "shared@x.example"});
    assert_int_equal(contact_resolve(db, "SHARED@X.example", &id, &err), 0);
    assert_int_equal(id, a);
    add((struct contact_fields){.name = "Shared B", .email = "shared@x.example"});
    assert_int_equal(contact_resolve(db, "shared@x.example", &id, &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    static const char *const missing[] = {"999999999", "nobody@x.example"};
    for (size_t i = 0; i < ARRAY_LEN(missing); i++) {
        assert_int_equal(contact_resolve(db, missing[i], &id, &err), -1);
        assert_int_equal(err.code, ERR_NOTFOUND);
    }
    static const char *const nonsense[] = {"", "x", "1x", "-1", "99999999999999999999"};
    for (size_t i = 0; i < ARRAY_LEN(nonsense); i++) {
        assert_int_equal(contact_resolve(db, nonsense[i], &id, &err), -1);
        assert_int_equal(err.code, ERR_USAGE);
    }
}

/* ---- what the store does not take from anybody */

static void test_constraints(void **state)
{
    (void)state;
    testdb_do(
        t,
        "insert into contact (id, kind, department_id) overriding system value values "
        "(900001, 'organisation', 1), (900002, 'person', 1), (900003, 'person', 1);"
        "insert into post (id, organisation_id, name) overriding system value values (900001, 900001, 'P');"
        "insert into term (post_id, holder_id, during) values (900001, 900002, '[2026-01-01,)');"
        "insert into contact_name (contact_id, name, fold, near, main) values (900002, 'A', 'a', 'a', true)");
    static const struct {
        const char *state, *sql;
    } table[] = {
        {"23P01",
         "insert into term (post_id, holder_id, during) values (900001, 900003, '[2026-05-01,2026-06-01)')"},
        {"23514", "insert into term (post_id, holder_id, during) values (900001, 900003, 'empty')"},
        {"23505", "insert into contact_name (contact_id, name, fold, near, main) values (900002, 'B', 'b', "
                  "'b', true)"},
        {"23514", "update contact set organisation_id = 900001 where id = 900001"},
        {"23514", "update contact set state = 'gone' where id = 900002"},
        {"23502", "insert into contact (kind) values ('person')"},
        {"23514", "insert into address (contact_id, email, email_key) values (900002, 'a b@x', 'a b@x')"},
        {"23514",
         "insert into address (contact_id, email, email_key, state) values (900002, 'a@x', 'a@x', 'dead')"},
        {"23514", "insert into phone (contact_id, typed, e164) values (900002, '1', '044')"},
        {"23503", "insert into contact_category (contact_id, category_id) values (900002, 9999)"},
        {"23503", "insert into answer (event_id, contact_id, answer, state, by, evidence, decided_by) "
                  "values (9999, 900002, 'accepted', 'confirmed', 'person', '[]', session_user)"},
        {"23502", "insert into answer (contact_id, answer, state, by, evidence, decided_by) "
                  "values (900002, 'accepted', 'confirmed', 'person', '[]', session_user)"},
        {"AD001", "update audit set digest = ''"},
        {"AD001", "delete from audit"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        testdb_refused(t->su, table[i].state, table[i].sql);
}

static void test_rights(void **state)
{
    (void)state;
    struct db *deliver = testdb_as(t, "adresar_deliver"), *report = testdb_as(t, "adresar_report");
    testdb_refused(deliver, "42501", "insert into contact (kind, department_id) values ('person', 1)");
    testdb_refused(deliver, "42501", "update address set email = 'x@y'");
    testdb_refused(report, "42501", "delete from contact");
    testdb_refused(db, "42501", "insert into department (slug, name) values ('x', 'x')");
    testdb_refused(db, "42501", "update staff set role = 'admin'");
    testdb_refused(db, "42501",
                   "insert into audit (action, object, rows, digest) values ('INSERT', 'x', 1, '')");
    testdb_refused(db, "42501", "delete from audit_value");
    db_close(deliver);
    db_close(report);
}

int main(void)
{
    mem_init();
    testdb_need();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_find),
        cmocka_unit_test(test_name_for),
        cmocka_unit_test(test_organisation_and_post),
        cmocka_unit_test(test_position_mended),
        cmocka_unit_test(test_names_of_one_language),
        cmocka_unit_test(test_many_tags),
        cmocka_unit_test(test_merged_meanwhile),
        cmocka_unit_test(test_edit_and_history),
        cmocka_unit_test(test_additions_in_history),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_resolve),
        cmocka_unit_test(test_constraints),
        cmocka_unit_test(test_rights),
    };
    return cmocka_run_group_tests_name("contact", tests, begin, end);
}
