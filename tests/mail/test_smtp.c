/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * SMTP transactions against servers that follow a script: each stage refused, cut off, late or lying.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <unistd.h>

#include "mail/wire/smtp_reply.h"
#include "tests/lib/smtp_script.h"

/* ---- replies */

static void reply_lines(void **state)
{
    (void)state;
    struct smtp_reply r = {0};
    assert_int_equal(smtp_reply_line(&r, "550-5.1.1 <x@y>: no"), 1);
    assert_int_equal(smtp_reply_line(&r, "550 5.1.1 such\tuser"), 0);
    assert_int_equal(r.code, 550);
    assert_string_equal(r.enhanced, "5.1.1");
    assert_string_equal(r.text, "<x@y>: no such?user");
    static const struct {
        const char *line, *enhanced;
    } enhanced[] = {
        {"450 4.7.123 x", "4.7.123"}, {"450 4.7.1234 x", ""}, {"450 4.700.1", "4.700.1"},
        {"450 14.7.1 x", ""},         {"450 4.7 x", ""},      {"450 4..1 x", ""},
        {"450 3.1.1 x", ""},          {"450 4.7.1x", ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(enhanced); i++) {
        r = (struct smtp_reply){0};
        assert_int_equal(smtp_reply_line(&r, enhanced[i].line), 0);
        assert_string_equal(r.enhanced, enhanced[i].enhanced);
    }
    static const char *const broken[] = {"", "25", "25x", "2500", "150 x", "650 x", "250_x", "hello"};
    for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
        r = (struct smtp_reply){0};
        assert_int_equal(smtp_reply_line(&r, broken[i]), -1);
    }
    r = (struct smtp_reply){0};
    assert_int_equal(smtp_reply_line(&r, "250-a"), 1);
    assert_int_equal(smtp_reply_line(&r, "550 b"), -1);
}

/* ---- the envelope */

static void envelope_refused(void **state)
{
    (void)state;
    static const struct {
        const char *replies;
        enum smtp_outcome outcome;
        const char *stage;
        int code;
        bool per_recipient;
    } cases[] = {
        {"S 450 4.1.8 no\r\n503 no\r\n503 no\r\n", SMTP_DEFERRED, "MAIL", 450, false},
        {"S 550 5.7.1 no\r\n503 no\r\n503 no\r\n", SMTP_REFUSED, "MAIL", 550, false},
        {"S 250 ok\r\n450 4.2.1 full\r\n554 none\r\n", SMTP_DEFERRED, "RCPT", 450, true},
        {"S 250 ok\r\n550-5.1.1 a\r\n550 5.1.1 b\r\n554 none\r\n", SMTP_REFUSED, "RCPT", 550, true},
        {"S 250 ok\r\n250 ok\r\n451 no\r\n", SMTP_DEFERRED, "DATA", 451, false},
        {"S 250 ok\r\n250 ok\r\n554 no\r\n", SMTP_REFUSED, "DATA", 554, false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct smtp_script f = {0};
        smtp_script_begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE, cases[i].replies, "R RSET", ENVELOPE,
                                           "S 250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"));
        smtp_envelope(f.smtp, &smtp_script_envelope, &f.result);
        smtp_script_expect(&f.result, cases[i].outcome, cases[i].stage, cases[i].code, false);
        assert_int_equal(f.result.per_recipient, cases[i].per_recipient);
        smtp_envelope(f.smtp, &smtp_script_envelope, &f.result);
        smtp_script_expect(&f.result, SMTP_OK, "DATA", 354, false);
        smtp_script_end_free(&f);
    }
}

