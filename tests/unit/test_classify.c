/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Verdicts: on each answer of the demo (demo/data) as its answer key (tests/data/replies) has them, and on
 * mails made by hand for what those do not show.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/classify.h"
#include "mail/rule.h"
#include "mail/wire/facts.h"
#include "tests/lib/answerkey.h"

static json_t *judge(const char *mail, size_t len, const struct classify_context *context)
{
    struct err err;
    json_t *facts;
    if (facts_parse(mail, len, &facts, &err) < 0)
        fail_msg("%s", err.text);
    json_t *verdict = classify_mail(facts, context);
    json_decref(facts);
    return verdict;
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

/* ---- the demo's answers */

static char *folded(void *mem, const char *s)
{
    struct text t = text_new(mem);
    for (; *s; s++)
        if (!strchr(" \t\r\n", *s))
            text_putc(&t, *s);
        else if (t.len && t.s[t.len - 1] != ' ')
            text_putc(&t, ' ');
    while (t.len && t.s[t.len - 1] == ' ')
        t.s[--t.len] = 0;
    return t.s;
}

static void check_class(const char *file, const json_t *expected, const json_t *verdict)
{
    const struct answerkey *key = answerkey_find(text_at(expected, "class"), text_at(verdict, "class"));
    const json_t *r = json_array_get(json_object_get(verdict, "recipients"), 0);
    if (!key || (key->hard != ANY && (key->hard == YES) != json_is_true(json_object_get(r, "hard"))) ||
        (key->partstat && strcmp(key->partstat, text_at(json_object_get(verdict, "calendar"), "partstat"))) ||
        (!strcmp(key->class, "delay") && *text_at(expected, "enhanced_status") != '4'))
        fail_msg("%s: %s, not %s", file, text_at(verdict, "class"), text_at(expected, "class"));
    if (json_array_size(json_object_get(verdict, "evidence")) == 0)
        fail_msg("%s: no evidence", file);
}

static void check_text(const char *file, const json_t *expected, const json_t *verdict)
{
    static const char *const keys[] = {"text", "text_with_signature"};
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        MEM_SCOPE(mem);
        const char *got = talloc_asprintf(mem, "reply_%s", keys[i]);
        if (!json_is_string(json_object_get(expected, keys[i])))
            continue;
        got = folded(mem, text_at(verdict, got));
        if (strcmp(folded(mem, text_at(expected, keys[i])), got))
            fail_msg("%s: %s is \"%s\"", file, keys[i], got);
    }
}

static void check_recipient(const char *file, const json_t *expected, const json_t *verdict)
{
    const char *class = text_at(expected, "class");
    if (strncmp(class, "bounce-", 7))
        return;
    const json_t *r = json_array_get(json_object_get(verdict, "recipients"), 0);
    assert_int_equal(json_array_size(json_object_get(verdict, "recipients")), 1);
    if (strcmp(text_at(r, "address"), text_at(expected, "recipient")) ||
        strcmp(text_at(r, "status"), text_at(expected, "enhanced_status")))
        fail_msg("%s: recipient %s, status %s", file, text_at(r, "address"), text_at(r, "status"));
    if (!*text_at(json_object_get(verdict, "returned"), "message_id"))
        fail_msg("%s: the returned message is not named", file);
}

static void check_intent(const char *file, const json_t *expected, const json_t *verdict)
{
    const char *want = text_at(expected, "intent");
    if (strcmp(text_at(verdict, "class"), "human"))
        return;
    if (strcmp(*want ? want : "none", text_at(json_object_get(verdict, "intent"), "proposal")))
        fail_msg("%s: seems to be %s", file, text_at(json_object_get(verdict, "intent"), "proposal"));
}

static void check_sample(const char *folder, const json_t *expected)
{
    MEM_SCOPE(mem);
    struct err err;
    char *mail, *file = talloc_asprintf(mem, "demo/data/%s/%s", folder, text_at(expected, "file"));
    size_t len;
    if (mem_read_file(mem, file, FACTS_MESSAGE_MAX, &mail, &len, &err) < 0)
        fail_msg("%s", err.text);
    json_t *verdict = judge(mail, len, NULL);
    check_class(file, expected, verdict);
    check_text(file, expected, verdict);
    check_recipient(file, expected, verdict);
    check_intent(file, expected, verdict);
    if (*text_at(expected, "from"))
        assert_string_equal(text_at(verdict, "from"), text_at(expected, "from"));
    json_decref(verdict);
}

