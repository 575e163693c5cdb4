/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The audit log's chain: each entry holds a digest over the entry before, its own facts and the digests of
 * the values beside it.  An erasure empties values and leaves their digests.
 */
#ifndef CRM_AUDIT_H
#define CRM_AUDIT_H

#include "base/db.h"

struct audit_verdict {
    int64_t entries, erased; /* values emptied by an erasure */
    const char *broken;      /* NULL: the chain is whole; else the first entry that is not, and why */
};
/* Computes the chain again, from the first entry on; verdict's text is a talloc child of mem. */
int audit_verify(void *mem, struct db *db, struct audit_verdict *verdict_r, struct err *err) MUST_CHECK;

#endif
