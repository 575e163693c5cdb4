/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/unicode.h"
#include "cmd/table.h"
#include "cmd_functions.h"
#include "mail/mailing.h"
#include "mail/settle.h"
#include "reports/register_table.h"

static const char usage[] =
    "mailing settle RECIPIENT --as accepted|left|queued|excluded --why TEXT\n"
    "       adresar mailing settle ID --all-unknown accepted|leave|resend --because TEXT [--dry-run]\n"
    "       adresar mailing settle --maillog FILE... [--since TIME] [--mailing ID] [--dry-run]";

/* The registers' word for a state. */
static const char *state_word(struct cmd *c, const char *state)
{
    const struct register_word *w = register_outcomes;
    while (w->key && strcmp(w->key, state))
        w++;
    return w->key ? _(w->text) : state;
}

static const char *text_of(const json_t *row, const char *key)
{
    return json_string_value(json_object_get(row, key));
}

static void add_row(struct cmd *c, struct cmd_table *table, const json_t *row)
{
    const char *why = text_of(row, "why"), *status = text_of(row, "status"), *text = text_of(row, "text");
    char *said = talloc_asprintf(c->mem, "%s%s%s", status ? status : "", status && text && *text ? " " : "",
                                 text ? text : "");
    cmd_table_add(table,
                  (const char *[]){talloc_asprintf(c->mem, "%lld",
                                                   (long long)json_integer_value(json_object_get(row, "id"))),
                                   text_of(row, "name"), text_of(row, "address"),
                                   state_word(c, text_of(row, "state")), why ? _(why) : said});
}

/* Exit code 1 where some stay unknown. */
static int show_rows(struct cmd *c, json_t *rows, bool dry_run)
{
    size_t i, left = 0;
    json_t *row;
    struct cmd_table *table = cmd_table_new(
        c->mem, (const char *[]){_("no."), _("name"), _("address"), _("state"), _("reason"), NULL});
    json_array_foreach(rows, i, row)
    {
        left += !strcmp(text_of(row, "state"), "unknown");
        if (c->json)
            cmd_print_json(json_incref(row));
        else
            add_row(c, table, row);
    }
    size_t n = json_array_size(rows);
    json_decref(rows);
    if (c->json)
        return left ? EXIT_LOOK : 0;
    if (n)
        cmd_table_print(table);
    printf(
        PLURAL("%zu outcome was unknown, settled: %zu%s\n", "%zu outcomes were unknown, settled: %zu%s\n", n),
        n, n - left, dry_run ? _(" – a trial: nothing was changed") : "");
    return left ? EXIT_LOOK : 0;
}

static int settle_many(struct cmd *c, const struct settle_order *order)
{
    struct err err;
    struct db *db;
    json_t *rows;
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = order->word ? settle_by_word(db, order, &rows, &err)
                         : settle_by_maillog(db, c->conf, order, &rows, &err);
    db_close(db);
    return rc < 0 ? cmd_fail(c, &err) : show_rows(c, rows, order->dry_run);
}

static int settle_one(struct cmd *c, int64_t id, const char *as, const char *why)
{
    struct err err;
    struct db *db;
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = mailing_settle(db, id, as, why, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:I, s:s}", "id", (json_int_t)id, "state", as));
    else
        printf(_("recipient %lld: %s\n"), (long long)id, as);
    return 0;
}

/* The files are the option's value and the words behind it. */
static int by_maillog(struct cmd *c, const char *file, int argc, char **argv, const char *since,
                      struct settle_order *order)
{
    struct err err;
    const char **files = talloc_array(c->mem, const char *, (unsigned)argc + 1);
    files[0] = file;
    for (int i = 0; i < argc; i++)
        files[i + 1] = argv[i];
    order->files = files;
    order->nfiles = (size_t)argc + 1;
    if (cmd_conf(c, &err) < 0)
        return cmd_fail(c, &err);
    if (since && unicode_parse_time(since, c->conf->office.time_zone, &order->since, &err) < 0)
        return cmd_fail(c, &err);
    return settle_many(c, order);
}

int cmd_mailing_settle(struct cmd *c, int argc, char **argv)
{
    struct err err;
    int64_t id = 0;
    long mailing = 0;
    const char *as = NULL, *why = NULL, *file = NULL, *since = NULL;
    struct settle_order order = {0};
    const struct cmd_option options[] = {
        {"as", CMD_TEXT, &as},
        {"why", CMD_TEXT, &why},
        {"maillog", CMD_TEXT, &file},
        {"since", CMD_TEXT, &since},
        {"mailing", CMD_INT, &mailing},
        {"all-unknown", CMD_TEXT, &order.word},
        {"because", CMD_TEXT, &order.because},
        {"dry-run", CMD_FLAG, &order.dry_run},
        {0},
    };
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    order.mailing_id = mailing;
    if (!!file + !!order.word + !!as != 1 || (since && !file) || (mailing && !file))
        return cmd_usage(c, usage);
    if (file)
        return by_maillog(c, file, argc, argv, since, &order);
    if (argc != 1 || (as ? !why || order.dry_run : !order.because))
        return cmd_usage(c, usage);
    if (cmd_id(argv[0], &id, &err) < 0)
        return cmd_fail(c, &err);
    order.mailing_id = id;
    return as ? settle_one(c, id, as, why) : settle_many(c, &order);
}
