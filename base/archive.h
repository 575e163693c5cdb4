/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A zip archive out: whole or not at all.
 */
#ifndef BASE_ARCHIVE_H
#define BASE_ARCHIVE_H

#include "base/mem.h"

struct archive;

/* Nothing stands at the path before archive_commit; what is not committed when mem ends is gone. */
int archive_new(void *mem, const char *path, struct archive **archive_r, struct err *err) MUST_CHECK;
/* The name is a path inside, UTF-8 with slashes; the bytes are copied. */
int archive_add(struct archive *archive, const char *name, const char *bytes, size_t len,
                struct err *err) MUST_CHECK;
int archive_commit(struct archive *archive, struct err *err) MUST_CHECK;

#endif
