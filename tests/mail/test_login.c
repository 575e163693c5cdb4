/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Logins at servers that do what real ones do seldom: they want to be asked for everything, or let in whom
 * they do not know.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mail/wire/imap_low.h"
#include "tests/lib/smtp_script.h"

static const char *token_path(void *mem, size_t len)
{
    struct err err;
    char *path = talloc_asprintf(mem, "/tmp/adresar-token-%d", (int)getpid()), *token = talloc_size(mem, len);
    memset(token, 'a', len);
    if (mem_write_file(path, token, len, &err) < 0)
        fail_msg("%s", err.text);
    chmod(path, 0600);
    return path;
}

static void expect(const struct err *err, enum err_code code, const char *words)
{
    if (err->code != code || !strstr(err->text, words))
        fail_msg("error %d \"%s\"; wanted %d, %s", err->code, err->text, code, words);
}

/* ---- SMTP */

#define OFFER(list) EHLO, "S 250-mail.test\r\n250 AUTH " list "\r\n"

static void smtp_fails(struct smtp_script f, enum err_code code, const char *words, const char *const *steps)
{
    assert_int_equal(smtp_script_begin(&f, STREAM_PLAIN, steps), -1);
    expect(&f.err, code, words);
    smtp_script_end_free(&f);
}

/* What does not fit the command's line is not in it (RFC 4954 4). */
static void smtp_long_token(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct smtp_script f = {.options = {.user = "u", .token_file = token_path(mem, 2000)}};
    if (smtp_script_begin(&f, STREAM_PLAIN,
                          SCRIPT(OFFER("XOAUTH2"), "R AUTH XOAUTH2\r\n", "S 334 \r\n",
                                 "R dXNlcj11AWF1dGg9QmVhcmVyIGFh", "S 235 in\r\n")) < 0)
        fail_msg("%s", f.err.text);
    assert_string_equal(smtp_login(f.smtp), "XOAUTH2");
    smtp_script_end_free(&f);
    smtp_fails((struct smtp_script){.options = {.user = "u", .token_file = token_path(mem, 9000)}},
               ERR_CONFIG, "no access token", SCRIPT(OFFER("XOAUTH2")));
    remove(f.options.token_file);
}

static void smtp_refusals(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    const struct smtp_script password = {.options = {.user = "u", .password = "pw"}},
                             token = {.options = {.user = "u", .token_file = token_path(mem, 20)}};
    smtp_fails(password, ERR_AWAY, "not proven",
               SCRIPT(OFFER("SCRAM-SHA-256 PLAIN"), "R AUTH SCRAM-SHA-256 ", "S 235 in\r\n"));
    smtp_fails(password, ERR_AWAY, "makes no sense",
               SCRIPT(OFFER("SCRAM-SHA-1"), "R AUTH SCRAM-SHA-1 ", "S 334 cj14LHM9QUFBQSxpPTE=\r\n", "X"));
    smtp_fails(password, ERR_AWAY, "more than there is to say",
               SCRIPT(OFFER("PLAIN"), "R AUTH PLAIN ", "S 334 \r\n", "X"));
    smtp_fails(password, ERR_CONFIG, "does not offer SCRAM-SHA-256, SCRAM-SHA-1, PLAIN or LOGIN",
               SCRIPT(OFFER("XOAUTH2 CRAM-MD5")));
    smtp_fails(token, ERR_CONFIG, "does not offer OAUTHBEARER or XOAUTH2", SCRIPT(OFFER("PLAIN LOGIN")));
    /* {"status":"400","scope":"https://mail.google.com/"}; and a server that says the token again */
    smtp_fails(token, ERR_AWAY,
               "535 5.7.8 no ******************** (status 400, scope https://mail.google.com/; the access "
               "token in /tmp/",
               SCRIPT(OFFER("XOAUTH2"), "R AUTH XOAUTH2 ",
                      "S 334 eyJzdGF0dXMiOiI0MDAiLCJzY29wZSI6Imh0dHBzOi8vbWFpbC5nb29nbGUuY29tLyJ9\r\n",
                      "R \r\n", "S 535 5.7.8 no aaaaaaaaaaaaaaaaaaaa\r\n"));
    smtp_fails(token, ERR_AWAY, "AUTH: 535 5.7.3 no (the access token in",
               SCRIPT(OFFER("XOAUTH2"), "R AUTH XOAUTH2 ", "S 535 5.7.3 no\r\n"));
    remove(token.options.token_file);
}

/* ---- IMAP */

#define GREETING(list)                                                                                       \
    "S * OK hello\r\n", "R x CAPABILITY", "S * CAPABILITY IMAP4rev1 " list "\r\nx OK done\r\n"
#define IN "R x CAPABILITY", "S * CAPABILITY IMAP4rev1 IDLE\r\nx OK done\r\n", "R x LOGOUT"

