/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What happens to an event after people were invited: it moves, it is cancelled, somebody telephones.
 */
#include "base/unicode.h"
#include "cmd/event_texts.h"
#include "cmd/table.h"
#include "cmd_functions.h"
#include "crm/contact.h"
#include "crm/event.h"
#include "mail/reason.h"
#include "reports/register_table.h"

/* ---- move and cancel */

static void say_changed(struct cmd *c, int64_t id, const struct event_changed *e, const char *done,
                        const char *step)
{
    if (c->json) {
        cmd_print_json(json_pack("{s:I, s:I, s:b, s:I, s:I}", "id", (json_int_t)id, "sequence",
                                 (json_int_t)e->sequence, "raised", (int)e->raised, "had", (json_int_t)e->had,
                                 "stopped", (json_int_t)e->stopped));
        return;
    }
    printf("%s\n", done);
    if (!e->raised)
        return;
    if (e->had)
        printf(PLURAL("%lld has the earlier invitation: `adresar mailing new --event %lld --%s --template "
                      "DIR --from "
                      "ACCOUNT` tells them\n",
                      "%lld have the earlier invitation: `adresar mailing new --event %lld --%s --template "
                      "DIR --from "
                      "ACCOUNT` tells them\n",
                      e->had),
               (long long)e->had, (long long)id, step);
    if (e->stopped && !strcmp(step, "update"))
        printf(
            PLURAL(
                "%lld letter was not out yet and is stopped: `adresar mailing new --event %lld --overtaken "
                "--template DIR --from ACCOUNT` invites them afresh\n",
                "%lld letters were not out yet and are stopped: `adresar mailing new --event %lld "
                "--overtaken "
                "--template DIR --from ACCOUNT` invites them afresh\n",
                e->stopped),
            (long long)e->stopped, (long long)id);
    else if (e->stopped)
        printf(PLURAL("%lld letter was not out yet and is stopped\n",
                      "%lld letters were not out yet and are stopped\n", e->stopped),
               (long long)e->stopped);
}

struct move_options {
    const char *start, *end, *reply_by, *place;
    struct cmd_pairs names, places;
};

/* A place that was said in some languages alone is another one for whoever reads the others. */
static int say_places(struct cmd *c, struct db *db, int64_t id, const struct move_options *o, struct err *err)
{
    json_t *view, *text;
    size_t i;
    if (o->place || !o->places.n)
        return 0;
    if (event_view(db, id, &view, err) < 0)
        return -1;
    json_array_foreach(json_object_get(view, "texts"), i, text)
    {
        const char *language = json_string_value(json_object_get(text, "language"));
        size_t k = 0;
        while (k < o->places.n && strcmp(o->places.key[k], language))
            k++;
        if (k == o->places.n)
            fprintf(stderr, _("the place in %s stays \"%s\": --place-%s\n"), language,
                    json_string_value(json_object_get(text, "place")), language);
    }
    json_decref(view);
    return 0;
}

static int move(struct cmd *c, const char *word, const struct move_options *o, int64_t *id_r,
                struct event_changed *changed_r, struct err *err)
{
    struct db *db;
    struct event_text texts[EVENT_MAX_TEXTS] = {0};
    struct event_move m = {.place = o->place, .texts = texts};
    char reply_by[11];
    if (cmd_id(word, id_r, err) < 0 || cmd_conf(c, err) < 0 ||
        (o->start && unicode_parse_time(o->start, c->conf->office.time_zone, &m.start, err) < 0) ||
        (o->end && unicode_parse_time(o->end, c->conf->office.time_zone, &m.end, err) < 0))
        return -1;
    if (o->reply_by && !unicode_parse_date(o->reply_by, reply_by))
        return err_set(err, ERR_USAGE, "--reply-by: \"%s\" is no date; write 2027-01-15", o->reply_by);
    m.reply_by = o->reply_by ? reply_by : NULL;
    m.time_zone = c->conf->office.time_zone;
    m.ntexts = event_texts_of(&o->names, &o->places, texts);
    if (cmd_open_db(c, NULL, &db, err) < 0)
        return -1;
    int rc = event_move(db, *id_r, &m, changed_r, err);
    if (rc == 0)
        rc = say_places(c, db, *id_r, o, err);
    db_close(db);
    return rc;
}

int cmd_event_move(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct move_options o = {0};
    struct event_changed changed;
    int64_t id;
    const struct cmd_option options[] = {
        {"starts", CMD_TEXT, &o.start},      {"start", CMD_TEXT, &o.start}, {"ends", CMD_TEXT, &o.end},
        {"end", CMD_TEXT, &o.end},           {"place", CMD_TEXT, &o.place}, {"place-", CMD_EACH, &o.places},
        {"reply-by", CMD_TEXT, &o.reply_by}, {"name-", CMD_EACH, &o.names}, {0},
    };
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1)
        return cmd_usage(c, "event move ID [--starts T] [--ends T] [--place P | --place-LANGUAGE P ...] "
                            "[--reply-by D] [--name-LANGUAGE N ...]");
    if (move(c, argv[0], &o, &id, &changed, &err) < 0)
        return cmd_fail(c, &err);
    say_changed(c, id, &changed,
                talloc_asprintf(c->mem, _("event %lld is changed: version %lld"), (long long)id,
                                (long long)changed.sequence),
                "update");
    return 0;
}

