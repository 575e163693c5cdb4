/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Functions that run with the owner's rights are doors in the wall of row-level security: each stands here
 * with its reason, and what a clerk of another department learns through them, and through the search for
 * duplicates, is what the whole house sees.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/db_script.h"
#include "crm/duplicate.h"
#include "tests/lib/testdb.h"

static struct testdb *t;
static struct db *ours, *other; /* a clerk of the mayor's office, and one of another department */

/* hidden: a person may call it, and it touches rows that they perhaps do not see. */
static const struct {
    const char *name;
    bool hidden;
    const char *why;
} definers[] = {
    {"contact_known", true, "the one door of matching: answers who keeps it, and nothing of it"},
    {"contact_formerly", true,
     "what contacts were called, which the whole house saw; no name as it was written"},
    {"contact_search", true, "an index answers; private words only with the departments that may see them"},
    {"contact_words", true, "likewise, answers numbers alone"},
    {"contacts_at", true, "likewise: whose address one sees that is of a domain"},
    {"contact_merge", true,
     "moves all that refers to a contact, after the right over both; answers a number"},
    {"contact_unmerge", true, "likewise, answers how many rows"},
    {"contact_erase", true, "forgets all of a contact, after the right to; answers nothing"},
    {"consent_unsubscribe", false, "one withdrawal by a token, of consents that the whole house sees"},
    {"addresses_erased", true, "whether an address that one names is forgotten; its digests are salted"},
    {"audit_sums", true, "how many entries and values, and the digest of the chain"},
    {"audit_broken", true, "which entry is not what was written, without its values"},
    {"contact_additions", true, "who made which row of a contact that one may see, by number"},
    {"audit_differs", true, "which rows are not what was written, by number"},
    {"event_letters", true,
     "whom other departments wrote to about an event, for the department whose event it is"},
    {"mailing_written_lately", true,
     "when another mailing, whose head the whole house sees, last wrote to whom one prepares to write to"},
    {"mailing_attach", true,
     "adds to one's own draft the file that one has, and stores it once; answers nothing"},
    {"attachment_forget", false, "a trigger"},
    {"attempt_keep", true, "writes down of a row's attempt what the row says; answers nothing"},
    {"answer_judges_rule", false, "a trigger"},
    {"event_sequence", false, "the version of an event, which the whole house sees"},
    {"event_overtakes", false, "a trigger"},
    {"staff_may", false, "the right itself, by department"},
    {"staff_acting", false, "who acts"},
    {"in_house", false, "whether who acts is a user"},
    {"rights_in", false, "in which departments"},
    {"web_actor", false, "the acting user's name"},
    {"audit_note", false, "adds an entry of what was handed out"},
    {"audit_seal", false, "seals entries, of whomever"},
    {"audit_values", false, "only triggers call it"},
    {"audit_import_open", false, "likewise"},
    {"audit_statement", false, "likewise"},
    {"import_guard", false, "a trigger"},
    {"import_is_audited", false, "a trigger"},
    {"import_analyze", true, "only the owner analyzes; answers nothing"},
    {"contact_note_due", false, "a trigger"},
    {"contact_note_post", false, "a trigger"},
    {"contact_due", false, "a trigger"},
    {"contact_renew", false, "only triggers call it"},
    {"contact_renew_terms", false, "makes what is made of a contact anew; answers how many"},
    {"contact_facts_renew", false, "only triggers call it"},
    {"contact_revise", false, "likewise"},
    {"search_renew", false, "likewise"},
    {"search_forget", false, "a trigger"},
    {"segment_guard", false, "a trigger"},
    {"duplicate_sharing", false, "digests that the whole house sees, by an index"},
    {"duplicate_settle", false, "the owner's index is put in order"},
    {"mailbox_look_again", false, "a trigger"},
    {"audit_forget", false, "only contact_erase calls it"},
};

static const char *list(bool hidden_alone)
{
    struct text names = text_new(t);
    for (size_t i = 0; i < ARRAY_LEN(definers); i++)
        if (definers[i].hidden || !hidden_alone)
            text_printf(&names, "%s'%s'", names.len ? "," : "", definers[i].name);
    return names.s;
}

static void test_no_door_is_forgotten(void **state)
{
    (void)state;
    assert_string_equal(
        testdb_ask(t,
                   "select string_agg(proname, ', ') from pg_proc where pronamespace = 'public'::regnamespace"
                   " and prosecdef and proname not in (%s)",
                   list(false)),
        "");
    assert_string_equal(
        testdb_ask(t,
                   "select string_agg(w, ', ') from unnest(array[%s]) w where not exists (select from pg_proc"
                   " where pronamespace = 'public'::regnamespace and prosecdef and proname = w)",
                   list(false)),
        "");
    /* what a person may call and what touches a table of which not all see all is on the list as such */
    assert_string_equal(
        testdb_ask(
            t,
            "select string_agg(proname, ', ') from pg_proc where pronamespace = 'public'::regnamespace"
            " and prosecdef and prorettype <> 'trigger'::regtype"
            " and has_function_privilege('adresar_office', oid, 'execute') and prosrc ~ '\\m(address|phone|"
            "postal_address|contact_note|contact_detail|outbox|message|message_chunk|answer|import_row|"
            "import_change|audit_value|audit_insert|audit_differs_changed|search_card|erased_address)\\M'"
            " and proname not in (%s)",
            list(true)),
        "");
    assert_string_equal(
        testdb_ask(t,
                   "select string_agg(proname, ', ') from pg_proc where pronamespace = 'public'::regnamespace"
                   " and prosecdef and not coalesce(proconfig, '{}') @> '{\"search_path=public, pg_temp\"}'"),
        "");
}

