/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Which contacts are perhaps one.
 */
#include "cmd/table.h"

#include "base/db_again.h"
#include "cmd_functions.h"
#include "crm/contact.h"
#include "crm/duplicate.h"
#include "crm/merge.h"
#include "reports/register_table.h"

/* ---- duplicates */

static const struct register_word whats[] = {
    {"address", N_("address")},
    {"domain", N_("domain")},
    {"phone", N_("phone")},
    {"name", N_("name")},
    {"acronym", N_("acronym")},
    {"organisation", N_("organisation")},
    {"person", N_("person")},
    {"place", N_("place")},
    {"village", N_("village")},
    {"post", N_("post")},
    {"registration", N_("registration number")},
    {0},
};

static const char *what_text(struct cmd *c, const char *what)
{
    for (const struct register_word *w = whats; w->key; w++)
        if (!strcmp(w->key, what))
            return _(w->text);
    return what;
}

static const char *string_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* "a" where both say it, "a · b" where they differ. */
static char *evidence_text(void *mem, const json_t *e)
{
    const char *b = string_of(e, "b");
    return b ? talloc_asprintf(mem, "%s · %s", string_of(e, "a"), b) : talloc_strdup(mem, string_of(e, "a"));
}

struct listing {
    struct cmd *c;
    struct cmd_table *table;
    int64_t n;
};

static void print_proposal(struct cmd *c, const struct db_rows *rows, json_t *evidence)
{
    size_t i;
    json_t *e;
    json_array_foreach(evidence, i, e)
    {
        json_object_set_new(e, "text", json_string(evidence_text(c->mem, e)));
        json_object_del(e, "a");
        json_object_del(e, "b");
    }
    double p = strtod(db_get_str(rows, 0, "probability"), NULL);
    json_t *ask =
        db_is_null(rows, 0, "ask") ? json_null() : json_integer((json_int_t)db_get_int(rows, 0, "ask"));
    cmd_print_json(json_pack(
        "{s:I, s:I, s:s, s:s, s:s, s:f, s:O, s:s, s:b, s:o, s:s?}", "a", (json_int_t)db_get_int(rows, 0, "a"),
        "b", (json_int_t)db_get_int(rows, 0, "b"), "name_a", db_get_str(rows, 0, "name_a"), "name_b",
        db_get_str(rows, 0, "name_b"), "kind", db_get_str(rows, 0, "kind"), "probability", p, "evidence",
        evidence, "state", db_get_str(rows, 0, "state"), "certain", db_get_bool(rows, 0, "certain"), "ask",
        ask, "kept_by", db_get_text(rows, 0, "kept_by")));
}

static void add_proposal(struct listing *l, const struct db_rows *rows, json_t *evidence)
{
    struct cmd *c = l->c;
    struct text text = text_new(c->mem);
    size_t i;
    json_t *e;
    json_array_foreach(evidence, i, e)
    {
        double weight = json_number_value(json_object_get(e, "weight"));
        text_printf(&text, "%s%s %s: %s", i ? "; " : "", weight < 0 ? "−" : "+",
                    what_text(c, string_of(e, "what")), evidence_text(c->mem, e));
    }
    if (!db_is_null(rows, 0, "ask"))
        text_printf(&text, _("; kept by %s: `adresar contact ask %s`"), db_get_str(rows, 0, "kept_by"),
                    db_get_str(rows, 0, "ask"));
    double p = strtod(db_get_str(rows, 0, "probability"), NULL);
    if (p > 0.999 && !db_get_bool(rows, 0, "certain"))
        p = 0.999; /* nothing that a person has to look at is shown as sure */
    cmd_table_add(l->table,
                  (const char *[]){talloc_asprintf(c->mem, "%.1f %%", 100 * p), db_get_str(rows, 0, "a"),
                                   db_get_str(rows, 0, "name_a"), db_get_str(rows, 0, "b"),
                                   db_get_str(rows, 0, "name_b"), _(db_get_str(rows, 0, "state")), text.s});
}

