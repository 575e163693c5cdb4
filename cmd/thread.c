/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Threads: what was written back and forth, and a person's word on what belongs together.
 */
#include "mail/thread.h"

#include "cmd/table.h"
#include "cmd_functions.h"
#include "crm/contact.h"
#include "reports/register_table.h"

static const char *str(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s ? s : "";
}

/* ---- list */

static void list_row(struct cmd *c, struct cmd_table *table, const struct db_rows *rows, int i)
{
    int64_t messages = db_get_int(rows, i, "messages"), waiting = db_get_int(rows, i, "waiting");
    if (c->json) {
        cmd_print_json(json_pack("{s:I, s:s?, s:s, s:I, s:I, s:s, s:s?}", "id",
                                 (json_int_t)db_get_int(rows, i, "id"), "number",
                                 db_get_text(rows, i, "number"), "subject", db_get_str(rows, i, "subject"),
                                 "messages", (json_int_t)messages, "to_decide", (json_int_t)waiting, "last",
                                 db_get_str(rows, i, "last"), "contacts", db_get_text(rows, i, "contacts")));
        return;
    }
    const char *cell[] = {db_get_str(rows, i, "id"),       db_get_str(rows, i, "last"),
                          db_get_str(rows, i, "number"),   db_get_str(rows, i, "subject"),
                          db_get_str(rows, i, "messages"), waiting ? db_get_str(rows, i, "waiting") : "",
                          db_get_str(rows, i, "contacts")};
    cmd_table_add(table, cell);
}

static int list(struct cmd *c, const char *contact, struct err *err)
{
    DB_ROWS rows = NULL;
    struct db *db;
    int64_t id = 0;
    const char *const titles[] = {_("id"),       _("last"),      _("number"),   _("subject"),
                                  _("messages"), _("to decide"), _("contacts"), NULL};
    struct cmd_table *table = cmd_table_new(c->mem, titles);
    if (cmd_open_db(c, NULL, &db, err) < 0)
        return -1;
    int n = contact ? contact_resolve(db, contact, &id, err) : 0;
    if (n >= 0)
        n = thread_list(db, id, c->conf->office.time_zone, &rows, err);
    for (int i = 0; i < n; i++)
        list_row(c, table, rows, i);
    db_close(db);
    if (n > 0 && !c->json)
        cmd_table_print(table);
    return n < 0 ? -1 : 0;
}

int cmd_thread_list(struct cmd *c, int argc, char **argv)
{
    struct err err;
    const char *contact = NULL;
    const struct cmd_option options[] = {{"contact", CMD_TEXT, &contact}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc)
        return cmd_usage(c, "thread list [--contact ID|ADDRESS]");
    return list(c, contact, &err) < 0 ? cmd_fail(c, &err) : 0;
}

/* ---- show */

static const char *state_word(struct cmd *c, const char *state)
{
    for (const struct register_word *w = register_outcomes; w->key; w++)
        if (!strcmp(w->key, state))
            return _(w->text);
    return state;
}

static void print_indented(const char *text, int blanks)
{
    while (*text) {
        int len = (int)strcspn(text, "\n");
        printf("%*s%.*s\n", len ? blanks : 0, "", len, text);
        text += len + (text[len] == '\n');
    }
}

static void print_message(struct cmd *c, const json_t *m)
{
    enum { STEP = 2, DEEP = 10 };
    int depth = (int)json_integer_value(json_object_get(m, "depth"));
    int blanks = (depth < DEEP ? depth : DEEP) * STEP;
    bool in = !strcmp(str(m, "direction"), "in");
    const char *who = *str(m, "contact") ? str(m, "contact") : in ? str(m, "from_address") : str(m, "to");
    if (json_is_true(json_object_get(m, "missing")))
        printf("%*s%s\n", blanks, "", _("(a message that we do not have)"));
    printf("%*s%s %s %lld  %s  %s", blanks, "", str(m, "date"), in ? "←" : "→",
           (long long)json_integer_value(json_object_get(m, "id")), who, str(m, "subject"));
    if (in)
        printf(" (%s%s%s)", state_word(c, str(m, "state")), *str(m, "why") ? ": " : "",
               *str(m, "why") ? _(str(m, "why")) : "");
    puts(*str(m, "placed_by") ? _(" – put here by hand") : "");
    print_indented(str(m, "text"), blanks + 2 * STEP);
}

static void print_view(struct cmd *c, const json_t *view)
{
    size_t i;
    json_t *m;
    printf(_("thread %lld"), (long long)json_integer_value(json_object_get(view, "id")));
    printf("  %s%s%s\n", str(view, "number"), *str(view, "number") ? "  " : "", str(view, "subject"));
    json_array_foreach(json_object_get(view, "messages"), i, m)
    {
        putchar('\n');
        print_message(c, m);
    }
}

int cmd_thread_show(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    json_t *view = NULL;
    int64_t id;
    if (argc != 1)
        return cmd_usage(c, "thread show ID");
    struct cage *cage;
    if (cmd_id(argv[0], &id, &err) < 0 || cage_open(c->mem, &cage, &err) < 0)
        return cmd_fail(c, &err);
    int rc = cmd_open_db(c, NULL, &db, &err);
    if (rc == 0) {
        rc = thread_view(db, cage, id, c->conf->office.time_zone, &view, &err);
        db_close(db);
    }
    cage_close(cage);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (c->json) {
        cmd_print_json(view);
    } else {
        print_view(c, view);
        json_decref(view);
    }
    return 0;
}

/* ---- by hand */

static int done(struct cmd *c, int rc, int64_t thread, const struct err *err)
{
    if (rc < 0)
        return cmd_fail(c, err);
    if (c->json)
        cmd_print_json(json_pack("{s:I}", "thread", (json_int_t)thread));
    else
        printf(_("thread %lld\n"), (long long)thread);
    return 0;
}

int cmd_thread_join(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    int64_t into, other;
    if (argc != 2)
        return cmd_usage(c, "thread join THREAD OTHER");
    if (cmd_id(argv[0], &into, &err) < 0 || cmd_id(argv[1], &other, &err) < 0 ||
        cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = thread_join(db, into, other, &err);
    db_close(db);
    return done(c, rc, into, &err);
}

int cmd_thread_split(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    bool alone = false;
    int64_t message, thread = 0;
    const struct cmd_option options[] = {{"alone", CMD_FLAG, &alone}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1)
        return cmd_usage(c, "thread split MESSAGE [--alone]");
    if (cmd_id(argv[0], &message, &err) < 0 || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = thread_split(db, message, alone, &thread, &err);
    db_close(db);
    return done(c, rc, thread, &err);
}

int cmd_thread_number(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    bool none = false;
    int64_t id;
    const struct cmd_option options[] = {{"none", CMD_FLAG, &none}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != (none ? 1 : 2))
        return cmd_usage(c, "thread number THREAD NUMBER|--none");
    if (cmd_id(argv[0], &id, &err) < 0 || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = thread_set_number(db, id, none ? NULL : argv[1], &err);
    db_close(db);
    return done(c, rc, id, &err);
}
