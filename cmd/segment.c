/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/question.h"
#include "cmd/table.h"
#include "cmd_functions.h"

/* ---- questions */

static size_t characters(const char *s, size_t bytes)
{
    size_t n = 0;
    for (size_t i = 0; i < bytes && s[i]; i++)
        n += ((unsigned char)s[i] & 0xc0) != 0x80;
    return n;
}

int cmd_question_fail(struct cmd *c, const char *question, struct segment_spot spot, const struct err *err)
{
    if (!spot.len)
        return cmd_fail(c, err);
    if (c->json) {
        cmd_print_json(json_pack("{s:{s:o, s:i, s:s, s:I, s:I}}", "error", "text", cmd_json_text(err->text),
                                 "code", err_exit_code(err), "question", question, "offset",
                                 (json_int_t)characters(question, spot.offset), "length",
                                 (json_int_t)characters(question + spot.offset, spot.len)));
        return err_exit_code(err);
    }
    int code = cmd_fail(c, err);
    fprintf(stderr, "%s\n", segment_point(c->mem, question, spot));
    return code;
}

int cmd_question_open(struct cmd *c, struct db *db, const char *name_or_question, struct segment **segment_r)
{
    struct err err;
    struct segment_spot spot;
    if (segment_open(c->mem, db, name_or_question, segment_r, &spot, &err) < 0)
        return cmd_question_fail(c, segment_question(*segment_r), spot, &err);
    if (!c->json)
        fputs(segment_hints(*segment_r), stderr);
    return 0;
}

char *cmd_question_words(struct cmd *c, int argc, char **argv)
{
    struct text t = text_new(c->mem);
    for (int i = 0; i < argc; i++)
        text_printf(&t, "%s%s", i ? " " : "", argv[i]);
    return t.s;
}

/* An option is a condition of the question. */
static void add_condition(struct text *t, const char *key, const char *value)
{
    if (!value)
        return;
    text_printf(t, "%s%s:\"", t->len ? " " : "", key);
    for (; *value; value++)
        text_printf(t, "%s%c", *value == '"' || *value == '\\' ? "\\" : "", *value);
    text_putc(t, '"');
}

char *cmd_question_of(struct cmd *c, int argc, char **argv, const struct cmd_question_options *o)
{
    struct text t = text_new(c->mem);
    add_condition(&t, "category", o->category);
    add_condition(&t, "department", o->department);
    add_condition(&t, "language", o->language);
    if (argc && t.len)
        return NULL;
    text_puts(&t, argc ? cmd_question_words(c, argc, argv) : t.len ? "" : "state:any");
    return t.s;
}

static json_t *hints_array(const char *hints)
{
    json_t *array = json_array();
    while (*hints) {
        size_t len = strcspn(hints, "\n");
        json_array_append_new(array, json_stringn(hints, len));
        hints += len + (hints[len] != 0);
    }
    return array;
}

/* ---- count */

static int print_count(struct cmd *c, struct db *db, const struct segment *segment, bool explain)
{
    struct err err;
    int64_t n;
    if (segment_count(db, segment, &n, &err) < 0)
        return cmd_fail(c, &err);
    if (c->json) {
        cmd_print_json(json_pack("{s:I, s:s, s:s, s:o}", "count", (json_int_t)n, "question",
                                 segment_question(segment), "words", segment_words(segment), "hints",
                                 hints_array(segment_hints(segment))));
        return 0;
    }
    if (explain)
        printf("%s\n", segment_words(segment));
    printf(catalog_plural(c->catalog, "%lld contact\n", "%lld contacts\n", (long)n), (long long)n);
    return 0;
}

int cmd_segment_count(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    struct segment *segment;
    bool explain = false;
    const struct cmd_option options[] = {{"explain", CMD_FLAG, &explain}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (!argc)
        return cmd_usage(c, "segment count NAME|QUESTION [--explain]");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = cmd_question_open(c, db, cmd_question_words(c, argc, argv), &segment);
    if (rc == 0)
        rc = print_count(c, db, segment, explain);
    db_close(db);
    return rc;
}

/* ---- saved ones */

static json_t *saved_json(const struct db_rows *rows, int i)
{
    return json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "id", (json_int_t)db_get_int(rows, i, "id"),
                     "name", db_get_str(rows, i, "name"), "question", db_get_str(rows, i, "question"), "note",
                     db_get_str(rows, i, "note"), "owner", db_get_str(rows, i, "owner"), "created",
                     db_get_str(rows, i, "created"), "changed", db_get_str(rows, i, "changed"));
}

