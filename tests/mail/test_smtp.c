/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The SMTP client against servers that follow a script: each stage refused, cut off, late or lying.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "mail/wire/smtp.h"
#include "mail/wire/smtp_reply.h"
#include "tests/lib/scripted.h"

#define EHLO        "S 220 mail.test ESMTP\r\n", "R EHLO me.test"
#define PIPELINING  EHLO, "S 250-mail.test\r\n250-PIPELINING\r\n250 8BITMIME\r\n"
#define ENVELOPE    "R MAIL FROM:<a@x.test>", "R RCPT TO:<b@y.test>", "R DATA"
#define ENVELOPE_OK ENVELOPE, "S 250 ok\r\n250 ok\r\n354 go\r\n"
#define SCRIPT(...) ((const char *const[]){__VA_ARGS__, NULL})
#define CONTENT     "Subject: x\r\n\r\nhello\r\n"

static char *certificates;
static const struct smtp_envelope envelope = {.from = "a@x.test", .to = "b@y.test"};

struct fixture {
    void *mem;
    struct scripted server;
    struct stream_context *tls;
    struct smtp_options options;
    struct smtp *smtp;
    struct err err;
    struct smtp_result result, next;
};

/* Starts the script and opens a session with it; 0 or -1 as smtp_open. */
static int begin(struct fixture *f, enum stream_tls tls, const char *const *steps)
{
    f->mem = talloc_new(NULL);
    char *ca = certificates ? talloc_asprintf(f->mem, "%s/ca.pem", certificates) : NULL;
    assert_int_equal(stream_context_new(f->mem, ca, &f->tls, &f->err), 0);
    scripted_start(&f->server, certificates, steps);
    f->options.stream.host = "127.0.0.1";
    f->options.stream.port = f->server.port;
    f->options.stream.tls = tls;
    if (!f->options.stream.timeout_s)
        f->options.stream.timeout_s = 5;
    if (!f->options.helo)
        f->options.helo = "me.test";
    return smtp_open(f->mem, f->tls, &f->options, &f->smtp, &f->err);
}

static char *end(struct fixture *f)
{
    char *said;
    smtp_close(f->smtp);
    assert_int_equal(scripted_end(f->mem, &f->server, &said), 0);
    return said;
}

static void end_free(struct fixture *f)
{
    end(f);
    talloc_free(f->mem);
}

static void begin_plain(struct fixture *f, const char *const *steps)
{
    if (begin(f, STREAM_PLAIN, steps) < 0)
        fail_msg("%s", f->err.text);
}

static void expect(const struct smtp_result *r, enum smtp_outcome outcome, const char *stage, int code,
                   bool dead)
{
    if (r->outcome != outcome || strcmp(r->stage, stage) || r->code != code || r->session_dead != dead)
        fail_msg("outcome %d at %s code %d dead %d (%s); wanted %d at %s code %d dead %d", r->outcome,
                 r->stage, r->code, r->session_dead, r->text, outcome, stage, code, dead);
}

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
        struct fixture f = {0};
        begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE, cases[i].replies, "R RSET", ENVELOPE,
                               "S 250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"));
        smtp_envelope(f.smtp, &envelope, &f.result);
        expect(&f.result, cases[i].outcome, cases[i].stage, cases[i].code, false);
        assert_int_equal(f.result.per_recipient, cases[i].per_recipient);
        smtp_envelope(f.smtp, &envelope, &f.result);
        expect(&f.result, SMTP_OK, "DATA", 354, false);
        end_free(&f);
    }
}

static void envelope_without_pipelining(void **state)
{
    (void)state;
    struct fixture f = {0};
    begin_plain(&f, SCRIPT(EHLO, "S 250 mail.test\r\n", "R MAIL FROM:<a@x.test>\r\n", "W 50", "S 250 ok\r\n",
                           "R RCPT TO:<b@y.test>\r\n", "S 550 5.1.1 no\r\n", "R RSET", "S 250 ok\r\n",
                           "R MAIL", "S 250 ok\r\n", "R RCPT", "S 250 ok\r\n", "R DATA", "S 354 go\r\n", "C",
                           "S 250 ok\r\n", "R MAIL", "S 421 4.3.2 bye\r\n"));
    smtp_envelope(f.smtp, &envelope, &f.result);
    expect(&f.result, SMTP_REFUSED, "RCPT", 550, false);
    smtp_envelope(f.smtp, &envelope, &f.result);
    expect(&f.result, SMTP_OK, "DATA", 354, false);
    smtp_content(f.smtp, CONTENT, strlen(CONTENT), &f.result, &envelope, &f.next);
    expect(&f.result, SMTP_OK, "content", 250, false);
    expect(&f.next, SMTP_DEFERRED, "MAIL", 421, true);
    end_free(&f);
}

