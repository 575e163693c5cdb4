/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * `fetch --once` reads all accounts one after the other; `fetch` has a child process for each, which waits
 * for new mail and is started again when it ends.
 */
#include "mail/fetch.h"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/table.h"
#include "cmd_functions.h"
#include "crm/audit.h"
#include "crm/contact.h"

enum { WAIT_S = 240, WAIT_FOR_OUTCOME_S = 20, AGAIN_S = 30, MAX_CHILDREN = 200 };

static volatile sig_atomic_t stop, waiting;

/* While a child waits for mail nothing is in hand. */
static void on_signal(int number)
{
    (void)number;
    stop = 1;
    if (waiting)
        _exit(0);
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
}

/* ---- what reads: the database, the keys, the cage */

static int open_inbox(struct cmd *c, struct inbox *inbox, struct err *err)
{
    struct keyring *ring;
    *inbox = (struct inbox){0};
    if (cmd_conf(c, err) < 0)
        return -1;
    if (!c->conf->imap)
        return err_set(err, ERR_CONFIG, "%s: there is no [imap NAME] to fetch from", c->conf->path);
    if (!c->conf->keys.file)
        return err_set(err, ERR_CONFIG, "%s: [keys] file is missing", c->conf->path);
    if (keyring_open(c->mem, c->conf->keys.file, &ring, err) < 0)
        return -1;
    inbox->conf = c->conf;
    inbox->ring = ring;
    return cage_open(c->mem, &inbox->cage, err) < 0 ? -1 : cmd_open_db(c, "adresar_fetch", &inbox->db, err);
}

static void close_inbox(struct inbox *inbox)
{
    if (inbox->cage)
        cage_close(inbox->cage);
    db_close(inbox->db);
}

/* ---- once */

static void print_sum(struct cmd *c, const char *account, const struct fetch_sum *sum)
{
    if (c->json)
        cmd_print_json(json_pack("{s:s, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "account", account, "seen",
                                 (json_int_t)sum->seen, "kept", (json_int_t)sum->kept, "known",
                                 (json_int_t)sum->known, "apart", (json_int_t)sum->apart, "judged",
                                 (json_int_t)sum->judged, "parked", (json_int_t)sum->parked, "failed",
                                 (json_int_t)sum->failed));
    else
        printf(_("%s: %ld messages met, %ld new, %ld known, %ld not kept; %ld judged, %ld parked\n"), account,
               sum->seen, sum->kept, sum->known, sum->apart, sum->judged, sum->parked);
}

static int fetch_account(struct cmd *c, struct inbox *inbox, const struct conf_imap *account, struct err *err)
{
    struct fetcher *fetcher;
    struct fetch_sum sum;
    struct fetch_options options = {.inbox = inbox, .account = account, .stop = &stop};
    if (fetcher_open(c->mem, &options, &fetcher, err) < 0)
        return -1;
    int rc = fetcher_pass(fetcher, &sum, err);
    fetcher_close(fetcher);
    print_sum(c, account->name, &sum);
    return rc;
}

/* One account that fails does not keep the others from being read. */
static int fetch_once(struct cmd *c, struct err *err)
{
    struct inbox inbox;
    int rc = open_inbox(c, &inbox, err);
    for (const struct conf_imap *a = rc == 0 ? c->conf->imap : NULL; a && !stop; a = a->next) {
        struct err why;
        if (fetch_account(c, &inbox, a, &why) == 0)
            continue;
        if (rc == 0)
            *err = why;
        rc = -1;
    }
    close_inbox(&inbox);
    return rc;
}

/* ---- for ever */

static void sleep_s(int seconds)
{
    waiting = 1;
    if (stop) /* it came before the handler could end the wait */
        return;
    nanosleep(&(struct timespec){.tv_sec = seconds}, NULL);
    waiting = 0;
}

/* A key that was added since signs letters already, and their answers must be known. */
static void renew_ring(struct cmd *c, struct inbox *inbox)
{
    struct keyring *ring;
    struct err err;
    if (keyring_open(c->mem, c->conf->keys.file, &ring, &err) < 0) {
        log_warning("%s; the keys read before are used", err.text);
        return;
    }
    talloc_free((void *)(uintptr_t)inbox->ring);
    inbox->ring = ring;
}

static void watch(struct cmd *c, struct inbox *inbox, struct fetcher *fetcher)
{
    while (!stop) {
        struct fetch_sum sum;
        struct err err;
        renew_ring(c, inbox);
        if (fetcher_pass(fetcher, &sum, &err) < 0) {
            sleep_s(AGAIN_S);
            continue;
        }
        audit_seal_if_possible(inbox->db);
        contact_renew_terms(inbox->db);
        waiting = 1;
        if (stop) /* it came before the handler could end the wait */
            return;
        int rc = fetcher_wait(fetcher, sum.waiting ? WAIT_FOR_OUTCOME_S : WAIT_S, &err);
        waiting = 0;
        if (rc < 0) {
            log_warning("%s", err.text);
            sleep_s(1);
        }
    }
}

static int watch_account(struct cmd *c, const struct conf_imap *account)
{
    struct inbox inbox;
    struct fetcher *fetcher;
    struct err err;
    struct fetch_options options = {.inbox = &inbox, .account = account, .stop = &stop};
    int rc = open_inbox(c, &inbox, &err);
    if (rc == 0)
        rc = fetcher_open(c->mem, &options, &fetcher, &err);
    if (rc == 0) {
        watch(c, &inbox, fetcher);
        fetcher_close(fetcher);
    } else {
        log_error("[imap %s] %s", account->name, err.text);
    }
    close_inbox(&inbox);
    return rc == 0 ? 0 : err_exit_code(&err);
}

