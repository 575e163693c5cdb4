/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The worker as a process: its start, the lines that are given to it, its end.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/socket.h"
#include "mail/wire/imap_low.h"

#define WORKER_FD 3

struct imap_host {
    pid_t pid; /* 0: dead and buried */
    int fd;
};

/* Between fork and exec: nothing but system calls. */
static noreturn void become_worker(int fd)
{
    static const char *const argv[] = {"adresar", "imap-worker", NULL};
    static const char *const envp[] = {NULL};
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int null = open("/dev/null", O_RDWR);
    dup2(null, 0);
    dup2(null, 1);
    if (fd == WORKER_FD)
        fcntl(fd, F_SETFD, 0);
    else
        dup2(fd, WORKER_FD);
    if (close_range(WORKER_FD + 1, ~0u, 0) == 0 && prctl(PR_SET_PDEATHSIG, SIGKILL) == 0)
        execve("/proc/self/exe", (char *const *)(uintptr_t)argv, (char *const *)(uintptr_t)envp);
    _exit(127);
}

static int host_destroy(struct imap_host *host)
{
    if (host->pid > 0) {
        kill(host->pid, SIGKILL);
        while (waitpid(host->pid, NULL, 0) < 0 && errno == EINTR)
            ;
    }
    mem_fd_end(&host->fd);
    return 0;
}

int imap_host_open(void *mem, struct imap_host **host_r, struct err *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return err_set(err, ERR_AGAIN, "socketpair: %s", strerror(errno));
    pid_t pid = fork();
    if (pid == 0)
        become_worker(ends[1]);
    int e = errno;
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return err_set(err, ERR_AGAIN, "fork: %s", strerror(e));
    }
    struct imap_host *host = talloc(mem, struct imap_host);
    *host = (struct imap_host){.pid = pid, .fd = ends[0]};
    talloc_set_destructor(host, host_destroy);
    *host_r = host;
    return 0;
}

/* Sessions whose lines were closed before are logged out, if that does not take long. */
void imap_host_close(struct imap_host *host)
{
    if (host && host->pid > 0) {
        shutdown(host->fd, SHUT_WR);
        poll(&(struct pollfd){host->fd, POLLIN, 0}, 1, 1000);
    }
    talloc_free(host);
}

pid_t imap_host_pid(const struct imap_host *host)
{
    return host->pid;
}

/* A process that ends closes its descriptors before it can be waited for, and this one before those of the
 * lines, which it got later: who hears that a line has ended can know why. */
bool imap_host_is_gone(const struct imap_host *host)
{
    struct pollfd p = {host->fd, 0, 0};
    return poll(&p, 1, 0) > 0 && p.revents & POLLHUP;
}

void imap_host_died(struct imap_host *host)
{
    host->pid = 0;
}

int imap_host_line(struct imap_host *host, int *line_r, struct err *err)
{
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
        return err_set(err, ERR_AGAIN, "socketpair: %s", strerror(errno));
    socket_widen(ends[1]); /* messages wait in it */
    int rc = descriptor_send(host->fd, ends[1], err);
    close(ends[1]);
    if (rc < 0)
        close(ends[0]);
    else
        *line_r = ends[0];
    return rc;
}
