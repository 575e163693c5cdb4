/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The list that comes back edited.
 */
#include "cmd/table.h"
#include "cmd_functions.h"
#include "reports/changes.h"

enum { MAX_ROWS = 1000 };

static void print_json(struct cmd *c, const struct change *change)
{
    cmd_print_json(json_pack(
        "{s:s, s:o, s:o, s:s, s:s?, s:s?, s:s, s:s, s:s}", "class", change_class_name(change->class), "row",
        change->row ? json_integer(change->row) : json_null(), "id",
        change->contact ? json_integer(change->contact) : json_null(), "name", change->name, "field",
        change->field, "title", change->title, "from", change->from, "to", change->to, "reason",
        *change->reason ? _(change->reason) : ""));
}

static void print_table(struct cmd *c, const struct changes *changes)
{
    struct cmd_table *table =
        cmd_table_new(c->mem, (const char *[]){_("row"), _("contact"), _("name"), _("column"),
                                               _("in the store"), _("in the list"), "", NULL});
    for (size_t i = 0; i < changes->n; i++) {
        MEM_SCOPE(mem);
        const struct change *change = &changes->change[i];
        const char *class = _(change_class_name(change->class));
        cmd_table_add(
            table, (const char *[]){
                       change->row ? talloc_asprintf(mem, "%ld", change->row) : "",
                       change->contact ? talloc_asprintf(mem, "%lld", (long long)change->contact) : "",
                       change->name, change->title, change->from, change->to,
                       *change->reason ? talloc_asprintf(mem, "%s: %s", class, _(change->reason)) : class});
    }
    cmd_table_print(table);
}

static void show(struct cmd *c, const struct changes *changes)
{
    for (size_t i = 0; i < changes->n && c->json; i++)
        print_json(c, &changes->change[i]);
    if (c->json)
        return;
    if (changes->n)
        print_table(c, changes);
    printf(catalog_plural(c->catalog, "%ld row, ", "%ld rows, ", changes->rows), changes->rows);
    printf(catalog_plural(c->catalog, "%ld difference\n", "%ld differences\n", (long)changes->n),
           (long)changes->n);
}

/* "3,17" */
static int parse_rows(const char *word, long *rows, size_t *n_r, struct err *err)
{
    *n_r = 0;
    for (const char *s = word; *n_r < MAX_ROWS;) {
        char *end;
        long row = strtol(s, &end, 10);
        if (end == s || row < 1 || (*end && *end != ','))
            return err_set(err, ERR_USAGE, "\"%s\" are no rows; write 3,17", word);
        rows[(*n_r)++] = row;
        if (!*end)
            return 0;
        s = end + 1;
    }
    return err_set(err, ERR_USAGE, "more than %d rows; without rows all are approved", MAX_ROWS);
}

static int approve(struct cmd *c, struct db *db, const struct changes *changes, const char *words,
                   struct err *err)
{
    long *rows = talloc_array(c->mem, long, MAX_ROWS);
    size_t n = 0, applied;
    if ((words && parse_rows(words, rows, &n, err) < 0) ||
        changes_approve(db, c->conf, changes, rows, n, &applied, err) < 0)
        return -1;
    if (c->json)
        cmd_print_json(json_pack("{s:I, s:I}", "applied", (json_int_t)applied, "left",
                                 (json_int_t)(changes->n - applied)));
    else
        printf(catalog_plural(c->catalog, "%ld change made\n", "%ld changes made\n", (long)applied),
               (long)applied);
    return applied == changes->n ? 0 : EXIT_LOOK;
}

/* What is approved is what is shown: nobody changes it in between. */
static int run(struct cmd *c, struct db *db, struct cage *cage, const char *path, bool approved,
               const char *rows, struct err *err)
{
    DB_TX tx = {0};
    struct changes changes;
    enum db_mode mode = approved ? DB_WRITE : DB_READ;
    if (db_begin(&tx, db, mode, err) < 0 ||
        changes_read(c->mem, db, c->conf, cage, path, mode, &changes, err) < 0)
        return -1;
    show(c, &changes);
    int rc = approved ? approve(c, db, &changes, rows, err) : changes.n ? EXIT_LOOK : 0;
    return rc < 0 || db_commit(&tx, err) < 0 ? -1 : rc;
}

int cmd_contact_changes(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    struct cage *cage;
    bool approved = false;
    const struct cmd_option options[] = {{"approve", CMD_FLAG, &approved}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc < 1 || argc > (approved ? 2 : 1))
        return cmd_usage(c, "contact changes FILE.xlsx|csv [--approve [ROW,ROW...]]");
    if (cage_open(c->mem, &cage, &err) < 0 || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = run(c, db, cage, argv[0], approved, argc > 1 ? argv[1] : NULL, &err);
    cage_close(cage);
    db_close(db);
    return rc < 0 ? cmd_fail(c, &err) : rc;
}
