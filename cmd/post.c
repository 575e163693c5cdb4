/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Posts: who holds them, and succession.
 */
#include "cmd/table.h"
#include "cmd_functions.h"
#include "crm/contact.h"
#include "crm/post.h"
#include "mail/mailing.h"

static void print_posts(struct cmd *c, const struct db_rows *rows)
{
    struct cmd_table *table = cmd_table_new(
        c->mem, (const char *[]){_("post"), _("name"), _("organisation"), _("holder"), _("since"), NULL});
    for (int i = 0; i < db_rows_count(rows); i++) {
        const char *holder = db_get_text(rows, i, "holder"), *since = db_get_text(rows, i, "since");
        if (c->json) {
            cmd_print_json(json_pack("{s:I, s:s, s:I, s:s, s:o, s:s?, s:s?, s:s?}", "id",
                                     (json_int_t)db_get_int(rows, i, "id"), "post",
                                     db_get_str(rows, i, "post"), "organisation_id",
                                     (json_int_t)db_get_int(rows, i, "organisation_id"), "organisation",
                                     db_get_str(rows, i, "organisation"), "holder_id",
                                     holder ? json_integer(db_get_int(rows, i, "holder_id")) : json_null(),
                                     "holder", holder, "from", since, "to", db_get_text(rows, i, "until")));
            continue;
        }
        cmd_table_add(table, (const char *[]){db_get_str(rows, i, "id"), db_get_str(rows, i, "post"),
                                              db_get_str(rows, i, "organisation"),
                                              holder ? talloc_asprintf(c->mem, "%s (%s)", holder,
                                                                       db_get_str(rows, i, "holder_id"))
                                                     : _("vacant"),
                                              since});
    }
    if (!c->json)
        cmd_table_print(table);
}

int cmd_post_list(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    DB_ROWS rows = NULL;
    struct post_filter filter = {0};
    const struct cmd_option options[] = {
        {"organisation", CMD_TEXT, &filter.organisation}, {"vacant", CMD_FLAG, &filter.vacant}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc)
        return cmd_usage(c, "post list [--organisation TEXT] [--vacant]");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int n = post_list(db, &filter, &rows, &err);
    db_close(db);
    if (n < 0)
        return cmd_fail(c, &err);
    print_posts(c, rows);
    return n ? 0 : EXIT_LOOK;
}

/* ---- succession */

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static void print_done(struct cmd *c, json_t *done)
{
    size_t i;
    json_t *change;
    json_array_foreach(done, i, change)
    {
        const char *before = text_of(change, "before"), *after = text_of(change, "after");
        printf(_("post %lld, %s, %s: %s → %s\n"),
               (long long)json_integer_value(json_object_get(change, "post")), text_of(change, "name"),
               text_of(change, "organisation"), before ? before : _("vacant"), after ? after : _("vacant"));
        if (json_is_true(json_object_get(change, "left")))
            printf(_("    %s holds no other post: has left\n"), before);
    }
}

static void print_pointing(struct cmd *c, json_t *pointing)
{
    size_t i;
    json_t *item;
    if (json_array_size(pointing))
        printf(_("still pointing to those who held the posts:\n"));
    json_array_foreach(pointing, i, item)
    {
        const char *kind = text_of(item, "kind"), *name = text_of(item, "name"),
                   *holder = text_of(item, "holder");
        long long id = json_integer_value(json_object_get(item, "id")),
                  row = json_integer_value(json_object_get(item, "recipient"));
        if (!strcmp(kind, "draft"))
            printf(_("    draft %lld, %s: a letter to %s (recipient %lld)\n"), id, name, holder, row);
        else if (!strcmp(kind, "mailing"))
            printf(_("    mailing %lld, %s: a letter to %s (recipient %lld)\n"), id, name, holder, row);
        else
            printf(_("    event %lld, %s: an answer of %s (answer %lld)\n"), id, name, holder, row);
    }
}

static int succeed(struct cmd *c, struct db *db, const struct post_change *changes, size_t n, const char *on,
                   bool keep_active, struct err *err)
{
    json_t *done, *pointing;
    if (post_succeed(db, changes, n, on, keep_active, &done, err) < 0)
        return -1;
    if (mailing_pointing_to(db, done, &pointing, err) < 0) {
        json_decref(done);
        return -1;
    }
    if (c->json) {
        cmd_print_json(json_pack("{s:o, s:o}", "posts", done, "pointing", pointing));
        return 0;
    }
    print_done(c, done);
    print_pointing(c, pointing);
    json_decref(done);
    json_decref(pointing);
    return 0;
}

/* POST HOLDER POST HOLDER ... */
static int take_pairs(struct cmd *c, struct db *db, int argc, char **argv, struct post_change **changes_r,
                      struct err *err)
{
    struct post_change *changes = talloc_zero_array(c->mem, struct post_change, (unsigned)argc / 2);
    for (int i = 0; i < argc; i += 2)
        if (cmd_id(argv[i], &changes[i / 2].post, err) < 0 ||
            (strcmp(argv[i + 1], "-") && contact_resolve(db, argv[i + 1], &changes[i / 2].holder, err) < 0))
            return -1;
    *changes_r = changes;
    return 0;
}

int cmd_post_start(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    const char *list = NULL, *from = NULL, **problems = NULL;
    bool keep_active = false;
    struct post_change *changes = NULL;
    const struct cmd_option options[] = {
        {"list", CMD_TEXT, &list}, {"from", CMD_TEXT, &from}, {"keep-active", CMD_FLAG, &keep_active}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (list ? argc : !argc || argc % 2)
        return cmd_usage(c, "post start POST HOLDER ... | --list FILE.csv [--from DATE] [--keep-active]");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = list ? post_read_changes(c->mem, db, list, &changes, &problems, &err)
                  : take_pairs(c, db, argc, argv, &changes, &err);
    if (rc == 0)
        rc = succeed(c, db, changes, talloc_array_length(changes), from, keep_active, &err);
    db_close(db);
    for (size_t i = 0; problems && i < talloc_array_length(problems); i++)
        fprintf(stderr, "%s\n", problems[i]);
    return rc < 0 ? cmd_fail(c, &err) : 0;
}

int cmd_post_end(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    const char *on = NULL;
    bool keep_active = false;
    const struct cmd_option options[] = {{"on", CMD_TEXT, &on}, {"keep-active", CMD_FLAG, &keep_active}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (!argc)
        return cmd_usage(c, "post end POST ... [--on DATE] [--keep-active]");
    struct post_change *changes = talloc_zero_array(c->mem, struct post_change, (unsigned)argc);
    for (int i = 0; i < argc; i++)
        if (cmd_id(argv[i], &changes[i].post, &err) < 0)
            return cmd_fail(c, &err);
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = succeed(c, db, changes, (size_t)argc, on, keep_active, &err);
    db_close(db);
    return rc < 0 ? cmd_fail(c, &err) : 0;
}
