/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The lines of a file that may be compressed with gzip.
 */
#ifndef BASE_LINES_H
#define BASE_LINES_H

#include "base/mem.h"

struct lines;
/* ERR_IO when it cannot be read; it closes with mem. */
int lines_open(void *mem, const char *path, struct lines **lines_r, struct err *err) MUST_CHECK;
/* 1 a line without its end, which stands until the next call and may be changed; 0 the end; -1 ERR_INPUT,
 * the compressed file is damaged or cut off.  Of a line beyond 16 KB the begin. */
int lines_next(struct lines *lines, char **line_r, struct err *err) MUST_CHECK;

#endif
