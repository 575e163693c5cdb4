/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/import_report.h"
#include "cmd/table.h"
#include "cmd_functions.h"
#include "crm/meeting.h"

static int import(struct cmd *c, struct import_options *o, int *exit_r, struct err *err)
{
    struct db *db;
    struct import_report report;
    if (cmd_open_db(c, NULL, &db, err) < 0)
        return -1;
    int rc = meeting_import(c->mem, db, o, &report, err);
    db_close(db);
    if (rc < 0)
        return -1;
    *exit_r = cmd_import_report(c, o, &report);
    return 0;
}

int cmd_meeting_import(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct import_options o = {.catalog = c->catalog};
    int exit_code = 0;
    const struct cmd_option options[] = {
        {"department", CMD_TEXT, &o.department}, {"encoding", CMD_TEXT, &o.encoding},
        {"delimiter", CMD_TEXT, &o.delimiter},   {"dry-run", CMD_FLAG, &o.dry_run},
        {"strict", CMD_FLAG, &o.strict},         {0},
    };
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1)
        return cmd_usage(c, "meeting import FILE [--department D] [--encoding E] [--delimiter C] [--dry-run] "
                            "[--strict]");
    o.file = argv[0];
    return import(c, &o, &exit_code, &err) < 0 ? cmd_fail(c, &err) : exit_code;
}

static int add(struct cmd *c, const struct meeting *meeting, const char *department, int64_t *id_r,
               struct err *err)
{
    struct db *db;
    if (cmd_open_db(c, NULL, &db, err) < 0)
        return -1;
    int rc = meeting_add(db, meeting, department, id_r, err);
    db_close(db);
    return rc;
}

int cmd_meeting_add(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct meeting m = {0};
    const char *date = NULL, *time = NULL, *department = NULL;
    int64_t id;
    const struct cmd_option options[] = {
        {"date", CMD_TEXT, &date},
        {"time", CMD_TEXT, &time},
        {"place", CMD_TEXT, &m.place},
        {"subject", CMD_TEXT, &m.subject},
        {"chair", CMD_TEXT, &m.chair},
        {"attendees", CMD_TEXT, &m.attendees},
        {"minutes", CMD_TEXT, &m.minutes},
        {"language", CMD_TEXT, &m.language},
        {"department", CMD_TEXT, &department},
        {0},
    };
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc || !date || !m.subject)
        return cmd_usage(
            c, "meeting add --date D [--time T] --subject S [--place P] [--chair N] [--attendees N] "
               "[--minutes T] [--language L] [--department D]");
    const char *flaw = meeting_read_when(c->mem, date, time, &m, c->catalog);
    if (flaw) {
        err_set(&err, ERR_USAGE, "%s", flaw);
        return cmd_fail(c, &err);
    }
    if (add(c, &m, department, &id, &err) < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:I}", "id", (json_int_t)id));
    else
        printf(_("meeting %lld\n"), (long long)id);
    return 0;
}

static void list_print(struct cmd *c, const struct db_rows *rows)
{
    static const char *const columns[] = {"held_on",   "held_at", "place",    "subject",   "chair",
                                          "attendees", "minutes", "language", "department"};
    struct cmd_table *table =
        cmd_table_new(c->mem, (const char *[]){_("id"), _("date"), _("time"), _("subject"), _("place"),
                                               _("chaired by"), _("department"), NULL});
    for (int i = 0; i < db_rows_count(rows); i++) {
        if (!c->json) {
            cmd_table_add(table,
                          (const char *[]){db_get_str(rows, i, "id"), db_get_str(rows, i, "held_on"),
                                           db_get_str(rows, i, "held_at"), db_get_str(rows, i, "subject"),
                                           db_get_str(rows, i, "place"), db_get_str(rows, i, "chair"),
                                           db_get_str(rows, i, "department")});
            continue;
        }
        json_t *meeting = json_pack("{s:I}", "id", (json_int_t)db_get_int(rows, i, "id"));
        for (size_t k = 0; k < ARRAY_LEN(columns); k++)
            json_object_set_new(
                meeting, columns[k],
                db_is_null(rows, i, columns[k]) ? json_null() : json_string(db_get_str(rows, i, columns[k])));
        cmd_print_json(meeting);
    }
    if (!c->json)
        cmd_table_print(table);
}

int cmd_meeting_list(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    DB_ROWS rows = NULL;
    const char *department = NULL;
    const struct cmd_option options[] = {{"department", CMD_TEXT, &department}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc)
        return cmd_usage(c, "meeting list [--department D]");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = meeting_list(db, department, &rows, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    list_print(c, rows);
    return 0;
}
