/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * adresar classify: of files (classify.c), and once more of what is kept (classify_again.c).
 */
#ifndef CMD_CLASSIFY_H
#define CMD_CLASSIFY_H

#include "cmd/cmd.h"

struct classify_period {
    const char *from, *to; /* days, both included; NULL: open */
    bool apply;
};
/* EXIT_LOOK where something would change. */
int classify_again(struct cmd *c, const struct classify_period *period);

/* For people: the class in their language, and a verdict with its evidence, a line each. */
const char *classify_class(struct cmd *c, const char *class);
void classify_show(struct cmd *c, const json_t *verdict);

#endif
