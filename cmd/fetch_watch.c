/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * `fetch` for ever.  The sessions of all accounts wait in a few IMAP workers (mail/wire/imap.h); this process
 * polls their lines, and when there is something to read, a reader is forked, which has the database, the
 * keys and the cage, makes one pass, leaves the session waiting, and ends.  So an idle account costs a
 * session, and whatever goes wrong with one ends a process that the others do not need.
 *
 *     AWAY --- its time has come ---> READING --- the pass was made ---> WAITING --- its line speaks --->
 * READING
 *       ^--- no session, after a pause that grows ---'
 *
 * When a worker dies, whoever was being read in it is suspect.  Who is so twice is read in a worker of its
 * own; when that dies too, the account is read no more, and its folders say why.
 */
#include "cmd/fetch_watch.h"

#include <errno.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/inbox_open.h"
#include "cmd_functions.h"

enum {
    READERS_MAX = 4,
    WAIT_S = 240, /* then the folders that are not waited for are looked at */
    WAIT_FOR_OUTCOME_S = 20,
    FIRST_PAUSE_S = 1,
    REFUSED_PAUSE_S = 60, /* a server that refuses the password counts the tries */
    LAST_PAUSE_S = 900,
    RESTLESS_S = 10, /* a wait shorter than that, that brought nothing */
    RESTLESS_PAUSE_S = 60,
    SUSPECT = 2,
    GUILTY = 3,
    END_S = 15,
    READER_LINE = 3
};
enum { PASS_NEWS = 0, PASS_QUIET = 2 }; /* what a reader that left its session waiting exits with */

struct host {
    struct imap_host *process; /* NULL: none */
    size_t lines;
    bool alone; /* for one account */
};

struct account {
    const struct conf_imap *conf;
    enum { AWAY, READING, WAITING, DISABLED } state;
    pid_t reader;
    int line; /* -1 */
    bool resume;
    struct host *host;
    int64_t not_before; /* monotonic seconds */
    int64_t waits_since;
    int pause_s, strikes;
    bool bereft; /* its worker died in this pass */
};

struct watch {
    struct cmd *c;
    const volatile sig_atomic_t *stop;
    struct account *account;
    struct host *host;
    size_t n, nreaders, turn; /* turn: whose it is to be looked at first */
    sigset_t before;
    pid_t pid;
};

static int64_t now_s(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec;
}

/* ---- in the reader */

/* Makes one pass, and leaves the session waiting. */
static int read_once(struct fetcher *fetcher, struct err *err)
{
    struct fetch_sum sum;
    struct err why;
    int rc = fetcher_pass(fetcher, &sum, err);
    if (fetcher_wait(fetcher, sum.waiting ? WAIT_FOR_OUTCOME_S : WAIT_S, rc < 0 ? &why : err) < 0)
        return err_exit_code(err);
    return sum.seen ? PASS_NEWS : PASS_QUIET;
}

static int reader(struct watch *w, const struct account *a)
{
    struct inbox inbox;
    struct fetcher *fetcher;
    struct err err;
    const struct fetch_options options = {
        .inbox = &inbox, .account = a->conf, .stop = w->stop, .line = READER_LINE, .resume = a->resume};
    int rc = fetch_inbox_open(w->c, &inbox, &err);
    if (rc == 0 && a->state == DISABLED) {
        fetch_disable(&inbox, a->conf,
                      "its answers have killed the IMAP worker three times; it is not read any more");
    } else if (rc == 0 && (rc = fetcher_open(w->c->mem, &options, &fetcher, &err)) == 0) {
        int code = read_once(fetcher, &err);
        fetcher_close(fetcher);
        cmd_inbox_close(&inbox);
        return code;
    }
    if (rc < 0)
        log_error("[imap %s] %s", a->conf->name, err.text);
    cmd_inbox_close(&inbox);
    return rc < 0 ? err_exit_code(&err) : 0;
}

/* It has its line, and nothing of the others. */
static noreturn void become_reader(struct watch *w, const struct account *a)
{
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    if (getppid() != w->pid)
        _exit(0);
    if (a->line >= 0 && a->line != READER_LINE)
        dup2(a->line, READER_LINE);
    close_range(READER_LINE + (a->line >= 0), ~0u, 0);
    sigprocmask(SIG_SETMASK, &w->before, NULL);
    int code = reader(w, a);
    fflush(NULL);
    _exit(code);
}

/* ---- lines */

static void hang_up(struct account *a)
{
    if (a->line >= 0)
        close(a->line);
    a->line = -1;
    a->resume = false;
    if (a->host && --a->host->lines == 0 && a->host->process) {
        imap_host_close(a->host->process);
        a->host->process = NULL;
    }
    a->host = NULL;
}

