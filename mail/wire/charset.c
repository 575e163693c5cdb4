/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/charset.h"

#include "base/unicode.h"

static bool is_plain(unsigned char c)
{
    return c == '\n' || c == '\t' || c == '\f' || (c >= ' ' && c < 0x7f);
}

/* One character that is not plain ASCII, at *s before end. */
static void add_other(struct text *out, const char **s, const char *end)
{
    if (**s == '\r') {
        if (*s + 1 == end || (*s)[1] != '\n')
            text_putc(out, '\n');
        (*s)++;
        return;
    }
    if (**s == 0) {
        (*s)++;
        unicode_add(out, 0xfffd);
        return;
    }
    uint32_t c = unicode_next(s);
    if (c == 0xfeff)
        return;
    unicode_add(out, c < ' ' || (c >= 0x7f && c < 0xa0) ? 0xfffd : c);
}

char *charset_clean(void *mem, const char *s, size_t len, size_t max_bytes)
{
    struct text out = text_new(mem);
    /* a copy ends with NUL, so that a character cut at the end is not read beyond it */
    MEM_SCOPE(scratch);
    char *copy = talloc_size(scratch, len + 1);
    memcpy(copy, s, len);
    copy[len] = 0;
    const char *p = copy;
    for (const char *end = copy + len; p < end && out.len + 4 <= max_bytes;) {
        size_t n = 0;
        while (p + n < end && out.len + n < max_bytes && is_plain((unsigned char)p[n]))
            n++;
        text_add(&out, p, n);
        p += n;
        if (p < end && out.len + 4 <= max_bytes && !is_plain((unsigned char)*p))
            add_other(&out, &p, end);
    }
    return out.s;
}

/* Whether the bytes are UTF-8 but for a few. */
static bool mostly_utf8(const char *bytes, size_t len)
{
    size_t good = 0, broken = 0;
    for (size_t i = 0; i < len;) {
        unsigned char c = (unsigned char)bytes[i];
        size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 0;
        if (n == 1) {
            i++;
        } else if (n && i + n <= len && unicode_valid_utf8(bytes + i, n)) {
            good++;
            i += n;
        } else {
            broken++;
            i++;
        }
    }
    return broken == 0 || good > broken;
}

/* What senders call Latin 1 is Windows' (as the WHATWG's Encoding Standard has it). */
static const char *charset_meant(const char *charset)
{
    static const char *const latin1[] = {"iso-8859-1", "iso8859-1", "latin1", "iso_8859-1"};
    for (size_t i = 0; i < ARRAY_LEN(latin1); i++)
        if (!strcasecmp(charset, latin1[i]))
            return "windows-1252";
    return charset;
}

static bool is_utf8_name(const char *charset)
{
    static const char *const names[] = {"utf-8", "utf8",           "us-ascii",
                                        "ascii", "ansi_x3.4-1968", "unknown-8bit"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (!strcasecmp(charset, names[i]))
            return true;
    return false;
}

char *charset_decode(void *mem, const char *bytes, size_t len, const char *charset)
{
    if (len == 0)
        return talloc_strdup(mem, "");
    MEM_SCOPE(scratch);
    char *utf8;
    const char *found;
    bool named = charset && *charset;
    if ((!named || is_utf8_name(charset)) && mostly_utf8(bytes, len))
        return charset_clean(mem, bytes, len, 3 * len + 4);
    if (named && !is_utf8_name(charset) &&
        unicode_decode(scratch, bytes, len, charset_meant(charset), &utf8, &found, NULL) == 0)
        return charset_clean(mem, utf8, strlen(utf8), 3 * strlen(utf8) + 4);
    if (!mostly_utf8(bytes, len) &&
        unicode_decode(scratch, bytes, len, unicode_detect(scratch, bytes, len), &utf8, &found, NULL) == 0)
        return charset_clean(mem, utf8, strlen(utf8), 3 * strlen(utf8) + 4);
    return charset_clean(mem, bytes, len, 3 * len + 4);
}
