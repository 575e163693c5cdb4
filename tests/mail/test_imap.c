/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The IMAP client against servers that follow a script, most of them to break it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include "mail/wire/imap.h"
#include "mail/wire/imap_low.h"
#include "tests/lib/imap_wait.h"
#include "tests/lib/scripted.h"

#define SCRIPT(...) ((const char *const[]){__VA_ARGS__, NULL})
#define GREETING    "S * OK hello\r\n", "R x CAPABILITY", "S * CAPABILITY IMAP4rev1\r\nx OK done\r\n"
#define LOGGED_IN                                                                                            \
    GREETING, "R 1 LOGIN", "S 1 OK in\r\n", "R x CAPABILITY", "S * CAPABILITY IMAP4rev1 IDLE\r\nx OK done\r\n"
#define EXAMINED(n)                                                                                          \
    LOGGED_IN, "R 2 EXAMINE",                                                                                \
        "S * 3 EXISTS\r\n* OK [UIDVALIDITY " n "] v\r\n* OK [UIDNEXT 8] n\r\n2 OK [READ-ONLY] done\r\n"
#define SEARCHED "R 3 UID SEARCH", "S * SEARCH 5 6 7\r\n3 OK done\r\n"
#define SIZES(tag)                                                                                           \
    "R " tag " UID FETCH", "S * 1 FETCH (UID 5 RFC822.SIZE 5)\r\n* 2 FETCH (UID 6 RFC822.SIZE 5)\r\n* 3 "    \
                           "FETCH (UID 7 RFC822.SIZE 5)\r\n" tag " OK done\r\n"
#define BODY(n, uid) "* " n " FETCH (UID " uid " RFC822.SIZE 5 BODY[] {5}\r\nabcd" n ")\r\n"

struct fixture {
    void *mem;
    struct scripted server;
    struct imap_options options;
    struct imap_host *host;
    int line;
    struct imap *imap;
    struct err err;
    bool starttls;
};

/* ---- names of folders */

