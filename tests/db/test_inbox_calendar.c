/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Calendar answers: which of them count by themselves, which are proposed, and whose they are.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/lib/office.h"

OFFICE_OF_GROUP("calendar", "authserv_id = mx.klokot.example\n")

#define receive(...) office_receive_text(o, __VA_ARGS__)

static int serial;

#define message(id, column) office_message(o, id, column)

static const char *outbox(const struct office_letter *l, const char *column)
{
    return office_ask(o, "select %s from outbox where id = %lld", column, (long long)l->outbox);
}

static const char *answer(int64_t id, const char *column)
{
    return office_ask(o, "select %s from answer where message_id = %lld", column, (long long)id);
}

/* day: of the stamp */
static int64_t calendar_of(const struct office_letter *l, int64_t event, const char *results,
                           const char *attendee, int sequence, const char *day, int stamp,
                           const char *partstat)
{
    return receive(
        "%sFrom: <%s>\r\nTo: kabinet@klokot.example\r\nSubject: Accepted\r\nMessage-ID: <c%d@x.example>\r\n"
        "MIME-Version: 1.0\r\nContent-Type: text/calendar; method=REPLY; charset=UTF-8\r\n\r\n"
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:%s\r\n"
        "DTSTAMP:%sT%02d0000Z\r\nSEQUENCE:%d\r\nORGANIZER:mailto:kabinet@klokot.example\r\n"
        "ATTENDEE;PARTSTAT=%s:mailto:%s\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        results, l->email, ++serial, office_ask(o, "select uid from event where id = %lld", (long long)event),
        day, stamp, sequence, partstat, attendee);
}

static int64_t calendar(const struct office_letter *l, int64_t event, const char *results,
                        const char *attendee, int sequence, int stamp, const char *partstat)
{
    return calendar_of(l, event, results, attendee, sequence, "20261101", stamp, partstat);
}

static void calendar_answers(void **state)
{
    (void)state;
    static const char good[] =
        "Authentication-Results: mx.klokot.example; dmarc=pass header.from=cal.example\r\n";
    static const char below[] =
        "Authentication-Results: other.example; dmarc=pass header.from=cal.example\r\n"
        "Authentication-Results: mx.klokot.example; dmarc=pass header.from=cal.example\r\n";
    static const char quoted[] =
        "Authentication-Results: mx.klokot.example; spf=pass smtp.mailfrom=\"x; dmarc=pass "
        "header.from=cal.example\"@evil.example\r\n";
    int64_t m = office_add_mailing(o);
    struct office_letter l = office_write(o, m, "k@cal.example", "unknown");
    static const char *const unproved[] = {"", below, quoted};
    for (size_t i = 0; i < ARRAY_LEN(unproved); i++) {
        int64_t id = calendar(&l, m, unproved[i], l.email, 1, 8, "DECLINED");
        assert_string_equal(message(id, "class || ' ' || state"), "calendar decide");
        assert_string_equal(answer(id, "answer || ' ' || state || ' ' || by"), "declined proposed calendar");
    }
    int64_t id = calendar(&l, m, good, l.email, 1, 10, "ACCEPTED");
    assert_string_equal(message(id, "state"), "filed");
    assert_string_equal(answer(id, "answer || ' ' || state || ' ' || by"), "accepted confirmed calendar");
    assert_string_equal(outbox(&l, "state"), "unknown"); /* a UID is no token of ours */
    id = calendar(&l, m, good, l.email, 1, 9, "DECLINED");
    assert_string_equal(answer(id, "state"), "rejected"); /* RFC 5546 2.1.5 */
    id = calendar(&l, m, good, l.email, 0, 12, "DECLINED");
    assert_string_equal(answer(id, "state"), "rejected");
    id = calendar(&l, m, good, "crasher@cal.example", 1, 13, "ACCEPTED");
    assert_string_equal(message(id, "state"), "decide");
    assert_string_equal(answer(id, "answer"), "");
    id = calendar(&l, m, good, l.email, 1, 14, "DELEGATED");
    assert_string_equal(answer(id, "answer || ' ' || state"), "delegated proposed");
    assert_string_equal(office_ask(o, "select answer from event_answer where event_id = %lld", (long long)m),
                        "accepted");
}

