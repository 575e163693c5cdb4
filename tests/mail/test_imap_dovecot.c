/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The IMAP client against the private Dovecot (demo/servers).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "mail/wire/imap_low.h"
#include "tests/lib/imap_wait.h"

#define FOLDER      "Дописи & Ftesë"
#define FOLDER_WIRE "&BBQEPgQ,BDgEQQQ4- &- Ftes&AOs-"
#define MESSAGES    150

static const char *dovecot_port, *dovecot_tls_port;

/* A client by hand, to fill the mailbox. */
struct hand {
    void *mem;
    mailstream *stream;
};

static char *hand_say(struct hand *h, const char *bytes)
{
    struct err err = {0};
    char line[4096];
    struct text all = text_new(h->mem);
    stream_limit(h->stream, 10, 10, 1 << 20);
    if (stream_write(h->stream, bytes, strlen(bytes), NULL, &err) < 0)
        fail_msg("%s", err.text);
    do {
        if (stream_read_line(h->stream, line, sizeof line, &err) < 0)
            fail_msg("%s", err.text);
        text_printf(&all, "%s\n", line);
    } while (strncmp(line, "h ", 2) && strncmp(line, "+", 1));
    return all.s;
}

static void hand_begin(struct hand *h, const struct imap_options *o)
{
    struct err err = {0};
    struct stream_context *tls;
    struct stream_options s = o->stream;
    char line[4096];
    s.tls = STREAM_IMPLICIT;
    s.port = dovecot_tls_port;
    h->mem = talloc_new(NULL);
    assert_int_equal(stream_context_new(h->mem, o->ca_file, &tls, &err), 0);
    if (stream_open(tls, &s, &h->stream, &err) < 0 ||
        stream_read_line(h->stream, line, sizeof line, &err) < 0)
        fail_msg("%s", err.text);
    hand_say(h, talloc_asprintf(h->mem, "h LOGIN %s %s\r\n", o->user, o->password));
}

static void hand_append(struct hand *h, const char *content)
{
    hand_say(h,
             talloc_asprintf(h->mem, "h APPEND \"" FOLDER_WIRE "\" \"01-Feb-2024 12:00:00 +0230\" {%zu}\r\n",
                             strlen(content)));
    char *said = hand_say(h, talloc_asprintf(h->mem, "%s\r\n", content));
    assert_true(!strncmp(said, "h OK", 4) || strstr(said, "\nh OK"));
}

static void hand_end(struct hand *h)
{
    stream_close(h->stream);
    talloc_free(h->mem);
}

static void dovecot_options(void *mem, struct imap_options *o)
{
    struct err err = {0};
    char *password;
    size_t len;
    assert_int_equal(mem_read_file(mem, getenv("PASSWORD_FILE"), 1000, &password, &len, &err), 0);
    password[strcspn(password, "\r\n")] = 0;
    *o = (struct imap_options){.stream = {.host = "127.0.0.1",
                                          .port = dovecot_port,
                                          .verify_name = getenv("MAIL_HOST"),
                                          .tls = STREAM_STARTTLS,
                                          .timeout_s = 10},
                               .ca_file = getenv("CA_FILE"),
                               .user = "anna@people.example",
                               .password = password};
}

static void expect_error(const struct err *err, enum err_code code, const char *words)
{
    if (err->code != code || !strstr(err->text, words))
        fail_msg("error %d \"%s\"; wanted %d, %s", err->code, err->text, code, words);
}

struct taken {
    void *mem;
    char *log; /* "uid:bytes " or "uid!why " */
    size_t n, stop_after;
};

static int take(void *context, const struct imap_message *m, struct err *err)
{
    struct taken *t = context;
    t->log = talloc_asprintf_append(t->log, m->bytes ? "%u:%.20s " : "%u!%.20s ", m->uid,
                                    m->bytes ? m->bytes : m->why);
    return ++t->n == t->stop_after ? err_set(err, ERR_IO, "enough") : 0;
}

static struct taken taken_new(void *mem)
{
    return (struct taken){.mem = mem, .log = talloc_strdup(mem, "")};
}

static void dovecot_login(void **state)
{
    (void)state;
    if (!dovecot_port)
        skip();
    MEM_SCOPE(mem);
    struct imap_options o;
    struct imap *imap;
    struct imap_folder folder;
    struct err err = {0};
    static const char *const mechanisms[] = {NULL, "SCRAM-SHA-256", "PLAIN", "LOGIN"};
    for (size_t i = 0; i < ARRAY_LEN(mechanisms); i++) {
        dovecot_options(mem, &o);
        o.mechanism = mechanisms[i];
        if (imap_open(mem, &o, &imap, &err) < 0 || imap_examine(imap, "INBOX", &folder, &err) < 0)
            fail_msg("%s", err.text);
        assert_int_equal(imap_examine(imap, "no such folder", &folder, &err), -1);
        assert_int_equal(err.code, ERR_NOTFOUND);
        if (imap_examine(imap, "Sent", &folder, &err) < 0)
            fail_msg("%s", err.text);
        imap_close(imap);
    }
    dovecot_options(mem, &o);
    o.password = "wrong"; /* once: Dovecot answers the next ones ever later */
    assert_int_equal(imap_open(mem, &o, &imap, &err), -1);
    expect_error(&err, ERR_CONFIG, "refuses");
    dovecot_options(mem, &o);
    o.stream.verify_name = "other.example";
    assert_int_equal(imap_open(mem, &o, &imap, &err), -1);
    expect_error(&err, ERR_CONFIG, "certificate");
    dovecot_options(mem, &o);
    o.ca_file = NULL;
    assert_int_equal(imap_open(mem, &o, &imap, &err), -1);
    expect_error(&err, ERR_CONFIG, "certificate");
    dovecot_options(mem, &o);
    o.user = "u\r\nx NOOP";
    assert_int_equal(imap_open(mem, &o, &imap, &err), -1);
    expect_error(&err, ERR_CONFIG, "one line");
}

