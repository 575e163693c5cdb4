/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Bytes kept small: zstd frames, with a checksum, upon a base that both sides know.  Of letters that differ
 * in a name and a token a few hundred bytes are left.  The only file that knows zstd.
 */
#ifndef BASE_PACK_H
#define BASE_PACK_H

#include <stdint.h>

#include "base/mem.h"

enum { PACK_MAX_BYTES = 256 << 20 }; /* of what is packed */

struct pack;      /* belongs to one thread */
struct pack_base; /* read-only, of all threads */

struct pack *pack_new(void *mem);
struct pack_base *pack_base_new(void *mem, const void *bytes, size_t len);
/* base may be NULL.  The frame is a talloc child of mem. */
char *pack_bytes(void *mem, struct pack *pack, const struct pack_base *base, const void *bytes, size_t len,
                 size_t *len_r);
/* base_len 0: no base.  ERR_CONFLICT when the frame is damaged or wants another base, or holds other than
 * `len` bytes.  The bytes are a talloc child of mem with a NUL behind their end. */
int pack_open(void *mem, const void *base, size_t base_len, const void *frame, size_t frame_len, size_t len,
              char **bytes_r, struct err *err) MUST_CHECK;

#endif
