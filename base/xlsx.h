/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Spreadsheets in (.xlsx, ECMA-376: transitional and strict), as Excel, LibreOffice, Google Sheets and the
 * libraries write them.  The bytes are parsed in the cage; nothing of the file is run or fetched.
 *
 * A cell is the text that a person reads in it.  Formulas count by the value that was saved with them,
 * booleans are TRUE and FALSE, errors stand as they are (#N/A).  Numbers are plain decimals of at most 15
 * digits, as the programs show them; whole ones keep all their digits, and neither exponent nor thousands'
 * mark nor currency is shown, 12 % is 0.12.  A format of nothing but zeros and a phone's signs (00000, +000
 * 00 000 000) is kept. What has a date's format is yyyy-mm-dd, yyyy-mm-dd HH:MM[:SS], or HH:MM[:SS] (hours
 * above 23 are a duration).
 *
 * Limits: XLSX_MAX_BYTES of file, 1 GB unpacked and no more than 100 times the packed bytes, the limits of
 * base/csv.h on cells, columns in use and rows, 512 MB of text in a sheet; 32 MB of cells and formats without
 * anything in them, where a value makes up for 1 KB, and 192 MB of them behind the last value.
 */
#ifndef BASE_XLSX_H
#define BASE_XLSX_H

#include "base/cage.h"
#include "base/csv.h"

enum { XLSX_MAX_BYTES = 160 << 20, XLSX_MAX_ROWS = 1 << 20, XLSX_MAX_SHEETS = 1000 };

struct xlsx_sheet {
    const char *name;
    bool hidden;
};

/* A row that holds text; the others are left out. */
struct xlsx_row {
    long number;        /* as the sheet counts, from 1; ascending */
    size_t n;           /* cells up to the last one with text */
    const char **cell;  /* by column, from A; "" where there is none.  UTF-8, valid for the call */
    const size_t *size; /* their bytes */
    const char **link;  /* where the cell leads to (mailto:...) if it shows something else, or NULL */
    size_t merged;      /* columns that the widest merged cell of this row spans, 1: none */
    size_t unsaved;     /* formulas without a saved value: their cells are "" */
    bool hidden;
};

/* -1 with err filled stops the reading. */
typedef int xlsx_row_fn(void *context, const struct xlsx_row *row, struct err *err);

/* for cage_main */
extern const struct cage_parser xlsx_parser;

/* The sheets in their order, those without cells (charts) left out.  ERR_INPUT with the reason when it is no
 * such file, is encrypted, broken or beyond the limits. */
int xlsx_sheets(void *mem, struct cage *cage, const char *bytes, size_t len, struct xlsx_sheet **sheets_r,
                size_t *n_r, struct err *err) MUST_CHECK;
/* Each row of the sheet with this place in the list.  A file that breaks in its middle is found out there,
 * when rows have come already. */
int xlsx_each(struct cage *cage, const char *bytes, size_t len, size_t sheet, xlsx_row_fn *fn, void *context,
              struct err *err) MUST_CHECK;

/* "A" for 0, "AB" for 27 */
const char *xlsx_column(char name[8], size_t column);

#endif