/* What no one vouches for must not outdo what our server vouches for (RFC 5546 2.1.5 compares the two). */
static void a_forged_sequence_outdoes_nobody(void **state)
{
    (void)state;
    int64_t m = office_add_mailing(o);
    struct office_letter l = office_write(o, m, "seq@cal.example", "accepted");
    int64_t forged = calendar(&l, m, "", l.email, 99, 23, "DECLINED");
    assert_string_equal(answer(forged, "state"), "proposed");
    int64_t id =
        calendar(&l, m, "Authentication-Results: mx.klokot.example; dmarc=pass header.from=cal.example\r\n",
                 l.email, 1, 10, "ACCEPTED");
    assert_string_equal(answer(id, "answer || ' ' || state"), "accepted confirmed");
    id = calendar(&l, m, "", l.email, 1, 9, "TENTATIVE");
    assert_string_equal(answer(id, "state"), "rejected");
}

/* The event moved after the letter: who answers the letter, in whatever way, answers its time. */
/* Whose clock is years ahead may still change their mind when it is right again. */
static void a_time_that_has_not_come_outdoes_nobody(void **state)
{
    (void)state;
    static const char good[] =
        "Authentication-Results: mx.klokot.example; dmarc=pass header.from=clock.example\r\n";
    int64_t m = office_add_mailing(o);
    struct office_letter l = office_write(o, m, "k@clock.example", "accepted");
    int64_t first = calendar_of(&l, m, good, l.email, 1, "20991231", 23, "ACCEPTED");
    assert_string_equal(answer(first, "answer || ' ' || state"), "accepted confirmed");
    const char *tomorrow = office_ask(o, "select to_char(now() + interval '1 day', 'YYYYMMDD')");
    int64_t second = calendar_of(&l, m, good, l.email, 1, tomorrow, 23, "DECLINED");
    assert_string_equal(answer(second, "answer || ' ' || state"), "declined confirmed");
    int64_t third = calendar(&l, m, good, l.email, 1, 9, "ACCEPTED");
    assert_string_equal(answer(third, "state"), "rejected");
}

static void an_answer_is_to_a_version(void **state)
{
    (void)state;
    static const char good[] =
        "Authentication-Results: mx.klokot.example; dmarc=pass header.from=move.example\r\n";
    int64_t m = office_add_mailing(o);
    struct office_letter l = office_write(o, m, "k@move.example", "accepted");
    office_do(o, "update mailing set sequence = 1 where id = %lld", (long long)m);
    int64_t id = calendar(&l, m, good, l.email, 1, 10, "ACCEPTED");
    assert_string_equal(answer(id, "state || ' ' || sequence"), "confirmed 1");
    office_do(o, "update event set sequence = 2, time_sequence = 2 where id = %lld", (long long)m);
    static const char counting[] = "select answer from event_answer where event_id = %lld";
    assert_string_equal(office_ask(o, counting, (long long)m), "");
    id = receive("From: <%s>\r\nTo: kabinet@klokot.example\r\nSubject: Re\r\nMessage-ID: <w%d@x.example>\r\n"
                 "In-Reply-To: %s\r\n\r\nThank you for the invitation, I will attend.\r\n",
                 l.email, ++serial, l.message_id);
    assert_string_equal(answer(id, "answer || ' ' || sequence"), "accepted 1");
    id = calendar(&l, m, good, l.email, 1, 12, "TENTATIVE");
    assert_string_equal(message(id, "state || ' ' || why"),
                        "decide it answers an earlier version of the invitation");
    assert_string_equal(office_ask(o, counting, (long long)m), "");
    id = calendar(&l, m, good, l.email, 7, 13, "DECLINED"); /* there is no version 7 */
    assert_string_equal(answer(id, "state || ' ' || sequence"), "confirmed 2");
    assert_string_equal(office_ask(o, counting, (long long)m), "declined");
}

