/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Bytes that are too many for memory: a file without a name, in the folder TMPDIR, else in /var/tmp (/tmp may
 * be memory), which is gone with its last descriptor.  It is written from the beginning to the end, and then
 * read in pieces, here or by another process that gets the descriptor.
 */
#ifndef BASE_SPOOL_H
#define BASE_SPOOL_H

#include "base/mem.h"

enum { SPOOL_ABOVE = 1 << 20 }; /* bytes of a mail that stays in memory */

struct spool; /* a talloc child of mem; closed with it */
/* TMPDIR or /var/tmp. */
const char *spool_folder(void);
/* Empty, to be written; ERR_IO. */
int spool_new(void *mem, const char *folder, struct spool **spool_r, struct err *err) MUST_CHECK;
int spool_add(struct spool *spool, const void *bytes, size_t len, struct err *err) MUST_CHECK;
/* What another process has written; the descriptor is the spool's from now on, on error too.  ERR_INPUT when
 * it is no file. */
int spool_take(void *mem, int fd, struct spool **spool_r, struct err *err) MUST_CHECK;

size_t spool_size(const struct spool *spool);
/* For reading alone; the spool keeps it. */
int spool_fd(const struct spool *spool);
/* All of the bytes or ERR_IO: whoever wrote the file may have cut it since. */
int spool_read(const struct spool *spool, size_t at, void *bytes, size_t len, struct err *err) MUST_CHECK;

#endif
