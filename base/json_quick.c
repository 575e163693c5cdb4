/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/json_fill.h"
#include "base/json_quick.h"

enum { DEPTH_MAX = 32, DIGITS_MAX = 18 };

struct reader {
    const char *p;
    int depth;
};

static bool skip(struct reader *r, char c)
{
    while (*r->p == ' ')
        r->p++;
    if (*r->p != c)
        return false;
    r->p++;
    return true;
}

/* Behind the opening quote; NULL: it is not as it stands there. */
static const char *get_text(struct reader *r, size_t *len_r)
{
    const char *begin = r->p;
    while (*r->p != '"') {
        if (*r->p == '\\' || (unsigned char)*r->p < ' ')
            return NULL;
        r->p++;
    }
    *len_r = (size_t)(r->p++ - begin);
    return begin;
}

static json_t *get_integer(struct reader *r)
{
    bool negative = *r->p == '-';
    const char *begin = r->p += negative;
    json_int_t n = 0;
    while (*r->p >= '0' && *r->p <= '9' && r->p - begin < DIGITS_MAX)
        n = 10 * n + (*r->p++ - '0');
    bool whole = r->p > begin && (*begin != '0' || r->p == begin + 1) && *r->p && strchr(" ,]}", *r->p);
    return whole ? json_integer(negative ? -n : n) : NULL;
}

static json_t *get_word(struct reader *r, const char *word, json_t *value)
{
    size_t len = strlen(word);
    if (strncmp(r->p, word, len) != 0)
        return NULL;
    r->p += len;
    return value;
}

static json_t *get_value(struct reader *r);

static bool fill_array(void *reader, json_t *array)
{
    struct reader *r = reader;
    if (skip(r, ']'))
        return true;
    do
        if (json_array_append_new(array, get_value(r)) < 0)
            return false;
    while (skip(r, ','));
    return skip(r, ']');
}

static bool fill_object(void *reader, json_t *object)
{
    struct reader *r = reader;
    if (skip(r, '}'))
        return true;
    do {
        size_t len;
        const char *key = skip(r, '"') ? get_text(r, &len) : NULL;
        if (!key || !skip(r, ':') || json_object_setn_new_nocheck(object, key, len, get_value(r)) < 0)
            return false;
    } while (skip(r, ','));
    return skip(r, '}');
}

static json_t *get_filled(struct reader *r, json_t *value, json_fill_fn *fill)
{
    return json_filled(value, fill, r, &r->depth, DEPTH_MAX);
}

static json_t *get_value(struct reader *r)
{
    size_t len;
    if (skip(r, '"')) {
        const char *s = get_text(r, &len);
        return s ? json_stringn_nocheck(s, len) : NULL;
    }
    if (skip(r, '{'))
        return get_filled(r, json_object(), fill_object);
    if (skip(r, '['))
        return get_filled(r, json_array(), fill_array);
    switch (*r->p) {
    case 't':
        return get_word(r, "true", json_true());
    case 'f':
        return get_word(r, "false", json_false());
    case 'n':
        return get_word(r, "null", json_null());
    default:
        return get_integer(r);
    }
}

json_t *json_quick(const char *text)
{
    struct reader r = {.p = text};
    json_t *value = *text == '{' || *text == '[' ? get_value(&r) : NULL;
    if (value && !*r.p)
        return value;
    json_decref(value);
    return json_loads(text, 0, NULL);
}