static void refused_but_354(void **state)
{
    (void)state;
    struct fixture f = {0};
    begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE, "S 250 ok\r\n550 5.1.1 no\r\n354 go\r\n", "R .\r\n",
                           "S 250 took it\r\n", ENVELOPE_OK));
    smtp_envelope(f.smtp, &envelope, &f.result);
    expect(&f.result, SMTP_REFUSED, "RCPT", 550, false);
    smtp_envelope(f.smtp, &envelope, &f.result);
    expect(&f.result, SMTP_OK, "DATA", 354, false);
    end_free(&f);
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
        struct fixture f = {0};
        begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE, replies[i], "X"));
        smtp_envelope(f.smtp, &envelope, &f.result);
        assert_int_equal(f.result.outcome, SMTP_LOST);
        assert_true(f.result.session_dead);
        smtp_envelope(f.smtp, &envelope, &f.result);
        expect(&f.result, SMTP_LOST, "connect", 0, true);
        end_free(&f);
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
    struct fixture f = {0};
    begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE_OK));
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        smtp_envelope(f.smtp, &(struct smtp_envelope){.from = "a@x.test", .to = bad[i]}, &f.result);
        expect(&f.result, SMTP_REFUSED, "RCPT", 0, false);
        assert_true(f.result.per_recipient);
        if (*bad[i]) {
            smtp_envelope(f.smtp, &(struct smtp_envelope){.from = bad[i], .to = "b@y.test"}, &f.result);
            expect(&f.result, SMTP_REFUSED, "MAIL", 0, false);
        }
    }
    smtp_envelope(f.smtp, &envelope, &f.result);
    expect(&f.result, SMTP_OK, "DATA", 354, false);
    end_free(&f);
    talloc_free(longest);
}

static void parameters(void **state)
{
    (void)state;
    struct fixture f = {0};
    begin_plain(&f, SCRIPT(EHLO,
                           "S 250-mail.test\r\n250-SIZE "
                           "1000\r\n250-DSN\r\n250-pipelining\r\n250-8BITMIME\r\n250 SMTPUTF8\r\n",
                           "R MAIL FROM:<> SIZE=999 BODY=8BITMIME RET=HDRS ENVID=a+2B1+3D\r\n",
                           "R RCPT TO:<b+c@y.test> NOTIFY=FAILURE,DELAY ORCPT=rfc822;b+2Bc@y.test\r\n",
                           "R DATA", "S 250 ok\r\n550 no\r\n554 no\r\n", "R RSET",
                           "R MAIL FROM:<a@x.test> BODY=8BITMIME SMTPUTF8 RET=HDRS\r\n",
                           "R RCPT TO:<\xc3\xab@y.test> NOTIFY=FAILURE,DELAY\r\n", "R DATA",
                           "S 250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n"));
    struct smtp_envelope e = {.from = "", .to = "b+c@y.test", .envid = "a+1=", .size = 1001};
    smtp_envelope(f.smtp, &e, &f.result);
    expect(&f.result, SMTP_REFUSED, "MAIL", 0, false);
    assert_string_equal(f.result.enhanced, "5.3.4");
    e.size = 999;
    smtp_envelope(f.smtp, &e, &f.result);
    smtp_envelope(f.smtp, &(struct smtp_envelope){.from = "a@x.test", .to = "\xc3\xab@y.test"}, &f.result);
    expect(&f.result, SMTP_OK, "DATA", 354, false);
    end_free(&f);
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
        struct fixture f = {.options.final_dot_s = 1};
        begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE_OK, "C", cases[i].reply, cases[i].then));
        smtp_envelope(f.smtp, &envelope, &f.result);
        smtp_content(f.smtp, CONTENT, strlen(CONTENT), &f.result, NULL, NULL);
        expect(&f.result, cases[i].outcome, "content", cases[i].code, cases[i].dead);
        end_free(&f);
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
        struct fixture f = {0};
        begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE_OK, "B 60000", cases[i].say, "W 100", cases[i].go));
        smtp_envelope(f.smtp, &envelope, &f.result);
        smtp_content(f.smtp, content, len, &f.result, &envelope, &f.next);
        expect(&f.result, cases[i].outcome, "content", cases[i].code, true);
        expect(&f.next, SMTP_LOST, "connect", 0, true);
        end_free(&f);
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
        struct fixture f = {0};
        begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE_OK, "C", ENVELOPE, cases[i].replies, "X"));
        smtp_envelope(f.smtp, &envelope, &f.result);
        smtp_content(f.smtp, CONTENT, strlen(CONTENT), &f.result, &envelope, &f.next);
        assert_int_equal(f.result.outcome, cases[i].outcome);
        assert_int_equal(f.next.outcome, cases[i].next);
        end_free(&f);
    }
}