static void test_samples(void **state)
{
    (void)state;
    static const char *const folders[] = {"donors-conference", "st-peters-day"};
    size_t seen = 0, i;
    json_t *expected;
    for (size_t f = 0; f < ARRAY_LEN(folders); f++) {
        char path[100];
        json_error_t error;
        snprintf(path, sizeof path, "tests/data/replies/%s.json", folders[f]);
        json_t *list = json_load_file(path, 0, &error);
        if (!list)
            fail_msg("%s: %s", path, error.text);
        json_array_foreach(list, i, expected)
        {
            check_sample(folders[f], expected);
            seen++;
        }
        json_decref(list);
    }
    assert_int_equal(seen, 38);
}

/* ---- made by hand */

#define REPORT(type)                                                                                         \
    "From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\nAuto-Submitted: auto-replied\r\n"                  \
    "Content-Type: multipart/report; report-type=" type "; boundary=b\r\n\r\n--b\r\n\r\nnotice\r\n--b\r\n"
#define DSN(groups)                                                                                          \
    REPORT("delivery-status")                                                                                \
    "Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n"                        \
    "Original-Envelope-Id: Env-42\r\n\r\n" groups "\r\n--b--\r\n"
#define MDN(disposition)                                                                                     \
    REPORT("disposition-notification")                                                                       \
    "Content-Type: message/disposition-notification\r\n\r\nDisposition: " disposition "\r\n--b--\r\n"
#define ARF(type)                                                                                            \
    REPORT("feedback-report")                                                                                \
    "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: " type                                      \
    "\r\nOriginal-Rcpt-To: <a@b.example>\r\n--b--\r\n"
#define CALENDAR(method)                                                                                     \
    "BEGIN:VCALENDAR\r\nMETHOD:" method "\r\nBEGIN:VEVENT\r\nUID:u@x\r\nSEQUENCE:3\r\n"                      \
    "DTSTAMP:20260101T100000Z\r\nATTENDEE;PARTSTAT=DELEGATED;DELEGATED-TO=\"mailto:c@d.example\":"           \
    "mailto:a@b.example\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:c@d.example\r\nCOMMENT:Vjen\\, ajo\r\n"     \
    "END:VEVENT\r\nEND:VCALENDAR\r\n"