static struct host *find_host(struct watch *w, bool alone, struct err *err)
{
    struct host *empty = NULL;
    for (struct host *h = w->host; h < w->host + w->n; h++) {
        if (h->process && !alone && !h->alone && h->lines < IMAP_HOST_LINES)
            return h;
        if (!h->process && !h->lines && !empty)
            empty = h;
    }
    must(empty); /* there are as many as accounts */
    if (imap_host_open(w->c->mem, &empty->process, err) < 0)
        return NULL;
    empty->alone = alone;
    return empty;
}

static int call(struct watch *w, struct account *a, struct err *err)
{
    if (a->line >= 0)
        return 0;
    struct host *h = find_host(w, a->strikes >= SUSPECT, err);
    if (!h || imap_host_line(h->process, &a->line, err) < 0)
        return -1;
    a->host = h;
    h->lines++;
    return 0;
}

/* ---- turns */

static void pause_account(struct account *a, int first_s)
{
    int longer = a->pause_s * 2 > first_s ? a->pause_s * 2 : first_s;
    a->pause_s = longer < LAST_PAUSE_S ? longer : LAST_PAUSE_S;
    a->not_before = now_s() + a->pause_s;
    a->state = AWAY;
    hang_up(a);
}

static void start_reader(struct watch *w, struct account *a)
{
    struct err err;
    if (a->state != DISABLED && call(w, a, &err) < 0) {
        log_error("[imap %s] %s", a->conf->name, err.text);
        pause_account(a, FIRST_PAUSE_S);
        return;
    }
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0)
        become_reader(w, a);
    if (pid < 0) {
        log_error("[imap %s] fork: %s", a->conf->name, strerror(errno));
        pause_account(a, FIRST_PAUSE_S);
        return;
    }
    a->reader = pid;
    a->bereft = false;
    w->nreaders++;
    if (a->state != DISABLED)
        a->state = READING;
}

/* A server that wakes us for nothing, again and again, is left alone for a while. */
static void begin_to_wait(struct account *a, bool news)
{
    int64_t now = now_s();
    bool restless = a->waits_since && now - a->waits_since < RESTLESS_S + a->pause_s && !news;
    a->pause_s = !restless ? 0 : a->pause_s ? a->pause_s * 2 : FIRST_PAUSE_S;
    if (a->pause_s > RESTLESS_PAUSE_S)
        a->pause_s = RESTLESS_PAUSE_S;
    a->not_before = now + a->pause_s;
    a->waits_since = now;
    a->state = WAITING;
    a->resume = true;
    a->strikes = 0;
}

/* By what a server said, and not by whoever may kill it. */
static bool was_crashed(int status)
{
    return WIFSIGNALED(status) && WTERMSIG(status) != SIGKILL && WTERMSIG(status) != SIGTERM;
}

static void suspect(struct account *a)
{
    a->strikes++;
    log_warning("[imap %s] was being read%s", a->conf->name,
                a->strikes >= GUILTY    ? "; it is not read any more"
                : a->strikes == SUSPECT ? "; it gets a worker of its own"
                                        : "");
}

static void host_died(struct watch *w, struct host *h, int status)
{
    log_error("an IMAP worker with %zu accounts was killed by signal %d", h->lines,
              WIFSIGNALED(status) ? WTERMSIG(status) : 0);
    imap_host_died(h->process);
    imap_host_close(h->process);
    h->process = NULL;
    for (struct account *a = w->account; a < w->account + w->n; a++) {
        if (a->host != h)
            continue;
        hang_up(a);
        if (a->state == READING) {
            a->bereft = true;
            if (was_crashed(status))
                suspect(a);
        } else {
            a->state = AWAY;
            a->not_before = now_s() + FIRST_PAUSE_S;
        }
    }
}

/* A worker that dies ends the readers of its lines, whose end may be heard before its own. */
static void hear_of_death(struct watch *w, struct host *h)
{
    int status;
    if (!h || !h->process || !imap_host_is_gone(h->process))
        return;
    while (waitpid(imap_host_pid(h->process), &status, 0) < 0)
        must(errno == EINTR);
    host_died(w, h, status);
}

