/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The steps of an import, each one statement over all rows; sql/query/import.sql says what each does.
 */
#include "crm/import.h"

#include "base/csv.h"
#include "crm/department.h"
#include "crm/import_stage.h"
#include "sql/import.h"

/* Of two parameters the first is the department, the last the import. */
static const struct db_stmt *const match_steps[] = {
    &SQL_IMPORT_ANALYZE_STAGE.stmt,      &SQL_IMPORT_CREATE_EMAIL.stmt,   &SQL_IMPORT_ANALYZE_EMAIL.stmt,
    &SQL_IMPORT_CREATE_HOLDER.stmt,      &SQL_IMPORT_ANALYZE_HOLDER.stmt, &SQL_IMPORT_CREATE_LABEL.stmt,
    &SQL_IMPORT_ANALYZE_LABEL.stmt,      &SQL_IMPORT_MATCH_ADDRESS.stmt,  &SQL_IMPORT_MATCH_ROW_ADDRESS.stmt,
    &SQL_IMPORT_MATCH_ORGANISATION.stmt, &SQL_IMPORT_MATCH_PERSON.stmt,   &SQL_IMPORT_MATCH_ROW_NAME.stmt,
};
static const struct db_stmt *const write_steps[] = {
    &SQL_IMPORT_CREATE_CATEGORY.stmt,  &SQL_IMPORT_FLAG_CATEGORY.stmt,    &SQL_IMPORT_FLAG_ADDRESS.stmt,
    &SQL_IMPORT_FLAG_ROW_ADDRESS.stmt, &SQL_IMPORT_FLAG_NAME.stmt,        &SQL_IMPORT_FLAG_ROW_NAME.stmt,
    &SQL_IMPORT_NUMBER_CONTACTS.stmt,  &SQL_IMPORT_NUMBER_SAME.stmt,      &SQL_IMPORT_NUMBER_KNOWN.stmt,
    &SQL_IMPORT_MARK_KEPT.stmt,        &SQL_IMPORT_CREATE_ORG.stmt,       &SQL_IMPORT_ORG_FIND.stmt,
    &SQL_IMPORT_ORG_FIND_ROW.stmt,     &SQL_IMPORT_ORG_NUMBER.stmt,       &SQL_IMPORT_ANALYZE_FRESH.stmt,
    &SQL_IMPORT_WRITE_CONTACTS.stmt,   &SQL_IMPORT_WRITE_NAMES.stmt,      &SQL_IMPORT_WRITE_DEPARTMENTS.stmt,
    &SQL_IMPORT_WRITE_REQUESTS.stmt,   &SQL_IMPORT_WRITE_ADDRESSES.stmt,  &SQL_IMPORT_WRITE_PHONES.stmt,
    &SQL_IMPORT_WRITE_POSTAL.stmt,     &SQL_IMPORT_WRITE_CATEGORIES.stmt, &SQL_IMPORT_WRITE_NOTES.stmt,
    &SQL_IMPORT_WRITE_DETAILS.stmt,    &SQL_IMPORT_CREATE_POST.stmt,      &SQL_IMPORT_POST_FIND.stmt,
    &SQL_IMPORT_POST_NUMBER.stmt,      &SQL_IMPORT_WRITE_POSTS.stmt,      &SQL_IMPORT_WRITE_TERMS.stmt,
    &SQL_IMPORT_WRITE_ROWS.stmt,
};

static int run_steps(struct db *db, const struct db_stmt *const *step, size_t n, int64_t department,
                     int64_t import, struct err *err)
{
    const struct db_arg args[] = {db_int(department), db_int(import)};
    for (size_t i = 0; i < n; i++)
        if (db_run_args(db, NULL, err, step[i], args + ARRAY_LEN(args) - step[i]->nparams) < 0)
            return -1;
    return 0;
}

