/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What reports do to rows, addresses and mailings, and what they must not do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "crm/address.h"
#include "crm/contact.h"
#include "tests/lib/office.h"

OFFICE_OF_GROUP("inbox_reports", "authserv_id = mx.klokot.example\n")

#define message(id, column) office_message(o, id, column)

static const char *outbox(const struct office_letter *l, const char *column)
{
    return office_ask(o, "select %s from outbox where id = %lld", column, (long long)l->outbox);
}

static const char *address(const struct office_letter *l)
{
    return office_ask(o, "select state from address where id = %lld", (long long)l->address);
}

static const char *mailing(int64_t id, const char *column)
{
    return office_ask(o, "select %s from mailing where id = %lld", column, (long long)id);
}

static void bounces(void **state)
{
    (void)state;
    static const struct {
        const char *email, *status, *text, *address;
        bool hard;
    } cases[] = {
        {"h1@h.example", "5.1.1", "550 5.1.1 user unknown", "dead", true},
        {"h2@h.example", "5.1.10", "550 5.1.10 recipient not found", "dead", true},
        {"s1@s.example", "5.2.2", "552 5.2.2 mailbox full", "soft", false},
        {"s2@s.example", "4.4.1", "451 4.4.1 no answer from host", "soft", false},
        {"p1@p.example", "5.7.1", "550 5.7.1 rejected by policy", "unverified", false},
        {"o1@p.example", "5.7.26", "550 5.7.26 unauthenticated email", "unverified", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct office_letter l = office_write(o, office_add_mailing(o), cases[i].email, "accepted");
        int64_t id = office_report(
            o, &(struct office_report){
                   .envid = l.envid, .final = l.email, .status = cases[i].status, .text = cases[i].text});
        assert_string_equal(message(id, "class || ' ' || state"), "bounce filed");
        assert_string_equal(outbox(&l, "state || ' ' || settled_by || ' ' || enhanced"),
                            talloc_asprintf(o, "bounced dsn %s", cases[i].status));
        assert_string_equal(outbox(&l, "settled_evidence->>'hard'"), cases[i].hard ? "true" : "false");
        assert_string_equal(address(&l), cases[i].address);
    }
}

static void a_bounce_is_known_by_any_token(void **state)
{
    (void)state;
    int64_t m = office_add_mailing(o);
    struct office_letter a = office_write(o, m, "t1@k.example", "unknown"),
                         b = office_write(o, m, "t2@k.example", "left"),
                         c = office_write(o, m, "t3@k.example", "delivered"),
                         d = office_write(o, m, "t4@k.example", "accepted");
    office_report(
        o, &(struct office_report){.envid = a.envid, .final = a.email, .status = "5.1.1", .text = "550 no"});
    office_report(
        o, &(struct office_report){.to = b.envelope, .final = b.email, .status = "5.1.1", .text = "550 no"});
    office_report(o, &(struct office_report){
                         .returned = c.message_id, .final = c.email, .status = "5.1.1", .text = "550 no"});
    assert_string_equal(outbox(&a, "state"), "bounced");
    assert_string_equal(outbox(&b, "state"), "bounced");
    assert_string_equal(outbox(&c, "state"), "bounced");
    /* the address alone is no proof that a letter of ours came back */
    office_report(o, &(struct office_report){.returned = "<made-up@klokot.example>",
                                             .final = d.email,
                                             .status = "5.1.1",
                                             .text = "550 no"});
    assert_string_equal(outbox(&d, "state"), "accepted");
    assert_string_equal(address(&d), "unverified");
}

static void a_forward_does_not_kill_the_address(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "fwd@f.example", "accepted");
    int64_t id = office_report(o, &(struct office_report){.envid = l.envid,
                                                          .final = "elsewhere@gone.example",
                                                          .original = l.email,
                                                          .status = "5.1.1",
                                                          .text = "550 5.1.1 user unknown"});
    assert_string_equal(outbox(&l, "state"), "bounced");
    assert_string_equal(address(&l), "unverified");
    assert_string_equal(message(id, "state"), "decide");
}

/* The same in words, as Exim has them. */
static void a_forward_in_words_does_not_either(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "exim@fwd.example", "accepted");
    char *mail = talloc_asprintf(
        o,
        "Return-Path: <>\r\nFrom: Mailer-Daemon@fwd.example\r\nTo: %s\r\nMessage-ID: "
        "<fwd@fwd.example>\r\n\r\n"
        "This message was created automatically by mail delivery software.\r\n\r\n  x@else.example\r\n"
        "    (generated from exim@fwd.example)\r\n    550 5.1.1 User unknown\r\n",
        l.envelope);
    int64_t id = office_receive(o, mail, strlen(mail));
    assert_string_equal(message(id, "class || ' ' || state"), "bounce decide");
    assert_string_equal(outbox(&l, "state"), "bounced");
    assert_string_equal(address(&l), "unverified");
}

