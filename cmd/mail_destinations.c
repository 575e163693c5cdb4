/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/table.h"
#include "cmd_functions.h"
#include "mail/destination.h"

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* "30 a minute (office), 60 a minute (bulk)" */
static const char *paces(struct cmd *c, const json_t *destination)
{
    struct text t = text_new(c->mem);
    const char *account;
    json_t *n;
    json_object_foreach(json_object_get(destination, "a_minute"), account, n)
    {
        text_puts(&t, t.len ? ", " : "");
        text_printf(&t, _("%lld a minute (%s)"), (long long)json_integer_value(n), account);
    }
    return t.s;
}

static void print(struct cmd *c, const json_t *list)
{
    struct cmd_table *table =
        cmd_table_new(c->mem, (const char *[]){_("domain"), _("pace"), _("letters waiting"), _("rests until"),
                                               _("said"), _("why"), NULL});
    size_t i;
    json_t *d;
    json_array_foreach(list, i, d)
    {
        const char *domain = text_of(d, "domain"), *why = text_of(d, "why");
        bool rests = json_is_true(json_object_get(d, "rests"));
        cmd_table_add(
            table,
            (const char *[]){
                strcmp(domain, "*") ? domain : _("all others"), paces(c, d),
                talloc_asprintf(c->mem, "%lld", (long long)json_integer_value(json_object_get(d, "waiting"))),
                rests ? cmd_stamp(c, text_of(d, "until")) : "", cmd_stamp(c, text_of(d, "said")),
                why ? _(why) : ""});
    }
    cmd_table_print(table);
}

static void show(struct cmd *c, json_t *list)
{
    size_t i;
    json_t *d;
    if (!c->json && json_array_size(list))
        print(c, list);
    json_array_foreach(list, i, d)
    {
        if (c->json)
            cmd_print_json(json_incref(d));
    }
    json_decref(list);
}

int cmd_mail_destinations(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    json_t *list;
    (void)argv;
    if (argc)
        return cmd_usage(c, "mail destinations");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = destination_list(c->mem, db, c->conf, &list, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    show(c, list);
    return 0;
}
