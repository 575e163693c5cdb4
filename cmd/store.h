/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Making the store: roles of the cluster, the database, its migrations.  `db init` and the tests begin here.
 */
#ifndef CMD_STORE_H
#define CMD_STORE_H

#include "base/db.h"

/* As whoever may create roles and databases (the cluster's superuser).  Roles and a database that are there
 * stay as they are; created_r tells whether the database is new. */
int store_create(const char *conninfo, const char *name, bool *created_r, struct err *err) MUST_CHECK;
/* Pending migrations and the reference data, as adresar_owner; applied_r tells how many. */
int store_upgrade(const char *conninfo, int *applied_r, struct err *err) MUST_CHECK;

#endif
