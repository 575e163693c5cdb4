/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crm/event.h"
#include "tests/lib/testdb.h"

static struct testdb *t;
static struct db *db;

static int begin(void **state)
{
    (void)state;
    t = testdb_open("event");
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

static const struct event_text texts[] = {{"sq", "Konferenca", "Kllokot"},
                                          {"sr-Cyrl", "Конференција", "Клокот"}};

static int64_t add(void)
{
    struct err err;
    int64_t id = 0;
    struct event_new e = {.start = 1805360400,
                          .end = 1805374800,
                          .reply_by = "2027-01-15",
                          .domain = "klokot.example",
                          .texts = texts,
                          .ntexts = 2};
    if (event_add(db, &e, &id, &err) < 0)
        fail_msg("%s", err.text);
    return id;
}

static const char *text_of(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    assert_non_null(s);
    return s;
}

static void test_add_and_view(void **state)
{
    (void)state;
    struct err err;
    json_t *view = NULL;
    int64_t a = add(), b = add();
    assert_int_equal(event_view(db, a, &view, &err), 0);
    assert_string_equal(text_of(view, "starts_at"), "2027-03-18T09:00:00Z");
    assert_string_equal(text_of(view, "reply_by"), "2027-01-15");
    assert_string_equal(text_of(view, "department"), "mayor");
    assert_string_equal(text_of(json_array_get(json_object_get(view, "texts"), 1), "place"), "Клокот");
    const char *uid = text_of(view, "uid");
    assert_string_equal(strchr(uid, '@'), "@klokot.example");
    assert_string_not_equal(testdb_ask(t, "select uid from event where id = %lld", (long long)b), uid);
    json_decref(view);
    DB_ROWS rows = NULL;
    assert_true(event_list(db, "sr-Cyrl", &rows, &err) >= 2);
    assert_string_equal(db_get_str(rows, 0, "name"), "Конференција");
    assert_true(event_list(db, "de", &rows, &err) >= 2); /* no such text: the first there is */
    assert_string_equal(db_get_str(rows, 0, "name"), "Konferenca");
}

static void refused(struct event_new e, enum err_code code)
{
    struct err err;
    int64_t id;
    e.domain = "klokot.example";
    assert_int_equal(event_add(db, &e, &id, &err), -1);
    if (err.code != code)
        fail_msg("%s", err.text);
}

static void test_refuses(void **state)
{
    (void)state;
    static const struct event_text no_place = {"sq", "N", NULL};
    refused((struct event_new){.start = 2, .end = 1, .texts = texts, .ntexts = 2}, ERR_USAGE);
    refused((struct event_new){.start = 1, .end = 2}, ERR_USAGE);
    refused((struct event_new){.start = 1, .end = 2, .texts = &no_place, .ntexts = 1}, ERR_USAGE);
    refused((struct event_new){.start = 1, .end = 2, .texts = texts, .ntexts = 2, .department = "x"},
            ERR_NOTFOUND);
    struct err err;
    json_t *view;
    DB_ROWS rows = NULL;
    assert_int_equal(event_view(db, 999999, &view, &err), -1);
    assert_int_equal(err.code, ERR_NOTFOUND);
    assert_int_equal(event_answers(db, 999999, &rows, &err), -1);
    assert_int_equal(err.code, ERR_NOTFOUND);
}

/* Of one contact the newest confirmed answer counts, then the newest proposed one; a rejected one never. */
static void test_answers(void **state)
{
    (void)state;
    int64_t id = add();
    struct err err;
    DB_ROWS rows = NULL;
    testdb_do(
        t,
        "insert into contact (id, kind, department_id) overriding system value "
        "select i, 'person', 1 from generate_series(800001, 800003) i;"
        "insert into contact_name (contact_id, name, fold, near, main) "
        "select i, 'P' || i, 'p' || i, 'p' || i, true from generate_series(800001, 800003) i;"
        "insert into answer (event_id, contact_id, answer, state, by, evidence, decided_by, at) values "
        "(%lld, 800001, 'accepted', 'confirmed', 'person', '[{\"where\": \"phone\", \"text\": "
        "\"yes\"}]', session_user, "
        "'2026-12-01'), (%lld, 800001, 'declined', 'proposed', 'person', '[]', session_user, '2026-12-02'),"
        "(%lld, 800002, 'accepted', 'proposed', 'person', '[]', session_user, '2026-12-01'),"
        "(%lld, 800002, 'declined', 'proposed', 'person', '[]', session_user, '2026-12-03'),"
        "(%lld, 800003, 'declined', 'rejected', 'person', '[]', session_user, '2026-12-03')",
        (long long)id, (long long)id, (long long)id, (long long)id, (long long)id);
    assert_int_equal(event_answers(db, id, &rows, &err), 2);
    assert_string_equal(db_get_str(rows, 0, "name"), "P800001");
    assert_string_equal(db_get_str(rows, 0, "answer"), "accepted");
    assert_string_equal(db_get_str(rows, 0, "state"), "confirmed");
    assert_string_equal(db_get_str(rows, 1, "answer"), "declined");
    assert_string_equal(db_get_str(rows, 1, "state"), "proposed");
}

int main(void)
{
    mem_init();
    testdb_need();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add_and_view),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_answers),
    };
    return cmocka_run_group_tests_name("event", tests, begin, end);
}
