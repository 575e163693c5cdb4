/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/unicode.h"
#include "cmd/audit_words.h"
#include "cmd/table.h"
#include "cmd_functions.h"
#include "crm/audit.h"
#include "crm/contact.h"
#include "crm/rights.h"

enum { LIST_PAGE = 1000 };

/* ---- verify */

static json_t *difference_json(const struct db_rows *rows, int i)
{
    json_t *id =
        db_is_null(rows, i, "id") ? json_null() : json_integer((json_int_t)db_get_int(rows, i, "id"));
    return json_pack("{s:o, s:s?, s:s?, s:s?, s:s, s:I, s:I, s:s}", "entry", id, "at",
                     db_get_text(rows, i, "at"), "actor", db_get_text(rows, i, "actor"), "action",
                     db_get_text(rows, i, "action"), "object", db_get_str(rows, i, "object"), "first",
                     (json_int_t)db_get_int(rows, i, "first_id"), "last",
                     (json_int_t)db_get_int(rows, i, "last_id"), "why", db_get_str(rows, i, "why"));
}

static json_t *differences_json(const struct db_rows *rows)
{
    json_t *list = json_array();
    for (int i = 0; i < db_rows_count(rows); i++)
        json_array_append_new(list, difference_json(rows, i));
    return list;
}

static const char *difference_text(struct cmd *c, const struct db_rows *rows, int i)
{
    const char *why = db_get_str(rows, i, "why");
    if (!strcmp(why, "gone"))
        return _("is gone, and no entry says why");
    if (!strcmp(why, "back"))
        return _("is there again, though it was removed");
    if (!strcmp(why, "unknown"))
        return _("stands in no entry");
    return db_get_int(rows, i, "first_id") == db_get_int(rows, i, "last_id")
               ? _("is not what was written")
               : _("are not all what was written");
}

static void print_differences(struct cmd *c, const struct db_rows *rows)
{
    struct cmd_table *table = cmd_table_new(
        c->mem, (const char *[]){_("entry"), _("when"), _("who"), _("what"), _("number"), "", NULL});
    for (int i = 0; i < db_rows_count(rows); i++) {
        const char *first = db_get_str(rows, i, "first_id"), *last = db_get_str(rows, i, "last_id");
        cmd_table_add(
            table,
            (const char *[]){db_get_str(rows, i, "id"), talloc_strndup(c->mem, db_get_str(rows, i, "at"), 19),
                             db_get_str(rows, i, "actor"), audit_noun(c, db_get_str(rows, i, "object")),
                             strcmp(first, last) ? talloc_asprintf(c->mem, "%s–%s", first, last) : first,
                             difference_text(c, rows, i)});
    }
    cmd_table_print(table);
}

/* differs NULL: it was not asked for. */
static void print_whole(struct cmd *c, const struct audit_verdict *v)
{
    printf(PLURAL("the audit log is whole: %lld entry", "the audit log is whole: %lld entries", v->entries),
           (long long)v->entries);
    printf(PLURAL(", %lld value erased\n", ", %lld values erased\n", v->erased), (long long)v->erased);
    printf(_("its end is %s\n"), v->chain);
}

static void show_verdict(struct cmd *c, const struct audit_verdict *v, const struct db_rows *differs)
{
    if (c->json) {
        json_t *verdict = json_pack("{s:b, s:I, s:I, s:I, s:s, s:s?}", "whole", !v->broken, "entries",
                                    (json_int_t)v->entries, "unsealed", (json_int_t)v->unsealed, "erased",
                                    (json_int_t)v->erased, "chain", v->chain, "broken", v->broken);
        if (differs)
            json_object_set_new(verdict, "differs", differences_json(differs));
        cmd_print_json(verdict);
        return;
    }
    if (v->broken)
        printf(_("the audit log is broken: %s\n"), v->broken);
    else
        print_whole(c, v);
    if (differs && !db_rows_count(differs))
        printf("%s\n", _("the tables are what it says"));
    else if (differs)
        print_differences(c, differs);
}

