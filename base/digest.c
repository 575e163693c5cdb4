/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/digest.h"

#include <sodium.h>

struct digest {
    crypto_hash_sha256_state state;
};

struct digest *digest_new(void *mem)
{
    struct digest *d = talloc(mem, struct digest);
    crypto_hash_sha256_init(&d->state);
    return d;
}

void digest_add(struct digest *d, const void *bytes, size_t len)
{
    crypto_hash_sha256_update(&d->state, bytes, len);
}

void digest_end(struct digest *d, unsigned char sum[DIGEST_BYTES])
{
    crypto_hash_sha256_final(&d->state, sum);
}

void digest_sha256(const void *bytes, size_t len, unsigned char sum[DIGEST_BYTES])
{
    crypto_hash_sha256(sum, bytes, len);
}