static const struct {
    const char *what, *mail, *class, *rule;
} cases[] = {
    {"several groups, one failed",
     DSN("Final-Recipient: rfc822; a@b.example\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\n"
         "Final-Recipient: rfc822; c@d.example\r\nAction: FAILED (really)\r\nStatus: 5.1.1\r\n\r\n"
         "Final-Recipient: rfc822; e@f.example\r\nAction: delayed\r\nStatus: 4.4.1\r\n"),
     "bounce", "dsn-failed"},
    {"one delayed, one delivered",
     DSN("Final-Recipient: rfc822; a@b.example\r\nAction: delivered\r\nStatus: 2.0.0\r\n\r\n"
         "Final-Recipient: rfc822; c@d.example\r\nAction: delayed\r\nStatus: 4.4.1\r\n"),
     "delay", "dsn-delayed"},
    {"relayed", DSN("Final-Recipient: rfc822; a@b.example\r\nAction: relayed\r\nStatus: 2.1.9\r\n"),
     "delivered", "dsn-relayed"},
    {"no action, but a status", DSN("Final-Recipient: rfc822; a@b.example\r\nStatus: 5.0.0\r\n"), "bounce",
     "dsn-failed"},
    {"international",
     "From: a@b.example\r\nContent-Type: multipart/report; report-type=delivery-status; "
     "boundary=b\r\n\r\n--b\r\n\r\nx\r\n"
     "--b\r\nContent-Type: message/global-delivery-status\r\n\r\nReporting-MTA: dns; x\r\n\r\n"
     "Final-Recipient: utf-8; \\x{437}\\x{43E}@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n--b--\r\n",
     "bounce", "dsn-failed"},
    {"a report without recipients", DSN(""), "auto-reply", "rfc3834-auto-submitted"},
    {"complaint",
     REPORT("feedback-report") "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: "
                               "abuse\r\nVersion: 1\r\n"
                               "User-Agent: x\r\nOriginal-Rcpt-To: <a@b.example>\r\n--b--\r\n",
     "complaint", "arf-abuse"},
    {"praise",
     REPORT("feedback-report") "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: "
                               "not-spam\r\n--b--\r\n",
     "auto-reply", "arf-not-spam"},
    {"complaint that names nobody",
     REPORT("feedback-report") "Content-Type: message/feedback-report\r\n\r\nFeedback-Type: "
                               "opt-out\r\n--b\r\nContent-Type: "
                               "message/rfc822\r\n\r\nTo: a@b.example\r\n\r\nx\r\n--b--\r\n",
     "complaint", "arf-opt-out"},
    {"complaint to Outlook.com",
     "From: staff@hotmail.example\r\nSubject: complaint about message from 192.0.2.1\r\nContent-Type: "
     "multipart/mixed; "
     "boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nTo: a@b.example\r\n\r\nx\r\n--b--\r\n",
     "complaint", "jmrp-abuse"},
    {"refused by a script, told as a receipt",
     "From: postmaster@b.example\r\nReturn-Path: <>\r\nContent-Type: multipart/report; "
     "report-type=disposition-notification; boundary=b\r\n\r\n--b\r\n\r\nYour message to <a@b.example> was "
     "automatically "
     "rejected:\r\nQuota exceeded\r\n--b\r\nContent-Type: "
     "message/disposition-notification\r\n\r\nDisposition: "
     "automatic-action/MDN-sent-automatically; deleted\r\n--b--\r\n",
     "bounce", "legacy-bounce"},
    {"read receipt",
     REPORT(
         "disposition-notification") "Content-Type: message/disposition-notification\r\n\r\n"
                                     "Original-Message-ID: <1@k.example>\r\n"
                                     "Disposition: manual-action/MDN-sent-manually; displayed\r\n--b--\r\n",
     "disposition", "mdn-displayed"},
    {"deleted unread", MDN("manual-action/MDN-sent-manually; deleted"), "disposition", "mdn-deleted"},
    {"it will not be said", MDN("automatic-action/MDN-sent-automatically; denied"), "disposition",
     "mdn-denied"},
    {"failed of old", MDN("manual-action/MDN-sent-manually; failed"), "disposition", "mdn-failed"},
    {"an error", MDN("automatic-action/MDN-sent-automatically; processed/error\r\nError: disk full"),
     "disposition", "mdn-failed"},
    {"dispatched", MDN("automatic-action/MDN-sent-automatically; dispatched"), "disposition", "mdn-other"},
    {"fraud", ARF("fraud"), "complaint", "arf-fraud"},
    {"a virus", ARF("virus"), "complaint", "arf-virus"},
    {"no authentication", ARF("auth-failure"), "auto-reply", "arf-auth-failure"},
    {"another complaint", ARF("other"), "complaint", "arf-other"},
    {"calendar answer",
     "From: a@b.example\r\nAuto-Submitted: auto-generated\r\nContent-Type: text/calendar; "
     "method=REPLY\r\n\r\n" CALENDAR("REPLY"),
     "calendar", "calendar-reply"},
    {"counter proposal", "From: a@b.example\r\nContent-Type: text/calendar\r\n\r\n" CALENDAR("COUNTER"),
     "calendar", "calendar-counter"},
    {"an invitation to us is an attachment",
     "From: a@b.example\r\nContent-Type: text/calendar\r\n\r\n" CALENDAR("REQUEST"), "human",
     "no-other-rule"},
    {"a calendar answer inside an attached message",
     "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\nsee below\r\n--b\r\n"
     "Content-Type: message/rfc822\r\n\r\nFrom: c@d.example\r\nContent-Type: text/calendar\r\n\r\n" CALENDAR(
         "REPLY") "--b--\r\n",
     "human", "no-other-rule"},
    {"a bounce inside an attached message",
     "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\n\r\nlook what I "
     "got\r\n--m\r\n"
     "Content-Type: message/rfc822\r\n\r\n" DSN(
         "Final-Recipient: rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.1.1\r\n") "--m--\r\n",
     "human", "no-other-rule"},
    {"automatic, with comment and parameter",
     "From: a@b.example\r\nAuto-Submitted: (oh) Auto-Replied; x=y\r\n\r\nx\r\n", "auto-reply",
     "rfc3834-auto-submitted"},
    {"Auto-Submitted: no", "From: a@b.example\r\nAuto-Submitted: no\r\n\r\nI am out of office until May\r\n",
     "human", "no-other-rule"},
    {"Auto-Submitted: no; with parameter", "From: a@b.example\r\nAuto-Submitted: No; x=y\r\n\r\nx\r\n",
     "human", "no-other-rule"},
    {"null reverse path", "Return-Path: <>\r\nFrom: a@b.example\r\n\r\nx\r\n", "auto-reply",
     "null-return-path"},
    {"an old Exim, marked automatic",
     "Return-Path: <>\r\nAuto-Submitted: auto-replied\r\nFrom: Mailer-Daemon@mx.example\r\n"
     "X-Failed-Recipients: a@b.example\r\n\r\nThis message was created automatically by mail delivery "
     "software.\r\n\r\n"
     "A message that you sent could not be delivered:\r\n\r\n  a@b.example\r\n    host mx.b.example "
     "[192.0.2.1]\r\n"
     "    550 5.1.1 User unknown\r\n\r\n------ This is a copy of the message ------\r\n\r\nMessage-ID: "
     "<1@k.example>\r\n",
     "bounce", "legacy-bounce"},
    {"a ticket, in which a version looks like a code",
     "From: t@b.example\r\nAuto-Submitted: auto-generated\r\n\r\nVersion | 5.0.8\r\nc@d.example wrote: x\r\n",
     "auto-reply", "rfc3834-auto-submitted"},
    {"a report that is none, but our message comes back with it",
     "From: MAILER-DAEMON@mx.example\r\nSubject: Undelivered Mail Returned to Sender\r\n"
     "Content-Type: multipart/report; report-type=delivery-status; boundary=q\r\n\r\n--q\r\n\r\nx\r\n"
     "--q\r\nContent-Type: message/rfc822\r\n\r\nFrom: a@k.example\r\n\r\nx\r\n--q--\r\n",
     "bounce", "legacy-bounce"},
    {"Google, delayed and without a report",
     "Return-Path: <>\r\nFrom: Mail Delivery Subsystem <mailer-daemon@mx.example>\r\n\r\nDelivery to the "
     "following "
     "recipient has been delayed:\r\n\r\n     a@b.example\r\n\r\nMessage will be retried.\r\n",
     "delay", "legacy-delay"},
    {"delivered", DSN("Final-Recipient: rfc822; a@b.example\r\nAction: delivered\r\nStatus: 2.0.0\r\n"),
     "delivered", "dsn-delivered"},
    {"Exchange, in Serbian and without a report",
     "From: postmaster@b.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nIsporuka ovim primaocima "
     "ili grupama nije uspela:\r\n\r\na@b.example\r\nUneta e-adresa nije prona\xc4\x91\x65na.\r\n",
     "bounce", "legacy-bounce"},
    {"Exchange, in German and without a report",
     "From: postmaster@b.example\r\nContent-Type: text/plain; charset=utf-8\r\n\r\nFehler bei der "
     "Nachrichtenzustellung an folgende Empf\xc3\xa4nger oder Gruppen:\r\n\r\na@b.example\r\n",
     "bounce", "legacy-bounce"},
    {"words of a bounce by a person",
     "From: a@b.example\r\n\r\nMy server says: your message could not be delivered\r\n", "human",
     "no-other-rule"},
    {"a subject alone", "From: a@b.example\r\nSubject: Automatic reply: x\r\n\r\nYes, I will come.\r\n",
     "human", "no-other-rule"},
    {"words alone, one kind", "From: a@b.example\r\n\r\nNa godisnjem odmoru sam do jula, ali dolazim.\r\n",
     "human", "no-other-rule"},
    {"a machine's field and words", "From: a@b.example\r\nX-Autoreply: yes\r\n\r\nIch bin im Urlaub.\r\n",
     "auto-reply", "vendor-field"},
    {"several weak signs", "From: a@b.example\r\n\r\nI am out of the office until Monday.\r\n", "auto-reply",
     "weak-signs"},
    {"a challenge", "From: a@b.example\r\n\r\nClick the link to prove that you are a person.\r\n",
     "auto-reply", "challenge"},
    {"a receipt in words",
     "From: a@b.example\r\nSubject: Read: x\r\n\r\nYour message was read on Monday.\r\n", "disposition",
     "receipt-words"},
    {"expanded", DSN("Final-Recipient: rfc822; a@b.example\r\nAction: expanded\r\nStatus: 2.0.0\r\n"),
     "delivered", "dsn-expanded"},
    {"asks for the event again",
     "From: a@b.example\r\nContent-Type: text/calendar\r\n\r\n" CALENDAR("REFRESH"), "calendar",
     "calendar-refresh"},
    {"asks for the event again",
     "From: a@b.example\r\nContent-Type: text/calendar\r\n\r\n" CALENDAR("DECLINECOUNTER"), "calendar",
     "calendar-declinecounter"},
    {"a newsletter",
     "From: a@b.example\r\nPrecedence: bulk\r\nList-Unsubscribe: <https://x.example>\r\n\r\nOur offer is "
     "open until Friday in May.\r\n",
     "human", "no-other-rule"},
    {"a list's own footer",
     "From: a@b.example\r\nList-Id: <l.b.example>\r\nList-Unsubscribe: <mailto:l-leave@b.example>\r\n\r\n"
     "We meet on Friday.\r\n___________\r\nTo unsubscribe send an email to l-leave@b.example\r\n",
     "human", "no-other-rule"},
    {"subject alone asks to be left out", "From: a@b.example\r\nSubject: unsubscribe\r\n\r\n", "unsubscribe",
     "unsubscribe-words"},
    {"our own words, quoted",
     "From: a@b.example\r\n\r\nWe will come.\r\n\r\n> To unsubscribe, answer with\r\n> remove me from the "
     "list\r\n",
     "human", "no-other-rule"},
    {"nothing but a field", "X: y\r\n", "human", "no-other-rule"},
    {"a boundary of one quote",
     "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=\"\\\"\"\r\n\r\n--\"\r\n\r\nx\r\n",
     "human", "no-other-rule"},
};

