/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What files nothing by itself: ids that anybody may know, senders that nobody vouches for, addresses that we
 * never wrote to; and what is proposed to a person instead.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/unicode.h"
#include "crm/contact.h"
#include "mail/inbox_hand.h"
#include "mail/thread.h"
#include "tests/lib/office.h"

OFFICE_OF_GROUP("proposal", "authserv_id = mx.klokot.example\n"
                            "[imap elsewhere]\nuser = u\npassword_file = p\naddress = info@else.example\n"
                            "authserv_id = mx.else.example\n")

#define receive(...) office_receive_text(o, __VA_ARGS__)

#define message(id, column) office_message(o, id, column)

static int64_t number(const char *s)
{
    return strtoll(s, NULL, 10);
}

static int serial;

static int64_t contact(const char *name, const char *email)
{
    const char *id =
        office_ask(o, "insert into contact (kind, department_id) values ('person', 1) returning id");
    const char *fold = unicode_fold(o, name);
    office_do(
        o,
        "insert into contact_name (contact_id, name, main, fold, near) values (%s, '%s', true, '%s', '%s');"
        "insert into address (contact_id, email, email_key) values (%s, '%s', lower('%s'))",
        id, name, fold, unicode_near(o, fold), id, email, email);
    return number(id);
}

/* A letter that was answered: the answer's own id is one that others may know. */
struct answered {
    struct office_letter letter;
    int64_t id, thread;
    const char *rfc_id;
};

static struct answered answered(const char *email)
{
    struct answered a = {.letter = office_write(o, office_add_mailing(o), email, "accepted"),
                         .rfc_id = talloc_asprintf(o, "<answer%d@x.example>", ++serial)};
    a.id = receive("From: <%s>\r\nTo: kabinet@klokot.example\r\nSubject: Re: Invitation\r\nMessage-ID: %s\r\n"
                   "In-Reply-To: %s\r\n\r\nThank you.\r\n",
                   email, a.rfc_id, a.letter.message_id);
    a.thread = number(message(a.id, "thread_id"));
    assert_true(a.thread > 0);
    return a;
}

static void is_filed_nowhere(int64_t id)
{
    assert_string_equal(message(id, "state"), "decide");
    assert_string_equal(message(id, "coalesce(thread_id, 0) || ' ' || coalesce(outbox_id, 0)"), "0 0");
}

/* ---- forged */

static void ids_of_others(void **state)
{
    (void)state;
    struct answered a = answered("kept@f.example");
    static const char *const fields[] = {
        "In-Reply-To: ", "References: ", "References: <other@z.example>\r\n "};
    for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
        int64_t id =
            receive("From: stranger%zu@z.example\r\nTo: kabinet@klokot.example\r\nCc: kept@f.example\r\n"
                    "Subject: Re\r\nMessage-ID: <s%d@z.example>\r\n%s%s\r\n\r\nI will attend.\r\n",
                    i, ++serial, fields[i], a.rfc_id);
        is_filed_nowhere(id);
        assert_int_equal(number(message(id, "proposal->>'thread'")), a.thread);
        assert_string_equal(message(id, "proposal->'evidence'->0->>'text'"), a.rfc_id);
        assert_string_equal(
            office_ask(o, "select count(*) from answer where message_id = %lld", (long long)id), "0");
    }
    /* and whom the stranger named has not become a door for them */
    int64_t id =
        receive("From: kept@f.example\r\nTo: kabinet@klokot.example\r\nMessage-ID: <k%d@f.example>\r\n"
                "References: %s\r\n\r\nOne more thing.\r\n",
                ++serial, a.rfc_id);
    assert_int_equal(number(message(id, "thread_id")), a.thread);
    assert_string_equal(
        office_ask(o,
                   "select count(*) from message where thread_id = %lld and from_address like '%%z.example'",
                   (long long)a.thread),
        "0");
}

/* Who has a thread of their own draws nothing into it, and does not get into another's: neither by what they
 * refer to and whom they name, nor by what both refer to, nor by a copy of our letter with others in it. */
