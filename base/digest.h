/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * SHA-256 over bytes that come in pieces.
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/mem.h"

enum { DIGEST_BYTES = 32 };

struct digest; /* a talloc child of mem */
struct digest *digest_new(void *mem);
void digest_add(struct digest *d, const void *bytes, size_t len);
/* Afterwards only to be freed. */
void digest_end(struct digest *d, unsigned char sum[DIGEST_BYTES]);

/* All at once. */
void digest_sha256(const void *bytes, size_t len, unsigned char sum[DIGEST_BYTES]);

#endif
