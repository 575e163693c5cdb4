/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/jsonbytes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static const char value_text[] =
    "{\"subject\": \"Pyetje p\xc3\xabr zyr\xc3\xabn\", \"size\": -5000000000, \"part\": 0.5, \"to\": [],"
    " \"none\": null, \"yes\": true, \"no\": false, \"\": {\"deep\": [[{}], \"\"]}}";

static struct text written(void *mem, const json_t *value)
{
    struct text t = text_new(mem);
    jsonbytes_write(&t, value);
    return t;
}

static void test_round(void **state)
{
    MEM_SCOPE(mem);
    (void)state;
    json_t *value = json_loads(value_text, 0, NULL), *back;
    assert_non_null(value);
    struct text t = written(mem, value);
    struct err err;
    assert_int_equal(jsonbytes_read(t.s, t.len, &back, &err), 0);
    assert_true(json_equal(value, back));
    char *json = json_dumps(back, JSON_COMPACT), *same = json_dumps(value, JSON_COMPACT);
    assert_string_equal(json, same); /* the order of the keys, too */
    free(json);
    free(same);
    json_decref(back);
    json_decref(value);
}

static void put_size(struct text *t, char kind, uint32_t n)
{
    text_putc(t, kind);
    text_add(t, (const char *)&n, sizeof n);
}

static void refused(const struct text *t)
{
    struct err err = {0};
    json_t *value;
    assert_int_equal(jsonbytes_read(t->s, t->len, &value, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
}

/* A long text that comes again goes once, as often as it comes, and is one text on the other side. */
static void test_again(void **state)
{
    MEM_SCOPE(mem);
    (void)state;
    char text[1000];
    memset(text, 'x', sizeof text);
    json_t *value = json_array(), *back;
    for (int i = 0; i < 5; i++)
        json_array_append_new(value, jsonbytes_text(text, sizeof text));
    json_array_append_new(value, jsonbytes_text(text, sizeof text - 1));
    struct text t = written(mem, value);
    assert_true(t.len < sizeof text + 60);
    assert_int_equal(jsonbytes_read(t.s, t.len, &back, NULL), 0);
    assert_true(json_equal(value, back));
    assert_ptr_equal(json_array_get(back, 0), json_array_get(back, 4));
    json_decref(back);
    json_decref(value);
}

/* What begins as a long text before it: no character of that is cut. */
static void test_begin(void **state)
{
    static const struct {
        uint32_t of, len;
        bool fits;
    } table[] = {{0, 99, true},   {0, 0, true},    {0, 101, true},
                 {0, 100, false}, {0, 102, false}, {1, 5, false}};
    MEM_SCOPE(mem);
    (void)state;
    char text[101];
    memset(text, 'x', 99);
    memcpy(text + 99, "\xc3\xab", 2);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        json_t *back;
        struct text t = text_new(mem);
        put_size(&t, '[', 2);
        put_size(&t, 's', sizeof text);
        text_add(&t, text, sizeof text);
        put_size(&t, 'b', table[i].of);
        text_add(&t, (const char *)&table[i].len, sizeof table[i].len);
        if (!table[i].fits) {
            refused(&t);
            continue;
        }
        assert_int_equal(jsonbytes_read(t.s, t.len, &back, NULL), 0);
        assert_int_equal(json_string_length(json_array_get(back, 1)), table[i].len);
        assert_memory_equal(json_string_value(json_array_get(back, 1)), text, table[i].len);
        json_decref(back);
    }
}

/* Whatever is cut off at the end, and more behind it. */
static void test_cut(void **state)
{
    MEM_SCOPE(mem);
    (void)state;
    json_t *value = json_loads(value_text, 0, NULL);
    struct text t = written(mem, value);
    json_decref(value);
    for (struct text part = t; part.len;) {
        part.len--;
        refused(&part);
    }
    text_putc(&t, 'n');
    refused(&t);
}

static void test_not_text(void **state)
{
    static const struct {
        const char *bytes;
        uint32_t len;
    } table[] = {{"a\xc3", 2}, {"a\0b", 3}, {"\xed\xa0\x80", 3}, {"12345678\xff", 9}, {"1234567\0", 8}};
    MEM_SCOPE(mem);
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct text t = text_new(mem), key = text_new(mem);
        put_size(&t, 's', table[i].len);
        text_add(&t, table[i].bytes, table[i].len);
        refused(&t);
        put_size(&key, '{', 1);
        text_add(&key, t.s, t.len);
        text_putc(&key, 'n');
        refused(&key);
        assert_null(jsonbytes_text(table[i].bytes, table[i].len));
    }
}

static void test_hostile(void **state)
{
    MEM_SCOPE(mem);
    (void)state;
    enum { MEGABYTE = 1 << 20, AGAIN = 200 };
    struct text deep = text_new(mem), key = text_new(mem), many = text_new(mem), large = text_new(mem);
    for (int i = 0; i < 100000; i++)
        put_size(&deep, '[', 1);
    refused(&deep);
    put_size(&key, '{', 2);
    for (int i = 0; i < 2; i++) {
        put_size(&key, 's', 1);
        text_puts(&key, "an");
    }
    refused(&key); /* twice */
    put_size(&many, '[', UINT32_MAX);
    refused(&many);
    put_size(&large, '[', AGAIN + 1); /* few bytes that would be many */
    put_size(&large, 's', MEGABYTE);
    char *megabyte = talloc_size(mem, MEGABYTE);
    memset(megabyte, 'x', MEGABYTE);
    text_add(&large, megabyte, MEGABYTE);
    struct text begins = text_new(mem);
    text_add(&begins, large.s, large.len);
    for (uint32_t i = 0, n = MEGABYTE - 1; i < AGAIN; i++) {
        put_size(&large, 'a', 0);
        put_size(&begins, 'b', 0);
        text_add(&begins, (const char *)&n, sizeof n);
    }
    refused(&large);
    refused(&begins);
    struct text unknown = text_new(mem);
    put_size(&unknown, 'a', 0);
    refused(&unknown);
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_round),    cmocka_unit_test(test_again),
                                       cmocka_unit_test(test_begin),    cmocka_unit_test(test_cut),
                                       cmocka_unit_test(test_not_text), cmocka_unit_test(test_hostile)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
