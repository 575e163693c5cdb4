/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The beginning of an SMTP session: greeting, EHLO, TLS and its certificates, AUTH.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>

#include "tests/lib/smtp_script.h"

static char *certificates; /* folder; NULL where openssl is missing */

static void open_fails(struct smtp_script *f, enum stream_tls tls, enum err_code code, int reply,
                       const char *words, const char *const *steps)
{
    f->certificates = certificates;
    assert_int_equal(smtp_script_begin(f, tls, steps), -1);
    if (f->err.code != code || f->err.reply != reply || !strstr(f->err.text, words))
        fail_msg("err %d reply %d \"%s\"; wanted %d, %d, %s", f->err.code, f->err.reply, f->err.text, code,
                 reply, words);
    smtp_script_end_free(f);
}

static void open_refused(void **state)
{
    (void)state;
    open_fails(&(struct smtp_script){0}, STREAM_PLAIN, ERR_AWAY, 421, "busy", SCRIPT("S 421 4.3.2 busy\r\n"));
    open_fails(&(struct smtp_script){0}, STREAM_PLAIN, ERR_CONFIG, 554, "not you",
               SCRIPT("S 554-not\r\n554 not you\r\n"));
    open_fails(&(struct smtp_script){0}, STREAM_PLAIN, ERR_AWAY, 0, "closed", SCRIPT("X"));
    open_fails(&(struct smtp_script){0}, STREAM_PLAIN, ERR_AWAY, 0, "closed", SCRIPT("S 220-half\r\n", "X"));
    open_fails(&(struct smtp_script){0}, STREAM_PLAIN, ERR_AWAY, 0, "SMTP reply", SCRIPT("S SSH-2.0-x\r\n"));
    open_fails(&(struct smtp_script){0}, STREAM_PLAIN, ERR_CONFIG, 550, "EHLO", SCRIPT(EHLO, "S 550 no\r\n"));
}

static void open_slow(void **state)
{
    (void)state;
    open_fails(&(struct smtp_script){.options.stream.timeout_s = 1}, STREAM_PLAIN, ERR_AWAY, 0, "in time",
               SCRIPT("S 220 x\r\n", "R", "W 1500"));
    /* a byte now and then does not buy time */
    open_fails(&(struct smtp_script){.options.stream.timeout_s = 1}, STREAM_PLAIN, ERR_AWAY, 0, "in time",
               SCRIPT("S 2", "W 400", "S 2", "W 400", "S 0", "W 400", "S -", "W 400"));
    struct text endless = text_new(NULL);
    text_puts(&endless, "S 220-");
    while (endless.len < 9000)
        text_putc(&endless, 'x');
    open_fails(&(struct smtp_script){0}, STREAM_PLAIN, ERR_AWAY, 0, "too long", SCRIPT(endless.s));
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
    struct smtp_script f = {.certificates = certificates, .options.user = "u", .options.password = "secret"};
    assert_int_equal(smtp_script_begin(&f, STREAM_STARTTLS,
                                       SCRIPT(EHLO, "S 250-mail.test\r\n250 AUTH PLAIN\r\n", "W 100")),
                     -1);
    assert_int_equal(f.err.code, ERR_CONFIG);
    assert_non_null(strstr(f.err.text, "stripped"));
    said = smtp_script_end(&f);
    assert_string_equal(said, "EHLO me.test\r\n");
    talloc_free(f.mem);
}

#define STARTTLS EHLO, "S 250-mail.test\r\n250 STARTTLS\r\n", "R STARTTLS"

static void starttls_refused(void **state)
{
    (void)state;
    open_fails(&(struct smtp_script){0}, STREAM_STARTTLS, ERR_AWAY, 454, "STARTTLS",
               SCRIPT(STARTTLS, "S 454 later\r\n"));
    open_fails(&(struct smtp_script){0}, STREAM_STARTTLS, ERR_CONFIG, 0, "plain text",
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
        open_fails(&(struct smtp_script){.options.stream.verify_name = cases[i].name}, STREAM_IMPLICIT,
                   ERR_CONFIG, 0, cases[i].words, SCRIPT(cases[i].certificate));
        open_fails(&(struct smtp_script){.options.stream.verify_name = cases[i].name}, STREAM_STARTTLS,
                   ERR_CONFIG, 0, cases[i].words, SCRIPT(STARTTLS, "S 220 go\r\n", cases[i].certificate));
    }
}