static void test_cases(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        json_t *v = judge(cases[i].mail, strlen(cases[i].mail), NULL);
        if (strcmp(text_at(v, "class"), cases[i].class) || strcmp(text_at(v, "rule"), cases[i].rule))
            fail_msg("%s: %s by %s", cases[i].what, text_at(v, "class"), text_at(v, "rule"));
        assert_int_not_equal(json_array_size(json_object_get(v, "evidence")), 0);
        json_decref(v);
    }
}

/* Each rule of the table is shown by a case, with the class that the table gives it; a token wants a context.
 */
static void test_rules(void **state)
{
    (void)state;
    for (size_t r = 0; r < RULES; r++) {
        size_t i = 0;
        while (i < ARRAY_LEN(cases) && strcmp(cases[i].rule, rules[r].id))
            i++;
        if (i == ARRAY_LEN(cases) ? r != RULE_UNSUBSCRIBE_TOKEN : strcmp(cases[i].class, rules[r].class) != 0)
            fail_msg("%s: no case shows it, or another class", rules[r].id);
    }
}

static void test_groups(void **state)
{
    (void)state;
    const char *mail = cases[0].mail;
    json_t *v = judge(mail, strlen(mail), NULL), *r = json_object_get(v, "recipients");
    assert_int_equal(json_array_size(r), 3);
    assert_string_equal(text_at(v, "envelope_id"), "Env-42");
    assert_string_equal(text_at(json_array_get(r, 1), "address"), "c@d.example");
    assert_true(json_is_true(json_object_get(json_array_get(r, 1), "hard")));
    assert_true(json_is_false(json_object_get(json_array_get(r, 0), "hard")));
    assert_string_equal(text_at(json_array_get(r, 2), "reason"), "routing");
    /* the evidence is of the group that decided, not of the first */
    assert_string_equal(text_at(json_array_get(json_object_get(v, "evidence"), 0), "text"), "5.1.1");
    json_decref(v);
}

