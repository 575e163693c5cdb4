/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What mail that comes in does to rows, addresses, mailings and answers, and what it must not do.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/office.h"

static struct office *o;

static int begin(void **state)
{
    (void)state;
    o = office_open("inbox", "[imap office]\nuser = u\npassword_file = p\naddress = kabinet@klokot.example\n"
                             "authserv_id = mx.klokot.example\n");
    return 0;
}

static int end(void **state)
{
    (void)state;
    office_close(o);
    return 0;
}

/* ---- mails */

static int64_t receive(const char *fmt, ...) PRINTF(1, 2);
static int64_t receive(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *mail = talloc_vasprintf(o, fmt, ap);
    va_end(ap);
    return office_receive(o, mail, strlen(mail));
}

static int serial;

/* An answer to the id; of a person. */
static int64_t reply(const char *from, const char *in_reply_to, const char *text)
{
    return receive("From: <%s>\r\nTo: kabinet@klokot.example\r\nSubject: Re: Invitation\r\nMessage-ID: "
                   "<r%d@x.example>\r\n"
                   "In-Reply-To: %s\r\n\r\n%s\r\n",
                   from, ++serial, in_reply_to, text);
}

struct report {
    const char *to, *envid, *returned, *final, *original, *status, *text, *action;
};

static int64_t report(const struct report *r)
{
    const char *envid = r->envid ? talloc_asprintf(o, "Original-Envelope-Id: %s\r\n", r->envid) : "";
    const char *original =
        r->original ? talloc_asprintf(o, "Original-Recipient: rfc822; %s\r\n", r->original) : "";
    const char *returned =
        r->returned
            ? talloc_asprintf(o, "\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: %s\r\n",
                              r->returned)
            : "";
    return receive(
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@mx.example\r\nTo: %s\r\nSubject: Undelivered\r\n"
        "Message-ID: <r%d@mx.example>\r\nAuto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n"
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n%s\r\n"
        "Final-Recipient: rfc822; %s\r\n%sAction: %s\r\nStatus: %s\r\nDiagnostic-Code: smtp; %s\r\n%s"
        "\r\n--b--\r\n",
        r->to ? r->to : "kabinet@klokot.example", ++serial, envid, r->final, original,
        r->action ? r->action : "failed", r->status, r->text, returned);
}

/* ---- what became of it */

static const char *message(int64_t id, const char *column)
{
    return office_ask(o, "select %s from message where id = %lld", column, (long long)id);
}

static const char *outbox(const struct office_letter *l, const char *column)
{
    return office_ask(o, "select %s from outbox where id = %lld", column, (long long)l->outbox);
}

static const char *address(const struct office_letter *l)
{
    return office_ask(o, "select state from address where id = %lld", (long long)l->address);
}

static const char *answer(int64_t id, const char *column)
{
    return office_ask(o, "select %s from answer where message_id = %lld", column, (long long)id);
}

static const char *mailing(int64_t id, const char *column)
{
    return office_ask(o, "select %s from mailing where id = %lld", column, (long long)id);
}

/* ---- people */

static void a_keyed_reply_settles_and_proposes(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "ana@a.example", "unknown");
    int64_t id = reply(l.email, l.message_id, "Thank you for the invitation, I will attend.");
    assert_string_equal(message(id, "class"), "human");
    assert_string_equal(message(id, "state"), "filed");
    assert_string_equal(message(id, "matched_by"), "keyed-id");
    assert_int_equal(strtoll(message(id, "contact_id"), NULL, 10), l.contact);
    assert_string_equal(outbox(&l, "state"), "delivered");
    assert_string_equal(outbox(&l, "settled_by"), "answer");
    assert_string_equal(address(&l), "good");
    assert_string_equal(answer(id, "answer || ' ' || state || ' ' || by"), "accepted proposed words");
    /* the thread holds the letter and its answer */
    assert_string_equal(message(id, "(select count(*) from message m where m.thread_id = message.thread_id)"),
                        "2");
    /* nobody is left without an outcome */
    assert_string_equal(
        office_ask(o, "select g.state from mailing g join outbox w on w.mailing_id = g.id where w.id = %lld",
                   (long long)l.outbox),
        "finished");
}

