/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/inbox_hand.h"

#include <errno.h>

#include "base/unicode.h"
#include "cmd/inbox_message.h"
#include "cmd/mailfile.h"
#include "cmd/table.h"
#include "cmd_functions.h"
#include "reports/register_table.h"

enum { PAGE = 500, LABELS = 15 };

/* What one types is English; what one reads is in one's language. */
static const char *const answers[] = {N_("accepted"), N_("declined"), N_("tentative"), N_("delegated"),
                                      N_("question")};
static const char *const classes[] = {N_("human"),       N_("auto-reply"), N_("bounce"),   N_("delay"),
                                      N_("delivered"),   N_("complaint"),  N_("calendar"), N_("unsubscribe"),
                                      N_("disposition"), N_("own")};

static const char *const states[] = {"new", "filed", "decide", "answered", "ignored", "parked"};

/* A key of the store in the reader's language. */
static const char *shown(struct cmd *c, const char *key)
{
    return *key ? _(key) : "";
}

/* The state of a message, in the registers' words. */
static const char *shown_state(struct cmd *c, const char *state)
{
    const struct register_word *word = register_outcomes;
    while (word->key && strcmp(word->key, state))
        word++;
    return word->key ? _(word->text) : state;
}

/* One of the words; NULL is none and allowed. */
static int check_word(const char *what, const char *word, const char *const *words, size_t n, struct err *err)
{
    MEM_SCOPE(mem);
    struct text all = text_new(mem);
    for (size_t i = 0; i < n; i++) {
        if (!word || !strcmp(word, words[i]))
            return 0;
        text_printf(&all, "%s%s", i ? ", " : "", words[i]);
    }
    return err_set(err, ERR_USAGE, "%s: \"%s\" is none of %s", what, word, all.s);
}

/* A column as JSON: null, number or text. */
static json_t *json_number(const struct db_rows *rows, int i, const char *column)
{
    return db_is_null(rows, i, column) ? json_null() : json_integer(db_get_int(rows, i, column));
}

static json_t *json_column(const struct db_rows *rows, int i, const char *column)
{
    const char *s = db_get_text(rows, i, column);
    return s ? json_string(s) : json_null();
}

static json_t *json_parsed(const struct db_rows *rows, int i, const char *column)
{
    json_t *value = json_loads(db_get_str(rows, i, column), JSON_DECODE_ANY, NULL);
    return value ? value : json_null();
}

static json_t *json_columns(const struct db_rows *rows, int i, const char *const *number,
                            const char *const *text)
{
    json_t *o = json_object();
    for (; *number; number++)
        json_object_set_new(o, *number, json_number(rows, i, *number));
    for (; *text; text++)
        json_object_set_new(o, *text, json_column(rows, i, *text));
    return o;
}

/* ---- list */

static const char *const list_numbers[] = {"id", "contact_id", "mailing_id", "thread_id", NULL};
static const char *const list_texts[] = {"date", "from_address", "from_name",    "subject", "class", "state",
                                         "why",  "answer",       "answer_state", "contact", NULL};

/* "contact 12 Ana Petrović; thread 5; mailing 7", or NULL. */
static const char *proposal_text(struct cmd *c, const struct db_rows *rows, int i)
{
    struct text t = text_new(c->mem);
    json_t *p = json_parsed(rows, i, "proposal");
    json_int_t contact = json_integer_value(json_object_get(p, "contact")),
               thread = json_integer_value(json_object_get(p, "thread")),
               with = json_integer_value(json_object_get(p, "message")),
               mailing = json_integer_value(json_object_get(p, "mailing"));
    if (contact)
        text_printf(&t, _("contact %lld"), (long long)contact);
    if (contact)
        text_printf(&t, " %s", db_get_str(rows, i, "proposed"));
    if (thread || with) {
        text_puts(&t, t.len ? "; " : "");
        text_printf(&t, thread ? _("thread %lld") : _("in one thread with message %lld"),
                    (long long)(thread ? thread : with));
    }
    if (mailing) {
        text_puts(&t, t.len ? "; " : "");
        text_printf(&t, _("mailing %lld"), (long long)mailing);
    }
    json_decref(p);
    return t.len ? t.s : NULL;
}