/* What a report leaves out, its words may say; a second recipient begins without an empty line, too. */
static void test_completed(void **state)
{
    (void)state;
    static const char mail[] =
        "From: MAILER-DAEMON@mx.example\r\nReturn-Path: <>\r\nContent-Type: multipart/report; "
        "report-type=delivery-status; "
        "boundary=b\r\n\r\n--b\r\n\r\nThe following failed:\r\n\r\n<a@b.example>:\r\n    552 5.2.2 mailbox "
        "full\r\n\r\n<c@d.example>:\r\n    550 5.1.1 user unknown\r\n\r\n--b\r\nContent-Type: "
        "message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\nOriginal-Envelope-Id: "
        "Env-7\r\nFinal-Recipient: "
        "rfc822; a@b.example\r\nAction: failed\r\nStatus: 5.0.0\r\nFinal-Recipient: rfc822; "
        "c@d.example\r\nAction: failed\r\n--b--\r\n";
    json_t *v = judge(mail, sizeof mail - 1, NULL), *r = json_object_get(v, "recipients");
    assert_int_equal(json_array_size(r), 2);
    assert_string_equal(text_at(v, "envelope_id"), "Env-7");
    assert_string_equal(text_at(json_array_get(r, 0), "reason"), "mailbox-full");
    assert_string_equal(text_at(json_array_get(r, 0), "status"), "5.0.0"); /* as the report says */
    assert_string_equal(text_at(json_array_get(r, 1), "status"), "5.1.1");
    assert_true(json_is_true(json_object_get(json_array_get(r, 1), "hard")));
    json_decref(v);
}

