/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Duplicates in the five lists of a town hall, as they are, against a key that was made by reading them
 * (tests/data/parties/parties.json): pairs of contacts that are one party, and pairs that look alike and are
 * not. ADRESAR_TEST_VERBOSE=1 prints each pair that is missed or wrong, and fails, so that tests/run shows
 * it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <jansson.h>

#include "base/vcard_cage.h"
#include "base/xlsx.h"
#include "crm/duplicate.h"
#include "crm/import.h"
#include "tests/lib/testdb.h"

static struct testdb *t;
static struct db *db;

static const char *const lists[] = {"mayor-office.csv", "defb-bizneset.csv", "dijaspora-klubovi.csv",
                                    "donatoret.xlsx", "telefon.vcf"};

static int begin(void **state)
{
    (void)state;
    t = testdb_open("duplicate");
    db = testdb_user(t, "vesna", "clerk", "mayor");
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        struct err err;
        struct import_report report;
        struct import_options o = {.file = talloc_asprintf(t, "demo/data/lists/%s", lists[i]),
                                   .country = "XK",
                                   .catalog = catalog_new(t, "en")};
        if (import_contacts(t, db, &o, &report, &err) < 0) {
            fprintf(stderr, "%s\n", err.text);
            return -1;
        }
    }
    return 0;
}

static int end(void **state)
{
    (void)state;
    db_close(db);
    testdb_close(t);
    return 0;
}

/* ---- the key */

struct pair {
    long long a, b;
    const char *group;
};
struct pairs {
    struct pair pair[20000];
    size_t n;
};

static bool has_pair(const struct pairs *p, long long a, long long b)
{
    for (size_t i = 0; i < p->n; i++)
        if ((p->pair[i].a == a && p->pair[i].b == b) || (p->pair[i].a == b && p->pair[i].b == a))
            return true;
    return false;
}

static void add_pair(struct pairs *p, long long a, long long b, const char *group)
{
    if (a == b || has_pair(p, a, b))
        return;
    assert_true(p->n < ARRAY_LEN(p->pair));
    p->pair[p->n++] = (struct pair){a, b, group};
}

static json_t *rows;  /* "file.csv/sheet/17": {"organisation": id, "person": id} */
static json_t *names; /* "17": what it is called */

static json_t *ask_json(const char *sql)
{
    json_t *value = json_loads(testdb_ask(t, "%s", sql), 0, NULL);
    assert_non_null(value);
    return value;
}

/* The organisation, or the person, that a row became; 0: none. */
static long long contact_of(json_t *member, bool organisation)
{
    const char *sheet = json_string_value(json_object_get(member, "sheet"));
    const char *at = talloc_asprintf(t, "%s/%s/%lld", json_string_value(json_object_get(member, "file")),
                                     sheet ? sheet : "", json_integer_value(json_object_get(member, "row")));
    return json_integer_value(
        json_object_get(json_object_get(rows, at), organisation ? "organisation" : "person"));
}

static void add_group(struct pairs *p, json_t *group, bool organisation)
{
    json_t *members = json_object_get(group, "members");
    const char *id = json_string_value(json_object_get(group, "id"));
    if (!id)
        id = json_string_value(json_object_get(group, "reason"));
    for (size_t i = 0; i < json_array_size(members); i++)
        for (size_t j = i + 1; j < json_array_size(members); j++) {
            long long a = contact_of(json_array_get(members, i), organisation);
            long long b = contact_of(json_array_get(members, j), organisation);
            if (a && b)
                add_pair(p, a, b, id);
        }
}

static void add_groups(struct pairs *p, json_t *groups, int half)
{
    size_t i;
    json_t *group;
    json_array_foreach(groups, i, group)
    {
        const char *kind = json_string_value(json_object_get(group, "kind"));
        if (half >= 0 && (int)(i % 2) != half)
            continue;
        if (!kind || strstr(kind, "organisation"))
            add_group(p, group, true);
        if (!kind || strstr(kind, "person"))
            add_group(p, group, false);
    }
}

static json_t *read_key(void)
{
    json_error_t error;
    json_t *key = json_load_file("tests/data/parties/parties.json", 0, &error);
    if (!key)
        fail_msg("parties.json:%d: %s", error.line, error.text);
    return key;
}

static const char *name_of(long long id)
{
    char at[32];
    snprintf(at, sizeof at, "%lld", id);
    return json_string_value(json_object_get(names, at));
}

/* ---- what was found */