static void folder_names(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const char *const names[][2] = {
        {"INBOX", "INBOX"},
        {"a&b", "a&-b"},
        {"Dërguar", "D&AOs-rguar"},
        {"Послато", "&BB8EPgRBBDsEMARCBD4-"},
        {"\xf0\x9f\x98\x80", "&2D3eAA-"},
        {"台北/日本語", "&U,BTFw-/&ZeVnLIqe-"},
        {"\n", NULL},
        {"\xff", NULL},
        {"\xc0\xaf", NULL},
        {"\xed\xa0\x80", NULL},
        {"\xc3", NULL},
        {"", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        char *wire = imap_folder_name(mem, names[i][0]);
        if (names[i][1])
            assert_string_equal(wire, names[i][1]);
        else
            assert_null(wire);
    }
}

/* ---- hostile servers */

static int begin(struct fixture *f, const char *const *steps)
{
    f->mem = talloc_new(NULL);
    scripted_start(&f->server, NULL, steps);
    f->options.stream =
        (struct stream_options){.host = "127.0.0.1",
                                .port = f->server.port,
                                .tls = f->starttls ? STREAM_STARTTLS : STREAM_PLAIN,
                                .timeout_s = f->options.stream.timeout_s ? f->options.stream.timeout_s : 5};
    f->options.user = "u";
    f->options.password = "pw";
    if (imap_host_open(f->mem, &f->host, &f->err) < 0 || imap_host_line(f->host, &f->line, &f->err) < 0)
        fail_msg("%s", f->err.text);
    return imap_open_on(f->mem, f->line, &f->options, &f->imap, &f->err);
}

static char *end(struct fixture *f)
{
    char *said;
    imap_close(f->imap);
    close(f->line);
    imap_host_close(f->host);
    assert_int_equal(scripted_end(f->mem, &f->server, &said), 0);
    return said;
}

static void expect_error(const struct err *err, enum err_code code, const char *words)
{
    if (err->code != code || !strstr(err->text, words))
        fail_msg("error %d \"%s\"; wanted %d, %s", err->code, err->text, code, words);
}

static void open_fails(enum stream_tls tls, int timeout_s, enum err_code code, const char *words,
                       const char *const *steps)
{
    struct fixture f = {.options.stream.timeout_s = timeout_s, .starttls = tls == STREAM_STARTTLS};
    assert_int_equal(begin(&f, steps), -1);
    expect_error(&f.err, code, words);
    assert_null(strstr(end(&f), "LOGIN"));
    talloc_free(f.mem);
}

static void greetings(void **state)
{
    (void)state;
    open_fails(STREAM_PLAIN, 0, ERR_CONFIG, "PREAUTH", SCRIPT("S * PREAUTH welcome\r\n"));
    open_fails(STREAM_STARTTLS, 0, ERR_CONFIG, "PREAUTH", SCRIPT("S * PREAUTH welcome\r\n"));
    open_fails(STREAM_PLAIN, 0, ERR_AWAY, "too many", SCRIPT("S * BYE too many connections\r\n"));
    open_fails(STREAM_PLAIN, 0, ERR_AWAY, "none of IMAP", SCRIPT("S 220 smtp\r\n"));
    open_fails(STREAM_PLAIN, 0, ERR_AWAY, "closed", SCRIPT("X"));
    open_fails(STREAM_PLAIN, 1, ERR_AWAY, "in time", SCRIPT("W 1500"));
    open_fails(STREAM_STARTTLS, 0, ERR_CONFIG, "stripped",
               SCRIPT("S * OK hi\r\n", "R x STARTTLS", "S x BAD what\r\n"));
    open_fails(STREAM_STARTTLS, 0, ERR_CONFIG, "plain text",
               SCRIPT("S * OK hi\r\n", "R x STARTTLS", "S x OK go\r\n* OK injected\r\n", "W 100"));
    open_fails(
        STREAM_PLAIN, 0, ERR_CONFIG, "does not offer",
        SCRIPT("S * OK hi\r\n", "R x CAPABILITY", "S * CAPABILITY IMAP4rev1 LOGINDISABLED\r\nx OK\r\n"));
}

/* What kills libetpan's parser is harmless in a greeting, which it does not see, and an error value anywhere
 * else. */
static void parser_killers(void **state)
{
    (void)state;
    static const char *const greeting[] = {"S * OK [BADCHARSET (\"x\")] hi\r\n",
                                           "S * OK [PERMANENTFLAGS ((\r\n"};
    for (size_t i = 0; i < ARRAY_LEN(greeting); i++)
        open_fails(STREAM_PLAIN, 0, ERR_AWAY, "closed", SCRIPT(greeting[i], "R x CAPABILITY", "X"));
    static const char *const answer[] = {"S * OK [PERMANENTFLAGS ((\r\n2 OK done\r\n",
                                         "S * OK [BADCHARSET (\"x\")] hi\r\n2 OK done\r\n",
                                         "S * OK [ALERT]\r\n2 OK done\r\n"};
    for (size_t i = 0; i < ARRAY_LEN(answer); i++) {
        struct fixture f = {0};
        struct imap_folder folder;
        assert_int_equal(begin(&f, SCRIPT(LOGGED_IN, "R 2 EXAMINE", answer[i], "W 300")), 0);
        assert_int_equal(imap_examine(f.imap, "INBOX", &folder, &f.err), -1);
        assert_true(f.err.code == ERR_AGAIN || f.err.code == ERR_AWAY);
        end(&f);
        talloc_free(f.mem);
    }
}

static void login_refused(void **state)
{
    (void)state;
    struct fixture f = {0};
    assert_int_equal(begin(&f, SCRIPT(GREETING, "R 1 LOGIN", "S 1 NO [AUTHENTICATIONFAILED] wrong\r\n")), -1);
    expect_error(&f.err, ERR_CONFIG, "wrong");
    end(&f);
    talloc_free(f.mem);
    f = (struct fixture){0};
    assert_int_equal(begin(&f, SCRIPT(GREETING, "R 1 LOGIN", "S 1 NO [UNAVAILABLE] later\r\n")), -1);
    expect_error(&f.err, ERR_AWAY, "later");
    end(&f);
    talloc_free(f.mem);
}

struct taken {
    void *mem;
    char *log; /* "uid:bytes " or "uid!why " */
};

static int take(void *context, const struct imap_message *m, struct err *err)
{
    struct taken *t = context;
    t->log = talloc_asprintf_append(t->log, m->bytes ? "%u:%.20s " : "%u!%.20s ", m->uid,
                                    m->bytes ? m->bytes : m->why);
    (void)err;
    return 0;
}

static struct taken taken_new(void *mem)
{
    return (struct taken){.mem = mem, .log = talloc_strdup(mem, "")};
}

/* Opens INBOX and fetches all; what became of it in *t. */
static int fetch_scripted(struct fixture *f, struct taken *t, const char *const *steps)
{
    struct imap_folder folder;
    assert_int_equal(begin(f, steps), 0);
    *t = taken_new(f->mem);
    assert_int_equal(imap_examine(f->imap, "INBOX", &folder, &f->err), 0);
    assert_int_equal(folder.uidvalidity, 9);
    assert_int_equal(folder.uidnext, 8);
    assert_int_equal(folder.exists, 3);
    return imap_fetch_since(f->imap, 5, take, t, &f->err);
}

static void fetch_plain(void **state)
{
    (void)state;
    struct fixture f = {0};
    struct taken t;
    assert_int_equal(fetch_scripted(&f, &t,
                                    SCRIPT(EXAMINED("9"), "R 3 UID SEARCH UID 5:*\r\n",
                                           "S * SEARCH 7 4 5 6\r\n3 OK done\r\n", SIZES("4"),
                                           "R 5 UID FETCH 5:7 (UID RFC822.SIZE BODY.PEEK[])\r\n",
                                           "S " BODY("1", "5") "* 1 FETCH (UID 6 FLAGS (\\Seen))\r\n" BODY(
                                               "2", "6") BODY("3", "7") "5 OK done\r\n")),
                     0);
    assert_string_equal(t.log, "5:abcd1 6:abcd2 7:abcd3 ");
    end(&f);
    talloc_free(f.mem);
}

/* The second message breaks the session each time: the others come, and it is told. */
static void fetch_around_a_bad_message(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "S * 2 FETCH (UID 6 X-UNKNOWN ((\r\n",                 /* what the parser does not know */
        "S * 2 FETCH (UID 6 RFC822.SIZE 5 BODY[] {500}\r\nab", /* the end within a literal */
        "S * 2 FETCH (UID 6 BODY[] {4000000000}\r\nab",        /* a literal of 4 GB */
        "S * 2 FETCH (UID 7 RFC822.SIZE 5 BODY[] {5}\r\nabcde)\r\n* 3 FETCH (UID 6 RFC822.SIZE 5 BODY[] "
        "{5}\r\nabcde)\r\n",
    };
    for (size_t i = 0; i < 3; i++) {
        struct fixture f = {0};
        struct taken t;
        assert_int_equal(
            fetch_scripted(&f, &t,
                           SCRIPT(EXAMINED("9"), SEARCHED, SIZES("4"), "R 5 UID FETCH 5:7",
                                  "S " BODY("1", "5"), bad[i], "X", "A", EXAMINED("9"), SIZES("3"),
                                  "R 4 UID FETCH 6 ", bad[i], "X", "A", EXAMINED("9"), SIZES("3"),
                                  "R 4 UID FETCH 6 ", bad[i], "X", "A", EXAMINED("9"), SIZES("3"),
                                  "R 4 UID FETCH 7 ", "S " BODY("3", "7") "4 OK done\r\n")),
            0);
        assert_non_null(strstr(t.log, "5:abcd1 6!"));
        assert_non_null(strstr(t.log, "7:abcd3 "));
        end(&f);
        talloc_free(f.mem);
    }
}