struct appending {
    struct imap_options options;
};

static void *append_soon(void *context)
{
    const struct appending *a = context;
    struct hand h;
    usleep(300000);
    hand_begin(&h, &a->options);
    hand_append(&h, "Subject: late\r\n\r\nx\r\n");
    hand_end(&h);
    return NULL;
}

static void put_literal(struct text *t, const char *content)
{
    text_printf(t, " \"01-Feb-2024 12:00:00 +0230\" {%zu+}\r\n%s", strlen(content), content);
}

static void fill_folder(struct hand *h)
{
    hand_say(h, "h DELETE \"" FOLDER_WIRE "\"\r\n");
    hand_say(h, "h CREATE \"" FOLDER_WIRE "\"\r\n");
    struct text t = text_new(h->mem);
    text_puts(&t, "h APPEND \"" FOLDER_WIRE "\"");
    for (int i = 1; i <= MESSAGES; i++)
        put_literal(&t, talloc_asprintf(h->mem, "%d\r\nSubject: number %d\r\n\r\n.\r\nbody\r\n", i, i));
    char *large = talloc_size(h->mem, 300001);
    memset(large, 'x', 300000);
    large[300000] = 0;
    put_literal(&t, large);
    put_literal(&t, "last\r\n");
    text_puts(&t, "\r\n");
    assert_non_null(strstr(hand_say(h, t.s), "h OK"));
}

static size_t search(struct imap *imap, void *mem, struct imap_query query)
{
    struct err err = {0};
    uint32_t *uids;
    size_t n;
    if (imap_search(imap, mem, &query, &uids, &n, &err) < 0)
        fail_msg("%s", err.text);
    return n;
}

