/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A file is a run of full lines of one length and one line end, and perhaps a shorter one behind them.  A
 * long one is cut at every 4 MB, so that no statement is larger; the same file is cut in the same places.
 */
#include "mail/message_cut.h"

#include "mail/wire/decode.h"

enum { FILE_MIN = 4096, FILE_MAX = 4 << 20, LINE_MIN = 40, LINE_MAX = 76 };

/* ---- base64 as mail programs write it */

/* How many of the characters at the end are padding; -1 where the line is none of base64, or has bits set
 * that no writer sets. */
static int padding_of(const char *p, size_t len)
{
    size_t n = 0;
    while (n < len && decode_base64_value(p[n]) >= 0)
        n++;
    if (len == 0 || len % 4 || len - n > 2 || (len - n == 2 && p[n + 1] != '=') || (len > n && p[n] != '='))
        return -1;
    if ((len - n == 1 && decode_base64_value(p[n - 1]) & 3) ||
        (len - n == 2 && decode_base64_value(p[n - 1]) & 15))
        return -1;
    return (int)(len - n);
}

static void decode_line(struct text *out, const char *p, size_t len)
{
    char bytes[LINE_MAX];
    size_t n = 0;
    for (size_t at = 0; at < len; at += 4) {
        unsigned bits = 0;
        for (size_t i = at; i < at + 4; i++)
            bits = bits << 6 | (p[i] == '=' ? 0 : (unsigned)decode_base64_value(p[i]));
        bytes[n++] = (char)(bits >> 16);
        bytes[n++] = (char)(bits >> 8);
        bytes[n++] = (char)bits;
    }
    text_add(out, bytes, n - (p[len - 1] == '=') - (p[len - 2] == '='));
}

static void encode_line(struct text *out, const unsigned char *p, size_t len)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char line[LINE_MAX];
    size_t n = 0;
    for (size_t at = 0; at < len; at += 3) {
        size_t left = len - at;
        unsigned bits =
            (unsigned)p[at] << 16 | (left > 1 ? (unsigned)p[at + 1] << 8 : 0) | (left > 2 ? p[at + 2] : 0);
        line[n++] = alphabet[bits >> 18];
        line[n++] = alphabet[bits >> 12 & 63];
        line[n++] = left > 1 ? alphabet[bits >> 6 & 63] : '=';
        line[n++] = left > 2 ? alphabet[bits & 63] : '=';
    }
    text_add(out, line, n);
}

void message_join(struct text *out, const char *bytes, size_t len, int line)
{
    if (line == 0) {
        text_add(out, bytes, len);
        return;
    }
    size_t full = (size_t)(line < 0 ? -line : line) / 4 * 3;
    for (size_t at = 0; at < len; at += full) {
        encode_line(out, (const unsigned char *)bytes + at, len - at < full ? len - at : full);
        text_puts(out, line < 0 ? "\n" : "\r\n");
    }
}

/* ---- cutting */

struct cutting {
    void *mem;
    const char *end;
    struct message_piece *piece;
    size_t n;
};

static void add(struct cutting *c, const char *bytes, size_t len, int line)
{
    if (c->n % 16 == 0)
        c->piece = talloc_realloc(c->mem, c->piece, struct message_piece, (unsigned)c->n + 16);
    c->piece[c->n++] = (struct message_piece){bytes, len, line};
}

static void add_plain(struct cutting *c, const char *p, size_t len)
{
    for (size_t at = 0; at < len || c->n == 0; at += MESSAGE_CHUNK_BYTES)
        add(c, p + at, len - at < MESSAGE_CHUNK_BYTES ? len - at : MESSAGE_CHUNK_BYTES, 0);
}

static const char *line_end(const char *p, const char *end)
{
    const char *lf = memchr(p, '\n', (size_t)(end - p));
    return lf ? lf + 1 : NULL;
}

/* How long the line is, as a file has it; 0: it is none of one. */
static int line_of(const char *p, const char *next)
{
    bool crlf = next - p >= 2 && next[-2] == '\r';
    size_t len = (size_t)(next - p) - (crlf ? 2 : 1);
    if (len < LINE_MIN || len > LINE_MAX || padding_of(p, len) != 0)
        return 0;
    return crlf ? (int)len : -(int)len;
}

/* The run of lines that begins at p, decoded into out up to FILE_MAX; behind it. */
static const char *read_file(const char *p, const char *end, int line, struct text *out)
{
    size_t len = (size_t)(line < 0 ? -line : line), crlf = line > 0,
           limit = FILE_MAX - FILE_MAX % (len / 4 * 3);
    for (const char *next; out->len < limit && (next = line_end(p, end)); p = next) {
        size_t n = (size_t)(next - p) - 1 - crlf;
        bool same_end = (size_t)(next - p) > 1 + crlf && (next[-2] == '\r') == (bool)crlf;
        if (!same_end || n > len || padding_of(p, n) < 0)
            return p;
        decode_line(out, p, n);
        if (n < len || p[n - 1] == '=')
            return next;
    }
    return p;
}

size_t message_cut(void *mem, const char *raw, size_t len, struct message_piece **piece_r)
{
    struct cutting c = {.mem = mem, .end = raw + len};
    const char *from = raw, *next;
    for (const char *p = raw; p && p < c.end && (next = line_end(p, c.end)); p = next) {
        int line = line_of(p, next);
        if (!line)
            continue;
        struct text file = text_new(mem);
        next = read_file(p, c.end, line, &file);
        if (file.len < FILE_MIN) {
            talloc_free(file.s);
            next = next > p ? next : line_end(p, c.end);
            continue;
        }
        add_plain(&c, from, (size_t)(p - from));
        add(&c, file.s, file.len, line);
        from = next;
    }
    add_plain(&c, from, (size_t)(c.end - from));
    *piece_r = c.piece;
    return c.n;
}
