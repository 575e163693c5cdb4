/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What reading a spreadsheet costs: in a cage of its own, whose time and memory are looked at while it still
 * runs.  The program must have the parser (cage_main).
 */
#ifndef TESTS_LIB_SHEETCOST_H
#define TESTS_LIB_SHEETCOST_H

#include <sys/types.h>

#include "base/mem.h"

struct sheetcost {
    pid_t pid;
    long rows, cpu_ms, mb; /* mb: the most that the process had */
};
/* The rows of all sheets; -1 when the file is refused. */
int sheetcost_read(const char *bytes, size_t len, struct sheetcost *cost, struct err *err);

#endif
