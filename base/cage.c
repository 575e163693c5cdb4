/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The outside.  A cage is started when it is needed and lives until some bytes kill it.  It answers a request
 * only after it has read all of it, and what is written behind the one that it is at fits into the socket, so
 * writing first and reading then cannot lock both ends.  Whoever is behind bytes that killed the cage goes
 * into the next one.  A cage whose answer nobody wants any more is killed.
 */
#include "base/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cage_low.h"
#include "base/catalog.h"
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/socket.h"
#include "base/unicode.h"

enum {
    SILENCE_S = 10,
    TOTAL_MS = 600000, /* of all frames */
    STACK_BYTES = 64 << 20,
    SOCKET_SHARE = 4,       /* of it for requests that wait: what is left is the system's own, at the worst */
    TOGETHER = 8,           /* calls, while the caller has something else to do */
    TAKEN_BYTES = 64 << 10, /* of answers, at once */
    EXIT_NOT_STARTED = 127,
    EXIT_NO_COMMAND = 64
};

struct asked {
    struct cage_call call;
    bool sent;
    int rc;          /* of sending it */
    struct err *why; /* rc -1 */
};

struct cage {
    int fd; /* -1: none runs */
    pid_t pid;
    size_t unread_bytes;                /* of requests that find room in the socket */
    struct asked asked[CAGE_CALLS_MAX]; /* the first nasked, in order */
    size_t nasked;
    char *taken; /* of what it answered: from taken_at to taken_end nobody has looked at */
    size_t taken_at, taken_end;
};

/* ---- life and death */

static void limit(int resource, rlim_t value)
{
    struct rlimit r = {value, value}, old;
    if (getrlimit(resource, &old) == 0 && old.rlim_max != RLIM_INFINITY && old.rlim_max < value)
        r.rlim_cur = r.rlim_max = old.rlim_max;
    setrlimit(resource, &r);
}

/* Between fork and exec: only what is safe there.  The stack's limit counts from the exec on, the others are
 * set inside. */
static noreturn void become_cage(int fd, pid_t parent)
{
    static char name[] = "adresar", command[] = "cage";
    char *argv[] = {name, command, NULL};
    /* A mail is many small pieces that go together: glibc keeps more of a size at hand than its seven.  A
     * spreadsheet is a hundred megabytes that are read once: in pages of two megabytes where the kernel has
     * them. */
    static char malloc_so[] = "GLIBC_TUNABLES=glibc.malloc.tcache_count=127:glibc.malloc.hugetlb=1";
    char *env[] = {malloc_so, NULL};
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(EXIT_NOT_STARTED);
    if (fd == CAGE_FD ? fcntl(fd, F_SETFD, 0) < 0 : dup2(fd, CAGE_FD) < 0)
        _exit(EXIT_NOT_STARTED);
    if (close_range(CAGE_FD + 1, ~0U, 0) < 0)
        _exit(EXIT_NOT_STARTED);
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int i = 0; i < CAGE_FD; i++)
        if (null < 0 || dup2(null, i) < 0)
            _exit(EXIT_NOT_STARTED);
    limit(RLIMIT_STACK, STACK_BYTES);
    execve("/proc/self/exe", argv, env);
    _exit(EXIT_NOT_STARTED);
}

static int start(struct cage *cage, struct err *err)
{
    int pair[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0)
        return err_set(err, ERR_IO, "no socket for the parser: %s", strerror(errno));
    pid_t parent = getpid();
    cage->pid = fork();
    if (cage->pid == 0)
        become_cage(pair[1], parent);
    close(pair[1]);
    if (cage->pid < 0) {
        close(pair[0]);
        return err_set(err, ERR_IO, "no process for the parser: %s", strerror(errno));
    }
    cage->fd = pair[0];
    cage->unread_bytes = socket_widen(cage->fd) / SOCKET_SHARE;
    return 0;
}

