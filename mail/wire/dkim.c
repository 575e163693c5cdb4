/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 *     message ──▶ fields by name ──▶ relaxed, in the order of h= ─┐
 *        └──▶ body ──▶ one SHA-256, on the way through it ──▶ bh= ─┴─▶ SHA-256 a signature ──▶ b=
 *
 * A DKIM-Signature is signed in its relaxed form, in which it does not matter where it is folded; so it is
 * made as one line, signed, and folded last.
 */
#include <gnutls/crypto.h>

#include "base/glib_lazy.h"
#include <strings.h>

#include "mail/wire/dkim_low.h"
#include "mail/wire/header.h"

/* What is signed where it is there (RFC 6376 5.4.1); `always`: its absence is signed too.  List fields and
 * those of forwarding are none of these: a mailing list that changes nothing else may add its own. */
static const struct {
    const char *name;
    bool always;
} names[] = {
    {"From", true},
    {"Sender", false},
    {"Reply-To", true},
    {"To", true},
    {"Cc", true},
    {"Subject", true},
    {"Date", true},
    {"Message-ID", true},
    {"In-Reply-To", true},
    {"References", true},
    {"MIME-Version", true},
    {"Content-Type", true},
    {"Content-Transfer-Encoding", true},
    {"Content-Disposition", false},
    {"Content-Language", false},
    {"Auto-Submitted", false},
    {"Disposition-Notification-To", false},
    {"Precedence", false},
    {"Organization", false},
    {"List-Id", false},
    {"List-Help", false},
    {"List-Unsubscribe", false},
    {"List-Unsubscribe-Post", false},
    {"List-Subscribe", false},
    {"List-Post", false},
    {"List-Owner", false},
    {"List-Archive", false},
    {"Resent-From", false},
    {"Resent-Sender", false},
    {"Resent-To", false},
    {"Resent-Cc", false},
    {"Resent-Date", false},
    {"Resent-Message-ID", false},
};
enum { FROM = 0, MAX_FIELDS = 200, BASE64_LINE = 70, BLOCK = 32 };

struct field {
    const char *at;
    size_t len;
    struct field *above; /* the one of the same name before it */
};

struct fields {
    struct field field[MAX_FIELDS];
    size_t n;
    struct field *lowest[ARRAY_LEN(names)];
    size_t count[ARRAY_LEN(names)];
    size_t len; /* of the whole header, the empty line included */
};

/* ---- the relaxed form */

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

static bool is_space(char c)
{
    return is_blank(c) || c == '\r' || c == '\n';
}

char *dkim_relaxed_field(char *to, const char *field, size_t len)
{
    const char *p = field, *end = field + len;
    for (; p < end && *p != ':'; p++)
        if (!is_space(*p))
            *to++ = (char)g_ascii_tolower(*p);
    *to++ = ':';
    p += p < end;
    for (bool begun = false; p < end; p++) {
        if (!is_space(*p)) {
            *to++ = *p;
            begun = true;
            continue;
        }
        while (p + 1 < end && is_space(p[1]))
            p++;
        if (begun && p + 1 < end)
            *to++ = ' ';
    }
    *to++ = '\r';
    *to++ = '\n';
    return to;
}

static void add(gnutls_hash_hd_t hash, const char *bytes, size_t len)
{
    must(gnutls_hash(hash, bytes, len) == 0);
}

/* White space that the relaxed form changes begins here: no single blank inside a line.  Without a branch, so
 * that the compiler can look at many bytes at once. */
static bool is_odd(const char *p)
{
    return (p[0] == '\t') | ((p[0] == ' ') & ((p[1] == ' ') | (p[1] == '\t') | (p[1] == '\r')));
}

static bool any_is_odd(const char p[BLOCK + 1])
{
    unsigned char any = 0;
    for (int i = 0; i < BLOCK; i++)
        any |= is_odd(p + i);
    return any;
}

/* No white space is the last before the end. */
static const char *next_odd(const char *p, const char *end)
{
    while (p < end) {
        const char *stop = end - p > BLOCK ? p + BLOCK : end;
        if (stop == end || any_is_odd(p))
            for (; p < stop; p++)
                if (is_blank(*p) && is_odd(p))
                    return p;
        p = stop;
    }
    return end;
}

/* What is as it has to be goes to the hash in one piece.  White space at the end of the body is nothing but
 * ends of lines and empty lines, and the last line ends with CRLF. */
void dkim_body_sum(const char *body, size_t len, unsigned char sum[DKIM_SUM_BYTES])
{
    gnutls_hash_hd_t hash;
    const char *end = body + len, *piece = body, *p = body;
    must(gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) == 0);
    while (end > body && is_space(end[-1]))
        end--;
    while ((p = next_odd(p, end)) < end) {
        add(hash, piece, (size_t)(p - piece));
        while (is_blank(*p))
            p++;
        if (*p != '\r')
            add(hash, " ", 1);
        piece = p;
    }
    if (end > body) {
        add(hash, piece, (size_t)(end - piece));
        add(hash, "\r\n", 2);
    }
    gnutls_hash_deinit(hash, sum);
}

/* ---- the message */

/* A lonely CR or LF would become something else on the way. */
static int check_line_ends(const char *message, size_t len, struct err *err)
{
    const char *end = message + len;
    size_t cr = 0, lf = 0;
    for (const char *p = message; (p = memchr(p, '\r', (size_t)(end - p))); p++, cr++)
        if (p + 1 == end || p[1] != '\n')
            return err_set(err, ERR_INPUT, "a lonely CR at byte %zu", (size_t)(p - message));
    for (const char *p = message; (p = memchr(p, '\n', (size_t)(end - p))); p++)
        lf++;
    return cr == lf ? 0 : err_set(err, ERR_INPUT, "a line without CRLF");
}

