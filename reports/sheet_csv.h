/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A sheet as text: RFC 4180 with a byte order mark, guarded against formulas (base/csv.h).
 */
#ifndef REPORTS_SHEET_CSV_H
#define REPORTS_SHEET_CSV_H

#include "base/mem.h"

struct sheet_csv;
/* The file is there and is emptied; path must live as long.  A talloc child of mem. */
int sheet_csv_open(void *mem, struct sheet_csv **csv_r, const char *path, struct err *err) MUST_CHECK;
int sheet_csv_add(struct sheet_csv *csv, const char *const *cells, int n, struct err *err) MUST_CHECK;
int sheet_csv_close(struct sheet_csv *csv, struct err *err) MUST_CHECK;

#endif
