/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/unicode.h"
#include "cmd/event_texts.h"
#include "cmd/table.h"
#include "cmd_functions.h"

/* ---- add */

struct add_options {
    const char *start, *end, *reply_by, *department;
    struct cmd_pairs names, places;
};

/* The text of that language, a new one if there is none yet. */
static struct event_text *text_of(struct event_text *texts, size_t *n, const char *language)
{
    for (size_t i = 0; i < *n; i++)
        if (!strcmp(texts[i].language, language))
            return &texts[i];
    texts[*n].language = language;
    return &texts[(*n)++];
}

size_t event_texts_of(const struct cmd_pairs *names, const struct cmd_pairs *places,
                      struct event_text texts[EVENT_MAX_TEXTS])
{
    size_t n = 0;
    for (size_t i = 0; i < names->n; i++)
        text_of(texts, &n, names->key[i])->name = names->value[i];
    for (size_t i = 0; i < places->n; i++)
        text_of(texts, &n, places->key[i])->place = places->value[i];
    return n;
}

static int add(struct cmd *c, const struct add_options *o, int64_t *id_r, struct err *err)
{
    struct db *db;
    struct event_text texts[EVENT_MAX_TEXTS] = {0};
    struct event_new event = {.department = o->department, .texts = texts};
    char reply_by[11];
    if (cmd_conf(c, err) < 0 ||
        unicode_parse_time(o->start, c->conf->office.time_zone, &event.start, err) < 0 ||
        unicode_parse_time(o->end, c->conf->office.time_zone, &event.end, err) < 0)
        return -1;
    if (o->reply_by && !unicode_parse_date(o->reply_by, reply_by))
        return err_set(err, ERR_USAGE, "--reply-by: \"%s\" is no date; write 2027-01-15", o->reply_by);
    event.ntexts = event_texts_of(&o->names, &o->places, texts);
    event.reply_by = o->reply_by ? reply_by : NULL;
    event.time_zone = c->conf->office.time_zone;
    event.domain = c->conf->office.domain;
    if (!event.domain)
        return err_set(err, ERR_CONFIG, "%s: [office] wants domain", c->conf->path);
    if (cmd_open_db(c, NULL, &db, err) < 0)
        return -1;
    int rc = event_add(db, &event, id_r, err);
    db_close(db);
    return rc;
}

int cmd_event_add(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct add_options o = {0};
    int64_t id;
    const struct cmd_option options[] = {
        {"start", CMD_TEXT, &o.start},
        {"end", CMD_TEXT, &o.end},
        {"reply-by", CMD_TEXT, &o.reply_by},
        {"department", CMD_TEXT, &o.department},
        {"name-", CMD_EACH, &o.names},
        {"place-", CMD_EACH, &o.places},
        {0},
    };
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc || !o.start || !o.end)
        return cmd_usage(c, "event add --start \"2027-03-18 10:00\" --end T [--reply-by D] [--department D] "
                            "--name-LANGUAGE N --place-LANGUAGE P ...");
    if (add(c, &o, &id, &err) < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:I}", "id", (json_int_t)id));
    else
        printf(_("event %lld\n"), (long long)id);
    return 0;
}

/* ---- list and show */

static const char *when(struct cmd *c, int64_t start, int64_t end)
{
    const char *zone = c->conf->office.time_zone, *language = catalog_language(c->catalog);
    char *day = unicode_format_date(c->mem, start, zone, language, UNICODE_SHORT);
    struct unicode_clock a = unicode_clock_of(start, zone), b = unicode_clock_of(end, zone);
    if (a.day != b.day || a.month != b.month || a.year != b.year)
        return talloc_asprintf(c->mem, "%s – %s",
                               unicode_format_date(c->mem, start, zone, language, UNICODE_STAMP),
                               unicode_format_date(c->mem, end, zone, language, UNICODE_STAMP));
    return talloc_asprintf(c->mem, "%s %s", day, unicode_format_range(c->mem, start, end, zone, language));
}

