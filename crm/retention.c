/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Retention: rules, reports, and the erasure of those on a report.  A report is frozen when it is made; what
 * happened with a contact since takes it off.
 */
#include "crm/consent.h"
#include "base/catalog.h"
#include "base/db_again.h"
#include "crm/contact.h"
#include "crm/rights.h"
#include "sql/consent.h"

int consent_retention_list(struct db *db, struct db_rows **rows_r, struct err *err)
{
    return db_run(db, rows_r, err, SQL_CONSENT_RETENTION_RULES);
}

int consent_retention_add(struct db *db, const struct consent_retention *r, int64_t *id_r, struct err *err)
{
    DB_ROWS category = NULL;
    DB_ROWS rows = NULL;
    if (r->months < 1 || r->months > 1200)
        return err_set(err, ERR_USAGE, "--months is a number from 1 to 1200");
    if (r->kind && strcmp(r->kind, "person") && strcmp(r->kind, "organisation"))
        return err_set(err, ERR_USAGE, "--kind is person or organisation, not \"%s\"", r->kind);
    if (!r->why || !*r->why)
        return err_set(err, ERR_USAGE, "a rule has a reason: --why, the law or the rule of the house");
    int n = r->category ? db_run(db, &category, err, SQL_CONSENT_CATEGORY_FIND, db_text(r->category)) : 1;
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no category \"%s\"", r->category);
    if (n < 0 || db_run(db, &rows, err, SQL_CONSENT_RETENTION_ADD,
                        r->category ? db_int(db_get_int(category, 0, "id")) : db_null(), db_text(r->kind),
                        db_int(r->months), db_text(r->why)) < 0)
        return -1;
    *id_r = db_get_int(rows, 0, "id");
    return 0;
}

int consent_retention_remove(struct db *db, int64_t id, struct err *err)
{
    int n = db_run(db, NULL, err, SQL_CONSENT_RETENTION_USED, db_int(id));
    if (n > 0)
        return err_set(err, ERR_CONFLICT, "rule %lld stands behind a report and stays", (long long)id);
    n = n < 0 ? -1 : db_run(db, NULL, err, SQL_CONSENT_RETENTION_REMOVE, db_int(id));
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no rule %lld", (long long)id);
    return n < 0 ? -1 : 0;
}

int consent_report_new(struct db *db, int64_t *id_r, struct db_rows **rows_r, struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS rows = NULL;
    if (db_begin(&tx, db, DB_WRITE, err) < 0 ||
        rights_check_deed(db, RIGHT_erase, N_("make a report of who is due"), err) < 0 ||
        db_run(db, &rows, err, SQL_CONSENT_REPORT_ADD) < 0)
        return -1;
    *id_r = db_get_int(rows, 0, "id");
    int n = db_run(db, NULL, err, SQL_CONSENT_REPORT_FILL, db_int(*id_r));
    if (n < 0 || db_run(db, rows_r, err, SQL_CONSENT_REPORT_ITEMS, db_int(*id_r)) < 0)
        return -1;
    if (n > 0)
        return db_commit(&tx, err);
    *id_r = 0; /* an empty report is none: rolled back */
    return 0;
}

static int find(struct db *db, int64_t id, struct db_rows **rows_r, struct err *err)
{
    int n = db_run(db, rows_r, err, SQL_CONSENT_REPORT_FIND, db_int(id));
    if (n == 0)
        return err_set(err, ERR_NOTFOUND, "there is no report %lld", (long long)id);
    return n < 0 ? -1 : 0;
}

int consent_report_show(struct db *db, int64_t id, struct db_rows **rows_r, struct err *err)
{
    DB_ROWS report = NULL;
    return find(db, id, &report, err) < 0 ? -1
                                          : db_run(db, rows_r, err, SQL_CONSENT_REPORT_ITEMS, db_int(id));
}

/* Marks the report as carried out by whoever is connected, before the first is erased; who began it may go
 * on. */
static int begin_erasure(struct db *db, int64_t id, struct db_rows **due_r, struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS report = NULL;
    if (db_begin(&tx, db, DB_WRITE, err) < 0 || rights_check(db, RIGHT_erase, err) < 0 ||
        find(db, id, &report, err) < 0)
        return -1;
    bool begun = !db_is_null(report, 0, "done_at");
    if (begun && !db_get_bool(report, 0, "mine"))
        return err_set(err, ERR_CONFLICT, "report %lld was carried out at %s by %s", (long long)id,
                       db_get_str(report, 0, "done_at"), db_get_str(report, 0, "done_by"));
    if (db_run(db, due_r, err, SQL_CONSENT_REPORT_DUE, db_int(id), db_null()) < 0)
        return -1;
    int n = begun ? 1 : db_run(db, NULL, err, SQL_CONSENT_REPORT_DONE, db_int(id));
    if (n == 0)
        return err_set(err, ERR_CONFLICT, "report %lld is being carried out by somebody else", (long long)id);
    if (n < 0)
        return strstr(err->text, "four_eyes")
                   ? err_set(err, ERR_CONFLICT, "report %lld is yours: somebody else carries it out",
                             (long long)id)
                   : -1;
    return db_commit(&tx, err);
}

/* 1 erased, 0 not: something happened with it since the list was made. */
static int erase_one(struct db *db, int64_t id, int64_t contact, const char *reason, struct err *err)
{
    DB_TX tx = {0};
    if (db_begin(&tx, db, DB_WRITE, err) < 0 || contact_lock(db, &contact, 1, err) < 0)
        return -1;
    int due = db_run(db, NULL, err, SQL_CONSENT_REPORT_DUE, db_int(id), db_int(contact));
    if (due <= 0)
        return due;
    if (consent_erase(db, contact, reason, err) < 0 ||
        db_run(db, NULL, err, SQL_CONSENT_REPORT_ERASED, db_int(id), db_int(contact), db_bool(true)) < 0)
        return -1;
    return db_commit(&tx, err) < 0 ? -1 : 1;
}

int consent_report_erase(struct db *db, int64_t id, int *erased_r, int *left_r, struct err *err)
{
    MEM_SCOPE(mem);
    DB_ROWS due = NULL;
    DB_ROWS items = NULL;
    *erased_r = *left_r = 0;
    if (begin_erasure(db, id, &due, err) < 0)
        return -1;
    const char *reason = talloc_asprintf(mem, "retention report %lld", (long long)id);
    for (int i = 0; i < db_rows_count(due); i++) {
        int64_t contact = db_get_int(due, i, "contact_id");
        int rc = DB_AGAIN(erase_one(db, id, contact, reason, err), err);
        if (rc < 0 && err->code != ERR_CONFLICT)
            return -1;
        if (rc < 0 &&
            db_run(db, NULL, err, SQL_CONSENT_REPORT_ERASED, db_int(id), db_int(contact), db_bool(false)) < 0)
            return -1;
        *erased_r += rc > 0;
    }
    int n = db_run(db, &items, err, SQL_CONSENT_REPORT_ITEMS, db_int(id));
    *left_r = n - *erased_r;
    return n < 0 ? -1 : 0;
}
