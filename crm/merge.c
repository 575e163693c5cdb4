/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What is done to the rows is contact_merge() and contact_unmerge() of the store: they find the tables in the
 * catalogue of the database, so that none can be forgotten.
 */
#include "crm/merge.h"

#include "base/db_again.h"
#include "crm/duplicate.h"
#include "crm/rights.h"
#include "sql/duplicate.h"
#include "sql/merge.h"

/* contact_merge() refuses it, too, in English. */
static int check_distinct(struct db *db, int64_t a, int64_t b, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_DUPLICATE_IS_DISTINCT, db_int(a), db_int(b));
    if (n <= 0)
        return n;
    return err_set(err, ERR_CONFLICT, "%s said on %.10s that contacts %lld and %lld are not the same",
                   db_get_str(rows, 0, "decided_by"), db_get_str(rows, 0, "decided_at"), (long long)a,
                   (long long)b);
}

int merge_older(struct db *db, int64_t a, int64_t b, int64_t *id_r, struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(db, &rows, err, SQL_MERGE_OLDER, db_int(a), db_int(b)) < 0)
        return -1;
    *id_r = db_get_int(rows, 0, "id");
    return 0;
}

static int read_conflicts(void *mem, struct db *db, struct merge_report *report, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_MERGE_CONFLICTS, db_int(report->id));
    if (n < 0)
        return -1;
    report->conflict = talloc_zero_array(mem, struct merge_conflict, (unsigned)n);
    report->nconflict = (size_t)n;
    for (int i = 0; i < n; i++)
        report->conflict[i] = (struct merge_conflict){talloc_strdup(mem, db_get_str(rows, i, "field")),
                                                      talloc_strdup(mem, db_get_str(rows, i, "kept")),
                                                      talloc_strdup(mem, db_get_str(rows, i, "dropped"))};
    return 0;
}

static int read_sums(void *mem, const struct db_rows *rows, struct merge_report *report)
{
    report->nsum = (size_t)db_rows_count(rows);
    report->sum = talloc_zero_array(mem, struct merge_sum, report->nsum);
    for (size_t i = 0; i < report->nsum; i++)
        report->sum[i] =
            (struct merge_sum){talloc_strdup(mem, db_get_str(rows, (int)i, "object")),
                               db_get_int(rows, (int)i, "moved"), db_get_int(rows, (int)i, "stays")};
    return 0;
}

/* Inside a transaction. */
static int merge(void *mem, struct db *db, const struct merge_options *o, struct merge_report *report,
                 struct err *err)
{
    DB_ROWS rows = NULL;
    DB_ROWS sums = NULL;
    if (db_run(db, &rows, err, SQL_MERGE_CONTACTS, db_int(report->survivor), db_int(report->loser),
               db_texts(mem, o->take, o->ntake)) < 0)
        return -1;
    report->id = db_get_int(rows, 0, "id");
    if (db_run(db, &sums, err, SQL_MERGE_MOVED, db_int(report->id)) < 0 || read_sums(mem, sums, report) < 0)
        return -1;
    return read_conflicts(mem, db, report, err);
}

static int merge_whole(void *mem, struct db *db, int64_t a, int64_t b, const struct merge_options *o,
                       struct merge_report *report_r, struct err *err)
{
    DB_TX tx = {0};
    struct duplicate_sums sums;
    *report_r = (struct merge_report){.survivor = o->survivor};
    if (a == b)
        return err_set(err, ERR_USAGE, "both are contact %lld", (long long)a);
    if (db_begin(&tx, db, DB_WRITE, err) < 0 || rights_check_contact(db, RIGHT_write, a, err) < 0 ||
        rights_check_contact(db, RIGHT_write, b, err) < 0 || check_distinct(db, a, b, err) < 0 ||
        (!o->survivor && merge_older(db, a, b, &report_r->survivor, err) < 0))
        return -1;
    report_r->loser = report_r->survivor == a ? b : a;
    if (merge(mem, db, o, report_r, err) < 0 ||
        duplicate_search_contact(db, report_r->survivor, &sums, err) < 0)
        return -1;
    return db_commit(&tx, err);
}

int merge_contacts(void *mem, struct db *db, int64_t a, int64_t b, const struct merge_options *o,
                   struct merge_report *report_r, struct err *err)
{
    return DB_AGAIN(merge_whole(mem, db, a, b, o, report_r, err), err);
}

/* A later merge stands upon this one. */
static int check_last(struct db *db, int64_t merge, int64_t survivor, struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_MERGE_FIND_LATER, db_int(merge), db_int(survivor));
    if (n <= 0)
        return n;
    return err_set(err, ERR_CONFLICT, "contact %lld is itself merged: first `contact unmerge %lld`",
                   (long long)survivor, (long long)survivor);
}

static int undo_whole(void *mem, struct db *db, int64_t id, struct merge_report *report_r, struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS found = NULL;
    DB_ROWS sums = NULL;
    struct duplicate_sums searched;
    *report_r = (struct merge_report){0};
    if (db_begin(&tx, db, DB_WRITE, err) < 0)
        return -1;
    int n = db_run(db, &found, err, SQL_MERGE_FIND, db_int(id));
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "contact %lld is not merged with another", (long long)id);
    if (n < 0)
        return -1;
    report_r->id = db_get_int(found, 0, "id");
    report_r->survivor = db_get_int(found, 0, "survivor_id");
    report_r->loser = db_get_int(found, 0, "loser_id");
    if (check_last(db, report_r->id, report_r->survivor, err) < 0 ||
        db_run(db, &sums, err, SQL_MERGE_UNDO, db_int(report_r->id)) < 0 ||
        read_sums(mem, sums, report_r) < 0 ||
        duplicate_search_contact(db, report_r->survivor, &searched, err) < 0 ||
        duplicate_search_contact(db, report_r->loser, &searched, err) < 0)
        return -1;
    return db_commit(&tx, err);
}

int merge_undo(void *mem, struct db *db, int64_t id, struct merge_report *report_r, struct err *err)
{
    return DB_AGAIN(undo_whole(mem, db, id, report_r, err), err);
}

int merge_certain(struct db *db, int64_t *merged_r, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    *merged_r = 0;
    int n = db_run(db, &rows, err, SQL_DUPLICATE_CERTAIN);
    for (int i = 0; i < n; i++) {
        struct merge_report report;
        int64_t a = db_get_int(rows, i, "a"), b = db_get_int(rows, i, "b");
        /* of three, the first merge may have taken one of the second */
        int open = db_run(db, NULL, err, SQL_MERGE_BOTH_OPEN, db_int(a), db_int(b));
        if (open < 0 || (open && merge_contacts(mem, db, a, b, &(struct merge_options){0}, &report, err) < 0))
            return -1;
        *merged_r += open;
    }
    return n < 0 ? -1 : 0;
}

int merge_check_field(struct db *db, const char *field, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS rows = NULL;
    struct text all = text_new(mem);
    int n = db_run(db, &rows, err, SQL_MERGE_FIELDS);
    for (int i = 0; i < n; i++) {
        if (!strcmp(db_get_str(rows, i, "field"), field))
            return 0;
        text_printf(&all, "%s%s", i ? ", " : "", db_get_str(rows, i, "field"));
    }
    return n < 0 ? -1 : err_set(err, ERR_USAGE, "--take %s: there are the fields %s", field, all.s);
}