static void list_print(struct cmd *c, const struct db_rows *rows)
{
    struct cmd_table *table = cmd_table_new(
        c->mem, (const char *[]){_("id"), _("when"), _("name"), _("place"), _("department"), _("reply by"),
                                 _("yes"), _("no"), _("open"), _("persons"), _("state"), NULL});
    for (int i = 0; i < db_rows_count(rows); i++) {
        if (c->json)
            cmd_print_json(json_pack(
                "{s:I, s:I, s:I, s:s?, s:s?, s:s, s:s?, s:I, s:I, s:I, s:I, s:s}", "id",
                (json_int_t)db_get_int(rows, i, "id"), "start", (json_int_t)db_get_int(rows, i, "starts"),
                "end", (json_int_t)db_get_int(rows, i, "ends"), "name", db_get_text(rows, i, "name"), "place",
                db_get_text(rows, i, "place"), "department", db_get_str(rows, i, "department"), "reply_by",
                db_get_text(rows, i, "reply_by"), "accepted", (json_int_t)db_get_int(rows, i, "accepted"),
                "declined", (json_int_t)db_get_int(rows, i, "declined"), "other",
                (json_int_t)db_get_int(rows, i, "other"), "persons",
                (json_int_t)db_get_int(rows, i, "persons"), "state", db_get_str(rows, i, "state")));
        else
            cmd_table_add(
                table, (const char *[]){db_get_str(rows, i, "id"),
                                        when(c, db_get_int(rows, i, "starts"), db_get_int(rows, i, "ends")),
                                        db_get_text(rows, i, "name"), db_get_text(rows, i, "place"),
                                        db_get_str(rows, i, "department"), db_get_text(rows, i, "reply_by"),
                                        db_get_str(rows, i, "accepted"), db_get_str(rows, i, "declined"),
                                        db_get_str(rows, i, "other"), db_get_str(rows, i, "persons"),
                                        _(db_get_str(rows, i, "state"))});
    }
    if (!c->json)
        cmd_table_print(table);
}