int cmd_audit_verify(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    struct audit_verdict verdict;
    DB_ROWS differs = NULL;
    bool deep = false;
    if (cmd_options((const struct cmd_option[]){{"deep", CMD_FLAG, &deep}, {0}}, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc)
        return cmd_usage(c, "audit verify [--deep]");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = audit_verify(c->mem, db, &verdict, &err);
    if (rc == 0 && deep)
        rc = audit_differs(db, &differs, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    show_verdict(c, &verdict, differs);
    return verdict.broken || (differs && db_rows_count(differs)) ? EXIT_LOOK : 0;
}

/* ---- list */

static json_t *number_or_null(const struct db_rows *rows, int i, const char *column)
{
    return db_is_null(rows, i, column) ? json_null() : json_integer((json_int_t)db_get_int(rows, i, column));
}

static void add_entry(struct cmd *c, struct cmd_table *table, const struct db_rows *rows, int i)
{
    json_t *changes = json_loads(db_get_str(rows, i, "changes"), 0, NULL);
    must(changes);
    if (c->json) {
        cmd_print_json(
            json_pack("{s:I, s:s, s:s, s:s, s:s, s:I, s:o, s:o, s:s?, s:o}", "id",
                      (json_int_t)db_get_int(rows, i, "id"), "at", db_get_str(rows, i, "at"), "actor",
                      db_get_str(rows, i, "actor"), "action", db_get_str(rows, i, "action"), "object",
                      db_get_str(rows, i, "object"), "rows", (json_int_t)db_get_int(rows, i, "rows"), "seq",
                      number_or_null(rows, i, "seq"), "contact", number_or_null(rows, i, "contact_id"),
                      "name", db_get_text(rows, i, "contact"), "changes", changes));
        return;
    }
    const char *contact = db_is_null(rows, i, "contact_id")
                              ? ""
                              : talloc_asprintf(c->mem, "%s %s", db_get_str(rows, i, "contact_id"),
                                                db_get_str(rows, i, "contact"));
    cmd_table_add(table,
                  (const char *[]){db_get_str(rows, i, "id"), db_get_str(rows, i, "at"),
                                   db_get_str(rows, i, "actor"),
                                   audit_deed(c, db_get_str(rows, i, "action"), db_get_str(rows, i, "object"),
                                              db_get_int(rows, i, "rows")),
                                   contact, audit_changes_text(c, changes)});
    json_decref(changes);
}

static int list_pages(struct cmd *c, struct db *db, struct audit_filter *filter, struct err *err)
{
    int n;
    struct cmd_table *table =
        cmd_table_new(c->mem, (const char *[]){_("entry"), _("when"), _("who"), _("what"), _("contact"),
                                               _("change"), NULL});
    do {
        DB_ROWS rows = NULL;
        n = audit_list(db, filter, &rows, err);
        if (n < 0)
            return -1;
        for (int i = 0; i < n; i++)
            add_entry(c, table, rows, i);
        if (n)
            filter->before_id = db_get_int(rows, n - 1, "id");
    } while (n == filter->limit);
    if (!c->json)
        cmd_table_print(table);
    return 0;
}

static int list(struct cmd *c, struct audit_filter *filter, const char *contact, struct err *err)
{
    struct db *db;
    if (cmd_open_db(c, NULL, &db, err) < 0)
        return -1;
    filter->zone = c->conf->office.time_zone;
    int rc = contact ? contact_resolve(db, contact, &filter->contact_id, err) : 0;
    if (rc == 0 && contact)
        rc = rights_check_contact(db, RIGHT_see, filter->contact_id, err);
    if (rc == 0)
        rc = list_pages(c, db, filter, err);
    db_close(db);
    return rc;
}

int cmd_audit_list(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct audit_filter filter = {.limit = LIST_PAGE};
    const char *contact = NULL, *from = NULL, *to = NULL;
    char from_iso[11], to_iso[11];
    const struct cmd_option options[] = {
        {"contact", CMD_TEXT, &contact},
        {"actor", CMD_TEXT, &filter.actor},
        {"from", CMD_TEXT, &from},
        {"to", CMD_TEXT, &to},
        {0},
    };
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc)
        return cmd_usage(c, "audit list [--contact ID|ADDRESS] [--actor LOGIN] [--from DATE] [--to DATE]");
    if (cmd_day(from, "from", from_iso, &filter.from, &err) < 0 ||
        cmd_day(to, "to", to_iso, &filter.to, &err) < 0 || list(c, &filter, contact, &err) < 0)
        return cmd_fail(c, &err);
    return 0;
}
