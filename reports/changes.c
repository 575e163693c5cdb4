/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "reports/changes.h"

#include "base/unicode.h"
#include "crm/contact.h"
#include "reports/changes_low.h"
#include "sql/contact_card.h"

const char *change_class_name(enum change_class class)
{
    static const char *const names[] = {N_("ready"),   N_("conflict"), N_("fixed"),
                                        N_("removed"), N_("new"),      N_("unknown")};
    return names[class];
}

/* What the store has now, by the list's rows. */
struct now {
    int64_t id; /* 0: nothing, or a row before has the same contact */
    bool twice;
    const char *cell[SHEET_MAX_COLUMNS]; /* plain */
};

struct comparing {
    void *mem;
    struct register_run *run;
    struct changes_file *file;
    struct now *now;
    struct changes *changes;
};

static struct change *add_change(struct comparing *c, enum change_class class, long row)
{
    struct changes *changes = c->changes;
    size_t room = talloc_array_length(changes->change);
    if (changes->n == room)
        changes->change =
            talloc_realloc(c->mem, changes->change, struct change, (unsigned)(room ? 2 * room : 64));
    struct change *change = &changes->change[changes->n++];
    *change = (struct change){.class = class, .row = row, .name = "", .from = "", .to = "", .reason = ""};
    return change;
}

/* ---- the rows and their contacts */

static bool is_uuid(const char *s)
{
    return strlen(s) == 36 && strspn(s, "0123456789abcdef-") == 36;
}

static int compare_uid(const void *a, const void *b)
{
    const struct changes_row *const *x = a, *const *y = b;
    int order = strcmp((*x)->uid, (*y)->uid);
    return order ? order : (*x)->number < (*y)->number ? -1 : (*x)->number > (*y)->number;
}

static const struct changes_row **rows_by_uid(struct comparing *c)
{
    const struct changes_row **by_uid =
        talloc_array(c->mem, const struct changes_row *, (unsigned)c->file->n + 1);
    for (size_t i = 0; i < c->file->n; i++)
        by_uid[i] = &c->file->row[i];
    qsort(by_uid, c->file->n, sizeof *by_uid, compare_uid);
    return by_uid;
}

static int find_contacts(struct comparing *c, int64_t **ids_r, size_t *n_r, struct err *err)
{
    DB_ROWS rows = NULL;
    const struct changes_row **by_uid = rows_by_uid(c);
    const char **uids = talloc_array(c->mem, const char *, (unsigned)c->file->n + 1);
    size_t n = 0;
    for (size_t i = 0; i < c->file->n; i++)
        if (is_uuid(by_uid[i]->uid))
            uids[n++] = by_uid[i]->uid;
    int found = db_run(c->run->db, &rows, err, SQL_CONTACT_CARD_FIND, db_texts(c->mem, uids, n));
    if (found < 0)
        return -1;
    *ids_r = talloc_array(c->mem, int64_t, (unsigned)found + 1);
    *n_r = (size_t)found;
    size_t at = 0; /* both are in the order of UIDs */
    for (int i = 0; i < found; i++) {
        const char *uid = db_get_str(rows, i, "uid");
        (*ids_r)[i] = db_get_int(rows, i, "id");
        while (at < c->file->n && strcmp(by_uid[at]->uid, uid) < 0)
            at++;
        for (bool first = true; at < c->file->n && !strcmp(by_uid[at]->uid, uid); at++, first = false) {
            struct now *now = &c->now[by_uid[at] - c->file->row];
            now->id = (*ids_r)[i];
            now->twice = !first;
        }
    }
    return 0;
}

static int compare_now(const void *a, const void *b)
{
    const struct now *const *x = a, *const *y = b;
    return (*x)->id < (*y)->id ? -1 : (*x)->id > (*y)->id;
}

struct filling {
    struct comparing *c;
    struct now **by_id;
    size_t n;
};

static int fill_now(void *context, struct db_rows *rows, struct err *err)
{
    (void)err;
    MEM_SCOPE(mem);
    struct filling *f = context;
    struct now wanted = {.id = db_get_int(rows, 0, "id")};
    const struct now *key = &wanted;
    struct now **found = bsearch(&key, f->by_id, f->n, sizeof *f->by_id, compare_now);
    const char *cell[SHEET_MAX_COLUMNS];
    if (!found)
        return 0;
    register_cells(mem, f->c->run, rows, cell);
    const struct changes_row *row = &f->c->file->row[*found - f->c->now];
    for (int i = 0; i < f->c->run->table->ncolumns; i++) {
        const char *plain = exchange_plain(mem, cell[i]);
        bool same = row->cell[i] && !strcmp(row->cell[i], plain); /* as nearly all are */
        (*found)->cell[i] = same ? row->cell[i] : talloc_strdup(f->c->mem, plain);
    }
    return 0;
}

static int read_now(struct comparing *c, const int64_t *ids, size_t n, struct err *err)
{
    struct filling f = {.c = c, .by_id = talloc_array(c->mem, struct now *, (unsigned)c->file->n + 1)};
    for (size_t i = 0; i < c->file->n; i++)
        if (c->now[i].id && !c->now[i].twice)
            f.by_id[f.n++] = &c->now[i];
    qsort(f.by_id, f.n, sizeof *f.by_id, compare_now);
    return exchange_each(c->run, ids, n, fill_now, &f, err);
}