/* SENT-BY stands in the answer itself: whoever writes can name themselves. */
static void nobody_speaks_for_another_by_saying_so(void **state)
{
    (void)state;
    static const char stranger[] =
        "Authentication-Results: mx.klokot.example; dmarc=pass header.from=evil.example\r\n";
    static const char colleague[] =
        "Authentication-Results: mx.klokot.example; dmarc=pass header.from=min.example\r\n";
    int64_t m = office_add_mailing(o);
    struct office_letter minister = office_write(o, m, "minister@min.example", "accepted"),
                         other = office_write(o, m, "other@min.example", "accepted"),
                         secretary = {.email = "secretary@min.example"}, evil = {.email = "e@evil.example"};
    int64_t id = calendar(&evil, m, stranger, "minister@min.example", 1, 10,
                          "DECLINED;SENT-BY=\"mailto:e@evil.example\"");
    assert_string_equal(message(id, "state"), "decide");
    assert_string_equal(answer(id, "state"), "proposed");
    id = calendar(&other, m, colleague, "minister@min.example", 1, 11,
                  "DECLINED;SENT-BY=\"mailto:other@min.example\"");
    assert_string_equal(answer(id, "state"), "proposed");
    id = calendar(&secretary, m, colleague, "minister@min.example", 1, 12,
                  "ACCEPTED;SENT-BY=\"mailto:secretary@min.example\"");
    assert_string_equal(answer(id, "answer || ' ' || state"), "accepted confirmed");
    assert_int_equal(strtoll(answer(id, "contact_id"), NULL, 10), minister.contact);
}

/* Somebody invited answers upon the letter of somebody else invited (one secretary for both, a shared
 * mailbox). */
static void an_answer_is_its_attendees(void **state)
{
    (void)state;
    int64_t m = office_add_mailing(o);
    struct office_letter a = office_write(o, m, "a@two.example", "accepted"),
                         b = office_write(o, m, "b@two.example", "accepted");
    const char *head =
        talloc_asprintf(o,
                        "In-Reply-To: %s\r\nAuthentication-Results: mx.klokot.example; dmarc=pass "
                        "header.from=two.example\r\n",
                        a.message_id);
    int64_t id = calendar(&b, m, head, b.email, 1, 10, "ACCEPTED");
    assert_int_equal(strtoll(answer(id, "contact_id"), NULL, 10), b.contact);
    assert_string_equal(answer(id, "state"), "confirmed");
    assert_int_equal(strtoll(message(id, "contact_id"), NULL, 10), b.contact);
    id = calendar(&a, m, head, b.email, 1, 11, "DECLINED"); /* a speaks for b */
    assert_int_equal(strtoll(answer(id, "contact_id"), NULL, 10), b.contact);
    assert_string_equal(answer(id, "state"), "proposed");
}

/* A whole calendar in a mail from the address, which our server vouches for. */
static int64_t answer_of(const char *from, const char *date, const char *method, int64_t event,
                         const char *lines)
{
    const char *domain = strchr(from, '@') + 1;
    return receive("Authentication-Results: mx.klokot.example; dmarc=pass header.from=%s\r\nFrom: <%s>\r\n"
                   "To: kabinet@klokot.example\r\nSubject: Answer\r\nMessage-ID: <w%d@x.example>\r\n%s"
                   "MIME-Version: 1.0\r\nContent-Type: text/calendar; method=%s\r\n\r\nBEGIN:VCALENDAR\r\n"
                   "METHOD:%s\r\nBEGIN:VEVENT\r\nUID:%s\r\nSEQUENCE:1\r\n%sEND:VEVENT\r\nEND:VCALENDAR\r\n",
                   domain, from, ++serial, date, method, method,
                   office_ask(o, "select uid from event where id = %lld", (long long)event), lines);
}