/* The journal's reply changes nothing for the recipient, and an empty letter does not go to it. */
static void journal(void **state)
{
    (void)state;
    static const struct {
        const char *replies;
        enum smtp_outcome outcome;
        const char *stage;
        int code;
        bool dead;
        const char *refused;
    } cases[] = {
        {"S 250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n", SMTP_OK, "DATA", 354, false, NULL},
        {"S 250 ok\r\n250 ok\r\n550 5.1.1 no journal\r\n354 go\r\n", SMTP_OK, "DATA", 354, false,
         "550 no journal"},
        {"S 250 ok\r\n550 5.1.1 no\r\n250 ok\r\n354 go\r\n", SMTP_REFUSED, "RCPT", 550, true, NULL},
        {"S 250 ok\r\n450 4.2.1 no\r\n450 4.2.1 no\r\n554 no\r\n", SMTP_DEFERRED, "RCPT", 450, false, NULL},
        {"S 550 no\r\n503 no\r\n503 no\r\n503 no\r\n", SMTP_REFUSED, "MAIL", 550, false, NULL},
        {"S 250 ok\r\n250 ok\r\n421 bye\r\n", SMTP_LOST, "RCPT", 421, true, NULL},
    };
    struct smtp_envelope e = smtp_script_envelope;
    e.journal = "j@x.test";
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct smtp_script f = {0};
        smtp_script_begin_plain(&f, SCRIPT(EHLO, "S 250-mail.test\r\n250-DSN\r\n250 PIPELINING\r\n",
                                           "R MAIL FROM:<a@x.test>", "R RCPT TO:<b@y.test> NOTIFY=FAILURE",
                                           "R RCPT TO:<j@x.test> NOTIFY=NEVER", "R DATA", cases[i].replies));
        smtp_envelope(f.smtp, &e, &f.result);
        smtp_script_expect(&f.result, cases[i].outcome, cases[i].stage, cases[i].code, cases[i].dead);
        const char *refused = smtp_journal_refused(f.smtp);
        assert_int_equal(!refused, !cases[i].refused);
        if (refused)
            assert_string_equal(refused, cases[i].refused);
        smtp_abandon(f.smtp);
        assert_null(strstr(smtp_script_end(&f), "\n.\r"));
        talloc_free(f.mem);
    }
    struct smtp_script f = {0};
    smtp_script_begin_plain(&f, SCRIPT(EHLO, "S 250 mail.test\r\n", "R MAIL FROM:<a@x.test>", "S 250 ok\r\n",
                                       "R RCPT TO:<b@y.test>", "S 250 ok\r\n", "R RCPT TO:<j@x.test>",
                                       "S 250 ok\r\n", "R DATA", "S 354 go\r\n", "C", "S 250 ok\r\n"));
    smtp_envelope(f.smtp, &e, &f.result);
    smtp_script_expect(&f.result, SMTP_OK, "DATA", 354, false);
    smtp_content(f.smtp, CONTENT, strlen(CONTENT), &f.result, NULL, NULL);
    smtp_script_expect(&f.result, SMTP_OK, "content", 250, false);
    smtp_script_end_free(&f);
}

static void envelope_without_pipelining(void **state)
{
    (void)state;
    struct smtp_script f = {0};
    smtp_script_begin_plain(&f, SCRIPT(EHLO, "S 250 mail.test\r\n", "R MAIL FROM:<a@x.test>\r\n", "W 50",
                                       "S 250 ok\r\n", "R RCPT TO:<b@y.test>\r\n", "S 550 5.1.1 no\r\n",
                                       "R RSET", "S 250 ok\r\n", "R MAIL", "S 250 ok\r\n", "R RCPT",
                                       "S 250 ok\r\n", "R DATA", "S 354 go\r\n", "C", "S 250 ok\r\n",
                                       "R MAIL", "S 421 4.3.2 bye\r\n"));
    smtp_envelope(f.smtp, &smtp_script_envelope, &f.result);
    smtp_script_expect(&f.result, SMTP_REFUSED, "RCPT", 550, false);
    smtp_envelope(f.smtp, &smtp_script_envelope, &f.result);
    smtp_script_expect(&f.result, SMTP_OK, "DATA", 354, false);
    smtp_content(f.smtp, CONTENT, strlen(CONTENT), &f.result, &smtp_script_envelope, &f.next);
    smtp_script_expect(&f.result, SMTP_OK, "content", 250, false);
    smtp_script_expect(&f.next, SMTP_DEFERRED, "MAIL", 421, true);
    smtp_script_end_free(&f);
}

static void refused_but_354(void **state)
{
    (void)state;
    struct smtp_script f = {0};
    smtp_script_begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE, "S 250 ok\r\n550 5.1.1 no\r\n354 go\r\n",
                                       "R .\r\n", "S 250 took it\r\n", ENVELOPE_OK));
    smtp_envelope(f.smtp, &smtp_script_envelope, &f.result);
    smtp_script_expect(&f.result, SMTP_REFUSED, "RCPT", 550, false);
    smtp_envelope(f.smtp, &smtp_script_envelope, &f.result);
    smtp_script_expect(&f.result, SMTP_OK, "DATA", 354, false);
    smtp_script_end_free(&f);
}

