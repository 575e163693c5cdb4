/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The addresses of a contact, their states and how they came to them.
 */
#include "cmd/table.h"
#include "cmd_functions.h"
#include "crm/address.h"
#include "crm/contact.h"

static const char usage[] = "contact email ID|ADDRESS [ADDRESS] [--state unverified|good|held|dead --why "
                            "TEXT] [--replaced-by ADDRESS] "
                            "[--private|--public] [--first]";

static const char *text_of(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

/* What a person or the machine said to it: the evidence as one line. */
static char *evidence_line(struct cmd *c, const json_t *evidence)
{
    if (json_is_string(json_object_get(evidence, "why")))
        return talloc_asprintf(c->mem, "%s: %s", text_of(evidence, "person"), text_of(evidence, "why"));
    if (json_object_size(evidence) == 1 && *text_of(evidence, "person"))
        return talloc_strdup(c->mem, text_of(evidence, "person"));
    if (json_is_integer(json_object_get(evidence, "message")))
        return talloc_asprintf(c->mem, _("message %lld: %s %s"),
                               (long long)json_integer_value(json_object_get(evidence, "message")),
                               text_of(evidence, "class"),
                               text_of(evidence, *text_of(evidence, "text") ? "text" : "status"));
    if (!evidence || json_is_null(evidence))
        return talloc_strdup(c->mem, "");
    char *json = json_dumps(evidence, JSON_ENCODE_ANY);
    char *line = talloc_strdup(c->mem, json);
    free(json);
    return line;
}

static void add_row(struct cmd *c, struct cmd_table *table, const char *email, const char *state,
                    const char *since, const json_t *evidence)
{
    cmd_table_add(
        table, (const char *[]){email, state, talloc_strndup(c->mem, since, 10), evidence_line(c, evidence)});
}

/* What the server said of the last letter that came back. */
static void add_failure(struct cmd *c, struct cmd_table *table, const json_t *failure)
{
    const char *said = text_of(failure, "text");
    if (!failure)
        return;
    const char *line = talloc_asprintf(c->mem, "%s (%s)", *said ? said : text_of(failure, "status"),
                                       text_of(failure, "reason"));
    cmd_table_add(table, (const char *[]){"", _("last failure"),
                                          talloc_strndup(c->mem, text_of(failure, "at"), 10), line});
}

static void print_list(struct cmd *c, const json_t *list)
{
    size_t i, j;
    json_t *address, *step;
    struct cmd_table *table =
        cmd_table_new(c->mem, (const char *[]){_("address"), _("state"), _("since"), _("evidence"), NULL});
    json_array_foreach((json_t *)(uintptr_t)list, i, address)
    {
        const char *to = text_of(address, "replaced_by"), *state = _(text_of(address, "state"));
        const char *word = *to ? talloc_asprintf(c->mem, _("replaced by %s"), to) : state;
        if (json_is_true(json_object_get(address, "private")))
            word = talloc_asprintf(c->mem, _("%s, private"), word);
        add_row(c, table, text_of(address, "email"), word, text_of(address, "since"),
                json_object_get(address, "evidence"));
        add_failure(c, table, json_object_get(address, "failure"));
        json_array_foreach(json_object_get(address, "history"), j, step)
            add_row(c, table, "", talloc_asprintf(c->mem, _("was %s"), _(text_of(step, "state"))),
                    text_of(step, "at"), json_object_get(step, "evidence"));
    }
    cmd_table_print(table);
}

static int run(struct cmd *c, const char *who, const char *email, const struct address_change *change,
               json_t **list_r, struct err *err)
{
    struct db *db;
    int64_t id;
    if (cmd_open_db(c, NULL, &db, err) < 0)
        return -1;
    int rc = contact_resolve(db, who, &id, err);
    if (rc == 0 && email)
        rc = address_change(db, id, email, change, err);
    if (rc == 0)
        rc = address_list(db, id, list_r, err);
    db_close(db);
    return rc;
}

int cmd_contact_email(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct address_change change = {0};
    json_t *list;
    int given = argc;
    const struct cmd_option options[] = {
        {"state", CMD_TEXT, &change.state},
        {"why", CMD_TEXT, &change.why},
        {"replaced-by", CMD_TEXT, &change.replaced_by},
        {"private", CMD_FLAG, &change.hide},
        {"public", CMD_FLAG, &change.show},
        {"first", CMD_FLAG, &change.first},
        {0},
    };
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc < 1 || argc > 2 || (given > argc) != (argc == 2))
        return cmd_usage(c, usage);
    if (run(c, argv[0], argc == 2 ? argv[1] : NULL, &change, &list, &err) < 0)
        return cmd_fail(c, &err);
    cmd_show(c, list, print_list);
    return 0;
}