/* What the server knows of the folder besides its messages. */
static void look_around(void *mem, struct imap *imap, struct hand *h)
{
    struct err err = {0};
    struct imap_folder folder;
    uint32_t *ends;
    size_t n;
    char *sent;
    static const char *const address[] = {"nobody@far.example", "one\r\nx@bad", "two@far.example"};
    assert_int_equal(imap_special(imap, mem, "Sent", &sent, &err), 1);
    assert_string_equal(sent, "Sent");
    assert_int_equal(imap_special(imap, mem, "Flagged", &sent, &err), 0);

    hand_append(h, "From: Two <TWO@far.example>\r\n\r\nx\r\n");
    hand_append(h, "From: one@far.example\r\nCc: two@far.example\r\n\r\nx\r\n");
    assert_int_equal(imap_examine(imap, FOLDER, &folder, &err), 0);
    assert_true(folder.modseq > 0);
    assert_int_equal(search(imap, mem, (struct imap_query){.first = 150}), 6);
    assert_int_equal(search(imap, mem, (struct imap_query){.first = 150, .since = "2024-02-01"}), 6);
    assert_int_equal(search(imap, mem, (struct imap_query){.first = 150, .since = "2024-02-02"}), 0);
    assert_int_equal(search(imap, mem, (struct imap_query){.first = 1, .address = address, .naddresses = 3}),
                     2);
    assert_int_equal(search(imap, mem, (struct imap_query){.first = 1, .address = address, .naddresses = 2}),
                     0);
    assert_int_equal(
        search(imap, mem, (struct imap_query){.first = 1, .address = address + 1, .naddresses = 1}), 0);

    assert_int_equal(imap_vanished(imap, mem, folder.modseq, &ends, &n, &err), 0);
    assert_int_equal(n, 0);
    hand_say(h, "h SELECT \"" FOLDER_WIRE "\"\r\n");
    hand_say(h, "h STORE 3:5,9 +FLAGS.SILENT (\\Deleted)\r\n");
    hand_say(h, "h EXPUNGE\r\n");
    hand_say(h, "h CLOSE\r\n");
    if (imap_vanished(imap, mem, folder.modseq, &ends, &n, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(n, 2);
    assert_true(ends[0] == 3 && ends[1] == 5 && ends[2] == 9 && ends[3] == 9);
}

static void dovecot_fetch(void **state)
{
    (void)state;
    if (!dovecot_port)
        skip();
    MEM_SCOPE(mem);
    struct hand h;
    struct appending a;
    struct imap *imap;
    struct imap_folder folder;
    struct err err = {0};
    dovecot_options(mem, &a.options);
    a.options.max_message_bytes = 200000;
    hand_begin(&h, &a.options);
    fill_folder(&h);
    struct imap_host *host;
    int line;
    if (imap_host_open(mem, &host, &err) < 0 || imap_host_line(host, &line, &err) < 0 ||
        imap_open_on(mem, line, &a.options, &imap, &err) < 0 || imap_examine(imap, FOLDER, &folder, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(folder.exists, MESSAGES + 2);
    assert_int_equal(folder.uidnext, MESSAGES + 3);

    struct taken t = taken_new(mem);
    if (imap_fetch_since(imap, 0, take, &t, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(t.n, MESSAGES + 2);
    assert_non_null(strstr(t.log, "1:1\r\nSubject: number 1"));
    assert_non_null(strstr(t.log, "149:149\r\nSubject: numbe"));
    assert_non_null(strstr(t.log, "151!larger than the limi 152:last\r\n"));

    t = taken_new(mem);
    assert_int_equal(imap_fetch_since(imap, MESSAGES + 2, take, &t, &err), 0);
    assert_string_equal(t.log, "152:last\r\n ");
    assert_int_equal(imap_fetch_since(imap, MESSAGES + 3, take, &t, &err), 0);
    assert_int_equal(t.n, 1);
    t = taken_new(mem);
    t.stop_after = 10;
    assert_int_equal(imap_fetch_since(imap, 1, take, &t, &err), -1);
    assert_string_equal(err.text, "enough");
    assert_int_equal(t.n, 10);

    assert_int_equal(imap_wait(line, 1, &err), 0);
    pthread_t thread;
    pthread_create(&thread, NULL, append_soon, &a);
    assert_int_equal(imap_wait(line, 10, &err), 1);
    pthread_join(thread, NULL);
    t = taken_new(mem);
    assert_int_equal(imap_fetch_since(imap, MESSAGES + 3, take, &t, &err), 0);
    assert_string_equal(t.log, "153:Subject: late\r\n\r\nx\r\n ");
    hand_say(&h, "h SELECT \"" FOLDER_WIRE "\"\r\n");
    char *flags = hand_say(&h, "h UID FETCH 1:* (FLAGS)\r\n");
    assert_null(strstr(flags, "Seen")); /* and RECENT was not taken away either: */
    assert_non_null(strstr(flags, "* 1 FETCH (UID 1 FLAGS (\\Recent))"));
    look_around(mem, imap, &h);
    imap_close(imap);
    close(line);
    imap_host_close(host);
    hand_end(&h);
}

/* Two sessions in one worker: one waits while the other is asked, and what waits is taken up again by its
 * line alone. */
static void dovecot_share(void **state)
{
    (void)state;
    if (!dovecot_port)
        skip();
    MEM_SCOPE(mem);
    struct err err = {0};
    struct appending a;
    struct hand h;
    struct imap_host *host;
    struct imap_folder folder;
    struct imap *waits, *asks;
    int line[2];
    dovecot_options(mem, &a.options);
    hand_begin(&h, &a.options);
    fill_folder(&h);
    hand_end(&h);
    assert_int_equal(imap_host_open(mem, &host, &err), 0);
    for (int i = 0; i < 2; i++)
        assert_int_equal(imap_host_line(host, &line[i], &err), 0);
    if (imap_open_on(mem, line[0], &a.options, &waits, &err) < 0 ||
        imap_open_on(mem, line[1], &a.options, &asks, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(imap_examine(waits, FOLDER, &folder, &err), 0);
    assert_int_equal(imap_wait_begin(waits, 10, &err), 0);
    imap_close(waits); /* the line stays */
    for (int i = 0; i < 20; i++)
        assert_int_equal(imap_examine(asks, "INBOX", &folder, &err), 0);
    struct pollfd p = {line[0], POLLIN, 0};
    assert_int_equal(poll(&p, 1, 0), 0);
    append_soon(&a);
    assert_int_equal(poll(&p, 1, 5000), 1);
    waits = imap_resume(mem, line[0], &a.options);
    assert_int_equal(imap_examine(waits, FOLDER, &folder, &err), 0);
    assert_int_equal(folder.exists, MESSAGES + 3);
    assert_int_equal(imap_wait_begin(waits, 1, &err), 0);
    assert_int_equal(poll(&p, 1, 5000), 1); /* its time is over */
    assert_int_equal(imap_examine(waits, FOLDER, &folder, &err), 0);
    imap_close(waits);
    close(line[0]);
    assert_int_equal(imap_examine(asks, "INBOX", &folder, &err), 0);
    imap_close(asks);
    close(line[1]);
    imap_host_close(host);
}

int main(int argc, char **argv)
{
    mem_init();
    signal(SIGPIPE, SIG_IGN);
    if (argc > 1 && !strcmp(argv[1], "imap-worker"))
        return imap_worker_main();
    dovecot_port = getenv("IMAP_PORT");
    dovecot_tls_port = getenv("IMAPS_PORT");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dovecot_login),
        cmocka_unit_test(dovecot_fetch),
        cmocka_unit_test(dovecot_share),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
