/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Notices in words: a mail for each thing that mail systems say (NOTICE in mail/bounce.def), in the shape in
 * which they say it; and mails that only speak of such things.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/classify.h"
#include "mail/wire/facts.h"

static const struct {
    const char *id;
} notices[] = {
#define BOUNCE(id, codes, words, reason, weight, source)
#define HOLD(reason, letters, days)
#define NOTICE(id, mailer, words, what) {id},
#include "mail/bounce.def"
};

#define DAEMON "Mail Delivery System <MAILER-DAEMON@mx.example>"
#define KEEPER "\"Postmaster\" <postmaster@mx.example>"
static const struct {
    const char *id, *from, *subject, *text, *recipients;
} cases[] = {
#define NOTICED(id, from, subject, text, recipients) {id, from, subject, text, recipients},
#include "tests/unit/bounce_notice.def"
};

static json_t *judge(const char *mail)
{
    struct err err;
    json_t *facts;
    if (facts_parse(mail, strlen(mail), &facts, &err) < 0)
        fail_msg("%s", err.text);
    json_t *verdict = classify_mail(facts, NULL);
    json_decref(facts);
    return verdict;
}

static const char *text_at(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

static char *recipients_of(void *mem, const json_t *verdict)
{
    struct text t = text_new(mem);
    size_t i;
    const json_t *r;
    json_array_foreach(json_object_get(verdict, "recipients"), i, r)
    {
        const char *status = text_at(r, "status");
        text_printf(&t, "%s%s %s %s%s%s", i ? ", " : "", text_at(r, "address"), *status ? status : "-",
                    text_at(r, "reason"), json_is_true(json_object_get(r, "hard")) ? "!" : "",
                    json_is_true(json_object_get(r, "again")) ? "?" : "");
    }
    return t.s;
}

static char *mail_of(void *mem, const char *from, const char *subject, const char *text)
{
    return talloc_asprintf(
        mem,
        "From: %s\nTo: kabinet@klokot.example\nSubject: %s\nMIME-Version: 1.0\nContent-Type: text/plain; "
        "charset=utf-8\n\n%s",
        from, subject, text);
}

static void test_notices(void **state)
{
    (void)state;
    int wrong = 0;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        MEM_SCOPE(mem);
        json_t *v = judge(mail_of(mem, cases[i].from, cases[i].subject, cases[i].text));
        bool delay = !strncmp(cases[i].id, "notice-delay", 12);
        char *got = recipients_of(mem, v);
        if (strcmp(text_at(v, "system"), cases[i].id) ||
            strcmp(text_at(v, "class"), delay ? "delay" : "bounce") || strcmp(got, cases[i].recipients)) {
            print_message("%s: %s by %s: %s\n", cases[i].id, text_at(v, "class"), text_at(v, "system"), got);
            wrong++;
        }
        json_decref(v);
    }
    assert_int_equal(wrong, 0);
}

static void test_each_has_one(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(notices); i++) {
        size_t k = 0;
        while (k < ARRAY_LEN(cases) && strcmp(cases[k].id, notices[i].id))
            k++;
        if (k == ARRAY_LEN(cases))
            fail_msg("%s has no test", notices[i].id);
    }
}