static void envelope_lost(void **state)
{
    (void)state;
    static const char *const replies[] = {"S 250 ok\r\n",
                                          "S 250 ok\r\n250 ok\r\n",
                                          "S 250 ok\r\n250 ok\r\n250 no\r\n",
                                          "S 250 ok\r\n354 ok\r\n354 no\r\n",
                                          "S hello\r\n",
                                          "S 250-a\r\n251 b\r\n"};
    for (size_t i = 0; i < ARRAY_LEN(replies); i++) {
        struct smtp_script f = {0};
        smtp_script_begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE, replies[i], "X"));
        smtp_envelope(f.smtp, &smtp_script_envelope, &f.result);
        assert_int_equal(f.result.outcome, SMTP_LOST);
        assert_true(f.result.session_dead);
        smtp_envelope(f.smtp, &smtp_script_envelope, &f.result);
        smtp_script_expect(&f.result, SMTP_LOST, "connect", 0, true);
        smtp_script_end_free(&f);
    }
}

static void addresses_refused(void **state)
{
    (void)state;
    char *longest = talloc_zero_size(NULL, 700);
    memset(longest, 'a', 600);
    memcpy(longest + 10, "@", 1);
    const char *const bad[] = {"b@y.test\r\nRCPT TO:<c@z.test>",
                               "b@y.test\n",
                               "b c@y.test",
                               "b@",
                               "@y",
                               "b",
                               "",
                               "b@y.test>",
                               "b\t@y.test",
                               "b\x7f@y.test",
                               longest,
                               "\xc3\xab@y.test"};
    struct smtp_script f = {0};
    smtp_script_begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE_OK));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        smtp_envelope(f.smtp, &(struct smtp_envelope){.from = "a@x.test", .to = bad[i]}, &f.result);
        smtp_script_expect(&f.result, SMTP_REFUSED, "RCPT", 0, false);
        assert_true(f.result.per_recipient);
        if (*bad[i]) {
            smtp_envelope(f.smtp, &(struct smtp_envelope){.from = bad[i], .to = "b@y.test"}, &f.result);
            smtp_script_expect(&f.result, SMTP_REFUSED, "MAIL", 0, false);
        }
    }
    smtp_envelope(f.smtp, &smtp_script_envelope, &f.result);
    smtp_script_expect(&f.result, SMTP_OK, "DATA", 354, false);
    smtp_script_end_free(&f);
    talloc_free(longest);
}

static void parameters(void **state)
{
    (void)state;
    struct smtp_script f = {0};
    smtp_script_begin_plain(
        &f, SCRIPT(EHLO,
                   "S 250-mail.test\r\n250-SIZE "
                   "1000\r\n250-DSN\r\n250-pipelining\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
                   "R MAIL FROM:<> SIZE=999 BODY=8BITMIME RET=HDRS ENVID=a+2B1+3D\r\n",
                   "R RCPT TO:<b+c@y.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;b+2Bc@y.test\r\n", "R DATA",
                   "S 250 ok\r\n550 no\r\n554 no\r\n", "R RSET",
                   "R MAIL FROM:<a@x.test> BODY=8BITMIME SMTPUTF8 RET=HDRS\r\n",
                   "R RCPT TO:<\xc3\xab@y.test> NOTIFY=FAILURE,DELAY\r\n", "R DATA",
                   "S 250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"));
    struct smtp_envelope e = {.from = "", .to = "b+c@y.test", .envid = "a+1=", .size = 1001};
    smtp_envelope(f.smtp, &e, &f.result);
    smtp_script_expect(&f.result, SMTP_REFUSED, "MAIL", 0, false);
    assert_string_equal(f.result.enhanced, "5.3.4");
    e.size = 999;
    smtp_envelope(f.smtp, &e, &f.result);
    smtp_envelope(f.smtp, &(struct smtp_envelope){.from = "a@x.test", .to = "\xc3\xab@y.test"}, &f.result);
    smtp_script_expect(&f.result, SMTP_OK, "DATA", 354, false);
    smtp_script_end_free(&f);
}

/* ---- content */

