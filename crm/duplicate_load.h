/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Inside of crm/duplicate.c: contacts out of the store, as they are compared.
 */
#ifndef CRM_DUPLICATE_LOAD_H
#define CRM_DUPLICATE_LOAD_H

#include "base/db.h"
#include "crm/likeness.h"

enum { DUPLICATE_PAGE = 4000 }; /* contacts, or pairs, at a time */

struct parties {
    struct likeness_party **party; /* by id; talloc */
    size_t n;
};

/* Those of ids, as the acting user sees them, but for private addresses; without those that were merged. */
int duplicate_load(void *mem, struct db *db, const int64_t *ids, size_t n, struct parties *parties_r,
                   struct err *err) MUST_CHECK;
/* The next ones behind an id. */
int duplicate_load_page(void *mem, struct db *db, int64_t behind, struct parties *parties_r,
                        struct err *err) MUST_CHECK;
/* NULL: it is not among them. */
const struct likeness_party *duplicate_party(const struct parties *parties, int64_t id);

#endif
