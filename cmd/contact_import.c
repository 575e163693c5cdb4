/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/csv.h"
#include "cmd/import_report.h"
#include "cmd_functions.h"

static int import(struct cmd *c, struct import_options *o, int *exit_r, struct err *err)
{
    struct db *db;
    struct import_report report;
    if (cmd_open_db(c, NULL, &db, err) < 0)
        return -1;
    o->country = c->conf->office.country;
    o->catalog = c->catalog;
    int rc = import_contacts(c->mem, db, o, &report, err);
    db_close(db);
    if (rc < 0)
        return -1;
    *exit_r = cmd_import_report(c, o, &report);
    return 0;
}

int cmd_contact_import(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct import_options o = {0};
    const char *delimiter = NULL;
    int exit_code = 0;
    const struct cmd_option options[] = {
        {"map", CMD_TEXT, &o.map_file},
        {"department", CMD_TEXT, &o.department},
        {"encoding", CMD_TEXT, &o.encoding},
        {"delimiter", CMD_TEXT, &delimiter},
        {"dry-run", CMD_FLAG, &o.dry_run},
        {"strict", CMD_FLAG, &o.strict},
        {0},
    };
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1)
        return cmd_usage(c,
                         "contact import FILE [--map FILE] [--department D] [--encoding E] [--delimiter C] "
                         "[--dry-run] [--strict]");
    o.file = argv[0];
    if (delimiter && !(o.delimiter = csv_parse_delimiter(delimiter))) {
        err_set(&err, ERR_USAGE, "--delimiter is one character, or comma, semicolon, tab, bar; not \"%s\"",
                delimiter);
        return cmd_fail(c, &err);
    }
    return import(c, &o, &exit_code, &err) < 0 ? cmd_fail(c, &err) : exit_code;
}

static void print_undo(struct cmd *c, int64_t id, const struct import_undo *u)
{
    if (c->json) {
        json_t *kept = json_array();
        for (size_t i = 0; i < u->nkept; i++)
            json_array_append_new(kept,
                                  json_pack("{s:I, s:s, s:s}", "contact", (json_int_t)u->kept[i].contact_id,
                                            "name", u->kept[i].name, "why", u->kept[i].why));
        cmd_print_json(json_pack("{s:I, s:I, s:o}", "id", (json_int_t)id, "removed", (json_int_t)u->removed,
                                 "kept", kept));
        return;
    }
    printf(_("import %lld is undone: %lld removed, %zu kept\n"), (long long)id, (long long)u->removed,
           u->nkept);
}

static void print_kept(struct cmd *c, const struct import_undo *u)
{
    for (size_t i = 0; i < u->nkept && !c->json; i++)
        printf(_("    contact %lld, %s: %s\n"), (long long)u->kept[i].contact_id, u->kept[i].name,
               _(u->kept[i].why));
}

int cmd_contact_import_undo(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    struct import_undo undo;
    bool keep_changed = false;
    const struct cmd_option options[] = {{"keep-changed", CMD_FLAG, &keep_changed}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    int64_t id;
    if (argc != 1)
        return cmd_usage(c, "contact import-undo ID [--keep-changed]");
    if (cmd_id(argv[0], &id, &err) < 0 || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = import_undo(c->mem, db, id, keep_changed, &undo, &err);
    db_close(db);
    if (rc == 0)
        print_undo(c, id, &undo);
    print_kept(c, &undo);
    return rc < 0 ? cmd_fail(c, &err) : 0;
}
