/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Departments of the office: who keeps a contact, an event, a meeting.
 */
#ifndef CRM_DEPARTMENT_H
#define CRM_DEPARTMENT_H

#include "base/db.h"
#include "crm/rights.h"

struct department {
    int64_t id;
    const char *slug, *name;
};

/* By slug; NULL is the department of whoever is connected.  ERR_NOTFOUND names those that there are. */
int department_get(void *mem, struct db *db, const char *slug, struct department *department_r,
                   struct err *err) MUST_CHECK;
/* The same, for who wants to use a right in it: ERR_DENIED without it. */
int department_get_for(void *mem, struct db *db, enum right right, const char *slug,
                       struct department *department_r, struct err *err) MUST_CHECK;
/* The same, but one that is not there is made, with name_or_null as its name.  1 made, 0 was there. */
int department_get_or_add(void *mem, struct db *db, const char *slug, const char *name_or_null,
                          struct department *department_r, struct err *err) MUST_CHECK;

#endif
