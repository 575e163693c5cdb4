/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Connections to PostgreSQL: servers that say nothing are given up in time, a network that swallows what is
 * sent is noticed, a server that only reads is passed by; what the connection string says of it holds.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/lib/testdb.h"

static struct testdb *t;

static int begin(void **state)
{
    (void)state;
    t = testdb_open("connection");
    return 0;
}

static int end(void **state)
{
    (void)state;
    testdb_close(t);
    return 0;
}

/* ---- servers on a port of 127.0.0.1 */

static int listener(int backlog, int *port_r)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t len = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
    assert_int_equal(listen(fd, backlog), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
    *port_r = ntohs(at.sin_port);
    return fd;
}

static bool pass_on(int from, int to)
{
    char bytes[8192];
    ssize_t n = read(from, bytes, sizeof bytes);
    for (ssize_t done = 0, step; n > 0 && done < n; done += step)
        if ((step = write(to, bytes + done, (size_t)(n - done))) <= 0)
            return false;
    return n > 0;
}

/* Takes connections, one after the other, to PostgreSQL's own socket. */
static void relay(int fd, const char *folder)
{
    struct sockaddr_un pg = {.sun_family = AF_UNIX};
    snprintf(pg.sun_path, sizeof pg.sun_path, "%s/.s.PGSQL.5432", folder);
    for (int client; (client = accept(fd, NULL, NULL)) >= 0; close(client)) {
        int server = socket(AF_UNIX, SOCK_STREAM, 0);
        struct pollfd end[2] = {{client, POLLIN, 0}, {server, POLLIN, 0}};
        if (connect(server, (struct sockaddr *)&pg, sizeof pg) < 0)
            _exit(1);
        for (bool open = true; open && poll(end, 2, -1) > 0;)
            open =
                (!end[0].revents || pass_on(client, server)) && (!end[1].revents || pass_on(server, client));
        close(server);
    }
}

static pid_t start_relay(int *port_r)
{
    const char *folder = getenv("PGHOST");
    int fd = listener(5, port_r);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        relay(fd, folder);
        _exit(0);
    }
    close(fd);
    return pid;
}

static void end_relay(pid_t pid)
{
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

/* ---- */

static const char *to(const char *host, const char *port, const char *more)
{
    return talloc_asprintf(t->mem,
                           "host=%s port=%s dbname=%s user=postgres sslmode=disable gssencmode=disable %s",
                           host, port, t->name, more);
}

static const char *at(int port, const char *more)
{
    return to("127.0.0.1", talloc_asprintf(t->mem, "%d", port), more);
}

static bool leads_to(int fd, int port)
{
    struct sockaddr_in peer = {0};
    socklen_t len = sizeof peer;
    return getpeername(fd, (struct sockaddr *)&peer, &len) == 0 && peer.sin_family == AF_INET &&
           ntohs(peer.sin_port) == port;
}

static int option_of(int fd, int level, int name)
{
    int value = -1;
    socklen_t len = sizeof value;
    assert_int_equal(getsockopt(fd, level, name, &value, &len), 0);
    return value;
}

/* As the kernel has them. */
static void options_are(int port, const char *more, int timeout_ms, int idle_s, int interval_s)
{
    struct db *db;
    int fd = 0;
    DONE(db_open(&db, at(port, more), NULL, "test", err));
    while (fd < 256 && !leads_to(fd, port))
        fd++;
    assert_true(option_of(fd, SOL_SOCKET, SO_KEEPALIVE));
    assert_int_equal(option_of(fd, SOL_TCP, TCP_USER_TIMEOUT), timeout_ms);
    assert_int_equal(option_of(fd, SOL_TCP, TCP_KEEPIDLE), idle_s);
    assert_int_equal(option_of(fd, SOL_TCP, TCP_KEEPINTVL), interval_s);
    db_close(db);
}

static void test_lost_network(void **state)
{
    (void)state;
    int port;
    pid_t pid = start_relay(&port);
    options_are(port, "", 30000, 30, 10);
    options_are(port, "tcp_user_timeout=7000 keepalives_idle=5", 7000, 5, 10);
    end_relay(pid);
}

/* Opens, or not; how long that took. */
static double opens(const char *conninfo, bool wanted, const char *why)
{
    struct timespec from, until;
    struct db *db = NULL;
    struct err err = {0};
    clock_gettime(CLOCK_MONOTONIC, &from);
    bool opened = db_open(&db, conninfo, NULL, "test", &err) == 0;
    clock_gettime(CLOCK_MONOTONIC, &until);
    if (opened != wanted || (!opened && (err.code != ERR_AWAY || !strstr(err.text, why))))
        fail_msg("%s: %s", conninfo, opened ? "opened" : err.text);
    db_close(db);
    return (double)(until.tv_sec - from.tv_sec) + (double)(until.tv_nsec - from.tv_nsec) / 1e9;
}

static void in_about(double took, double wanted_s)
{
    if (took < wanted_s - 1.1 || took > wanted_s + 3) /* libpq counts whole seconds */
        fail_msg("%.1f s instead of %.1f", took, wanted_s);
}

/* The kernel takes the connection, nobody answers. */
static void test_silent_server(void **state)
{
    (void)state;
    int port, fd = listener(5, &port);
    in_about(opens(at(port, "connect_timeout=3"), false, "timeout expired"), 3);
    in_about(opens(at(port, ""), false, "timeout expired"), 10);
    close(fd);
}

/* Where even the kernel takes no more of them. */
static void test_full_server(void **state)
{
    (void)state;
    int port, fd = listener(0, &port), waiting[4];
    struct sockaddr_in to_it = {
        .sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}, .sin_port = htons((uint16_t)port)};
    for (size_t i = 0; i < ARRAY_LEN(waiting); i++) {
        waiting[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        (void)!connect(waiting[i], (struct sockaddr *)&to_it, sizeof to_it);
    }
    in_about(opens(at(port, "connect_timeout=3"), false, "timeout expired"), 3);
    for (size_t i = 0; i < ARRAY_LEN(waiting); i++)
        close(waiting[i]);
    close(fd);
}

/* Of several the next one is asked then. */
static void test_next_server(void **state)
{
    (void)state;
    int silent, good, fd = listener(5, &silent);
    pid_t pid = start_relay(&good);
    in_about(
        opens(to("127.0.0.1,127.0.0.1", talloc_asprintf(t->mem, "%d,%d", silent, good), "connect_timeout=3"),
              true, ""),
        3);
    end_relay(pid);
    close(fd);
}

/* One that only reads, as a standby does, is none that we work with, unless it is wanted so. */
static void test_reading_server(void **state)
{
    (void)state;
    const char *host = getenv("PGHOST");
    testdb_do(t, "alter database %s set default_transaction_read_only = on", t->name);
    opens(to(host, "5432", ""), false, "read-only");
    opens(to(host, "5432", "target_session_attrs=any"), true, "");
    testdb_do(t, "alter database %s reset default_transaction_read_only", t->name);
    opens(to(host, "5432", ""), true, "");
}

int main(void)
{
    mem_init();
    testdb_need();
    alarm(120); /* what waits for ever ends so */
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lost_network),   cmocka_unit_test(test_silent_server),
        cmocka_unit_test(test_full_server),    cmocka_unit_test(test_next_server),
        cmocka_unit_test(test_reading_server),
    };
    return cmocka_run_group_tests_name("connection", tests, begin, end);
}