/* What was sent to it, and not answered, is as if it had not been. */
static void hang_up(struct cage *cage)
{
    close(cage->fd);
    cage->fd = -1;
    cage->taken_at = cage->taken_end = 0;
    for (size_t i = 0; i < cage->nasked; i++)
        cage->asked[i].sent = false;
}

/* Kills what runs, gives its wait status. */
static int stop(struct cage *cage)
{
    int status = 0;
    if (cage->fd < 0)
        return 0;
    hang_up(cage);
    kill(cage->pid, SIGKILL);
    while (waitpid(cage->pid, &status, 0) < 0 && errno == EINTR)
        ;
    return status;
}

static int cage_gone(struct cage *cage)
{
    stop(cage);
    return 0;
}

int cage_open(void *mem, struct cage **cage_r, struct err *err)
{
    struct cage *cage = talloc_zero(mem, struct cage);
    cage->fd = -1;
    cage->taken = talloc_size(cage, TAKEN_BYTES);
    talloc_set_destructor(cage, cage_gone);
    if (start(cage, err) < 0) {
        talloc_free(cage);
        return -1;
    }
    *cage_r = cage;
    return 0;
}

void cage_close(struct cage *cage)
{
    talloc_free(cage);
}

/* ---- talk */

enum { TOO_SLOW = SOCKET_LATE - 1 /* all frames together */ };

/* As socket_take, of what it has answered. */
static int take(struct cage *cage, void *to, size_t len, int64_t deadline)
{
    for (char *p = to; len;) {
        if (cage->taken_at == cage->taken_end) {
            cage->taken_at = cage->taken_end = 0;
            int rc = socket_take_some(cage->fd, cage->taken, TAKEN_BYTES, &cage->taken_end, deadline);
            if (rc != SOCKET_DONE)
                return rc;
        }
        size_t there = cage->taken_end - cage->taken_at, n = there < len ? there : len;
        memcpy(p, cage->taken + cage->taken_at, n);
        cage->taken_at += n;
        p += n;
        len -= n;
    }
    return SOCKET_DONE;
}

static int silence_of(const struct cage_call *call)
{
    return call->max_silence_s ? call->max_silence_s : SILENCE_S;
}

/* The cage is gone or hangs: says why. */
static int failed(struct cage *cage, const struct cage_call *call, int rc, struct err *err)
{
    if (rc < 0) {
        stop(cage);
        return err_set(err, ERR_INPUT, "parsing the %s took longer than %d s", err_word(call->noun),
                       rc == TOO_SLOW ? TOTAL_MS / 1000 : silence_of(call));
    }
    int status = 0;
    pid_t pid = -1;
    for (int i = 0; i < 100 && pid <= 0; i++) { /* its socket closes a moment before it can be waited for */
        pid = waitpid(cage->pid, &status, WNOHANG);
        if (pid == 0)
            poll(NULL, 0, 10);
    }
    if (pid == cage->pid) {
        hang_up(cage);
    } else {
        status = stop(cage);
    }
    if (WIFEXITED(status) &&
        (WEXITSTATUS(status) == EXIT_NOT_STARTED || WEXITSTATUS(status) == EXIT_NO_COMMAND))
        return err_set(err, ERR_IO, "the parser's process cannot be started");
    if (WIFSIGNALED(status))
        return err_set(err, ERR_INPUT, "the %s killed its parser (%s)", err_word(call->noun),
                       strsignal(WTERMSIG(status)));
    return err_set(err, ERR_INPUT, "the %s ended its parser (exit code %d)", err_word(call->noun),
                   WEXITSTATUS(status));
}

/* One that runs; a cage that died between two messages is replaced. */
static int ready(struct cage *cage, struct err *err)
{
    if (cage->fd >= 0 && waitpid(cage->pid, NULL, WNOHANG) == cage->pid)
        hang_up(cage);
    return cage->fd >= 0 ? 0 : start(cage, err);
}