struct child {
    pid_t pid; /* 0: does not run */
    time_t not_before;
    const struct conf_imap *account;
};

static void start_child(struct cmd *c, struct child *child)
{
    fflush(NULL);
    pid_t pid = fork();
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGTERM);
        exit(watch_account(c, child->account));
    }
    child->pid = pid > 0 ? pid : 0;
    if (pid < 0) {
        log_error("[imap %s] no process can be started", child->account->name);
        child->not_before = time(NULL) + AGAIN_S;
    }
}

/* A child that ended, whatever ended it, is not started again at once. */
static void reap_children(struct child *child, size_t n)
{
    for (pid_t ended; (ended = waitpid(-1, NULL, WNOHANG)) > 0;)
        for (size_t i = 0; i < n; i++)
            if (child[i].pid == ended) {
                child[i].pid = 0;
                child[i].not_before = time(NULL) + AGAIN_S;
            }
}

static void end_children(struct child *child, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (child[i].pid > 0)
            kill(child[i].pid, SIGTERM);
    for (size_t i = 0; i < n; i++)
        if (child[i].pid > 0)
            waitpid(child[i].pid, NULL, 0);
}

static int fetch_for_ever(struct cmd *c, struct err *err)
{
    struct child child[MAX_CHILDREN] = {{0}};
    size_t n = 0;
    if (cmd_conf(c, err) < 0)
        return -1;
    for (const struct conf_imap *a = c->conf->imap; a && n < MAX_CHILDREN; a = a->next)
        child[n++].account = a;
    if (!n)
        return err_set(err, ERR_CONFIG, "%s: there is no [imap NAME] to fetch from", c->conf->path);
    while (!stop) {
        for (size_t i = 0; i < n && !stop; i++)
            if (!child[i].pid && time(NULL) >= child[i].not_before)
                start_child(c, &child[i]);
        nanosleep(&(struct timespec){.tv_nsec = 500000000}, NULL);
        reap_children(child, n);
    }
    end_children(child, n);
    return 0;
}

/* ---- status */

static void status_row(struct cmd *c, struct cmd_table *table, const struct db_rows *rows, int i)
{
    static const char *const column[] = {"account", "folder", "read_at", "lag_s",   "places",
                                         "kept",    "decide", "parked",  "waiting", "error"};
    if (!c->json) {
        const char *cell[ARRAY_LEN(column)];
        for (size_t k = 0; k < ARRAY_LEN(column); k++)
            cell[k] = db_get_text(rows, i, column[k]);
        cmd_table_add(table, cell);
        return;
    }
    cmd_print_json(json_pack(
        "{s:s, s:s, s:s?, s:I, s:I, s:I, s:I, s:I, s:I, s:s?}", "account", db_get_str(rows, i, "account"),
        "folder", db_get_str(rows, i, "folder"), "read_at", db_get_text(rows, i, "read_at"), "lag_s",
        (json_int_t)db_get_int_or(rows, i, "lag_s", -1), "places", (json_int_t)db_get_int(rows, i, "places"),
        "kept", (json_int_t)db_get_int(rows, i, "kept"), "decide", (json_int_t)db_get_int(rows, i, "decide"),
        "parked", (json_int_t)db_get_int(rows, i, "parked"), "waiting",
        (json_int_t)db_get_int(rows, i, "waiting"), "error", db_get_text(rows, i, "error")));
}

/* An account of the configuration that no row speaks of was never read. */
static bool never_read(const struct db_rows *rows, const char *account)
{
    for (int i = 0; i < db_rows_count(rows); i++)
        if (!strcmp(db_get_str(rows, i, "account"), account))
            return false;
    return true;
}

/* 1 when something is to be looked at. */
static int show_status(struct cmd *c, struct err *err)
{
    const char *const titles[] = {
        _("account"),   _("folder"), _("last read"),  _("seconds ago"), _("messages"), _("kept"),
        _("to decide"), _("parked"), _("not judged"), _("error"),       NULL};
    struct cmd_table *table = cmd_table_new(c->mem, titles);
    DB_ROWS rows = NULL;
    struct db *db;
    int look = 0;
    if (cmd_open_db(c, NULL, &db, err) < 0)
        return -1;
    int n = fetch_status(db, c->conf->office.time_zone, &rows, err);
    db_close(db);
    for (int i = 0; i < n; i++) {
        status_row(c, table, rows, i);
        look |= !db_is_null(rows, i, "error") || db_is_null(rows, i, "read_at");
    }
    if (n > 0 && !c->json)
        cmd_table_print(table);
    for (const struct conf_imap *a = n >= 0 ? c->conf->imap : NULL; a; a = a->next)
        if (never_read(rows, a->name)) {
            fprintf(stderr, _("adresar: [imap %s] was never read\n"), a->name);
            look = 1;
        }
    return n < 0 ? -1 : look;
}

int cmd_fetch(struct cmd *c, int argc, char **argv)
{
    struct err err;
    bool once = false, status = false;
    const struct cmd_option options[] = {{"once", CMD_FLAG, &once}, {"status", CMD_FLAG, &status}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc || (once && status))
        return cmd_usage(c, "fetch [--once|--status]");
    if (!status) {
        err_language(NULL); /* its reasons are kept */
        catch_signals();
    }
    int rc = status ? show_status(c, &err) : once ? fetch_once(c, &err) : fetch_for_ever(c, &err);
    return rc < 0 ? cmd_fail(c, &err) : rc ? EXIT_LOOK : 0;
}
