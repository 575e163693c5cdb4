/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Search and change of contacts.
 */
#include "cmd/audit_words.h"
#include "cmd/table.h"
#include "cmd_functions.h"
#include "crm/contact.h"
#include "reports/register_table.h"

enum { FIND_SHOWN = 50, FIND_MOST = 10000 };

/* {"name": ..., "match": "near", "by": ["name", "post"]} */
static void print_hit(struct cmd *c, struct cmd_table *table, const struct db_rows *rows, int i)
{
    const char *by[CONTACT_MATCH_FIELDS];
    size_t n = contact_match_fields(db_get_str(rows, i, "found_by"), by);
    const char *match = contact_match_name((int)db_get_int(rows, i, "grade"));
    if (c->json) {
        json_t *fields = json_array();
        for (size_t k = 0; k < n; k++)
            json_array_append_new(fields, json_string(by[k]));
        cmd_print_json(json_pack("{s:I, s:s, s:s?, s:s?, s:s, s:o}", "id",
                                 (json_int_t)db_get_int(rows, i, "id"), "name", db_get_str(rows, i, "name"),
                                 "organisation", db_get_text(rows, i, "organisation"), "address",
                                 db_get_text(rows, i, "address"), "match", match, "by", fields));
        return;
    }
    struct text words = text_new(c->mem);
    for (size_t k = 0; k < n; k++)
        text_printf(&words, "%s%s", k ? ", " : "", _(by[k]));
    cmd_table_add(table, (const char *[]){db_get_str(rows, i, "id"), db_get_str(rows, i, "name"),
                                          db_get_text(rows, i, "organisation"),
                                          db_get_text(rows, i, "address"), _(match), words.s});
}

static void print_found(struct cmd *c, const struct db_rows *rows, int shown)
{
    struct cmd_table *table =
        cmd_table_new(c->mem, (const char *[]){_("id"), _("name"), _("organisation"), _("address"),
                                               _("match"), _("by"), NULL});
    int n = db_rows_count(rows);
    for (int i = 0; i < n && i < shown; i++)
        print_hit(c, table, rows, i);
    if (!c->json)
        cmd_table_print(table);
    if (n > shown) {
        fflush(stdout);
        fprintf(stderr, _("there are more than these %d; another word finds fewer, --limit N shows more\n"),
                shown);
    }
}

