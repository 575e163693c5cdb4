/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Tables handed out as spreadsheets (.xlsx) or as text (.csv), a row at a time in constant memory; sheet.c is
 * the only file that knows libxlsxwriter.
 *
 *     SHEET sheet = NULL;
 *     if (sheet_open(mem, &sheet, "out/contacts.xlsx", &about, err) < 0 || sheet_begin(sheet, &page, err) <
 * 0) return -1;
 *     ... sheet_add(sheet, cells, err) ...
 *     return sheet_save(sheet, &result, err);
 *
 * The file is written beside and renamed by sheet_save: whole or not at all.
 *
 * A cell is text that its column turns into what the program of the reader knows; NULL or "" is empty.  What
 * a column cannot turn (a date before 1900, "infinity") is written as it is.  Text is never a formula: .xlsx
 * has cells of type string, and .csv gets an apostrophe before what a spreadsheet would calculate (but for
 * phone numbers).  A text longer than a cell may be (32,767 units) ends with SHEET_CUT and is counted; rows
 * beyond what a sheet may have go on another sheet.  A csv file is RFC 4180 with a byte order mark, dates as
 * they came, and has no title and only its first page.
 */
#ifndef REPORTS_SHEET_H
#define REPORTS_SHEET_H

#include <stdint.h>

#include "base/mem.h"

#define SHEET_CUT " […]"

enum sheet_kind {
    SHEET_TEXT,   /* breaks where it is wider than its column */
    SHEET_DATE,   /* "2027-03-18" */
    SHEET_TIME,   /* "10:00" or "10:00:00" */
    SHEET_STAMP,  /* "2027-03-18 10:00", clock of the office */
    SHEET_NUMBER, /* "12", "0.5" */
    SHEET_CODE,   /* makes no row higher, whatever its cell shows of it: a Message-ID, a server's name */
    SHEET_LINK,   /* one e-mail address or https URL; anything else as SHEET_TEXT */
    SHEET_HIDDEN, /* text for programs, in a column that is not shown; in csv it is */
};

struct sheet_column {
    const char *title;
    enum sheet_kind kind;
    int max_width; /* in digits of the font; 0: what suits most texts */
};

/* What is said about the whole file. */
struct sheet_about {
    const char *title, *office, *made; /* made: when and by whom, in words */
    const char *made_by;
    const char *page_words;  /* "Page &P of &N" in the language */
    const char *date_format; /* "dd.mm.yyyy" */
    uint32_t max_rows;       /* of data in one sheet; 0: as many as a sheet can have */
};

/* One table; a workbook may have several.  Columns must live until the page ends. */
struct sheet_page {
    const char *name;     /* of its tab; what a tab may not have is replaced */
    const char *subtitle; /* a line below the title, may be NULL */
    const struct sheet_column *columns;
    int ncolumns;
    int frozen_columns; /* that stay in sight, from the left */
    bool small;         /* a few rows, as of sums: upright and without a filter */
};

struct sheet_result {
    int64_t rows, cut; /* of all pages: rows of data, cells cut */
    int sheets;
};

struct sheet;
#define SHEET CLEANUP(sheet_drop) struct sheet *

enum { SHEET_MAX_COLUMNS = 64 };

/* The ending of the path, in any case of letters, decides; another than .xlsx or .csv is ERR_USAGE. */
int sheet_open(void *mem, struct sheet **sheet_r, const char *path, const struct sheet_about *about,
               struct err *err) MUST_CHECK;
int sheet_begin(struct sheet *sheet, const struct sheet_page *page, struct err *err) MUST_CHECK;
int sheet_add(struct sheet *sheet, const char *const *cells, struct err *err) MUST_CHECK;
/* The same in bold: a line of sums. */
int sheet_add_sum(struct sheet *sheet, const char *const *cells, struct err *err) MUST_CHECK;
int sheet_save(struct sheet *sheet, struct sheet_result *result_r, struct err *err) MUST_CHECK;
/* What was not saved is removed. */
void sheet_drop(struct sheet **sheet);

#endif