/* The reasons that the statements give, in the language of who imports. */
static int put_words(struct db *db, const struct catalog *catalog, struct err *err)
{
    static const char *const id[] = {"has-address",     "has-name",           "same-row",
                                     "no-category",     "address-of-contact", "address-of-row",
                                     "name-of-contact", "name-of-row",        "kept-by"};
    static const char *const msgid[] = {
        N_("contact %s has this address"),
        N_("contact %s has this name"),
        N_("the same as row %s"),
        N_("there is no category \"%s\""),
        N_("the address %s is also that of contact %s, %s"),
        N_("the address %s is also that of row %s"),
        N_("the name is nearly that of contact %s, %s"),
        N_("the name is nearly that of row %s"),
        N_("kept by %s, who are asked to share it"),
    };
    MEM_SCOPE(mem);
    const char *text[ARRAY_LEN(id)];
    for (size_t i = 0; i < ARRAY_LEN(id); i++)
        text[i] = catalog_text(catalog, msgid[i]);
    if (db_run(db, NULL, err, SQL_IMPORT_CREATE_WORD) < 0 ||
        db_run(db, NULL, err, SQL_IMPORT_WORD_ADD, db_texts(mem, id, ARRAY_LEN(id)),
               db_texts(mem, text, ARRAY_LEN(id))) < 0)
        return -1;
    return 0;
}

static int match(struct db *db, struct err *err)
{
    if (run_steps(db, match_steps, ARRAY_LEN(match_steps), 0, 0, err) < 0)
        return -1;
    int moved; /* each step is to an earlier row, so that it ends */
    while ((moved = db_run(db, NULL, err, SQL_IMPORT_MATCH_ROW_END)) > 0)
        ;
    return moved;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int add_import(void *mem, struct db *db, const struct import_options *o, const struct import_file *f,
                      int64_t department, struct import_report *report, struct err *err)
{
    DB_ROWS rows = NULL;
    report->encoding = talloc_strdup(mem, f->encoding);
    report->delimiter = csv_delimiter_name(mem, f->delimiter);
    if (db_run(db, &rows, err, SQL_IMPORT_ADD, db_text("contacts"), db_text(base_name(o->file)),
               db_bytes(f->bytes, f->len), db_int(department), db_text(report->encoding),
               db_text(report->delimiter)) < 0)
        return -1;
    report->id = db_get_int(rows, 0, "id");
    return 0;
}

static int read_report(void *mem, struct db *db, struct import_report *report, struct err *err)
{
    DB_ROWS sums = NULL;
    DB_ROWS rows = NULL;
    if (db_run(db, &sums, err, SQL_IMPORT_WRITE_SUMS, db_int(report->id)) < 0)
        return -1;
    report->ready = db_get_int(sums, 0, "ready");
    report->known = db_get_int(sums, 0, "known");
    report->check = db_get_int(sums, 0, "to_check");
    report->refused = db_get_int(sums, 0, "refused");
    int n = db_run(db, &rows, err, SQL_IMPORT_REPORT);
    if (n < 0)
        return -1;
    report->lines = talloc_zero_array(mem, struct import_line, (unsigned)n);
    report->n = (size_t)n;
    for (int i = 0; i < n; i++) {
        struct import_line *line = &report->lines[i];
        line->row = db_get_int(rows, i, "row");
        line->line = db_get_int(rows, i, "line");
        line->class = talloc_strdup(report->lines, db_get_str(rows, i, "class"));
        line->reason = talloc_strdup(report->lines, db_get_str(rows, i, "reason"));
    }
    return 0;
}

int import_contacts(void *mem, struct db *db, const struct import_options *o, struct import_report *report_r,
                    struct err *err)
{
    DB_TX tx = {0};
    MEM_SCOPE(scratch);
    struct department department;
    struct import_file file;
    *report_r = (struct import_report){0};
    if (db_begin(&tx, db, DB_WRITE, err) < 0 || db_run(db, NULL, err, SQL_IMPORT_LOCK) < 0 ||
        department_get_for(mem, db, RIGHT_write, o->department, &department, err) < 0 ||
        import_stage_file(scratch, db, o, &file, err) < 0 || put_words(db, o->catalog, err) < 0 ||
        add_import(mem, db, o, &file, department.id, report_r, err) < 0 || match(db, err) < 0 ||
        run_steps(db, write_steps, ARRAY_LEN(write_steps), department.id, report_r->id, err) < 0 ||
        read_report(mem, db, report_r, err) < 0)
        return -1;
    report_r->department = department.slug;
    if (o->dry_run || (o->strict && report_r->refused)) {
        report_r->id = 0; /* the transaction is rolled back */
        return 0;
    }
    return db_commit(&tx, err);
}
