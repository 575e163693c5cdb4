/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Contacts out.
 */
#include "cmd/question.h"
#include "cmd_functions.h"
#include "reports/exchange.h"

static int show_export(struct cmd *c, const struct exchange_query *q, const struct exchange_result *r)
{
    if (c->json) {
        cmd_print_json(json_pack("{s:I, s:o, s:I, s:I}", "export", (json_int_t)r->id, "file",
                                 cmd_json_text(q->path), "contacts", (json_int_t)r->contacts, "cut",
                                 (json_int_t)r->cut));
    } else {
        printf(PLURAL("%s: %lld contact\n", "%s: %lld contacts\n", r->contacts), q->path,
               (long long)r->contacts);
        if (r->cut)
            printf(PLURAL("%lld cell was longer than a cell may be and ends with […]\n",
                          "%lld cells were longer than a cell may be and end with […]\n", r->cut),
                   (long long)r->cut);
    }
    return r->cut ? EXIT_LOOK : 0;
}

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
    q->question = strcmp(question, "state:any") ? segment_question(segment) : "";
    q->group = *q->question ? question : NULL; /* a saved one keeps its name when its question changes */
    q->ids = ids;
    q->n = talloc_array_length(ids);
    return exchange_write(db, c->conf, q, &result, &err) < 0 ? cmd_fail(c, &err) : show_export(c, q, &result);
}

int cmd_contact_export(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    struct cmd_question_options conditions = {0};
    struct exchange_query q = {.made_by = cmd_user_name(c)};
    const struct cmd_option options[] = {
        {"output", CMD_TEXT, &q.path},
        CMD_QUESTION_OPTIONS(conditions),
        {"sheet-language", CMD_TEXT, &q.language},
        {"groups", CMD_FLAG, &q.groups},
        {0},
    };
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    const char *question = cmd_question_of(c, argc, argv, &conditions);
    if (!question || !q.path)
        return cmd_usage(c, "contact export [SEGMENT|QUESTION] -o FILE.xlsx|csv|vcf [--category C] "
                            "[--department D] [--language L] [--sheet-language L] [--groups]");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = export(c, db, question, &q);
    db_close(db);
    return rc;
}