static void list_row(struct cmd *c, struct cmd_table *table, const struct db_rows *rows, int i)
{
    MEM_SCOPE(mem);
    if (c->json) {
        json_t *o = json_columns(rows, i, list_numbers, list_texts);
        json_object_set_new(o, "proposal", json_parsed(rows, i, "proposal"));
        cmd_print_json(o);
        return;
    }
    const char *answer = db_get_text(rows, i, "answer"), *state = db_get_str(rows, i, "answer_state");
    const char *contact = db_get_text(rows, i, "contact");
    const char *cell[] = {db_get_str(rows, i, "id"),
                          db_get_str(rows, i, "date"),
                          contact ? contact : db_get_str(rows, i, "from_address"),
                          db_get_str(rows, i, "subject"),
                          shown(c, db_get_str(rows, i, "class")),
                          shown_state(c, db_get_str(rows, i, "state")),
                          answer ? talloc_asprintf(mem, "%s (%s)", shown(c, answer), shown(c, state)) : "",
                          shown(c, db_get_str(rows, i, "why")),
                          proposal_text(c, rows, i)};
    cmd_table_add(table, cell);
}

static int list(struct cmd *c, bool all, const char *state, struct err *err)
{
    const char *const titles[] = {_("id"),    _("date"),   _("from"), _("subject"),  _("class"),
                                  _("state"), _("answer"), _("why"),  _("proposed"), NULL};
    struct cmd_table *table = cmd_table_new(c->mem, titles);
    struct db *db;
    int n;
    if (cmd_open_db(c, NULL, &db, err) < 0)
        return -1;
    int64_t last = 0;
    do {
        DB_ROWS rows = NULL;
        n = inbox_list(db, all, state, c->conf->office.time_zone, last, PAGE, &rows, err);
        for (int i = 0; i < n; i++) {
            list_row(c, table, rows, i);
            last = db_get_int(rows, i, "id");
        }
    } while (n == PAGE);
    db_close(db);
    if (n >= 0 && !c->json && last)
        cmd_table_print(table);
    return n < 0 ? -1 : 0;
}

int cmd_inbox_list(struct cmd *c, int argc, char **argv)
{
    struct err err;
    bool all = false;
    const char *state = NULL;
    const struct cmd_option options[] = {{"all", CMD_FLAG, &all}, {"state", CMD_TEXT, &state}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0 ||
        check_word("--state", state, states, ARRAY_LEN(states), &err) < 0)
        return cmd_fail(c, &err);
    if (argc)
        return cmd_usage(c, "inbox list [--all | --state S]");
    return list(c, all, state, &err) < 0 ? cmd_fail(c, &err) : 0;
}

/* ---- show */

struct shown {
    struct db_rows *message, *places, *answers, *thread;
    json_t *files; /* that were taken out; NULL: nobody asked */
};

static void shown_end(struct shown *s)
{
    db_rows_end(&s->message);
    db_rows_end(&s->places);
    db_rows_end(&s->answers);
    db_rows_end(&s->thread);
    json_decref(s->files);
}

static int load_shown(struct cmd *c, struct db *db, int64_t id, struct shown *s, struct err *err)
{
    const char *zone = c->conf->office.time_zone;
    if (inbox_get(db, id, zone, &s->message, err) < 0 || inbox_get_places(db, id, &s->places, err) < 0 ||
        inbox_get_answers(db, id, &s->answers, err) < 0)
        return -1;
    int64_t thread = db_get_int_or(s->message, 0, "thread_id", 0);
    return inbox_get_thread(db, thread, zone, &s->thread, err) < 0 ? -1 : 0;
}

