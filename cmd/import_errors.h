/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The rows of a list that want a look, as a spreadsheet: the reason first, then the cells as they came in, so
 * that they can be mended there and imported.
 */
#ifndef CMD_IMPORT_ERRORS_H
#define CMD_IMPORT_ERRORS_H

#include "cmd/cmd.h"
#include "crm/import.h"

struct import_errors;

/* path ends in .xlsx or .csv; the file is made with its first row. */
struct import_errors *import_errors_new(struct cmd *c, const char *path, const char *list);
/* An import_bad_fn; the context is the struct. */
int import_errors_add(void *context, const struct import_bad *bad, struct err *err);
/* How many rows; 0: no file was made. */
int import_errors_save(struct import_errors *errors, int64_t *rows_r, struct err *err) MUST_CHECK;

#endif
