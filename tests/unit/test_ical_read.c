/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Answers as the programs of the world write them: what is read out of each mail, and whose answer it is.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/calendar.h"
#include "mail/classify.h"
#include "mail/letter.h"
#include "mail/wire/facts.h"
#include "mail/wire/ical.h"
#include "mail/wire/ical_lines.h"

/* ---- whole mails */

static const struct {
    const char *name, *type; /* the header lines of the part */
    const char *body;
    const char *expected; /* class method attendee partstat sequence */
} mails[] = {
    {"Outlook: X- lines, a zone of its own, MAILTO in capitals",
     "Content-Type: text/calendar; charset=\"utf-8\"; method=REPLY\r\nContent-Transfer-Encoding: 8bit\r\n",
     "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nPRODID:Microsoft Exchange Server "
     "2010\r\nVERSION:2.0\r\nBEGIN:VTIMEZONE\r\n"
     "TZID:Central Europe Standard "
     "Time\r\nBEGIN:STANDARD\r\nDTSTART:16010101T030000\r\nTZOFFSETFROM:+0200\r\n"
     "TZOFFSETTO:+0100\r\nRRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10\r\nEND:STANDARD\r\nEND:"
     "VTIMEZONE\r\n"
     "BEGIN:VEVENT\r\nATTENDEE;PARTSTAT=ACCEPTED;CN=Guest:MAILTO:Guest@X.example\r\nCOMMENT;LANGUAGE=en-US:"
     "\\n\r\n"
     "UID:u1\r\nSUMMARY;LANGUAGE=en-US:Accepted: Feast\r\nDTSTART;TZID=Central Europe Standard "
     "Time:20270318T100000\r\n"
     "DTSTAMP:20270101T100000Z\r\nSEQUENCE:3\r\nX-MICROSOFT-CDO-APPT-SEQUENCE:3\r\nX-MICROSOFT-CDO-"
     "BUSYSTATUS:BUSY\r\n"
     "END:VEVENT\r\nEND:VCALENDAR\r\n",
     "calendar REPLY Guest@X.example ACCEPTED 3"},
    {"no METHOD but in the type, no SEQUENCE, no mailto, lines ended by LF alone",
     "Content-Type: text/calendar; method=reply\r\n",
     "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:u1\nDTSTAMP:20270101T100000Z\n"
     "ATTENDEE;PARTSTAT=DECLINED:guest@x.example\nEND:VEVENT\nEND:VCALENDAR\n",
     "calendar reply guest@x.example DECLINED 0"},
    {"a file under a general type", "Content-Type: application/octet-stream; name=\"invite.ics\"\r\n",
     "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u1\r\nATTENDEE;PARTSTAT=TENTATIVE:mailto:guest@"
     "x.example\r\n"
     "END:VEVENT\r\nEND:VCALENDAR\r\n",
     "calendar REPLY guest@x.example TENTATIVE 0"},
    {"in quoted-printable, folded in the middle of a word",
     "Content-Type: application/ics; name=a.ics\r\nContent-Transfer-Encoding: quoted-printable\r\n"
     "Content-Disposition: attachment; filename=a.ics\r\n",
     "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u1\r\nATTENDEE;CN=3DGuest;PARTSTAT=3DACC="
     "\r\nEPTED;ROLE=3DREQ-PAR\r\n"
     " TICIPANT:mailto:guest@x.exam\r\n ple\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
     "calendar REPLY guest@x.example ACCEPTED 0"},
    {"in base64",
     "Content-Type: text/calendar; charset=UTF-8; method=COUNTER\r\nContent-Transfer-Encoding: base64\r\n",
     "QkVHSU46VkNBTEVOREFSDQpNRVRIT0Q6Q09VTlRFUg0KQkVHSU46VkVWRU5UDQpVSUQ6dTENCkFU\r\n"
     "VEVOREVFO1BBUlRTVEFUPVRFTlRBVElWRTptYWlsdG86Z0B4LmV4YW1wbGUNCkVORDpWRVZFTlQN\r\nCkVORDpWQ0FMRU5EQVINCg="
     "=\r\n",
     "calendar COUNTER g@x.example TENTATIVE 0"},
    {"all of the invited, the sender among them", "Content-Type: text/calendar; method=REPLY\r\n",
     "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u1\r\nSEQUENCE:1\r\n"
     "ATTENDEE;PARTSTAT=ACCEPTED:mailto:other@x.example\r\nATTENDEE;PARTSTAT=DECLINED:mailto:guest@x."
     "example\r\n"
     "END:VEVENT\r\nEND:VCALENDAR\r\n",
     "calendar REPLY guest@x.example DECLINED 1"},
    {"named by EMAIL", "Content-Type: text/calendar; method=REPLY\r\n",
     "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u1\r\n"
     "ATTENDEE;CN=G;EMAIL=guest@x.example;PARTSTAT=ACCEPTED:urn:uuid:0b1\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
     "calendar REPLY guest@x.example ACCEPTED 0"},
    {"a name with signs that should have been quoted", "Content-Type: text/calendar; method=REPLY\r\n",
     "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u1\r\n"
     "ATTENDEE;CN=Office: Guest, G. \"The\";PARTSTAT=ACCEPTED;ROLE=REQ-PARTICIPANT:mailto:guest@x.example\r\n"
     "END:VEVENT\r\nEND:VCALENDAR\r\n",
     "calendar REPLY guest@x.example ACCEPTED 0"},
    {"a quote that does not end", "Content-Type: text/calendar; method=REPLY\r\n",
     "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u1\r\n"
     "ATTENDEE;CN=\"Guest;PARTSTAT=DECLINED:mailto:guest@x.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
     "calendar REPLY guest@x.example DECLINED 0"},
    {"cut off", "Content-Type: text/calendar; method=REPLY\r\n",
     "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u1\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:guest@x."
     "example\r\n",
     "calendar REPLY guest@x.example ACCEPTED 0"},
    {"folded behind the names", "Content-Type: text/calendar\r\n",
     "BEGIN:VCALENDAR\nMETHOD\n :REPLY\nBEGIN:VEVENT\nUID\n :u1\nSEQUENCE\n :2\nATTENDEE\n ;CN=Guest\n "
     ";PARTSTAT=ACCEPTED\n :mailto:guest@x.example\nEND:VEVENT\nEND:VCALENDAR\n",
     "calendar REPLY guest@x.example ACCEPTED 2"},
    {"METHOD in the event", "Content-Type: text/calendar\r\n",
     "BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nMETHOD:REFRESH\r\nUID:u1\r\nATTENDEE:mailto:guest@x.example\r\nEND:"
     "VEVENT\r\n"
     "END:VCALENDAR\r\n",
     "calendar REFRESH guest@x.example  0"},
    {"a name around the address, by the type of vCalendar", "Content-Type: text/x-vcalendar\r\n",
     "BEGIN:VCALENDAR\r\nVERSION:1.0\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u1\r\n"
     "ATTENDEE;PARTSTAT=ACCEPTED:Guest <guest@x.example>\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
     "calendar REPLY guest@x.example ACCEPTED 0"},
    {"an organizer's", "Content-Type: text/calendar; method=DECLINECOUNTER\r\n",
     "BEGIN:VCALENDAR\r\nMETHOD:DECLINECOUNTER\r\nBEGIN:VEVENT\r\nUID:u1\r\nATTENDEE:mailto:guest@x."
     "example\r\n"
     "END:VEVENT\r\nEND:VCALENDAR\r\n",
     "calendar DECLINECOUNTER guest@x.example  0"},
    {"no answer", "Content-Type: text/calendar; method=REQUEST\r\n",
     "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:u1\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:"
     "guest@x.example\r\n"
     "END:VEVENT\r\nEND:VCALENDAR\r\n",
     "human REQUEST guest@x.example NEEDS-ACTION 0"},
};