static void a_correspondent_with_anothers_id(void **state)
{
    (void)state;
    struct answered victim = answered("victim@f.example"), mallory = answered("mallory@m.example");
    static const char mail[] = "From: %s\r\nTo: kabinet@klokot.example\r\nCc: %s\r\nMessage-ID: %s\r\n"
                               "References: %s %s\r\n\r\nHello.\r\n";
    const char *next = talloc_asprintf(o, "<next%d@f.example>", ++serial);
    receive(mail, "victim@f.example", "x@f.example", next, "<shared@never.example>",
            victim.letter.message_id);
    int64_t lost =
        receive("From: lost@f.example\r\nTo: kabinet@klokot.example\r\nMessage-ID: <lost%d@f.example>\r\n"
                "References: <shared@never.example>\r\n\r\nHello.\r\n",
                ++serial);
    const char *lost_id = message(lost, "rfc_message_id");
    const char *ids[] = {victim.rfc_id, "<shared@never.example>", lost_id};
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        int64_t id =
            receive(mail, "mallory@m.example", "victim@f.example, lost@f.example",
                    talloc_asprintf(o, "<m%d@m.example>", ++serial), ids[i], mallory.letter.message_id);
        assert_int_equal(number(message(id, "thread_id")), mallory.thread);
    }
    assert_int_equal(number(message(victim.id, "thread_id")), victim.thread);
    is_filed_nowhere(lost);
    receive("From: kabinet@klokot.example\r\nTo: mallory@m.example\r\nCc: z@m.example\r\nMessage-ID: %s\r\n"
            "References: %s\r\n\r\nAs if it were ours.\r\n",
            mallory.letter.message_id, victim.rfc_id);
    assert_int_equal(number(message(victim.id, "thread_id")), victim.thread);
    int64_t id = receive(mail, "z@m.example", "a@m.example", talloc_asprintf(o, "<m%d@m.example>", ++serial),
                         mallory.rfc_id, victim.rfc_id);
    is_filed_nowhere(id);
    assert_string_equal(
        office_ask(o,
                   "select string_agg(distinct from_address, ' ' order by from_address) from message where "
                   "thread_id = %lld and direction = 'in'",
                   (long long)victim.thread),
        "victim@f.example");
}

/* What a person put somewhere is no more open to strangers than the rest. */
static void an_id_that_a_person_placed(void **state)
{
    (void)state;
    struct answered a = answered("placed@f.example");
    int64_t made,
        more = receive(
            "From: placed@f.example\r\nTo: kabinet@klokot.example\r\nMessage-ID: <placed%d@f.example>\r\n"
            "In-Reply-To: %s\r\n\r\nMore.\r\n",
            ++serial, a.letter.message_id);
    DONE(thread_split(o->su, more, true, &made, err));
    int64_t id =
        receive("From: stranger@z.example\r\nTo: kabinet@klokot.example\r\nMessage-ID: <q%d@z.example>\r\n"
                "In-Reply-To: %s\r\n\r\nHello.\r\n",
                ++serial, message(more, "rfc_message_id"));
    is_filed_nowhere(id);
    id = receive("From: placed@f.example\r\nTo: kabinet@klokot.example\r\nMessage-ID: <q%d@z.example>\r\n"
                 "In-Reply-To: %s\r\n\r\nHello.\r\n",
                 ++serial, message(more, "rfc_message_id"));
    assert_int_equal(number(message(id, "thread_id")), made);
}

static void a_plus_address_of_nobody(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "plus@f.example", "unknown");
    char *forged = talloc_strdup(o, l.envelope);
    char *tag = strchr(forged, '+') + 3;
    *tag = *tag == 'a' ? 'b' : 'a';
    int64_t id = receive("Delivered-To: %s\r\nFrom: stranger@z.example\r\nTo: %s\r\nMessage-ID: "
                         "<p%d@z.example>\r\n\r\nHello\r\n",
                         forged, forged, ++serial);
    is_filed_nowhere(id);
    assert_string_equal(office_ask(o, "select state from outbox where id = %lld", (long long)l.outbox),
                        "unknown");
    id = receive("Delivered-To: %s\r\nFrom: stranger@z.example\r\nTo: %s\r\nMessage-ID: "
                 "<p%d@z.example>\r\n\r\nHello\r\n",
                 l.envelope, l.envelope, ++serial);
    assert_string_equal(message(id, "matched_by"), "envelope");
}

static void a_second_message_under_one_id(void **state)
{
    (void)state;
    struct answered a = answered("copied@f.example");
    int64_t forged =
        receive("From: <copied@f.example>\r\nTo: kabinet@klokot.example\r\nSubject: Re: Invitation\r\n"
                "Message-ID: %s\r\nIn-Reply-To: %s\r\n\r\nSend the money here.\r\n",
                a.rfc_id, a.letter.message_id);
    assert_int_not_equal(forged, a.id);
    is_filed_nowhere(forged);
    assert_string_equal(
        message(forged, "why"),
        talloc_asprintf(o, "message %lld has the same Message-ID and another content", (long long)a.id));
    DB_ROWS rows = NULL;
    DONE(inbox_get(o->su, a.id, "UTC", &rows, err));
    assert_string_equal(db_get_str(rows, 0, "same_id"), talloc_asprintf(o, "%lld", (long long)forged));
    /* an answer to that id is one to the first */
    int64_t id =
        receive("From: copied@f.example\r\nTo: kabinet@klokot.example\r\nMessage-ID: <c%d@f.example>\r\n"
                "In-Reply-To: %s\r\n\r\nWhat was that?\r\n",
                ++serial, a.rfc_id);
    assert_int_equal(number(message(id, "thread_id")), a.thread);
    is_filed_nowhere(forged);
}

