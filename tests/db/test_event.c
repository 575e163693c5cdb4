/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/db_script.h"
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

/* ---- it moves */

/* A column of the event. */
static int64_t number(int64_t id, const char *column)
{
    return strtoll(testdb_ask(t, "select %s from event where id = %lld", column, (long long)id), NULL, 10);
}

/* As that user; the first cell, or "". */
static const char *run(struct db *user, const char *fmt, ...) PRINTF(2, 3);
static const char *run(struct db *user, const char *fmt, ...)
{
    struct err err;
    DB_ROWS rows = NULL;
    struct db_stmt *s = talloc_zero(t, struct db_stmt);
    va_list ap;
    va_start(ap, fmt);
    *s = (struct db_stmt){.name = "test", .sql = talloc_vasprintf(t, fmt, ap), .promise = DB_ROWS_many};
    va_end(ap);
    if (db_run_args(user, &rows, &err, s, NULL) < 0)
        fail_msg("%s", err.text);
    return talloc_strdup(t, db_rows_count(rows) ? db_cell(rows, 0, 0) : "");
}

static void test_move(void **state)
{
    (void)state;
    struct err err;
    struct event_changed changed;
    int64_t id = add();
    assert_int_equal(event_move(db, id, &(struct event_move){.start = 1805364000}, &changed, &err), 0);
    assert_int_equal(changed.sequence, 1);
    assert_true(changed.raised);
    assert_int_equal(number(id, "extract(epoch from ends_at)::bigint"), 1805378400); /* as long as it was */
    assert_int_equal(number(id, "time_sequence"), 1);
    assert_int_equal(event_move(db, id, &(struct event_move){.place = "Vrbovac"}, &changed, &err), 0);
    assert_int_equal(changed.sequence, 2);
    assert_int_equal(number(id, "time_sequence"), 1);
    assert_int_equal(
        number(id, "(select count(*) from event_text where event_id = event.id and place = 'Vrbovac')"), 2);
    const struct event_text words[] = {{"sq", "Takim", NULL}, {"de", "Treffen", "Halle"}};
    assert_int_equal(event_move(db, id, &(struct event_move){.texts = words, .ntexts = 2}, &changed, &err),
                     0);
    assert_int_equal(changed.sequence, 2);
    assert_false(changed.raised);
    assert_string_equal(
        testdb_ask(
            t,
            "select string_agg(name || ' ' || place, ', ' order by id) from event_text where event_id = %lld",
            (long long)id),
        "Takim Vrbovac, Конференција Vrbovac, Treffen Halle");
    const struct event_move nothing = {.start = 1805364000, .place = NULL}, backwards = {.end = 1};
    assert_int_equal(event_move(db, id, &nothing, &changed, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_int_equal(event_move(db, id, &backwards, &changed, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_int_equal(event_move(db, 999999, &backwards, &changed, &err), -1);
    assert_int_equal(err.code, ERR_NOTFOUND);
}

/* Whatever statement changes an event, its version says so; and it stays the event that calendars know. */
static void test_versions_cannot_be_forgotten(void **state)
{
    (void)state;
    int64_t id = add();
    testdb_do(t, "update event set starts_at = starts_at + interval '1 minute' where id = %lld",
              (long long)id);
    assert_int_equal(number(id, "sequence"), 1);
    testdb_refused(db, "AD001",
                   talloc_asprintf(t, "update event set uid = 'x' where id = %lld", (long long)id));
    testdb_refused(db, "AD001",
                   talloc_asprintf(t, "update event set sequence = 0 where id = %lld", (long long)id));
    testdb_refused(db, "AD001",
                   talloc_asprintf(t, "update event set sequence = 9 where id = %lld", (long long)id));
}

/* Letters of another department about the event, and drafts: none goes out with what it was. */
static void test_letters_stop(void **state)
{
    (void)state;
    struct err err;
    struct event_changed changed;
    int64_t id = add();
    struct db *other = testdb_user(t, "ilir", "clerk", "culture");
    struct db *head = testdb_user(t, "besa", "head", "culture");
    testdb_do(
        t,
        "insert into contact (id, kind, department_id) overriding system value values (800010, 'person', 1)");
    const char *mailing[2];
    for (int i = 0; i < 2; i++) {
        mailing[i] = run(other,
                         "insert into mailing (name, event_id, department_id, account) values ('m', %lld,"
                         " (select id from department where slug = 'culture'), 'a') returning id",
                         (long long)id);
        run(other,
            "insert into outbox (mailing_id, contact_id, email, name, language, view, state, reason)"
            " values (%s, 800010, 'a@b.example', 'A', 'en', '{}', 'held', 'release')",
            mailing[i]);
    }
    run(head, "update mailing set state = 'released', released_by = actor() where id = %s", mailing[0]);
    assert_int_equal(event_move(db, id, &(struct event_move){.start = 1805364000}, &changed, &err), 0);
    assert_int_equal(changed.stopped, 1); /* the draft's was never to go out */
    assert_string_equal(
        testdb_ask(t,
                   "select string_agg(distinct m.state || ' ' || o.state || ' ' || o.reason, ', ')"
                   " from mailing m join outbox o on o.mailing_id = m.id where m.event_id = %lld",
                   (long long)id),
        "cancelled cancelled the event has moved");
    assert_string_equal(testdb_ask(t, "select overtaken from mailing where id = %s", mailing[1]), "t");
    /* the guests are of the department whose event it is */
    struct db *stranger = testdb_user(t, "stranger", "clerk", "sport");
    DB_ROWS rows = NULL;
    assert_int_equal(event_calls(db, id, "UTC", &rows, &err), 0);
    assert_string_equal(run(db, "select count(*) from event_letters(%lld)", (long long)id), "1");
    assert_string_equal(run(stranger, "select count(*) from event_letters(%lld)", (long long)id), "0");
    assert_int_equal(event_calls(stranger, id, "UTC", &rows, &err), -1);
    assert_int_equal(err.code, ERR_DENIED);
    assert_int_equal(event_move(stranger, id, &(struct event_move){.start = 1805367600}, &changed, &err), -1);
    assert_int_equal(err.code, ERR_DENIED);
    db_close(stranger);
    db_close(head);
    db_close(other);
}

static void test_cancel(void **state)
{
    (void)state;
    struct err err;
    struct event_changed changed;
    json_t *view = NULL;
    int64_t id = add();
    assert_int_equal(event_cancel(db, id, "sq: shi | rain", &changed, &err), 0);
    assert_int_equal(changed.sequence, 1);
    assert_int_equal(event_view(db, id, &view, &err), 0);
    assert_string_equal(text_of(view, "state"), "cancelled");
    assert_string_equal(text_of(view, "reason"), "sq: shi | rain");
    json_decref(view);
    assert_int_equal(event_cancel(db, id, NULL, &changed, &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    testdb_refused(db, "AD001",
                   talloc_asprintf(t,
                                   "update event set state = 'planned', cancel_reason = null where id = %lld",
                                   (long long)id));
}

int main(void)
{
    mem_init();
    testdb_need();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_add_and_view),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_move),
        cmocka_unit_test(test_versions_cannot_be_forgotten),
        cmocka_unit_test(test_letters_stop),
        cmocka_unit_test(test_cancel),
    };
    return cmocka_run_group_tests_name("event", tests, begin, end);
}
