/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * How wide columns are, and how high rows: from a histogram of each column's texts.  A column is as wide as
 * nearly all of its texts need on one line, and the few longer ones break; when all columns together are too
 * wide for a printed page that can be read, more texts break.  Widths are in digits of the sheet's font.
 */
#ifndef REPORTS_SHEET_FIT_H
#define REPORTS_SHEET_FIT_H

#include "reports/sheet.h"

enum { SHEET_FIT_MAX = 100 };

struct sheet_fit {
    struct {
        int64_t texts; /* that are not empty */
        int64_t of_width[SHEET_FIT_MAX + 1];
    } column[SHEET_MAX_COLUMNS];
};

void sheet_fit_count(struct sheet_fit *fit, const struct sheet_page *page, const char *const *cells);
/* budget: what all columns together should not exceed */
void sheet_fit_widths(const struct sheet_fit *fit, const struct sheet_page *page, int budget,
                      int width_r[SHEET_MAX_COLUMNS]);
/* Lines of the highest cell of a row, at least 1. */
int sheet_fit_lines(const struct sheet_page *page, const int width[SHEET_MAX_COLUMNS],
                    const char *const *cells);
/* The same for the titles. */
int sheet_fit_title_lines(const struct sheet_page *page, const int width[SHEET_MAX_COLUMNS]);

#endif
