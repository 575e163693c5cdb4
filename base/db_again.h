/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A transaction that somebody else was in the way of, begun anew:
 *
 *     return DB_AGAIN(merge_whole(db, a, b, err), err);
 */
#ifndef BASE_DB_AGAIN_H
#define BASE_DB_AGAIN_H

#include "base/db.h"

/* What `whole`, a transaction of its own, gives in the end; it is tried up to three times. */
#define DB_AGAIN(whole, err)                                                                                 \
    ({                                                                                                       \
        int rc_, tries_ = 0;                                                                                 \
        while ((rc_ = (whole)) < 0 && db_again(err, &tries_))                                                \
            ;                                                                                                \
        rc_;                                                                                                 \
    })

/* Whether another try may do better (after a deadlock, or when what it refers to was removed meanwhile) and
 * has not been made twice already.  Waits a little before. */
bool db_again(const struct err *err, int *tries) MUST_CHECK;

#endif
