/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/table.h"
#include "cmd_functions.h"
#include "mail/probe.h"

enum { WAIT_S = 60, WAIT_MAX_S = 3600 };

static const char *text_of(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

static void print_report(struct cmd *c, const json_t *report)
{
    static const char *const copies[][2] = {
        {"own", N_("own mailbox")}, {"token", N_("address with a token")}, {"outside", N_("outside")}};
    size_t i, k;
    json_t *copy, *check;
    struct cmd_table *table =
        cmd_table_new(c->mem, (const char *[]){_("copy"), _("check"), _("kept"), _("seen"), NULL});
    json_array_foreach(json_object_get(report, "copies"), i, copy)
    {
        const char *kind = text_of(copy, "copy");
        for (size_t n = 0; n < ARRAY_LEN(copies); n++)
            if (!strcmp(copies[n][0], kind))
                kind = _(copies[n][1]);
        json_array_foreach(json_object_get(copy, "checks"), k, check)
        {
            const json_t *ok = json_object_get(check, "ok");
            cmd_table_add(table, (const char *[]){k ? "" : kind, text_of(check, "check"),
                                                  json_is_null(ok)   ? "–"
                                                  : json_is_true(ok) ? _("yes")
                                                                     : _("NO"),
                                                  _(text_of(check, "value"))});
        }
    }
    cmd_table_print(table);
    const char *tls = text_of(report, "tls"), *login = text_of(report, "login"),
               *from = text_of(report, "received_from");
    printf(_("\n%s, %s, %s; received from %s\n"), text_of(report, "server"), *tls ? tls : _("without TLS"),
           *login ? login : _("without a login"), *from ? from : "?");
}

/* What it found is worth telling even where it cannot be kept. */
static void keep(struct cmd *c, const json_t *report)
{
    struct err err;
    struct db *db;
    if (cmd_open_db(c, NULL, &db, &err) < 0) {
        fprintf(stderr, _("adresar: this is not kept: %s\n"), err.text);
        return;
    }
    if (probe_keep(db, report, &err) < 0)
        fprintf(stderr, _("adresar: this is not kept: %s\n"), err.text);
    db_close(db);
}

static int test(struct cmd *c, struct probe_order *order, struct err *err)
{
    struct keyring *ring;
    json_t *report;
    if (keyring_open(c->mem, c->conf->keys.file, &ring, err) < 0 || cage_open(c->mem, &order->cage, err) < 0)
        return -1;
    order->conf = c->conf;
    order->ring = ring;
    int rc = probe_run(order, &report, err);
    cage_close(order->cage);
    if (rc < 0)
        return -1;
    keep(c, report);
    bool ok = json_is_true(json_object_get(report, "ok"));
    cmd_show(c, report, print_report);
    return ok ? 0 : EXIT_LOOK;
}

int cmd_mail_test(struct cmd *c, int argc, char **argv)
{
    struct err err;
    long wait_s = WAIT_S;
    struct probe_order order = {0};
    const struct cmd_option options[] = {{"to", CMD_TEXT, &order.outside}, {"wait", CMD_INT, &wait_s}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1 || wait_s < 1 || wait_s > WAIT_MAX_S)
        return cmd_usage(c, "mail test ACCOUNT [--to ADDRESS] [--wait SECONDS]");
    if (cmd_conf(c, &err) < 0)
        return cmd_fail(c, &err);
    order.wait_s = (int)wait_s;
    order.account = conf_find_smtp(c->conf, argv[0]);
    if (!order.account) {
        err_set(&err, ERR_CONFIG, "%s: there is no [smtp %s]", c->conf->path, argv[0]);
        return cmd_fail(c, &err);
    }
    int rc = test(c, &order, &err);
    return rc < 0 ? cmd_fail(c, &err) : rc;
}
