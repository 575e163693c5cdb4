/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * libxlsxwriter does not look whether its temporary files took what it wrote to them: where a disk or a quota
 * is full for that moment, a sheet would be there with its last rows missing, and nobody would know.  So the
 * archive is read again (APPNOTE.TXT 4.3; no encryption, no ZIP64, which the library is not asked for) and
 * every file unpacked, of which only the begin and the end are looked at.
 */
#include "reports/sheet_check.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <zlib.h>

#include "base/mem.h"

enum {
    END_BYTES = 22,   /* end of central directory, without comment */
    ENTRY_BYTES = 46, /* of the central directory, without name, extra and comment */
    LOCAL_BYTES = 30,
    MAX_DIRECTORY = 1 << 20,
    ROOM = 65536,
    EDGE = 256,
};

struct edges {
    char begin[EDGE + 1], end[EDGE + 1];
    size_t nbegin, nend;
};

static int fail(const char *why, struct err *err)
{
    return err_set(err, ERR_IO, "could not be written whole: %s", why);
}

static unsigned get16(const unsigned char *p)
{
    return p[0] | (unsigned)p[1] << 8;
}

static uint32_t get32(const unsigned char *p)
{
    return get16(p) | (uint32_t)get16(p + 2) << 16;
}

static int read_at(FILE *f, long at, void *to, size_t size)
{
    return fseek(f, at, SEEK_SET) == 0 && fread(to, 1, size, f) == size ? 0 : -1;
}

static void keep_edges(struct edges *e, const char *bytes, size_t n)
{
    size_t more = EDGE - e->nbegin < n ? EDGE - e->nbegin : n;
    memcpy(e->begin + e->nbegin, bytes, more);
    e->nbegin += more;
    if (n >= EDGE) {
        memcpy(e->end, bytes + n - EDGE, e->nend = EDGE);
        return;
    }
    size_t keep = e->nend + n > EDGE ? EDGE - n : e->nend;
    memmove(e->end, e->end + e->nend - keep, keep);
    memcpy(e->end + keep, bytes, n);
    e->nend = keep + n;
}

/* Unpacks from where the file stands. */
static int unpack(FILE *f, uint32_t packed, struct edges *e)
{
    unsigned char in[ROOM];
    char out[ROOM];
    z_stream z = {0};
    int rc = inflateInit2(&z, -MAX_WBITS);
    while (rc == Z_OK && packed > 0) {
        size_t n = packed < ROOM ? packed : ROOM;
        if (fread(in, 1, n, f) != n)
            break;
        packed -= (uint32_t)n;
        z.next_in = in;
        z.avail_in = (uInt)n;
        do {
            z.next_out = (Bytef *)out;
            z.avail_out = ROOM;
            rc = inflate(&z, Z_NO_FLUSH);
            keep_edges(e, out, ROOM - z.avail_out);
        } while (rc == Z_OK && z.avail_out == 0);
    }
    inflateEnd(&z);
    return rc == Z_STREAM_END ? 0 : -1;
}

/* "<worksheet ..." at the begin wants "</worksheet>" at the end. */
static bool is_closed(struct edges *e)
{
    while (e->nend > 0 && isspace((unsigned char)e->end[e->nend - 1]))
        e->nend--;
    e->begin[e->nbegin] = e->end[e->nend] = 0;
    const char *root = e->begin;
    while ((root = strchr(root, '<')) && !isalpha((unsigned char)root[1]))
        root++;
    if (!root)
        return false;
    char close[EDGE + 4];
    int n = snprintf(close, sizeof close, "</%.*s>", (int)strcspn(root + 1, " />"), root + 1);
    size_t len = strlen(e->end);
    return len >= (size_t)n && !strcmp(e->end + len - (size_t)n, close);
}

static int check_entry(FILE *f, const unsigned char *entry, struct err *err)
{
    unsigned char local[LOCAL_BYTES];
    struct edges e = {.nbegin = 0};
    long at = (long)get32(entry + 42);
    if (read_at(f, at, local, sizeof local) < 0)
        return fail("it is too short", err);
    at += LOCAL_BYTES + (long)get16(local + 26) + (long)get16(local + 28);
    if (get16(entry + 10) != Z_DEFLATED || fseek(f, at, SEEK_SET) < 0 || unpack(f, get32(entry + 20), &e) < 0)
        return fail("it cannot be unpacked", err);
    return is_closed(&e) ? 0 : fail("no room in the folder of temporary files", err);
}

static int check_all(FILE *f, struct err *err)
{
    MEM_SCOPE(mem);
    unsigned char end[END_BYTES];
    if (fseek(f, -END_BYTES, SEEK_END) < 0 || fread(end, 1, END_BYTES, f) != END_BYTES ||
        get32(end) != 0x06054b50 || get32(end + 12) > MAX_DIRECTORY)
        return fail("it has no directory", err);
    uint32_t size = get32(end + 12);
    unsigned char *directory = talloc_size(mem, size + 1);
    if (read_at(f, (long)get32(end + 16), directory, size) < 0)
        return fail("it has no directory", err);
    uint32_t at = 0;
    for (unsigned i = 0; i < get16(end + 10); i++) {
        if (at + ENTRY_BYTES > size)
            return fail("it has no directory", err);
        if (check_entry(f, directory + at, err) < 0)
            return -1;
        at += ENTRY_BYTES + get16(directory + at + 28) + get16(directory + at + 30) +
              get16(directory + at + 32);
    }
    return get16(end + 10) ? 0 : fail("it is empty", err);
}

int sheet_check(const char *path, struct err *err)
{
    FILE_SCOPE FILE *f = fopen(path, "re");
    return f ? check_all(f, err) : err_set(err, ERR_IO, "%s", strerror(errno));
}
