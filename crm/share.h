/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Sharing of contacts between departments.  The department that keeps a contact shares it, or another one
 * asks; what a request asks for, the keeper grants or refuses.  All say in words what is not allowed.
 */
#ifndef CRM_SHARE_H
#define CRM_SHARE_H

#include "base/db.h"

/* By the keeper; a request that was open is granted with it.  1 shared, 0 it was already. */
int share_add(struct db *db, int64_t contact_id, const char *department, struct err *err) MUST_CHECK;
/* By the keeper, or by the department itself that no longer wants it; ERR_NOTFOUND when it did not share. */
int share_end(struct db *db, int64_t contact_id, const char *department, struct err *err) MUST_CHECK;
/* The department keeps it from now on, and the one that did shares it. */
int share_hand_over(struct db *db, int64_t contact_id, const char *department, struct err *err) MUST_CHECK;

/* department NULL: the user's own.  1 asked, 0 asked already; ERR_CONFLICT when there is nothing to ask for.
 */
int share_ask(struct db *db, int64_t contact_id, const char *department, struct err *err) MUST_CHECK;
/* Requests by and to the user's departments, the undecided ones or all; columns id, contact_id, name, keeper,
 * department, asked_by, asked_at, import_id, granted, decided_by, decided_at, ours (the user may decide). */
int share_list(struct db *db, bool all, const char *zone, struct db_rows **rows_r,
               struct err *err) MUST_CHECK;
int share_decide(struct db *db, int64_t request, bool grant, struct err *err) MUST_CHECK;

#endif
