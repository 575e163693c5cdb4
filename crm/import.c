/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The steps of an import, each one statement over all rows; sql/query/import.sql says what each does.
 */
#include "crm/import.h"

#include "base/db_again.h"
#include "base/digest.h"
#include "crm/department.h"
#include "crm/duplicate.h"
#include "crm/import_stage.h"
#include "sql/import.h"

/* Of two parameters the first is the department, the last the import. */
static const struct db_stmt *const match_steps[] = {
    &SQL_IMPORT_ANALYZE_STAGE.stmt,  &SQL_IMPORT_CREATE_EMAIL.stmt,      &SQL_IMPORT_ANALYZE_EMAIL.stmt,
    &SQL_IMPORT_CREATE_HOLDER.stmt,  &SQL_IMPORT_ANALYZE_HOLDER.stmt,    &SQL_IMPORT_CREATE_LABEL.stmt,
    &SQL_IMPORT_ANALYZE_LABEL.stmt,  &SQL_IMPORT_MATCH_UID.stmt,         &SQL_IMPORT_MATCH_ADDRESS.stmt,
    &SQL_IMPORT_MATCH_EMPLOYER.stmt, &SQL_IMPORT_CREATE_FORMER.stmt,     &SQL_IMPORT_ANALYZE_FORMER.stmt,
    &SQL_IMPORT_MATCH_FORMER.stmt,   &SQL_IMPORT_MATCH_ROW_ADDRESS.stmt, &SQL_IMPORT_MATCH_ORGANISATION.stmt,
    &SQL_IMPORT_MATCH_PERSON.stmt,   &SQL_IMPORT_MATCH_ROW_NAME.stmt,
};
static const struct db_stmt *const number_steps[] = {
    &SQL_IMPORT_CREATE_CATEGORY.stmt, &SQL_IMPORT_FLAG_CATEGORY.stmt, &SQL_IMPORT_FIND_OWNER.stmt,
    &SQL_IMPORT_FLAG_ADDRESS.stmt,    &SQL_IMPORT_FLAG_ERASED.stmt,   &SQL_IMPORT_FLAG_ROW_ADDRESS.stmt,
    &SQL_IMPORT_FLAG_NAME.stmt,       &SQL_IMPORT_FLAG_ROW_NAME.stmt, &SQL_IMPORT_NUMBER_CONTACTS.stmt,
    &SQL_IMPORT_NUMBER_SAME.stmt,     &SQL_IMPORT_NUMBER_KNOWN.stmt,
};
static const struct db_stmt *const people_steps[] = {
    &SQL_IMPORT_PERSON_FIND.stmt, &SQL_IMPORT_PERSON_FIND_ROW.stmt, &SQL_IMPORT_PERSON_NUMBER.stmt,
    &SQL_IMPORT_CREATE_ORG.stmt,  &SQL_IMPORT_ORG_FIND.stmt,        &SQL_IMPORT_ORG_FIND_ROW.stmt,
    &SQL_IMPORT_ORG_NUMBER.stmt,  &SQL_IMPORT_ANALYZE_FRESH.stmt,
};
static const struct db_stmt *const write_steps[] = {
    &SQL_IMPORT_WRITE_CONTACTS.stmt, &SQL_IMPORT_WRITE_NAMES.stmt,      &SQL_IMPORT_WRITE_DEPARTMENTS.stmt,
    &SQL_IMPORT_WRITE_REQUESTS.stmt, &SQL_IMPORT_WRITE_ADDRESSES.stmt,  &SQL_IMPORT_WRITE_PHONES.stmt,
    &SQL_IMPORT_WRITE_POSTAL.stmt,   &SQL_IMPORT_WRITE_CATEGORIES.stmt, &SQL_IMPORT_WRITE_TAGS.stmt,
    &SQL_IMPORT_WRITE_NOTES.stmt,    &SQL_IMPORT_WRITE_DETAILS.stmt,    &SQL_IMPORT_CREATE_POST.stmt,
    &SQL_IMPORT_POST_FIND.stmt,      &SQL_IMPORT_POST_NUMBER.stmt,      &SQL_IMPORT_WRITE_POSTS.stmt,
    &SQL_IMPORT_WRITE_TERMS.stmt,    &SQL_IMPORT_CHANGE_CONTACTS.stmt,  &SQL_IMPORT_CHANGE_NAMES.stmt,
    &SQL_IMPORT_CHANGE_POSTAL.stmt,  &SQL_IMPORT_CHANGE_DETAILS.stmt,   &SQL_IMPORT_WRITE_CHANGES.stmt,
    &SQL_IMPORT_WRITE_ROWS.stmt,     &SQL_IMPORT_ANALYZE_STORE.stmt,
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
    static const char *const id[] = {
        "own-row",        "has-address",     "has-name",    "same-row", "no-category", "address-of-contact",
        "address-of-row", "name-of-contact", "name-of-row", "kept-by",  "erased",      "no-user",
        "had-name"};
    static const char *const msgid[] = {
        N_("from contact %s, which an import leaves as it is: contact changes shows what differs"),
        N_("contact %s has this address"),
        N_("contact %s has this name"),
        N_("the same as row %s"),
        N_("there is no category \"%s\""),
        N_("the address %s is also that of contact %s, %s"),
        N_("the address %s is also that of row %s"),
        N_("the name is nearly that of contact %s, %s"),
        N_("the name is nearly that of row %s"),
        N_("kept by %s, who are asked to share it"),
        N_("somebody with the address %s asked to be forgotten"),
        N_("there is no user \"%s\""),
        N_("contact %s was called so before"),
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

/* What is known already, until the import is through. */
static int lock_known(struct db *db, struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(db, NULL, err, SQL_IMPORT_LOCK_KNOWN) < 0 || db_run(db, NULL, err, SQL_IMPORT_LOCK_ORG) < 0)
        return -1;
    int gone = db_run(db, &rows, err, SQL_IMPORT_FIND_GONE);
    return gone > 0 ? err_set(err, ERR_AGAIN, "contact %lld was merged or erased at that moment; try again",
                              (long long)db_get_int(rows, 0, "id"))
                    : gone;
}

/* Who is new, what differs in those that are known, then the store. */
static int write_store(struct db *db, const char *policy, int64_t department, int64_t id, struct err *err)
{
    if (run_steps(db, number_steps, ARRAY_LEN(number_steps), department, id, err) < 0 ||
        db_run(db, NULL, err, SQL_IMPORT_MARK_KEPT) < 0 ||
        db_run(db, NULL, err, SQL_IMPORT_SKIP_KNOWN, db_text(policy)) < 0 ||
        run_steps(db, people_steps, ARRAY_LEN(people_steps), department, id, err) < 0 ||
        lock_known(db, err) < 0 || db_run(db, NULL, err, SQL_IMPORT_CREATE_DIFF, db_text(policy)) < 0)
        return -1;
    return run_steps(db, write_steps, ARRAY_LEN(write_steps), department, id, err);
}

/* ---- the report */

static void report_plan(void *mem, const struct list_plan *plan, struct import_report *report)
{
    report->encoding = plan->file.encoding;
    report->delimiter = plan->file.delimiter ? csv_delimiter_name(mem, plan->file.delimiter) : "";
    report->parts = plan->n;
    report->part = talloc_zero_array(mem, struct import_part, (unsigned)plan->n);
    for (size_t i = 0; i < plan->n; i++)
        report->part[i] = (struct import_part){plan->part[i].head.sheet_name, plan->part[i].head.row,
                                               plan->part[i].origin, mapping_text(plan->part[i].mapping)};
    report->left_out = plan->left_out;
    report->nleft_out = plan->nleft_out;
}

static int read_sums(struct db *db, struct import_report *report, struct err *err)
{
    DB_ROWS sums = NULL;
    if (db_run(db, &sums, err, SQL_IMPORT_WRITE_SUMS, db_int(report->id)) < 0)
        return -1;
    report->ready = db_get_int(sums, 0, "ready");
    report->known = db_get_int(sums, 0, "known");
    report->check = db_get_int(sums, 0, "to_check");
    report->refused = db_get_int(sums, 0, "refused");
    return 0;
}

/* Both come in the order of the rows. */
static void put_changes(struct import_line *line, int64_t row, const struct db_rows *rows, int *at)
{
    int n = db_rows_count(rows), from = *at;
    while (*at < n && db_get_int(rows, *at, "row") == row)
        ++*at;
    line->changes = (size_t)(*at - from);
    line->change = talloc_zero_array(line->reason, struct import_difference, (unsigned)line->changes);
    for (int i = from; i < *at; i++) {
        struct import_difference *d = &line->change[i - from];
        d->field = talloc_strdup(line->change, db_get_str(rows, i, "field"));
        d->after = talloc_strdup(line->change, db_get_str(rows, i, "after"));
        d->before =
            db_is_null(rows, i, "before") ? NULL : talloc_strdup(line->change, db_get_str(rows, i, "before"));
    }
}

static int read_lines(void *mem, struct db *db, struct import_report *report, struct err *err)
{
    DB_ROWS rows = NULL;
    DB_ROWS changes = NULL;
    int n = db_run(db, &rows, err, SQL_IMPORT_REPORT), at = 0;
    if (n < 0 || db_run(db, &changes, err, SQL_IMPORT_REPORT_CHANGES, db_int(report->id)) < 0)
        return -1;
    report->lines = talloc_zero_array(mem, struct import_line, (unsigned)n);
    report->n = (size_t)n;
    for (int i = 0; i < n; i++) {
        struct import_line *line = &report->lines[i];
        line->sheet =
            db_is_null(rows, i, "sheet") ? NULL : talloc_strdup(report->lines, db_get_str(rows, i, "sheet"));
        line->row = db_get_int(rows, i, "number");
        line->line = db_get_int(rows, i, "line");
        line->class = talloc_strdup(report->lines, db_get_str(rows, i, "class"));
        line->reason = talloc_strdup(report->lines, db_get_str(rows, i, "reason"));
        put_changes(line, db_get_int(rows, i, "row"), changes, &at);
    }
    return 0;
}

/* ---- from the begin to the end */

struct importing {
    void *mem;
    struct db *db;
    const struct import_options *o;
    struct department department;
    struct list_plan plan;
    struct import_report *report;
};

static int recall_mapping(void *context, void *mem, const char *shape, const char **text_r, struct err *err)
{
    struct importing *im = context;
    DB_ROWS rows = NULL;
    int n = im->o->afresh ? 0
                          : db_run(im->db, &rows, err, SQL_IMPORT_MAPPING_FIND, db_text(shape),
                                   db_int(im->department.id));
    if (n > 0)
        *text_r = talloc_strdup(mem, db_get_str(rows, 0, "mapping"));
    return n < 0 ? -1 : 0;
}

static int make_plan(struct importing *im, struct err *err)
{
    const struct listplan_options options = {.file = im->o->file,
                                             .map_file = im->o->map_file,
                                             .sheet = im->o->sheet,
                                             .format = im->o->format,
                                             .encoding = im->o->encoding,
                                             .delimiter = im->o->delimiter,
                                             .recall = recall_mapping,
                                             .context = im};
    return listplan_make(im->mem, &options, &im->plan, err);
}

static int keep_mappings(struct importing *im, struct err *err)
{
    for (size_t i = 0; i < im->plan.n && !im->plan.file.cards; i++)
        if (db_run(im->db, NULL, err, SQL_IMPORT_MAPPING_KEEP, db_text(im->plan.part[i].head.shape),
                   db_int(im->department.id), db_text(mapping_text(im->plan.part[i].mapping))) < 0)
            return -1;
    return 0;
}

static const char *policy_of(const struct import_options *o)
{
    return o->policy ? o->policy : "fill";
}

static int add_import(struct importing *im, struct err *err)
{
    DB_ROWS rows = NULL;
    DB_ROWS same = NULL;
    unsigned char sum[DIGEST_BYTES];
    struct import_report *r = im->report;
    const struct listfile *file = &im->plan.file;
    digest_sha256(file->bytes, file->len, sum);
    int n = db_run(im->db, &same, err, SQL_IMPORT_FIND_SAME, db_bytes(sum, sizeof sum));
    if (n > 0) {
        r->same_as = db_get_int(same, 0, "id");
        r->same_day = talloc_strdup(im->mem, db_get_str(same, 0, "day"));
    }
    if (n < 0 || db_run(im->db, &rows, err, SQL_IMPORT_ADD, db_text("contacts"), db_text(listfile_name(file)),
                        db_bytes(sum, sizeof sum), db_int(im->department.id), db_text(r->encoding),
                        db_text(r->delimiter), db_text(policy_of(im->o))) < 0)
        return -1;
    r->id = db_get_int(rows, 0, "id");
    return 0;
}

static int run_import(struct importing *im, struct err *err)
{
    struct import_report *r = im->report;
    if (make_plan(im, err) < 0)
        return -1;
    report_plan(im->mem, &im->plan, r);
    if (import_stage_rows(im->mem, im->db, im->o, &im->plan, r, err) < 0 ||
        put_words(im->db, im->o->catalog, err) < 0 || add_import(im, err) < 0 || match(im->db, err) < 0 ||
        write_store(im->db, policy_of(im->o), im->department.id, r->id, err) < 0 ||
        read_sums(im->db, r, err) < 0 || read_lines(im->mem, im->db, r, err) < 0)
        return -1;
    if (import_stage_bad(im->o, &im->plan, r, err) < 0)
        return -1;
    return keep_mappings(im, err);
}

/* What the list brought is perhaps there already under another name. */
static int find_duplicates(struct importing *im, struct err *err)
{
    struct duplicate_sums sums;
    if (duplicate_search_import(im->db, im->report->id, &sums, err) < 0)
        return -1;
    im->report->proposals = sums.proposals;
    return 0;
}

static int import_whole(void *mem, struct db *db, const struct import_options *o,
                        struct import_report *report_r, struct err *err)
{
    DB_TX tx = {0};
    struct importing im = {.mem = mem, .db = db, .o = o, .report = report_r};
    *report_r = (struct import_report){0};
    if (db_begin(&tx, db, DB_WRITE, err) < 0 || db_run(db, NULL, err, SQL_IMPORT_LOCK) < 0 ||
        department_get_for(mem, db, RIGHT_write, o->department, &im.department, err) < 0 ||
        run_import(&im, err) < 0)
        return -1;
    report_r->department = im.department.slug;
    if (o->dry_run || (o->strict && report_r->refused)) {
        report_r->id = 0; /* the transaction is rolled back */
        return 0;
    }
    return find_duplicates(&im, err) < 0 ? -1 : db_commit(&tx, err);
}

int import_contacts(void *mem, struct db *db, const struct import_options *o, struct import_report *report_r,
                    struct err *err)
{
    return DB_AGAIN(import_whole(mem, db, o, report_r, err), err);
}

int import_mapping(void *mem, struct db *db, const struct import_options *o, const char **text_r,
                   struct err *err)
{
    struct importing im = {.mem = mem, .db = db, .o = o};
    if (department_get(mem, db, o->department, &im.department, err) < 0 || make_plan(&im, err) < 0)
        return -1;
    struct text all = text_new(mem);
    for (size_t i = 0; i < im.plan.n; i++) {
        const char *text = mapping_text(im.plan.part[i].mapping);
        bool again = false; /* a mapping that was given is one text for all */
        for (size_t k = 0; k < i; k++)
            again = again || !strcmp(mapping_text(im.plan.part[k].mapping), text);
        if (!again)
            text_printf(&all, "%s%s", all.len ? "\n" : "", text);
    }
    *text_r = all.s;
    return 0;
}