static void a_forged_id_changes_nothing(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "boris@b.example", "unknown");
    char *forged = talloc_strdup(o, l.message_id);
    char *at = strchr(forged, '@');
    at[-1] = at[-1] == 'a' ? 'b' : 'a';
    int64_t id = reply("stranger@z.example", forged, "I will attend.");
    assert_string_equal(message(id, "state"), "decide");
    assert_string_equal(message(id, "coalesce(outbox_id, 0)"), "0");
    assert_string_equal(outbox(&l, "state"), "unknown");
    id = report(&(struct report){
        .returned = forged, .final = l.email, .status = "5.1.1", .text = "550 no such user"});
    assert_string_equal(message(id, "class"), "bounce");
    assert_string_equal(message(id, "state"), "decide");
    assert_string_equal(outbox(&l, "state"), "unknown");
    assert_string_equal(address(&l), "unverified");
}

static void a_third_party_answers_a_kept_id(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "vera@v.example", "unknown");
    reply(l.email, l.message_id, "I will attend.");
    const char *kept = talloc_asprintf(o, "<r%d@x.example>", serial);
    office_do(o, "update outbox set state = 'unknown' where id = %lld", (long long)l.outbox);
    int64_t known = reply("vera@v.example", kept, "One more thing.");
    assert_string_equal(message(known, "matched_by"), "references");
    assert_string_equal(outbox(&l, "state"), "unknown"); /* no token of ours: no state changes */
    int64_t stranger = reply("stranger@z.example", kept, "Me too.");
    assert_string_equal(message(stranger, "state"), "decide");
    assert_string_equal(message(stranger, "coalesce(thread_id, 0)"), "0");
}

/* In the thread of another's invitation, by an id that is no proof: the proposal says who wrote. */
static void a_thread_is_no_identity(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "boss@b.example", "accepted");
    reply("helper@b.example", l.message_id, "Thank you, the director will write.");
    const char *kept = talloc_asprintf(o, "<r%d@x.example>", serial);
    int64_t id = reply("helper@b.example", kept, "The director will attend.");
    assert_string_equal(message(id, "matched_by"), "references");
    assert_string_equal(answer(id, "state"), "proposed");
    assert_non_null(strstr(answer(id, "evidence::text"), "helper@b.example"));
}

static void a_forged_copy_is_a_second_message(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "goran@g.example", "accepted");
    int64_t first = reply(l.email, l.message_id, "I will attend.");
    serial--;
    int64_t again = reply(l.email, l.message_id, "I will attend."); /* from another mailbox */
    assert_int_equal(first, again);
    serial--;
    int64_t forged = reply(l.email, l.message_id, "I cannot attend.");
    assert_int_not_equal(first, forged);
    assert_string_equal(message(forged, "state"), "decide");
    assert_string_equal(answer(forged, "answer"), "");
}

static void own_mail_back_is_no_answer(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "own@o.example", "unknown");
    int64_t id =
        receive("From: kabinet@klokot.example\r\nTo: %s\r\nMessage-ID: %s\r\n\r\nDear, with a footer\r\n",
                l.email, l.message_id);
    assert_string_equal(message(id, "class || ' ' || state"), "own filed");
    assert_int_equal(strtoll(message(id, "outbox_id"), NULL, 10), l.outbox);
    assert_string_equal(outbox(&l, "state || ' ' || settled_by"), "accepted copy"); /* it has left us */
    l = office_write(o, office_add_mailing(o), "own2@o.example", "unknown");
    id = receive("From: thief@z.example\r\nTo: %s\r\nMessage-ID: %s\r\n\r\nPay here\r\n", l.email,
                 l.message_id);
    assert_string_equal(message(id, "class || ' ' || state"), "own decide");
    assert_string_equal(outbox(&l, "state"), "unknown");
}