static const char *text_at(const json_t *o, const char *key)
{
    const char *s = json_string_value(json_object_get(o, key));
    return s ? s : "";
}

static json_t *facts_of(void *mem, const char *head, const char *body)
{
    struct err err;
    json_t *facts;
    char *mail = talloc_asprintf(
        mem,
        "From: G <guest@x.example>\r\nTo: o@klokot.example\r\nSubject: s\r\nMIME-Version: 1.0\r\n%s\r\n%s",
        head, body);
    if (facts_parse(mail, strlen(mail), &facts, &err) < 0)
        fail_msg("%s", err.text);
    return facts;
}

static void test_mails(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(mails); i++) {
        MEM_SCOPE(mem);
        json_t *facts = facts_of(mem, mails[i].type, mails[i].body), *verdict = classify_mail(facts, NULL);
        const json_t *c = json_object_get(verdict, "calendar");
        char *found = talloc_asprintf(mem, "%s %s %s %s %lld", text_at(verdict, "class"),
                                      text_at(c, "method"), text_at(c, "attendee"), text_at(c, "partstat"),
                                      (long long)json_integer_value(json_object_get(c, "sequence")));
        if (strcmp(found, mails[i].expected))
            fail_msg("%s: %s", mails[i].name, found);
        json_decref(verdict);
        json_decref(facts);
    }
}

