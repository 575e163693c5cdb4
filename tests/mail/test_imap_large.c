/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Large messages, which come in a file, from servers that follow a script.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>

#include "mail/wire/imap_low.h"
#include "tests/lib/scripted.h"

#define SCRIPT(...) ((const char *const[]){__VA_ARGS__, NULL})
#define EXAMINED                                                                                             \
    "S * OK hello\r\n", "R x CAPABILITY", "S * CAPABILITY IMAP4rev1\r\nx OK done\r\n", "R 1 LOGIN",          \
        "S 1 OK in\r\n", "R x CAPABILITY", "S * CAPABILITY IMAP4rev1\r\nx OK done\r\n", "R 2 EXAMINE",       \
        "S * 3 EXISTS\r\n* OK [UIDVALIDITY 9] v\r\n* OK [UIDNEXT 8] n\r\n2 OK [READ-ONLY] done\r\n"
#define SEARCHED "R 3 UID SEARCH", "S * SEARCH 5 6 7\r\n3 OK done\r\n"
#define SIZES(tag)                                                                                           \
    "R " tag " UID FETCH 5:7 ", "S * 1 FETCH (UID 5 RFC822.SIZE 5)\r\n* 2 FETCH (UID 6 RFC822.SIZE 1500000)" \
                                "\r\n* 3 FETCH (UID 7 RFC822.SIZE 5)\r\n" tag " OK done\r\n"
#define SIZE_OF_6(tag)                                                                                       \
    "R " tag " UID FETCH 6 ", "S * 2 FETCH (UID 6 RFC822.SIZE 1500000)\r\n" tag " OK done\r\n"
#define SMALL(tag, n, uid)                                                                                   \
    "R " tag " UID FETCH " uid " ",                                                                          \
        "S * " n " FETCH (UID " uid " RFC822.SIZE 5 BODY[] {5}\r\nabcd" n ")\r\n" tag " OK done\r\n"
#define OF_6(tag) "R " tag " UID FETCH 6 (UID RFC822.SIZE BODY.PEEK[])\r\n"

struct taken {
    void *mem;
    char *log; /* "uid:bytes ", "uid!why " or "uid=size,first,last " */
};

static int take(void *context, const struct imap_message *m, struct err *err)
{
    struct taken *t = context;
    char ends[2] = "";
    if (m->spool && (spool_read(m->spool, 0, ends, 1, err) < 0 ||
                     spool_read(m->spool, m->size - 1, ends + 1, 1, err) < 0))
        fail_msg("%s", err->text);
    t->log = m->spool ? talloc_asprintf_append(t->log, "%u=%zu,%c,%c ", m->uid, m->size, ends[0], ends[1])
                      : talloc_asprintf_append(t->log, m->bytes ? "%u:%.20s " : "%u!%.20s ", m->uid,
                                               m->bytes ? m->bytes : m->why);
    return 0;
}

static void fetched(const char *const *steps, const char *log)
{
    MEM_SCOPE(mem);
    struct scripted server;
    struct imap *imap;
    struct imap_folder folder;
    struct err err = {0};
    struct taken t = {mem, talloc_strdup(mem, "")};
    scripted_start(&server, NULL, steps);
    const struct imap_options o = {
        .stream = {.host = "127.0.0.1", .port = server.port, .tls = STREAM_PLAIN, .timeout_s = 5},
        .user = "u",
        .password = "pw",
        .max_message_bytes = 3000000};
    if (imap_open(mem, &o, &imap, &err) < 0 || imap_examine(imap, "INBOX", &folder, &err) < 0 ||
        imap_fetch_since(imap, 5, take, &t, &err) < 0)
        fail_msg("%s", err.text);
    imap_close(imap);
    assert_int_equal(scripted_end(mem, &server, NULL), 0);
    assert_string_equal(t.log, log);
}

