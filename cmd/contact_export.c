/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Contacts out.
 */
#include "cmd/question.h"
#include "cmd_functions.h"
#include "reports/exchange.h"

static const char usage[] =
    "contact export [SEGMENT|QUESTION] -o FILE.xlsx|csv|vcf [--category C] [--department D] "
    "[--language L] [--sheet-language L] [--groups]";

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

/* The exit code. */
static int export(struct cmd *c, struct db *db, const char *question, struct exchange_query *q)
{
    struct err err;
    struct segment *segment;
    struct exchange_result result;
    int64_t *ids;
    int rc = cmd_question_open(c, db, question, &segment);
    if (rc)
        return rc;
    if (segment_ids(c->mem, db, segment, &ids, &err) < 0)
        return cmd_fail(c, &err);
    q->ids = ids;
    q->n = talloc_array_length(ids);
    return exchange_write(db, c->conf, q, &result, &err) < 0 ? cmd_fail(c, &err) : show_export(c, q, &result);
}

int cmd_contact_export(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    struct exchange_query q = {.made_by = cmd_user_name(c)};
    const char *category = NULL, *department = NULL, *language = NULL;
    const struct cmd_option options[] = {
        {"output", CMD_TEXT, &q.path},
        {"category", CMD_TEXT, &category},
        {"department", CMD_TEXT, &department},
        {"language", CMD_TEXT, &language},
        {"sheet-language", CMD_TEXT, &q.language},
        {"groups", CMD_FLAG, &q.groups},
        {0},
    };
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    struct text question = text_new(c->mem);
    cmd_question_add(&question, "category", category);
    cmd_question_add(&question, "department", department);
    cmd_question_add(&question, "language", language);
    if (!q.path || (argc && question.len))
        return cmd_usage(c, usage);
    q.question = argc ? cmd_question_words(c, argc, argv) : question.s;
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = export(c, db, *q.question ? q.question : "state:any", &q);
    db_close(db);
    return rc;
}