static struct cage_request request_of(const struct cage_call *call)
{
    struct cage_request request = {.len = (uint32_t)call->len, .file = call->spool != NULL};
    memcpy(request.parser, call->parser, strlen(call->parser));
    const struct catalog *catalog = err_catalog();
    snprintf(request.language, sizeof request.language, "%s", catalog ? catalog_language(catalog) : "");
    if (call->argument)
        memcpy(request.argument, call->argument, strlen(call->argument));
    return request;
}

/* As socket_send. */
static int send_request(struct cage *cage, const struct cage_call *call)
{
    struct cage_request request = request_of(call);
    struct iovec part[] = {{&request, sizeof request}, {(char *)(uintptr_t)call->bytes, call->len}};
    int64_t deadline = clock_now_ms() + silence_of(call) * 1000;
    int rc = socket_send(cage->fd, part, call->spool ? 1 : 2, deadline);
    return rc > 0 && call->spool ? descriptor_send(cage->fd, spool_fd(call->spool), NULL) == 0 : rc;
}

static int check(const struct cage_call *call, struct err *err)
{
    must(strlen(call->parser) < CAGE_NAME_SIZE && call->max_bytes <= UINT32_MAX);
    if (call->len > call->max_bytes)
        return err_set(err, ERR_INPUT, "the %s is larger than %zu MB", err_word(call->noun),
                       call->max_bytes >> 20);
    if (call->argument && strlen(call->argument) >= CAGE_ARGUMENT_SIZE)
        return err_set(err, ERR_NOTFOUND, "the %s has no %.40s", err_word(call->noun), call->argument);
    return 0;
}

static void keep_why(struct cage *cage, struct asked *a, const struct err *why)
{
    if (a->rc < 0)
        a->why = talloc_memdup(cage, why, sizeof *why);
}

/* The one whose answer comes next. */
static void send_first(struct cage *cage)
{
    struct asked *a = &cage->asked[0];
    struct err why;
    a->rc = ready(cage, &why);
    int rc = a->rc < 0 ? -1 : send_request(cage, &a->call);
    if (a->rc == 0 && rc <= 0)
        a->rc = failed(cage, &a->call, rc, &why);
    a->sent = a->rc == 0;
    keep_why(cage, a, &why);
}

/* And those behind it that find room in the socket, when they are enough to wake the cage for.  Where it has
 * died meanwhile, the first will say so. */
static void send_behind(struct cage *cage, size_t enough)
{
    struct cage_request request[CAGE_CALLS_MAX];
    struct iovec part[2 * CAGE_CALLS_MAX];
    size_t bytes = 0, n = 0, end = 0;
    for (; end < cage->nasked && cage->asked[0].sent; end++) {
        const struct cage_call *call = &cage->asked[end].call;
        bytes += call->len + sizeof *request;
        if (cage->asked[end].sent)
            continue;
        if (cage->asked[end].rc < 0 || call->spool || bytes > cage->unread_bytes)
            break;
        request[n] = request_of(call);
        part[2 * n] = (struct iovec){&request[n], sizeof *request};
        part[2 * n + 1] = (struct iovec){(char *)(uintptr_t)call->bytes, call->len};
        n++;
    }
    if (n < enough)
        return;
    int rc = socket_send(cage->fd, part, 2 * n, clock_now_ms() + SILENCE_S * 1000);
    for (size_t i = end - n; i < end; i++)
        cage->asked[i].sent = rc > 0;
    if (rc == SOCKET_LATE)
        stop(cage);
}

static void send_what_can_be(struct cage *cage, size_t enough)
{
    if (cage->nasked && cage->asked[0].rc == 0 && !cage->asked[0].sent) {
        send_first(cage);
        enough = 1;
    }
    send_behind(cage, enough);
}

void cage_give_up(struct cage *cage)
{
    if (cage->nasked)
        stop(cage);
    for (; cage->nasked; cage->nasked--)
        TALLOC_FREE(cage->asked[cage->nasked - 1].why);
}