/* "S " with a message of so many bytes, of which the literal announces `said`. */
static const char *content(void *mem, size_t said, size_t len, const char *behind)
{
    char *bytes = talloc_size(mem, len + 1);
    memset(bytes, 'x', len);
    bytes[len] = 0;
    if (len) {
        bytes[0] = 'a';
        bytes[len - 1] = 'z';
    }
    return talloc_asprintf(mem, "S * 2 FETCH (UID 6 RFC822.SIZE 1500000 BODY[] {%zu}\r\n%s%s", said, bytes,
                           behind);
}

static void in_their_order(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    const char *whole = content(mem, 1500000, 1500000, ")\r\n6 OK done\r\n");
    fetched(
        SCRIPT(EXAMINED, SEARCHED, SIZES("4"), SMALL("5", "1", "5"), OF_6("6"), whole, SMALL("7", "3", "7")),
        "5:abcd1 6=1500000,a,z 7:abcd3 ");
    /* longer than announced, and within the limit */
    const char *longer = content(mem, 2500000, 2500000, ")\r\n6 OK done\r\n");
    fetched(
        SCRIPT(EXAMINED, SEARCHED, SIZES("4"), SMALL("5", "1", "5"), OF_6("6"), longer, SMALL("7", "3", "7")),
        "5:abcd1 6=2500000,a,z 7:abcd3 ");
}

static void not_as_a_literal(void **state)
{
    (void)state;
    fetched(SCRIPT(EXAMINED, SEARCHED, SIZES("4"), SMALL("5", "1", "5"), OF_6("6"),
                   "S * 2 FETCH (UID 6 RFC822.SIZE 1500000 BODY[] \"short\")\r\n6 OK done\r\n",
                   SMALL("7", "3", "7")),
            "5:abcd1 6=5,s,t 7:abcd3 ");
    fetched(SCRIPT(EXAMINED, SEARCHED, SIZES("4"), SMALL("5", "1", "5"), OF_6("6"),
                   "S * 2 FETCH (UID 6 RFC822.SIZE 1500000 BODY[] NIL)\r\n6 OK done\r\n",
                   SMALL("7", "3", "7")),
            "5:abcd1 6!the server gives no  7:abcd3 ");
    /* it is gone meanwhile */
    fetched(SCRIPT(EXAMINED, SEARCHED, SIZES("4"), SMALL("5", "1", "5"), OF_6("6"), "S 6 OK done\r\n",
                   SMALL("7", "3", "7")),
            "5:abcd1 7:abcd3 ");
}

#define AGAIN(bad)                                                                                           \
    "X", "A", EXAMINED, SIZE_OF_6("3"), OF_6("4"), bad, "X", "A", EXAMINED, SIZE_OF_6("3"), OF_6("4"), bad,  \
        "X", "A", EXAMINED, "R 3 UID FETCH 7 ", "S * 3 FETCH (UID 7 RFC822.SIZE 5)\r\n3 OK done\r\n",        \
        SMALL("4", "3", "7")

/* The session breaks in it, or it does not end: it is told, and the others come. */
static void broken(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    const char *cut = content(mem, 1500000, 1200000, "");
    fetched(SCRIPT(EXAMINED, SEARCHED, SIZES("4"), SMALL("5", "1", "5"), OF_6("6"), cut, AGAIN(cut)),
            "5:abcd1 6!UID FETCH: connectio 7:abcd3 ");
    const char *endless = content(mem, 4000000000u, 3100000, "");
    fetched(SCRIPT(EXAMINED, SEARCHED, SIZES("4"), SMALL("5", "1", "5"), OF_6("6"), endless, AGAIN(endless)),
            "5:abcd1 6!larger than it was a 7:abcd3 ");
}

int main(int argc, char **argv)
{
    mem_init();
    signal(SIGPIPE, SIG_IGN);
    if (argc > 1 && !strcmp(argv[1], "imap-worker"))
        return imap_worker_main();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(in_their_order),
        cmocka_unit_test(not_as_a_literal),
        cmocka_unit_test(broken),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
