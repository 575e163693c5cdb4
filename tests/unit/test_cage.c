/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The cage: says the same as the parser itself, in frames as many and as long as may be, is shut as promised,
 * and neither a mail that kills it nor one that hangs it harms the next.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "mail/wire/facts_cage.h"
#include "mail/wire/facts.h"

#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

static const char mail[] =
    "From: =?koi8-r?B?8NLJ18XU?= <a@b.example>\r\nDate: Thu, 12 Nov 2026 09:15:48 +0100\r\n"
    "Content-Type: multipart/mixed; boundary=m\r\n\r\n--m\r\nContent-Type: text/plain; "
    "charset=big5\r\n\r\n\xa4\xa4\r\n"
    "--m\r\nContent-Type: application/pdf; name*=iso-8859-2''%e8.pdf\r\nContent-Transfer-Encoding: "
    "base64\r\n\r\nYWJj\r\n"
    "--m\r\nContent-Type: text/calendar\r\n\r\nBEGIN:VCALENDAR\r\nMETHOD:REPLY\r\nBEGIN:VEVENT\r\nUID:u\r\n"
    "DTSTAMP;TZID=Europe/Belgrade:20260101T100000\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n--m--\r\n";

static struct cage *open_cage(void *mem)
{
    struct cage *cage;
    struct err err;
    if (cage_open(mem, &cage, &err) < 0)
        fail_msg("%s", err.text);
    return cage;
}

static void works(struct cage *cage)
{
    struct err err;
    json_t *facts;
    if (cage_facts(cage, mail, sizeof mail - 1, &facts, &err) < 0)
        fail_msg("%s", err.text);
    json_decref(facts);
}

/* The one child of this process. */
static pid_t cage_pid(void)
{
    char path[64], line[64] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE_SCOPE FILE *f = fopen(path, "r");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    return (pid_t)strtol(line, NULL, 10);
}

static char *status_line(void *mem, pid_t pid, const char *name)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE_SCOPE FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, name, strlen(name)))
            return talloc_strndup(mem, line + strlen(name) + 2, strcspn(line + strlen(name) + 2, "\n"));
    return talloc_strdup(mem, "");
}

