/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between the files of the reader that run in the cage: xlsx_book.c the workbook, xlsx_text.c the shared
 * strings, xlsx_style.c and xlsx_number.c how a number is shown, xlsx_scan.c which parts of a sheet are worth
 * parsing, xlsx_tail.c merged cells and links, xlsx_sheet.c the rows.
 */
#ifndef BASE_XLSX_LOW_H
#define BASE_XLSX_LOW_H

#include "base/xlsx_part.h"

/* ---- the workbook */

struct xlsx_book {
    struct xlsx_package *package;
    struct {
        struct xlsx_sheet sheet;
        const char *part;
    } * sheets;
    size_t n;
    const char *strings, *styles; /* names of the parts, or NULL */
    bool from_1904;
};
int xlsx_book_open(void *mem, const char *bytes, size_t len, struct xlsx_book *book_r,
                   struct err *err) MUST_CHECK;

/* ---- text */

struct xlsx_strings { /* shared; string i begins at text.s + begins[i] and ends with NUL */
    struct text text;
    uint32_t *begins;
    size_t n, room;
};
int xlsx_strings_read(void *mem, struct xlsx_part *part, struct xlsx_strings *strings_r,
                      struct err *err) MUST_CHECK;
/* Adds s with its _xHHHH_ resolved and without control characters that a text does not have. */
void xlsx_add_text(struct text *t, const char *s, size_t len);

/* ---- numbers */

struct xlsx_format {
    enum { XLSX_PLAIN, XLSX_DATE, XLSX_DATE_TIME, XLSX_TIME, XLSX_DURATION, XLSX_DIGITS } kind;
    const char *digits; /* XLSX_DIGITS: 0 for each digit among other characters */
};
struct xlsx_styles { /* of the cells' s */
    struct xlsx_format *at;
    size_t n;
};
int xlsx_styles_read(void *mem, struct xlsx_part *part, struct xlsx_styles *styles_r,
                     struct err *err) MUST_CHECK;
struct xlsx_format xlsx_format_of_code(void *mem, const char *code);
/* The text of a value as it stands in <v>. */
void xlsx_add_number(struct text *t, const char *value, const struct xlsx_format *format, bool from_1904);
void xlsx_add_iso_date(struct text *t, const char *value, const struct xlsx_format *format);

/* ---- a sheet's bytes */

struct xlsx_scan {
    bool tail, shared; /* there may be merged cells or links; cells with shared strings */
    struct xlsx_hole behind_rows, before_tail;
};
int xlsx_scan(struct xlsx_part *part, struct xlsx_scan *scan_r, struct err *err) MUST_CHECK;

/* ---- rows */

enum { XLSX_FRAME_SHEET = 1, XLSX_FRAME_ROWS };
/* What stands before the cells of a row; each of these is its size and its bytes with a NUL, and, where
 * XLSX_LINKED is in the size, its link in the same way. */
struct xlsx_row_head {
    uint32_t number, n, merged, unsaved, hidden;
};
enum { XLSX_LINKED = 1 << 30, XLSX_MAX_LINK_BYTES = 4096, XLSX_MAX_COLUMN = 16384 };

struct xlsx_tail {     /* what a sheet says after its rows about them */
    uint16_t *widest;  /* by number of the row, XLSX_MAX_ROWS + 1 of them, or NULL: none is merged */
    struct xlsx_link { /* by row and column, from 1 */
        uint32_t row, column;
        const char *target; /* of the relations */
    } * links;
    size_t n, merges;
    uint64_t painted;
};
int xlsx_tail_read(void *mem, struct xlsx_part *part, struct xlsx_hole rows,
                   const struct xlsx_relations *relations, struct xlsx_tail *tail_r,
                   struct err *err) MUST_CHECK;
struct xlsx_rows {
    const struct xlsx_strings *strings;
    const struct xlsx_styles *styles;
    const struct xlsx_tail *tail;
    struct xlsx_hole behind; /* rows without anything in them */
    bool from_1904;
    cage_frame_fn *put;
    void *context;
};
int xlsx_rows_read(const struct xlsx_rows *rows, struct xlsx_part *part, struct err *err) MUST_CHECK;
/* "AB12" as 28 and 12; rows may be missing (0).  What is left, or NULL. */
const char *xlsx_parse_ref(const char *ref, uint32_t *column_r, uint32_t *row_r);

/* ---- outside: what the cage puts, checked, as rows; taking is the context of the first */

struct xlsx_taking;
struct xlsx_taking *xlsx_taking_new(void *mem, xlsx_row_fn *fn, void *context);
int xlsx_take_rows(void *taking, uint32_t kind, const char *bytes, size_t len, struct err *err) MUST_CHECK;

#endif
