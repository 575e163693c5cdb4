/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Who may do what.  Two walls stand around a contact: these checks, which say in words what is wrong and what
 * to do, and row-level security in PostgreSQL (sql/migrate/019_rights.sql), which holds when a check was
 * forgotten.  Both read one table (crm/right.def).
 *
 * The acting user is whoever is logged in to PostgreSQL; for the pages' role it is the user that their
 * transaction names (set local adresar.user_id).
 */
#ifndef CRM_RIGHTS_H
#define CRM_RIGHTS_H

#include "base/db.h"

enum right {
#define RIGHT(name, ...) RIGHT_##name,
#include "crm/right.def"
#undef RIGHT
    RIGHTS
};

/* "reader, clerk, head, admin or auditor", and whether it is one of them. */
#define RIGHTS_ROLES "reader, clerk, head, admin or auditor"
bool rights_is_role(const char *role);

/* ERR_DENIED, in words, when the acting user does not have the right: in any department; in this one; over
 * this contact, that is in a department that keeps it or shares it (ERR_NOTFOUND when there is none). */
int rights_check(struct db *db, enum right right, struct err *err) MUST_CHECK;
/* The same for what the right lets one do besides: "a clerk may not DEED". */
int rights_check_deed(struct db *db, enum right right, const char *deed, struct err *err) MUST_CHECK;
int rights_check_department(struct db *db, enum right right, int64_t department_id,
                            struct err *err) MUST_CHECK;
int rights_check_contact(struct db *db, enum right right, int64_t contact_id, struct err *err) MUST_CHECK;
/* The same for what is the keeper's alone: sharing, handing over. */
int rights_check_keeper(struct db *db, enum right right, int64_t contact_id, struct err *err) MUST_CHECK;

/* Makes the table staff_right what the program knows; in a transaction of the owner. */
int rights_sync(struct db *db, struct err *err) MUST_CHECK;

#endif