static void fetch_odd_answers(void **state)
{
    (void)state;
    struct fixture f = {0};
    struct taken t;
    /* no content; gone meanwhile; larger than announced */
    f.options.max_message_bytes = 8;
    assert_int_equal(
        fetch_scripted(
            &f, &t,
            SCRIPT(EXAMINED("9"), SEARCHED, "R 4 UID FETCH",
                   "S * 1 FETCH (UID 5 RFC822.SIZE 5)\r\n* 3 FETCH (UID 7 RFC822.SIZE 5)\r\n4 OK done\r\n",
                   "R 5 UID FETCH 5,7 ",
                   "S * 1 FETCH (UID 5 RFC822.SIZE 5 BODY[] NIL)\r\n"
                   "* 3 FETCH (UID 7 RFC822.SIZE 5 BODY[] {9}\r\n123456789)\r\n5 OK done\r\n")),
        0);
    assert_string_equal(t.log, "5!the server gives no  7!larger than it was a ");
    end(&f);
    talloc_free(f.mem);
    f = (struct fixture){0};
    assert_int_equal(fetch_scripted(&f, &t, SCRIPT(EXAMINED("9"), SEARCHED, "X", "A", EXAMINED("10"))), -1);
    expect_error(&f.err, ERR_AGAIN, "UIDVALIDITY");
    end(&f);
    talloc_free(f.mem);
}