static void reader_ended(struct watch *w, struct account *a, int status)
{
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    a->reader = 0;
    w->nreaders--;
    if (a->state == DISABLED)
        return;
    if (!a->bereft && (code == PASS_NEWS || code == PASS_QUIET)) {
        begin_to_wait(a, code == PASS_NEWS);
        return;
    }
    hear_of_death(w, a->host);
    if (WIFSIGNALED(status))
        log_error("[imap %s] its reader was killed by signal %d", a->conf->name, WTERMSIG(status));
    a->waits_since = 0;
    pause_account(a, code == 78 ? REFUSED_PAUSE_S : FIRST_PAUSE_S);
    if (a->strikes >= GUILTY) {
        a->state = DISABLED;
        start_reader(w, a); /* which writes it down */
    }
}

static void reap(struct watch *w)
{
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        for (struct host *h = w->host; h < w->host + w->n; h++)
            if (h->process && imap_host_pid(h->process) == pid)
                host_died(w, h, status);
        for (struct account *a = w->account; a < w->account + w->n; a++)
            if (a->reader == pid)
                reader_ended(w, a, status);
    }
}

/* ---- the loop */

static bool is_due(const struct account *a, bool speaks)
{
    return (a->state == AWAY || (a->state == WAITING && speaks)) && now_s() >= a->not_before;
}

/* Sleeps until a line speaks, a child ends, a signal comes, or somebody's time has come. */
static void sleep_until_due(struct watch *w, struct pollfd *p)
{
    int64_t now = now_s(), left = WAIT_S;
    for (size_t i = 0; i < w->n; i++) {
        const struct account *a = &w->account[i];
        bool later = a->not_before > now;
        p[i] = (struct pollfd){a->state == WAITING && !later ? a->line : -1, POLLIN, 0};
        if (a->state == AWAY || (a->state == WAITING && later))
            left = !later ? 0 : a->not_before - now < left ? a->not_before - now : left;
    }
    bool full = w->nreaders == READERS_MAX; /* then it is the end of one that is waited for */
    for (size_t i = 0; full && i < w->n; i++)
        p[i].fd = -1;
    struct timespec t = {.tv_sec = full ? WAIT_S : left};
    if (ppoll(p, w->n, &t, &w->before) < 0)
        for (size_t i = 0; i < w->n; i++)
            p[i].revents = 0;
}

static void start_readers(struct watch *w, const struct pollfd *p)
{
    size_t first = w->turn;
    for (size_t k = 0; k < w->n && w->nreaders < READERS_MAX; k++) {
        size_t i = (first + k) % w->n;
        if (!is_due(&w->account[i], p[i].revents != 0))
            continue;
        start_reader(w, &w->account[i]);
        w->turn = i + 1;
    }
}

static void end_readers(struct watch *w)
{
    for (int s = 0; w->nreaders && s <= END_S * 10; s++) {
        for (size_t i = 0; i < w->n; i++)
            if (w->account[i].reader > 0 && (s == 0 || s == END_S * 10))
                kill(w->account[i].reader, s ? SIGKILL : SIGTERM);
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
        for (size_t i = 0; i < w->n; i++)
            if (w->account[i].reader > 0 && waitpid(w->account[i].reader, NULL, WNOHANG) > 0) {
                w->account[i].reader = 0;
                w->nreaders--;
            }
    }
    for (size_t i = 0; i < w->n; i++)
        hang_up(&w->account[i]);
}

/* Its coming is what wakes the loop. */
static void on_child(int number)
{
    (void)number;
}

static void watch_accounts(struct watch *w)
{
    struct pollfd *p = talloc_zero_array(w->c->mem, struct pollfd, (unsigned)w->n);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGHUP);
    sigaction(SIGCHLD, &(struct sigaction){.sa_handler = on_child}, NULL);
    sigprocmask(SIG_BLOCK, &signals, &w->before); /* but within ppoll */
    while (!*w->stop) {
        start_readers(w, p);
        sleep_until_due(w, p);
        reap(w);
    }
    end_readers(w);
    sigprocmask(SIG_SETMASK, &w->before, NULL);
}

int fetch_watch(struct cmd *c, const volatile sig_atomic_t *stop, struct err *err)
{
    struct watch w = {.c = c, .stop = stop, .pid = getpid()};
    if (cmd_conf(c, err) < 0)
        return -1;
    for (const struct conf_imap *a = c->conf->imap; a; a = a->next)
        w.n++;
    if (!w.n)
        return err_set(err, ERR_CONFIG, "%s: there is no [imap NAME] to fetch from", c->conf->path);
    w.account = talloc_zero_array(c->mem, struct account, (unsigned)w.n);
    w.host = talloc_zero_array(c->mem, struct host, (unsigned)w.n);
    size_t n = 0;
    for (const struct conf_imap *a = c->conf->imap; a; a = a->next)
        w.account[n++] = (struct account){.conf = a, .line = -1};
    watch_accounts(&w);
    return 0;
}
