/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * `fetch --once` reads all accounts one after the other; `fetch` goes on (cmd/fetch_watch.c).
 */
#include "cmd/fetch_watch.h"
#include "cmd/inbox_open.h"
#include "cmd/table.h"
#include "cmd_functions.h"

enum { FOLDERS_MAX = 100 };

static volatile sig_atomic_t stop;

static void on_signal(int number)
{
    (void)number;
    stop = 1;
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGHUP, &action, NULL);
}

int fetch_inbox_open(struct cmd *c, struct inbox *inbox, struct err *err)
{
    *inbox = (struct inbox){0};
    if (cmd_conf(c, err) < 0)
        return -1;
    if (!c->conf->imap)
        return err_set(err, ERR_CONFIG, "%s: there is no [imap NAME] to fetch from", c->conf->path);
    return cmd_inbox_open(c, inbox, err);
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
        printf(PLURAL("%s: %ld message met, %ld new, %ld known, %ld not kept; %ld judged, %ld parked\n",
                      "%s: %ld messages met, %ld new, %ld known, %ld not kept; %ld judged, %ld parked\n",
                      sum->seen),
               account, sum->seen, sum->kept, sum->known, sum->apart, sum->judged, sum->parked);
}

static int fetch_account(struct cmd *c, struct inbox *inbox, const struct conf_imap *account, struct err *err)
{
    struct fetcher *fetcher;
    struct fetch_sum sum;
    struct fetch_options options = {.inbox = inbox, .account = account, .stop = &stop, .line = -1};
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
    int rc = fetch_inbox_open(c, &inbox, err);
    for (const struct conf_imap *a = rc == 0 ? c->conf->imap : NULL; a && !stop; a = a->next) {
        struct err why;
        if (fetch_account(c, &inbox, a, &why) == 0)
            continue;
        if (rc == 0)
            *err = why;
        rc = -1;
    }
    cmd_inbox_close(&inbox);
    return rc;
}

/* ---- status */

static json_t *terms_json(const struct conf_imap *a)
{
    return json_pack("{s:s, s:s, s:s?, s:s?}", "account", a->name, "kind",
                     a->personal ? "personal" : "office", "since", a->since, "consent", a->consent);
}

static void status_json(const struct db_rows *rows, int i, const struct conf_imap *a)
{
    static const char *const number[] = {"places", "kept", "apart", "missing", "decide", "parked", "waiting"};
    json_t *o = terms_json(a);
    json_object_update_new(
        o,
        json_pack("{s:s, s:s?, s:I, s:s?, s:s?}", "folder", db_get_str(rows, i, "folder"), "read_at",
                  db_get_text(rows, i, "read_at"), "lag_s", (json_int_t)db_get_int_or(rows, i, "lag_s", -1),
                  "error", db_get_text(rows, i, "error"), "error_at", db_get_text(rows, i, "error_at")));
    for (size_t k = 0; k < ARRAY_LEN(number); k++)
        json_object_set_new(o, number[k], json_integer((json_int_t)db_get_int(rows, i, number[k])));
    cmd_print_json(o);
}

static void status_row(struct cmd *c, struct cmd_table *table, const struct db_rows *rows, int i,
                       const struct conf_imap *a)
{
    static const char *const column[] = {"account", "folder",  "read_at", "lag_s",  "places",  "kept",
                                         "apart",   "missing", "decide",  "parked", "waiting", "error"};
    const char *cell[ARRAY_LEN(column)];
    for (size_t k = 0; k < ARRAY_LEN(column); k++)
        cell[k] = db_get_text(rows, i, column[k]);
    if (c->json)
        status_json(rows, i, a);
    else
        cmd_table_add(table, cell);
}

/* Which account reads the folder now: one that was taken out, or never was there, is of no concern. */
static const struct conf_imap *reader_of(const struct cmd *c, const struct db_rows *rows, int i)
{
    MEM_SCOPE(mem);
    char *name[FOLDERS_MAX];
    const char *folder = db_get_str(rows, i, "folder");
    const struct conf_imap *a = conf_find_imap(c->conf, db_get_str(rows, i, "account"));
    size_t n = a ? conf_split(mem, a->folders, name, FOLDERS_MAX) : 0;
    if (a && (!strcmp(a->sent, folder) || (*a->sent == '\\' && db_get_bool(rows, i, "sent"))))
        return a;
    while (n > 0 && strcmp(name[n - 1], folder))
        n--;
    return n ? a : NULL;
}

/* What is read of whom, since when, and who agreed to it. */
static const char *consent_of(const struct cmd *c, const struct conf_imap *a)
{
    return a->consent || !a->personal ? a->consent : _("nobody's is written down");
}

static void show_terms(struct cmd *c)
{
    const char *const titles[] = {_("account"), _("mailbox"), _("what is kept"),
                                  _("since"),   _("consent"), NULL};
    struct cmd_table *table = cmd_table_new(c->mem, titles);
    for (const struct conf_imap *a = c->conf->imap; a; a = a->next) {
        const char *const cell[] = {
            a->name, a->address, a->personal ? _("mail with known contacts and in known threads") : _("all"),
            a->since ? a->since : _("always"), consent_of(c, a)};
        cmd_table_add(table, cell);
    }
    putchar('\n');
    cmd_table_print(table);
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
        _("account"), _("folder"),    _("last read"), _("seconds ago"), _("messages"), _("kept"), _("apart"),
        _("missing"), _("to decide"), _("parked"),    _("not judged"),  _("error"),    NULL};
    struct cmd_table *table = cmd_table_new(c->mem, titles);
    DB_ROWS rows = NULL;
    struct db *db;
    int look = 0;
    if (cmd_open_db(c, NULL, &db, err) < 0)
        return -1;
    int n = fetch_status(db, c->conf->office.time_zone, &rows, err);
    db_close(db);
    for (int i = 0; i < n; i++) {
        const struct conf_imap *a = reader_of(c, rows, i);
        if (!a)
            continue;
        status_row(c, table, rows, i, a);
        look |= !db_is_null(rows, i, "error") || db_is_null(rows, i, "read_at");
    }
    if (n > 0 && !c->json)
        cmd_table_print(table);
    if (n >= 0 && !c->json)
        show_terms(c);
    for (const struct conf_imap *a = n >= 0 ? c->conf->imap : NULL; a; a = a->next)
        if (never_read(rows, a->name)) {
            if (c->json)
                cmd_print_json(terms_json(a));
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
    int rc = status ? show_status(c, &err) : once ? fetch_once(c, &err) : fetch_watch(c, &stop, &err);
    return rc < 0 ? cmd_fail(c, &err) : rc ? EXIT_LOOK : 0;
}