static json_t *evidence; /* "17 23": probability and evidence */

static int add_found(void *context, struct db_rows *found, struct err *err)
{
    (void)err;
    add_pair(context, db_get_int(found, 0, "a"), db_get_int(found, 0, "b"), "");
    return 0;
}

static void say_pair(const char *what, const struct pair *p)
{
    char at[64];
    if (!getenv("ADRESAR_TEST_VERBOSE"))
        return;
    snprintf(at, sizeof at, "%lld %lld", p->a < p->b ? p->a : p->b, p->a < p->b ? p->b : p->a);
    const char *why = json_string_value(json_object_get(evidence, at));
    fprintf(stderr, "%s %s: %s == %s\n  %s\n", what, p->group, name_of(p->a), name_of(p->b),
            why ? why : "not found");
}

static void measure(json_t *key, const struct pairs *found, int half)
{
    struct pairs *same = talloc_zero(t, struct pairs), *either = talloc_zero(t, struct pairs),
                 *other = talloc_zero(t, struct pairs);
    add_groups(same, json_object_get(key, "groups"), half);
    add_groups(either, json_object_get(key, "groups"), -1);
    add_groups(either, json_object_get(key, "either"), -1);
    add_groups(other, json_object_get(key, "lookalikes"), -1);
    size_t hits = 0, wrong = 0, alike = 0;
    for (size_t i = 0; i < same->n; i++)
        if (has_pair(found, same->pair[i].a, same->pair[i].b))
            hits++;
        else
            say_pair("missed", &same->pair[i]);
    for (size_t i = 0; i < found->n; i++) {
        struct pair p = found->pair[i];
        if (has_pair(either, p.a, p.b))
            continue;
        wrong++;
        alike += has_pair(other, p.a, p.b);
        say_pair("wrong", &p);
    }
    double recall = (double)hits / (double)same->n;
    double precision = (double)(found->n - wrong) / (double)found->n;
    print_message("%s: recall %.1f %% of %zu pairs, precision %.1f %% of %zu proposals, %zu look-alikes\n",
                  half < 0 ? "all"
                  : half   ? "odd groups"
                           : "even groups",
                  100 * recall, same->n, 100 * precision, found->n, alike);
    if (half >= 0)
        return;
    assert_true(recall >= 0.95);
    assert_true(precision >= 0.98);
    assert_int_equal(alike, 0);
    assert_null(getenv("ADRESAR_TEST_VERBOSE"));
}

static void test_key(void **state)
{
    (void)state;
    struct err err;
    struct duplicate_sums sums;
    json_t *key = read_key();
    struct pairs *found = talloc_zero(t, struct pairs);
    if (duplicate_search(db, &sums, &err) < 0 ||
        duplicate_list(db, 0, 0.5, false, add_found, found, &err) < 0)
        fail_msg("%s", err.text);
    rows = ask_json(
        "select json_object_agg(concat_ws('/', i.file_name, coalesce(r.sheet, ''), r.row), json_build_object("
        "  'organisation', case c.kind when 'organisation' then c.id else c.organisation_id end,"
        "  'person', case c.kind when 'person' then c.id else (select min(p.id) from contact p "
        "             where p.organisation_id = c.id and p.import_id = i.id) end))"
        "  from import_row r join import i on i.id = r.import_id join contact c on c.id = r.contact_id");
    names = ask_json(
        "select json_object_agg(c.id, concat(c.kind, ' ', n.name, ' | ', o.name, ' ', c.id)) from contact c"
        "  join contact_name n on n.contact_id = c.id and n.main"
        "  left join contact_name o on o.contact_id = c.organisation_id and o.main");
    evidence = ask_json(
        "select json_object_agg(a || ' ' || b, concat(round(probability::numeric, 3), ' ', evidence))"
        "  from duplicate");
    print_message("%lld contacts, %lld pairs compared\n", (long long)sums.contacts, (long long)sums.pairs);
    measure(key, found, 0);
    measure(key, found, 1);
    measure(key, found, -1);
    json_decref(key);
    json_decref(rows);
    json_decref(names);
    json_decref(evidence);
}

int main(int argc, char **argv)
{
    static const struct cage_parser *const parsers[] = {&vcard_parser, &xlsx_parser, NULL};
    mem_init();
    if (argc > 1 && !strcmp(argv[1], "cage"))
        return cage_main(parsers);
    testdb_need();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_key),
    };
    return cmocka_run_group_tests_name("duplicate", tests, begin, end);
}
