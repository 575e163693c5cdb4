/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Checking what we signed ourselves, by the keys that we have: relaxed/relaxed over the whole body.  It asks
 * no DNS and is no verifier for the mail of others.
 */
#include <gnutls/crypto.h>

#include "base/glib_lazy.h"
#include <strings.h>

#include "mail/wire/dkim_low.h"

enum { MAX_FIELDS = 1000, MAX_SIGNATURE = 16384 };

struct field {
    const char *at;
    size_t len, name;
    bool used;
};

struct message {
    struct field *field; /* MAX_FIELDS */
    size_t n;
    const char *body;
    size_t body_len;
};

static bool read_message(void *mem, const char *bytes, size_t len, struct message *m)
{
    const char *p = bytes, *end = bytes + len;
    m->field = talloc_array(mem, struct field, MAX_FIELDS);
    m->n = 0;
    while (p < end && *p != '\r' && m->n < MAX_FIELDS) {
        const char *at = p, *colon = memchr(p, ':', (size_t)(end - p));
        do {
            const char *lf = memchr(p, '\n', (size_t)(end - p));
            p = lf ? lf + 1 : end;
        } while (p < end && (*p == ' ' || *p == '\t'));
        if (!colon || colon >= p)
            return false;
        size_t name = (size_t)(colon - at);
        while (name > 0 && (at[name - 1] == ' ' || at[name - 1] == '\t'))
            name--;
        m->field[m->n++] = (struct field){at, (size_t)(p - at), name, false};
    }
    if (end - p < 2 || p[0] != '\r')
        return false;
    m->body = p + 2;
    m->body_len = (size_t)(end - m->body);
    return true;
}

static bool is_named(const struct field *f, const char *name, size_t len)
{
    return f->name == len && !strncasecmp(f->at, name, len);
}

/* ---- the field's tags (RFC 6376 3.2) */

/* Where the value of a tag stands in the field; false: it has none of the name. */
static bool find_tag(const struct field *f, const char *name, const char **value_r, size_t *len_r)
{
    const char *end = f->at + f->len, *p = memchr(f->at, ':', f->len);
    for (p++; p < end;) {
        const char *stop = memchr(p, ';', (size_t)(end - p)), *eq;
        stop = stop ? stop : end;
        while (p < stop && strchr(" \t\r\n", *p))
            p++;
        eq = memchr(p, '=', (size_t)(stop - p));
        size_t len = strlen(name);
        if (eq && (size_t)(eq - p) >= len && !strncmp(p, name, len) &&
            strspn(p + len, " \t\r\n") == (size_t)(eq - p) - len) {
            *value_r = eq + 1;
            *len_r = (size_t)(stop - eq - 1);
            return true;
        }
        p = stop + 1;
    }
    return false;
}

/* Without white space; "" when it is missing. */
static char *tag(void *mem, const struct field *f, const char *name)
{
    const char *value;
    size_t len;
    struct text t = text_new(mem);
    if (find_tag(f, name, &value, &len))
        for (size_t i = 0; i < len; i++)
            if (!strchr(" \t\r\n", value[i]))
                text_putc(&t, value[i]);
    return t.s;
}

/* ---- the sums */

static void add_field(void *mem, gnutls_hash_hd_t hash, const char *field, size_t len, bool last)
{
    char *relaxed = talloc_size(mem, len + 2);
    size_t n = (size_t)(dkim_relaxed_field(relaxed, field, len) - relaxed);
    must(gnutls_hash(hash, relaxed, last ? n - 2 : n) == 0);
    talloc_free(relaxed);
}

/* The fields that h= names, each time the lowest that is left (5.4.2), and the signature without its b=. */
static void header_sum(void *mem, struct message *m, const struct field *signature,
                       unsigned char sum[DKIM_SUM_BYTES])
{
    gnutls_hash_hd_t hash;
    must(gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) == 0);
    for (const char *p = tag(mem, signature, "h"); *p; p += *p == ':') {
        size_t len = strcspn(p, ":"), i = m->n;
        while (i > 0 && (m->field[i - 1].used || !is_named(&m->field[i - 1], p, len)))
            i--;
        if (i > 0) {
            m->field[i - 1].used = true;
            add_field(mem, hash, m->field[i - 1].at, m->field[i - 1].len, false);
        }
        p += len;
    }
    const char *b;
    size_t b_len;
    must(find_tag(signature, "b", &b, &b_len));
    struct text bare = text_new(mem);
    text_add(&bare, signature->at, (size_t)(b - signature->at));
    text_add(&bare, b + b_len, signature->len - (size_t)(b + b_len - signature->at));
    add_field(mem, hash, bare.s, bare.len, true);
    gnutls_hash_deinit(hash, sum);
}

static bool is_body_sum(const struct message *m, const char *base64)
{
    unsigned char sum[DKIM_SUM_BYTES];
    dkim_body_sum(m->body, m->body_len, sum);
    char *wanted = g_base64_encode(sum, sizeof sum);
    bool same = !strcmp(wanted, base64);
    g_free(wanted);
    return same;
}

static enum dkim_verdict judge(void *mem, struct message *m, const struct field *f,
                               const struct dkim_key *key)
{
    unsigned char sum[DKIM_SUM_BYTES];
    const char *b = tag(mem, f, "b");
    if (strcmp(tag(mem, f, "a"), dkim_key_method(key)) || strcmp(tag(mem, f, "c"), "relaxed/relaxed") ||
        !*b || f->len > MAX_SIGNATURE)
        return DKIM_UNREADABLE;
    if (!is_body_sum(m, tag(mem, f, "bh")))
        return DKIM_BODY_CHANGED;
    header_sum(mem, m, f, sum);
    gsize len;
    guchar *signature = g_base64_decode(b, &len);
    bool good = dkim_key_verify(key, sum, signature, len);
    g_free(signature);
    return good ? DKIM_GOOD : DKIM_HEADER_CHANGED;
}

enum dkim_verdict dkim_verify(const char *domain, const char *selector, const struct dkim_key *key,
                              const char *message, size_t len)
{
    static const char name[] = "DKIM-Signature";
    MEM_SCOPE(mem);
    struct message m;
    if (!read_message(mem, message, len, &m))
        return DKIM_UNREADABLE;
    for (size_t i = 0; i < m.n; i++)
        if (is_named(&m.field[i], name, sizeof name - 1) && !strcasecmp(tag(mem, &m.field[i], "d"), domain) &&
            !strcasecmp(tag(mem, &m.field[i], "s"), selector))
            return judge(mem, &m, &m.field[i], key);
    return DKIM_ABSENT;
}
