/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Consent and opt-outs; erasure; retention; all that is kept about one contact.
 */
#include "crm/consent.h"

#include "cmd/table.h"
#include "cmd_functions.h"
#include "crm/contact.h"
#include "crm/rights.h"
#include "mail/dossier.h"
#include "mail/unsubscribe.h"
#include "reports/printing.h"

static const char *text_of(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

/* ---- lists */

int cmd_consent_lists(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    DB_ROWS rows = NULL;
    (void)argv;
    if (argc)
        return cmd_usage(c, "consent lists");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int n = consent_lists(db, &rows, &err);
    db_close(db);
    if (n < 0)
        return cmd_fail(c, &err);
    struct cmd_table *table = cmd_table_new(
        c->mem, (const char *[]){_("list"), _("name"), _("basis"), _("official"), _("purpose"), NULL});
    for (int i = 0; i < n; i++) {
        bool official = db_get_bool(rows, i, "official");
        const char *slug = db_get_str(rows, i, "slug"), *name = db_get_str(rows, i, "name"),
                   *basis = db_get_str(rows, i, "basis"), *purpose = db_get_str(rows, i, "purpose");
        if (c->json)
            cmd_print_json(json_pack("{s:s, s:s, s:s, s:s, s:b}", "list", slug, "name", name, "purpose",
                                     purpose, "basis", basis, "official", official));
        else
            cmd_table_add(table, (const char *[]){slug, name, basis, official ? _("yes") : "", purpose});
    }
    if (!c->json)
        cmd_table_print(table);
    return 0;
}

int cmd_consent_list_add(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    struct consent_list list = {0};
    const struct cmd_option options[] = {{"name", CMD_TEXT, &list.name},
                                         {"purpose", CMD_TEXT, &list.purpose},
                                         {"basis", CMD_TEXT, &list.basis},
                                         {"official", CMD_FLAG, &list.official},
                                         {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1 || !list.name || !list.purpose || !list.basis)
        return cmd_usage(c, "consent list-add SLUG --name N --purpose TEXT --basis BASIS [--official]");
    list.slug = argv[0];
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = consent_list_add(db, &list, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:s}", "list", list.slug));
    else
        printf(_("list %s\n"), list.slug);
    return 0;
}

/* ---- words */

static void print_consent(struct cmd *c, const json_t *consent)
{
    size_t i;
    json_t *item;
    struct cmd_table *may = cmd_table_new(
        c->mem, (const char *[]){_("list"), _("basis"), _("may be written to"), _("why not"), NULL});
    json_array_foreach(json_object_get(consent, "lists"), i, item)
        cmd_table_add(may, (const char *[]){text_of(item, "list"), text_of(item, "basis"),
                                            json_is_true(json_object_get(item, "may")) ? _("yes") : _("no"),
                                            text_of(item, "why")});
    cmd_table_print(may);
    if (!json_array_size(json_object_get(consent, "words")))
        return;
    struct cmd_table *words =
        cmd_table_new(c->mem, (const char *[]){_("when"), _("list"), _("said"), _("how"), _("recorded by"),
                                               _("form"), NULL});
    json_array_foreach(json_object_get(consent, "words"), i, item) cmd_table_add(
        words,
        (const char *[]){talloc_strndup(c->mem, text_of(item, "at"), 10),
                         strcmp(text_of(item, "list"), "*") ? text_of(item, "list") : _("all bulk mail"),
                         json_is_true(json_object_get(item, "given")) ? _("consents") : _("opts out"),
                         text_of(item, "how"), text_of(item, "by"), text_of(item, "form")});
    putchar('\n');
    cmd_table_print(words);
}

int cmd_consent_show(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    int64_t id;
    json_t *consent;
    if (argc != 1)
        return cmd_usage(c, "consent show ID|ADDRESS");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = contact_resolve(db, argv[0], &id, &err);
    if (rc == 0)
        rc = consent_show(db, id, &consent, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    cmd_show(c, consent, print_consent);
    return 0;
}

/* All contacts that are named, or none. */
static int record_all(struct db *db, char **who, int n, const struct consent_word *word, struct err *err)
{
    DB_TX tx = {0};
    int64_t id;
    if (db_begin(&tx, db, DB_WRITE, err) < 0)
        return -1;
    for (int i = 0; i < n; i++)
        if (contact_resolve(db, who[i], &id, err) < 0 || consent_record(db, id, word, err) < 0)
            return -1;
    return db_commit(&tx, err);
}

static int record(struct cmd *c, int argc, char **argv, bool given, const char *usage)
{
    struct err err;
    struct db *db;
    bool all = false;
    long message = 0;
    struct consent_word word = {.given = given};
    const struct cmd_option options[] = {{"list", CMD_TEXT, &word.list},
                                         {"all", CMD_FLAG, &all},
                                         {"how", CMD_TEXT, &word.how},
                                         {"form", CMD_TEXT, &word.form},
                                         {"at", CMD_TEXT, &word.at},
                                         {"message", CMD_INT, &message},
                                         {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc < 1 || !word.how || all == (word.list != NULL))
        return cmd_usage(c, usage);
    word.message_id = message;
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = record_all(db, argv, argc, &word, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:i}", "recorded", argc));
    else
        printf(catalog_plural(c->catalog, "recorded for %d contact\n", "recorded for %d contacts\n", argc),
               argc);
    return 0;
}

int cmd_consent_record(struct cmd *c, int argc, char **argv)
{
    return record(c, argc, argv, true,
                  "consent record ID|ADDRESS... --list L --how form|letter|mail|phone|in-person|web|list "
                  "[--form TEXT] [--at DATE] [--message ID]");
}

int cmd_consent_withdraw(struct cmd *c, int argc, char **argv)
{
    return record(
        c, argc, argv, false,
        "consent withdraw ID|ADDRESS... --list L|--all --how form|letter|mail|phone|in-person|web|list "
        "[--form TEXT] [--at DATE] [--message ID]");
}

/* By hand what a mail to the token's address does; the token may stand in the address, the link or the
 * subject. */
int cmd_consent_unsubscribe(struct cmd *c, int argc, char **argv)
{
    static const char usage[] = "consent unsubscribe TOKEN";
    struct err err;
    struct db *db;
    struct keyring *ring;
    struct unsubscribe_request request;
    struct unsubscribed done;
    if (cmd_options(&(const struct cmd_option){0}, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1)
        return cmd_usage(c, usage);
    if (cmd_conf(c, &err) < 0 || keyring_open(c->mem, c->conf->keys.file, &ring, &err) < 0)
        return cmd_fail(c, &err);
    if (!unsubscribe_find(c->mem, ring, argv[0], &request)) {
        err_set(&err, ERR_INPUT, "there is no token in \"%s\" that this office made", argv[0]);
        return cmd_fail(c, &err);
    }
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = rights_check(db, RIGHT_write, &err);
    if (rc == 0)
        rc = unsubscribe(c->mem, db, &request, &done, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:I, s:s, s:s}", "contact", (json_int_t)done.contact_id, "list", done.list,
                                 "outcome", done.name));
    else
        printf(_("contact %lld, list %s: %s\n"), (long long)done.contact_id, done.list, _(done.words));
    return done.outcome == UNSUBSCRIBE_DONE || done.outcome == UNSUBSCRIBE_BEFORE ? 0 : EXIT_LOOK;
}

/* ---- one person's data */

static void print_file(struct cmd *c, const char *output, int64_t id, const struct dossier_sums *sums)
{
    printf(_("%s: all that is kept about contact %lld"), output, (long long)id);
    printf(catalog_plural(c->catalog, ", with %d message", ", with %d messages", sums->messages),
           sums->messages);
    if (sums->documents)
        printf(catalog_plural(c->catalog, " and %d document", " and %d documents", sums->documents),
               sums->documents);
    putchar('\n');
    if (sums->meetings)
        printf(
            catalog_plural(c->catalog,
                           "%d meeting names somebody who is called so: look whether it is this one, before "
                           "the file is handed out\n",
                           "%d meetings name somebody who is called so: look whether it is this one, before "
                           "the file is handed out\n",
                           sums->meetings),
            sums->meetings);
}

int cmd_contact_file(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    int64_t id;
    struct dossier_sums sums;
    const char *output = NULL;
    const struct cmd_option options[] = {{"output", CMD_TEXT, &output}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1 || !output)
        return cmd_usage(c, "contact file ID|ADDRESS -o FILE.zip");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = contact_resolve(db, argv[0], &id, &err);
    if (rc == 0)
        rc = dossier_write(db, id, output, printing_add_letters, c->conf, &sums, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:s, s:i, s:i, s:i}", "file", output, "messages", sums.messages,
                                 "documents", sums.documents, "meetings", sums.meetings));
    else
        print_file(c, output, id, &sums);
    return 0;
}

int cmd_contact_erase(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    int64_t id;
    const char *why = NULL;
    const struct cmd_option options[] = {{"why", CMD_TEXT, &why}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1 || !why)
        return cmd_usage(c, "contact erase ID|ADDRESS --why TEXT");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = contact_resolve(db, argv[0], &id, &err);
    if (rc == 0)
        rc = consent_erase(db, id, why, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:I, s:b}", "id", (json_int_t)id, "erased", 1));
    else
        printf(_("contact %lld is erased; what the office must keep of its official letters is kept\n"),
               (long long)id);
    return 0;
}