/* ---- comparing */

static int column_named(const struct register_table *table, const char *field)
{
    for (int i = 0; i < table->ncolumns; i++)
        if (!strcmp(table->columns[i].field, field))
            return i;
    bug("the table has no column %s", field);
}

static bool was_cut(const char *cell)
{
    size_t len = strlen(cell), n = strlen(SHEET_CUT);
    return len >= n && !strcmp(cell + len - n, SHEET_CUT);
}

static bool has_digest(void *mem, const struct changes_row *row, int column, const char *cell)
{
    char digits[EXCHANGE_DIGITS + 1];
    exchange_digest(mem, cell, digits);
    return !strncmp(row->digests + (size_t)column * EXCHANGE_DIGITS, digits, EXCHANGE_DIGITS);
}

static void compare_cell(struct comparing *c, const struct changes_row *row, const struct now *now,
                         int column)
{
    MEM_SCOPE(scratch);
    const char *to = row->cell[column], *from = now->cell[column];
    if (!to || !strcmp(to, from) || was_cut(to) || has_digest(scratch, row, column, to))
        return;
    const char *flaw = changes_flaw(scratch, c->run, column, from, to);
    if (flaw && !*flaw)
        return;
    bool kept = has_digest(scratch, row, column, from);
    struct change *change = add_change(c,
                                       !kept  ? CHANGE_CONFLICT
                                       : flaw ? CHANGE_FIXED
                                              : CHANGE_READY,
                                       row->number);
    change->contact = now->id;
    change->name = now->cell[column_named(c->run->table, "name")];
    change->field = c->run->table->columns[column].field;
    change->title = register_text(c->run, c->run->table->columns[column].title);
    change->from = from;
    change->to = to;
    change->reason = !kept  ? N_("changed in the store since the export")
                     : flaw ? talloc_strdup(c->mem, flaw)
                            : "";
}

static void add_whole_row(struct comparing *c, const struct changes_row *row, enum change_class class,
                          const char *reason)
{
    const char *name = row->cell[column_named(c->run->table, "name")];
    const char *organisation = row->cell[column_named(c->run->table, "organisation")];
    struct change *change = add_change(c, class, row->number);
    change->name = name && *name ? name : organisation ? organisation : "";
    change->reason = reason;
}

static void compare_row(struct comparing *c, size_t i)
{
    const struct changes_row *row = &c->file->row[i];
    const struct now *now = &c->now[i];
    const struct register_table *table = c->run->table;
    if (!*row->uid)
        add_whole_row(c, row, CHANGE_NEW, N_("contact import takes new rows"));
    else if (!now->id || (!now->twice && !now->cell[0]))
        add_whole_row(c, row, CHANGE_UNKNOWN, N_("there is no such contact, or it is not yours to see"));
    else if (now->twice)
        add_whole_row(c, row, CHANGE_UNKNOWN, N_("the contact stands in another row already"));
    else if (strlen(row->digests) != (size_t)table->ncolumns * EXCHANGE_DIGITS)
        add_whole_row(c, row, CHANGE_UNKNOWN, N_("its hidden cells are damaged"));
    else
        for (int column = 0; column < table->ncolumns; column++)
            compare_cell(c, row, now, column);
}

static int add_removed(struct comparing *c, const int64_t *ids, size_t n, struct err *err)
{
    DB_ROWS rows = NULL;
    int missing = db_run(c->run->db, &rows, err, SQL_CONTACT_CARD_MISSING, db_int(c->file->export),
                         db_ints(c->mem, ids, n), register_name_languages(c->run));
    for (int i = 0; i < missing; i++) {
        struct change *change = add_change(c, CHANGE_REMOVED, 0);
        change->contact = db_get_int(rows, i, "id");
        change->name = talloc_strdup(c->mem, db_get_str(rows, i, "name"));
        change->reason = N_("the contact stays as it is");
    }
    return missing < 0 ? -1 : 0;
}

int changes_read(void *mem, struct db *db, const struct conf *conf, struct cage *cage, const char *path,
                 enum db_mode mode, struct changes *changes_r, struct err *err)
{
    DB_TX tx = {0};
    int64_t *ids;
    size_t n;
    struct changes_file file;
    struct register_query query = {0};
    struct register_run *run = talloc_zero(mem, struct register_run);
    *run = (struct register_run){.mem = mem, .db = db, .conf = conf, .query = &query};
    *changes_r = (struct changes){0};
    if (changes_file_read(mem, run, cage, path, &file, err) < 0)
        return -1;
    struct comparing c = {.mem = mem,
                          .run = run,
                          .file = &file,
                          .changes = changes_r,
                          .now = talloc_zero_array(mem, struct now, (unsigned)file.n + 1)};
    changes_r->rows = (long)file.n;
    changes_r->language = file.language;
    if (db_begin(&tx, db, mode, err) < 0 || find_contacts(&c, &ids, &n, err) < 0 ||
        (mode == DB_WRITE && contact_lock(db, ids, n, err) < 0) || read_now(&c, ids, n, err) < 0)
        return -1;
    for (size_t i = 0; i < file.n; i++)
        compare_row(&c, i);
    return add_removed(&c, ids, n, err) < 0 ? -1 : db_commit(&tx, err);
}