static void a_sender_that_our_server_denies(void **state)
{
    (void)state;
    struct answered a = answered("denied@f.example");
    static const char mail[] =
        "%sFrom: denied@f.example\r\nTo: kabinet@klokot.example\r\nMessage-ID: <d%d@f.example>\r\n"
        "In-Reply-To: %s\r\n\r\nHello\r\n";
    int64_t id =
        receive(mail, "Authentication-Results: mx.klokot.example; dmarc=fail header.from=f.example\r\n",
                ++serial, a.rfc_id);
    is_filed_nowhere(id);
    assert_int_equal(number(message(id, "proposal->>'thread'")), a.thread);
    id = receive(mail, "Authentication-Results: mx.evil.example; dmarc=fail header.from=f.example\r\n",
                 ++serial, a.rfc_id);
    assert_int_equal(number(message(id, "thread_id")), a.thread);
}

/* All guests know the UID of their event; who answers for another with it has no part in that one's thread.
 */
static void the_uid_of_an_event(void **state)
{
    (void)state;
    struct answered a = answered("guest@f.example");
    receive(
        "From: other@z.example\r\nTo: kabinet@klokot.example\r\nMessage-ID: <u%d@z.example>\r\nMIME-Version: "
        "1.0\r\n"
        "Content-Type: text/calendar; method=REPLY; charset=utf-8\r\n\r\nBEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
        "PRODID:x\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:%s\r\nSEQUENCE:1\r\nDTSTAMP:20261110T100000Z\r\n"
        "DTSTART:20261210T100000Z\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:guest@f.example\r\n"
        "ORGANIZER:mailto:kabinet@klokot.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        ++serial,
        office_ask(o, "select uid from event where id = (select mailing_id from outbox where id = %lld)",
                   (long long)a.letter.outbox));
    int64_t id =
        receive("From: other@z.example\r\nTo: kabinet@klokot.example\r\nMessage-ID: <v%d@z.example>\r\n"
                "References: %s\r\n\r\nThe guest comes.\r\n",
                ++serial, a.rfc_id);
    is_filed_nowhere(id);
}

/* The bytes are from one server, the mail lies on two: whose word is at the top is not known. */
static void two_servers_one_message(void **state)
{
    (void)state;
    static const char mail[] =
        "Authentication-Results: mx.klokot.example; dmarc=pass header.from=klokot.example\r\n"
        "From: kabinet@klokot.example\r\nTo: kabinet@klokot.example\r\n"
        "Message-ID: <two-servers@klokot.example>\r\n\r\nNote\r\n";
    office_do(o, "insert into mailbox (account, folder, uidvalidity) values ('elsewhere', 'INBOX', 1)");
    int64_t id = office_receive(o, mail, strlen(mail));
    assert_string_equal(message(id, "class || ' ' || state"), "own filed");
    office_do(o,
              "insert into message_place (mailbox_id, uidvalidity, uid, message_id) select id, 1, 1, %lld "
              "from mailbox where "
              "account = 'elsewhere'; update message set state = 'new', class = null where id = %lld",
              (long long)id, (long long)id);
    struct inbox_sum sum = {0};
    DONE(inbox_judge_new(&o->inbox, &sum, err));
    assert_string_equal(message(id, "class || ' ' || state"), "human decide");
}

/* ---- proposed */

