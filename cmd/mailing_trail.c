/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Each recipient's way into a mailing, or out of it, in plain words.
 */
#include "mail/reason.h"
#include "mail/trail.h"

#include "cmd_functions.h"
#include "crm/contact.h"
#include "reports/register_table.h"

static const char *str(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* Besides the states of a recipient, for which the registers have the words. */
static const struct register_word step_words[] = {
    {"included", N_("included")},
    {"left-out", N_("in the segment, but left out")},
    {"turned", N_("turned to the post's holder of the day")},
    {"merged", N_("goes with a contact that was merged or taken apart")},
    {"queued", N_("released, waits to be sent")},
    {"attempt-open", N_("attempt")},
    {"attempt-accepted", N_("attempt: taken by the server")},
    {"attempt-deferred", N_("attempt: put off by the server")},
    {"attempt-refused", N_("attempt: refused by the server")},
    {"attempt-lost", N_("attempt: the connection was lost")},
    {"attempt-unknown", N_("attempt: no answer came")},
    {0},
};

static const char *step_word(struct cmd *c, const char *what)
{
    static const struct register_word *const lists[] = {step_words, register_outcomes};
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        for (const struct register_word *w = lists[i]; w->key; w++)
            if (!strcmp(w->key, what))
                return catalog_text(c->catalog, w->text);
    return what;
}

/* By which question, or which line. */
static const char *source(struct cmd *c, const json_t *trail, const json_t *r)
{
    const char *segment = str(trail, "segment"), *file = str(trail, "file"), *post = str(r, "post");
    const json_t *line = json_object_get(r, "line");
    const char *from = file;
    const json_t *missing = json_object_get(trail, "missing_of");
    if (json_is_integer(missing))
        from = talloc_asprintf(c->mem, _("without a letter of mailing %lld"),
                               (long long)json_integer_value(missing));
    else if (segment)
        from = talloc_asprintf(c->mem, _("segment %s"), segment);
    else if (!file)
        from = talloc_asprintf(c->mem, _("guest of the event (%s)"), str(trail, "step"));
    else if (json_is_integer(line))
        from = talloc_asprintf(c->mem, "%s:%lld", file, (long long)json_integer_value(line));
    return post ? talloc_asprintf(c->mem, _("%s, as the holder of %s"), from, post) : from;
}

static void print_step(struct cmd *c, const json_t *trail, const json_t *r, const json_t *step)
{
    const char *what = str(step, "what"), *by = str(step, "by"), *how = str(step, "how");
    if (!strcmp(what, "included"))
        how = source(c, trail, r);
    else if (how)
        how = reason_in(c->mem, c->catalog, how);
    printf("    %s  %s%s%s%s%s\n", str(step, "at"), step_word(c, what), by ? ", " : "", by ? by : "",
           how && *how ? ": " : "", how ? how : "");
}

static void print_head(struct cmd *c, const json_t *trail)
{
    const char *released_by = str(trail, "released_by"), *despite = str(trail, "despite"),
               *words = str(trail, "words");
    printf(_("mailing %lld, %s: prepared by %s, %s\n"),
           (long long)json_integer_value(json_object_get(trail, "id")), str(trail, "name"),
           str(trail, "prepared_by"), str(trail, "prepared_at"));
    if (words)
        printf(_("to whom: %s\n"), words);
    if (released_by)
        printf(_("released by %s, %s\n"), released_by, str(trail, "released_at"));
    if (despite)
        printf(_("despite errors: %s\n"), despite);
}

static void print_trail(struct cmd *c, const json_t *trail)
{
    const json_t *r, *step;
    size_t i, k;
    print_head(c, trail);
    json_array_foreach(json_object_get(trail, "recipients"), i, r)
    {
        printf("%s (%lld) <%s>\n", str(r, "name"),
               (long long)json_integer_value(json_object_get(r, "contact")), str(r, "address"));
        json_array_foreach(json_object_get(r, "steps"), k, step) print_step(c, trail, r, step);
    }
}

int cmd_mailing_trail(struct cmd *c, int argc, char **argv)
{
    static const char usage[] = "mailing trail ID [--contact ID|ADDRESS]";
    struct err err;
    struct db *db;
    int64_t id = 0, contact = 0;
    const char *who = NULL;
    json_t *trail = NULL;
    const struct cmd_option options[] = {{"contact", CMD_TEXT, &who}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1)
        return cmd_usage(c, usage);
    if (cmd_id(argv[0], &id, &err) < 0 || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = (who && contact_resolve(db, who, &contact, &err) < 0) ||
                     trail_read(db, c->conf, id, contact, &trail, &err) < 0
                 ? -1
                 : 0;
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    cmd_show(c, trail, print_trail);
    return 0;
}
