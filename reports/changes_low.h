/* SPDX-License-Identifier: AGPL-3.0-or-later */
#ifndef REPORTS_CHANGES_LOW_H
#define REPORTS_CHANGES_LOW_H

#include "reports/changes.h"
#include "reports/exchange_low.h"

/* ---- the list as it is (changes_file.c) */

struct changes_row {
    long number;
    const char *uid, *digests;           /* "": a row of its own */
    const char *cell[SHEET_MAX_COLUMNS]; /* by the table's columns, plain; NULL: no such column */
};
struct changes_file {
    const char *language;
    int64_t export;
    struct changes_row *row; /* those that hold anything */
    size_t n;
};
/* The run's language and table are those of the list then. */
int changes_file_read(void *mem, struct register_run *run, struct cage *cage, const char *path,
                      struct changes_file *file_r, struct err *err) MUST_CHECK;

/* ---- what a change of a cell does (changes_apply.c) */

/* Why this cell is not changed by a list: NULL, it is; "": an edit of it means nothing. */
const char *changes_flaw(void *mem, const struct register_run *run, int column, const char *from,
                         const char *to);

#endif