static void tls_too_old(void **state)
{
    (void)state;
    if (!certificates)
        skip();
    open_fails(&(struct smtp_script){.options.stream.verify_name = "mail.test"}, STREAM_IMPLICIT, ERR_CONFIG,
               0, "handshake", SCRIPT("O good"));
}

static void starttls_and_auth(void **state)
{
    (void)state;
    if (!certificates)
        skip();
    struct smtp_script f = {.certificates = certificates,
                            .options = {.user = "u", .password = "pw", .stream.verify_name = "mail.test"}};
    /* what was offered before TLS is forgotten: DSN and PIPELINING */
    int rc = smtp_script_begin(
        &f, STREAM_STARTTLS,
        SCRIPT(EHLO, "S 250-mail.test\r\n250-PIPELINING\r\n250-DSN\r\n250 STARTTLS\r\n", "R STARTTLS",
               "S 220 go\r\n", "T good", "R EHLO me.test", "S 250-mail.test\r\n250 AUTH LOGIN PLAIN\r\n",
               "R AUTH PLAIN AHUAcHc=\r\n", "S 235 2.7.0 in\r\n", "R MAIL FROM:<a@x.test>\r\n",
               "S 250 ok\r\n", "R RCPT TO:<b@y.test>\r\n", "S 250 ok\r\n", "R DATA", "S 354 go\r\n", "C",
               "S 250 ok\r\n"));
    if (rc < 0)
        fail_msg("%s", f.err.text);
    assert_false(smtp_offers(f.smtp, "DSN"));
    smtp_envelope(f.smtp, &smtp_script_envelope, &f.result);
    smtp_content(f.smtp, CONTENT, strlen(CONTENT), &f.result, NULL, NULL);
    smtp_script_expect(&f.result, SMTP_OK, "content", 250, false);
    smtp_script_end_free(&f);
}

static void auth_refused(void **state)
{
    (void)state;
#define OFFER(list) EHLO, "S 250-mail.test\r\n250 AUTH " list "\r\n"
#define USER        {.options.user = "u", .options.password = "pw"}
    open_fails(&(struct smtp_script)USER, STREAM_PLAIN, ERR_CONFIG, 535, "5.7.8 wrong",
               SCRIPT(OFFER("PLAIN"), "R AUTH PLAIN", "S 535 5.7.8 wrong\r\n"));
    open_fails(&(struct smtp_script)USER, STREAM_PLAIN, ERR_AWAY, 454, "later",
               SCRIPT(OFFER("PLAIN"), "R AUTH PLAIN", "S 454 4.7.0 later\r\n"));
    open_fails(&(struct smtp_script)USER, STREAM_PLAIN, ERR_AWAY, 0, "AUTH PLAIN",
               SCRIPT(OFFER("PLAIN"), "R AUTH PLAIN", "S 250 strange\r\n"));
    open_fails(&(struct smtp_script)USER, STREAM_PLAIN, ERR_CONFIG, 0, "does not offer",
               SCRIPT(OFFER("GSSAPI XPLAIN")));
    open_fails(&(struct smtp_script)USER, STREAM_PLAIN, ERR_AWAY, 0, "closed",
               SCRIPT(OFFER("LOGIN"), "R AUTH LOGIN", "S 334 VXNlcm5hbWU6\r\n", "R dQ==", "X"));
}

static void closed_port(void **state)
{
    (void)state;
    struct smtp_script f = {0};
    smtp_script_begin_plain(&f, SCRIPT(PIPELINING));
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
        cmocka_unit_test(open_refused),          cmocka_unit_test(open_slow),
        cmocka_unit_test(plain_is_for_loopback), cmocka_unit_test(starttls_stripped),
        cmocka_unit_test(starttls_refused),      cmocka_unit_test(certificate_refused),
        cmocka_unit_test(tls_too_old),           cmocka_unit_test(starttls_and_auth),
        cmocka_unit_test(auth_refused),          cmocka_unit_test(closed_port),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    if (certificates)
        folder_remove(certificates);
    talloc_free(certificates);
    return failed;
}
