/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * `mailing new`: to a list, to a segment, or to the guests of an event.
 */
#include "mail/mailing.h"
#include "mail/preflight.h"

#include "cmd/question.h"
#include "cmd_functions.h"
#include "crm/event.h"
#include "reports/printing.h"

static const char new_words[] =
    "mailing new --event ID --template DIR --from ACCOUNT "
    "--to FILE|--segment S|--missing ID|--update|--cancel|--overtaken|"
    "--missing-answer [--again]|--answered yes|no|perhaps "
    "[--name N] [--kind K] [--list L] [--receipt] "
    "[--fallback LANG] [--bilingual LANG,LANG] [--attach-from DIR [--attach-name NAME]] [--attach-letter] "
    "[--shared-address each|one] [--department D] [--paper]";

/* lately: how many another mailing wrote to (the contact governor) */
static void say_prepared(struct cmd *c, const struct mailing_prepared *p, int lately)
{
    if (c->json) {
        cmd_print_json(json_pack("{s:I, s:i, s:i, s:i, s:i, s:i, s:i}", "id", (json_int_t)p->id, "recipients",
                                 p->recipients, "excluded", p->left_out, "foreign", p->foreign, "latin",
                                 p->latin, "paper", p->paper, "lately", lately));
        return;
    }
    printf(PLURAL("mailing %lld: %d letter prepared; look at it with `adresar mailing preview %lld`, then "
                  "somebody else "
                  "releases it\n",
                  "mailing %lld: %d letters prepared; look at them with `adresar mailing preview %lld`, then "
                  "somebody else "
                  "releases them\n",
                  p->recipients),
           (long long)p->id, p->recipients, (long long)p->id);
    if (p->paper)
        printf(catalog_plural(c->catalog, "%d of them is on paper\n", "%d of them are on paper\n", p->paper),
               p->paper);
    if (p->left_out)
        printf(catalog_plural(c->catalog, "%d contact gets none: `adresar mailing missing %lld` says why\n",
                              "%d contacts get none: `adresar mailing missing %lld` says why\n", p->left_out),
               p->left_out, (long long)p->id);
    if (p->foreign)
        printf(catalog_plural(
                   c->catalog,
                   "%d letter is in a language that its recipient does not have: there is no text\n",
                   "%d letters are in a language that their recipients do not have: there is no text\n",
                   p->foreign),
               p->foreign);
    if (p->latin)
        printf(catalog_plural(
                   c->catalog, "%d name in letters in Cyrillic is there only in Latin; the preview has it\n",
                   "%d names in letters in Cyrillic are there only in Latin; the preview has them\n",
                   p->latin),
               p->latin);
    if (lately)
        printf(catalog_plural(
                   c->catalog,
                   "%d recipient was written to lately by another mailing: `adresar mailing check %lld`\n",
                   "%d recipients were written to lately by another mailing: `adresar mailing check %lld`\n",
                   lately),
               lately, (long long)p->id);
}

/* With the letters as PDF, where they are asked for: all or nothing.  Not begun anew by itself
 * (base/db_again.h): a list may come through a pipe. */
static int prepare_whole(struct cmd *c, struct db *db, struct mailing_order *order, bool letters,
                         struct mailing_prepared *prepared, const char ***problems, struct err *err)
{
    DB_TX tx = {0};
    *problems = NULL;
    if (db_begin(&tx, db, DB_WRITE, err) < 0 ||
        (order->missing_of && mailing_missing(c->mem, db, order, err) < 0) ||
        mailing_prepare(c->mem, db, c->conf, order, prepared, problems, err) < 0 ||
        (letters && printing_enclose(db, c->conf, prepared->id, err) < 0))
        return -1;
    return db_commit(&tx, err);
}