static void content_outcomes(void **state)
{
    (void)state;
    static const struct {
        const char *reply, *then;
        enum smtp_outcome outcome;
        int code;
        bool dead;
    } cases[] = {
        {"S 250 2.0.0 queued\r\n", "W 0", SMTP_OK, 250, false},
        {"S 451 4.3.0 later\r\n", "W 0", SMTP_DEFERRED, 451, false},
        {"S 554 5.6.0 never\r\n", "W 0", SMTP_REFUSED, 554, false},
        {"S 421 4.3.2 bye\r\n", "X", SMTP_DEFERRED, 421, true},
        {"S ", "X", SMTP_UNKNOWN, 0, true},
        {"S ", "Z", SMTP_UNKNOWN, 0, true},
        {"S 25", "X", SMTP_UNKNOWN, 0, true},
        {"S 250-half\r\n", "X", SMTP_UNKNOWN, 0, true},
        {"S what?\r\n", "X", SMTP_UNKNOWN, 0, true},
        {"S 354 more\r\n", "X", SMTP_UNKNOWN, 0, true},
        {"S ", "W 2500", SMTP_UNKNOWN, 0, true}, /* later than the time for the final dot */
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct smtp_script f = {.options.final_dot_s = 1};
        smtp_script_begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE_OK, "C", cases[i].reply, cases[i].then));
        smtp_envelope(f.smtp, &smtp_script_envelope, &f.result);
        smtp_content(f.smtp, CONTENT, strlen(CONTENT), &f.result, NULL, NULL);
        smtp_script_expect(&f.result, cases[i].outcome, "content", cases[i].code, cases[i].dead);
        smtp_script_end_free(&f);
    }
}

/* The dot never leaves: more content than the sockets' buffers hold, and a server that goes in between. */
static void content_cut_before_dot(void **state)
{
    (void)state;
    static const struct {
        const char *say, *go;
        enum smtp_outcome outcome;
        int code;
    } cases[] = {
        {"W 0", "X", SMTP_LOST, 0},
        {"W 0", "Z", SMTP_LOST, 0},
        {"S 250 taken\r\n", "X", SMTP_LOST, 0}, /* which cannot be */
    };
    size_t len = 64 << 20;
    char *content = talloc_size(NULL, len);
    for (size_t i = 0; i < len; i += 64) {
        memset(content + i, 'x', 62);
        memcpy(content + i + 62, "\r\n", 2);
    }
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct smtp_script f = {0};
        smtp_script_begin_plain(
            &f, SCRIPT(PIPELINING, ENVELOPE_OK, "B 60000", cases[i].say, "W 100", cases[i].go));
        smtp_envelope(f.smtp, &smtp_script_envelope, &f.result);
        smtp_content(f.smtp, content, len, &f.result, &smtp_script_envelope, &f.next);
        smtp_script_expect(&f.result, cases[i].outcome, "content", cases[i].code, true);
        smtp_script_expect(&f.next, SMTP_LOST, "connect", 0, true);
        smtp_script_end_free(&f);
    }
    talloc_free(content);
}

static void next_outcomes(void **state)
{
    (void)state;
    static const struct {
        const char *replies;
        enum smtp_outcome outcome, next;
    } cases[] = {
        {"S 250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n", SMTP_OK, SMTP_OK},
        {"S 250 ok\r\n250 ok\r\n550 no\r\n554 no\r\n", SMTP_OK, SMTP_REFUSED},
        {"S 451 no\r\n250 ok\r\n250 ok\r\n354 go\r\n", SMTP_DEFERRED, SMTP_OK},
        {"S 250 ok\r\n", SMTP_OK, SMTP_LOST},
        {"S 250 ok\r\n250 ok\r\n", SMTP_OK, SMTP_LOST},
        {"S 250 ok\r\n250 stray\r\n250 ok\r\n250 ok\r\n354 go\r\n", SMTP_OK, SMTP_LOST},
        {"S 421 bye\r\n", SMTP_DEFERRED, SMTP_LOST},
        {"S ", SMTP_UNKNOWN, SMTP_LOST},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct smtp_script f = {0};
        smtp_script_begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE_OK, "C", ENVELOPE, cases[i].replies, "X"));
        smtp_envelope(f.smtp, &smtp_script_envelope, &f.result);
        smtp_content(f.smtp, CONTENT, strlen(CONTENT), &f.result, &smtp_script_envelope, &f.next);
        assert_int_equal(f.result.outcome, cases[i].outcome);
        assert_int_equal(f.next.outcome, cases[i].next);
        smtp_script_end_free(&f);
    }
}

static void next_refused_by_us(void **state)
{
    (void)state;
    struct smtp_script f = {0};
    smtp_script_begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE_OK, "C", "S 250 ok\r\n", ENVELOPE_OK));
    smtp_envelope(f.smtp, &smtp_script_envelope, &f.result);
    smtp_content(f.smtp, CONTENT, strlen(CONTENT), &f.result,
                 &(struct smtp_envelope){.from = "a@x.test", .to = "b"}, &f.next);
    smtp_script_expect(&f.result, SMTP_OK, "content", 250, false);
    smtp_script_expect(&f.next, SMTP_REFUSED, "RCPT", 0, false);
    smtp_envelope(f.smtp, &smtp_script_envelope, &f.result);
    smtp_script_expect(&f.result, SMTP_OK, "DATA", 354, false);
    smtp_script_end_free(&f);
}

