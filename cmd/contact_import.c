/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/import_errors.h"
#include "cmd/import_report.h"
#include "cmd_functions.h"
#include "crm/import_undo.h"

static int import(struct cmd *c, struct import_options *o, const char *errors, int *exit_r, struct err *err)
{
    struct db *db;
    struct import_report report;
    int64_t rows = 0;
    if (cmd_open_db(c, NULL, &db, err) < 0)
        return -1;
    o->country = c->conf->office.country;
    o->catalog = c->catalog;
    struct import_errors *file = errors ? import_errors_new(c, errors, o->file) : NULL;
    o->bad = file ? import_errors_add : NULL;
    o->context = file;
    int rc = import_contacts(c->mem, db, o, &report, err);
    db_close(db);
    if (rc < 0 || (file && import_errors_save(file, &rows, err) < 0))
        return -1;
    *exit_r = cmd_import_report(c, o, &report);
    if (rows && !c->json)
        printf(PLURAL("%s: %lld row to look at\n", "%s: %lld rows to look at\n", rows), errors,
               (long long)rows);
    return 0;
}

static int check_policy(const char *policy, struct err *err)
{
    static const char *const policies[] = {"skip", "fill", "update"};
    for (size_t i = 0; policy && i < ARRAY_LEN(policies); i++)
        if (!strcmp(policy, policies[i]))
            return 0;
    return !policy ? 0 : err_set(err, ERR_USAGE, "--policy is skip, fill or update; not \"%s\"", policy);
}

static int check_format(const char *format, struct err *err)
{
    static const char *const formats[] = {"csv", "xlsx", "vcard"};
    for (size_t i = 0; format && i < ARRAY_LEN(formats); i++)
        if (!strcmp(format, formats[i]))
            return 0;
    return !format ? 0 : err_set(err, ERR_USAGE, "--format is csv, xlsx or vcard; not \"%s\"", format);
}

int cmd_contact_import(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct import_options o = {0};
    const char *errors = NULL;
    int exit_code = 0;
    const struct cmd_option options[] = {
        {"map", CMD_TEXT, &o.map_file},      {"format", CMD_TEXT, &o.format},
        {"sheet", CMD_TEXT, &o.sheet},       {"department", CMD_TEXT, &o.department},
        {"encoding", CMD_TEXT, &o.encoding}, {"delimiter", CMD_TEXT, &o.delimiter},
        {"policy", CMD_TEXT, &o.policy},     {"errors", CMD_TEXT, &errors},
        {"afresh", CMD_FLAG, &o.afresh},     {"dry-run", CMD_FLAG, &o.dry_run},
        {"strict", CMD_FLAG, &o.strict},     {0},
    };
    if (cmd_options(options, &argc, argv, &err) < 0 || check_policy(o.policy, &err) < 0 ||
        check_format(o.format, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1)
        return cmd_usage(c, "contact import FILE [--format csv|xlsx|vcard] [--map FILE] [--sheet S] "
                            "[--department D] [--encoding E] "
                            "[--delimiter C] [--policy skip|fill|update] [--errors FILE.xlsx|FILE.csv] "
                            "[--afresh] [--dry-run] [--strict]");
    o.file = argv[0];
    return import(c, &o, errors, &exit_code, &err) < 0 ? cmd_fail(c, &err) : exit_code;
}

/* A mapping is a text of its own, so that it can go into a file. */
int cmd_contact_mapping(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    struct import_options o = {.catalog = c->catalog};
    const char *text;
    const struct cmd_option options[] = {
        {"sheet", CMD_TEXT, &o.sheet},       {"department", CMD_TEXT, &o.department},
        {"encoding", CMD_TEXT, &o.encoding}, {"delimiter", CMD_TEXT, &o.delimiter},
        {"afresh", CMD_FLAG, &o.afresh},     {0},
    };
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1)
        return cmd_usage(c, "contact mapping FILE [--sheet S] [--department D] [--encoding E] "
                            "[--delimiter C] [--afresh]");
    o.file = argv[0];
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = import_mapping(c->mem, db, &o, &text, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:s}", "mapping", text));
    else
        fputs(text, stdout);
    return 0;
}

static json_t *kept_json(const struct import_kept *kept)
{
    return json_pack("{s:I, s:s, s:o, s:o, s:s}", "contact", (json_int_t)kept->contact_id, "name", kept->name,
                     "sheet", kept->sheet ? json_string(kept->sheet) : json_null(), "row",
                     kept->row ? json_integer(kept->row) : json_null(), "why", kept->why);
}

static void print_undo(struct cmd *c, int64_t id, const struct import_undo *u)
{
    if (c->json) {
        json_t *kept = json_array();
        for (size_t i = 0; i < u->nkept; i++)
            json_array_append_new(kept, kept_json(&u->kept[i]));
        cmd_print_json(json_pack("{s:I, s:I, s:o}", "id", (json_int_t)id, "removed", (json_int_t)u->removed,
                                 "kept", kept));
        return;
    }
    printf(_("import %lld is undone: %lld removed, %zu kept\n"), (long long)id, (long long)u->removed,
           u->nkept);
}

static const char *why_words(struct cmd *c, const char *why)
{
    static const char *const words[][2] = {
        {"used", N_("it is written to, or spoken of elsewhere")},
        {"merged", N_("it was merged")},
        {"changed", N_("it has changed since")},
        {"organisation", N_("somebody who stays works there")},
    };
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (!strcmp(words[i][0], why))
            return _(words[i][1]);
    return why;
}

static void print_kept(struct cmd *c, const struct import_undo *u)
{
    for (size_t i = 0; i < u->nkept && !c->json; i++) {
        const struct import_kept *kept = &u->kept[i];
        if (kept->row)
            printf(_("    %s%s%lld: "), kept->sheet ? kept->sheet : _("row "), kept->sheet ? "!" : "",
                   (long long)kept->row);
        else
            printf("    ");
        printf(_("contact %lld, %s: %s\n"), (long long)kept->contact_id, kept->name, why_words(c, kept->why));
    }
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
    if (rc == 0 || (c->json && undo.nkept))
        print_undo(c, id, &undo);
    print_kept(c, &undo);
    return rc < 0 ? cmd_fail(c, &err) : 0;
}