int cmd_segment_list(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    DB_ROWS rows = NULL;
    (void)argv;
    if (argc)
        return cmd_usage(c, "segment list");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int n = segment_list(db, NULL, &rows, &err);
    db_close(db);
    if (n < 0)
        return cmd_fail(c, &err);
    struct cmd_table *table =
        cmd_table_new(c->mem, (const char *[]){_("name"), _("owner"), _("note"), _("question"), NULL});
    for (int i = 0; i < n; i++)
        if (c->json)
            cmd_print_json(saved_json(rows, i));
        else
            cmd_table_add(table,
                          (const char *[]){db_get_str(rows, i, "name"), db_get_str(rows, i, "owner"),
                                           db_get_str(rows, i, "note"), db_get_str(rows, i, "question")});
    if (!c->json)
        cmd_table_print(table);
    return 0;
}

static void print_saved(struct cmd *c, const struct db_rows *rows, const struct segment *segment, int64_t n)
{
    if (c->json) {
        json_t *view = saved_json(rows, 0);
        json_object_set_new(view, "words", json_string(segment_words(segment)));
        json_object_set_new(view, "hints", hints_array(segment_hints(segment)));
        json_object_set_new(view, "count", json_integer(n));
        cmd_print_json(view);
        return;
    }
    const char *note = db_get_str(rows, 0, "note");
    printf("%s\n%s\n%s\n", db_get_str(rows, 0, "name"), db_get_str(rows, 0, "question"),
           segment_words(segment));
    if (*note)
        printf("%s\n", note);
    printf(_("saved by %s, changed %.16s\n"), db_get_str(rows, 0, "owner"), db_get_str(rows, 0, "changed"));
    printf(catalog_plural(c->catalog, "%lld contact\n", "%lld contacts\n", (long)n), (long long)n);
}

static int show(struct cmd *c, struct db *db, const char *name)
{
    struct err err;
    DB_ROWS rows = NULL;
    struct segment *segment;
    int64_t n;
    if (segment_list(db, name, &rows, &err) < 0)
        return cmd_fail(c, &err);
    int rc = cmd_question_open(c, db, name, &segment);
    if (rc)
        return rc;
    if (segment_count(db, segment, &n, &err) < 0)
        return cmd_fail(c, &err);
    print_saved(c, rows, segment, n);
    return 0;
}

int cmd_segment_show(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    if (argc != 1)
        return cmd_usage(c, "segment show NAME");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = show(c, db, argv[0]);
    db_close(db);
    return rc;
}

int cmd_segment_save(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    struct segment_spot spot;
    struct segment_new saved = {0};
    const struct cmd_option options[] = {
        {"note", CMD_TEXT, &saved.note}, {"replace", CMD_FLAG, &saved.replace}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc < 2)
        return cmd_usage(c, "segment save NAME QUESTION [--note N] [--replace]");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    saved.name = argv[0];
    saved.question = cmd_question_words(c, argc - 1, argv + 1);
    int made = segment_save(db, &saved, &spot, &err);
    db_close(db);
    if (made < 0)
        return cmd_question_fail(c, saved.question, spot, &err);
    if (c->json)
        cmd_print_json(
            json_pack("{s:s, s:s, s:b}", "name", saved.name, "question", saved.question, "new", made));
    else
        printf(made ? _("segment \"%s\" is saved\n") : _("segment \"%s\" is changed\n"), saved.name);
    return 0;
}

int cmd_segment_remove(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    if (argc != 1)
        return cmd_usage(c, "segment remove NAME");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = segment_remove(db, argv[0], &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:s}", "removed", argv[0]));
    else
        printf(_("segment \"%s\" is gone\n"), argv[0]);
    return 0;
}