/* A calendar beside the answer does not hide it, before or behind. */
static void test_beside(void **state)
{
    (void)state;
    static const char *const part[] = {
        "--b\r\nContent-Type: application/ics; "
        "name=all.ics\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:PUBLISH\r\nBEGIN:VEVENT\r\n"
        "UID:u2\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        "--b\r\nContent-Type: text/calendar; "
        "method=REPLY\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u1\r\n"
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:guest@x.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"};
    for (int first = 0; first < 2; first++) {
        MEM_SCOPE(mem);
        json_t *facts = facts_of(mem, "Content-Type: multipart/mixed; boundary=b\r\n",
                                 talloc_asprintf(mem, "%s%s--b--\r\n", part[first], part[1 - first]));
        assert_string_equal(text_at(json_object_get(facts, "calendar"), "uid"), "u1");
        json_decref(facts);
    }
}

/* ---- of several events the one that is ours */

static bool is_u2(const char *uid, void *arg)
{
    (void)arg;
    return !strcmp(uid, "u2");
}

static void test_several(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    json_t *facts = facts_of(
        mem, "Content-Type: text/calendar; method=REPLY\r\n",
        "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u1\r\nRECURRENCE-ID:20270318T100000Z\r\n"
        "ATTENDEE;PARTSTAT=DECLINED:mailto:guest@x.example\r\nEND:VEVENT\r\n"
        "BEGIN:VEVENT\r\nUID:u1\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:guest@x.example\r\nEND:VEVENT\r\n"
        "BEGIN:VEVENT\r\nUID:u2\r\nSEQUENCE:4\r\nATTENDEE;PARTSTAT=TENTATIVE:mailto:guest@x.example\r\nEND:"
        "VEVENT\r\n"
        "END:VCALENDAR\r\n");
    struct calendar_answer answer = calendar_answer(facts, NULL, NULL);
    assert_string_equal(text_at(answer.attendee, "partstat"),
                        "ACCEPTED"); /* the whole before one date of it */
    answer = calendar_answer(facts, is_u2, NULL);
    assert_true(answer.ours);
    assert_string_equal(text_at(answer.attendee, "partstat"), "TENTATIVE");
    struct letter_calendar c;
    letter_read_calendar(&answer, &c);
    assert_int_equal(c.sequence, 4);
    assert_string_equal(c.uid, "u2");
    json_decref(facts);
}

static void test_who_is_meant(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    json_t *facts =
        facts_of(mem, "Content-Type: text/calendar; method=REPLY\r\n",
                 "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u1\r\n"
                 "ATTENDEE;PARTSTAT=ACCEPTED:mailto:a@x.example\r\nATTENDEE:mailto:b@x.example\r\n"
                 "END:VEVENT\r\nEND:VCALENDAR\r\n");
    assert_false(calendar_answer(facts, NULL, NULL).alone);
    json_decref(facts);
    facts = facts_of(
        mem, "Content-Type: text/calendar; method=REPLY\r\n",
        "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u1\r\nATTENDEE;PARTSTAT=DELEGATED;"
        "DELEGATED-TO=\"mailto:d@x.example\",\"mailto:e@x.example\";DELEGATED-FROM=\"mailto:f@x.example\";"
        "SENT-BY=\"mailto:s@x.example\":mailto:a@x.example\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
    struct calendar_answer answer = calendar_answer(facts, NULL, NULL);
    struct letter_calendar c;
    letter_read_calendar(&answer, &c);
    assert_true(c.alone);
    assert_string_equal(c.delegated_to, "d@x.example");
    assert_string_equal(c.delegated_from, "f@x.example");
    assert_string_equal(c.sent_by, "s@x.example");
    json_decref(facts);
}

/* ---- times and texts */

static json_t *event(void *mem, const char *lines)
{
    json_t *c = ical_parse(
        talloc_asprintf(mem, "BEGIN:VCALENDAR\r\nMETHOD:COUNTER\r\n%s\r\nEND:VCALENDAR\r\n", lines));
    assert_non_null(c);
    return c;
}

static int64_t number_at(const json_t *o, const char *key)
{
    return json_integer_value(json_object_get(o, key));
}

static void test_times(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    json_t *c =
        event(mem, "BEGIN:VEVENT\r\nDTSTART:20270318T090000Z\r\nDTEND:20270318T100000Z\r\nEND:VEVENT");
    assert_int_equal(number_at(c, "start"), 1805360400);
    assert_int_equal(number_at(c, "end"), 1805364000);
    json_decref(c);
    c = event(mem, "BEGIN:VTIMEZONE\r\nTZID:X "
                   "Time\r\nBEGIN:STANDARD\r\nDTSTART:16010101T000000\r\nTZOFFSETFROM:+0100\r\n"
                   "TZOFFSETTO:+0100\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
                   "BEGIN:VEVENT\r\nDTSTART;TZID=X Time:20270318T100000\r\nEND:VEVENT");
    assert_int_equal(number_at(c, "start"), 1805360400);
    json_decref(c);
    c = event(
        mem,
        "BEGIN:VEVENT\r\nDTSTART;TZID=Nowhere:20270318T100000\r\nDTEND;VALUE=DATE:20270319\r\nEND:VEVENT");
    assert_string_equal(text_at(c, "start"), "20270318T100000");
    assert_string_equal(text_at(c, "end"), "20270319");
    json_decref(c);
    /* Outlook's own time of answering, where DTSTAMP is the invitation's */
    c = event(mem, "BEGIN:VEVENT\r\nDTSTAMP:20270101T000000Z\r\nX-MICROSOFT-CDO-REPLYTIME:"
                   "20270102T000000Z\r\nEND:VEVENT");
    assert_int_equal(number_at(c, "stamp"), 1798848000);
    json_decref(c);
}

static void test_charsets(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    json_t *facts = facts_of(
        mem, "Content-Type: text/calendar; charset=windows-1250; method=REPLY\r\n",
        "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u1\r\nCOMMENT:Do\xe6i \xe6u\\, rado\r\n"
        "ATTENDEE;PARTSTAT=ACCEPTED;CN=\x8e\x75\x9e\x61:mailto:guest@x.example\r\nEND:VEVENT\r\n"
        "END:VCALENDAR\r\n");
    const json_t *c = json_object_get(facts, "calendar");
    assert_string_equal(text_at(c, "comment"), "Doći ću, rado");
    assert_string_equal(text_at(json_array_get(json_object_get(c, "attendees"), 0), "name"), "Žuža");
    json_decref(facts);
    facts = facts_of(
        mem, "Content-Type: text/calendar; charset=utf-8; method=REPLY\r\n", /* it is not */
        "BEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u1\r\nCOMMENT:Teilnahme f\xfcr zwei\r\n"
        "END:VEVENT\r\nEND:VCALENDAR\r\n");
    assert_string_equal(text_at(json_object_get(facts, "calendar"), "comment"), "Teilnahme für zwei");
    json_decref(facts);
}

static void test_lines(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    assert_null(ical_lines(mem, "BEGIN:VCARD\r\nEND:VCARD\r\n"));
    assert_string_equal(
        ical_lines(mem,
                   "\xef\xbb\xbf\r\nBEGIN:VCALENDAR\r\nDESCRIPTION:one\r\n  two\r\nthree, four\r\nUID:x\r\n"
                   "END:VEVENT\r\nBEGIN:VEVENT \r\nEND:VCALENDAR\r\nrest"),
        "BEGIN:VCALENDAR\r\nDESCRIPTION:one twothree, four\r\nUID:x\r\nBEGIN:VEVENT\r\nEND:VEVENT\r\n"
        "END:VCALENDAR\r\n");
}

int main(void)
{
    mem_init();
    facts_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mails),        cmocka_unit_test(test_beside), cmocka_unit_test(test_several),
        cmocka_unit_test(test_who_is_meant), cmocka_unit_test(test_times),  cmocka_unit_test(test_charsets),
        cmocka_unit_test(test_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
