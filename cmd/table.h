/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A table for the terminal: columns as wide as their widest cell, two blanks between them, line breaks in a
 * cell shown as blanks, and long texts shortened in all columns but the last; three columns and more fit the
 * terminal, where there is one.
 */
#ifndef CMD_TABLE_H
#define CMD_TABLE_H

#include "cmd/cmd.h"

/* A time of "2026-12-31T23:00:00Z" as people read it, in the office's zone and the language of the command;
 * "" for NULL. */
const char *cmd_stamp(struct cmd *c, const char *utc);

struct cmd_table;

/* The titles end with NULL and say how many columns there are. */
struct cmd_table *cmd_table_new(void *mem, const char *const *titles);
/* As many cells as titles; NULL is an empty one.  The texts are copied. */
void cmd_table_add(struct cmd_table *table, const char *const *cell);
void cmd_table_print(struct cmd_table *table);

#endif
