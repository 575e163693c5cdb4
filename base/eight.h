/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Eight octets looked at at once: whether there is one of a kind among them, not which.
 */
#ifndef BASE_EIGHT_H
#define BASE_EIGHT_H

#include <stdint.h>

#include "base/mem.h"

#define EIGHT_OF(octet) ((octet)*UINT64_C(0x0101010101010101))

static inline uint64_t eight_at(const char *p)
{
    uint64_t eight;
    memcpy(&eight, p, sizeof eight);
    return eight;
}

/* A bit for each octet that is `octet`; where that is not 0, one behind it may have one wrongly. */
static inline uint64_t eight_marks(uint64_t eight, unsigned char octet)
{
    uint64_t x = eight ^ EIGHT_OF(octet);
    return (x - EIGHT_OF(1)) & ~x & EIGHT_OF(0x80);
}

/* No octet above 0x7f. */
static inline bool eight_are_ascii(uint64_t eight)
{
    return !(eight & EIGHT_OF(0x80));
}

/* No control character but, perhaps, DEL, and none above 0x7f. */
static inline bool eight_are_printable(uint64_t eight)
{
    return !((eight | (eight - EIGHT_OF(' '))) & EIGHT_OF(0x80));
}

/* How many octets from p on, of at most n, are from " " to "~" and none of them `but`: as many eights as are.
 */
static inline size_t eight_printable(const char *p, size_t n, unsigned char but)
{
    size_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t eight = eight_at(p + i);
        if (!eight_are_printable(eight) || eight_marks(eight, 0x7f) || eight_marks(eight, but))
            break;
    }
    return i;
}

#endif
