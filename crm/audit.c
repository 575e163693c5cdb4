/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * PostgreSQL computes, since the digests are over its own texts of the values
 * (sql/migrate/001_foundation.sql).
 */
#include "crm/audit.h"

#include <unistd.h>

#include "sql/audit.h"

int audit_seal(struct db *db, struct err *err)
{
    return db_run(db, NULL, err, SQL_AUDIT_SEAL) < 0 ? -1 : 0;
}

void audit_seal_if_possible(struct db *db)
{
    struct err ignored;
    if (audit_seal(db, &ignored) < 0)
        return;
}

int audit_note(struct db *db, const char *action, const char *object, int64_t rows,
               const unsigned char digest[DIGEST_BYTES], struct err *err)
{
    return db_run(db, NULL, err, SQL_AUDIT_NOTE, db_text(action), db_text(object), db_int(rows),
                  db_bytes(digest, DIGEST_BYTES)) < 0
               ? -1
               : 0;
}

int audit_export(struct db *db, const char *object, int64_t rows, const char *path, struct err *err)
{
    MEM_SCOPE(mem);
    char *bytes;
    size_t len;
    unsigned char digest[DIGEST_BYTES];
    int rc = mem_read_file(mem, path, SIZE_MAX, &bytes, &len, err);
    if (rc == 0) {
        digest_sha256(bytes, len, digest);
        rc = audit_note(db, "EXPORT", object, rows, digest, err);
    }
    if (rc < 0)
        unlink(path);
    else
        audit_seal_if_possible(db);
    return rc;
}

int audit_verify(void *mem, struct db *db, struct audit_verdict *verdict_r, struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS sums = NULL;
    DB_ROWS broken = NULL;
    if (audit_seal(db, err) < 0 || db_begin(&tx, db, DB_READ, err) < 0 ||
        db_run(db, &sums, err, SQL_AUDIT_SUMS) < 0 || db_run(db, &broken, err, SQL_AUDIT_BROKEN) < 0)
        return -1;
    *verdict_r = (struct audit_verdict){.entries = db_get_int(sums, 0, "entries"),
                                        .unsealed = db_get_int(sums, 0, "unsealed"),
                                        .erased = db_get_int(sums, 0, "erased"),
                                        .chain = talloc_strdup(mem, db_get_str(sums, 0, "chain"))};
    if (db_rows_count(broken))
        verdict_r->broken = talloc_asprintf(mem, "entry %s (%s, %s, %s of %s): %s",
                                            db_get_str(broken, 0, "id"), db_get_str(broken, 0, "at"),
                                            db_get_str(broken, 0, "actor"), db_get_str(broken, 0, "action"),
                                            db_get_str(broken, 0, "object"), db_get_str(broken, 0, "why"));
    return db_commit(&tx, err);
}

int audit_differs(struct db *db, struct db_rows **rows_r, struct err *err)
{
    return db_run(db, rows_r, err, SQL_AUDIT_DIFFERS);
}

int audit_list(struct db *db, const struct audit_filter *f, struct db_rows **rows_r, struct err *err)
{
    return db_run(db, rows_r, err, SQL_AUDIT_LIST, db_int_or_null(f->contact_id), db_text(f->actor),
                  db_text(f->from), db_text(f->to), db_text(f->zone), db_int_or_null(f->before_id),
                  db_int(f->limit));
}
