/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The SMTP client with real servers: the private Postfix (demo/servers) and Postfix's smtp-sink.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mail/wire/smtp.h"
#include "tests/lib/scripted.h"

static const char *submission_port;

static void *mem;
static struct stream_context *tls;

static struct smtp_options options_of(const char *port)
{
    struct err err = {0};
    char *password = NULL;
    size_t len;
    if (mem_read_file(mem, getenv("PASSWORD_FILE"), 1000, &password, &len, &err) < 0)
        fail_msg("%s", err.text);
    password[strcspn(password, "\r\n")] = 0;
    return (struct smtp_options){.stream = {.host = "127.0.0.1",
                                            .port = port,
                                            .verify_name = getenv("MAIL_HOST"),
                                            .tls = STREAM_STARTTLS,
                                            .timeout_s = 20},
                                 .user = "kabinet@klokot.example",
                                 .password = password,
                                 .helo = "office.klokot.example"};
}

static struct smtp *session(const struct smtp_options *o)
{
    struct err err = {0};
    struct smtp *smtp;
    if (smtp_open(mem, tls, o, &smtp, &err) < 0)
        fail_msg("%s", err.text);
    return smtp;
}

static void login_by_each_mechanism(void **state)
{
    (void)state;
    if (!submission_port)
        skip();
    static const char *const mechanisms[] = {NULL, "SCRAM-SHA-256", "PLAIN", "LOGIN"};
    for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++) {
        struct smtp_options o = options_of(submission_port);
        o.mechanism = mechanisms[i];
        smtp_close(session(&o));
    }
    struct smtp_options o = options_of(submission_port);
    struct err err = {0};
    struct smtp *smtp;
    o.password = "wrong"; /* once: Dovecot answers the next ones ever later */
    assert_int_equal(smtp_open(mem, tls, &o, &smtp, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    assert_int_equal(err.reply, 535);
}

static void submission(void **state)
{
    (void)state;
    if (!submission_port)
        skip();
    static const char content[] =
        "From: <kabinet@klokot.example>\r\nTo: <anna@people.example>\r\nSubject: x\r\n\r\n.\r\n";
    struct smtp_options o = options_of(submission_port);
    struct smtp *smtp = session(&o);
    struct smtp_result r, next;
    assert_true(smtp_offers(smtp, "PIPELINING"));
    assert_true(smtp_offers(smtp, "dsn"));
    struct smtp_envelope e = {
        .from = "kabinet@klokot.example", .to = "policy@people.example", .envid = "a+b=c"};
    smtp_envelope(smtp, &e, &r);
    assert_int_equal(r.outcome, SMTP_REFUSED);
    assert_string_equal(r.stage, "RCPT");
    assert_string_equal(r.enhanced, "5.7.1");
    struct smtp_envelope good = e;
    good.to = "anna@people.example";
    smtp_envelope(smtp, &good, &r);
    assert_int_equal(r.outcome, SMTP_OK);
    smtp_content(smtp, content, strlen(content), &r, &e, &next);
    assert_int_equal(r.outcome, SMTP_OK);
    assert_string_equal(r.enhanced, "2.0.0");
    assert_int_equal(next.outcome, SMTP_REFUSED);
    smtp_envelope(smtp, &good, &r);
    assert_int_equal(r.outcome, SMTP_OK);
    smtp_content(smtp, content, strlen(content), &r, NULL, NULL);
    assert_int_equal(r.outcome, SMTP_OK);
    smtp_close(smtp);
}

/* smtp-sink on a port of the tests' range; its process. */
static pid_t sink_start(const char *port)
{
    pid_t pid = fork();
    must(pid >= 0);
    if (pid == 0) {
        char *place = talloc_asprintf(NULL, "127.0.0.1:%s", port);
        if (getuid() == 0)
            execlp("/usr/sbin/smtp-sink", "smtp-sink", "-u", "nobody", place, "100", NULL);
        else
            execlp("/usr/sbin/smtp-sink", "smtp-sink", place, "100", NULL);
        _exit(127);
    }
    return pid;
}

static void many_in_one_session(void **state)
{
    (void)state;
    if (access("/usr/sbin/smtp-sink", X_OK) < 0)
        skip();
    const char *base = getenv("ADRESAR_TEST_PORT");
    char *port = talloc_asprintf(mem, "%ld", (base ? strtol(base, NULL, 10) : 21000) + 100);
    pid_t pid = sink_start(port);
    struct smtp_options o = {
        .stream = {.host = "127.0.0.1", .port = port, .tls = STREAM_PLAIN, .timeout_s = 20},
        .helo = "office.klokot.example"};
    struct err err = {0};
    struct smtp *smtp = NULL;
    for (int i = 0; i < 100 && smtp_open(mem, tls, &o, &smtp, &err) < 0; i++)
        usleep(50000);
    assert_non_null(smtp);
    struct text content = text_new(mem);
    text_puts(&content, "Subject: many\r\n\r\n");
    while (content.len < 5000)
        text_puts(&content, "Lorem ipsum dolor sit amet, consectetur adipiscing elit\r\n");
    struct smtp_envelope e = {.from = "a@x.test", .to = "b@y.test", .size = content.len};
    struct smtp_result r, next;
    smtp_envelope(smtp, &e, &next);
    for (int i = 0; i < 5000; i++) {
        assert_int_equal(next.outcome, SMTP_OK);
        smtp_content(smtp, content.s, content.len, &r, i < 4999 ? &e : NULL, &next);
        assert_int_equal(r.outcome, SMTP_OK);
    }
    smtp_close(smtp);
    kill(pid, SIGTERM);
    waitpid(pid, NULL, 0);
}

int main(void)
{
    mem_init();
    signal(SIGPIPE, SIG_IGN);
    struct err err = {0};
    mem = talloc_new(NULL);
    submission_port = getenv("SUBMISSION_PORT");
    if (submission_port && !*submission_port)
        submission_port = NULL;
    if (stream_context_new(mem, getenv("CA_FILE"), &tls, &err) < 0)
        bug("%s", err.text);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(login_by_each_mechanism),
        cmocka_unit_test(submission),
        cmocka_unit_test(many_in_one_session),
    };
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    talloc_free(mem);
    return failed;
}