static json_t *json_rows(const struct db_rows *rows, const char *const *number, const char *const *text,
                         const char *parsed)
{
    json_t *list = json_array();
    for (int i = 0; i < db_rows_count(rows); i++) {
        json_t *o = json_columns(rows, i, number, text);
        if (parsed)
            json_object_set_new(o, parsed, json_parsed(rows, i, parsed));
        json_array_append_new(list, o);
    }
    return list;
}

static void print_json(const struct shown *s)
{
    static const char *const numbers[] = {"id",        "size",       "contact_id", "thread_id",
                                          "outbox_id", "mailing_id", NULL};
    static const char *const texts[] = {
        "direction", "date",       "from_address", "from_name", "subject",   "class",   "rule",       "state",
        "why",       "reply_text", "matched_by",   "contact",   "placed_by", "same_id", "protection", NULL};
    static const char *const place_numbers[] = {"uid", NULL}, *const place_texts[] = {"account", "folder",
                                                                                      NULL};
    static const char *const none[] = {NULL};
    static const char *const answer_texts[] = {"answer",  "state", "by", "decided_by",
                                               "instead", "rule",  NULL};
    static const char *const thread_numbers[] = {"id", NULL};
    static const char *const thread_texts[] = {"direction", "date", "from_address", "subject", "class", NULL};
    json_t *o = json_columns(s->message, 0, numbers, texts);
    json_object_set_new(o, "message_id", json_column(s->message, 0, "rfc_message_id"));
    json_object_set_new(o, "evidence", json_parsed(s->message, 0, "evidence"));
    json_object_set_new(o, "attachments",
                        s->files ? json_incref(s->files) : json_parsed(s->message, 0, "attachments"));
    json_object_set_new(o, "proposal", json_parsed(s->message, 0, "proposal"));
    json_object_set_new(o, "places", json_rows(s->places, place_numbers, place_texts, NULL));
    json_t *said = json_rows(s->answers, none, answer_texts, "evidence");
    for (size_t i = 0; i < json_array_size(said); i++)
        json_object_set_new(json_array_get(said, i), "persons", json_number(s->answers, (int)i, "persons"));
    json_object_set_new(o, "answers", said);
    json_object_set_new(o, "thread", json_rows(s->thread, thread_numbers, thread_texts, NULL));
    cmd_print_json(o);
}

/* The labels' column, in whatever script they are. */
static void print_label(const char *label)
{
    size_t width = unicode_width(label);
    printf("%s%*s", label, width < LABELS ? (int)(LABELS - width) : 1, "");
}

static void print_line(const char *label, const char *text)
{
    if (!text || !*text)
        return;
    print_label(label);
    puts(text);
}

/* [{"where", "text"}], a line each. */
static void print_evidence_list(const char *label, const json_t *list)
{
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *e = json_array_get(list, i);
        const char *where = json_string_value(json_object_get(e, "where"));
        const char *text = json_string_value(json_object_get(e, "text"));
        print_label(i ? "" : label);
        printf("%s: %s\n", where ? where : "", text ? text : "");
    }
}

static void print_evidence(const char *label, const struct db_rows *rows, int row)
{
    json_t *list = json_parsed(rows, row, "evidence");
    print_evidence_list(label, list);
    json_decref(list);
}

/* Where it lies now, or why it does not. */
static void print_taken_out(struct cmd *c, const char *to, const char *danger)
{
    if (to)
        printf(" -> %s", to);
    else if (danger)
        printf(", %s", _("not extracted: --dangerous takes it out"));
}

/* [{"filename", "size", "danger"}], a line each; a file without a name by its type. */
static void print_files(struct cmd *c, const struct shown *s)
{
    json_t *list = s->files ? json_incref(s->files) : json_parsed(s->message, 0, "attachments"), *file;
    size_t i;
    json_array_foreach(list, i, file)
    {
        const char *name = json_string_value(json_object_get(file, "filename"));
        const char *danger = json_string_value(json_object_get(file, "danger"));
        print_label(i ? "" : _("files"));
        printf("%s %lld", name ? name : json_string_value(json_object_get(file, "type")),
               (long long)json_integer_value(json_object_get(file, "size")));
        if (danger)
            printf(" (%s)", mailfile_danger(c, danger));
        if (s->files)
            print_taken_out(c, json_string_value(json_object_get(file, "extracted")), danger);
        putchar('\n');
    }
    json_decref(list);
    print_line(_("protection"), db_get_text(s->message, 0, "protection"));
}

