/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A transaction that somebody else was in the way of, begun anew:
 *
 *     int rc, tries = 0;
 *     while ((rc = whole_transaction(..., err)) < 0 && db_again(err, &tries))
 *         ;
 */
#ifndef BASE_DB_AGAIN_H
#define BASE_DB_AGAIN_H

#include "base/db.h"

/* After a failure: whether another try may do better (a deadlock, or what it refers to was removed meanwhile)
 * and has not been made twice already.  Waits a little before. */
bool db_again(const struct err *err, int *tries) MUST_CHECK;

#endif
