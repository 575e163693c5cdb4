/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/imap_low.h"

#include <errno.h>
#include <iconv.h>

#include "base/clock.h"
#include "base/socket.h"

#define HEAD_MAX 65536

static int64_t deadline_of(int timeout_s)
{
    return timeout_s < 0 ? INT64_MAX : clock_now_ms() + timeout_s * 1000LL;
}

static int lost(enum socket_done done, struct err *err)
{
    return done == SOCKET_DONE   ? 0
           : done == SOCKET_LATE ? err_set(err, ERR_AGAIN, "no answer in time")
                                 : err_set(err, ERR_AGAIN, "%s", errno ? strerror(errno) : "gone");
}

int imap_frame_send(int fd, int timeout_s, json_t *head, const char *bytes, size_t len, struct err *err)
{
    must(head);
    int64_t deadline = deadline_of(timeout_s);
    char *text = json_dumps(head, JSON_COMPACT);
    must(text);
    json_decref(head);
    uint64_t lengths[2] = {strlen(text), len};
    struct iovec part[] = {{lengths, sizeof lengths}, {text, lengths[0]}, {(char *)(uintptr_t)bytes, len}};
    int rc = lost(socket_send(fd, part, ARRAY_LEN(part), deadline), err);
    explicit_bzero(text, lengths[0]); /* a password may be in it */
    free(text);
    return rc;
}

int imap_frame_read(void *mem, int fd, int timeout_s, size_t max_bytes, struct imap_frame *frame_r,
                    struct err *err)
{
    int64_t deadline = deadline_of(timeout_s);
    uint64_t lengths[2];
    if (lost(socket_take(fd, lengths, sizeof lengths, deadline), err) < 0)
        return -1;
    if (lengths[0] > HEAD_MAX || lengths[1] > max_bytes)
        return err_set(err, ERR_AGAIN, "sent a frame that is too long");
    MEM_SCOPE(scope);
    char *text = talloc_size(scope, lengths[0] + 1);
    char *bytes = talloc_size(mem, lengths[1] + 1);
    if (lost(socket_take(fd, text, lengths[0], deadline), err) < 0 ||
        lost(socket_take(fd, bytes, lengths[1], deadline), err) < 0) {
        talloc_free(bytes);
        return -1;
    }
    bytes[lengths[1]] = 0;
    json_t *head = json_loadb(text, lengths[0], JSON_REJECT_DUPLICATES, NULL);
    explicit_bzero(text, lengths[0]);
    if (!json_is_object(head)) {
        json_decref(head);
        talloc_free(bytes);
        return err_set(err, ERR_AGAIN, "sent what is no frame");
    }
    *frame_r = (struct imap_frame){.head = head, .bytes = bytes, .len = lengths[1]};
    return 0;
}

/* ---- names of folders */

/* One character of valid UTF-8, or -1. */
static int next_character(const unsigned char **s)
{
    static const struct {
        unsigned char mask, lead;
        int least;
    } forms[] = {{0x80, 0x00, 0}, {0xe0, 0xc0, 0x80}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    for (int more = 0; more < (int)ARRAY_LEN(forms); more++) {
        if ((**s & forms[more].mask) != forms[more].lead)
            continue;
        int c = *(*s)++ & ~forms[more].mask;
        for (int i = 0; i < more; i++, (*s)++) {
            if ((**s & 0xc0) != 0x80)
                return -1;
            c = c << 6 | (**s & 0x3f);
        }
        return c < forms[more].least || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff) ? -1 : c;
    }
    return -1;
}

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

struct shift { /* bits that wait for their base64 digit */
    bool on;
    unsigned bits;
    int n;
};

static void put_unit(struct text *out, struct shift *shift, unsigned unit)
{
    if (!shift->on)
        text_putc(out, '&');
    shift->on = true;
    shift->bits = shift->bits << 16 | unit;
    for (shift->n += 16; shift->n >= 6; shift->n -= 6)
        text_putc(out, digits[shift->bits >> (shift->n - 6) & 63]);
    shift->bits &= (1u << shift->n) - 1;
}

static void end_shift(struct text *out, struct shift *shift)
{
    if (shift->n)
        text_putc(out, digits[shift->bits << (6 - shift->n) & 63]);
    if (shift->on)
        text_putc(out, '-');
    *shift = (struct shift){0};
}

char *imap_folder_name(void *mem, const char *utf8)
{
    struct text out = text_new(mem);
    struct shift shift = {0};
    for (const unsigned char *s = (const unsigned char *)utf8; *s;) {
        int c = next_character(&s);
        if (c < ' ' || c == 0x7f)
            return NULL;
        if (c > 0xffff)
            put_unit(&out, &shift, 0xd800u | (unsigned)(c - 0x10000) >> 10);
        if (c > 0x7f)
            put_unit(&out, &shift, c > 0xffff ? 0xdc00u | ((unsigned)c & 0x3ff) : (unsigned)c);
        if (c > 0x7f)
            continue;
        end_shift(&out, &shift);
        text_puts(&out, c == '&' ? "&-" : (char[]){(char)c, 0});
    }
    end_shift(&out, &shift);
    return out.len > 0 && out.len <= 1000 ? out.s : NULL;
}

/* The C library knows the way back; what it does not take whole is no name. */
char *imap_folder_text(void *mem, const char *wire)
{
    size_t left = strlen(wire), room = 4 * left + 1;
    char *text = talloc_zero_size(mem, room + 1), *out = text, *in = (char *)(uintptr_t)wire;
    iconv_t cd = iconv_open("UTF-8", "UTF-7-IMAP");
    bool whole = cd != (iconv_t)-1 && iconv(cd, &in, &left, &out, &room) != (size_t)-1 && left == 0;
    if (cd != (iconv_t)-1)
        iconv_close(cd);
    return whole ? text : NULL;
}
