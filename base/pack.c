/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/pack.h"

#include "base/zstd_lazy.h"

/* Below the first level a letter takes a fraction of the time and a twentieth more room.  SMALL_BASE is what
 * a dictionary still finds; a larger base, with attachments, is looked through over all its length by each
 * letter, which takes milliseconds and leaves a few hundred bytes. */
enum { LEVEL = -1, SMALL_BASE = 128 * 1024, WINDOW_LOG = 27 };

struct pack {
    ZSTD_CCtx *ctx;
};

struct pack_base {
    ZSTD_CDict *dict; /* of a small one, else NULL */
    const void *bytes;
    size_t len;
};

static int pack_end(struct pack *pack)
{
    ZSTD_freeCCtx(pack->ctx);
    return 0;
}

struct pack *pack_new(void *mem)
{
    struct pack *pack = talloc_zero(mem, struct pack);
    pack->ctx = ZSTD_createCCtx();
    must(pack->ctx);
    talloc_set_destructor(pack, pack_end);
    must(!ZSTD_isError(ZSTD_CCtx_setParameter(pack->ctx, ZSTD_c_compressionLevel, LEVEL)));
    must(!ZSTD_isError(ZSTD_CCtx_setParameter(pack->ctx, ZSTD_c_checksumFlag, 1)));
    return pack;
}

static int base_end(struct pack_base *base)
{
    ZSTD_freeCDict(base->dict);
    return 0;
}

struct pack_base *pack_base_new(void *mem, const void *bytes, size_t len)
{
    struct pack_base *base = talloc_zero(mem, struct pack_base);
    if (len > SMALL_BASE) {
        base->bytes = talloc_memdup(base, bytes, len);
        base->len = len;
        return base;
    }
    base->dict = ZSTD_createCDict(bytes, len, LEVEL);
    must(base->dict);
    talloc_set_destructor(base, base_end);
    return base;
}

char *pack_bytes(void *mem, struct pack *pack, const struct pack_base *base, const void *bytes, size_t len,
                 size_t *len_r)
{
    must(len <= PACK_MAX_BYTES);
    size_t room = ZSTD_compressBound(len);
    char *frame = talloc_size(mem, room);
    bool large = base && !base->dict;
    must(!ZSTD_isError(ZSTD_CCtx_setParameter(pack->ctx, ZSTD_c_enableLongDistanceMatching, large)) &&
         !ZSTD_isError(ZSTD_CCtx_setParameter(pack->ctx, ZSTD_c_windowLog, large ? WINDOW_LOG : 0)));
    must(!ZSTD_isError(large ? ZSTD_CCtx_refPrefix(pack->ctx, base->bytes, base->len)
                             : ZSTD_CCtx_refCDict(pack->ctx, base ? base->dict : NULL)));
    size_t n = ZSTD_compress2(pack->ctx, frame, room, bytes, len);
    must(!ZSTD_isError(n));
    *len_r = n;
    return talloc_realloc_size(mem, frame, n);
}

int pack_open(void *mem, const void *base, size_t base_len, const void *frame, size_t frame_len, size_t len,
              char **bytes_r, struct err *err)
{
    must(len <= PACK_MAX_BYTES);
    ZSTD_DCtx *ctx = ZSTD_createDCtx();
    must(ctx);
    char *bytes = talloc_size(mem, len + 1);
    size_t n = ZSTD_decompress_usingDict(ctx, bytes, len, frame, frame_len, base, base_len);
    ZSTD_freeDCtx(ctx);
    if (n != len) {
        talloc_free(bytes);
        return err_set(err, ERR_CONFLICT, "packed bytes are damaged: %s",
                       ZSTD_isError(n) ? ZSTD_getErrorName(n) : "there are fewer than there should be");
    }
    bytes[len] = 0;
    *bytes_r = bytes;
    return 0;
}
