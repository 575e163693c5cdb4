/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The values that go into statements.
 */
#include "base/db.h"

struct db_arg db_text(const char *s_or_null)
{
    return (struct db_arg){.value = s_or_null};
}

static struct db_arg arg_number(int64_t n)
{
    struct db_arg a = {.len = -1}; /* value is filled in by arg_value: digits moves with the struct */
    snprintf(a.digits, sizeof a.digits, "%lld", (long long)n);
    return a;
}

struct db_arg db_int(int64_t n)
{
    return arg_number(n);
}

struct db_arg db_int_or_null(int64_t n_or_0)
{
    return n_or_0 ? arg_number(n_or_0) : db_null();
}

struct db_arg db_bool(bool b)
{
    return db_text(b ? "true" : "false");
}

struct db_arg db_null(void)
{
    return (struct db_arg){0};
}

struct db_arg db_bytes(const void *bytes, size_t len)
{
    must(len <= 1 << 30);
    return (struct db_arg){.value = bytes ? bytes : "", .len = (int)len, .binary = true};
}

/* snprintf takes ten times as long, and an outcome's columns have thousands. */
static size_t put_number(char *to, int64_t n)
{
    char digit[20];
    uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;
    size_t digits = 0, len = 0;
    do
        digit[digits++] = (char)('0' + left % 10);
    while (left /= 10);
    if (n < 0)
        to[len++] = '-';
    while (digits)
        to[len++] = digit[--digits];
    return len;
}

struct db_arg db_ints(void *mem, const int64_t *v, size_t n)
{
    enum { NUMBER_MAX = 21 }; /* with its comma */
    char *s = talloc_size(mem, NUMBER_MAX * n + 3), *p = s;
    *p++ = '{';
    for (size_t i = 0; i < n; i++) {
        if (i)
            *p++ = ',';
        p += put_number(p, v[i]);
    }
    *p++ = '}';
    *p = 0;
    return db_text(s);
}

static void array_element(struct text *t, const char *s)
{
    if (!s) {
        text_puts(t, "NULL");
        return;
    }
    text_putc(t, '"');
    for (size_t len; *s; s += len) {
        len = strcspn(s + 1, "\"\\") + 1;
        if (*s == '"' || *s == '\\')
            text_putc(t, '\\');
        text_add(t, s, len);
    }
    text_putc(t, '"');
}

struct db_arg db_texts(void *mem, const char *const *v, size_t n)
{
    struct text t = text_new(mem);
    text_putc(&t, '{');
    for (size_t i = 0; i < n; i++) {
        if (i)
            text_putc(&t, ',');
        array_element(&t, v[i]);
    }
    text_putc(&t, '}');
    return db_text(t.s);
}

static void put_int(struct text *t, uint32_t n)
{
    text_add(t, (char[]){(char)(n >> 24), (char)(n >> 16), (char)(n >> 8), (char)n}, 4);
}

static void put_element(struct text *t, const void *v, size_t len)
{
    must(len < INT32_MAX);
    put_int(t, v ? (uint32_t)len : UINT32_MAX);
    if (v)
        text_add(t, v, len);
}

/* In PostgreSQL's binary form: dimensions, whether there are nulls, the type's OID, length, lower bound, and
 * each element behind its length. */
static struct text begin_array(void *mem, uint32_t oid, size_t n)
{
    struct text t = text_new(mem);
    put_int(&t, n > 0);
    put_int(&t, 1);
    put_int(&t, oid);
    if (n > 0) {
        put_int(&t, (uint32_t)n);
        put_int(&t, 1);
    }
    return t;
}

struct db_arg db_bytes_array(void *mem, const void *const *v, const size_t *len, size_t n)
{
    enum { BYTEA = 17 };
    struct text t = begin_array(mem, BYTEA, n);
    for (size_t i = 0; i < n; i++)
        put_element(&t, v[i], len[i]);
    return db_bytes(t.s, t.len);
}

struct db_arg db_long_texts(void *mem, const char *const *v, size_t n)
{
    enum { TEXT = 25 };
    struct text t = begin_array(mem, TEXT, n);
    for (size_t i = 0; i < n; i++)
        put_element(&t, v[i], v[i] ? strlen(v[i]) : 0);
    return db_bytes(t.s, t.len);
}
