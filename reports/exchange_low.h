/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What is the same on the way out (exchange.c) and on the way back (changes.c).
 */
#ifndef REPORTS_EXCHANGE_LOW_H
#define REPORTS_EXCHANGE_LOW_H

#include "reports/register_low.h"

#define EXCHANGE_UID "uid"
enum { EXCHANGE_FORM = 1, EXCHANGE_DIGITS = 8 /* of each cell's digest */ };

/* A cell without what programs change of themselves: blanks at the ends of lines, the apostrophe before what
 * would be a formula, the form of letters. */
const char *exchange_plain(void *mem, const char *cell);
void exchange_digest(void *mem, const char *cell, char digits[EXCHANGE_DIGITS + 1]);

/* The language and catalogue of a sheet; what else the run needs is there. */
int exchange_begin(struct register_run *r, const char *language, struct err *err) MUST_CHECK;
/* Rows of the table of exchange; an id that the user may not see is left out. */
int exchange_each(struct register_run *r, const int64_t *ids, size_t n, db_row_fn *fn, void *context,
                  struct err *err) MUST_CHECK;

#endif
