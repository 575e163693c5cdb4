/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A connection that is cut at every byte of what the server says, from its greeting to its last answer: what
 * is fetched in the end is all of it, whole, and once.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "mail/wire/imap.h"

enum { MESSAGES = 3, FIRST_UID = 11, TRIES_MAX = 5 };

/* ---- a server of one mailbox */

struct shared {
    long left; /* bytes until the cut; -1: none */
    long sent; /* in the connection that was cut last */
    int uncut; /* connections without one */
};

struct client {
    int fd;
    struct shared *shared;
    bool cut;
};

static void put(struct client *c, const char *bytes)
{
    size_t len = strlen(bytes);
    if (c->cut)
        return;
    if (c->shared->left >= 0 && (long)len > c->shared->left) {
        len = (size_t)c->shared->left;
        c->cut = true;
    }
    c->cut = send(c->fd, bytes, len, MSG_NOSIGNAL) != (ssize_t)len || c->cut;
    if (c->shared->left >= 0)
        c->shared->left -= (long)len;
    c->shared->sent += (long)len;
}

static const char *body_of(int uid)
{
    static char body[32];
    snprintf(body, sizeof body, "Subject: %d\r\n\r\nbody %d\r\n", uid, uid);
    return body;
}

static void put_message(struct client *c, int uid, bool whole)
{
    char text[200];
    const char *body = body_of(uid);
    size_t len = strlen(body);
    snprintf(text, sizeof text,
             "* %d FETCH (UID %d INTERNALDATE \"01-Feb-2026 12:00:00 +0000\" RFC822.SIZE %zu",
             uid - FIRST_UID + 1, uid, len);
    put(c, text);
    if (whole) {
        snprintf(text, sizeof text, " BODY[] {%zu}\r\n%s", len, body);
        put(c, text);
    }
    put(c, ")\r\n");
}

static bool is_in(const char *set, int uid)
{
    for (const char *s = set;; s++) {
        char *end;
        long a = strtol(s, &end, 10), b = *end == ':' ? strtol(end + 1, &end, 10) : a;
        if (uid >= a && uid <= b)
            return true;
        if (*end != ',')
            return false;
        s = end;
    }
}

static void answer(struct client *c, char *line)
{
    char *tag = line, *word = strchr(line, ' ');
    if (!word)
        return;
    *word++ = 0;
    word[strcspn(word, "\r\n")] = 0;
    if (!strncasecmp(word, "CAPABILITY", 10))
        put(c, "* CAPABILITY IMAP4rev1 IDLE\r\n");
    if (!strncasecmp(word, "EXAMINE", 7))
        put(c, "* 3 EXISTS\r\n* OK [UIDVALIDITY 9] v\r\n* OK [UIDNEXT 14] n\r\n");
    if (!strncasecmp(word, "UID SEARCH", 10))
        put(c, "* SEARCH 11 12 13\r\n");
    if (!strncasecmp(word, "UID FETCH ", 10))
        for (int uid = FIRST_UID; uid < FIRST_UID + MESSAGES; uid++)
            if (is_in(word + 10, uid))
                put_message(c, uid, strstr(word, "BODY") != NULL);
    put(c, tag);
    put(c, " OK done\r\n");
}

static void serve(struct client *c)
{
    char line[1024];
    FILE *in = fdopen(dup(c->fd), "r");
    c->shared->sent = 0;
    put(c, "* OK ready\r\n");
    while (!c->cut && fgets(line, sizeof line, in))
        answer(c, line);
    if (c->cut)
        c->shared->left = -1; /* the next one goes through */
    else
        c->shared->uncut++;
    fclose(in);
    close(c->fd);
}

static pid_t server_start(struct shared *shared, char *port)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof a;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    must(bind(listener, (struct sockaddr *)&a, sizeof a) == 0 && listen(listener, 8) == 0 &&
         getsockname(listener, (struct sockaddr *)&a, &len) == 0);
    snprintf(port, 8, "%d", ntohs(a.sin_port));
    pid_t pid = fork();
    must(pid >= 0);
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        for (;;) {
            struct client c = {.fd = accept(listener, NULL, NULL), .shared = shared};
            setsockopt(c.fd, IPPROTO_TCP, TCP_NODELAY, &(int){1}, sizeof(int));
            serve(&c);
        }
    }
    close(listener);
    return pid;
}

/* ---- a client that keeps what it got, as the store does */

struct kept {
    uint32_t next;
    int n[MESSAGES];
};

static int keep(void *context, const struct imap_message *m, struct err *err)
{
    struct kept *k = context;
    (void)err;
    assert_in_range(m->uid, FIRST_UID, FIRST_UID + MESSAGES - 1);
    assert_non_null(m->bytes);
    assert_string_equal(m->bytes, body_of((int)m->uid));
    k->n[m->uid - FIRST_UID]++;
    k->next = m->uid + 1;
    return 0;
}

static int fetch_over(void *mem, int line, const struct imap_options *o, struct kept *k)
{
    struct err err;
    struct imap *imap;
    struct imap_folder folder;
    if (imap_open_on(mem, line, o, &imap, &err) < 0)
        return -1;
    int rc = imap_examine(imap, "INBOX", &folder, &err);
    if (rc == 0)
        assert_true(folder.uidvalidity == 9 && folder.uidnext == 14 && folder.exists == 3);
    if (rc == 0)
        rc = imap_fetch_since(imap, k->next, keep, k, &err);
    imap_close(imap);
    return rc;
}

static int fetch_once(void *mem, struct imap_host *host, const struct imap_options *o, struct kept *k)
{
    struct err err;
    int line;
    assert_int_equal(imap_host_line(host, &line, &err), 0);
    int rc = fetch_over(mem, line, o, k);
    close(line);
    return rc;
}

static void every_byte(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct shared *shared =
        mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    char port[8];
    pid_t pid = server_start(shared, port);
    const struct imap_options o = {
        .stream = {.host = "127.0.0.1", .port = port, .tls = STREAM_PLAIN, .timeout_s = 5},
        .user = "u",
        .password = "pw"};
    struct imap_host *host;
    struct err err;
    long at = 0;
    assert_int_equal(imap_host_open(mem, &host, &err), 0);
    for (bool over = false; !over; at++) {
        struct kept k = {.next = 1};
        shared->left = at;
        shared->uncut = 0;
        for (int i = 0; fetch_once(mem, host, &o, &k) < 0; i++)
            assert_in_range(i, 0, TRIES_MAX);
        for (int i = 0; i < MESSAGES; i++)
            if (k.n[i] != 1)
                fail_msg("cut at byte %ld: message %d came %d times", at, FIRST_UID + i, k.n[i]);
        over = shared->left >= 0; /* it was not reached */
    }
    print_message("# cut at each of %ld bytes\n", at - 1);
    assert_true(at > 400);
    imap_host_close(host);
    kill(pid, SIGKILL);
}

int main(int argc, char **argv)
{
    mem_init();
    signal(SIGPIPE, SIG_IGN);
    if (argc > 1 && !strcmp(argv[1], "imap-worker"))
        return imap_worker_main();
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_byte)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
