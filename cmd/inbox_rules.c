/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/table.h"
#include "cmd_functions.h"
#include "mail/answer_rule.h"

static const char *state_of(struct cmd *c, const struct db_rows *rows, int i)
{
    if (db_get_bool(rows, i, "trusted"))
        return _("counts by itself");
    return db_is_null(rows, i, "off_at")
               ? _("proposes")
               : talloc_asprintf(c->mem, _("switched off %s"), db_get_str(rows, i, "off_at"));
}

static void print(struct cmd *c, const struct db_rows *rows)
{
    struct cmd_table *table =
        cmd_table_new(c->mem, (const char *[]){_("rule"), _("confirmed"), _("wrong"), _("state"), NULL});
    for (int i = 0; i < db_rows_count(rows); i++) {
        if (c->json)
            cmd_print_json(json_pack("{s:s, s:I, s:I, s:b, s:s?}", "rule", db_get_str(rows, i, "rule"),
                                     "confirmed", (json_int_t)db_get_int(rows, i, "confirmed"), "wrong",
                                     (json_int_t)db_get_int(rows, i, "wrong"), "trusted",
                                     (int)db_get_bool(rows, i, "trusted"), "off",
                                     db_get_text(rows, i, "off_at")));
        else
            cmd_table_add(table,
                          (const char *[]){db_get_str(rows, i, "rule"), db_get_str(rows, i, "confirmed"),
                                           db_get_str(rows, i, "wrong"), state_of(c, rows, i)});
    }
    if (!c->json)
        cmd_table_print(table);
}

int cmd_inbox_rules(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    DB_ROWS rows = NULL;
    (void)argv;
    if (argc)
        return cmd_usage(c, "inbox rules");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = answer_rule_list(db, c->conf->office.time_zone, &rows, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    print(c, rows);
    return 0;
}
