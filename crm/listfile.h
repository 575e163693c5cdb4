/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A list as a file, whatever it is kept in: its sheets, and of each the records with their cells.  A file of
 * CSV is one sheet without a name.
 *
 * Records are numbered as a person finds them again: in CSV from the first record on, in a spreadsheet by its
 * rows, vCards from 1.  Which of them is the header, and what the columns hold, is crm/listhead.h's.
 */
#ifndef CRM_LISTFILE_H
#define CRM_LISTFILE_H

#include "base/csv.h"

enum { LISTFILE_MAX_BYTES = 255 << 20 };

struct listfile_sheet {
    const char *name; /* NULL: the file has no sheets */
    bool hidden;
    size_t columns; /* of the first record */
    long records;   /* that are not empty */
};

struct listfile_options {
    const char *encoding, *delimiter; /* a character, or comma, semicolon, tab, bar; NULL: found by itself */
};

struct listfile {
    const char *path;
    const char *bytes; /* as they are on the disk */
    size_t len;
    const char *format;         /* "csv", "xlsx", "vcard": by the first bytes */
    const char *text;           /* of CSV: UTF-8 */
    struct listfile_cage *cage; /* of others: where they are parsed */
    bool cards;                 /* vCards: record 0 names the columns (crm/listcard.h) */
    const char *said_encoding;  /* of cards that say none */
    const char *encoding;
    char delimiter;
    struct listfile_sheet *sheet;
    size_t nsheets;
};

/* Reads, decodes and looks through the whole file, so that a list that breaks in its middle is refused before
 * any of its rows is taken: ERR_INPUT with file and line. */
int listfile_open(void *mem, const char *path, const struct listfile_options *options,
                  struct listfile *file_r, struct err *err) MUST_CHECK;
/* Each record of a sheet; an error carries the file's name. */
int listfile_each(const struct listfile *file, size_t sheet, csv_record_fn *fn, void *context,
                  struct err *err) MUST_CHECK;
/* The file's name without its folder. */
const char *listfile_name(const struct listfile *file);

#endif