/* Another time is shown with its hours, in the office's zone, and is for a person. */
static void another_time_is_for_a_person(void **state)
{
    (void)state;
    int64_t m = office_add_mailing(o);
    struct office_letter l = office_write(o, m, "k@counter.example", "accepted");
    int64_t id =
        answer_of(l.email, "", "COUNTER", m,
                  "DTSTAMP:20261101T100000Z\r\nDTSTART:20270319T130000Z\r\nDTEND:20270319T150000Z\r\n"
                  "COMMENT:A day later?\r\nATTENDEE;PARTSTAT=TENTATIVE:mailto:k@counter.example\r\n");
    assert_string_equal(message(id, "state || ' ' || why"),
                        "decide proposes another time: 2027-03-19 14:00 – 2027-03-19 16:00");
    assert_string_equal(answer(id, "answer || ' ' || state || ' ' || by"), "tentative proposed calendar");
    assert_string_equal(answer(id, "evidence -> 2 ->> 'text'"), "A day later?");
    id = answer_of(l.email, "", "REFRESH", m, "ATTENDEE:mailto:k@counter.example\r\n");
    assert_string_equal(message(id, "state || ' ' || why"), "decide asks for the invitation again");
    id = answer_of(l.email, "", "DECLINECOUNTER", m, "ATTENDEE:mailto:k@counter.example\r\n");
    assert_string_equal(message(id, "class || ' ' || state"), "calendar decide");
    assert_string_equal(answer(id, "answer"), "");
    id = answer_of("crasher@counter.example", "", "COUNTER", m,
                   "DTSTART:20270319T130000Z\r\nATTENDEE:mailto:crasher@counter.example\r\n");
    assert_string_equal(message(id, "why"), "crasher@counter.example was not invited");
}

/* RFC 5546 3.2.2.3: who sends somebody says so, and so does who is sent. */
static void who_is_sent_is_for_a_person(void **state)
{
    (void)state;
    int64_t m = office_add_mailing(o);
    struct office_letter l = office_write(o, m, "boss@send.example", "accepted");
    int64_t id = answer_of(l.email, "", "REPLY", m,
                           "DTSTAMP:20261101T100000Z\r\nATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO=\"mailto:"
                           "deputy@send.example\":mailto:boss@send.example\r\n");
    assert_string_equal(answer(id, "answer || ' ' || state || ' ' || instead"),
                        "delegated proposed deputy@send.example");
    id = answer_of("deputy@send.example", "", "REPLY", m,
                   "DTSTAMP:20261101T110000Z\r\nATTENDEE;CN=\"Deputy, D.\";PARTSTAT=ACCEPTED;"
                   "DELEGATED-FROM=\"mailto:boss@send.example\":mailto:deputy@send.example\r\n");
    assert_string_equal(message(id, "state || ' ' || why"),
                        "decide deputy@send.example comes in place of boss@send.example");
    assert_string_equal(answer(id, "answer || ' ' || state || ' ' || instead"),
                        "delegated proposed Deputy, D.");
    assert_int_equal(strtoll(answer(id, "contact_id"), NULL, 10), l.contact);
    id = answer_of("deputy@send.example", "", "REPLY", m,
                   "DTSTAMP:20261101T120000Z\r\nATTENDEE;PARTSTAT=DECLINED;"
                   "DELEGATED-FROM=\"mailto:boss@send.example\":mailto:deputy@send.example\r\n");
    assert_string_equal(message(id, "why"),
                        "deputy@send.example, whom boss@send.example sends, does not come");
    assert_string_equal(answer(id, "answer"), "");
    id = answer_of("evil@send.example", "", "REPLY", m,
                   "DTSTAMP:20261101T120000Z\r\nATTENDEE;PARTSTAT=ACCEPTED;"
                   "DELEGATED-FROM=\"mailto:nobody@send.example\":mailto:evil@send.example\r\n");
    assert_string_equal(message(id, "why"), "evil@send.example was not invited");
}

