/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/mailing.h"
#include "mail/reason.h"
#include "mail/signing.h"

#include "cmd/table.h"
#include "cmd_functions.h"
#include "reports/register_table.h"
#include "sql/mailing.h"
#include "sql/outbox.h"

/* Takes the one word that is an id. */
static int id_word(struct cmd *c, int argc, char **argv, const char *usage, int64_t *id_r)
{
    struct err err;
    if (argc != 1)
        return cmd_usage(c, usage);
    return cmd_id(argv[0], id_r, &err) < 0 ? cmd_fail(c, &err) : 0;
}

/* For whoever adds them: `adresar contact edit ID --name N --name-language sr-Cyrl` */
static void print_latin(struct cmd *c, const json_t *names)
{
    enum { SHOWN = 20 };
    size_t n = json_array_size(names);
    fflush(stdout);
    for (size_t i = 0; i < n && i < SHOWN; i++) {
        const json_t *name = json_array_get(names, i);
        fprintf(stderr, _("name only in Latin: %s (contact %lld)\n"),
                json_string_value(json_object_get(name, "name")),
                (long long)json_integer_value(json_object_get(name, "contact")));
    }
    if (n > SHOWN)
        fprintf(stderr, _("and %zu more\n"), n - SHOWN);
}

static void print_letter(struct cmd *c, const json_t *letter)
{
    const char *language, *name, *address, *subject, *text, *html;
    must(json_unpack((json_t *)letter, "{s:s, s:s, s:s, s:s, s:s, s:s}", "language", &language, "name", &name,
                     "address", &address, "subject", &subject, "text", &text, "html", &html) == 0);
    printf("── %s ── %s <%s>\n%s: %s\n\n%s\n\n", language, name, address, _("Subject"), subject, text);
    size_t i;
    json_t *file;
    json_array_foreach(json_object_get(letter, "attachments"), i, file)
    {
        long long size = json_integer_value(json_object_get(file, "size"));
        printf(PLURAL("attached: %s, %lld byte\n", "attached: %s, %lld bytes\n", size),
               json_string_value(json_object_get(file, "name")), size);
    }
    print_latin(c, json_object_get(letter, "latin"));
}

/* Whose DKIM keys sign the letters of the mailing; where there are keys but none for its sender, one is told.
 */
static int preview_dkim(struct cmd *c, struct db *db, int64_t id, const char **domain_r, struct err *err)
{
    struct mailing_info info;
    *domain_r = NULL;
    if (mailing_get(c->mem, db, id, &info, err) < 0)
        return -1;
    for (const char *name = info.account; *name; name += strcspn(name, ","), name += *name == ',') {
        const struct conf_smtp *account = conf_find_smtp(c->conf, name);
        const struct conf_dkim *section = account ? signing_section(c->conf, account->from_address) : NULL;
        if (section && !*domain_r)
            *domain_r = section->domain;
        else if (!section && account && c->conf->dkim)
            fprintf(stderr, _("adresar: these letters get no DKIM signature: no [dkim] signs for %s\n"),
                    account->from_address);
    }
    return 0;
}