static void print_proposal(struct cmd *c, const struct db_rows *rows)
{
    json_t *p = json_parsed(rows, 0, "proposal");
    print_line(_("proposed"), proposal_text(c, rows, 0));
    print_evidence_list("", json_object_get(p, "evidence"));
    json_decref(p);
}

static void print_lists(struct cmd *c, const struct shown *s)
{
    print_files(c, s);
    for (int i = 0; i < db_rows_count(s->places); i++) {
        print_label(i ? "" : _("lies in"));
        printf("%s, %s, UID %s\n", db_get_str(s->places, i, "account"), db_get_str(s->places, i, "folder"),
               db_get_str(s->places, i, "uid"));
    }
    for (int i = 0; i < db_rows_count(s->answers); i++) {
        print_label(i ? "" : _("answer"));
        printf("%s, %s (%s)\n", shown(c, db_get_str(s->answers, i, "answer")),
               shown(c, db_get_str(s->answers, i, "state")), shown(c, db_get_str(s->answers, i, "by")));
        print_evidence("", s->answers, i);
    }
    for (int i = 0; i < db_rows_count(s->thread); i++) {
        bool in = !strcmp(db_get_str(s->thread, i, "direction"), "in");
        print_label(i ? "" : _("thread"));
        printf("%s %s %s  %s\n", db_get_str(s->thread, i, "date"), in ? "←" : "→",
               db_get_str(s->thread, i, "id"), db_get_str(s->thread, i, "subject"));
    }
}

/* The text, with the words between » and « that an answer was read from. */
static const char *marked_text(void *mem, const char *text, const struct db_rows *said)
{
    json_t *evidence = db_rows_count(said) ? json_parsed(said, 0, "evidence") : json_null();
    const json_t *words = json_array_get(evidence, 0);
    json_int_t start = json_integer_value(json_object_get(words, "start")),
               length = json_integer_value(json_object_get(words, "length"));
    json_decref(evidence);
    struct text t = text_new(mem);
    const char *at = text;
    for (json_int_t i = 0; *at; i++) {
        const char *next = at;
        unicode_next(&next);
        text_puts(&t, length && i == start ? "»" : "");
        text_add(&t, at, (size_t)(next - at));
        text_puts(&t, length && i + 1 == start + length ? "«" : "");
        at = next;
    }
    return t.s;
}

static void print_text(struct cmd *c, const struct shown *s)
{
    MEM_SCOPE(mem);
    const struct db_rows *m = s->message;
    const char *name = db_get_str(m, 0, "from_name");
    const char *class = shown(c, db_get_str(m, 0, "class")), *rule = db_get_str(m, 0, "rule");
    const char *state = shown_state(c, db_get_str(m, 0, "state"));
    const char *contact = db_get_text(m, 0, "contact"), *why = shown(c, db_get_str(m, 0, "why"));
    print_line(_("message"), db_get_str(m, 0, "id"));
    print_line(_("from"),
               talloc_asprintf(mem, "%s%s<%s>", name, *name ? " " : "", db_get_str(m, 0, "from_address")));
    print_line(_("date"), db_get_str(m, 0, "date"));
    print_line(_("subject"), db_get_str(m, 0, "subject"));
    print_line(_("class"), *rule ? talloc_asprintf(mem, "%s (%s)", class, rule) : class);
    print_evidence(_("because"), m, 0);
    print_line(_("state"), *why ? talloc_asprintf(mem, "%s: %s", state, why) : state);
    print_line(_("contact"),
               contact ? talloc_asprintf(mem, "%s %s", db_get_str(m, 0, "contact_id"), contact) : NULL);
    print_line(_("mailing"), db_get_text(m, 0, "mailing_id"));
    print_line(_("matched by"), db_get_text(m, 0, "matched_by"));
    print_line(_("same Message-ID"), db_get_text(m, 0, "same_id"));
    print_proposal(c, m);
    print_lists(c, s);
    const char *text = db_get_str(m, 0, "reply_text");
    if (*text)
        printf("\n%s\n", marked_text(mem, text, s->answers));
}

