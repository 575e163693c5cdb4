/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * No structure is looked at: a line that begins with "--" may be a delimiter, and none other can.
 */
#include "mail/wire/thin.h"

#include <stdint.h>
#include <unistd.h>

#include "mail/wire/decode.h"

enum { WINDOW = 64 << 10, FIRST_MAX = 512 << 10, THIN_MAX = 4 << 20, STRETCHES_MAX = 20000 };

/* From one such line to the next. */
struct stretch {
    size_t at, kept; /* in the thin mail */
    size_t file_at, len;
};

struct thin {
    int fd;
    char *mail;
    size_t len;
    struct stretch *stretch;
    size_t n;
    bool omitted;
};

static bool read_at(int fd, size_t at, char *to, size_t len)
{
    if (lseek(fd, (off_t)at, SEEK_SET) < 0)
        return false;
    for (ssize_t n; len; to += n, len -= (size_t)n)
        if ((n = read(fd, to, len)) <= 0)
            return false;
    return true;
}

/* ---- making it */

static void begin_stretch(struct thin *t, size_t at)
{
    if (t->n == STRETCHES_MAX)
        return;
    if (t->n)
        t->stretch[t->n - 1].len = at - t->stretch[t->n - 1].file_at;
    t->stretch[t->n++] = (struct stretch){.file_at = at};
}

static bool find_stretches(struct thin *t, size_t len)
{
    MEM_SCOPE(mem);
    char *window = talloc_size(mem, WINDOW + 2);
    t->stretch = talloc_array(t, struct stretch, STRETCHES_MAX);
    begin_stretch(t, 0);
    for (size_t at = 0; at < len; at += WINDOW) {
        size_t n = len - at < WINDOW ? len - at : WINDOW, more = len - at - n < 2 ? len - at - n : 2;
        if (!read_at(t->fd, at, window, n + more))
            return false;
        const char *end = window + n;
        for (const char *p = window, *lf; p < end && (lf = memchr(p, '\n', (size_t)(end - p))); p = lf + 1)
            if (end + more - lf > 2 && lf[1] == '-' && lf[2] == '-')
                begin_stretch(t, at + (size_t)(lf + 1 - window));
    }
    t->stretch[t->n - 1].len = len - t->stretch[t->n - 1].file_at;
    return true;
}

/* How much of each can be kept; the fields of a part, too, must have room. */
static size_t choose_keep(const struct thin *t)
{
    size_t keep = 256 << 10;
    for (; keep > 4 << 10; keep /= 4) {
        size_t total = FIRST_MAX;
        for (size_t i = 1; i < t->n; i++)
            total += t->stretch[i].len < keep ? t->stretch[i].len : keep;
        if (total <= THIN_MAX)
            break;
    }
    return keep;
}

/* Up to a line end. */
static bool copy_begin(struct thin *t, struct stretch *s, size_t keep)
{
    size_t n = s->len < keep ? s->len : keep;
    if (!read_at(t->fd, s->file_at, t->mail + t->len, n))
        return false;
    const char *lf = n < s->len ? memrchr(t->mail + t->len, '\n', n) : NULL;
    s->at = t->len;
    s->kept = lf ? (size_t)(lf + 1 - t->mail) - s->at : n;
    t->len += s->kept;
    return true;
}

int thin_read(void *mem, int fd, size_t len, struct thin **thin_r, struct err *err)
{
    struct thin *t = talloc_zero(mem, struct thin);
    t->fd = fd;
    bool good = find_stretches(t, len);
    size_t keep = choose_keep(t);
    t->mail = talloc_size(t, THIN_MAX + FIRST_MAX + 1);
    for (size_t i = 0; i < t->n && good; i++) {
        if (t->len > THIN_MAX) {
            t->omitted = true;
            t->n = i;
            break;
        }
        good = copy_begin(t, &t->stretch[i], i ? keep : FIRST_MAX);
    }
    t->mail[t->len] = 0;
    *thin_r = t;
    return good ? 0 : err_set(err, ERR_INPUT, "the mail cannot be read");
}

const char *thin_mail(const struct thin *t, size_t *len_r)
{
    *len_r = t->len;
    return t->mail;
}

bool thin_omitted(const struct thin *t)
{
    return t->omitted;
}

/* ---- what it stands for */

/* Whether the range goes to the end of what is kept of the stretch, but for the line end before a delimiter.
 */
static bool ends_in(const struct stretch *s, size_t end)
{
    return end + 2 >= s->at + s->kept && end <= s->at + s->kept;
}

bool thin_is_cut(const struct thin *t, const char *bytes, size_t len)
{
    if (!t || !len || bytes < t->mail || bytes + len > t->mail + t->len)
        return false;
    size_t begin = (size_t)(bytes - t->mail), end = begin + len;
    for (size_t i = 0; i < t->n; i++) {
        const struct stretch *s = &t->stretch[i];
        size_t kept_to = s->at + s->kept;
        if (s->kept < s->len && begin < kept_to && (kept_to <= end || ends_in(s, end)))
            return true;
    }
    return false;
}

static const struct stretch *stretch_at(const struct thin *t, size_t at)
{
    size_t i = 0;
    while (i + 1 < t->n && t->stretch[i + 1].at <= at)
        i++;
    return &t->stretch[i];
}

static size_t end_in_file(const struct thin *t, size_t end)
{
    const struct stretch *s = stretch_at(t, end - 1);
    if (s->kept == s->len || !ends_in(s, end))
        return s->file_at + (end - s->at);
    size_t at = s->file_at + s->len;
    char last[2] = "";
    if (end < s->at + s->kept && s->len > 2 && read_at(t->fd, at - 2, last, 2) && last[1] == '\n')
        at -= last[0] == '\r' ? 2 : 1;
    return at;
}

/* A piece of whole lines; how long it is, 0: it cannot be read. */
static size_t read_lines(const struct thin *t, size_t at, size_t end, char *window)
{
    size_t n = end - at < WINDOW ? end - at : WINDOW;
    if (!read_at(t->fd, at, window, n))
        return 0;
    const char *lf = at + n < end ? memrchr(window, '\n', n) : NULL;
    return lf ? (size_t)(lf + 1 - window) : n;
}

size_t thin_measure(const struct thin *t, const char *encoding, const char *bytes, size_t len,
                    unsigned char sum[DIGEST_BYTES])
{
    MEM_SCOPE(mem);
    const struct stretch *s = stretch_at(t, (size_t)(bytes - t->mail));
    size_t at = s->file_at + ((size_t)(bytes - t->mail) - s->at),
           end = end_in_file(t, (size_t)(bytes - t->mail) + len), size = 0;
    char *window = talloc_size(mem, WINDOW);
    struct text out = text_new(mem);
    struct decoding *d = decoding_begin(mem, encoding, bytes, len);
    struct digest *digest = digest_new(mem);
    for (size_t n; at < end && (n = read_lines(t, at, end, window)); at += n) {
        out.len = 0;
        decoding_add(d, &out, window, n);
        digest_add(digest, out.s, out.len);
        size += out.len;
    }
    out.len = 0;
    decoding_end(d, &out);
    digest_add(digest, out.s, out.len);
    digest_end(digest, sum);
    return size + out.len;
}
