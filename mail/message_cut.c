/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A file is a run of full lines of one length and one line end, and perhaps a shorter one behind them.  A
 * long one is cut at every megabyte, so that no statement is larger; the same file is cut in the same places.
 *
 * Of a message in a file a window is in memory, so long that a piece of a file, and what stands before it,
 * has room in it.
 */
#include "mail/message_cut.h"

#include <stdint.h>

#include "mail/wire/decode.h"

enum { FILE_MIN = 4096, FILE_MAX = 1 << 20, LINE_MIN = 40, LINE_MAX = 76, WINDOW = 3 << 20, AHEAD = 2 << 20 };

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

struct message_cut {
    const struct spool *spool; /* NULL: the window is the whole message */
    char *window;
    size_t at, len, whole; /* of the window in the message, its length, the message's */
    size_t from, scanned;  /* in the window: what is not given yet, and what of it was looked at */
    bool begun, in_line;   /* in_line: what follows is the rest of a line */
    struct text file;      /* found behind `scanned`, to be given next */
    int line;              /* of it; 0: there is none */
    size_t behind;         /* it */
};

struct message_cut *message_cut_begin(void *mem, const char *raw, size_t len, const struct spool *spool)
{
    struct message_cut *c = talloc_zero(mem, struct message_cut);
    c->spool = raw ? NULL : spool;
    c->whole = raw ? len : spool_size(spool);
    c->window = raw ? (char *)(uintptr_t)raw : talloc_size(c, WINDOW);
    c->len = raw ? len : 0;
    c->file = text_new(c);
    return c;
}

/* Moves the window on, so that there is enough behind `scanned` for a piece of a file. */
static int fill(struct message_cut *c, struct err *err)
{
    if (c->at + c->len == c->whole || c->len - c->scanned >= AHEAD)
        return 0;
    memmove(c->window, c->window + c->from, c->len - c->from);
    c->at += c->from;
    c->len -= c->from;
    c->scanned -= c->from;
    c->behind = c->from = 0;
    size_t n = c->whole - c->at - c->len < WINDOW - c->len ? c->whole - c->at - c->len : WINDOW - c->len;
    if (spool_read(c->spool, c->at + c->len, c->window + c->len, n, err) < 0)
        return -1;
    c->len += n;
    return 0;
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

/* One line on, or to a file, which is then in c->file. */
static void look_at_line(struct message_cut *c)
{
    const char *p = c->window + c->scanned, *end = c->window + c->len, *next = line_end(p, end);
    int line = next && !c->in_line ? line_of(p, next) : 0;
    c->in_line = !next;
    c->scanned = (size_t)((next ? next : end) - c->window);
    if (!line)
        return;
    c->file.len = 0;
    const char *behind = read_file(p, end, line, &c->file);
    if (behind > p)
        c->scanned = (size_t)(behind - c->window);
    if (c->file.len < FILE_MIN)
        return;
    c->line = line;
    c->behind = c->scanned;
    c->scanned = (size_t)(p - c->window);
}

static int give(struct message_cut *c, size_t len, struct message_piece *piece_r)
{
    *piece_r = (struct message_piece){c->window + c->from, len, 0};
    c->from += len;
    c->begun = true;
    return 1;
}

int message_cut_next(struct message_cut *c, struct message_piece *piece_r, struct err *err)
{
    while (!c->line && c->scanned - c->from < MESSAGE_CHUNK_BYTES) {
        if (fill(c, err) < 0)
            return -1;
        if (c->scanned == c->len)
            break;
        look_at_line(c);
    }
    size_t plain = c->scanned - c->from;
    if (plain || !c->begun)
        return give(c, plain < MESSAGE_CHUNK_BYTES ? plain : MESSAGE_CHUNK_BYTES, piece_r);
    if (!c->line)
        return 0;
    *piece_r = (struct message_piece){c->file.s, c->file.len, c->line};
    c->line = 0;
    c->from = c->scanned = c->behind;
    return 1;
}
