/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Tables as text (RFC 4180 and what spreadsheets make of it), and the only file that knows libcsv.
 *
 * Text is UTF-8 (base/unicode.h decodes it).  Records are numbered from 1, the header being one; a record may
 * take several lines, so that each also carries the line it begins on.  Empty lines are no records.  A first
 * line "sep=;", as Excel writes it, is taken for what it is.
 */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include "base/mem.h"

/* As many records as a spreadsheet has rows. */
enum { CSV_MAX_CELL_BYTES = 65536, CSV_MAX_COLUMNS = 200, CSV_MAX_RECORDS = 1 << 20 };

struct csv_record {
    long number, line;
    size_t n,
        width; /* cells here and in the first record: where they differ, a separator is missing or too many */
    const char **cell;  /* as they stand between the separators, quotes taken off; valid for the call */
    const size_t *size; /* their bytes */
    size_t merged;      /* of a spreadsheet: columns that the widest merged cell spans */
};

/* -1 with err filled stops the reading. */
typedef int csv_record_fn(void *context, const struct csv_record *record, struct err *err);

/* delimiter 0: found by itself.  ERR_INPUT with the line: a quote that never closes, a limit. */
int csv_each(const char *text, size_t len, char delimiter, csv_record_fn *fn, void *context,
             struct err *err) MUST_CHECK;
/* , ; tab or |: the one under which the records have most nearly the same number of cells; a comma if none.
 */
char csv_find_delimiter(const char *text, size_t len);
/* "comma", "semicolon", "tab", "bar", or the character itself; for the catalogue */
const char *csv_delimiter_name(void *mem, char delimiter);
/* What a person may write for a delimiter: one character, or one of the names; 0 if it is none. */
char csv_parse_delimiter(const char *s);

/* A record with its line end (CRLF).  Cells are quoted where they must be.  guarded: a cell that a
 * spreadsheet might run as a formula (it begins with = + - @, tab or CR, and is no number) gets an apostrophe
 * in front. */
void csv_add_record(struct text *t, char delimiter, bool guarded, const char *const *cell, size_t n);

#endif