static void stray_reply_before_content(void **state)
{
    (void)state;
    struct smtp_script f = {0};
    smtp_script_begin_plain(&f,
                            SCRIPT(PIPELINING, ENVELOPE, "S 250 ok\r\n250 ok\r\n354 go\r\n250 already\r\n"));
    smtp_envelope(f.smtp, &smtp_script_envelope, &f.result);
    smtp_script_expect(&f.result, SMTP_OK, "DATA", 354, false);
    smtp_content(f.smtp, CONTENT, strlen(CONTENT), &f.result, NULL, NULL);
    smtp_script_expect(&f.result, SMTP_LOST, "content", 0, true);
    smtp_script_end_free(&f);
}

static void line_ends(void **state)
{
    (void)state;
    static const char *const bad[] = {"a\nb\r\n", "a\rb\r\n", "a\r\n\n.\r\n", "a\r", "\n", "a\r\r\n"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct smtp_script f = {0};
        smtp_script_begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE_OK));
        smtp_envelope(f.smtp, &smtp_script_envelope, &f.result);
        smtp_content(f.smtp, bad[i], strlen(bad[i]), &f.result, NULL, NULL);
        smtp_script_expect(&f.result, SMTP_REFUSED, "content", 0, true);
        smtp_script_end_free(&f);
    }
}

static void stuffed(const char *content, size_t len, const char *wire)
{
    struct smtp_script f = {0};
    smtp_script_begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE_OK, "C", "S 250 ok\r\n"));
    smtp_envelope(f.smtp, &smtp_script_envelope, &f.result);
    smtp_content(f.smtp, content, len, &f.result, NULL, NULL);
    smtp_script_expect(&f.result, SMTP_OK, "content", 250, false);
    const char *said = strstr(smtp_script_end(&f), "DATA\r\n");
    assert_non_null(said);
    assert_int_equal(strlen(said + 6), strlen(wire));
    assert_memory_equal(said + 6, wire, strlen(wire));
    talloc_free(f.mem);
}

static void dot_stuffing(void **state)
{
    (void)state;
    stuffed("", 0, ".\r\n");
    stuffed(".\r\n", 3, "..\r\n.\r\n");
    stuffed("a\r\n.b\r\n..\r\nc.\r\n", 15, "a\r\n..b\r\n...\r\nc.\r\n.\r\n");
    stuffed("a", 1, "a\r\n.\r\n");
    stuffed("a\r\n.", 4, "a\r\n..\r\n.\r\n");
    /* a dot at every place around the border of two writes */
    for (size_t at = 65534; at <= 65538; at++) {
        struct text content = text_new(NULL), wire = text_new(NULL);
        while (content.len < at - 2)
            text_putc(&content, 'x');
        text_puts(&wire, content.s);
        text_puts(&content, "\r\n.y\r\n.\r\nend\r\n");
        text_puts(&wire, "\r\n..y\r\n..\r\nend\r\n.\r\n");
        stuffed(content.s, content.len, wire.s);
        talloc_free(content.s);
        talloc_free(wire.s);
    }
}

static void abandoned(void **state)
{
    (void)state;
    struct smtp_script f = {0};
    smtp_script_begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE_OK, "W 100"));
    smtp_envelope(f.smtp, &smtp_script_envelope, &f.result);
    smtp_abandon(f.smtp);
    smtp_envelope(f.smtp, &smtp_script_envelope, &f.result);
    smtp_script_expect(&f.result, SMTP_LOST, "connect", 0, true);
    assert_null(strstr(smtp_script_end(&f), "QUIT"));
    talloc_free(f.mem);
}
int main(void)
{
    mem_init();
    signal(SIGPIPE, SIG_IGN);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reply_lines),
        cmocka_unit_test(envelope_refused),
        cmocka_unit_test(journal),
        cmocka_unit_test(envelope_without_pipelining),
        cmocka_unit_test(refused_but_354),
        cmocka_unit_test(envelope_lost),
        cmocka_unit_test(addresses_refused),
        cmocka_unit_test(parameters),
        cmocka_unit_test(content_outcomes),
        cmocka_unit_test(content_cut_before_dot),
        cmocka_unit_test(next_outcomes),
        cmocka_unit_test(next_refused_by_us),
        cmocka_unit_test(stray_reply_before_content),
        cmocka_unit_test(line_ends),
        cmocka_unit_test(dot_stuffing),
        cmocka_unit_test(abandoned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
