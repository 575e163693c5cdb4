/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * PostgreSQL computes, since the digests are over its own texts of the values; it is the same reckoning as in
 * the triggers, done from the rows alone.
 */
#include "crm/audit.h"

#include "sql/audit.h"

int audit_verify(void *mem, struct db *db, struct audit_verdict *verdict_r, struct err *err)
{
    DB_TX tx = {0};
    DB_ROWS count = NULL;
    DB_ROWS broken = NULL;
    if (db_begin(&tx, db, DB_READ, err) < 0 || db_run(db, &count, err, SQL_AUDIT_COUNT) < 0 ||
        db_run(db, &broken, err, SQL_AUDIT_FIRST_BROKEN) < 0)
        return -1;
    *verdict_r = (struct audit_verdict){.entries = db_get_int(count, 0, "entries"),
                                        .erased = db_get_int(count, 0, "erased")};
    if (db_rows_count(broken))
        verdict_r->broken = talloc_asprintf(mem, "entry %s (%s, %s, %s of %s): %s",
                                            db_get_str(broken, 0, "id"), db_get_str(broken, 0, "at"),
                                            db_get_str(broken, 0, "actor"), db_get_str(broken, 0, "action"),
                                            db_get_str(broken, 0, "object"), db_get_str(broken, 0, "why"));
    return db_commit(&tx, err);
}