/* A form on a web site, or a forger, writes in our name: nobody would ever see it among what is filed. */
static void our_name_alone_is_no_proof(void **state)
{
    (void)state;
    static const char mail[] = "%sFrom: kabinet@klokot.example\r\nReply-To: c@x.example\r\nTo: "
                               "kabinet@klokot.example\r\nMessage-ID: "
                               "<form%d@klokot.example>\r\n\r\nMy street has no light.\r\n";
    int64_t id = receive(mail, "", ++serial);
    assert_string_equal(message(id, "class || ' ' || state"), "human decide");
    id = receive(mail, "Authentication-Results: mx.klokot.example; dmarc=pass header.from=klokot.example\r\n",
                 ++serial);
    assert_string_equal(message(id, "class || ' ' || state"), "own filed");
}

static void an_unknown_class_of_sender(void **state)
{
    (void)state;
    struct office_letter a = office_write(o, office_add_mailing(o), "twin@t.example", "accepted");
    int64_t id = reply(a.email, "<unknown@t.example>", "Hello.");
    assert_string_equal(message(id, "state"), "decide");
    assert_non_null(strstr(message(id, "why"), "no id says what it answers"));
    office_write(o, office_add_mailing(o), "twin@t.example", "accepted");
    id = reply("Twin@t.example", "<unknown2@t.example>", "Hello.");
    assert_non_null(strstr(message(id, "why"), "2 contacts"));
}

static void an_outcome_being_written_is_waited_for(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "late@l.example", "submitting");
    int64_t id = reply(l.email, l.message_id, "I will attend.");
    assert_string_equal(message(id, "state"), "new");
    office_do(o, "update outbox set state = 'unknown' where id = %lld", (long long)l.outbox);
    reply("someone@z.example", "<x@z.example>", "Hello.");
    assert_string_equal(message(id, "state"), "filed");
    assert_string_equal(outbox(&l, "state"), "delivered");
}

static void what_cannot_be_read_is_parked(void **state)
{
    (void)state;
    int64_t id = office_receive(o, "", 0);
    assert_string_equal(message(id, "state"), "parked");
    assert_string_not_equal(message(id, "why"), "");
}

/* ---- reports */

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
        int64_t id = report(&(struct report){
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
    report(&(struct report){.envid = a.envid, .final = a.email, .status = "5.1.1", .text = "550 no"});
    report(&(struct report){.to = b.envelope, .final = b.email, .status = "5.1.1", .text = "550 no"});
    report(&(struct report){.returned = c.message_id, .final = c.email, .status = "5.1.1", .text = "550 no"});
    assert_string_equal(outbox(&a, "state"), "bounced");
    assert_string_equal(outbox(&b, "state"), "bounced");
    assert_string_equal(outbox(&c, "state"), "bounced");
    /* the address alone is no proof that a letter of ours came back */
    report(&(struct report){
        .returned = "<made-up@klokot.example>", .final = d.email, .status = "5.1.1", .text = "550 no"});
    assert_string_equal(outbox(&d, "state"), "accepted");
    assert_string_equal(address(&d), "unverified");
}

static void a_forward_does_not_kill_the_address(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "fwd@f.example", "accepted");
    int64_t id = report(&(struct report){.envid = l.envid,
                                         .final = "elsewhere@gone.example",
                                         .original = l.email,
                                         .status = "5.1.1",
                                         .text = "550 5.1.1 user unknown"});
    assert_string_equal(outbox(&l, "state"), "bounced");
    assert_string_equal(address(&l), "unverified");
    assert_string_equal(message(id, "state"), "decide");
}