static void test_same(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err;
    struct cage *cage = open_cage(mem);
    json_t *inside, *outside;
    assert_int_equal(facts_parse(mail, sizeof mail - 1, &outside, &err), 0);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(cage_facts(cage, mail, sizeof mail - 1, &inside, &err), 0);
        assert_true(json_equal(inside, outside));
        json_decref(inside);
    }
    json_decref(outside);
    char *bytes;
    size_t len;
    assert_int_equal(cage_part(cage, mem, mail, sizeof mail - 1, "1.2", &bytes, &len, &err), 0);
    assert_int_equal(len, 3);
    assert_memory_equal(bytes, "abc", 3);
    assert_int_equal(cage_part(cage, mem, mail, sizeof mail - 1, "1.7", &bytes, &len, &err), -1);
    assert_int_equal(err.code, ERR_NOTFOUND);
    assert_int_equal(cage_facts(cage, "", 0, &inside, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    works(cage);
}

/* In two steps; what is begun and not ended does not come back as the answer to the next. */
static void test_two_steps(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err;
    struct cage *cage = open_cage(mem);
    static const char other[] = "Subject: another\r\n\r\nx\r\n";
    json_t *facts, *expected;
    assert_int_equal(facts_parse(mail, sizeof mail - 1, &expected, &err), 0);
    cage_facts_begin(cage, other, sizeof other - 1);
    cage_facts_begin(cage, mail, sizeof mail - 1);
    assert_int_equal(cage_facts_end(cage, &facts, &err), 0);
    assert_true(json_equal(facts, expected));
    json_decref(facts);
    json_decref(expected);
    cage_facts_begin(cage, other, sizeof other - 1);
    works(cage);
    cage_facts_begin(cage, "", 0);
    assert_int_equal(cage_facts_end(cage, &facts, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    works(cage);
}

static void test_shut(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    works(open_cage(mem));
    pid_t pid = cage_pid();
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/fd", (int)pid);
    DIR *dir = opendir(path);
    assert_non_null(dir);
    for (struct dirent *d; (d = readdir(dir));)
        if (d->d_name[0] != '.')
            assert_true(strtol(d->d_name, NULL, 10) <= 3);
    closedir(dir);
    if (SANITIZED)
        return;
    assert_string_equal(status_line(mem, pid, "Seccomp"), "2");
    assert_string_equal(status_line(mem, pid, "NoNewPrivs"), "1");
}

#if defined(__x86_64__)
/* Makes the cage, which waits in read(2), call what we say instead: its result, or LONG_MIN where the call
 * ended it. */
static long call_inside(pid_t pid, long number, long a, long b, long c)
{
    struct user_regs_struct r;
    int status;
    assert_int_equal(ptrace(PTRACE_ATTACH, pid, NULL, NULL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(ptrace(PTRACE_GETREGS, pid, NULL, &r), 0);
    r.rip -= 2; /* back to the instruction "syscall" */
    r.orig_rax = ~0ULL;
    r.rax = (unsigned long long)number;
    r.rdi = (unsigned long long)a;
    r.rsi = (unsigned long long)b;
    r.rdx = (unsigned long long)c;
    assert_int_equal(ptrace(PTRACE_SETREGS, pid, NULL, &r), 0);
    assert_int_equal(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL), 0);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (!WIFSTOPPED(status))
        return WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS ? LONG_MIN : LONG_MAX;
    assert_int_equal(ptrace(PTRACE_GETREGS, pid, NULL, &r), 0);
    return (long)r.rax;
}

/* What a mail that took the parser over would try. */
static void test_denied(void **state)
{
    (void)state;
    if (SANITIZED)
        skip();
    static const char path[] = "/etc/passwd";
    long stay =
        (long)(uintptr_t)path; /* the same program: not the same address, but the filter comes first */
    const struct {
        const char *what;
        long number, a, b, c, result;
    } calls[] = {
        {"getpid", SYS_getpid, 0, 0, 0, 0},
        {"open", SYS_open, stay, O_RDONLY, 0, -ENOENT},
        {"openat", SYS_openat, AT_FDCWD, stay, O_RDONLY, -ENOENT},
        {"openat2", SYS_openat2, AT_FDCWD, stay, 0, LONG_MIN},
        {"socket", SYS_socket, AF_INET, SOCK_STREAM, 0, LONG_MIN},
        {"execve", SYS_execve, stay, 0, 0, LONG_MIN},
        {"fork", SYS_fork, 0, 0, 0, LONG_MIN},
        {"clone", SYS_clone, SIGCHLD, 0, 0, LONG_MIN},
        {"ptrace", SYS_ptrace, PTRACE_ATTACH, getppid(), 0, LONG_MIN},
        {"kill", SYS_kill, getpid(), 0, 0, LONG_MIN},
        {"tgkill", SYS_tgkill, getpid(), getpid(), 0, LONG_MIN},
        {"unlink", SYS_unlink, stay, 0, 0, LONG_MIN},
        {"memory to run", SYS_mmap, 0, 4096, PROT_READ | PROT_EXEC, LONG_MIN},
        {"io_uring_setup", SYS_io_uring_setup, 1, 0, 0, LONG_MIN},
    };
    for (size_t i = 0; i < ARRAY_LEN(calls); i++) {
        MEM_SCOPE(mem);
        works(open_cage(mem));
        pid_t pid = cage_pid();
        for (int k = 0; k < 100 && strncmp(status_line(mem, pid, "State"), "S", 1); k++)
            usleep(10000);
        long got = call_inside(pid, calls[i].number, calls[i].a, calls[i].b, calls[i].c);
        if (got != (calls[i].result ? calls[i].result : pid))
            fail_msg("%s: %ld", calls[i].what, got);
        kill(pid, SIGKILL);
    }
}
#else
static void test_denied(void **state)
{
    (void)state;
    skip();
}
#endif

static void test_killed_between(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct cage *cage = open_cage(mem);
    works(cage);
    pid_t first = cage_pid();
    kill(first, SIGKILL);
    usleep(200000);
    works(cage);
    assert_int_not_equal(cage_pid(), first);
}

static void test_killed_while(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err;
    json_t *facts;
    struct cage *cage = open_cage(mem);
    works(cage);
    pid_t pid = cage_pid(), killer;
    kill(pid, SIGSTOP);
    if ((killer = fork()) == 0) {
        usleep(300000);
        kill(pid, SIGKILL);
        _exit(0);
    }
    assert_int_equal(cage_facts(cage, mail, sizeof mail - 1, &facts, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_non_null(strstr(err.text, "its parser"));
    waitpid(killer, NULL, 0);
    works(cage);
}

static void test_hangs(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err;
    json_t *facts;
    struct cage *cage = open_cage(mem);
    works(cage);
    kill(cage_pid(), SIGSTOP);
    assert_int_equal(cage_facts(cage, mail, sizeof mail - 1, &facts, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_non_null(strstr(err.text, "longer than"));
    works(cage);
}

/* ---- a parser of our own that does what a broken one would */

static volatile size_t depth_reached; /* so that the recursion stays one */
static int recurse(const volatile char *bytes)
{
    volatile char here[1024];
    here[0] = (char)(bytes[0] + 1);
    depth_reached++;
    return depth_reached ? recurse(here) + here[0] : 0;
}

static int parse_harm(const char *bytes, size_t len, const char *argument, cage_frame_fn *put, void *context,
                      struct err *err)
{
    (void)len, (void)put, (void)context, (void)err;
    if (!strcmp(argument, "stack"))
        return recurse(bytes);
    for (MEM_SCOPE(mem);;)
        memset(talloc_size(mem, 1 << 20), 1, 1 << 20);
}
static const struct cage_parser harm_parser = {"harm", NULL, parse_harm, NULL};

static int parse_sizes(const char *bytes, size_t len, const char *argument, cage_frame_fn *put, void *context,
                       struct err *err)
{
    (void)bytes, (void)argument;
    return put(context, 1, (const char *)&len, sizeof len, err);
}
static const struct cage_parser sizes_parser = {"sizes", NULL, parse_sizes, NULL};

static int take_size(void *context, uint32_t kind, const char *bytes, size_t len, struct err *err)
{
    (void)kind, (void)err;
    assert_int_equal(len, sizeof(size_t));
    memcpy(context, bytes, len);
    return 0;
}

static void harm(const char *what)
{
    MEM_SCOPE(mem);
    struct err err;
    struct cage *cage = open_cage(mem);
    const struct cage_call call = {
        .parser = "harm", .argument = what, .noun = "mail", .bytes = "x", .len = 1, .max_bytes = 1};
    works(cage);
    assert_int_equal(cage_run(cage, &call, NULL, NULL, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    works(cage);
}

/* One behind the other: each gets its own answer, though one of them kills the cage, one is refused unread
 * and one is too long to wait in the socket. */
static void test_behind(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct cage *cage = open_cage(mem);
    const size_t large = 300 << 10;
    char *bytes = talloc_zero_size(mem, large);
    struct cage_call call[CAGE_CALLS_MAX];
    for (size_t i = 0; i < ARRAY_LEN(call); i++)
        call[i] = (struct cage_call){.parser = "sizes", .noun = "mail", .bytes = bytes, .max_bytes = large};
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < ARRAY_LEN(call); i++) {
            call[i].len = i == 5 ? large : 100 * i + 1;
            call[i].parser = i == 2 ? "harm" : "sizes";
            call[i].argument = i == 2 ? "stack" : NULL;
            call[i].max_bytes = i == 4 ? 1 : large;
            if (i == 0)
                cage_begin(cage, &call[i]);
            else
                cage_begin_behind(cage, &call[i]);
        }
        for (size_t i = 0; i < (round == 1 ? 4 : ARRAY_LEN(call)); i++) {
            struct err err;
            size_t n = 0;
            bool wrong = i == 2 || i == 4;
            assert_int_equal(cage_end(cage, take_size, &n, &err), wrong ? -1 : 0);
            if (wrong)
                assert_non_null(strstr(err.text, i == 2 ? "its parser" : "is larger than"));
            else
                assert_int_equal(n, call[i].len);
        }
        works(cage); /* and what was not ended is given up */
    }
}

static void test_stack(void **state)
{
    (void)state;
    harm("stack");
}

static void test_memory(void **state)
{
    (void)state;
    if (SANITIZED) /* its shadow knows no limit */
        skip();
    harm("memory");
}

static void test_large(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err;
    json_t *facts;
    struct text t = text_new(mem);
    text_puts(&t, "Content-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n");
    while (t.len < FACTS_MESSAGE_MAX - 80)
        text_puts(&t, "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB\r\n");
    struct cage *cage = open_cage(mem);
    if (cage_facts(cage, t.s, t.len, &facts, &err) < 0)
        fail_msg("%s", err.text);
    json_decref(facts);
    char *bytes;
    size_t len;
    if (cage_part(cage, mem, t.s, t.len, "1", &bytes, &len, &err) < 0)
        fail_msg("%s", err.text);
    assert_true(len > FACTS_MESSAGE_MAX / 4 * 3 - 2000000);
    assert_int_equal(cage_facts(cage, t.s, (size_t)FACTS_MESSAGE_MAX + 1, &facts, &err), -1);
}

/* ---- frames: a parser of our own that puts its bytes as often as it is told */

static int parse_frames(const char *bytes, size_t len, const char *argument, cage_frame_fn *put,
                        void *context, struct err *err)
{
    for (long i = 0, n = strtol(argument, NULL, 10); i < n; i++)
        if (put(context, 7, bytes, len, err) < 0)
            return -1;
    return *argument == '-' ? err_set(err, ERR_INPUT, "nothing in it") : 0;
}
static const struct cage_parser frames_parser = {"frames", NULL, parse_frames, NULL};

struct seen {
    long frames, stop_at;
    uint64_t bytes;
};

static int see(void *context, uint32_t kind, const char *bytes, size_t len, struct err *err)
{
    struct seen *seen = context;
    assert_int_equal(kind, 7);
    assert_int_equal(bytes[len], 0);
    assert_true(!len || bytes[len - 1] == 'x');
    seen->bytes += len;
    return ++seen->frames == seen->stop_at ? err_set(err, ERR_CONFLICT, "enough") : 0;
}

static int run_frames(struct cage *cage, size_t len, const char *count, struct seen *seen, struct err *err)
{
    MEM_SCOPE(mem);
    char *bytes = talloc_size(mem, len + 1);
    memset(bytes, 'x', len);
    bytes[len] = 0;
    const struct cage_call call = {.parser = "frames",
                                   .argument = count,
                                   .noun = "list",
                                   .bytes = bytes,
                                   .len = len,
                                   .max_bytes = 64 << 20,
                                   .max_answer = 200 << 20};
    return cage_run(cage, &call, see, seen, err);
}

static void test_frames(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err;
    struct cage *cage = open_cage(mem);
    struct seen many = {0}, split = {0}, empty = {0}, none = {0}, large = {0}, stopped = {.stop_at = 3};
    assert_int_equal(run_frames(cage, 1000, "100000", &many, &err), 0);
    assert_int_equal(many.frames, 100000);
    pid_t first = cage_pid();
    assert_int_equal(run_frames(cage, (size_t)CAGE_FRAME_MAX * 2 + 1, "1", &split, &err), 0);
    assert_int_equal(split.frames, 3);
    assert_int_equal(split.bytes, (size_t)CAGE_FRAME_MAX * 2 + 1);
    assert_int_equal(run_frames(cage, 0, "1", &empty, &err), 0);
    assert_int_equal(empty.frames, 1);
    assert_int_equal(run_frames(cage, 1, "-1", &none, &err), -1);
    assert_string_equal(err.text, "nothing in it");
    assert_int_equal(none.frames, 0);
    works(cage);
    assert_int_equal(cage_pid(), first); /* one cage for all of these */
    assert_int_equal(run_frames(cage, 1 << 20, "1000", &stopped, &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_int_equal(stopped.frames, 3);
    works(cage);
    assert_int_equal(run_frames(cage, 1 << 20, "201", &large, &err), -1);
    assert_string_equal(err.text, "the list holds more than 200 MB of text");
    assert_int_equal(run_frames(cage, (64 << 20) + 1, "1", &none, &err), -1);
    assert_string_equal(err.text, "the list is larger than 64 MB");
    works(cage);
}

int main(int argc, char **argv)
{
    mem_init();
    signal(SIGPIPE, SIG_IGN);
    if (argc == 2 && !strcmp(argv[1], "cage"))
        return cage_main((const struct cage_parser *const[]){
            &facts_parser, &facts_part_parser, &frames_parser, &harm_parser, &sizes_parser, NULL});
    facts_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_same),         cmocka_unit_test(test_shut),
        cmocka_unit_test(test_denied),       cmocka_unit_test(test_killed_between),
        cmocka_unit_test(test_killed_while), cmocka_unit_test(test_hangs),
        cmocka_unit_test(test_behind),       cmocka_unit_test(test_stack),
        cmocka_unit_test(test_memory),       cmocka_unit_test(test_large),
        cmocka_unit_test(test_two_steps),    cmocka_unit_test(test_frames),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