void cage_begin_behind(struct cage *cage, const struct cage_call *call)
{
    must(cage->nasked < CAGE_CALLS_MAX);
    struct asked *a = &cage->asked[cage->nasked++];
    struct err why;
    *a = (struct asked){.call = *call, .rc = check(call, &why)};
    keep_why(cage, a, &why);
    send_what_can_be(cage, TOGETHER);
}

void cage_begin(struct cage *cage, const struct cage_call *call)
{
    cage_give_up(cage);
    cage_begin_behind(cage, call);
}

/* One frame into bytes, which grows; as take. */
static int get_frame(struct cage *cage, const struct cage_call *call, struct cage_frame *frame_r,
                     struct text *bytes)
{
    int64_t deadline = clock_now_ms() + silence_of(call) * 1000;
    int rc = take(cage, frame_r, sizeof *frame_r, deadline);
    if (rc <= 0)
        return rc;
    if (frame_r->len > CAGE_FRAME_MAX)
        return 0;
    if (bytes->size <= frame_r->len) {
        bytes->size = frame_r->len + 1;
        bytes->s = talloc_realloc_size(NULL, bytes->s, bytes->size);
    }
    bytes->s[frame_r->len] = 0;
    return take(cage, bytes->s, frame_r->len, deadline);
}

/* The reason may quote the foreign bytes, and may be cut in the middle of a character. */
static int end_of(const struct cage_frame *frame, const char *text, struct err *err)
{
    MEM_SCOPE(mem);
    struct text clean = text_new(mem);
    if (frame->code == ERR_NONE)
        return 0;
    for (uint32_t c; (c = unicode_next(&text));)
        unicode_add(&clean, c < 0x20 || c == 0x7f ? ' ' : c);
    return err_set(err, frame->code == ERR_NOTFOUND ? ERR_NOTFOUND : ERR_INPUT, "%s", clean.s);
}

/* The frames of the first. */
static int answer(struct cage *cage, const struct cage_call *call, cage_frame_fn *fn, void *context,
                  struct err *err)
{
    MEM_SCOPE(mem);
    struct text bytes = text_new(mem);
    struct cage_frame frame;
    uint64_t total = 0, max = call->max_answer ? call->max_answer : CAGE_ANSWER_MAX;
    for (int64_t waited = 0;;) {
        int64_t since = clock_now_ms();
        int rc = get_frame(cage, call, &frame, &bytes);
        waited += clock_now_ms() - since;
        if (rc > 0 && waited > TOTAL_MS)
            rc = TOO_SLOW;
        if (rc <= 0)
            return failed(cage, call, rc, err);
        if (frame.kind == CAGE_END)
            return end_of(&frame, bytes.s, err);
        total += frame.len;
        if (total > max) {
            stop(cage);
            return err_set(err, ERR_INPUT, "the %s holds more than %d MB of text", err_word(call->noun),
                           (int)(max >> 20));
        }
        if (fn(context, frame.kind, bytes.s, frame.len, err) < 0) {
            stop(cage);
            return -1;
        }
    }
}

int cage_end(struct cage *cage, cage_frame_fn *fn, void *context, struct err *err)
{
    must(cage->nasked);
    struct asked *first = &cage->asked[0];
    send_what_can_be(cage, cage->taken_at == cage->taken_end ? 1 : TOGETHER); /* now there is time */
    int rc = first->rc < 0 ? -1 : answer(cage, &first->call, fn, context, err);
    if (first->rc < 0 && err)
        *err = *first->why;
    TALLOC_FREE(first->why);
    memmove(first, first + 1, --cage->nasked * sizeof *first);
    send_what_can_be(cage, TOGETHER);
    return rc;
}

int cage_run(struct cage *cage, const struct cage_call *call, cage_frame_fn *fn, void *context,
             struct err *err)
{
    cage_begin(cage, call);
    return cage_end(cage, fn, context, err);
}
