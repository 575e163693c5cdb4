/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Secrets stand in files of their own, which others must not be able to read.
 */
#ifndef BASE_SECRET_H
#define BASE_SECRET_H

#include "base/mem.h"

/* The whole file; ERR_CONFIG when others can read it. */
int secret_read_file(void *mem, const char *path, char **text_r, struct err *err) MUST_CHECK;
/* Its first line without the line end. */
int secret_read(void *mem, const char *path, char **secret_r, struct err *err) MUST_CHECK;

#endif