/* RFC 5965 3.1: the reporter may leave out who complains. */
static void test_complaining(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        json_t *v = judge(cases[i].mail, strlen(cases[i].mail), NULL);
        if (!strcmp(text_at(v, "class"), "complaint")) {
            assert_string_equal(text_at(json_array_get(json_object_get(v, "recipients"), 0), "address"),
                                "a@b.example");
            assert_true(*text_at(v, "feedback_type"));
        }
        json_decref(v);
    }
}

static void test_calendar(void **state)
{
    (void)state;
    static const char mail[] = "From: a@b.example\r\nContent-Type: text/calendar\r\n\r\n" CALENDAR("REPLY");
    json_t *v = judge(mail, sizeof mail - 1, NULL), *c = json_object_get(v, "calendar");
    assert_string_equal(text_at(c, "attendee"), "a@b.example");
    assert_string_equal(text_at(c, "partstat"), "DELEGATED");
    assert_string_equal(json_string_value(json_array_get(json_object_get(c, "delegated_to"), 0)),
                        "c@d.example");
    assert_int_equal(json_integer_value(json_object_get(c, "sequence")), 3);
    assert_string_equal(text_at(v, "reply_text"), "Vjen, ajo");
    json_decref(v);
}

static bool no_uid(const char *uid, void *arg)
{
    (void)uid, (void)arg;
    return false;
}

static void test_context(void **state)
{
    (void)state;
    static const char mail[] = "From: a@b.example\r\nContent-Type: text/calendar\r\n\r\n" CALENDAR("REPLY");
    struct classify_context foreign = {.uid_is_ours = no_uid},
                            token = {.unsubscribe_where = "address", .unsubscribe_text = "u+abc@k.example"};
    json_t *v = judge(mail, sizeof mail - 1, &foreign);
    assert_string_equal(text_at(v, "class"), "human");
    assert_string_equal(text_at(json_object_get(v, "calendar"), "method"), "REPLY");
    json_decref(v);
    v = judge(mail, sizeof mail - 1, &token);
    assert_string_equal(text_at(v, "class"), "unsubscribe");
    assert_string_equal(text_at(v, "strength"), "token");
    json_decref(v);
}

static void test_nul_and_nothing(void **state)
{
    (void)state;
    static const char nul[] = "From: a@b.example\r\nSubject: a\0b\r\n\r\nx\0y\r\n";
    json_t *facts, *v = judge(nul, sizeof nul - 1, NULL);
    assert_string_equal(text_at(v, "reply_text"), "x\xef\xbf\xbdy");
    json_decref(v);
    struct err err;
    assert_int_equal(facts_parse("", 0, &facts, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
}

/* An encoding that nobody knows: what is valid UTF-8 is UTF-8. */
static void test_unknown_charset(void **state)
{
    (void)state;
    static const char mail[] =
        "From: a@b.example\r\nContent-Type: text/plain; charset=x-unknown\r\n\r\n\xd0\x94olazimo\r\n";
    json_t *v = judge(mail, sizeof mail - 1, NULL);
    assert_string_equal(text_at(v, "reply_text"), "\xd0\x94olazimo");
    json_decref(v);
}

static void test_nesting(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct text t = text_new(mem);
    text_puts(&t, "From: a@b.example\r\n");
    for (int i = 0; i < 10000; i++)
        text_printf(&t, "Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n", i, i);
    json_t *v = judge(t.s, t.len, NULL);
    assert_string_equal(text_at(v, "class"), "human");
    json_decref(v);
}

int main(void)
{
    mem_init();
    facts_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_samples),         cmocka_unit_test(test_cases),
        cmocka_unit_test(test_rules),           cmocka_unit_test(test_groups),
        cmocka_unit_test(test_completed),       cmocka_unit_test(test_complaining),
        cmocka_unit_test(test_calendar),        cmocka_unit_test(test_context),
        cmocka_unit_test(test_unknown_charset), cmocka_unit_test(test_nul_and_nothing),
        cmocka_unit_test(test_nesting),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
