/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Two contacts that are one, two that are not, and back.
 */
#include "cmd_functions.h"
#include "crm/contact.h"
#include "crm/duplicate.h"
#include "crm/merge.h"

static int resolve_both(struct db *db, char **argv, int64_t id[2], struct err *err)
{
    if (contact_resolve(db, argv[0], &id[0], err) < 0)
        return -1;
    return contact_resolve(db, argv[1], &id[1], err);
}

/* --take FIELD=a|b: which of them are the loser's to give. */
static int take_fields(struct db *db, const struct cmd_pairs *wish, const char *loser, const char **take,
                       size_t *n_r, struct err *err)
{
    *n_r = 0;
    for (size_t i = 0; i < wish->n; i++) {
        char *field = talloc_strdup(take, wish->value[i]), *side = strchr(field, '=');
        if (!side || (strcmp(side, "=a") && strcmp(side, "=b")))
            return err_set(err, ERR_USAGE, "--take is FIELD=a or FIELD=b, not \"%s\"", field);
        *side++ = 0;
        if (merge_check_field(db, field, err) < 0)
            return -1;
        if (!strcmp(side, loser))
            take[(*n_r)++] = strcmp(field, "organisation") ? field : "organisation_id";
    }
    return 0;
}

static void print_merge(struct cmd *c, const struct merge_report *r)
{
    if (c->json) {
        json_t *conflicts = json_array();
        for (size_t i = 0; i < r->nconflict; i++)
            json_array_append_new(conflicts,
                                  json_pack("{s:s, s:s, s:s}", "field", r->conflict[i].field, "kept",
                                            r->conflict[i].kept, "dropped", r->conflict[i].dropped));
        cmd_print_json(json_pack("{s:I, s:I, s:o}", "id", (json_int_t)r->survivor, "merged",
                                 (json_int_t)r->loser, "conflicts", conflicts));
        return;
    }
    printf(_("contact %lld is now also what was contact %lld\n"), (long long)r->survivor,
           (long long)r->loser);
    for (size_t i = 0; i < r->nconflict; i++)
        printf(_("    %s: \"%s\" is kept, not \"%s\"\n"), r->conflict[i].field, r->conflict[i].kept,
               r->conflict[i].dropped);
    for (size_t i = 0; i < r->nsum; i++)
        if (r->sum[i].stays)
            printf(PLURAL("    %s: %lld remains as it was, because both contacts have one\n",
                          "    %s: %lld remain as they were, because both contacts have one\n",
                          r->sum[i].stays),
                   r->sum[i].object, (long long)r->sum[i].stays);
}

static int merge(struct cmd *c, struct db *db, char **argv, const struct cmd_pairs *wish, struct err *err)
{
    int64_t id[2];
    struct merge_report report;
    struct merge_options o = {0};
    const char **take = talloc_array(c->mem, const char *, CMD_MAX_PAIRS);
    if (resolve_both(db, argv, id, err) < 0 || merge_older(db, id[0], id[1], &o.survivor, err) < 0 ||
        take_fields(db, wish, o.survivor == id[0] ? "b" : "a", take, &o.ntake, err) < 0)
        return -1;
    o.take = take;
    if (merge_contacts(c->mem, db, id[0], id[1], &o, &report, err) < 0)
        return -1;
    print_merge(c, &report);
    return 0;
}

int cmd_contact_merge(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    struct cmd_pairs wish = {0};
    const struct cmd_option options[] = {{"take", CMD_MANY, &wish}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 2)
        return cmd_usage(c, "contact merge A B [--take FIELD=a|b ...]");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = merge(c, db, argv, &wish, &err);
    db_close(db);
    return rc < 0 ? cmd_fail(c, &err) : 0;
}

static void print_undo(struct cmd *c, const struct merge_report *r)
{
    json_t *stays = json_object();
    for (size_t i = 0; i < r->nsum; i++)
        if (r->sum[i].stays)
            json_object_set_new(stays, r->sum[i].object, json_integer(r->sum[i].stays));
    if (c->json) {
        cmd_print_json(json_pack("{s:I, s:I, s:o}", "id", (json_int_t)r->survivor, "unmerged",
                                 (json_int_t)r->loser, "stays", stays));
        return;
    }
    const char *object;
    json_t *n;
    printf(_("contacts %lld and %lld are two again\n"), (long long)r->survivor, (long long)r->loser);
    json_object_foreach(stays, object, n) printf(
        PLURAL("    %s: %lld that came or changed since stays with contact %lld\n",
               "    %s: %lld that came or changed since stay with contact %lld\n", json_integer_value(n)),
        object, (long long)json_integer_value(n), (long long)r->survivor);
    json_decref(stays);
}

int cmd_contact_unmerge(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    struct merge_report report;
    int64_t id;
    if (argc != 1)
        return cmd_usage(c, "contact unmerge ID");
    if (cmd_id(argv[0], &id, &err) < 0 || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = merge_undo(c->mem, db, id, &report, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    print_undo(c, &report);
    return 0;
}

int cmd_contact_distinct(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    int64_t id[2];
    if (argc != 2)
        return cmd_usage(c, "contact distinct A B");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = resolve_both(db, argv, id, &err);
    if (rc == 0)
        rc = duplicate_tell_apart(db, id[0], id[1], &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:I, s:I, s:s}", "a", (json_int_t)id[0], "b", (json_int_t)id[1], "state",
                                 "distinct"));
    else
        printf(_("contacts %lld and %lld are not the same\n"), (long long)id[0], (long long)id[1]);
    return 0;
}