int cmd_mailing_preview(struct cmd *c, int argc, char **argv)
{
    static const char usage[] = "mailing preview ID [--language LANG]";
    struct err err;
    struct db *db;
    int64_t id = 0;
    const char *language = NULL;
    json_t *letters = NULL, *letter;
    const struct cmd_option options[] = {{"language", CMD_TEXT, &language}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    int rc = id_word(c, argc, argv, usage, &id);
    if (rc)
        return rc;
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    const char *dkim;
    rc = mailing_preview(db, c->conf, id, language, &letters, &err) < 0 ||
                 preview_dkim(c, db, id, &dkim, &err) < 0
             ? -1
             : 0;
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    size_t i;
    json_array_foreach(letters, i, letter)
    {
        if (c->json) {
            json_object_set_new(letter, "dkim", dkim ? json_string(dkim) : json_null());
            cmd_print_json(json_incref(letter));
        } else {
            print_letter(c, letter);
        }
    }
    json_decref(letters);
    return 0;
}

/* ---- pause, resume, cancel, retry */

typedef int change_fn(struct cmd *c, struct db *db, int64_t id, const char *why, struct err *err);

static int change(struct cmd *c, int argc, char **argv, const char *usage, change_fn *fn)
{
    struct err err;
    struct db *db;
    int64_t id = 0;
    const char *why = NULL;
    const struct cmd_option options[] = {{"why", CMD_TEXT, &why}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    int rc = id_word(c, argc, argv, usage, &id);
    if (rc)
        return rc;
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    rc = fn(c, db, id, why, &err);
    db_close(db);
    return rc < 0 ? cmd_fail(c, &err) : 0;
}

static void say(struct cmd *c, int64_t id, const char *state, const char *text)
{
    if (c->json)
        cmd_print_json(json_pack("{s:I, s:s}", "id", (json_int_t)id, "state", state));
    else
        printf("%s\n", text);
}

static int do_pause(struct cmd *c, struct db *db, int64_t id, const char *why, struct err *err)
{
    if (mailing_pause(db, id, why ? why : "paused by hand", err) < 0)
        return -1;
    say(c, id, "paused", talloc_asprintf(c->mem, _("mailing %lld is paused"), (long long)id));
    return 0;
}

static int do_resume(struct cmd *c, struct db *db, int64_t id, const char *why, struct err *err)
{
    (void)why;
    if (mailing_resume(db, id, err) < 0)
        return -1;
    say(c, id, "released", talloc_asprintf(c->mem, _("mailing %lld goes on"), (long long)id));
    return 0;
}

static int do_cancel(struct cmd *c, struct db *db, int64_t id, const char *why, struct err *err)
{
    (void)why;
    if (mailing_cancel(db, id, err) < 0)
        return -1;
    say(c, id, "cancelled",
        talloc_asprintf(c->mem, _("mailing %lld is cancelled: who had no letter yet gets none"),
                        (long long)id));
    return 0;
}

static int do_retry(struct cmd *c, struct db *db, int64_t id, const char *why, struct err *err)
{
    int n;
    (void)why;
    if (mailing_retry(db, id, &n, err) < 0)
        return -1;
    say(c, id, "released",
        talloc_asprintf(
            c->mem, PLURAL("%d deferred letter is tried at once", "%d deferred letters are tried at once", n),
            n));
    return 0;
}

int cmd_mailing_pause(struct cmd *c, int argc, char **argv)
{
    return change(c, argc, argv, "mailing pause ID [--why TEXT]", do_pause);
}

int cmd_mailing_resume(struct cmd *c, int argc, char **argv)
{
    return change(c, argc, argv, "mailing resume ID", do_resume);
}

int cmd_mailing_cancel(struct cmd *c, int argc, char **argv)
{
    return change(c, argc, argv, "mailing cancel ID", do_cancel);
}

int cmd_mailing_retry(struct cmd *c, int argc, char **argv)
{
    return change(c, argc, argv, "mailing retry ID", do_retry);
}

/* ---- status, recipients */

static const struct register_word mailing_states[] = {
    {"draft", N_("draft")},       {"released", N_("released")},   {"paused", N_("paused")},
    {"finished", N_("finished")}, {"cancelled", N_("cancelled")}, {0},
};

/* The registers' word for a state or an answer. */
static const char *word(struct cmd *c, const struct register_word *words, const char *key)
{
    while (words->key && strcmp(words->key, key))
        words++;
    return words->key ? _(words->text) : key;
}

static void print_status(struct cmd *c, const json_t *status)
{
    const char *key, *pause = json_string_value(json_object_get(status, "pause_reason"));
    json_t *n, *wait;
    size_t i;
    pause = pause ? reason_in(c->mem, c->catalog, pause) : NULL;
    if (!pause && json_is_true(json_object_get(status, "overtaken")))
        pause = _("its event has changed");
    printf(_("mailing %lld, %s: %s%s%s\n"), (long long)json_integer_value(json_object_get(status, "id")),
           json_string_value(json_object_get(status, "name")),
           word(c, mailing_states, json_string_value(json_object_get(status, "state"))), pause ? " – " : "",
           pause ? pause : "");
    json_object_foreach(json_object_get(status, "by_state"), key, n)
        printf("  %6lld  %s\n", (long long)json_integer_value(n), word(c, register_outcomes, key));
    printf(_("  %6lld  together%s\n"), (long long)json_integer_value(json_object_get(status, "total")),
           json_is_true(json_object_get(status, "sum_ok")) ? "" : _(" – THE SUMS DO NOT AGREE"));
    json_array_foreach(json_object_get(status, "waits"), i, wait)
        printf(_("  %6lld wait for %s until %s: %s\n"),
               (long long)json_integer_value(json_object_get(wait, "letters")),
               json_string_value(json_object_get(wait, "domain")),
               cmd_stamp(c, json_string_value(json_object_get(wait, "until"))),
               _(json_string_value(json_object_get(wait, "why"))));
}

int cmd_mailing_status(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    int64_t id = 0;
    json_t *status;
    int rc = id_word(c, argc, argv, "mailing status ID", &id);
    if (rc)
        return rc;
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    rc = mailing_status(db, id, &status, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    bool ok = json_is_true(json_object_get(status, "sum_ok"));
    cmd_show(c, status, print_status);
    return ok ? 0 : EXIT_LOOK;
}

/* Ours, and what the server said last. */
static const char *shown_reason(struct cmd *c, const char *reason, const char *reply)
{
    if (!reason || !*reason)
        return reply;
    const char *ours = reason_in(c->mem, c->catalog, reason);
    return reply && *reply ? talloc_asprintf(c->mem, "%s (%s)", ours, reply) : ours;
}

static void show_recipient(struct cmd *c, struct cmd_table *table, const struct db_rows *rows, int i)
{
    const char *reply = db_get_text(rows, i, "reply"), *reason = db_get_text(rows, i, "reason");
    if (c->json) {
        cmd_print_json(json_pack(
            "{s:s, s:I, s:s, s:s, s:s, s:s?, s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?}", "id",
            db_get_str(rows, i, "id"), "contact", (json_int_t)db_get_int(rows, i, "contact_id"), "name",
            db_get_str(rows, i, "name"), "channel", db_get_str(rows, i, "channel"), "address",
            db_get_str(rows, i, "email"), "phone", db_get_text(rows, i, "phone"), "language",
            db_get_str(rows, i, "language"), "state", db_get_str(rows, i, "state"), "enhanced",
            db_get_text(rows, i, "enhanced"), "server", db_get_text(rows, i, "server"), "text", reply,
            "reason", reason, "answer", db_get_text(rows, i, "answer"), "answer_state",
            db_get_text(rows, i, "answer_state"), "message_id", db_get_text(rows, i, "rfc_message_id"),
            "envelope_from", db_get_text(rows, i, "envelope_from")));
        return;
    }
    const char *answer = db_get_str(rows, i, "answer");
    bool proposed = !strcmp(db_get_str(rows, i, "answer_state"), "proposed");
    char *shown =
        talloc_asprintf(c->mem, "%s%s", word(c, register_answers, answer), proposed ? _(" (proposed)") : "");
    const char *where = !strcmp(db_get_str(rows, i, "channel"), "paper") ? _("on paper")
                        : db_is_null(rows, i, "phone")                   ? db_get_str(rows, i, "email")
                                                                         : db_get_str(rows, i, "phone");
    cmd_table_add(table, (const char *[]){db_get_str(rows, i, "id"), db_get_str(rows, i, "name"), where,
                                          db_get_str(rows, i, "language"),
                                          word(c, register_outcomes, db_get_str(rows, i, "state")),
                                          *answer ? shown : "", shown_reason(c, reason, reply)});
}

static int recipients(struct cmd *c, int argc, char **argv, bool missing, const char *usage)
{
    struct err err;
    struct db *db;
    int64_t id = 0, last = 0;
    struct mailing_info info;
    int rc = id_word(c, argc, argv, usage, &id);
    if (rc)
        return rc;
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    struct cmd_table *table =
        cmd_table_new(c->mem, (const char *[]){_("no."), _("name"), _("address"), _("language"), _("state"),
                                               _("answer"), _("reason"), NULL});
    int shown = 0,
        n = mailing_get(c->mem, db, id, &info, &err) < 0 || mailing_check(db, RIGHT_see, id, &err) < 0 ? -1
                                                                                                       : 1;
    while (n > 0) {
        DB_ROWS rows = NULL;
        n = missing ? db_run(db, &rows, &err, SQL_OUTBOX_LIST_MISSING, db_int(id))
                    : db_run(db, &rows, &err, SQL_OUTBOX_LIST, db_int(id), db_int(last), db_int(1000));
        for (int i = 0; i < n; i++) {
            show_recipient(c, table, rows, i);
            last = db_get_int(rows, i, "id");
        }
        shown += n > 0 ? n : 0;
        if (missing)
            break;
    }
    db_close(db);
    if (n < 0)
        return cmd_fail(c, &err);
    if (!c->json)
        cmd_table_print(table);
    return missing && shown ? EXIT_LOOK : 0;
}

int cmd_mailing_recipients(struct cmd *c, int argc, char **argv)
{
    return recipients(c, argc, argv, false, "mailing recipients ID");
}

/* Who has no letter, or none that arrived. */
int cmd_mailing_missing(struct cmd *c, int argc, char **argv)
{
    return recipients(c, argc, argv, true, "mailing missing ID");
}

int cmd_mailing_list(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    DB_ROWS rows = NULL;
    (void)argv;
    if (argc)
        return cmd_usage(c, "mailing list");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int n = db_run(db, &rows, &err, SQL_MAILING_LIST);
    db_close(db);
    if (n < 0)
        return cmd_fail(c, &err);
    struct cmd_table *table =
        cmd_table_new(c->mem, (const char *[]){_("no."), _("name"), _("state"), _("recipients"),
                                               _("prepared by"), _("released by"), NULL});
    for (int i = 0; i < n; i++)
        if (c->json)
            cmd_print_json(json_pack("{s:I, s:s, s:s, s:I}", "id", (json_int_t)db_get_int(rows, i, "id"),
                                     "name", db_get_str(rows, i, "name"), "state",
                                     db_get_str(rows, i, "state"), "recipients",
                                     (json_int_t)db_get_int(rows, i, "recipients")));
        else
            cmd_table_add(table, (const char *[]){db_get_str(rows, i, "id"), db_get_str(rows, i, "name"),
                                                  word(c, mailing_states, db_get_str(rows, i, "state")),
                                                  db_get_str(rows, i, "recipients"),
                                                  db_get_str(rows, i, "prepared_by"),
                                                  db_get_str(rows, i, "released_by")});
    if (!c->json)
        cmd_table_print(table);
    return 0;
}
