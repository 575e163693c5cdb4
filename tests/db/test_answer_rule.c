/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A rule that reads answers in words proves itself to persons: after 300 confirmations and not a single wrong
 * reading its answers count by themselves, and no more from the first wrong one on.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "crm/staff.h"
#include "mail/answer_rule.h"
#include "mail/inbox_hand.h"
#include "tests/lib/office.h"

enum { ENOUGH = 300 };

static struct office *o;
static struct db *clerk;
static const char *login;
static int serial;

static const char proved[] =
    "Authentication-Results: mx.klokot.example; dmarc=pass header.from=words.example\r\n";

static void must_be(int rc, const struct err *err)
{
    if (rc < 0)
        fail_msg("%s", err->text);
}

static int begin(void **state)
{
    (void)state;
    struct err err;
    struct db *owner;
    bool made;
    o = office_open("answer_rule", "authserv_id = mx.klokot.example\n");
    login = talloc_asprintf(o, "rules_%d", (int)getpid());
    must_be(db_open(&owner, o->conninfo, "adresar_owner", "test", &err), &err);
    struct staff staff = {.login = login, .role = "clerk", .department = "mayor"};
    must_be(staff_add(owner, &staff, &made, &err), &err);
    db_close(owner);
    must_be(db_open(&clerk, o->conninfo, login, "test", &err), &err);
    return 0;
}

static int end(void **state)
{
    (void)state;
    db_close(clerk);
    office_do(o, "drop owned by %s; drop role %s", login, login);
    office_close(o);
    return 0;
}

static struct office_letter guest(int64_t mailing)
{
    return office_write(o, mailing, talloc_asprintf(o, "g%d@words.example", ++serial), "accepted");
}

/* The message's number. */
static int64_t answers(const struct office_letter *l, const char *head, const char *text)
{
    char *mail = talloc_asprintf(o,
                                 "%sFrom: <%s>\r\nTo: kabinet@klokot.example\r\nSubject: Re: Invitation\r\n"
                                 "Message-ID: <r%d@words.example>\r\nIn-Reply-To: %s\r\n\r\n%s\r\n",
                                 head, l->email, ++serial, l->message_id, text);
    return office_receive(o, mail, strlen(mail));
}

/* Of a new guest. */
static int64_t answered(int64_t mailing, const char *head, const char *text)
{
    struct office_letter l = guest(mailing);
    return answers(&l, head, text);
}

static const char *said(int64_t id, const char *columns)
{
    return office_ask(o, "select %s from answer where message_id = %lld", columns, (long long)id);
}

static void correct(int64_t id, const char *answer)
{
    struct err err;
    must_be(inbox_correct(clerk, id, answer, NULL, &err), &err);
}

static const char *rule(const char *pattern, const char *columns)
{
    return office_ask(o, "select %s from answer_rule where rule like '%%%s%%'", columns, pattern);
}

static void a_proposal_shows_where_it_was_read(void **state)
{
    (void)state;
    int64_t id = answered(office_add_mailing(o), proved, "Поштовани,\r\n\r\nдолазимо нас троје.\r\n");
    assert_string_equal(said(id, "answer || ' ' || state || ' ' || persons"), "accepted proposed 3");
    assert_string_equal(
        said(id, "rule || ' ' || (evidence -> 0 ->> 'start') || ' ' || (evidence -> 0 ->> 'length')"),
        "accept: dolazim*|dolaze|dolazi /1 12 8");
    assert_string_equal(said(id, "(evidence -> 0 ->> 'text') || ' ' || (evidence -> 1 ->> 'text')"),
                        "долазимо нас троје");
}

/* Persons judge rules; that which nobody confirmed judges none. */
static void a_rule_is_judged_by_persons(void **state)
{
    (void)state;
    int64_t m = office_add_mailing(o);
    int64_t id = answered(m, proved, "We are happy to accept your invitation.");
    assert_string_equal(rule("happy", "rule"), "");
    correct(id, "accepted");
    assert_string_equal(rule("happy", "confirmed || ' ' || wrong || ' ' || trusted"), "1 0 false");
    correct(id, "accepted"); /* said twice, it is one verdict */
    assert_string_equal(rule("happy", "confirmed || ' ' || wrong"), "1 0");
    id = answered(m, proved, "Glad to come.");
    correct(id, "tentative");
    assert_string_equal(
        rule("happy", "confirmed || ' ' || wrong || ' ' || (off_at is not null) || ' ' || off_answer"),
        talloc_asprintf(o, "1 1 true %s", said(id, "id")));
    assert_string_equal(said(id, "answer || ' ' || state || ' ' || by"), "tentative confirmed person");
    correct(id, "accepted"); /* by a person, whose verdicts are not a rule's */
    assert_string_equal(rule("happy", "confirmed || ' ' || wrong"), "1 1");
}

