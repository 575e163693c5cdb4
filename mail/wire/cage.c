/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The outside.  A cage is started when it is needed and lives until a message kills it; it gets one request
 * at a time and answers only after it has read all of it, so writing first and reading then cannot lock both
 * ends.  Between the two the caller may do something else (cage_facts_begin); a cage whose answer nobody
 * wants any more is killed.
 */
#include "mail/wire/cage.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "mail/wire/cage_low.h"
#include "mail/wire/facts.h"

enum {
    DEADLINE_MS = 10000,
    ANSWER_MAX = 128 << 20,
    STACK_BYTES = 64 << 20,
    EXIT_NOT_STARTED = 127,
    EXIT_NO_COMMAND = 64
};

struct cage {
    int fd; /* -1: none runs */
    pid_t pid;
    bool asked;     /* between the two steps */
    int rc;         /* of the first */
    struct err why; /* rc -1 */
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

static int cage_end(struct cage *cage)
{
    stop(cage);
    return 0;
}

int cage_open(void *mem, struct cage **cage_r, struct err *err)
{
    struct cage *cage = talloc_zero(mem, struct cage);
    cage->fd = -1;
    talloc_set_destructor(cage, cage_end);
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

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Moves all bytes before the deadline: 1 done, 0 the other end is gone, -1 too late. */
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
        int64_t left = deadline - now_ms();
        if (left <= 0)
            return -1;
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
        return err_set(err, ERR_INPUT, "parsing took longer than %d s", DEADLINE_MS / 1000);
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
        return err_set(err, ERR_INPUT, "the mail killed its parser (%s)", strsignal(WTERMSIG(status)));
    return err_set(err, ERR_INPUT, "the mail ended its parser (exit code %d)", WEXITSTATUS(status));
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

static int put_request(struct cage *cage, struct cage_request *request, const char *mail, struct err *err)
{
    if (cage->asked)
        stop(cage);
    cage->asked = false;
    if (request->len > FACTS_MESSAGE_MAX)
        return err_set(err, ERR_INPUT, "the mail is larger than %d MB", FACTS_MESSAGE_MAX >> 20);
    if (ready(cage, err) < 0)
        return -1;
    int64_t deadline = now_ms() + DEADLINE_MS;
    int rc = transfer(cage->fd, (char *)request, sizeof *request, true, deadline);
    if (rc > 0)
        rc = transfer(cage->fd, (char *)(uintptr_t)mail, request->len, true, deadline);
    return rc > 0 ? 0 : failed(cage, rc, err);
}

static int get_answer(struct cage *cage, void *mem, char **bytes_r, size_t *len_r, struct err *err)
{
    struct cage_answer answer;
    int64_t deadline = now_ms() + DEADLINE_MS;
    int rc = transfer(cage->fd, (char *)&answer, sizeof answer, false, deadline);
    if (rc > 0 && answer.len > ANSWER_MAX)
        rc = 0;
    if (rc <= 0)
        return failed(cage, rc, err);
    char *bytes = talloc_size(mem, answer.len + 1);
    rc = transfer(cage->fd, bytes, answer.len, false, deadline);
    if (rc <= 0) {
        talloc_free(bytes);
        return failed(cage, rc, err);
    }
    bytes[answer.len] = 0;
    if (answer.code != ERR_NONE) {
        err_set(err, answer.code == ERR_NOTFOUND ? ERR_NOTFOUND : ERR_INPUT, "%s", bytes);
        talloc_free(bytes);
        return -1;
    }
    *bytes_r = bytes;
    *len_r = answer.len;
    return 0;
}

void cage_facts_begin(struct cage *cage, const char *mail, size_t len)
{
    struct cage_request request = {.kind = CAGE_FACTS, .len = len > UINT32_MAX ? UINT32_MAX : (uint32_t)len};
    cage->rc = put_request(cage, &request, mail, &cage->why);
    cage->asked = true;
}

int cage_facts_end(struct cage *cage, json_t **facts_r, struct err *err)
{
    MEM_SCOPE(mem);
    char *bytes;
    size_t n;
    must(cage->asked);
    cage->asked = false;
    if (cage->rc < 0) {
        *err = cage->why;
        return -1;
    }
    if (get_answer(cage, mem, &bytes, &n, err) < 0)
        return -1;
    json_error_t why;
    *facts_r = json_loadb(bytes, n, JSON_REJECT_DUPLICATES, &why);
    return json_is_object(*facts_r) ? 0
                                    : err_set(err, ERR_INPUT, "the parser's answer is broken: %s", why.text);
}

int cage_facts(struct cage *cage, const char *mail, size_t len, json_t **facts_r, struct err *err)
{
    cage_facts_begin(cage, mail, len);
    return cage_facts_end(cage, facts_r, err);
}

int cage_part(struct cage *cage, void *mem, const char *mail, size_t len, const char *path, char **bytes_r,
              size_t *len_r, struct err *err)
{
    struct cage_request request = {.kind = CAGE_PART, .len = len > UINT32_MAX ? UINT32_MAX : (uint32_t)len};
    if (strlen(path) >= sizeof request.path)
        return err_set(err, ERR_NOTFOUND, "the mail has no part %.40s", path);
    memcpy(request.path, path, strlen(path) + 1);
    return put_request(cage, &request, mail, err) < 0 ? -1 : get_answer(cage, mem, bytes_r, len_r, err);
}