static int list_row(void *context, struct db_rows *rows, struct err *err)
{
    struct listing *l = context;
    (void)err;
    json_t *evidence = json_loads(db_get_str(rows, 0, "evidence"), 0, NULL);
    must(evidence);
    l->n++;
    if (l->c->json)
        print_proposal(l->c, rows, evidence);
    else
        add_proposal(l, rows, evidence);
    json_decref(evidence);
    return 0;
}

static int list(struct cmd *c, struct db *db, int64_t id, double least, bool decided, struct err *err)
{
    struct listing l = {c,
                        cmd_table_new(c->mem, (const char *[]){_("probability"), _("id"), _("name"), _("id"),
                                                               _("name"), _("state"), _("evidence"), NULL}),
                        0};
    if (duplicate_list(db, id, least, decided, list_row, &l, err) < 0)
        return -1;
    if (!c->json && l.n)
        cmd_table_print(l.table);
    else if (!c->json)
        fprintf(stderr, "%s\n", _("no contacts that seem to be one"));
    return l.n ? 0 : EXIT_LOOK;
}

/* One contact, all, or what is new since the last time. */
static int search(struct db *db, const char *which, bool all, int64_t *id_r, struct duplicate_sums *sums,
                  struct err *err)
{
    DB_TX tx = {0};
    if (which && contact_resolve(db, which, id_r, err) < 0)
        return -1;
    if (all)
        return duplicate_search(db, sums, err);
    if (db_begin(&tx, db, DB_WRITE, err) < 0 ||
        (which ? duplicate_search_contact(db, *id_r, sums, err) : duplicate_search_new(db, sums, err)) < 0)
        return -1;
    return db_commit(&tx, err);
}

struct wish {
    bool all, decided, certain;
    const char *min;
    double least;
};

static void say_searched(struct cmd *c, const struct duplicate_sums *sums)
{
    fprintf(stderr, PLURAL("%lld contact searched, ", "%lld contacts searched, ", sums->contacts),
            (long long)sums->contacts);
    fprintf(stderr, PLURAL("%lld pair compared, ", "%lld pairs compared, ", sums->pairs),
            (long long)sums->pairs);
    fprintf(stderr, PLURAL("%lld proposal\n", "%lld proposals\n", sums->proposals),
            (long long)sums->proposals);
}

static int run(struct cmd *c, struct db *db, const struct wish *w, const char *which, struct err *err)
{
    int64_t id = 0, merged;
    struct duplicate_sums sums;
    if (DB_AGAIN(search(db, which, w->all, &id, &sums, err), err) < 0)
        return -1;
    if (sums.contacts && !which && !c->json)
        say_searched(c, &sums);
    if (w->certain) {
        if (merge_certain(db, &merged, err) < 0)
            return -1;
        if (!c->json)
            fprintf(stderr, PLURAL("%lld contact merged\n", "%lld contacts merged\n", merged),
                    (long long)merged);
    }
    return list(c, db, id, w->least, w->decided, err);
}

int cmd_contact_duplicates(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    char *end = NULL;
    struct wish w = {.least = DUPLICATE_LEAST};
    const struct cmd_option options[] = {{"all", CMD_FLAG, &w.all},
                                         {"min", CMD_TEXT, &w.min},
                                         {"decided", CMD_FLAG, &w.decided},
                                         {"merge-certain", CMD_FLAG, &w.certain},
                                         {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc > 1 || (argc && w.all))
        return cmd_usage(c, "contact duplicates [--all | ID] [--min P] [--decided] [--merge-certain]");
    if (w.min) {
        w.least = strtod(w.min, &end);
        if (end == w.min || *end || !(w.least >= 0 && w.least <= 1)) {
            err_set(&err, ERR_USAGE, "--min is a probability from 0 to 1, not \"%s\"", w.min);
            return cmd_fail(c, &err);
        }
    }
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = run(c, db, &w, argc ? argv[0] : NULL, &err);
    db_close(db);
    return rc < 0 ? cmd_fail(c, &err) : rc;
}
