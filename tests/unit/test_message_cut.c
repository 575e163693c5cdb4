/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A message cut into its files and the rest comes together again byte for byte, and the same file is the same
 * piece in whatever message it lies.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/message_cut.h"
#include "mail/wire/encode.h"

static size_t files, bytes_of_files;
static struct text last; /* file */

static void cut_and_join(void *mem, const char *raw, size_t len, const struct spool *spool)
{
    struct text all = text_new(mem);
    struct message_piece piece;
    struct err err;
    struct message_cut *cut = message_cut_begin(mem, spool ? NULL : raw, len, spool);
    files = bytes_of_files = 0;
    for (int n = 0, more; (more = message_cut_next(cut, &piece, &err)) != 0; n++) {
        assert_int_equal(more, 1);
        assert_true(n || piece.line == 0);
        message_join(&all, piece.bytes, piece.len, piece.line);
        assert_true(piece.line || piece.len <= MESSAGE_CHUNK_BYTES);
        if (!piece.line)
            continue;
        talloc_free(last.s);
        last = text_new(NULL);
        text_add(&last, piece.bytes, piece.len);
        files++;
        bytes_of_files += piece.len;
    }
    assert_int_equal(all.len, len);
    assert_memory_equal(all.s, raw, len);
}

/* Cuts and joins; counts the files.  Out of a file it is cut in the same places as in memory. */
static void round_trip(void *mem, const char *raw, size_t len)
{
    struct err err;
    struct spool *spool;
    if (spool_new(mem, spool_folder(), &spool, &err) < 0 || spool_add(spool, raw, len, &err) < 0)
        fail_msg("%s", err.text);
    cut_and_join(mem, raw, len, NULL);
    size_t in_memory = files, bytes = bytes_of_files;
    cut_and_join(mem, raw, len, spool);
    assert_int_equal(files, in_memory);
    assert_int_equal(bytes_of_files, bytes);
}

static uint32_t chance(void)
{
    static uint64_t state = 88172645463325252u; /* xorshift */
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 32);
}

static char *some_file(void *mem, size_t len)
{
    char *file = talloc_size(mem, len + 1);
    for (size_t i = 0; i < len; i++)
        file[i] = (char)chance();
    return file;
}

/* Lines of the length, with the end. */
static void put_base64(void *mem, struct text *out, const char *file, size_t len, size_t line,
                       const char *end)
{
    struct text t = text_new(mem), flat = text_new(mem);
    encode_base64(&t, file, len);
    for (size_t i = 0; i < t.len; i++)
        if (t.s[i] != '\r' && t.s[i] != '\n')
            text_putc(&flat, t.s[i]);
    for (size_t at = 0; at < flat.len; at += line) {
        text_add(out, flat.s + at, flat.len - at < line ? flat.len - at : line);
        text_puts(out, end);
    }
}

static void test_lengths(void **state)
{
    (void)state;
    static const size_t lens[] = {4096, 4097, 4098, 5700, 5701, 100000, 2500000},
                        lines[] = {40, 60, 64, 72, 76};
    for (size_t i = 0; i < ARRAY_LEN(lens); i++)
        for (size_t k = 0; k < 2 * ARRAY_LEN(lines); k++) {
            MEM_SCOPE(mem);
            struct text raw = text_new(mem);
            const char *file = some_file(mem, lens[i]);
            text_puts(&raw, "Subject: x\r\n\r\n");
            put_base64(mem, &raw, file, lens[i], lines[k / 2], k % 2 ? "\n" : "\r\n");
            text_puts(&raw, "--b--\r\n");
            round_trip(mem, raw.s, raw.len);
            assert_int_equal(bytes_of_files, lens[i]);
            assert_int_equal(files, lens[i] / (1 << 20) + 1);
            if (files == 1)
                assert_memory_equal(last.s, file, lens[i]);
        }
}

/* What is like a file and none: all of it stays where it is. */
static void test_not_files(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const char *const raws[] = {"", "\n", "x", "\r\n\r\n", "AAAA", "AAAA\n"};
    for (size_t i = 0; i < ARRAY_LEN(raws); i++) {
        round_trip(mem, raws[i], strlen(raws[i]));
        assert_int_equal(files, 0);
    }
    struct text small = text_new(mem), wide = text_new(mem), prose = text_new(mem);
    put_base64(mem, &small, some_file(mem, 4000), 4000, 76, "\r\n");
    put_base64(mem, &wide, some_file(mem, 40000), 40000, 80, "\r\n");
    for (int i = 0; i < 1000; i++)
        text_puts(&prose, "and this is a line of words, and the next one is like it\r\n");
    round_trip(mem, small.s, small.len);
    assert_int_equal(files, 0);
    round_trip(mem, wide.s, wide.len);
    assert_int_equal(files, 0);
    round_trip(mem, prose.s, prose.len);
    assert_int_equal(files, 0);
}

/* Any byte changed, added or taken away, anywhere: what comes together is what was cut. */
static void test_chance(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct text raw = text_new(mem);
    text_puts(&raw, "A: b\r\n\r\n");
    put_base64(mem, &raw, some_file(mem, 6000), 6000, 76, "\r\n");
    text_puts(&raw, "\r\n--b\r\n");
    put_base64(mem, &raw, some_file(mem, 5000), 5000, 60, "\n");
    size_t cut = 0;
    for (int i = 0; i < 5000; i++) {
        MEM_SCOPE(scratch);
        static const char strange[] = "=\r\n \0A/-";
        char *copy = talloc_memdup(scratch, raw.s, raw.len);
        size_t len = raw.len;
        for (uint32_t n = chance() % 4; n; n--)
            copy[chance() % len] = strange[chance() % (sizeof strange - 1)];
        if (chance() % 4 == 0)
            len = chance() % len;
        round_trip(scratch, copy, len);
        cut += files > 0;
    }
    assert_true(cut > 2000);
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_lengths), cmocka_unit_test(test_not_files),
                                       cmocka_unit_test(test_chance)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
