/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/question.h"
#include "cmd/table.h"
#include "cmd_functions.h"
#include "crm/contact.h"
#include "crm/precedence.h"

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

/* The order of protocol is not the store's: all of them are asked for, and put into it here. */
static int each_by_precedence(struct listing *l, struct db *db, const struct segment *segment,
                              const char *language, struct err *err)
{
    MEM_SCOPE(mem);
    int64_t *ids;
    if (segment_ids(mem, db, segment, &ids, err) < 0)
        return -1;
    size_t n = talloc_array_length(ids);
    if (precedence_sort(db, ids, &n, language, err) < 0)
        return -1;
    return contact_list(db, ids, n, list_row, l, err);
}

/* precedence: the language of its alphabet, NULL: by name */
static int list(struct cmd *c, struct db *db, const char *question, const struct segment_page *page,
                const char *precedence)
{
    struct err err;
    struct segment *segment;
    struct listing l = {
        c, cmd_table_new(c->mem, (const char *[]){_("id"), _("name"), _("organisation"), _("address"),
                                                  _("languages"), _("categories"), _("department"), NULL})};
    int rc = cmd_question_open(c, db, question, &segment);
    if (rc)
        return rc;
    rc = precedence ? each_by_precedence(&l, db, segment, precedence, &err)
                    : segment_each(db, segment, page, list_row, &l, &err);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (!c->json)
        cmd_table_print(l.table);
    return 0;
}

int cmd_contact_list(struct cmd *c, int argc, char **argv)
{
    static const char usage[] =
        "contact list [SEGMENT|QUESTION] [--order name|precedence [--order-language L]] [--limit N] "
        "[--after ID] [--category C] [--department D] [--language L]";
    struct err err;
    struct db *db;
    const char *category = NULL, *department = NULL, *language = NULL, *order = NULL, *order_language = NULL;
    long limit = 0, after = 0;
    const struct cmd_option options[] = {
        {"category", CMD_TEXT, &category}, {"department", CMD_TEXT, &department},
        {"language", CMD_TEXT, &language}, {"limit", CMD_INT, &limit},
        {"order", CMD_TEXT, &order},       {"order-language", CMD_TEXT, &order_language},
        {"after", CMD_INT, &after},        {0},
    };
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    struct text question = text_new(c->mem);
    cmd_question_add(&question, "category", category);
    cmd_question_add(&question, "department", department);
    cmd_question_add(&question, "language", language);
    bool by_precedence = order && !strcmp(order, "precedence");
    if ((order && !by_precedence && strcmp(order, "name") != 0) || (by_precedence && (limit || after)))
        return cmd_usage(c, usage);
    if (limit < 0 || limit > INT32_MAX || after < 0 || (argc && question.len))
        return cmd_usage(c, usage);
    text_puts(&question, argc ? cmd_question_words(c, argc, argv) : question.len ? "" : "state:any");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = list(c, db, question.s, &(struct segment_page){.after = after, .limit = (int)limit},
                  by_precedence ? (order_language ? order_language : c->conf->office.language) : NULL);
    db_close(db);
    return rc;
}
