/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A list as a file: its bytes, its text, and what was found out about it.
 */
#ifndef CRM_LISTFILE_H
#define CRM_LISTFILE_H

#include "base/csv.h"

enum { LISTFILE_MAX_BYTES = 256 << 20 };

struct listfile {
    const char *path;
    const char *bytes; /* as they are on the disk */
    size_t len;
    const char *text; /* UTF-8 */
    const char *encoding;
    char delimiter;
    size_t columns; /* of the header */
    long records;   /* with the header */
};

/* Reads, decodes and looks through the whole file, so that a list that breaks in its middle is refused before
 * any of its rows is taken: ERR_INPUT with file and line.  encoding and delimiter (a character, or comma,
 * semicolon, tab, bar) NULL: found by itself. */
int listfile_open(void *mem, const char *path, const char *encoding, const char *delimiter,
                  struct listfile *file_r, struct err *err) MUST_CHECK;
/* Each record, the header first; an error carries the file's name. */
int listfile_each(const struct listfile *file, csv_record_fn *fn, void *context, struct err *err) MUST_CHECK;

#endif
