/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A letter for the kind, then what it has: 4 bytes of length or number and bytes or values, in the byte order
 * of the machine.
 */
#include "base/json_fill.h"
#include "base/jsonbytes.h"

#include "base/unicode.h"

enum { DEPTH_MAX = 1000, LONG = 64, LONG_MAX_N = 32 };
enum kind {
    KIND_NULL = 'n',
    KIND_TRUE = 't',
    KIND_FALSE = 'f',
    KIND_INTEGER = 'i',
    KIND_REAL = 'r',
    KIND_TEXT = 's',
    KIND_AGAIN = 'a', /* one of the first long texts */
    KIND_BEGIN = 'b', /* so many bytes of one of them */
    KIND_ARRAY = '[',
    KIND_OBJECT = '{',
};

/* The first texts that are long, on both sides. */
struct longs {
    json_t *text[LONG_MAX_N];
    size_t n;
};

static bool keep_long(struct longs *longs, json_t *text)
{
    if (json_string_length(text) < LONG || longs->n == LONG_MAX_N)
        return false;
    longs->text[longs->n++] = text;
    return true;
}

/* ---- out */

struct writer {
    struct text *out;
    struct longs longs;
};

static void put_kind(struct writer *w, enum kind kind)
{
    text_putc(w->out, (char)kind);
}

static void put_number(struct writer *w, size_t n)
{
    uint32_t number = (uint32_t)n;
    must(n <= UINT32_MAX);
    text_add(w->out, (const char *)&number, sizeof number);
}

static void put_size(struct writer *w, enum kind kind, size_t n)
{
    put_kind(w, kind);
    put_number(w, n);
}

static void put_eight(struct writer *w, enum kind kind, const void *eight)
{
    put_kind(w, kind);
    text_add(w->out, eight, 8);
}

static void put_text(struct writer *w, const json_t *text)
{
    const char *s = json_string_value(text);
    size_t len = json_string_length(text);
    for (size_t i = 0; len >= LONG && i < w->longs.n; i++) {
        size_t whole = json_string_length(w->longs.text[i]);
        if (whole < len || memcmp(json_string_value(w->longs.text[i]), s, len))
            continue;
        put_size(w, whole == len ? KIND_AGAIN : KIND_BEGIN, i);
        if (whole > len)
            put_number(w, len);
        return;
    }
    keep_long(&w->longs, (json_t *)(uintptr_t)text);
    put_size(w, KIND_TEXT, len);
    text_add(w->out, s, len);
}

static void put_value(struct writer *w, const json_t *value);

static void put_object(struct writer *w, json_t *object)
{
    const char *key;
    json_t *value;
    put_size(w, KIND_OBJECT, json_object_size(object));
    json_object_foreach(object, key, value)
    {
        put_size(w, KIND_TEXT, strlen(key));
        text_puts(w->out, key);
        put_value(w, value);
    }
}

static void put_value(struct writer *w, const json_t *value)
{
    static const enum kind kinds[] = {
        [JSON_NULL] = KIND_NULL, [JSON_TRUE] = KIND_TRUE, [JSON_FALSE] = KIND_FALSE};
    json_int_t integer;
    double real;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        put_object(w, (json_t *)(uintptr_t)value);
        return;
    case JSON_ARRAY:
        put_size(w, KIND_ARRAY, json_array_size(value));
        for (size_t i = 0; i < json_array_size(value); i++)
            put_value(w, json_array_get(value, i));
        return;
    case JSON_STRING:
        put_text(w, value);
        return;
    case JSON_INTEGER:
        integer = json_integer_value(value);
        put_eight(w, KIND_INTEGER, &integer);
        return;
    case JSON_REAL:
        real = json_real_value(value);
        put_eight(w, KIND_REAL, &real);
        return;
    default:
        put_kind(w, kinds[json_typeof(value)]);
    }
}

void jsonbytes_write(struct text *out, const json_t *value)
{
    struct writer w = {.out = out};
    put_value(&w, value);
}

/* ---- in */

json_t *jsonbytes_text(const char *s, size_t len)
{
    return unicode_valid_utf8(s, len) ? json_stringn_nocheck(s, len) : NULL;
}

struct reader {
    const char *p, *end;
    struct longs longs;
    size_t text_left;
    int depth;
};