int cmd_event_cancel(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    const char *reason = NULL;
    struct event_changed changed;
    int64_t id;
    const struct cmd_option options[] = {{"reason", CMD_TEXT, &reason}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1)
        return cmd_usage(c, "event cancel ID [--reason TEXT]");
    if (cmd_id(argv[0], &id, &err) < 0 || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = event_cancel(db, id, reason, &changed, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    say_changed(c, id, &changed, talloc_asprintf(c->mem, _("event %lld is cancelled"), (long long)id),
                "cancel");
    return 0;
}

/* ---- answers by hand */

struct answer_options {
    const char *event, *contact, *instead;
    long persons;
    struct event_said said;
};

/* A contact as everywhere; or the number of a letter on paper; or, of who comes instead, a name. */
static int find_people(struct db *db, int64_t id, struct answer_options *o, int64_t *contact_r,
                       struct err *err)
{
    bool known = o->instead && (strchr(o->instead, '@') || !o->instead[strspn(o->instead, "0123456789")]);
    int rc = strchr(o->contact, '/') ? event_find_guest(db, id, o->contact, contact_r, err)
                                     : contact_resolve(db, o->contact, contact_r, err);
    if (rc == 0 && known)
        rc = contact_resolve(db, o->instead, &o->said.instead_id, err);
    else
        o->said.instead = o->instead;
    return rc;
}

static int answer(struct cmd *c, struct answer_options *o, const char *word, int64_t *contact_r,
                  struct err *err)
{
    struct db *db;
    int64_t id;
    o->said.persons = o->persons;
    o->said.answer = event_answer_of(word);
    if (!o->said.answer)
        return err_set(err, ERR_USAGE, "the answer is yes, no, perhaps, delegated or question, not \"%s\"",
                       word);
    if (cmd_id(o->event, &id, err) < 0 || cmd_open_db(c, NULL, &db, err) < 0)
        return -1;
    int rc = find_people(db, id, o, contact_r, err);
    if (rc == 0)
        rc = event_answer_add(db, id, *contact_r, &o->said, err);
    db_close(db);
    return rc;
}

static void say_answer(struct cmd *c, int64_t contact, const struct event_said *said)
{
    if (c->json) {
        json_t *o = json_pack("{s:I, s:s}", "contact", (json_int_t)contact, "answer", said->answer);
        if (said->persons)
            json_object_set_new(o, "persons", json_integer((json_int_t)said->persons));
        cmd_print_json(o);
        return;
    }
    printf(_("contact %lld: %s\n"), (long long)contact, _(said->answer));
    if (said->persons)
        printf(_("persons: %lld\n"), (long long)said->persons);
}

int cmd_event_answer(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct answer_options o = {.said.by = "person"};
    int64_t contact;
    const struct cmd_option options[] = {{"by", CMD_TEXT, &o.said.by},
                                         {"persons", CMD_INT, &o.persons},
                                         {"instead", CMD_TEXT, &o.instead},
                                         {"note", CMD_TEXT, &o.said.note},
                                         {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 3)
        return cmd_usage(c,
                         "event answer ID CONTACT|MAILING/RECIPIENT yes|no|perhaps|delegated|question "
                         "[--by phone|letter|person] [--persons N] [--instead CONTACT|NAME] [--note TEXT]");
    o.event = argv[0];
    o.contact = argv[1];
    if (answer(c, &o, argv[2], &contact, &err) < 0)
        return cmd_fail(c, &err);
    say_answer(c, contact, &o.said);
    return 0;
}

/* ---- the call list */

static const char *why_words(struct cmd *c, const char *why)
{
    for (const struct register_word *w = register_calls; w->key; w++)
        if (!strcmp(w->key, why))
            return _(w->text);
    return why;
}

static void calls_print(struct cmd *c, const struct db_rows *rows)
{
    struct cmd_table *table =
        cmd_table_new(c->mem, (const char *[]){_("contact"), _("name"), _("organisation"), _("phone"),
                                               _("language"), _("what happened"), _("details"), NULL});
    for (int i = 0; i < db_rows_count(rows); i++) {
        if (c->json)
            cmd_print_json(
                json_pack("{s:I, s:s, s:s?, s:s?, s:s, s:s, s:s, s:s, s:s, s:I, s:n}", "contact",
                          (json_int_t)db_get_int(rows, i, "contact_id"), "name", db_get_str(rows, i, "name"),
                          "organisation", db_get_text(rows, i, "organisation"), "phones",
                          db_get_text(rows, i, "phones"), "language", db_get_str(rows, i, "language"),
                          "address", db_get_str(rows, i, "email"), "why", db_get_str(rows, i, "why"),
                          "detail", db_get_str(rows, i, "detail"), "at", db_get_str(rows, i, "at"), "mailing",
                          (json_int_t)db_get_int(rows, i, "mailing_id"), "result"));
        else
            cmd_table_add(table,
                          (const char *[]){db_get_str(rows, i, "contact_id"), db_get_str(rows, i, "name"),
                                           db_get_text(rows, i, "organisation"),
                                           db_get_text(rows, i, "phones"), db_get_str(rows, i, "language"),
                                           why_words(c, db_get_str(rows, i, "why")),
                                           reason_in(c->mem, c->catalog, db_get_str(rows, i, "detail"))});
    }
    if (!c->json)
        cmd_table_print(table);
}

int cmd_event_calls(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    DB_ROWS rows = NULL;
    int64_t id;
    if (argc != 1)
        return cmd_usage(c, "event calls ID");
    if (cmd_id(argv[0], &id, &err) < 0 || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = event_calls(db, id, c->conf->office.time_zone, &rows, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    calls_print(c, rows);
    return 0;
}
