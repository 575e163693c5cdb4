/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * `adresar serve` is the supervisor: one deliver process for each [smtp ...], one fetch process.  A process
 * that ends is started again, after a pause that grows while it keeps ending; on SIGTERM or SIGINT all are
 * asked to end and waited for, and killed when they do not: that loses nobody, what they had in hand is
 * unknown at worst.
 *
 * On SIGHUP the configuration is read again: each process ends what it has in hand, however long that takes,
 * and is started by the new one.
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
    bool asked; /* to end */
    bool last;  /* the configuration has it no more */
};

static volatile sig_atomic_t stop, reload;

static void on_signal(int sig)
{
    if (sig == SIGHUP)
        reload = 1;
    else if (sig != SIGCHLD)
        stop = 1;
}

static void handle(void (*handler)(int))
{
    struct sigaction act = {.sa_handler = handler};
    sigaction(SIGTERM, &act, NULL);
    sigaction(SIGINT, &act, NULL);
    sigaction(SIGHUP, &act, NULL);
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
    p->asked = false;
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
    p->start_at = p->asked ? 0 : time(NULL) + p->pause_s;
    p->pid = 0;
    if (stop || p->asked)
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

/* ---- what runs */

static int add(struct process *process, int n, const struct conf *conf, const char *what, const char *account)
{
    must(n < MAX_PROCESSES);
    process[n] = (struct process){
        .argv = {"adresar", "-c", conf->path, what, account ? "--account" : NULL, account, NULL},
    };
    return n + 1;
}

static int wanted(const struct conf *conf, struct process *process, struct err *err)
{
    int n = 0;
    for (const struct conf_smtp *a = conf->smtp; a; a = a->next)
        n = add(process, n, conf, "deliver", a->name);
    if (conf->imap)
        n = add(process, n, conf, "fetch", NULL);
    return n ? n
             : err_set(err, ERR_CONFIG, "%s: neither [smtp NAME] nor [imap NAME]: nothing to serve",
                       conf->path);
}

static bool same(const struct process *a, const struct process *b)
{
    return !strcmp(a->argv[3], b->argv[3]) &&
           !strcmp(a->argv[5] ? a->argv[5] : "", b->argv[5] ? b->argv[5] : "");
}

/* What runs ends what it has in hand, and begins anew if the new configuration has it still. */
static int take_over(struct process *process, int n, const struct process *fresh, int nfresh)
{
    struct process old[MAX_PROCESSES];
    memcpy(old, process, sizeof old);
    memcpy(process, fresh, sizeof old);
    int count = nfresh;
    for (int i = 0; i < n; i++) {
        int k = 0;
        while (k < nfresh && !same(&old[i], &fresh[k]))
            k++;
        if (old[i].pid <= 0)
            continue;
        kill(old[i].pid, SIGTERM);
        if (k == nfresh && count == MAX_PROCESSES)
            continue;
        if (k == nfresh)
            process[k = count++] = old[i];
        process[k].pid = old[i].pid;
        process[k].started = old[i].started;
        process[k].asked = true;
        process[k].last = k >= nfresh;
    }
    return count;
}

static int begin_anew(struct cmd *c, struct process *process, int n)
{
    struct err err;
    struct conf *conf;
    struct process fresh[MAX_PROCESSES];
    int nfresh;
    reload = 0;
    if (conf_load(c->mem, c->conf_path, &conf, &err) < 0 || (nfresh = wanted(conf, fresh, &err)) < 0) {
        log_error("%s; the configuration that was read before holds on", err.text);
        return n;
    }
    log_info("the configuration is read again");
    return take_over(process, n, fresh, nfresh);
}

int cmd_serve(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct process process[MAX_PROCESSES];
    int n;
    (void)argv;
    if (argc)
        return cmd_usage(c, "serve");
    if (cmd_conf(c, &err) < 0 || (n = wanted(c->conf, process, &err)) < 0)
        return cmd_fail(c, &err);
    handle(on_signal);
    while (!stop) {
        if (reload)
            n = begin_anew(c, process, n);
        for (int i = 0; i < n; i++)
            if (process[i].pid <= 0 && !process[i].last && time(NULL) >= process[i].start_at)
                start(&process[i]);
        sleep(1); /* a signal ends it early */
        reap(process, n);
    }
    end_all(process, n);
    return 0;
}