static void idle_scripted(void **state)
{
    (void)state;
    struct fixture f = {0};
    struct imap_folder folder;
    assert_int_equal(
        begin(&f,
              SCRIPT(EXAMINED("9"), "R i IDLE", "S * OK early\r\n+ idling\r\n* OK still here\r\n", "W 200",
                     "S * 4 EXISTS\r\n", "R DONE", "S i OK done\r\n", "R i IDLE", "S + idling\r\n", "R DONE",
                     "S i OK done\r\n", "R i IDLE", "S * 5 EXISTS\r\n+ idling\r\n", "R DONE",
                     "S i OK done\r\n", "R i IDLE", "S + idling\r\n* BYE shutdown\r\n", "X")),
        0);
    assert_int_equal(imap_examine(f.imap, "INBOX", &folder, &f.err), 0);
    assert_int_equal(imap_wait(f.line, 5, &f.err), 1);
    assert_int_equal(imap_wait(f.line, 1, &f.err), 0);
    assert_int_equal(imap_wait(f.line, 5, &f.err), 1);
    assert_int_equal(imap_wait(f.line, 5, &f.err), -1);
    expect_error(&f.err, ERR_AWAY, "shutdown");
    end(&f);
    talloc_free(f.mem);
}

/* A server that ends the wait by itself is not waited for any longer, nor one that says nothing of sense. */
static void idle_ended(void **state)
{
    (void)state;
    static const char *const ends[] = {"i OK over", ""};
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        struct fixture f = {0};
        struct imap_folder folder;
        const char *last = talloc_asprintf(NULL, "S + idling\r\n%s\r\n", ends[i]);
        assert_int_equal(begin(&f, SCRIPT(EXAMINED("9"), "R i IDLE", last, "X")), 0);
        assert_int_equal(imap_examine(f.imap, "INBOX", &folder, &f.err), 0);
        assert_int_equal(imap_wait(f.line, 5, &f.err), -1);
        expect_error(&f.err, ERR_AWAY, "IDLE: ");
        end(&f);
        talloc_free((void *)(uintptr_t)last);
        talloc_free(f.mem);
    }
}

/* ---- the worker */

static void worker_dies(void **state)
{
    (void)state;
    struct fixture f = {0};
    struct imap_folder folder;
    assert_int_equal(begin(&f, SCRIPT(LOGGED_IN, "W 300")), 0);
    kill(imap_host_pid(f.host), SIGKILL);
    assert_int_equal(imap_examine(f.imap, "INBOX", &folder, &f.err), -1);
    expect_error(&f.err, ERR_AGAIN, "IMAP worker died");
    assert_int_equal(imap_wait_begin(f.imap, 1, &f.err), -1);
    expect_error(&f.err, ERR_AGAIN, "IMAP worker died");
    end(&f);
    talloc_free(f.mem);
}

static void worker_is_alone(void **state)
{
    (void)state;
    struct fixture f = {0};
    int kept = fcntl(2, F_DUPFD, 50); /* without O_CLOEXEC: the worker must not have it */
    assert_int_equal(begin(&f, SCRIPT(LOGGED_IN, "R x LOGOUT")), 0);
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd/%d", imap_host_pid(f.host), kept);
    assert_int_equal(access(path, F_OK), -1);
    snprintf(path, sizeof path, "/proc/%d/fd/3", imap_host_pid(f.host));
    assert_int_equal(access(path, F_OK), 0);
    close(kept);
    end(&f);
    talloc_free(f.mem);
}

int main(int argc, char **argv)
{
    mem_init();
    signal(SIGPIPE, SIG_IGN);
    if (argc > 1 && !strcmp(argv[1], "imap-worker"))
        return imap_worker_main();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(folder_names),
        cmocka_unit_test(greetings),
        cmocka_unit_test(idle_ended),
        cmocka_unit_test(parser_killers),
        cmocka_unit_test(login_refused),
        cmocka_unit_test(fetch_plain),
        cmocka_unit_test(fetch_around_a_bad_message),
        cmocka_unit_test(fetch_odd_answers),
        cmocka_unit_test(idle_scripted),
        cmocka_unit_test(worker_dies),
        cmocka_unit_test(worker_is_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
