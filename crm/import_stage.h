/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Inside of crm/import.c: a file's rows into the transaction's table import_stage.
 */
#ifndef CRM_IMPORT_STAGE_H
#define CRM_IMPORT_STAGE_H

#include "crm/import.h"

struct import_file {
    char *bytes; /* as on disk */
    size_t len;
    const char *encoding;
    char delimiter;
    long rows;
};

/* Reads, decodes, maps, copies; ERR_INPUT names the file, and the line where there is one. */
int import_stage_file(void *mem, struct db *db, const struct import_options *options,
                      struct import_file *file_r, struct err *err) MUST_CHECK;

#endif