static bool get(struct reader *r, void *to, size_t n)
{
    if ((size_t)(r->end - r->p) < n)
        return false;
    memcpy(to, r->p, n);
    r->p += n;
    return true;
}

/* The next n bytes; NULL: there are fewer, or too many in all. */
static const char *get_bytes(struct reader *r, size_t n)
{
    const char *bytes = r->p;
    if ((size_t)(r->end - r->p) < n || n > r->text_left)
        return NULL;
    r->text_left -= n;
    r->p += n;
    return bytes;
}

static json_t *get_text(struct reader *r)
{
    uint32_t len;
    const char *s = get(r, &len, sizeof len) ? get_bytes(r, len) : NULL;
    json_t *text = s ? jsonbytes_text(s, len) : NULL;
    return keep_long(&r->longs, text) ? json_incref(text) : text;
}

static json_t *get_long(struct reader *r, size_t *len_r)
{
    uint32_t i;
    if (!get(r, &i, sizeof i) || i >= r->longs.n)
        return NULL;
    *len_r = json_string_length(r->longs.text[i]);
    return r->longs.text[i];
}

static json_t *get_again(struct reader *r)
{
    size_t len;
    json_t *text = get_long(r, &len);
    if (!text || len > r->text_left)
        return NULL;
    r->text_left -= len;
    return json_incref(text);
}

/* Which is UTF-8 where no character is cut. */
static json_t *get_begin(struct reader *r)
{
    size_t whole;
    uint32_t len;
    const char *s = json_string_value(get_long(r, &whole));
    if (!s || !get(r, &len, sizeof len) || len > whole || len > r->text_left || (s[len] & 0xc0) == 0x80)
        return NULL;
    r->text_left -= len;
    return json_stringn_nocheck(s, len);
}

static json_t *get_value(struct reader *r);

/* What is broken inside leaves it without the rest; only the whole value is dropped. */
static bool fill_array(void *reader, json_t *array)
{
    struct reader *r = reader;
    uint32_t n;
    if (!get(r, &n, sizeof n))
        return false;
    for (; n; n--)
        if (json_array_append_new(array, get_value(r)) < 0)
            return false;
    return true;
}

static bool fill_object(void *reader, json_t *object)
{
    struct reader *r = reader;
    uint32_t n, len;
    char kind;
    if (!get(r, &n, sizeof n))
        return false;
    for (; n; n--) {
        const char *key =
            get(r, &kind, 1) && kind == KIND_TEXT && get(r, &len, sizeof len) ? get_bytes(r, len) : NULL;
        if (!key || !unicode_valid_utf8(key, len) || json_object_getn(object, key, len) ||
            json_object_setn_new_nocheck(object, key, len, get_value(r)) < 0)
            return false;
    }
    return true;
}

static json_t *get_filled(struct reader *r, json_t *value, json_fill_fn *fill)
{
    return json_filled(value, fill, r, &r->depth, DEPTH_MAX);
}

static json_t *get_value(struct reader *r)
{
    json_int_t integer;
    double real;
    char kind = 0;
    if (!get(r, &kind, 1))
        return NULL;
    switch ((enum kind)kind) {
    case KIND_NULL:
        return json_null();
    case KIND_TRUE:
    case KIND_FALSE:
        return json_boolean(kind == KIND_TRUE);
    case KIND_INTEGER:
        return get(r, &integer, sizeof integer) ? json_integer(integer) : NULL;
    case KIND_REAL:
        return get(r, &real, sizeof real) ? json_real(real) : NULL;
    case KIND_TEXT:
        return get_text(r);
    case KIND_AGAIN:
        return get_again(r);
    case KIND_BEGIN:
        return get_begin(r);
    case KIND_ARRAY:
        return get_filled(r, json_array(), fill_array);
    case KIND_OBJECT:
        return get_filled(r, json_object(), fill_object);
    }
    return NULL;
}

int jsonbytes_read(const char *bytes, size_t len, json_t **value_r, struct err *err)
{
    struct reader r = {.p = bytes, .end = bytes + len, .text_left = JSONBYTES_TEXT_MAX};
    json_t *value = get_value(&r);
    while (r.longs.n)
        json_decref(r.longs.text[--r.longs.n]);
    if (value && r.p == r.end) {
        *value_r = value;
        return 0;
    }
    json_decref(value);
    return err_set(err, ERR_INPUT, "the value is broken");
}
