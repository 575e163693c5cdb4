/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * `adresar serve` is the supervisor: one deliver process for each [smtp ...], one fetch process.  A process
 * that ends is started again, after a pause that grows while it keeps ending; on SIGTERM or SIGINT all are
 * asked to end and waited for, and killed when they do not: that loses nobody, what they had in hand is
 * unknown at worst.
 */
#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd_functions.h"

enum { MAX_PROCESSES = 66, FIRST_PAUSE_S = 1, LAST_PAUSE_S = 60, STEADY_S = 60, END_S = 20 };

struct process {
    const char *argv[8];
    pid_t pid;
    time_t started, start_at;
    int pause_s;
};

static volatile sig_atomic_t stop;

static void on_signal(int sig)
{
    if (sig != SIGCHLD)
        stop = 1;
}

static void handle(void (*handler)(int))
{
    struct sigaction act = {.sa_handler = handler};
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGCHLD, &act, NULL);
}

static void start(struct process *p)
{
    pid_t parent = getpid();
    sigset_t all, before;
    sigfillset(&all);
    /* A signal between fork and exec would find our handler, set a variable of the child, and be forgotten.
     */
    sigprocmask(SIG_BLOCK, &all, &before);
    p->started = time(NULL);
    p->pid = fork();
    if (p->pid == 0) {
        handle(SIG_DFL);
        sigprocmask(SIG_SETMASK, &before, NULL);
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        if (getppid() != parent)
            _exit(0);
        execv("/proc/self/exe", (char **)p->argv);
        _exit(127);
    }
    sigprocmask(SIG_SETMASK, &before, NULL);
    if (p->pid < 0)
        log_error("fork: %s", strerror(errno));
    else
        log_info("started %s%s%s, process %d", p->argv[3], p->argv[5] ? " for " : "",
                 p->argv[5] ? p->argv[5] : "", (int)p->pid);
}

static void ended(struct process *p, int status)
{
    bool steady = time(NULL) - p->started >= STEADY_S;
    p->pause_s = steady || !p->pause_s           ? FIRST_PAUSE_S
                 : p->pause_s * 2 < LAST_PAUSE_S ? p->pause_s * 2
                                                 : LAST_PAUSE_S;
    p->start_at = time(NULL) + p->pause_s;
    p->pid = 0;
    if (stop)
        return;
    if (WIFSIGNALED(status))
        log_error("%s was killed by signal %d; starting it again in %d s", p->argv[3], WTERMSIG(status),
                  p->pause_s);
    else
        log_error("%s ended with exit code %d; starting it again in %d s", p->argv[3], WEXITSTATUS(status),
                  p->pause_s);
}

static void reap(struct process *process, int n)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
        for (int i = 0; i < n; i++)
            if (process[i].pid == pid)
                ended(&process[i], status);
}

static int running(const struct process *process, int n)
{
    int sum = 0;
    for (int i = 0; i < n; i++)
        sum += process[i].pid > 0;
    return sum;
}

static void signal_all(const struct process *process, int n, int sig)
{
    for (int i = 0; i < n; i++)
        if (process[i].pid > 0)
            kill(process[i].pid, sig);
}

static void end_all(struct process *process, int n)
{
    signal_all(process, n, SIGTERM);
    for (time_t asked = time(NULL); running(process, n) && time(NULL) - asked < END_S; reap(process, n))
        usleep(100000);
    signal_all(process, n, SIGKILL);
    for (; running(process, n); reap(process, n))
        usleep(10000);
}

static int add(struct process *process, int n, struct cmd *c, const char *what, const char *account)
{
    must(n < MAX_PROCESSES);
    process[n] = (struct process){
        .argv = {"adresar", "-c", c->conf->path, what, account ? "--account" : NULL, account, NULL},
    };
    return n + 1;
}

int cmd_serve(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct process process[MAX_PROCESSES];
    int n = 0;
    (void)argv;
    if (argc)
        return cmd_usage(c, "serve");
    if (cmd_conf(c, &err) < 0)
        return cmd_fail(c, &err);
    for (const struct conf_smtp *a = c->conf->smtp; a; a = a->next)
        n = add(process, n, c, "deliver", a->name);
    if (c->conf->imap)
        n = add(process, n, c, "fetch", NULL);
    if (n == 0) {
        err_set(&err, ERR_CONFIG, "%s: neither [smtp NAME] nor [imap NAME]: nothing to serve", c->conf->path);
        return cmd_fail(c, &err);
    }
    handle(on_signal);
    while (!stop) {
        for (int i = 0; i < n; i++)
            if (process[i].pid <= 0 && time(NULL) >= process[i].start_at)
                start(&process[i]);
        sleep(1); /* a signal ends it early */
        reap(process, n);
    }
    end_all(process, n);
    return 0;
}
