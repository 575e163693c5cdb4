/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The audit log in the words of the office; texts live as long as the command.
 */
#ifndef CMD_AUDIT_WORDS_H
#define CMD_AUDIT_WORDS_H

#include "cmd/cmd.h"

/* Of a table, "address"; of what an entry is about besides, "import 7". */
const char *audit_noun(struct cmd *c, const char *object);
/* Of a column; of a field of a list.  What has no word is its own. */
const char *audit_field(struct cmd *c, const char *field);
const char *audit_detail(struct cmd *c, const char *field);
/* "address: changed", "name: new (12)" */
const char *audit_deed(struct cmd *c, const char *action, const char *object, int64_t rows);
/* Of [{"field", "from", "to"}]: "state: good → dead; e-mail: a@x.example" */
const char *audit_changes_text(struct cmd *c, const json_t *changes);

#endif
