/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A list of changes as a file.  Its columns go by their names, as in mapping files: post, organisation,
 * holder.
 */
#include "crm/post.h"

#include "base/unicode.h"
#include "crm/contact.h"
#include "crm/listfile.h"
#include "crm/personname.h"
#include "sql/post.h"

enum { COLUMN_POST, COLUMN_ORGANISATION, COLUMN_HOLDER, COLUMNS };

struct reading {
    void *mem; /* of the results */
    struct db *db;
    const struct listfile *file;
    int column[COLUMNS]; /* -1: there is none */
    struct post_change *changes;
    const char **problems;
};

static void problem(struct reading *r, const struct csv_record *record, const char *text)
{
    size_t n = talloc_array_length(r->problems);
    r->problems = talloc_realloc(r->mem, r->problems, const char *, (unsigned)n + 1);
    r->problems[n] = talloc_asprintf(r->problems, "%s:%ld: %s", r->file->path, record->line, text);
}

static const char *cell(struct reading *r, void *mem, const struct csv_record *record, int column)
{
    int i = r->column[column];
    return i >= 0 && (size_t)i < record->n ? unicode_squeeze(mem, record->cell[i]) : "";
}

static bool is_number(const char *s)
{
    size_t len = strspn(s, "0123456789");
    return len && len <= 18 && !s[len];
}

/* The one of what was found; what is wrong otherwise, in *why_r. */
static int64_t only(void *mem, const struct db_rows *rows, const char *what, const char *name,
                    const char **why_r)
{
    int n = db_rows_count(rows);
    if (n == 1)
        return db_get_int(rows, 0, "id");
    struct text ids = text_new(mem);
    for (int i = 0; i < n; i++)
        text_printf(&ids, "%s%s", i ? ", " : "", db_get_str(rows, i, "id"));
    *why_r = n ? talloc_asprintf(mem, "%d %s are called \"%s\": write the number of one (%s)", n, what, name,
                                 ids.s)
               : talloc_asprintf(mem, "none of the %s is called \"%s\"", what, name);
    return 0;
}

static int find_post(struct reading *r, void *mem, const struct csv_record *record, int64_t *post_r,
                     const char **why_r, struct err *err)
{
    DB_ROWS rows = NULL;
    const char *post = cell(r, mem, record, COLUMN_POST);
    const char *organisation = cell(r, mem, record, COLUMN_ORGANISATION);
    if (is_number(post)) {
        *post_r = strtoll(post, NULL, 10);
        return 0;
    }
    if (!*post || !*organisation) {
        *why_r = "a post is named by its number, or by organisation and post";
        return 0;
    }
    if (db_run(r->db, &rows, err, SQL_POST_BY_NAME, db_text(unicode_fold(mem, organisation)), db_text(post)) <
        0)
        return -1;
    *post_r = only(mem, rows, "posts", talloc_asprintf(mem, "%s, %s", post, organisation), why_r);
    return 0;
}

static int find_holder(struct reading *r, void *mem, const struct csv_record *record, int64_t *holder_r,
                       const char **why_r, struct err *err)
{
    DB_ROWS rows = NULL;
    struct err why;
    const char *holder = cell(r, mem, record, COLUMN_HOLDER);
    *holder_r = 0;
    if (!*holder || !strcmp(holder, "-"))
        return 0;
    if (is_number(holder) || strchr(holder, '@')) {
        if (contact_resolve(r->db, holder, holder_r, &why) == 0)
            return 0;
        if (why.code != ERR_NOTFOUND && why.code != ERR_CONFLICT) {
            *err = why;
            return -1;
        }
        *why_r = talloc_strdup(mem, why.text);
        return 0;
    }
    if (db_run(r->db, &rows, err, SQL_POST_HOLDER_BY_NAME,
               db_text(unicode_fold(mem, personname_of(mem, holder).name))) < 0)
        return -1;
    *holder_r = only(mem, rows, "contacts", holder, why_r);
    return 0;
}

static int take_header(struct reading *r, const struct csv_record *record, struct err *err)
{
    static const char *const name[] = {"post", "organisation", "holder"};
    MEM_SCOPE(mem);
    for (int c = 0; c < COLUMNS; c++) {
        r->column[c] = -1;
        for (size_t i = 0; i < record->n; i++)
            if (!strcmp(unicode_fold(mem, record->cell[i]), name[c]))
                r->column[c] = (int)i;
    }
    if (r->column[COLUMN_POST] < 0 || r->column[COLUMN_HOLDER] < 0)
        return err_set(err, ERR_INPUT,
                       "the first line names the columns: post, holder, and organisation "
                       "where posts go by their names");
    return 0;
}

static int take_record(void *context, const struct csv_record *record, struct err *err)
{
    struct reading *r = context;
    MEM_SCOPE(mem);
    const char *why = NULL;
    struct post_change change = {0};
    if (record->number == 1)
        return take_header(r, record, err);
    if (find_post(r, mem, record, &change.post, &why, err) < 0 ||
        (!why && find_holder(r, mem, record, &change.holder, &why, err) < 0))
        return -1;
    if (why) {
        problem(r, record, why);
        return 0;
    }
    size_t n = talloc_array_length(r->changes);
    r->changes = talloc_realloc(r->mem, r->changes, struct post_change, (unsigned)n + 1);
    r->changes[n] = change;
    return 0;
}

int post_read_changes(void *mem, struct db *db, const char *path, struct post_change **changes_r,
                      const char ***problems_r, struct err *err)
{
    MEM_SCOPE(scratch);
    struct listfile file;
    struct reading r = {.mem = mem, .db = db, .file = &file};
    r.changes = talloc_array(mem, struct post_change, 0);
    *problems_r = r.problems = talloc_array(mem, const char *, 0);
    if (listfile_open(scratch, path, &(struct listfile_options){0}, &file, err) < 0 ||
        listfile_each(&file, 0, take_record, &r, err) < 0)
        return -1;
    *problems_r = r.problems;
    *changes_r = r.changes;
    size_t wrong = talloc_array_length(r.problems);
    if (wrong)
        return err_set(err, ERR_INPUT,
                       err_plural("%zu of the list's lines is in the way: nothing was changed",
                                  "%zu of the list's lines are in the way: nothing was changed", wrong),
                       wrong);
    if (!talloc_array_length(r.changes))
        return err_set(err, ERR_INPUT, "%s: names no post", path);
    return 0;
}