/* 1: something was left where it is. */
static int take_out(struct cmd *c, int64_t id, struct extract *x, struct shown *s, struct err *err)
{
    size_t i;
    const json_t *file;
    int left = 0;
    if (extract_open(x, err) < 0 || inbox_message(c, id, x, &s->files, err) < 0)
        return -1;
    json_array_foreach(s->files, i, file) left |= !json_object_get(file, "extracted");
    return left;
}

int cmd_inbox_show(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    int64_t id;
    struct extract x = {0};
    const struct cmd_option options[] = {
        {"extract", CMD_TEXT, &x.folder}, {"dangerous", CMD_FLAG, &x.dangerous}, {0}};
    CLEANUP(shown_end) struct shown s = {0};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1 || (x.dangerous && !x.folder))
        return cmd_usage(c, "inbox show ID [--extract DIR [--dangerous]]");
    if (cmd_id(argv[0], &id, &err) < 0 || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = load_shown(c, db, id, &s, &err);
    db_close(db);
    if (rc == 0 && x.folder)
        rc = take_out(c, id, &x, &s, &err);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (c->json)
        print_json(&s);
    else
        print_text(c, &s);
    return rc ? EXIT_LOOK : 0;
}

/* ---- decide */

/* The answer to a command that changed something. */
static int done(struct cmd *c, int rc, int64_t id, const struct err *err)
{
    if (rc < 0)
        return cmd_fail(c, err);
    if (c->json)
        cmd_print_json(json_pack("{s:I}", "id", (json_int_t)id));
    return 0;
}

int cmd_inbox_file(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    long contact = 0, thread = 0, mailing = 0;
    int64_t id;
    bool proposed = false;
    const struct cmd_option options[] = {{"contact", CMD_INT, &contact},
                                         {"thread", CMD_INT, &thread},
                                         {"mailing", CMD_INT, &mailing},
                                         {"as-proposed", CMD_FLAG, &proposed},
                                         {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1 || proposed == (contact || thread || mailing))
        return cmd_usage(c, "inbox file ID --as-proposed | ID [--contact C] [--thread T] [--mailing M]");
    if (cmd_id(argv[0], &id, &err) < 0 || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    struct inbox_filing filing = {
        .contact_id = contact, .thread_id = thread, .mailing_id = mailing, .as_proposed = proposed};
    int rc = inbox_file(db, id, &filing, &err);
    db_close(db);
    return done(c, rc, id, &err);
}

int cmd_inbox_ignore(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    int64_t id;
    if (argc != 1)
        return cmd_usage(c, "inbox ignore ID");
    if (cmd_id(argv[0], &id, &err) < 0 || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = inbox_ignore(db, id, &err);
    db_close(db);
    return done(c, rc, id, &err);
}

int cmd_inbox_correct(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    const char *answer = NULL, *class = NULL;
    int64_t id;
    const struct cmd_option options[] = {{"answer", CMD_TEXT, &answer}, {"class", CMD_TEXT, &class}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0 ||
        check_word("--answer", answer, answers, ARRAY_LEN(answers), &err) < 0 ||
        check_word("--class", class, classes, ARRAY_LEN(classes), &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1 || (!answer && !class))
        return cmd_usage(c, "inbox correct ID [--answer A] [--class C]");
    if (cmd_id(argv[0], &id, &err) < 0 || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = inbox_correct(db, id, answer, class, &err);
    db_close(db);
    return done(c, rc, id, &err);
}