static size_t find_name(const char *name, size_t len)
{
    size_t i = 0;
    while (i < ARRAY_LEN(names) && (strncasecmp(names[i].name, name, len) || names[i].name[len]))
        i++;
    return i;
}

/* One field, its continuations included. */
static int take_field(struct fields *f, const char *at, size_t len, struct err *err)
{
    const char *colon = memchr(at, ':', len);
    size_t name = colon ? (size_t)(colon - at) : 0;
    while (name > 0 && is_blank(at[name - 1]))
        name--;
    if (name == 0 || is_blank(*at))
        return err_set(err, ERR_INPUT, "\"%.*s\" is no field of a header", (int)(len < 60 ? len : 60), at);
    size_t i = find_name(at, name);
    if (i == ARRAY_LEN(names))
        return 0;
    if (f->n == MAX_FIELDS)
        return err_set(err, ERR_INPUT, "more than %d fields", MAX_FIELDS);
    struct field *field = &f->field[f->n++];
    *field = (struct field){at, len, f->lowest[i]};
    f->lowest[i] = field;
    f->count[i]++;
    return 0;
}

/* The line ends are good. */
static int read_fields(const char *message, size_t len, struct fields *f, struct err *err)
{
    const char *end = message + len;
    memset(f->lowest, 0, sizeof f->lowest);
    memset(f->count, 0, sizeof f->count);
    f->n = 0;
    const char *p = message;
    while (p < end && *p != '\r') {
        const char *at = p;
        do {
            const char *lf = memchr(p, '\n', (size_t)(end - p));
            p = lf ? lf + 1 : end;
        } while (p < end && is_blank(*p));
        if (take_field(f, at, (size_t)(p - at), err) < 0)
            return -1;
    }
    f->len = (size_t)(p - message) + (p < end ? 2 : 0);
    return f->count[FROM] == 1 ? 0 : err_set(err, ERR_INPUT, "%zu From fields", f->count[FROM]);
}

/* ---- the signature */

/* Each name as often as it stands there, and once more. */
static char *signed_names(void *mem, const struct fields *f)
{
    struct text t = text_new(mem);
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        for (size_t k = 0; k < f->count[i] + (names[i].always || f->count[i]); k++) {
            text_puts(&t, t.len ? ": " : "");
            text_puts(&t, names[i].name);
        }
    return t.s;
}

/* From the lowest up (RFC 6376 5.4.2); the one more than there are is nothing. */
static struct text relaxed_fields(void *mem, const struct fields *f)
{
    char *s = talloc_size(mem, f->len + 2), *to = s;
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        for (const struct field *field = f->lowest[i]; field; field = field->above)
            to = dkim_relaxed_field(to, field->at, field->len);
    return (struct text){.s = s, .len = (size_t)(to - s)};
}

/* In pieces with blanks between, where header_words() folds. */
static void put_base64(struct text *out, const unsigned char *bytes, size_t len)
{
    char *base64 = g_base64_encode(bytes, len);
    for (const char *p = base64; *p; p += strnlen(p, BASE64_LINE)) {
        text_puts(out, p > base64 ? " " : "");
        text_add(out, p, strnlen(p, BASE64_LINE));
    }
    g_free(base64);
}

/* `value` is that of the field up to b=. */
static void put_signature(struct text *value, const struct text *fields, const struct dkim_key *key)
{
    static const char name[] = "dkim-signature:";
    gnutls_hash_hd_t hash;
    unsigned char sum[DKIM_SUM_BYTES], signature[DKIM_SIGNATURE_MAX];
    must(gnutls_hash_init(&hash, GNUTLS_DIG_SHA256) == 0);
    add(hash, fields->s, fields->len);
    add(hash, name, sizeof name - 1);
    add(hash, value->s, value->len);
    gnutls_hash_deinit(hash, sum);
    put_base64(value, signature, dkim_key_sign(key, sum, signature));
}

int dkim_sign(void *mem, const struct dkim_order *order, const char *message, size_t len, char **fields_r,
              struct err *err)
{
    MEM_SCOPE(scratch);
    struct fields f;
    unsigned char sum[DKIM_SUM_BYTES];
    if (check_line_ends(message, len, err) < 0 || read_fields(message, len, &f, err) < 0)
        return err_context(err, "DKIM");
    dkim_body_sum(message + f.len, len - f.len, sum);
    const struct text fields = relaxed_fields(scratch, &f);
    const char *h = signed_names(scratch, &f);
    struct text out = text_new(mem);
    for (size_t i = 0; i < order->n; i++) {
        const struct dkim_key *key = order->selector[i].key;
        struct text value = text_new(scratch);
        text_printf(&value, "v=1; a=%s; c=relaxed/relaxed; q=dns/txt; d=%s; s=%s; t=%lld; h=%s; bh=",
                    dkim_key_method(key), order->domain, order->selector[i].name, (long long)order->time, h);
        put_base64(&value, sum, sizeof sum);
        text_puts(&value, "; b=");
        put_signature(&value, &fields, key);
        struct header field = header_begin(&out, "DKIM-Signature");
        header_words(&field, value.s);
        header_end(&field);
    }
    *fields_r = out.s;
    return 0;
}
