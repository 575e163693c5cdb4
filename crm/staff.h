/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The people of the office.  Each has a PostgreSQL login role of its own, a member of adresar_office and
 * without a password (peer or pg_ident says who may use it), so that the store itself knows who did what.
 * These functions run as adresar_owner.
 */
#ifndef CRM_STAFF_H
#define CRM_STAFF_H

#include "base/db.h"

struct staff {
    const char *login;
    const char *role; /* crm/right.def says what each may do */
    const char *department, *department_name;
    const char *also; /* short names of further departments, with commas between; NULL and "": none */
    const char *disabled_at; /* or NULL */
};

/* Makes the login role where there is none, and the department (named department_name or, if that is NULL, as
 * its slug); enables who was disabled.  ERR_CONFLICT when the user is there, or the role is not the office's.
 */
int staff_add(struct db *db, const struct staff *staff, bool *department_made_r, struct err *err) MUST_CHECK;
/* No login any more; what they did stays theirs. */
int staff_disable(struct db *db, const char *login, struct err *err) MUST_CHECK;
int staff_list(void *mem, struct db *db, struct staff **list_r, size_t *n_r, struct err *err) MUST_CHECK;

#endif