static const char *ask(struct db *db, const char *sql)
{
    struct err err;
    DB_ROWS rows = NULL;
    struct db_stmt *s = talloc_zero(t, struct db_stmt);
    *s = (struct db_stmt){"ask", sql, DB_ROWS_many, 0, true};
    int n = db_run_args(db, &rows, &err, s, NULL);
    if (n < 0)
        fail_msg("%s: %s", sql, err.text);
    return n ? talloc_strdup(t, db_get_str(rows, 0, "is")) : "";
}

/* 1 and 2 are the mayor's and, but for what is private or a detail, twins; 3 is the other department's twin.
 */
static const char rows[] =
    "insert into contact (kind, department_id) values ('organisation', 1), ('organisation', 1), "
    "('organisation', 2);"
    "insert into contact_name (contact_id, name, main, fold, near) select id, 'Ilić Gradnja', true, "
    "'ilic gradnja', 'ilic gradnja' from contact;"
    "insert into address (contact_id, email, email_key) select id, 'ilic@x.example', 'ilic@x.example' from "
    "contact;"
    "insert into address (contact_id, email, email_key, private) values (1, 'secret@x.example', "
    "'secret@x.example', true);"
    "insert into phone (contact_id, typed, e164, private) values (1, '1', '+38344000001', true);"
    "insert into postal_address (contact_id, city, private) values (1, 'Secretville', true);"
    "insert into contact_note (contact_id, note) values (1, 'secret');"
    "insert into contact_detail (contact_id, field, value) values (1, 'registration', '810000001'),"
    " (2, 'registration', '810000001'), (3, 'registration', '810000001'), (1, 'village', 'Secretville'),"
    " (2, 'village', 'Secretville'), (3, 'village', 'Secretville'), (1, 'turnover', '77');";

static int begin(void **state)
{
    (void)state;
    t = testdb_open("definer");
    ours = testdb_user(t, "ana", "clerk", "mayor");
    other = testdb_user(t, "bora", "clerk", "defb");
    testdb_do(t, "%s", rows);
    return 0;
}

static int end(void **state)
{
    (void)state;
    db_close(ours);
    db_close(other);
    testdb_close(t);
    return 0;
}

static void test_known(void **state)
{
    (void)state;
    assert_string_equal(
        ask(other, "select string_agg(k::text, '') as is from contact_known('{secret@x.example}') k"),
        "(secret@x.example,1,1,mayor,f)");
    assert_string_equal(
        ask(other, "select string_agg(k::text, '') as is from contact_known('{+38344000001}') k"),
        "(+38344000001,1,1,mayor,f)");
    /* not by a part of it, nor what one does not name */
    assert_string_equal(
        ask(other,
            "select string_agg(k::text, '') as is from contact_known('{secret@x.exampl,%,810000001,77}') k"),
        "");
}

static void search(struct db *db)
{
    struct err err;
    struct duplicate_sums sums;
    if (duplicate_search(db, &sums, &err) < 0)
        fail_msg("%s", err.text);
}

#define COMPARED "select string_agg(r::text, '') as is from duplicate_records('{1,2}') r"
#define PROPOSED                                                                                             \
    "select string_agg(a || ' ' || b, ', ' order by a, b) as is from duplicate where state = 'proposed'"
#define EVIDENCE "select string_agg(evidence::text, '') as is from duplicate"

static void test_duplicates(void **state)
{
    (void)state;
    const char *seen = ask(other, COMPARED);
    assert_non_null(strstr(seen, "ilic@x.example"));
    assert_null(strstr(seen, "ecret"));
    assert_null(strstr(seen, "44000001"));
    assert_null(strstr(seen, "810000001"));
    assert_non_null(strstr(ask(ours, COMPARED), "810000001"));
    assert_null(strstr(ask(ours, COMPARED), "secret@"));

    /* who sees both compares what is closed, and tells it to nobody else */
    search(ours);
    assert_string_equal(ask(ours, PROPOSED), "1 2, 1 3, 2 3");
    assert_non_null(strstr(ask(ours, EVIDENCE), "registration"));
    assert_non_null(strstr(ask(ours, EVIDENCE), "village"));
    assert_string_equal(ask(other, PROPOSED), "1 3, 2 3");
    assert_null(strstr(ask(other, EVIDENCE), "registration"));
    assert_null(strstr(ask(other, EVIDENCE), "village"));
    /* an admin sees all, and tells no more to those who keep one of the two */
    struct db *admin = testdb_user(t, "dana", "admin", "mayor");
    search(admin);
    db_close(admin);
    assert_null(strstr(ask(other, EVIDENCE), "registration"));
    /* and the search of those who see less neither fails at it nor takes it away */
    search(other);
    assert_string_equal(ask(ours, PROPOSED), "1 2, 1 3, 2 3");
    assert_non_null(strstr(ask(ours, EVIDENCE), "registration"));
    assert_string_equal(testdb_ask(t, "select count(*) from duplicate where not closed and evidence::text ~* "
                                      "'secret|44000001|810000001'"),
                        "0");
}

int main(void)
{
    mem_init();
    testdb_need();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_no_door_is_forgotten),
        cmocka_unit_test(test_known),
        cmocka_unit_test(test_duplicates),
    };
    return cmocka_run_group_tests_name("definer", tests, begin, end);
}
