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

OFFICE_OF_GROUP("inbox", "authserv_id = mx.klokot.example\n")

/* ---- mails */

#define receive(...) office_receive_text(o, __VA_ARGS__)

static int serial;

/* An answer to the id; of a person. */
static int64_t reply(const char *from, const char *in_reply_to, const char *text)
{
    return receive("From: <%s>\r\nTo: kabinet@klokot.example\r\nSubject: Re: Invitation\r\nMessage-ID: "
                   "<r%d@x.example>\r\n"
                   "In-Reply-To: %s\r\n\r\n%s\r\n",
                   from, ++serial, in_reply_to, text);
}

/* ---- what became of it */

#define message(id, column) office_message(o, id, column)

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
    id = office_report(
        o, &(struct office_report){
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

static int64_t copy_comes_in(const struct office_letter *l, const char *words)
{
    return office_receive_text(o,
                               "Received: by mail.klokot.example; Mon, 2 Nov 2026 10:00:00 +0100\r\n"
                               "From: kabinet@klokot.example\r\nTo: %s\r\nMessage-ID: %s\r\n\r\n%s\r\n",
                               l->email, l->message_id, words);
}

static void a_copy_of_a_letter_is_the_letter(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "copy@c.example", "accepted");
    int64_t letter = strtoll(outbox(&l, "message_id"), NULL, 10);
    office_do(o, "update message set identity = null where id = %lld", (long long)letter);
    assert_int_not_equal(copy_comes_in(&l, "Forged"), letter);
    assert_int_equal(copy_comes_in(&l, "Dear"), letter);
    /* whose bytes were erased does not come back with one */
    office_do(o,
              "update message set identity = null where id = %lld;"
              "delete from message_chunk where message_id = %lld",
              (long long)letter, (long long)letter);
    assert_int_equal(copy_comes_in(&l, "Dear"), letter);
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

int main(int argc, char **argv)
{
    office_child(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_keyed_reply_settles_and_proposes),
        cmocka_unit_test(a_forged_id_changes_nothing),
        cmocka_unit_test(a_third_party_answers_a_kept_id),
        cmocka_unit_test(a_copy_of_a_letter_is_the_letter),
        cmocka_unit_test(a_forged_copy_is_a_second_message),
        cmocka_unit_test(own_mail_back_is_no_answer),
        cmocka_unit_test(our_name_alone_is_no_proof),
        cmocka_unit_test(an_unknown_class_of_sender),
        cmocka_unit_test(an_outcome_being_written_is_waited_for),
        cmocka_unit_test(what_cannot_be_read_is_parked),
        cmocka_unit_test(a_thread_is_no_identity),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
