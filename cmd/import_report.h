/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What an import says, for people and as JSON.
 */
#ifndef CMD_IMPORT_REPORT_H
#define CMD_IMPORT_REPORT_H

#include "cmd/cmd.h"
#include "crm/import.h"

/* Prints it; returns the exit code: a refused row wants a look, or with strict has refused the file. */
int cmd_import_report(struct cmd *c, const struct import_options *options,
                      const struct import_report *report);

#endif