/* There are programs that repeat the DTSTAMP of the invitation, and such that send the whole list. */
static void programs_have_their_ways(void **state)
{
    (void)state;
    int64_t m = office_add_mailing(o);
    struct office_letter l = office_write(o, m, "k@ways.example", "accepted");
    static const char yes[] =
        "DTSTAMP:20261101T100000Z\r\nATTENDEE;PARTSTAT=ACCEPTED:MAILTO:K@ways.example\r\n",
                      no[] =
                          "DTSTAMP:20261101T100000Z\r\nATTENDEE;PARTSTAT=DECLINED:mailto:k@ways.example\r\n";
    int64_t id = answer_of(l.email, "Date: Mon, 2 Nov 2026 10:00:00 +0000\r\n", "REPLY", m, yes);
    assert_string_equal(answer(id, "answer || ' ' || state"), "accepted confirmed");
    id = answer_of(l.email, "Date: Sun, 1 Nov 2026 10:00:00 +0000\r\n", "REPLY", m, no);
    assert_string_equal(answer(id, "state || ' ' || (evidence -> 1 ->> 'text')"),
                        "rejected older than an answer that came before");
    id = answer_of(l.email, "Date: Tue, 3 Nov 2026 10:00:00 +0000\r\n", "REPLY", m, no);
    assert_string_equal(answer(id, "answer || ' ' || state"), "declined confirmed");
    id = answer_of(l.email, "", "REPLY", m,
                   "DTSTAMP:20261104T100000Z\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:other@ways.example\r\n"
                   "ATTENDEE;PARTSTAT=TENTATIVE:mailto:k@ways.example\r\n");
    assert_string_equal(answer(id, "answer || ' ' || state"), "tentative confirmed");
    id = answer_of("third@ways.example", "", "REPLY", m,
                   "DTSTAMP:20261105T100000Z\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:other@ways.example\r\n"
                   "ATTENDEE;PARTSTAT=TENTATIVE:mailto:k@ways.example\r\n");
    assert_string_equal(message(id, "state || ' ' || why"),
                        "decide the calendar answer says nothing that is understood");
}

/* What is written beside it. */
static void words_go_with_it(void **state)
{
    (void)state;
    int64_t m = office_add_mailing(o);
    struct office_letter l = office_write(o, m, "k@beside.example", "accepted");
    int64_t id = answer_of(l.email, "", "REPLY", m,
                           "DTSTAMP:20261101T100000Z\r\nCOMMENT:Dolazimo u troje.\r\n"
                           "ATTENDEE;PARTSTAT=ACCEPTED:mailto:k@beside.example\r\n");
    assert_string_equal(answer(id, "answer || ' ' || state || ' ' || persons"), "accepted confirmed 3");
    id = answer_of(l.email, "", "REPLY", m,
                   "DTSTAMP:20261102T100000Z\r\nCOMMENT:Sorry\\, I cannot come after all.\r\n"
                   "ATTENDEE;PARTSTAT=ACCEPTED:mailto:k@beside.example\r\n");
    assert_string_equal(message(id, "state || ' ' || why"), "decide the words with it say something else");
    assert_string_equal(answer(id, "answer || ' ' || state || ' ' || (evidence -> 2 ->> 'text')"),
                        "accepted proposed Sorry, I cannot come after all.");
    id = answer_of(l.email, "", "REPLY", m,
                   "DTSTAMP:20261103T100000Z\r\nCOMMENT:Is there parking?\r\n"
                   "ATTENDEE;PARTSTAT=ACCEPTED:mailto:k@beside.example\r\n");
    assert_string_equal(message(id, "state || ' ' || why"), "decide it asks something");
    id = answer_of(l.email, "", "REPLY", m,
                   "DTSTAMP:20261104T100000Z\r\nCOMMENT:Best regards\r\n"
                   "ATTENDEE;PARTSTAT=DECLINED:mailto:k@beside.example\r\n");
    assert_string_equal(answer(id, "answer || ' ' || state"), "declined confirmed");
}

int main(int argc, char **argv)
{
    office_child(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(calendar_answers),
        cmocka_unit_test(an_answer_is_its_attendees),
        cmocka_unit_test(a_forged_sequence_outdoes_nobody),
        cmocka_unit_test(a_time_that_has_not_come_outdoes_nobody),
        cmocka_unit_test(an_answer_is_to_a_version),
        cmocka_unit_test(nobody_speaks_for_another_by_saying_so),
        cmocka_unit_test(another_time_is_for_a_person),
        cmocka_unit_test(who_is_sent_is_for_a_person),
        cmocka_unit_test(programs_have_their_ways),
        cmocka_unit_test(words_go_with_it),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