static void next_refused_by_us(void **state)
{
    (void)state;
    struct fixture f = {0};
    begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE_OK, "C", "S 250 ok\r\n", ENVELOPE_OK));
    smtp_envelope(f.smtp, &envelope, &f.result);
    smtp_content(f.smtp, CONTENT, strlen(CONTENT), &f.result,
                 &(struct smtp_envelope){.from = "a@x.test", .to = "b"}, &f.next);
    expect(&f.result, SMTP_OK, "content", 250, false);
    expect(&f.next, SMTP_REFUSED, "RCPT", 0, false);
    smtp_envelope(f.smtp, &envelope, &f.result);
    expect(&f.result, SMTP_OK, "DATA", 354, false);
    end_free(&f);
}

static void stray_reply_before_content(void **state)
{
    (void)state;
    struct fixture f = {0};
    begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE, "S 250 ok\r\n250 ok\r\n354 go\r\n250 already\r\n"));
    smtp_envelope(f.smtp, &envelope, &f.result);
    expect(&f.result, SMTP_OK, "DATA", 354, false);
    smtp_content(f.smtp, CONTENT, strlen(CONTENT), &f.result, NULL, NULL);
    expect(&f.result, SMTP_LOST, "content", 0, true);
    end_free(&f);
}

static void line_ends(void **state)
{
    (void)state;
    static const char *const bad[] = {"a\nb\r\n", "a\rb\r\n", "a\r\n\n.\r\n", "a\r", "\n", "a\r\r\n"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct fixture f = {0};
        begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE_OK));
        smtp_envelope(f.smtp, &envelope, &f.result);
        smtp_content(f.smtp, bad[i], strlen(bad[i]), &f.result, NULL, NULL);
        expect(&f.result, SMTP_REFUSED, "content", 0, true);
        end_free(&f);
    }
}

static void stuffed(const char *content, size_t len, const char *wire)
{
    struct fixture f = {0};
    begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE_OK, "C", "S 250 ok\r\n"));
    smtp_envelope(f.smtp, &envelope, &f.result);
    smtp_content(f.smtp, content, len, &f.result, NULL, NULL);
    expect(&f.result, SMTP_OK, "content", 250, false);
    const char *said = strstr(end(&f), "DATA\r\n");
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

static void *cancel_soon(void *smtp)
{
    usleep(200000);
    smtp_cancel(smtp);
    return NULL;
}

static void cancelled(void **state)
{
    (void)state;
    struct fixture f = {0};
    begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE_OK, "C", "W 700"));
    smtp_envelope(f.smtp, &envelope, &f.result);
    pthread_t thread;
    pthread_create(&thread, NULL, cancel_soon, f.smtp);
    smtp_content(f.smtp, CONTENT, strlen(CONTENT), &f.result, NULL, NULL);
    pthread_join(thread, NULL);
    expect(&f.result, SMTP_UNKNOWN, "content", 0, true);
    end_free(&f);
}

static void abandoned(void **state)
{
    (void)state;
    struct fixture f = {0};
    begin_plain(&f, SCRIPT(PIPELINING, ENVELOPE_OK, "W 100"));
    smtp_envelope(f.smtp, &envelope, &f.result);
    smtp_abandon(f.smtp);
    smtp_envelope(f.smtp, &envelope, &f.result);
    expect(&f.result, SMTP_LOST, "connect", 0, true);
    assert_null(strstr(end(&f), "QUIT"));
    talloc_free(f.mem);
}

/* ---- the beginning */

static void open_fails(struct fixture *f, enum stream_tls tls, enum err_code code, int reply,
                       const char *words, const char *const *steps)
{
    assert_int_equal(begin(f, tls, steps), -1);
    if (f->err.code != code || f->err.reply != reply || !strstr(f->err.text, words))
        fail_msg("err %d reply %d \"%s\"; wanted %d, %d, %s", f->err.code, f->err.reply, f->err.text, code,
                 reply, words);
    end_free(f);
}