static void the_journal_s_bounce_is_nobody_s(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "real@r.example", "accepted");
    ((struct conf_smtp *)o->inbox.conf->smtp)->journal = "journal@klokot.example";
    int64_t id = office_report(
        o, &(struct office_report){
               .envid = l.envid, .final = "Journal@klokot.example", .status = "5.2.2", .text = "552 full"});
    assert_string_equal(message(id, "class || ' ' || state"), "bounce filed");
    assert_string_equal(outbox(&l, "state"), "accepted");
    assert_string_equal(address(&l), "unverified");
    office_report(
        o, &(struct office_report){.envid = l.envid, .final = l.email, .status = "5.1.1", .text = "550 no"});
    assert_string_equal(outbox(&l, "state"), "bounced");
}

static void a_server_that_wants_less(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "a@slow.example", "accepted"),
                         b = office_write(o, office_add_mailing(o), "b@busy.example", "accepted"),
                         c = office_write(o, office_add_mailing(o), "c@full.example", "accepted"),
                         d = office_write(o, office_add_mailing(o), "d@fwd.example", "accepted");
    static const char asked[] =
        "select coalesce(string_agg(domain || times, ' ' order by domain), '') from destination";
    office_report(
        o,
        &(struct office_report){
            .envid = c.envid, .final = c.email, .status = "4.2.2", .text = "452 full", .action = "delayed"});
    office_report(o, &(struct office_report){.envid = d.envid,
                                             .final = "x@else.example",
                                             .original = d.email,
                                             .status = "5.7.28",
                                             .text = "550 5.7.28 too much"});
    assert_string_equal(office_ask(o, asked), "");
    for (int i = 0; i < 2; i++) /* said again while it rests: once */
        office_report(o, &(struct office_report){.envid = l.envid,
                                                 .final = l.email,
                                                 .status = "4.7.28",
                                                 .text = "421 4.7.28 rate",
                                                 .action = "delayed"});
    office_report(o, &(struct office_report){.envid = b.envid,
                                             .final = b.email,
                                             .status = "4.7.0",
                                             .text = "421 4.7.0 [TSS04] x",
                                             .action = "delayed"});
    assert_string_equal(office_ask(o, asked), "busy.example1 slow.example1");
    assert_string_equal(outbox(&l, "state"), "accepted");
    office_do(o, "update destination set slow_until = now()");
    office_report(o, &(struct office_report){
                         .envid = l.envid, .final = l.email, .status = "5.7.28", .text = "550 5.7.28 rate"});
    assert_string_equal(office_ask(o,
                                   "select domain || times || ' ' || (slow_until - said_at) from destination "
                                   "where domain = 'slow.example'"),
                        "slow.example2 00:30:00");
    assert_string_equal(address(&l), "unverified");
}

static void delay_and_delivery(void **state)
{
    (void)state;
    int64_t m = office_add_mailing(o);
    struct office_letter a = office_write(o, m, "d1@d.example", "accepted"),
                         b = office_write(o, m, "d2@d.example", "accepted");
    int64_t id = office_report(
        o,
        &(struct office_report){
            .envid = a.envid, .final = a.email, .status = "4.2.2", .text = "452 full", .action = "delayed"});
    assert_string_equal(message(id, "class || ' ' || state"), "delay filed");
    assert_string_equal(outbox(&a, "state"), "accepted");
    office_report(
        o,
        &(struct office_report){
            .envid = b.envid, .final = b.email, .status = "2.0.0", .text = "250 ok", .action = "delivered"});
    assert_string_equal(outbox(&b, "state || ' ' || settled_by"), "delivered dsn");
}

/* A report speaks of several; what failed for another did not fail for ours. */
static void anothers_failure_is_not_ours(void **state)
{
    (void)state;
    static const struct {
        const char *action, *status, *state;
    } table[] = {{"delayed", "4.4.1", "accepted"}, {"delivered", "2.0.0", "delivered"}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct office_letter l =
            office_write(o, office_add_mailing(o), talloc_asprintf(o, "g%zu@group.example", i), "accepted");
        const char *others = talloc_asprintf(o,
                                             "550 no such user\r\n\r\nFinal-Recipient: rfc822; %s\r\nAction: "
                                             "%s\r\nStatus: %s\r\n",
                                             l.email, table[i].action, table[i].status);
        int64_t id = office_report(
            o, &(struct office_report){
                   .returned = l.message_id, .final = "b@group.example", .status = "5.1.1", .text = others});
        assert_string_equal(message(id, "class"), "bounce");
        assert_string_equal(outbox(&l, "state"), table[i].state);
    }
}