static bool waits(int64_t id)
{
    struct err err;
    DB_ROWS rows = NULL;
    must_be(inbox_list(clerk, false, NULL, "UTC", id - 1, 1, &rows, &err), &err);
    return db_rows_count(rows) && db_get_int(rows, 0, "id") == id;
}

static void what_is_proposed_waits(void **state)
{
    (void)state;
    struct err err;
    int64_t m = office_add_mailing(o), yes = answered(m, proved, "We are coming."),
            no = answered(m, proved, "We cannot come.");
    assert_true(waits(yes) && waits(no));
    correct(yes, "accepted");
    must_be(inbox_ignore(clerk, no, &err), &err);
    assert_false(waits(yes) || waits(no));
    struct office_letter l = guest(m); /* what is known already needs nobody */
    yes = answers(&l, proved, "We are coming.");
    assert_true(waits(yes));
    correct(answers(&l, proved, "As I said, we will attend."), "accepted");
    assert_false(waits(yes));
}

static void confirm_many(int64_t mailing, int n, const char *text)
{
    struct office_letter l = guest(mailing);
    for (int i = 0; i < n; i++)
        correct(answers(&l, proved, text), "accepted");
}

static void a_proved_rule_counts_until_it_is_wrong(void **state)
{
    (void)state;
    static const char yes[] = "Potvrđujemo učešće.", pattern[] = "potvrdj*";
    int64_t m = office_add_mailing(o);
    confirm_many(m, ENOUGH - 1, yes);
    int64_t id = answered(m, proved, yes);
    assert_string_equal(said(id, "state"), "proposed"); /* 299 are not 300 */
    correct(id, "accepted");
    assert_string_equal(rule(pattern, "confirmed || ' ' || trusted"), "300 true");
    id = answered(m, proved, yes);
    assert_string_equal(said(id, "answer || ' ' || state || ' ' || by || ' ' || (decided_by is null)"),
                        "accepted confirmed words true");
    assert_string_equal(said(id, "evidence ->> 1"),
                        "{\"text\": \"times confirmed: 300, never wrong\", \"where\": \"rule\"}");
    assert_string_equal(rule(pattern, "confirmed"), "300"); /* what counts by itself proves nothing */
    /* not by words that say more, nor from who is not proved to be the invited */
    static const struct {
        const char *head, *text;
    } doubts[] = {
        {proved, "Potvrđujemo učešće. Ima li prevoza?"},
        {proved, "Potvrđujemo učešće. Možda dolazi i ministar."},
        {proved, "Ako dobijemo vize, potvrđujemo učešće."},
        {"", "Potvrđujemo učešće."},
        {"Authentication-Results: evil.example; dmarc=pass header.from=words.example\r\n",
         "Potvrđujemo učešće."},
    };
    for (size_t i = 0; i < ARRAY_LEN(doubts); i++)
        assert_string_equal(said(answered(m, doubts[i].head, doubts[i].text), "state"), "proposed");
    correct(id, "declined");
    assert_string_equal(rule(pattern, "confirmed || ' ' || wrong || ' ' || trusted"), "300 1 false");
    assert_string_equal(said(answered(m, proved, yes), "state"), "proposed");
    confirm_many(m, 5, yes); /* and it does not come back */
    assert_string_equal(said(answered(m, proved, yes), "state"), "proposed");
}

static void the_list_says_so(void **state)
{
    (void)state;
    struct err err;
    DB_ROWS rows = NULL;
    must_be(answer_rule_list(clerk, "Europe/Belgrade", &rows, &err), &err);
    assert_int_equal(db_rows_count(rows), 4);
    assert_false(db_get_bool(rows, 2, "trusted"));
    assert_false(db_is_null(rows, 2, "off_at"));
    assert_int_equal(db_get_int(rows, 2, "confirmed"), ENOUGH + 5);
}

int main(int argc, char **argv)
{
    office_child(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_proposal_shows_where_it_was_read),
        cmocka_unit_test(a_rule_is_judged_by_persons),
        cmocka_unit_test(what_is_proposed_waits),
        cmocka_unit_test(a_proved_rule_counts_until_it_is_wrong),
        cmocka_unit_test(the_list_says_so),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
