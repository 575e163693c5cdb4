/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The outside.  A cage is started when it is needed and lives until some bytes kill it; it gets one request
 * at a time and answers only after it has read all of it, so writing first and reading then cannot lock both
 * ends.  Between the two the caller may do something else (cage_begin); a cage whose answer nobody wants any
 * more is killed.
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
#include "base/clock.h"
#include "base/descriptor.h"
#include "base/unicode.h"

enum {
    SILENCE_S = 10,
    TOTAL_MS = 600000, /* of all frames */
    STACK_BYTES = 64 << 20,
    EXIT_NOT_STARTED = 127,
    EXIT_NO_COMMAND = 64
};

struct cage {
    int fd; /* -1: none runs */
    pid_t pid;
    bool asked;       /* between the two steps */
    int rc;           /* of the first */
    struct err why;   /* rc -1 */
    const char *noun; /* of the bytes, while they are parsed */
    uint64_t max_answer;
    int silence_s; /* of the request, of each frame */
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
    char *env[] = {NULL};
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
    fcntl(cage->fd, F_SETFL, O_NONBLOCK);
    return 0;
}

/* Kills what runs, gives its wait status. */
static int stop(struct cage *cage)
{
    int status = 0;
    if (cage->fd < 0)
        return 0;
    close(cage->fd);
    cage->fd = -1;
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

/* Moves all bytes before the deadline: 1 done, 0 the other end is gone, TOO_LATE. */
enum { TOO_LATE = -1, TOO_SLOW = -2 }; /* one frame; all of them */
static int transfer(int fd, char *bytes, size_t len, bool out, int64_t deadline)
{
    while (len) {
        ssize_t n = out ? send(fd, bytes, len, MSG_NOSIGNAL) : recv(fd, bytes, len, 0);
        if (n > 0) {
            bytes += n;
            len -= (size_t)n;
            continue;
        }
        if (n == 0 || (errno != EAGAIN && errno != EINTR))
            return 0;
        int64_t left = deadline - clock_now_ms();
        if (left <= 0)
            return TOO_LATE;
        struct pollfd p = {.fd = fd, .events = out ? POLLOUT : POLLIN};
        poll(&p, 1, (int)left);
    }
    return 1;
}

/* The cage is gone or hangs: says why. */
static int failed(struct cage *cage, int rc, struct err *err)
{
    if (rc < 0) {
        stop(cage);
        return err_set(err, ERR_INPUT, "parsing the %s took longer than %d s", cage->noun,
                       rc == TOO_SLOW ? TOTAL_MS / 1000 : cage->silence_s);
    }
    int status = 0;
    pid_t pid = -1;
    for (int i = 0; i < 100 && pid <= 0; i++) { /* its socket closes a moment before it can be waited for */
        pid = waitpid(cage->pid, &status, WNOHANG);
        if (pid == 0)
            poll(NULL, 0, 10);
    }
    if (pid == cage->pid) {
        close(cage->fd);
        cage->fd = -1;
    } else {
        status = stop(cage);
    }
    if (WIFEXITED(status) &&
        (WEXITSTATUS(status) == EXIT_NOT_STARTED || WEXITSTATUS(status) == EXIT_NO_COMMAND))
        return err_set(err, ERR_IO, "the parser's process cannot be started");
    if (WIFSIGNALED(status))
        return err_set(err, ERR_INPUT, "the %s killed its parser (%s)", cage->noun,
                       strsignal(WTERMSIG(status)));
    return err_set(err, ERR_INPUT, "the %s ended its parser (exit code %d)", cage->noun, WEXITSTATUS(status));
}

/* One that runs; a cage that died between two messages is replaced. */
static int ready(struct cage *cage, struct err *err)
{
    if (cage->fd >= 0 && waitpid(cage->pid, NULL, WNOHANG) == cage->pid) {
        close(cage->fd);
        cage->fd = -1;
    }
    return cage->fd >= 0 ? 0 : start(cage, err);
}

static int put_request(struct cage *cage, const struct cage_call *call, struct err *err)
{
    struct cage_request request = {.len = (uint32_t)call->len, .file = call->spool != NULL};
    const char *argument = call->argument ? call->argument : "";
    must(strlen(call->parser) < sizeof request.parser && call->max_bytes <= UINT32_MAX);
    if (call->len > call->max_bytes)
        return err_set(err, ERR_INPUT, "the %s is larger than %zu MB", call->noun, call->max_bytes >> 20);
    if (strlen(argument) >= sizeof request.argument)
        return err_set(err, ERR_NOTFOUND, "the %s has no %.40s", call->noun, argument);
    memcpy(request.parser, call->parser, strlen(call->parser));
    memcpy(request.argument, argument, strlen(argument));
    if (ready(cage, err) < 0)
        return -1;
    int64_t deadline = clock_now_ms() + cage->silence_s * 1000;
    int rc = transfer(cage->fd, (char *)&request, sizeof request, true, deadline);
    if (rc > 0 && call->spool)
        rc = descriptor_send(cage->fd, spool_fd(call->spool), NULL) == 0;
    else if (rc > 0)
        rc = transfer(cage->fd, (char *)(uintptr_t)call->bytes, call->len, true, deadline);
    return rc > 0 ? 0 : failed(cage, rc, err);
}

void cage_begin(struct cage *cage, const struct cage_call *call)
{
    if (cage->asked)
        stop(cage);
    cage->noun = call->noun;
    cage->silence_s = call->max_silence_s ? call->max_silence_s : SILENCE_S;
    cage->max_answer = call->max_answer ? call->max_answer : CAGE_ANSWER_MAX;
    cage->rc = put_request(cage, call, &cage->why);
    cage->asked = true;
}

/* One frame into bytes, which grows; as transfer. */
static int get_frame(struct cage *cage, struct cage_frame *frame_r, struct text *bytes)
{
    int64_t deadline = clock_now_ms() + cage->silence_s * 1000;
    int rc = transfer(cage->fd, (char *)frame_r, sizeof *frame_r, false, deadline);
    if (rc <= 0)
        return rc;
    if (frame_r->len > CAGE_FRAME_MAX)
        return 0;
    if (bytes->size <= frame_r->len) {
        bytes->size = frame_r->len + 1;
        bytes->s = talloc_realloc_size(NULL, bytes->s, bytes->size);
    }
    bytes->s[frame_r->len] = 0;
    return transfer(cage->fd, bytes->s, frame_r->len, false, deadline);
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

int cage_end(struct cage *cage, cage_frame_fn *fn, void *context, struct err *err)
{
    must(cage->asked);
    cage->asked = false;
    if (cage->rc < 0) {
        *err = cage->why;
        return -1;
    }
    MEM_SCOPE(mem);
    struct text bytes = text_new(mem);
    struct cage_frame frame;
    uint64_t total = 0;
    for (int64_t waited = 0;;) {
        int64_t since = clock_now_ms();
        int rc = get_frame(cage, &frame, &bytes);
        waited += clock_now_ms() - since;
        if (rc > 0 && waited > TOTAL_MS)
            rc = TOO_SLOW;
        if (rc <= 0)
            return failed(cage, rc, err);
        if (frame.kind == CAGE_END)
            return end_of(&frame, bytes.s, err);
        total += frame.len;
        if (total > cage->max_answer) {
            stop(cage);
            return err_set(err, ERR_INPUT, "the %s holds more than %d MB of text", cage->noun,
                           (int)(cage->max_answer >> 20));
        }
        if (fn(context, frame.kind, bytes.s, frame.len, err) < 0) {
            stop(cage);
            return -1;
        }
    }
}

int cage_run(struct cage *cage, const struct cage_call *call, cage_frame_fn *fn, void *context,
             struct err *err)
{
    cage_begin(cage, call);
    return cage_end(cage, fn, context, err);
}
