/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Contacts that are perhaps one party: found by crm/likeness.h, kept as proposals until a person decides.
 *
 * A pair is kept once, the smaller number first.  "Not the same" is remembered, and goes along when one of
 * the two is merged into a third.
 */
#ifndef CRM_DUPLICATE_H
#define CRM_DUPLICATE_H

#include "base/db.h"

#define DUPLICATE_LEAST 0.5 /* of a proposal */

struct duplicate_sums {
    int64_t contacts, pairs, proposals; /* looked at; compared; found */
};

/* All contacts with each other; old proposals that are none any more go. One transaction. */
int duplicate_search(struct db *db, struct duplicate_sums *sums_r, struct err *err) MUST_CHECK;
/* What was added since the last search with everything.  In the caller's transaction, as are the next two. */
int duplicate_search_new(struct db *db, struct duplicate_sums *sums_r, struct err *err) MUST_CHECK;
/* What an import brought, or added to, with everything. */
int duplicate_search_import(struct db *db, int64_t import, struct duplicate_sums *sums_r,
                            struct err *err) MUST_CHECK;
/* One contact (new, or changed) with everything. */
int duplicate_search_contact(struct db *db, int64_t id, struct duplicate_sums *sums_r,
                             struct err *err) MUST_CHECK;

/* The likeliest first; of one contact, or of all (0).  With decided also what is decided.  fn sees a, b,
 * name_a, name_b, kind, probability, evidence (JSON: [{"what", "a", "b", "weight"}]), state, certain;
 * ask (the one that another department must share first, or null) and kept_by. */
int duplicate_list(struct db *db, int64_t id, double least, bool decided, db_row_fn *fn, void *context,
                   struct err *err) MUST_CHECK;

/* The two are not one. */
int duplicate_tell_apart(struct db *db, int64_t a, int64_t b, struct err *err) MUST_CHECK;

#endif