/* 0 in, or -1 */
static int imap_try(struct imap_options o, struct err *err, const char *const *steps)
{
    MEM_SCOPE(mem);
    struct scripted server;
    struct imap *imap = NULL;
    scripted_start(&server, NULL, steps);
    o.stream = (struct stream_options){
        .host = "127.0.0.1", .port = server.port, .tls = STREAM_PLAIN, .timeout_s = 5};
    int rc = imap_open(mem, &o, &imap, err);
    imap_close(imap);
    assert_int_equal(scripted_end(mem, &server, NULL), 0);
    return rc;
}

static void imap_logins(void **state)
{
    (void)state;
    struct err err = {0};
    struct imap_options o = {.user = "u", .password = "p\"w\\"};
    /* without SASL-IR the server asks first; and says this and that before it lets in */
    if (imap_try(o, &err,
                 SCRIPT(GREETING("AUTH=PLAIN"), "R 1 AUTHENTICATE PLAIN\r\n", "S + \r\n",
                        "R AHUAcCJ3XA==\r\n", "S * CAPABILITY IMAP4rev1\r\n1 OK in\r\n", IN)) < 0 ||
        imap_try(o, &err,
                 SCRIPT(GREETING("SASL-IR AUTH=PLAIN"), "R 1 AUTHENTICATE PLAIN AHUAcCJ3XA==\r\n",
                        "S 1 OK in\r\n", IN)) < 0 ||
        imap_try(o, &err,
                 SCRIPT(GREETING("AUTH=LOGIN LOGINDISABLED"), "R 1 AUTHENTICATE LOGIN\r\n",
                        "S + VXNlcm5hbWU6\r\n", "R dQ==\r\n", "S + UGFzc3dvcmQ6\r\n", "R cCJ3XA==\r\n",
                        "S 1 OK in\r\n", IN)) < 0 ||
        imap_try(o, &err,
                 SCRIPT(GREETING("AUTH=LOGIN"), "R 1 AUTHENTICATE LOGIN\r\n", "S + \r\n", "R dQ==\r\n",
                        "S +\r\n", "R cCJ3XA==\r\n", "S 1 OK in\r\n", IN)) < 0 ||
        imap_try(o, &err, SCRIPT(GREETING(""), "R 1 LOGIN \"u\" \"p\\\"w\\\\\"\r\n", "S 1 OK in\r\n", IN)) <
            0)
        fail_msg("%s", err.text);
}

static void imap_refusals(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err = {0};
    const struct imap_options o = {.user = "u", .password = "pw"},
                              token = {.user = "u", .token_file = token_path(mem, 20)};
    assert_int_equal(imap_try(o, &err,
                              SCRIPT(GREETING("SASL-IR AUTH=SCRAM-SHA-256"),
                                     "R 1 AUTHENTICATE SCRAM-SHA-256 ", "S 1 OK in\r\n")),
                     -1);
    expect(&err, ERR_AWAY, "not proven");
    assert_int_equal(imap_try(o, &err, SCRIPT(GREETING(""), "R 1 LOGIN", "S + more\r\n")), -1);
    expect(&err, ERR_AWAY, "makes no sense");
    assert_int_equal(imap_try(o, &err, SCRIPT(GREETING(""), "R 1 LOGIN", "S * BYE too many\r\n")), -1);
    expect(&err, ERR_AWAY, "too many");
    assert_int_equal(
        imap_try(o, &err, SCRIPT(GREETING("AUTH=PLAIN"), "R 1 AUTH", "S 1 NO [UNAVAILABLE] later\r\n")), -1);
    expect(&err, ERR_AWAY, "later");
    assert_int_equal(imap_try(token, &err, SCRIPT(GREETING("AUTH=PLAIN"))), -1);
    expect(&err, ERR_CONFIG, "does not offer OAUTHBEARER or XOAUTH2");
    assert_int_equal(imap_try(token, &err,
                              SCRIPT(GREETING("AUTH=XOAUTH2 SASL-IR"), "R 1 AUTHENTICATE XOAUTH2 dXNlcj11",
                                     "S + eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIn0=\r\n", "R \r\n",
                                     "S 1 NO [AUTHENTICATIONFAILED] Invalid credentials\r\n")),
                     -1);
    expect(&err, ERR_AWAY, "Invalid credentials (status 400; the access token in /tmp/");
    remove(token.token_file);
}

int main(int argc, char **argv)
{
    mem_init();
    signal(SIGPIPE, SIG_IGN);
    if (argc > 1 && !strcmp(argv[1], "imap-worker"))
        return imap_worker_main();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(smtp_long_token),
        cmocka_unit_test(smtp_refusals),
        cmocka_unit_test(imap_logins),
        cmocka_unit_test(imap_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
