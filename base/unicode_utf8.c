/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/unicode.h"

#include <unicode/utf8.h>

#include "base/eight.h"

uint32_t unicode_next(const char **s)
{
    const uint8_t *at = (const uint8_t *)*s;
    if (*at < 0x80) {
        *s += *at != 0;
        return *at;
    }
    UChar32 c;
    int32_t i = 0;
    U8_NEXT_OR_FFFD(at, i, -1, c);
    *s += i;
    return (uint32_t)c;
}

void unicode_add(struct text *t, uint32_t c)
{
    uint8_t bytes[4];
    int32_t len = 0;
    U8_APPEND_UNSAFE(bytes, len, c <= 0x10ffff ? c : 0xfffd);
    text_add(t, (const char *)bytes, (size_t)len);
}

/* How many bytes from i on are signs of ASCII but NUL, in eights. */
static int32_t plain_eights(const char *s, int32_t i, int32_t len)
{
    int32_t n = 0;
    for (; i + n + 8 <= len; n += 8) {
        uint64_t eight = eight_at(s + i + n);
        if (!eight_are_ascii(eight) || eight_marks(eight, 0))
            break;
    }
    return n;
}

bool unicode_valid_utf8(const char *s, size_t len)
{
    must(len < INT32_MAX);
    for (int32_t i = 0; i < (int32_t)len;) {
        UChar32 c;
        i += plain_eights(s, i, (int32_t)len);
        if (i == (int32_t)len)
            break;
        U8_NEXT(s, i, (int32_t)len, c);
        if (c <= 0)
            return false;
    }
    return true;
}

const char *unicode_or(const char *s, const char *otherwise)
{
    return unicode_valid_utf8(s, strlen(s)) ? s : otherwise;
}
