/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Spreadsheets made by hand, for tests: parts put into an archive, those that a sheet needs around it added.
 */
#ifndef TESTS_LIB_SHEETFILE_H
#define TESTS_LIB_SHEETFILE_H

#include "base/mem.h"

struct sheetfile_part {
    const char *name, *bytes;
    size_t len; /* 0: of the string */
};
/* The archive, a talloc child of mem; stored or deflated. */
char *sheetfile_zip(void *mem, const struct sheetfile_part *part, size_t n, bool stored, size_t *len_r);

struct sheetfile {
    const char *rows;    /* what is in <sheetData>; NULL: sheet is the whole part */
    const char *tail;    /* behind it, or NULL */
    const char *sheet;   /* instead of both */
    size_t sheet_len;    /* 0: of the string */
    const char *strings; /* in <sst>, or NULL */
    size_t strings_len;
    const char *styles; /* in <styleSheet>, or NULL */
    const char *links;  /* in the sheet's relations, or NULL */
    const char *book;   /* attributes of workbookPr, or NULL */
    bool stored;
};
char *sheetfile_make(void *mem, const struct sheetfile *file, size_t *len_r);

#define SHEETFILE_NS                                                                                         \
    "xmlns=\"http://schemas.openxmlformats.org/spreadsheetml/2006/main\" "                                   \
    "xmlns:r=\"http://schemas.openxmlformats.org/officeDocument/2006/relationships\""
#define SHEETFILE_RELS "http://schemas.openxmlformats.org/officeDocument/2006/relationships/"

#endif
