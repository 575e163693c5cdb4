/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Inside of crm/import.c: a file's rows into the transaction's table import_stage.
 */
#ifndef CRM_IMPORT_STAGE_H
#define CRM_IMPORT_STAGE_H

#include "crm/import.h"
#include "crm/listplan.h"

/* Maps and copies; rows that are no contact's go into the report.  ERR_INPUT names the file, and the line
 * where there is one. */
int import_stage_rows(void *mem, struct db *db, const struct import_options *options,
                      const struct list_plan *plan, struct import_report *report, struct err *err) MUST_CHECK;

/* Gives the rows of the report that are refused or to check to options->bad, with their cells. */
int import_stage_bad(const struct import_options *options, const struct list_plan *plan,
                     const struct import_report *report, struct err *err) MUST_CHECK;

#endif
