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

/* Options that are conditions of the question, for those who do not write one. */
struct cmd_question_options {
    const char *category, *department, *language;
};
#define CMD_QUESTION_OPTIONS(q)                                                                              \
    {"category", CMD_TEXT, &(q).category}, {"department", CMD_TEXT, &(q).department},                        \
    {                                                                                                        \
        "language", CMD_TEXT, &(q).language                                                                  \
    }
/* The words, or the options, as a question; without either all, whatever their state; NULL: both. */
char *cmd_question_of(struct cmd *c, int argc, char **argv, const struct cmd_question_options *options);

#endif