static int prepare(struct cmd *c, struct db *db, struct mailing_order *order, const char *question,
                   bool letters)
{
    struct err err;
    struct segment *segment;
    struct mailing_prepared prepared;
    const char **problems;
    int rc = question ? cmd_question_open(c, db, question, &segment) : 0;
    if (rc)
        return rc;
    order->segment = question ? segment : NULL;
    rc = prepare_whole(c, db, order, letters, &prepared, &problems, &err);
    if (rc < 0 && !strcmp(err.sqlstate, "23503"))
        err_set(&err, ERR_AGAIN, "a recipient was removed at that moment; nothing is prepared, try again");
    if (rc == 0) {
        int lately;
        if (governor_count(db, c->conf, prepared.id, &lately, &err) < 0)
            return cmd_fail(c, &err);
        say_prepared(c, &prepared, lately);
        return 0;
    }
    for (size_t i = 0; i < talloc_array_length(problems); i++)
        if (c->json)
            cmd_print_json(json_pack("{s:s}", "problem", problems[i]));
        else
            fprintf(stderr, "%s\n", problems[i]);
    return cmd_fail(c, &err);
}

/* The options that say whom: a list, a segment, or which of the event's guests. */
struct new_guests {
    bool update, cancel, overtaken, missing_answer;
    const char *answered;
};

static int guests_of(const struct new_guests *g, struct mailing_order *order, struct err *err)
{
    const struct {
        bool given;
        const char *step;
    } steps[] = {{g->update, "update"},
                 {g->cancel, "cancel"},
                 {g->overtaken, "invite"},
                 {g->missing_answer, "remind"},
                 {g->answered, "thank"}};
    for (size_t i = 0; i < ARRAY_LEN(steps); i++) {
        if (steps[i].given && order->step)
            return err_set(err, ERR_USAGE,
                           "--update, --cancel, --overtaken, --missing-answer or --answered: one of them");
        order->step = steps[i].given ? steps[i].step : order->step;
    }
    order->answer = g->answered ? event_answer_of(g->answered) : NULL;
    if (g->answered &&
        (!order->answer || !strcmp(order->answer, "delegated") || !strcmp(order->answer, "question")))
        return err_set(err, ERR_USAGE, "--answered is yes, no or perhaps, not \"%s\"", g->answered);
    return order->again && !g->missing_answer
               ? err_set(err, ERR_USAGE, "--again is for reminders: --missing-answer --again")
               : 0;
}

int cmd_mailing_new(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    struct new_guests guests = {0};
    long event = 0, missing = 0;
    bool letters = false;
    const char *question = NULL;
    struct mailing_order order = {0};
    const struct cmd_option options[] = {
        {"event", CMD_INT, &event},
        {"template", CMD_TEXT, &order.template_dir},
        {"to", CMD_TEXT, &order.list_file},
        {"segment", CMD_TEXT, &question},
        {"missing", CMD_INT, &missing},
        {"update", CMD_FLAG, &guests.update},
        {"cancel", CMD_FLAG, &guests.cancel},
        {"overtaken", CMD_FLAG, &guests.overtaken},
        {"missing-answer", CMD_FLAG, &guests.missing_answer},
        {"again", CMD_FLAG, &order.again},
        {"answered", CMD_TEXT, &guests.answered},
        {"from", CMD_TEXT, &order.account},
        {"name", CMD_TEXT, &order.name},
        {"kind", CMD_TEXT, &order.kind},
        {"list", CMD_TEXT, &order.list},
        {"receipt", CMD_FLAG, &order.receipt},
        {"fallback", CMD_TEXT, &order.fallback},
        {"bilingual", CMD_TEXT, &order.bilingual},
        {"attach-from", CMD_TEXT, &order.own.folder},
        {"attach-name", CMD_TEXT, &order.own.name},
        {"attach-letter", CMD_FLAG, &letters},
        {"shared-address", CMD_TEXT, &order.shared_address},
        {"department", CMD_TEXT, &order.department},
        {"paper", CMD_FLAG, &order.paper},
        {0},
    };
    if (cmd_options(options, &argc, argv, &err) < 0 || guests_of(&guests, &order, &err) < 0)
        return cmd_fail(c, &err);
    if (argc || !order.template_dir ||
        (order.list_file ? 1 : 0) + (question ? 1 : 0) + (order.step ? 1 : 0) + (missing ? 1 : 0) != 1 ||
        !order.account || (order.own.name && !order.own.folder))
        return cmd_usage(c, new_words);
    order.event_id = event;
    order.missing_of = missing;
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = prepare(c, db, &order, question, letters);
    db_close(db);
    return rc;
}