static const struct {
    const char *what, *name, *email; /* the contact */
    const char *from, *text, *where; /* the mail */
} others[] = {
    {"name in another script", "Slavica Nedeljković", "vrbovac.club@t-online.example",
     "=?UTF-8?B?0KHQu9Cw0LLQuNGG0LAg0J3QtdC00LXRmdC60L7QstC40Zs=?= <sn1@gmail.example>", "Hello.", "name"},
    {"name turned round", "Zoran Petković", "klub1@gmx.example", "\"Petkovic, Zoran\" <zp1@gmail.example>",
     "Hello.", "name"},
    {"name in the address", "Momčilo Jović", "grncar1@t-online.example", "<momcilo.jovic@gmail.example>",
     "Hello.", "name"},
    {"name under the text", "Besnik Krasniqi", "shoqata1@bluewin.example", "<bk77@gmail.example>",
     "We come.\r\n\r\nBest regards\r\nBesnik Krasniqi", "name"},
    {"a neighbour's spelling", "Dragan Stojković", "dragan1@club.example",
     "Dragan Stojkoviq <ds1@gmail.example>", "Hello.", "name"},
    {"the organisation's domain", "Ministry of Culture", "info@culture-ministry.example",
     "Protocol <protocol@culture-ministry.example>", "Hello.", "domain"},
    {"the address in the signature", "Someone Else", "else1@elsewhere.example", "<private77@gmail.example>",
     "Hello.\r\n\r\n-- \r\nS. E.\r\nE-mail: Else1@elsewhere.example", "text"},
};

static void the_likely_contact(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(others); i++) {
        int64_t who = contact(others[i].name, others[i].email);
        int64_t id = receive(
            "From: %s\r\nTo: kabinet@klokot.example\r\nSubject: Hello\r\nMessage-ID: <o%d@x.example>\r\n\r\n"
            "%s\r\n",
            others[i].from, ++serial, others[i].text);
        is_filed_nowhere(id);
        if (number(message(id, "proposal->>'contact'")) != who ||
            strcmp(message(id, "proposal->'evidence'->0->>'where'"), others[i].where))
            fail_msg("%s: %s", others[i].what, message(id, "proposal::text"));
        assert_string_equal(message(id, "coalesce(contact_id, 0)"), "0"); /* only proposed */
    }
}

static void nobody_likely(void **state)
{
    (void)state;
    contact("Milan Simić", "milan1@one.example");
    contact("Milan Simić", "milan2@two.example");
    int64_t id = receive("From: Milan Simic <ms@gmail.example>\r\nTo: kabinet@klokot.example\r\nMessage-ID: "
                         "<n%d@x.example>\r\n"
                         "\r\nHello.\r\n",
                         ++serial); /* two are as likely */
    assert_string_equal(message(id, "coalesce(proposal->>'contact', 'none')"), "none");
    contact("A Club", "club@gmail.com");
    id = receive("From: Nobody Known <nobody.known@gmail.com>\r\nTo: kabinet@klokot.example\r\n"
                 "Message-ID: <n%d@x.example>\r\n\r\nHello.\r\n",
                 ++serial); /* a free mail service is no organisation */
    assert_string_equal(message(id, "coalesce(proposal->>'contact', 'none')"), "none");
}

/* The letter's token, and another address: the row is settled, and a person says whose answer it is. */
static void an_answer_from_another_address(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "klub.wien@gmx.example", "unknown");
    office_do(o,
              "update contact_name set name = 'Zdravko Petrov', fold = 'zdravko petrov', near = 'zdravko "
              "petrov' where contact_id = %lld",
              (long long)l.contact);
    int64_t id = receive("From: Zdravko Petrov <z.p@gmail.example>\r\nTo: "
                         "kabinet@klokot.example\r\nMessage-ID: <z%d@x.example>\r\n"
                         "In-Reply-To: %s\r\n\r\nThank you for the invitation, I will attend.\r\n",
                         ++serial, l.message_id);
    assert_string_equal(office_ask(o, "select state from outbox where id = %lld", (long long)l.outbox),
                        "delivered");
    assert_string_equal(message(id, "state || ' ' || why"),
                        "decide z.p@gmail.example answers the letter to klub.wien@gmx.example");
    assert_int_equal(number(message(id, "proposal->>'contact'")), l.contact);
    assert_string_equal(
        office_ask(o, "select answer || ' ' || state from answer where message_id = %lld", (long long)id),
        "accepted proposed");
}

