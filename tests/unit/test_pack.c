/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/pack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char base[] =
    "Dear Nobody,\n\nthe council meets on Monday at six in the school.\n\nThe office\n";
static const char letter[] = "Dear Ana,\n\nthe council meets on Monday at six in the school.\n\nThe office\n";

struct packed {
    void *mem;
    struct pack *pack;
    struct pack_base *base;
};

static int begin(void **state)
{
    struct packed *p = talloc_zero(NULL, struct packed);
    p->mem = p;
    p->pack = pack_new(p);
    p->base = pack_base_new(p, base, sizeof base - 1);
    *state = p;
    return 0;
}

static int end(void **state)
{
    talloc_free(*state);
    return 0;
}

static void test_round(void **state)
{
    struct packed *p = *state;
    const size_t len = sizeof letter - 1;
    struct err err;
    char *bytes;
    for (int with = 0; with < 3;
         with++) { /* a desk packs upon one base, then upon none, then upon it again */
        size_t n, base_len = with == 1 ? 0 : sizeof base - 1;
        char *frame = pack_bytes(p->mem, p->pack, base_len ? p->base : NULL, letter, len, &n);
        if (base_len)
            assert_true(n < len / 2);
        assert_int_equal(pack_open(p->mem, base, base_len, frame, n, len, &bytes, &err), 0);
        assert_memory_equal(bytes, letter, len + 1);
    }
    size_t n;
    char *frame = pack_bytes(p->mem, p->pack, p->base, "", 0, &n);
    assert_int_equal(pack_open(p->mem, base, sizeof base - 1, frame, n, 0, &bytes, &err), 0);
    assert_string_equal(bytes, "");
}

/* A letter with an attachment upon one with the same: what differs is left. */
static void test_large_base(void **state)
{
    struct packed *p = *state;
    enum { LEN = 6 << 20 };
    static char one[LEN], other[LEN];
    uint32_t x = 1;
    for (size_t i = 0; i < LEN; i++) {
        x = x * 1664525 + 1013904223;
        one[i] = other[i] = (char)('A' + (x >> 26) % 50);
    }
    memcpy(other, letter, sizeof letter - 1);
    struct pack_base *large = pack_base_new(p->mem, one, LEN);
    struct err err;
    size_t n;
    char *bytes, *frame = pack_bytes(p->mem, p->pack, large, other, LEN, &n);
    assert_true(n < 4096);
    assert_int_equal(pack_open(p->mem, one, LEN, frame, n, LEN, &bytes, &err), 0);
    assert_memory_equal(bytes, other, LEN);
    frame = pack_bytes(p->mem, p->pack, p->base, letter, sizeof letter - 1, &n); /* a small one again */
    assert_int_equal(pack_open(p->mem, base, sizeof base - 1, frame, n, sizeof letter - 1, &bytes, &err), 0);
    assert_memory_equal(bytes, letter, sizeof letter - 1);
}

static void test_damage(void **state)
{
    struct packed *p = *state;
    const size_t len = sizeof letter - 1;
    struct err err;
    size_t n;
    char *bytes, *frame = pack_bytes(p->mem, p->pack, p->base, letter, len, &n);
    char other[sizeof base];
    memcpy(other, base, sizeof base);
    other[30] ^= 1;
    assert_int_equal(pack_open(p->mem, other, sizeof base - 1, frame, n, len, &bytes, &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_int_equal(pack_open(p->mem, NULL, 0, frame, n, len, &bytes, &err), -1);
    assert_int_equal(pack_open(p->mem, base, sizeof base - 1, frame, n, len - 1, &bytes, &err), -1);
    assert_int_equal(pack_open(p->mem, base, sizeof base - 1, frame, n, len + 1, &bytes, &err), -1);
    assert_int_equal(pack_open(p->mem, base, sizeof base - 1, frame, n - 1, len, &bytes, &err), -1);
    for (size_t i = 0; i < n; i++) { /* no flipped bit is read as another letter */
        frame[i] ^= 4;
        if (pack_open(p->mem, base, sizeof base - 1, frame, n, len, &bytes, &err) == 0)
            assert_memory_equal(bytes, letter, len);
        frame[i] ^= 4;
    }
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round),
        cmocka_unit_test(test_large_base),
        cmocka_unit_test(test_damage),
    };
    return cmocka_run_group_tests_name("pack", tests, begin, end);
}
