/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd_functions.h"
#include "reports/register.h"

static int show(struct cmd *c, const struct register_query *q, const struct register_result *r)
{
    if (c->json) {
        cmd_print_json(json_pack("{s:s, s:o, s:I, s:i, s:I, s:b}", "register", q->name, "file",
                                 cmd_json_text(q->path), "rows", (json_int_t)r->rows, "sheets", r->sheets,
                                 "cut", (json_int_t)r->cut, "sums_ok", r->sums_agree));
    } else {
        printf(PLURAL("%s: %lld row\n", "%s: %lld rows\n", r->rows), q->path, (long long)r->rows);
        if (r->cut)
            printf(PLURAL("%lld cell was longer than a cell may be and ends with […]\n",
                          "%lld cells were longer than a cell may be and end with […]\n", r->cut),
                   (long long)r->cut);
        if (!r->sums_agree)
            printf(_("the sums do not agree with the number of rows\n"));
    }
    return r->cut || !r->sums_agree ? EXIT_LOOK : 0;
}

static int write_register(struct cmd *c, const struct register_query *q, struct register_result *r,
                          struct err *err)
{
    struct db *db;
    if (cmd_open_db(c, NULL, &db, err) < 0)
        return -1;
    int rc = register_write(db, c->conf, q, r, err);
    db_close(db);
    return rc;
}

int cmd_register(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct register_query q = {.made_by = cmd_user_name(c)};
    struct register_result r;
    long mailing = 0, event = 0;
    const struct cmd_option options[] = {
        {"output", CMD_TEXT, &q.path},
        {"mailing", CMD_INT, &mailing},
        {"event", CMD_INT, &event},
        {"from", CMD_TEXT, &q.from},
        {"to", CMD_TEXT, &q.to},
        {"department", CMD_TEXT, &q.department},
        {"language", CMD_TEXT, &q.language},
        {"order", CMD_TEXT, &q.order},
        {0},
    };
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1 || !q.path)
        return cmd_usage(c, "register contacts|meetings|letters|mailing|event -o FILE.xlsx|FILE.csv");
    q.name = argv[0];
    q.mailing_id = mailing;
    q.event_id = event;
    if (write_register(c, &q, &r, &err) < 0)
        return cmd_fail(c, &err);
    return show(c, &q, &r);
}