int cmd_event_list(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    DB_ROWS rows = NULL;
    (void)argv;
    if (argc)
        return cmd_usage(c, "event list");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = event_list(db, catalog_language(c->catalog), &rows, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    list_print(c, rows);
    return 0;
}

static const char *str(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

static void show_print(struct cmd *c, const json_t *view)
{
    size_t i;
    json_t *text;
    printf(_("event %lld, %s, of %s\n"), (long long)json_integer_value(json_object_get(view, "id")),
           _(str(view, "state")), str(view, "department"));
    printf("%s\n", when(c, json_integer_value(json_object_get(view, "start")),
                        json_integer_value(json_object_get(view, "end"))));
    if (*str(view, "reason"))
        printf(_("cancelled because: %s\n"), str(view, "reason"));
    if (*str(view, "reply_by"))
        printf(_("answers until %s\n"), str(view, "reply_by"));
    struct cmd_table *table =
        cmd_table_new(c->mem, (const char *[]){_("language"), _("name"), _("place"), NULL});
    json_array_foreach(json_object_get(view, "texts"), i, text)
        cmd_table_add(table, (const char *[]){str(text, "language"), str(text, "name"), str(text, "place")});
    cmd_table_print(table);
    printf(_("UID %s, version %lld\n"), str(view, "uid"),
           (long long)json_integer_value(json_object_get(view, "sequence")));
}

int cmd_event_show(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    json_t *view = NULL;
    int64_t id;
    if (argc != 1)
        return cmd_usage(c, "event show ID");
    if (cmd_id(argv[0], &id, &err) < 0 || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = event_view(db, id, &view, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    cmd_show(c, view, show_print);
    return 0;
}

/* ---- answers */

/* The words that an answer was read from, for a line of the table. */
static const char *first_words(struct cmd *c, const json_t *evidence)
{
    enum { SHOWN = 60 };
    const char *words = str(json_array_get(evidence, 0), "text");
    struct text t = text_new(c->mem);
    size_t n = 0;
    for (uint32_t letter; n < SHOWN && (letter = unicode_next(&words)); n++)
        unicode_add(&t, letter);
    if (*words)
        text_puts(&t, "…");
    return t.s;
}

/* "confirmed", and whether it still counts. */
static const char *answer_state(struct cmd *c, const struct db_rows *rows, int i)
{
    const char *state = _(db_get_str(rows, i, "state"));
    const char *note = db_get_bool(rows, i, "open")      ? _("to the earlier time, so open again")
                       : db_get_bool(rows, i, "earlier") ? _("to an earlier version")
                                                         : NULL;
    return note ? talloc_asprintf(c->mem, "%s, %s", state, note) : state;
}

/* How it came: what a person wrote down says by which way. */
static const char *answer_by(const struct db_rows *rows, int i, const json_t *evidence)
{
    const char *by = db_get_str(rows, i, "by"), *where = str(json_array_get(evidence, 0), "where");
    return !strcmp(by, "person") && (!strcmp(where, "phone") || !strcmp(where, "letter")) ? where : by;
}

static json_t *answer_json(const struct db_rows *rows, int i, json_t *evidence)
{
    json_t *o =
        json_pack("{s:I, s:s, s:s?, s:s?, s:s, s:s, s:s, s:O, s:s, s:I, s:b, s:b}", "contact",
                  (json_int_t)db_get_int(rows, i, "contact_id"), "name", db_get_str(rows, i, "name"),
                  "organisation", db_get_text(rows, i, "organisation"), "address",
                  db_get_text(rows, i, "address"), "answer", db_get_str(rows, i, "answer"), "state",
                  db_get_str(rows, i, "state"), "by", db_get_str(rows, i, "by"), "evidence", evidence, "at",
                  db_get_str(rows, i, "at"), "sequence", (json_int_t)db_get_int(rows, i, "sequence"),
                  "earlier", (int)db_get_bool(rows, i, "earlier"), "open", (int)db_get_bool(rows, i, "open"));
    if (!db_is_null(rows, i, "persons"))
        json_object_set_new(o, "persons", json_integer(db_get_int(rows, i, "persons")));
    if (!db_is_null(rows, i, "instead"))
        json_object_set_new(o, "instead", json_string(db_get_str(rows, i, "instead")));
    if (!db_is_null(rows, i, "instead_id"))
        json_object_set_new(o, "instead_contact", json_integer(db_get_int(rows, i, "instead_id")));
    return o;
}

static void answers_print(struct cmd *c, const struct db_rows *rows)
{
    struct cmd_table *table = cmd_table_new(
        c->mem, (const char *[]){_("contact"), _("name"), _("organisation"), _("answer"), _("persons"),
                                 _("instead"), _("state"), _("by"), _("words"), NULL});
    for (int i = 0; i < db_rows_count(rows); i++) {
        json_t *evidence = json_loads(db_get_str(rows, i, "evidence"), JSON_DECODE_ANY, NULL);
        if (c->json)
            cmd_print_json(answer_json(rows, i, evidence));
        else
            cmd_table_add(table,
                          (const char *[]){db_get_str(rows, i, "contact_id"), db_get_str(rows, i, "name"),
                                           db_get_text(rows, i, "organisation"),
                                           _(db_get_str(rows, i, "answer")), db_get_text(rows, i, "persons"),
                                           db_get_text(rows, i, "instead"), answer_state(c, rows, i),
                                           _(answer_by(rows, i, evidence)), first_words(c, evidence)});
        json_decref(evidence);
    }
    if (!c->json)
        cmd_table_print(table);
}

int cmd_event_answers(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    DB_ROWS rows = NULL;
    int64_t id;
    if (argc != 1)
        return cmd_usage(c, "event answers ID");
    if (cmd_id(argv[0], &id, &err) < 0 || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = event_answers(db, id, &rows, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    answers_print(c, rows);
    return 0;
}
