/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Contacts out.
 */
#include "cmd_functions.h"
#include "crm/contact.h"
#include "reports/exchange.h"

/* ---- who: the one place that knows how contacts are asked for */

struct chosen {
    void *mem;
    int64_t *ids;
    size_t n;
};

static int choose_row(void *context, struct db_rows *rows, struct err *err)
{
    (void)err;
    struct chosen *chosen = context;
    size_t room = talloc_array_length(chosen->ids);
    if (chosen->n == room)
        chosen->ids = talloc_realloc(chosen->mem, chosen->ids, int64_t, (unsigned)(room ? 2 * room : 256));
    chosen->ids[chosen->n++] = db_get_int(rows, 0, "id");
    return 0;
}

/* The ids of those contacts, and the question in words. */
static int choose(void *mem, struct db *db, const struct contact_filter *filter, struct exchange_query *q,
                  struct err *err)
{
    struct chosen chosen = {.mem = mem};
    const struct {
        const char *key, *value;
    } given[] = {
        {"category", filter->category}, {"department", filter->department}, {"language", filter->language}};
    struct text question = text_new(mem);
    for (size_t i = 0; i < ARRAY_LEN(given); i++)
        if (given[i].value)
            text_printf(&question, "%s%s:%s", question.len ? " " : "", given[i].key, given[i].value);
    if (contact_list(db, filter, choose_row, &chosen, err) < 0)
        return -1;
    q->question = question.s;
    q->ids = chosen.ids;
    q->n = chosen.n;
    return 0;
}

/* ---- export */

static int show_export(struct cmd *c, const struct exchange_query *q, const struct exchange_result *r)
{
    if (c->json) {
        cmd_print_json(json_pack("{s:I, s:o, s:I, s:I}", "export", (json_int_t)r->id, "file",
                                 cmd_json_text(q->path), "contacts", (json_int_t)r->contacts, "cut",
                                 (json_int_t)r->cut));
    } else {
        printf(_("%s: %lld contacts\n"), q->path, (long long)r->contacts);
        if (r->cut)
            printf(_("%lld cells were longer than a cell may be and end with […]\n"), (long long)r->cut);
    }
    return r->cut ? EXIT_LOOK : 0;
}

int cmd_contact_export(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    struct contact_filter filter = {0};
    struct exchange_query q = {.made_by = cmd_user_name(c)};
    struct exchange_result result;
    const struct cmd_option options[] = {
        {"output", CMD_TEXT, &q.path},
        {"category", CMD_TEXT, &filter.category},
        {"department", CMD_TEXT, &filter.department},
        {"language", CMD_TEXT, &filter.language},
        {"sheet-language", CMD_TEXT, &q.language},
        {"groups", CMD_FLAG, &q.groups},
        {0},
    };
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc || !q.path)
        return cmd_usage(c,
                         "contact export -o FILE.xlsx|csv|vcf [--category C] [--department D] [--language L] "
                         "[--sheet-language L] [--groups]");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = choose(c->mem, db, &filter, &q, &err);
    if (rc == 0)
        rc = exchange_write(db, c->conf, &q, &result, &err);
    db_close(db);
    return rc < 0 ? cmd_fail(c, &err) : show_export(c, &q, &result);
}