/* What only speaks of it. */
static void test_letters(void **state)
{
    (void)state;
    static const struct {
        const char *from, *subject, *text;
    } letters[] = {
        {"Ana <ana@a.example>", "Fw: Undelivered Mail Returned to Sender",
         "Look what I got.\n\n-------- Forwarded Message --------\nFrom: MAILER-DAEMON@mx.example\n\nThis is "
         "the mail system at host "
         "mx.example.\n\n<ben@b.example>: host mx.b.example said: 550 5.1.1 User unknown\n"},
        {"Ana <ana@a.example>", "Delivery failed",
         "My server says that your message could not be delivered to the following "
         "recipients:\n\nben@b.example\n550 5.1.1 User unknown\n"},
        {"shop@firma.example", "Your parcel could not be delivered",
         "We were unable to deliver your parcel. Write to\n\nhelp@firma.example\n"},
        {"postmaster.mueller@stiftung.example", "Nicht zugestellt",
         "Die Einladung konnte nicht zugestellt werden:\n\nben@b.example\n"},
        {"Postmaster <postmaster@small.example>", "Re: Invitation",
         "Your message was rejected by our filter yesterday, sorry. We will come.\n\nJan\n"},
        {"Exchange Office <exchange@bank.example>", "A question",
         "Your transfer was rejected by the bank. Please look at the number of the account."},
        {"daemon.smith@uni.example", "Mail problem",
         "My mailbox is full.\n\n--\nDaemon Smith\ndaemon.smith@uni.example\n"},
        {"Ana <ana@a.example>",
         "Poruka nije ispor\xc4\x8d"
         "ena",
         "Va\xc5\xa1"
         "a poruka nije isporu\xc4\x8d"
         "ena, adresa ne postoji:\n\nben@b.example\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(letters); i++) {
        MEM_SCOPE(mem);
        json_t *v = judge(mail_of(mem, letters[i].from, letters[i].subject, letters[i].text));
        if (strcmp(text_at(v, "class"), "human"))
            fail_msg("%s: %s", letters[i].subject, text_at(v, "class"));
        json_decref(v);
    }
}

/* A long notice that names nobody's reason may name all that there could be. */
static void test_loose(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct text t = text_new(mem);
    text_puts(&t, "Your message was not delivered. The mailbox may not be there any more: perhaps the user "
                  "is unknown.");
    while (t.len < 500)
        text_puts(&t, " Please ask those who know, by telephone or by letter, and try it again then.");
    text_puts(&t, "\n\nana@a.example\n");
    json_t *v = judge(mail_of(mem, "MAILER-DAEMON@mx.example", "Undelivered", t.s));
    assert_string_equal(recipients_of(mem, v), "ana@a.example - bad-mailbox");
    json_decref(v);
}

/* An answering machine has no path for errors either, and speaks of delays. */
static void test_machines(void **state)
{
    (void)state;
    json_t *v = judge("Return-Path: <>\nFrom: Ana <ana@a.example>\nSubject: Automatic reply: Invitation\n\nI "
                      "am out of office; "
                      "my answer has been delayed.\n\n--\nana@a.example\nben@b.example\n");
    assert_string_equal(text_at(v, "class"), "auto-reply");
    json_decref(v);
    v = judge(
        "Return-Path: <>\nFrom: scan@a.example\nSubject: Delivery failure\n\nIt could not be delivered to\n\n"
        "ben@b.example\n");
    assert_string_equal(text_at(v, "class"), "bounce");
    json_decref(v);
}

/* A keeper is a person, too: errors of what he writes go to him. */
static void test_keeper(void **state)
{
    (void)state;
    json_t *v = judge("Return-Path: <postmaster@a.example>\nFrom: postmaster@a.example\nSubject: Re: "
                      "Delivery failure\nIn-Reply-To: "
                      "<7@klokot.example>\n\nYour letter could not be delivered to\n\nben@b.example\n\nbut "
                      "now it could.\n");
    assert_string_equal(text_at(v, "class"), "human");
    json_decref(v);
    v = judge("Return-Path: <postmaster@a.example>\nFrom: postmaster@a.example\nSubject: Delivery "
              "failure\n\nYour letter could not be "
              "delivered to\n\nben@b.example\n");
    assert_string_equal(text_at(v, "class"), "bounce");
    json_decref(v);
}

/* In a language that no table knows the dialogue and the copy tell; and the keeper's own box may be full. */
static void test_copy(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const char form[] =
        "Return-Path: <postmaster@a.example>\nFrom: Gate <postmaster@a.example>\nSubject: Ezin izan "
        "da\nContent-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain\n\n%s\n--b\n"
        "Content-Type: message/rfc822\n\nFrom: kabinet@klokot.example\nTo: %s\nSubject: x\n\nx\n--b--\n";
    json_t *v = judge(
        talloc_asprintf(mem, form, "Sent <<< RCPT TO:<ben@b.example>\nReceived >>> 550 5.1.1 user unknown\n",
                        "ben@b.example"));
    assert_string_equal(text_at(v, "class"), "bounce");
    assert_string_equal(recipients_of(mem, v), "ben@b.example 5.1.1 bad-mailbox!");
    json_decref(v);
    v = judge(
        talloc_asprintf(mem, form,
                        "The following addresses had delivery problems:\npostmaster@b.example\nToo many "
                        "messages in the mailbox.\n",
                        "postmaster@b.example"));
    assert_string_equal(recipients_of(mem, v), "postmaster@b.example - policy");
    json_decref(v);
}

/* A mail system that writes as nobody, and has no path for errors: the copy shows that something came back.
 */
static void test_nobody(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const char form[] =
        "From: no-reply@gate.example\nSubject: %s\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
        "Content-Type: text/plain\n\nSent on Thu, 29 Apr 2027 could not be delivered to: <ben@b.example>\n"
        "  As their mailbox is full.\n--b\nContent-Type: %s\n\nFrom: kabinet@klokot.example\n"
        "To: ben@mobile.example\nSubject: x\n\nx\n--b--\n";
    json_t *v = judge(talloc_asprintf(mem, form, "Notice", "message/rfc822"));
    assert_string_equal(text_at(v, "class"), "bounce");
    assert_string_equal(recipients_of(mem, v), "ben@b.example - mailbox-full");
    json_decref(v);
    v = judge(talloc_asprintf(mem, form, "Fwd: Notice", "message/rfc822"));
    assert_string_equal(text_at(v, "class"), "human");
    json_decref(v);
    v = judge(talloc_asprintf(mem, form, "Your parcel", "text/plain"));
    assert_string_equal(text_at(v, "class"), "human");
    json_decref(v);
}

int main(void)
{
    mem_init();
    facts_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_notices), cmocka_unit_test(test_each_has_one), cmocka_unit_test(test_letters),
        cmocka_unit_test(test_keeper),  cmocka_unit_test(test_machines),     cmocka_unit_test(test_loose),
        cmocka_unit_test(test_copy),    cmocka_unit_test(test_nobody),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
