/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * By GnuTLS, which uses the processor's own instructions.
 */
#include "base/digest.h"

#include <gnutls/crypto.h>

struct digest {
    gnutls_hash_hd_t hash;
};

static int digest_drop(struct digest *d)
{
    if (d->hash)
        gnutls_hash_deinit(d->hash, NULL);
    return 0;
}

struct digest *digest_new(void *mem)
{
    struct digest *d = talloc_zero(mem, struct digest);
    talloc_set_destructor(d, digest_drop);
    must(gnutls_hash_init(&d->hash, GNUTLS_DIG_SHA256) == 0);
    return d;
}

void digest_add(struct digest *d, const void *bytes, size_t len)
{
    must(gnutls_hash(d->hash, bytes, len) == 0);
}

void digest_end(struct digest *d, unsigned char sum[DIGEST_BYTES])
{
    gnutls_hash_deinit(d->hash, sum);
    d->hash = NULL;
}

void digest_sha256(const void *bytes, size_t len, unsigned char sum[DIGEST_BYTES])
{
    must(gnutls_hash_fast(GNUTLS_DIG_SHA256, bytes, len, sum) == 0);
}
