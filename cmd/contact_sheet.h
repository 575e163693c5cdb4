/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * `contact read` of a spreadsheet.
 */
#ifndef CMD_CONTACT_SHEET_H
#define CMD_CONTACT_SHEET_H

#include "cmd/cmd.h"

/* By its first bytes: one that base/xlsx.h reads, or says why not. */
bool contact_sheet_is(const char *path);
/* Shows the sheet of that name, or, with NULL, all that are not hidden. */
int contact_sheet_show(struct cmd *c, const char *path, const char *name, struct err *err) MUST_CHECK;

/* A text as a sample: on one line, and not long. */
char *contact_read_shortened(void *mem, const char *s);
enum { CONTACT_READ_VALUES = 3 }; /* of a column */

#endif
