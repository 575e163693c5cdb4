/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/question.h"
#include "cmd/table.h"
#include "cmd_functions.h"
#include "crm/language.h"

struct listing {
    struct cmd *c;
    struct cmd_table *table;
};

static json_t *words_array(const char *words)
{
    json_t *array = json_array();
    while (*words) {
        size_t len = strcspn(words, " ");
        json_array_append_new(array, json_stringn(words, len));
        words += len + (words[len] == ' ');
    }
    return array;
}

static int list_row(void *context, struct db_rows *rows, struct err *err)
{
    struct listing *l = context;
    (void)err;
    if (l->c->json)
        cmd_print_json(json_pack(
            "{s:I, s:s, s:s, s:s, s:s?, s:s?, s:o, s:o, s:s}", "id", (json_int_t)db_get_int(rows, 0, "id"),
            "kind", db_get_str(rows, 0, "kind"), "state", db_get_str(rows, 0, "state"), "name",
            db_get_str(rows, 0, "name"), "organisation", db_get_text(rows, 0, "organisation"), "address",
            db_get_text(rows, 0, "address"), "languages", words_array(db_get_str(rows, 0, "languages")),
            "categories", words_array(db_get_str(rows, 0, "categories")), "department",
            db_get_str(rows, 0, "department")));
    else
        cmd_table_add(l->table,
                      (const char *[]){db_get_str(rows, 0, "id"), db_get_str(rows, 0, "name"),
                                       db_get_text(rows, 0, "organisation"), db_get_text(rows, 0, "address"),
                                       db_get_str(rows, 0, "languages"), db_get_str(rows, 0, "categories"),
                                       db_get_str(rows, 0, "department")});
    return 0;
}

static int list(struct cmd *c, struct db *db, const char *question, const struct segment_page *page)
{
    struct err err;
    struct segment *segment;
    struct listing l = {
        c, cmd_table_new(c->mem, (const char *[]){_("id"), _("name"), _("organisation"), _("address"),
                                                  _("languages"), _("categories"), _("department"), NULL})};
    int rc = cmd_question_open(c, db, question, &segment);
    if (rc)
        return rc;
    if (segment_each(db, segment, page, list_row, &l, &err) < 0)
        return cmd_fail(c, &err);
    if (!c->json)
        cmd_table_print(l.table);
    return 0;
}

int cmd_contact_list(struct cmd *c, int argc, char **argv)
{
    static const char usage[] = "contact list [SEGMENT|QUESTION] [--limit N] [--after ID] "
                                "[--order name|precedence [--order-language L]] [--category C] "
                                "[--department D] [--language L]";
    struct err err;
    struct db *db;
    const char *order = NULL, *order_language = NULL;
    struct cmd_question_options conditions = {0};
    long limit = 0, after = 0;
    const struct cmd_option options[] = {
        CMD_QUESTION_OPTIONS(conditions),
        {"limit", CMD_INT, &limit},
        {"after", CMD_INT, &after},
        {"order", CMD_TEXT, &order},
        {"order-language", CMD_TEXT, &order_language},
        {0},
    };
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    const char *question = cmd_question_of(c, argc, argv, &conditions);
    bool by_precedence = order && !strcmp(order, "precedence");
    if ((order && !by_precedence && strcmp(order, "name") != 0) || limit < 0 || limit > INT32_MAX ||
        after < 0 || !question)
        return cmd_usage(c, usage);
    if ((order_language && language_check(order_language, &err) < 0) || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    struct segment_page page = {.after = after, .limit = (int)limit};
    if (by_precedence)
        page.precedence = order_language ? order_language : c->conf->office.language;
    int rc = list(c, db, question, &page);
    db_close(db);
    return rc;
}
