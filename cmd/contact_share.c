/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Which departments keep and share a contact, and who asks for it.
 */
#include "cmd/table.h"
#include "cmd_functions.h"
#include "crm/contact.h"
#include "crm/share.h"

static const char share_usage[] = "contact share ID|ADDRESS --with DEPARTMENT [--end]";
static const char hand_over_usage[] = "contact hand-over ID|ADDRESS --to DEPARTMENT";
static const char ask_usage[] = "contact ask ID|ADDRESS [--for DEPARTMENT]";

typedef int share_fn(struct db *db, int64_t contact_id, const char *department, struct err *err);

/* On the contact that the word names; what the function answers, or -1. */
static int on_contact(struct cmd *c, const char *word, share_fn *fn, const char *department, int64_t *id_r,
                      struct err *err)
{
    struct db *db;
    if (cmd_open_db(c, NULL, &db, err) < 0)
        return -1;
    int rc = contact_resolve(db, word, id_r, err);
    if (rc == 0)
        rc = fn(db, *id_r, department, err);
    db_close(db);
    return rc;
}

static void say(struct cmd *c, int64_t id, const char *key, const char *text)
{
    if (c->json)
        cmd_print_json(json_pack("{s:I, s:b}", "id", (json_int_t)id, key, 1));
    else
        puts(text);
}

int cmd_contact_share(struct cmd *c, int argc, char **argv)
{
    struct err err;
    const char *with = NULL;
    bool end = false;
    int64_t id;
    const struct cmd_option options[] = {{"with", CMD_TEXT, &with}, {"end", CMD_FLAG, &end}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1 || !with)
        return cmd_usage(c, share_usage);
    if (on_contact(c, argv[0], end ? share_end : share_add, with, &id, &err) < 0)
        return cmd_fail(c, &err);
    say(c, id, end ? "ended" : "shared",
        talloc_asprintf(c->mem,
                        end ? _("contact %lld is not shared with %s any more")
                            : _("contact %lld is shared with %s"),
                        (long long)id, with));
    return 0;
}

int cmd_contact_hand_over(struct cmd *c, int argc, char **argv)
{
    struct err err;
    const char *to = NULL;
    int64_t id;
    const struct cmd_option options[] = {{"to", CMD_TEXT, &to}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1 || !to)
        return cmd_usage(c, hand_over_usage);
    if (on_contact(c, argv[0], share_hand_over, to, &id, &err) < 0)
        return cmd_fail(c, &err);
    say(c, id, "handed_over",
        talloc_asprintf(c->mem, _("contact %lld is kept by %s from now on"), (long long)id, to));
    return 0;
}

int cmd_contact_ask(struct cmd *c, int argc, char **argv)
{
    struct err err;
    const char *department = NULL;
    int64_t id;
    const struct cmd_option options[] = {{"for", CMD_TEXT, &department}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1)
        return cmd_usage(c, ask_usage);
    if (on_contact(c, argv[0], share_ask, department, &id, &err) < 0)
        return cmd_fail(c, &err);
    say(c, id, "asked", talloc_asprintf(c->mem, _("asked to share contact %lld"), (long long)id));
    return 0;
}

/* ---- requests */

static const char *outcome(struct cmd *c, const struct db_rows *rows, int i)
{
    if (db_is_null(rows, i, "granted"))
        return db_get_bool(rows, i, "ours") ? _("yours to decide") : _("asked");
    return db_get_bool(rows, i, "granted") ? _("granted") : _("refused");
}

static void add_request(struct cmd *c, struct cmd_table *table, const struct db_rows *rows, int i)
{
    const char *import = db_get_text(rows, i, "import_id");
    if (!c->json) {
        cmd_table_add(table,
                      (const char *[]){db_get_str(rows, i, "id"), db_get_str(rows, i, "contact_id"),
                                       db_get_str(rows, i, "name"), db_get_str(rows, i, "keeper"),
                                       db_get_str(rows, i, "department"), db_get_str(rows, i, "asked_by"),
                                       db_get_str(rows, i, "asked_at"), outcome(c, rows, i)});
        return;
    }
    json_t *granted =
        db_is_null(rows, i, "granted") ? json_null() : json_boolean(db_get_bool(rows, i, "granted"));
    cmd_print_json(
        json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:s?, s:s?, s:b}", "id",
                  (json_int_t)db_get_int(rows, i, "id"), "contact",
                  (json_int_t)db_get_int(rows, i, "contact_id"), "name", db_get_str(rows, i, "name"),
                  "keeper", db_get_str(rows, i, "keeper"), "department", db_get_str(rows, i, "department"),
                  "asked_by", db_get_str(rows, i, "asked_by"), "asked_at", db_get_str(rows, i, "asked_at"),
                  "import", import ? json_integer(db_get_int(rows, i, "import_id")) : json_null(), "granted",
                  granted, "decided_by", db_get_text(rows, i, "decided_by"), "decided_at",
                  db_get_text(rows, i, "decided_at"), "ours", db_get_bool(rows, i, "ours")));
}

int cmd_contact_requests(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    DB_ROWS rows = NULL;
    bool all = false;
    if (cmd_options((const struct cmd_option[]){{"all", CMD_FLAG, &all}, {0}}, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc)
        return cmd_usage(c, "contact requests [--all]");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int n = share_list(db, all, c->conf->office.time_zone, &rows, &err);
    db_close(db);
    if (n < 0)
        return cmd_fail(c, &err);
    struct cmd_table *table =
        cmd_table_new(c->mem, (const char *[]){_("request"), _("contact"), _("name"), _("kept by"), _("for"),
                                               _("who"), _("when"), _("state"), NULL});
    for (int i = 0; i < n; i++)
        add_request(c, table, rows, i);
    if (!c->json)
        cmd_table_print(table);
    return 0;
}

int cmd_contact_request(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    bool grant = false, refuse = false;
    int64_t id;
    const struct cmd_option options[] = {{"grant", CMD_FLAG, &grant}, {"refuse", CMD_FLAG, &refuse}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1 || grant == refuse)
        return cmd_usage(c, "contact request ID --grant|--refuse");
    if (cmd_id(argv[0], &id, &err) < 0 || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = share_decide(db, id, grant, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    say(c, id, grant ? "granted" : "refused",
        talloc_asprintf(c->mem, grant ? _("request %lld is granted") : _("request %lld is refused"),
                        (long long)id));
    return 0;
}