static void open_refused(void **state)
{
    (void)state;
    open_fails(&(struct fixture){0}, STREAM_PLAIN, ERR_AWAY, 421, "busy", SCRIPT("S 421 4.3.2 busy\r\n"));
    open_fails(&(struct fixture){0}, STREAM_PLAIN, ERR_CONFIG, 554, "not you",
               SCRIPT("S 554-not\r\n554 not you\r\n"));
    open_fails(&(struct fixture){0}, STREAM_PLAIN, ERR_AWAY, 0, "closed", SCRIPT("X"));
    open_fails(&(struct fixture){0}, STREAM_PLAIN, ERR_AWAY, 0, "closed", SCRIPT("S 220-half\r\n", "X"));
    open_fails(&(struct fixture){0}, STREAM_PLAIN, ERR_AWAY, 0, "SMTP reply", SCRIPT("S SSH-2.0-x\r\n"));
    open_fails(&(struct fixture){0}, STREAM_PLAIN, ERR_CONFIG, 550, "EHLO", SCRIPT(EHLO, "S 550 no\r\n"));
}

static void open_slow(void **state)
{
    (void)state;
    open_fails(&(struct fixture){.options.stream.timeout_s = 1}, STREAM_PLAIN, ERR_AWAY, 0, "in time",
               SCRIPT("S 220 x\r\n", "R", "W 1500"));
    /* a byte now and then does not buy time */
    open_fails(&(struct fixture){.options.stream.timeout_s = 1}, STREAM_PLAIN, ERR_AWAY, 0, "in time",
               SCRIPT("S 2", "W 400", "S 2", "W 400", "S 0", "W 400", "S -", "W 400"));
    struct text endless = text_new(NULL);
    text_puts(&endless, "S 220-");
    while (endless.len < 9000)
        text_putc(&endless, 'x');
    open_fails(&(struct fixture){0}, STREAM_PLAIN, ERR_AWAY, 0, "too long", SCRIPT(endless.s));
    talloc_free(endless.s);
}

