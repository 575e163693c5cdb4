/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Segments that are saved, in each other and in circles; pages; facts that follow whatever is written.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crm/segment.h"
#include "tests/lib/people.h"

static struct testdb *t;
static struct db *db, *other, *admin; /* clerks of two departments, an admin */

static int begin(void **state)
{
    (void)state;
    t = testdb_open("segment_saved");
    db = testdb_user(t, "vesna", "clerk", "mayor");
    other = testdb_user(t, "naser", "clerk", "finance");
    admin = testdb_user(t, "ana", "admin", "mayor");
    people_add(t, db);
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

static const char *found(const char *question)
{
    return people_found(t, db, question);
}

static int first_letter(void *context, struct db_rows *rows, struct err *err)
{
    (void)err;
    text_add(context, db_get_str(rows, 0, "name"), 1);
    return 0;
}

static int refused(struct db *who, const char *question, struct err *err, struct segment_spot *spot)
{
    struct segment *s;
    if (segment_open(t, who, question, &s, spot, err) == 0)
        fail_msg("%s: no error", question);
    return -1;
}

/* ---- saved ones */

static int save(struct db *who, const char *name, const char *question, struct err *err)
{
    struct segment_spot spot;
    return segment_save(who, &(struct segment_new){.name = name, .question = question}, &spot, err);
}

static int replace(struct db *who, const char *name, const char *question, struct err *err)
{
    struct segment_spot spot;
    return segment_save(who, &(struct segment_new){.name = name, .question = question, .replace = true},
                        &spot, err);
}

static void test_saved(void **state)
{
    (void)state;
    struct err err;
    struct segment_spot spot;
    DB_ROWS rows = NULL;
    const struct segment_new donors = {
        .name = "Donatorë jashtë", .question = "category:donor country:AT", .note = "for the fair"};
    assert_int_equal(segment_save(db, &donors, &spot, &err), 1);
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

    assert_int_equal(save(db, "two", "tag:vip", &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_non_null(strstr(err.text, "\"Two\" already: segment:\"All that left\" or "));
    assert_non_null(strstr(err.text, "--replace"));
    assert_string_equal(found("two"), "cd");
    assert_int_equal(replace(db, "two", "tag:vip", &err), 0);
    assert_string_equal(found("TWO"), "a");
    assert_int_equal(save(db, "two", "tag:vip", &err), 0);
    assert_int_equal(save(db, "Two", "category:doner", &err), -1);
    assert_int_equal(save(db, "a:b", "tag:vip", &err), -1);
    assert_int_equal(save(db, "…", "tag:vip", &err), -1);
    assert_int_equal(save(db, "Empty", "  ", &err), -1);

    assert_int_equal(save(other, "Two", "tag:x", &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_null(strstr(err.text, "--replace"));
    assert_int_equal(replace(other, "Two", "tag:x", &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_int_equal(save(admin, "Two", "category:media", &err), -1);
    assert_int_equal(segment_remove(other, "Two", &err), -1);
    assert_int_equal(replace(admin, "Two", "category:media", &err), 0);
    assert_string_equal(found("two"), "m");
    assert_string_equal(
        testdb_ask(t, "select owner = '%s' from segment where name = 'Two'", testdb_role(t, "vesna")), "t");
    testdb_refused(other, "AD001", "update segment set owner = session_user");
    testdb_refused(other, "AD001",
                   "insert into segment (name, fold, question, owner) values ('x', 'x', 'x', 'postgres')");
    assert_int_equal(segment_remove(db, "Two", &err), 0);
    assert_int_equal(segment_remove(db, "Two", &err), -1);
    assert_int_equal(err.code, ERR_NOTFOUND);
    assert_string_equal(testdb_ask(t, "select count(*) from audit where object = 'segment'"), "7");
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
    for (const char *last = NULL; !last || strlen(last) > 0;
         last = people_id(t, letters.s + letters.len - 1)) {
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
    const char *m = people_id(t, "m");
    assert_string_equal(found("tag:fresh"), "");
    testdb_do(t, "insert into contact_tag (contact_id, tag) values (%s, 'fresh')", m);
    assert_string_equal(found("tag:fresh"), "m");
    testdb_do(t, "update contact_tag set contact_id = %s where tag = 'fresh'", people_id(t, "a"));
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
    testdb_do(t, "delete from contact where id = %s", people_id(t, "e"));
    assert_string_equal(found("-has:email kind:person"), "a");
    assert_string_equal(testdb_ask(t, "select count(*) from contact_due"), "0");
    assert_string_equal(testdb_ask(t, "select count(*) from contact_facts"), "6");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_saved), cmocka_unit_test(test_cycles),       cmocka_unit_test(test_limits),
        cmocka_unit_test(test_pages), cmocka_unit_test(test_facts_follow),
    };
    mem_init();
    testdb_need();
    return cmocka_run_group_tests_name("segment_saved", tests, begin, end);
}