static void what_a_colleague_forwards(void **state)
{
    (void)state;
    struct office_letter l = office_write(o, office_add_mailing(o), "forwarded@f.example", "accepted");
    static const char *const heads[] = {"---------- Forwarded message ---------\r\nFrom: Vera Ilić "
                                        "<forwarded@f.example>\r\nDate: Mon, 9 Nov 2026\r\n"
                                        "Subject: Re: Invitation\r\nTo: <besa@klokot.example>\r\n",
                                        "Od: Vera Ilić [mailto:forwarded@f.example]\r\nPoslato: 9. novembar "
                                        "2026.\r\nZa: Besa\r\nTema: Re: Poziv\r\n",
                                        "Begin forwarded message:\r\n\r\n> Von: Vera Ilić "
                                        "<forwarded@f.example>\r\n> Betreff: Re: Invitation\r\n"
                                        "> Datum: 9. November 2026\r\n> An: Besa\r\n"};
    for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
        int64_t id =
            receive("Authentication-Results: mx.klokot.example; dmarc=pass header.from=klokot.example\r\n"
                    "From: Besa <besa@klokot.example>\r\nTo: kabinet@klokot.example\r\nSubject: Fwd: Re: "
                    "Invitation\r\n"
                    "Message-ID: <fwd%d@klokot.example>\r\n"
                    "Content-Type: text/plain; charset=utf-8\r\n\r\nFor you.\r\n\r\n%s\r\nWe come.\r\n",
                    ++serial, heads[i]);
        is_filed_nowhere(id);
        assert_string_equal(message(id, "why"), "it forwards what forwarded@f.example wrote");
        assert_string_equal(message(id, "proposal->'evidence'->0->>'text'"),
                            "Vera Ilić <forwarded@f.example>");
        assert_int_equal(number(message(id, "proposal->>'contact'")), l.contact);
    }
    /* as an attachment it has its ids, and the letter is known: still, a person says so */
    int64_t id = receive(
        "From: Besa <besa@klokot.example>\r\nTo: kabinet@klokot.example\r\nSubject: an answer\r\n"
        "Message-ID: <fwd%d@klokot.example>\r\nMIME-Version: 1.0\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nSee below.\r\n--b\r\n"
        "Content-Type: message/rfc822\r\n\r\nFrom: forwarded@f.example\r\nMessage-ID: <v@f.example>\r\n"
        "In-Reply-To: %s\r\nSubject: Re\r\n\r\nWe come.\r\n\r\n--b--\r\n",
        ++serial, l.message_id);
    is_filed_nowhere(id);
    assert_int_equal(number(message(id, "proposal->>'contact'")), l.contact);
    assert_int_equal(
        number(message(id, "proposal->>'mailing'")),
        number(office_ask(o, "select mailing_id from outbox where id = %lld", (long long)l.outbox)));
    struct inbox_filing filing = {.as_proposed = true};
    DONE(inbox_file(o->su, id, &filing, err));
    assert_int_equal(number(message(id, "outbox_id")), l.outbox);
    assert_string_equal(message(id, "state || ' ' || matched_by"), "filed person");
}

/* ---- the register's number */

static void a_number_in_the_subject(void **state)
{
    (void)state;
    struct answered a = answered("numbered@f.example");
    DONE(thread_set_number(o->su, a.thread, "020-558/26", err));
    static const char mail[] =
        "From: %s\r\nTo: kabinet@klokot.example\r\nSubject: %s\r\nMessage-ID: <m%d@x.example>\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n\r\nAbout that.\r\n";
    static const char *const right[] = {
        "Your letter 020-558/26",
        "=?UTF-8?Q?Va=C5=A1_broj:_020=E2=80=93558/26=2E?=", "(No. 020-558/26) question"};
    for (size_t i = 0; i < ARRAY_LEN(right); i++) {
        int64_t id = receive(mail, "numbered@f.example", right[i], ++serial);
        assert_int_equal(number(message(id, "thread_id")), a.thread);
        assert_string_equal(message(id, "matched_by"), "number");
    }
    int64_t id = receive(mail, "numbered@f.example", "Your letter 020-558/25", ++serial);
    assert_string_equal(message(id, "coalesce(thread_id, 0)"), "0");
    id = receive(mail, "stranger@z.example", right[0], ++serial);
    is_filed_nowhere(id);
    assert_int_equal(number(message(id, "proposal->>'thread'")), a.thread);
    struct err err = {0};
    struct answered other = answered("numbered2@f.example");
    assert_int_equal(thread_set_number(o->su, other.thread, "020 – 558/26", &err), -1);
    assert_int_equal(thread_set_number(o->su, other.thread, "twelve", &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
}

int main(int argc, char **argv)
{
    office_child(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ids_of_others),
        cmocka_unit_test(a_correspondent_with_anothers_id),
        cmocka_unit_test(an_id_that_a_person_placed),
        cmocka_unit_test(a_plus_address_of_nobody),
        cmocka_unit_test(a_second_message_under_one_id),
        cmocka_unit_test(a_sender_that_our_server_denies),
        cmocka_unit_test(the_uid_of_an_event),
        cmocka_unit_test(two_servers_one_message),
        cmocka_unit_test(the_likely_contact),
        cmocka_unit_test(nobody_likely),
        cmocka_unit_test(an_answer_from_another_address),
        cmocka_unit_test(what_a_colleague_forwards),
        cmocka_unit_test(a_number_in_the_subject),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