static void plain_is_for_loopback(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct stream_context *tls;
    struct err err = {0};
    struct smtp *smtp;
    struct smtp_options o = {
        .stream = {.host = "192.0.2.1", .port = "25", .tls = STREAM_PLAIN, .timeout_s = 1},
        .helo = "me.test"};
    assert_int_equal(stream_context_new(mem, NULL, &tls, &err), 0);
    assert_int_equal(smtp_open(mem, tls, &o, &smtp, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    assert_non_null(strstr(err.text, "loopback"));
    o.helo = "me\r\nRSET";
    assert_int_equal(smtp_open(mem, tls, &o, &smtp, &err), -1);
    assert_non_null(strstr(err.text, "helo"));
}

static void starttls_stripped(void **state)
{
    (void)state;
    char *said;
    struct fixture f = {.options.user = "u", .options.password = "secret"};
    assert_int_equal(
        begin(&f, STREAM_STARTTLS, SCRIPT(EHLO, "S 250-mail.test\r\n250 AUTH PLAIN\r\n", "W 100")), -1);
    assert_int_equal(f.err.code, ERR_CONFIG);
    assert_non_null(strstr(f.err.text, "stripped"));
    said = end(&f);
    assert_string_equal(said, "EHLO me.test\r\n");
    talloc_free(f.mem);
}

#define STARTTLS EHLO, "S 250-mail.test\r\n250 STARTTLS\r\n", "R STARTTLS"

static void starttls_refused(void **state)
{
    (void)state;
    open_fails(&(struct fixture){0}, STREAM_STARTTLS, ERR_AWAY, 454, "STARTTLS",
               SCRIPT(STARTTLS, "S 454 later\r\n"));
    open_fails(&(struct fixture){0}, STREAM_STARTTLS, ERR_CONFIG, 0, "plain text",
               SCRIPT(STARTTLS, "S 220 go\r\n250-injected\r\n250 PIPELINING\r\n", "W 100"));
}

static void certificate_refused(void **state)
{
    (void)state;
    static const struct {
        const char *certificate, *name, *words;
    } cases[] = {
        {"T name", "mail.test", "does not match"}, {"T foreign", "mail.test", "issuer is unknown"},
        {"T expired", "mail.test", "expired"},     {"T good", "other.test", "does not match"},
        {"T name", NULL, "does not match"},
    };
    if (!certificates)
        skip();
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        open_fails(&(struct fixture){.options.stream.verify_name = cases[i].name}, STREAM_IMPLICIT,
                   ERR_CONFIG, 0, cases[i].words, SCRIPT(cases[i].certificate));
        open_fails(&(struct fixture){.options.stream.verify_name = cases[i].name}, STREAM_STARTTLS,
                   ERR_CONFIG, 0, cases[i].words, SCRIPT(STARTTLS, "S 220 go\r\n", cases[i].certificate));
    }
}

static void starttls_and_auth(void **state)
{
    (void)state;
    if (!certificates)
        skip();
    struct fixture f = {.options = {.user = "u", .password = "pw", .stream.verify_name = "mail.test"}};
    /* what was offered before TLS is forgotten: DSN and PIPELINING */
    int rc = begin(&f, STREAM_STARTTLS,
                   SCRIPT(EHLO, "S 250-mail.test\r\n250-PIPELINING\r\n250-DSN\r\n250 STARTTLS\r\n",
                          "R STARTTLS", "S 220 go\r\n", "T good", "R EHLO me.test",
                          "S 250-mail.test\r\n250 AUTH LOGIN PLAIN\r\n", "R AUTH PLAIN AHUAcHc=\r\n",
                          "S 235 2.7.0 in\r\n", "R MAIL FROM:<a@x.test>\r\n", "S 250 ok\r\n",
                          "R RCPT TO:<b@y.test>\r\n", "S 250 ok\r\n", "R DATA", "S 354 go\r\n", "C",
                          "S 250 ok\r\n"));
    if (rc < 0)
        fail_msg("%s", f.err.text);
    assert_false(smtp_offers(f.smtp, "DSN"));
    smtp_envelope(f.smtp, &envelope, &f.result);
    smtp_content(f.smtp, CONTENT, strlen(CONTENT), &f.result, NULL, NULL);
    expect(&f.result, SMTP_OK, "content", 250, false);
    end_free(&f);
}

static void auth_refused(void **state)
{
    (void)state;
#define OFFER(list) EHLO, "S 250-mail.test\r\n250 AUTH " list "\r\n"
#define USER        {.options.user = "u", .options.password = "pw"}
    open_fails(&(struct fixture)USER, STREAM_PLAIN, ERR_CONFIG, 535, "5.7.8 wrong",
               SCRIPT(OFFER("PLAIN"), "R AUTH PLAIN", "S 535 5.7.8 wrong\r\n"));
    open_fails(&(struct fixture)USER, STREAM_PLAIN, ERR_AWAY, 454, "later",
               SCRIPT(OFFER("PLAIN"), "R AUTH PLAIN", "S 454 4.7.0 later\r\n"));
    open_fails(&(struct fixture)USER, STREAM_PLAIN, ERR_AWAY, 0, "AUTH PLAIN",
               SCRIPT(OFFER("PLAIN"), "R AUTH PLAIN", "S 250 strange\r\n"));
    open_fails(&(struct fixture)USER, STREAM_PLAIN, ERR_CONFIG, 0, "does not offer",
               SCRIPT(OFFER("GSSAPI XPLAIN")));
    open_fails(&(struct fixture)USER, STREAM_PLAIN, ERR_AWAY, 0, "closed",
               SCRIPT(OFFER("LOGIN"), "R AUTH LOGIN", "S 334 VXNlcm5hbWU6\r\n", "R dQ==", "X"));
}

static void closed_port(void **state)
{
    (void)state;
    struct fixture f = {0};
    begin_plain(&f, SCRIPT(PIPELINING));
    smtp_close(f.smtp);
    scripted_end(f.mem, &f.server, NULL);
    assert_int_equal(smtp_open(f.mem, f.tls, &f.options, &f.smtp, &f.err), -1);
    assert_int_equal(f.err.code, ERR_AWAY);
    talloc_free(f.mem);
}

int main(void)
{
    mem_init();
    signal(SIGPIPE, SIG_IGN);
    certificates = certificates_make(NULL);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reply_lines),
        cmocka_unit_test(envelope_refused),
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
        cmocka_unit_test(cancelled),
        cmocka_unit_test(abandoned),
        cmocka_unit_test(open_refused),
        cmocka_unit_test(open_slow),
        cmocka_unit_test(plain_is_for_loopback),
        cmocka_unit_test(starttls_stripped),
        cmocka_unit_test(starttls_refused),
        cmocka_unit_test(certificate_refused),
        cmocka_unit_test(starttls_and_auth),
        cmocka_unit_test(auth_refused),
        cmocka_unit_test(closed_port),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (certificates)
        folder_remove(certificates);
    talloc_free(certificates);
    return failed;
}