static void refusals_that_are_ours_pause_the_mailing(void **state)
{
    (void)state;
    static const char *const at[] = {"one.example", "one.example", "two.example"};
    static const struct {
        const char *status, *text, *why;
        bool forwarded; /* who forwards breaks SPF, not we */
    } cases[] = {
        {"5.7.26", "550 5.7.26 SPF failed", "SPF", false},
        {"5.1.7", "553 5.1.7 bad sender", "not well formed", false},
        {"5.1.8", "553 5.1.8 no such domain of sender", "no mail server", false},
        {"5.7.26", "550 5.7.26 SPF failed", NULL, true},
        {"5.7.33", "550 5.7.33 policy", NULL, false},
    };
    for (size_t k = 0; k < ARRAY_LEN(cases); k++) {
        int64_t m = office_add_mailing(o);
        office_write(o, m, talloc_asprintf(o, "w%zu@w.example", k), "queued");
        for (size_t i = 0; i < ARRAY_LEN(at); i++) {
            assert_string_equal(mailing(m, "state"), "released");
            struct office_letter l =
                office_write(o, m, talloc_asprintf(o, "o%zu%zu@%s", k, i, at[i]), "accepted");
            office_report(o, &(struct office_report){.envid = l.envid,
                                                     .final = cases[k].forwarded ? "x@else.example" : l.email,
                                                     .original = cases[k].forwarded ? l.email : NULL,
                                                     .status = cases[k].status,
                                                     .text = cases[k].text});
            assert_string_equal(address(&l), "unverified");
        }
        assert_string_equal(mailing(m, "state"), cases[k].why ? "paused" : "released");
        if (cases[k].why && !strstr(mailing(m, "pause_reason"), cases[k].why))
            fail_msg("%s", mailing(m, "pause_reason"));
    }
}

static void mass_bounces_kill_no_address(void **state)
{
    (void)state;
    int64_t m = office_add_mailing(o);
    struct office_letter l[10];
    office_write(o, m, "waiting2@w.example", "queued");
    for (int i = 0; i < 10; i++) {
        assert_string_equal(mailing(m, "state"), "released");
        l[i] = office_write(o, m, talloc_asprintf(o, "m%d@mass.example", i), "accepted");
        office_report(
            o, &(struct office_report){
                   .envid = l[i].envid, .final = l[i].email, .status = "5.1.1", .text = "550 no such user"});
        if (i < 9)
            assert_string_equal(address(&l[i]), "dead");
    }
    assert_string_equal(mailing(m, "state"), "paused");
    for (int i = 0; i < 10; i++) {
        assert_string_equal(outbox(&l[i], "state"), "bounced");
        assert_string_equal(address(&l[i]), "held");
    }
}

/* ---- what needs more than one */

static void sent_days_ago(const struct office_letter *l, int days)
{
    office_do(
        o,
        "with o as (update outbox set submitting_at = now() - make_interval(days => %d) where id = %lld "
        "returning message_id, submitting_at) update message m set date = o.submitting_at from o where "
        "m.id = o.message_id",
        days, (long long)l->outbox);
}

static void fails(const struct office_letter *l, const char *status, const char *text)
{
    office_report(
        o, &(struct office_report){.envid = l->envid, .final = l->email, .status = status, .text = text});
}

/* A domain that is not found may only be away. */
static void not_found_counts_when_it_is_repeated(void **state)
{
    (void)state;
    static const char *const statuses[] = {"5.1.2", "5.4.4"};
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        struct office_letter first =
            office_write(o, office_add_mailing(o), talloc_asprintf(o, "n%zu@gone.example", i), "accepted");
        struct office_letter soon = office_write_again(o, office_add_mailing(o), &first, "accepted"),
                             later = office_write_again(o, office_add_mailing(o), &first, "accepted"),
                             last = office_write_again(o, office_add_mailing(o), &first, "accepted");
        sent_days_ago(&first, 9);
        sent_days_ago(&soon, 9);
        sent_days_ago(&later, 7);
        fails(&first, statuses[i], "550 Host not found");
        assert_string_equal(address(&first), "soft");
        assert_string_equal(outbox(&first, "settled_evidence->>'again'"), "true");
        fails(&soon, statuses[i], "550 Host not found");
        assert_string_equal(address(&first), "soft");
        /* one arrives in between, and all begins anew */
        office_report(o, &(struct office_report){.envid = later.envid,
                                                 .final = later.email,
                                                 .status = "2.0.0",
                                                 .text = "250 ok",
                                                 .action = "delivered"});
        assert_string_equal(address(&first), "good");
        fails(&last, statuses[i], "550 Host not found");
        assert_string_equal(address(&first), "soft");
        struct office_letter next = office_write_again(o, office_add_mailing(o), &first, "accepted");
        sent_days_ago(&next, -2);
        fails(&next, statuses[i], "550 Host not found");
        assert_string_equal(address(&first), "dead");
    }
}

