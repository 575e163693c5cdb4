/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Retention: rules, a report of who is due, and their erasure by a second person.
 */
#include "cmd/table.h"
#include "cmd_functions.h"
#include "crm/consent.h"

int cmd_retention_list(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    DB_ROWS rows = NULL;
    (void)argv;
    if (argc)
        return cmd_usage(c, "retention list");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int n = consent_retention_list(db, &rows, &err);
    db_close(db);
    if (n < 0)
        return cmd_fail(c, &err);
    struct cmd_table *table = cmd_table_new(
        c->mem, (const char *[]){_("rule"), _("category"), _("kind"), _("months"), _("why"), NULL});
    for (int i = 0; i < n; i++) {
        const char *category = db_get_text(rows, i, "category"), *kind = db_get_text(rows, i, "kind");
        if (c->json)
            cmd_print_json(json_pack("{s:I, s:s?, s:s?, s:I, s:s}", "id",
                                     (json_int_t)db_get_int(rows, i, "id"), "category", category, "kind",
                                     kind, "months", (json_int_t)db_get_int(rows, i, "months"), "why",
                                     db_get_str(rows, i, "why")));
        else
            cmd_table_add(table,
                          (const char *[]){db_get_str(rows, i, "id"), category ? category : _("any"), kind,
                                           db_get_str(rows, i, "months"), db_get_str(rows, i, "why")});
    }
    if (!c->json)
        cmd_table_print(table);
    return 0;
}

static void say_rule(struct cmd *c, int64_t id, const char *text)
{
    if (c->json)
        cmd_print_json(json_pack("{s:I}", "id", (json_int_t)id));
    else
        printf("%s\n", text);
}

int cmd_retention_add(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    int64_t id;
    long months = 0;
    struct consent_retention rule = {0};
    const struct cmd_option options[] = {{"category", CMD_TEXT, &rule.category},
                                         {"kind", CMD_TEXT, &rule.kind},
                                         {"months", CMD_INT, &months},
                                         {"why", CMD_TEXT, &rule.why},
                                         {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc || !months)
        return cmd_usage(c,
                         "retention add [--category C] [--kind person|organisation] --months N --why TEXT");
    rule.months = months > 0 && months < 10000 ? (int)months : -1;
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = consent_retention_add(db, &rule, &id, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    say_rule(c, id, talloc_asprintf(c->mem, _("rule %lld"), (long long)id));
    return 0;
}

int cmd_retention_remove(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    int64_t id;
    if (argc != 1)
        return cmd_usage(c, "retention remove RULE");
    if (cmd_id(argv[0], &id, &err) < 0 || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = consent_retention_remove(db, id, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    say_rule(c, id, talloc_asprintf(c->mem, _("rule %lld is gone"), (long long)id));
    return 0;
}

static void print_report(struct cmd *c, int64_t id, const struct db_rows *rows)
{
    json_t *items = json_array();
    struct cmd_table *table = cmd_table_new(
        c->mem, (const char *[]){_("id"), _("name"), _("last"), _("months"), _("erased"), _("why"), NULL});
    for (int i = 0; i < db_rows_count(rows); i++) {
        bool decided = !db_is_null(rows, i, "erased"), erased = decided && db_get_bool(rows, i, "erased");
        json_array_append_new(
            items, json_pack("{s:I, s:s, s:s, s:I, s:s, s:o}", "contact",
                             (json_int_t)db_get_int(rows, i, "contact_id"), "name",
                             db_get_str(rows, i, "name"), "last", db_get_str(rows, i, "last"), "months",
                             (json_int_t)db_get_int(rows, i, "months"), "why", db_get_str(rows, i, "why"),
                             "erased", decided ? json_boolean(erased) : json_null()));
        cmd_table_add(table, (const char *[]){db_get_str(rows, i, "contact_id"), db_get_str(rows, i, "name"),
                                              db_get_str(rows, i, "last"), db_get_str(rows, i, "months"),
                                              erased    ? _("yes")
                                              : decided ? _("no")
                                                        : "",
                                              db_get_str(rows, i, "why")});
    }
    if (c->json) {
        cmd_print_json(json_pack("{s:I, s:o}", "id", (json_int_t)id, "contacts", items));
        return;
    }
    cmd_table_print(table);
    json_decref(items);
}

int cmd_retention_report(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    int64_t id = 0;
    DB_ROWS rows = NULL;
    if (argc > 1)
        return cmd_usage(c, "retention report [REPORT]");
    if ((argc && cmd_id(argv[0], &id, &err) < 0) || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = argc ? consent_report_show(db, id, &rows, &err) : consent_report_new(db, &id, &rows, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (id)
        print_report(c, id, rows);
    if (!c->json && id && !argc)
        printf(_("report %lld; somebody else carries it out with `adresar retention erase %lld`\n"),
               (long long)id, (long long)id);
    else if (!c->json && !id)
        printf(_("nobody is due\n"));
    return 0;
}

int cmd_retention_erase(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    int64_t id;
    int erased, left;
    if (argc != 1)
        return cmd_usage(c, "retention erase REPORT");
    if (cmd_id(argv[0], &id, &err) < 0 || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = consent_report_erase(db, id, &erased, &left, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:I, s:i, s:i}", "id", (json_int_t)id, "erased", erased, "left", left));
    else
        printf(_("report %lld: %d erased, %d left, as something happened since, or stands in the way\n"),
               (long long)id, erased, left);
    return left ? EXIT_LOOK : 0;
}
