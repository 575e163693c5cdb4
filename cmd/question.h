/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What the commands that take a question have in common.
 */
#ifndef CMD_QUESTION_H
#define CMD_QUESTION_H

#include "cmd/cmd.h"
#include "crm/segment.h"

/* An error in a question, with the word marked: on standard error below the text, in JSON as offset and
 * length, in characters.  The exit code. */
int cmd_question_fail(struct cmd *c, const char *question, struct segment_spot spot, const struct err *err);
/* Opens, and says the hints on standard error; 0, or the exit code of what is shown already. */
int cmd_question_open(struct cmd *c, struct db *db, const char *name_or_question, struct segment **segment_r);
/* The words of the command line as one question. */
char *cmd_question_words(struct cmd *c, int argc, char **argv);
/* An option is a condition of the question; NULL is none. */
void cmd_question_add(struct text *question, const char *key, const char *value);

#endif