int cmd_contact_find(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    DB_ROWS rows = NULL;
    long shown = FIND_SHOWN;
    if (cmd_options((const struct cmd_option[]){{"limit", CMD_INT, &shown}, {0}}, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc < 1 || shown < 1 || shown > FIND_MOST)
        return cmd_usage(c, "contact find TEXT [--limit N]");
    struct text text = text_new(c->mem);
    for (int i = 0; i < argc; i++)
        text_printf(&text, "%s%s", i ? " " : "", argv[i]);
    if (cmd_connect_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int n = contact_find(db, text.s, (int)shown + 1, &rows, &err);
    db_close(db);
    if (n < 0)
        return cmd_fail(c, &err);
    if (n > 0)
        print_found(c, rows, (int)shown);
    else if (!c->json)
        fprintf(stderr, _("nothing found for \"%s\"\n"), text.s);
    return n ? 0 : EXIT_LOOK;
}

/* ---- show: the view's members as lines */

static const struct {
    const char *key, *label;
} lines[] = {
    {"kind", N_("kind")},
    {"state", N_("state")},
    {"organisation", N_("organisation")},
    {"languages", N_("languages")},
    {"title", N_("title")},
    {"gender", N_("gender")},
    {"forms", N_("form of address")},
    {"salutation", N_("own salutation")},
    {"salutation_language", N_("language of it")},
    {"formality", N_("formality")},
    {"precedence", N_("precedence")},
    {"rank", N_("rank")},
    {"in_office_since", N_("in office since")},
    {"addresses", N_("addresses")},
    {"phones", N_("phones")},
    {"postal", N_("postal address")},
    {"posts", N_("posts")},
    {"people", N_("people")},
    {"categories", N_("categories")},
    {"department", N_("kept by")},
    {"departments", N_("shared by")},
    {"details", N_("details")},
    {"tags", N_("tags")},
    {"owner", N_("relationship of")},
    {"notes", N_("notes")},
    {"names", N_("names")},
    {"import", N_("import")},
    {"created", N_("made")},
    {"created_by", N_("made by")},
};

/* Keys of the store in the registers' words. */
static const struct register_word states[] = {
    {"active", N_("active")},       {"left", N_("has left")},      {"deceased", N_("deceased")},
    {"dissolved", N_("dissolved")}, {"archived", N_("archived")},  {"unverified", N_("not tried yet")},
    {"good", N_("good")},           {"soft", N_("failed lately")}, {"held", N_("held")},
    {"dead", N_("dead")},           {"replaced", N_("replaced")},  {0},
};
static const struct register_word kinds[] = {
    {"person", N_("a person")}, {"organisation", N_("an organisation")}, {0}};

static const char *word(struct cmd *c, const struct register_word *words, const char *key)
{
    while (words->key && strcmp(words->key, key))
        words++;
    return words->key ? _(words->text) : key;
}

static void add_value(struct cmd *c, struct text *t, const json_t *value);

static void add_object(struct cmd *c, struct text *t, json_t *object, bool keyed)
{
    const char *key;
    json_t *member;
    bool first = true;
    json_object_foreach(object, key, member)
    {
        if (!strcmp(key, "id") || !strcmp(key, "organisation_id") || (!keyed && !strcmp(key, "kind")) ||
            (json_is_string(member) && !json_string_length(member)) || (!keyed && json_is_boolean(member)))
            continue;
        text_puts(t, first ? "" : ", ");
        if (keyed)
            text_printf(t, "%s: ", audit_detail(c, key));
        if (!keyed && json_is_string(member) && !strcmp(key, "state"))
            text_puts(t, word(c, states, json_string_value(member)));
        else
            add_value(c, t, member);
        first = false;
    }
}

/* "+38349000201 (049/000-201), private" */
static void add_member(struct cmd *c, struct text *t, json_t *object)
{
    struct text line = text_new(c->mem);
    const char *e164 = json_string_value(json_object_get(object, "e164"));
    const char *typed = json_string_value(json_object_get(object, "typed"));
    if (e164 && typed)
        text_printf(&line, strcmp(e164, typed) ? "%s (%s)" : "%s", e164, typed);
    else
        add_object(c, &line, object, false);
    text_printf(t, json_is_true(json_object_get(object, "private")) ? _("%s, private") : "%s", line.s);
}

static void add_value(struct cmd *c, struct text *t, const json_t *value)
{
    size_t i;
    json_t *item;
    const char *s = json_string_value(value);
    if (s && strlen(s) > 19 && s[4] == '-' && s[10] == 'T' &&
        s[13] == ':') /* 2027-03-18T10:00:12.345+01:00 */
        text_printf(t, "%.10s %.5s", s, s + 11);
    else if (s)
        text_puts(t, s);
    else if (json_is_integer(value))
        text_printf(t, "%lld", (long long)json_integer_value(value));
    else if (json_is_boolean(value))
        text_puts(t, json_is_true(value) ? _("yes") : _("no"));
    else if (json_is_object(value))
        add_member(c, t, (json_t *)(uintptr_t)value);
    json_array_foreach((json_t *)(uintptr_t)value, i, item)
    {
        text_puts(t, i ? "; " : "");
        add_value(c, t, item);
    }
}

static void print_view(struct cmd *c, const json_t *view)
{
    struct cmd_table *table = cmd_table_new(
        c->mem, (const char *[]){talloc_asprintf(c->mem, _("contact %lld"),
                                                 (long long)json_integer_value(json_object_get(view, "id"))),
                                 json_string_value(json_object_get(view, "name")), NULL});
    for (size_t i = 0; i < ARRAY_LEN(lines); i++) {
        struct text t = text_new(c->mem);
        json_t *value = json_object_get(view, lines[i].key);
        if (!strcmp(lines[i].key, "details"))
            add_object(c, &t, value, true);
        else if (json_is_string(value) && !strcmp(lines[i].key, "state"))
            text_puts(&t, word(c, states, json_string_value(value)));
        else if (json_is_string(value) && !strcmp(lines[i].key, "kind"))
            text_puts(&t, word(c, kinds, json_string_value(value)));
        else if (value)
            add_value(c, &t, value);
        if (t.len)
            cmd_table_add(table, (const char *[]){_(lines[i].label), t.s});
    }
    cmd_table_print(table);
}

/* The salutation in each of the contact's languages. */
static int add_forms(struct cmd *c, struct db *db, int64_t id, json_t *view, struct err *err)
{
    const json_t *languages = json_object_get(view, "languages");
    size_t i = 0, n = json_array_size(languages);
    json_t *forms = json_array();
    json_object_set_new(view, "forms", forms);
    do {
        struct form_contact form;
        const char *language =
            n ? json_string_value(json_array_get(languages, i)) : c->conf->office.default_language;
        if (form_of_contacts(
                c->mem, db,
                &(struct form_wanted){.contact = id, .language = language, .home = c->conf->office.country},
                1, &form, err) < 0)
            return -1;
        json_array_append_new(
            forms, json_pack("{s:s, s:s}", "language", form.language, "salutation", form.salutation));
    } while (++i < n);
    return 0;
}

int cmd_contact_show(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    json_t *view = NULL;
    int64_t id;
    if (argc != 1)
        return cmd_usage(c, "contact show ID|ADDRESS");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = contact_resolve(db, argv[0], &id, &err);
    if (rc == 0)
        rc = contact_check_erased(db, id, &err);
    if (rc == 0)
        rc = contact_view(db, id, &view, &err);
    if (rc == 0)
        rc = add_forms(c, db, id, view, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    cmd_show(c, view, print_view);
    return 0;
}

/* ---- history */

static void print_history(struct cmd *c, json_t *list)
{
    size_t i;
    json_t *entry;
    struct cmd_table *table =
        cmd_table_new(c->mem, (const char *[]){_("when"), _("who"), _("what"), _("change"), NULL});
    json_array_foreach(list, i, entry)
    {
        const char *action = json_string_value(json_object_get(entry, "action")),
                   *object = json_string_value(json_object_get(entry, "object"));
        if (c->json)
            cmd_print_json(json_incref(entry));
        else
            cmd_table_add(
                table,
                (const char *[]){talloc_strndup(c->mem, json_string_value(json_object_get(entry, "at")), 19),
                                 json_string_value(json_object_get(entry, "actor")),
                                 audit_deed(c, action, object, 1),
                                 audit_changes_text(c, json_object_get(entry, "changes"))});
    }
    if (!c->json)
        cmd_table_print(table);
}

int cmd_contact_history(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    json_t *list = NULL;
    int64_t id;
    if (argc != 1)
        return cmd_usage(c, "contact history ID|ADDRESS");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = contact_resolve(db, argv[0], &id, &err);
    if (rc == 0)
        rc = contact_history(db, id, &list, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    print_history(c, list);
    json_decref(list);
    return 0;
}