static void soft_failures_hold_from_some_number_on(void **state)
{
    (void)state;
    static const struct {
        const char *status, *text;
        int letters, days; /* those that it takes; 0: never */
    } cases[] = {
        {"5.2.2", "552 mailbox full", 3, 14},      {"5.4.7", "550 expired", 4, 7},
        {"5.7.1", "550 refused by policy", 0, 14}, {"5.7.26", "550 SPF", 0, 14},
        {"5.3.4", "552 message too large", 0, 14},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *soft = cases[i].letters ? "soft" : "unverified";
        struct office_letter first =
            office_write(o, office_add_mailing(o), talloc_asprintf(o, "s%zu@hold.example", i), "accepted");
        sent_days_ago(&first, cases[i].days);
        fails(&first, cases[i].status, cases[i].text);
        for (int n = 2; n < 6; n++) { /* as many in a row as one likes */
            struct office_letter l = office_write_again(o, office_add_mailing(o), &first, "accepted");
            sent_days_ago(&l, cases[i].days);
            fails(&l, cases[i].status, cases[i].text);
            assert_string_equal(address(&first), soft);
        }
        struct office_letter last = office_write_again(o, office_add_mailing(o), &first, "accepted");
        fails(&last, cases[i].status, cases[i].text);
        assert_string_equal(address(&first), cases[i].letters ? "held" : "unverified");
    }
}

/* A different failure each time is not one that lasts. */
static void reasons_are_counted_apart(void **state)
{
    (void)state;
    struct office_letter first = office_write(o, office_add_mailing(o), "apart@hold.example", "accepted");
    sent_days_ago(&first, 30);
    fails(&first, "5.2.2", "552 mailbox full");
    for (int days = 25; days > 5; days -= 5) {
        struct office_letter l = office_write_again(o, office_add_mailing(o), &first, "accepted");
        sent_days_ago(&l, days);
        fails(&l, days % 10 ? "5.4.7" : "5.2.2", "550 no");
    }
    assert_string_equal(address(&first), "held"); /* full on day 30, 20 and 10 */
    assert_string_equal(
        office_ask(o, "select evidence->>'letters' from address where id = %lld", (long long)first.address),
        "3");
}

/* The office sees on the contact what was said, and when. */
static void the_contact_shows_it(void **state)
{
    (void)state;
    struct err err;
    json_t *list, *view;
    struct office_letter l = office_write(o, office_add_mailing(o), "shown@v.example", "accepted");
    fails(&l, "5.1.1", "550 5.1.1 user unknown");
    if (address_list(o->su, l.contact, &list, &err) < 0 || contact_view(o->su, l.contact, &view, &err) < 0)
        fail_msg("%s", err.text);
    const json_t *failure = json_object_get(json_array_get(list, 0), "failure"),
                 *shown = json_array_get(json_object_get(view, "addresses"), 0);
    assert_string_equal(json_string_value(json_object_get(failure, "text")), "550 5.1.1 user unknown");
    assert_string_equal(json_string_value(json_object_get(failure, "reason")), "bad-mailbox");
    assert_string_equal(json_string_value(json_object_get(failure, "rule")), "user-unknown");
    assert_non_null(json_string_value(json_object_get(failure, "at")));
    assert_string_equal(json_string_value(json_object_get(shown, "failure")), "550 5.1.1 user unknown");
    assert_non_null(json_string_value(json_object_get(shown, "failed_at")));
    json_decref(list);
    json_decref(view);
}

int main(int argc, char **argv)
{
    office_child(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounces),
        cmocka_unit_test(a_bounce_is_known_by_any_token),
        cmocka_unit_test(a_forward_does_not_kill_the_address),
        cmocka_unit_test(a_forward_in_words_does_not_either),
        cmocka_unit_test(the_journal_s_bounce_is_nobody_s),
        cmocka_unit_test(a_server_that_wants_less),
        cmocka_unit_test(delay_and_delivery),
        cmocka_unit_test(anothers_failure_is_not_ours),
        cmocka_unit_test(refusals_that_are_ours_pause_the_mailing),
        cmocka_unit_test(mass_bounces_kill_no_address),
        cmocka_unit_test(not_found_counts_when_it_is_repeated),
        cmocka_unit_test(soft_failures_hold_from_some_number_on),
        cmocka_unit_test(reasons_are_counted_apart),
        cmocka_unit_test(the_contact_shows_it),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
