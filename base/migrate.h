/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Forward-only migrations: sql/migrate/NNN_name.sql, built into the program, applied in order, each once,
 * remembered with its SHA-256 in the table `migration`.  A file that changed after it was applied is an
 * error: the store and the program no longer agree.
 */
#ifndef BASE_MIGRATE_H
#define BASE_MIGRATE_H

#include "base/db.h"

struct migrate_status {
    int applied, pending;
    const char *last; /* name of the last one applied, or NULL; a talloc child of mem */
};
int migrate_status(void *mem, struct db *db, struct migrate_status *status_r, struct err *err) MUST_CHECK;

/* Called in the same transaction after the last migration (reference data). */
typedef int migrate_after_fn(struct db *db, struct err *err);
/* All pending ones in one transaction under a lock, so that two upgrades do not meet. */
int migrate_upgrade(struct db *db, migrate_after_fn *after, int *applied_r, struct err *err) MUST_CHECK;

#endif