static void the_journal_s_bounce_is_nobody_s(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "real@r.example", "accepted");
    ((struct conf_smtp *)o->inbox.conf->smtp)->journal = "journal@klokot.example";
    int64_t id = report(&(struct report){
        .envid = l.envid, .final = "Journal@klokot.example", .status = "5.2.2", .text = "552 full"});
    assert_string_equal(message(id, "class || ' ' || state"), "bounce filed");
    assert_string_equal(outbox(&l, "state"), "accepted");
    assert_string_equal(address(&l), "unverified");
    report(&(struct report){.envid = l.envid, .final = l.email, .status = "5.1.1", .text = "550 no"});
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
    report(&(struct report){
        .envid = c.envid, .final = c.email, .status = "4.2.2", .text = "452 full", .action = "delayed"});
    report(&(struct report){.envid = d.envid,
                            .final = "x@else.example",
                            .original = d.email,
                            .status = "5.7.28",
                            .text = "550 5.7.28 too much"});
    assert_string_equal(office_ask(o, asked), "");
    for (int i = 0; i < 2; i++) /* said again while it rests: once */
        report(&(struct report){.envid = l.envid,
                                .final = l.email,
                                .status = "4.7.28",
                                .text = "421 4.7.28 rate",
                                .action = "delayed"});
    report(&(struct report){.envid = b.envid,
                            .final = b.email,
                            .status = "4.7.0",
                            .text = "421 4.7.0 [TSS04] x",
                            .action = "delayed"});
    assert_string_equal(office_ask(o, asked), "busy.example1 slow.example1");
    assert_string_equal(outbox(&l, "state"), "accepted");
    office_do(o, "update destination set slow_until = now()");
    report(
        &(struct report){.envid = l.envid, .final = l.email, .status = "5.7.28", .text = "550 5.7.28 rate"});
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
    int64_t id = report(&(struct report){
        .envid = a.envid, .final = a.email, .status = "4.2.2", .text = "452 full", .action = "delayed"});
    assert_string_equal(message(id, "class || ' ' || state"), "delay filed");
    assert_string_equal(outbox(&a, "state"), "accepted");
    report(&(struct report){
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
        int64_t id = report(&(struct report){
            .returned = l.message_id, .final = "b@group.example", .status = "5.1.1", .text = others});
        assert_string_equal(message(id, "class"), "bounce");
        assert_string_equal(outbox(&l, "state"), table[i].state);
    }
}

static void refusals_that_are_ours_pause_the_mailing(void **state)
{
    (void)state;
    static const char *const email[] = {"x@one.example", "y@one.example", "z@two.example"};
    int64_t m = office_add_mailing(o);
    office_write(o, m, "waiting@w.example", "queued");
    for (size_t i = 0; i < ARRAY_LEN(email); i++) {
        assert_string_equal(mailing(m, "state"), "released");
        struct office_letter l = office_write(o, m, email[i], "accepted");
        report(&(struct report){
            .envid = l.envid, .final = l.email, .status = "5.7.26", .text = "550 5.7.26 SPF failed"});
        assert_string_equal(address(&l), "unverified");
    }
    assert_string_equal(mailing(m, "state"), "paused");
    assert_non_null(strstr(mailing(m, "pause_reason"), "SPF"));
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
        report(&(struct report){
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

int main(int argc, char **argv)
{
    office_child(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_keyed_reply_settles_and_proposes),
        cmocka_unit_test(a_forged_id_changes_nothing),
        cmocka_unit_test(a_third_party_answers_a_kept_id),
        cmocka_unit_test(a_forged_copy_is_a_second_message),
        cmocka_unit_test(own_mail_back_is_no_answer),
        cmocka_unit_test(our_name_alone_is_no_proof),
        cmocka_unit_test(an_unknown_class_of_sender),
        cmocka_unit_test(an_outcome_being_written_is_waited_for),
        cmocka_unit_test(what_cannot_be_read_is_parked),
        cmocka_unit_test(bounces),
        cmocka_unit_test(a_bounce_is_known_by_any_token),
        cmocka_unit_test(a_forward_does_not_kill_the_address),
        cmocka_unit_test(the_journal_s_bounce_is_nobody_s),
        cmocka_unit_test(a_server_that_wants_less),
        cmocka_unit_test(delay_and_delivery),
        cmocka_unit_test(anothers_failure_is_not_ours),
        cmocka_unit_test(refusals_that_are_ours_pause_the_mailing),
        cmocka_unit_test(mass_bounces_kill_no_address),
        cmocka_unit_test(a_thread_is_no_identity),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
