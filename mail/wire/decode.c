/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/decode.h"

#include <ctype.h>

static size_t line_len(const char *p, size_t left)
{
    const char *end = memchr(p, '\n', left);
    return end ? (size_t)(end - p) + 1 : left;
}

static size_t content_len(const char *p, size_t len)
{
    while (len && (p[len - 1] == '\n' || p[len - 1] == '\r'))
        len--;
    return len;
}

int decode_hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

/* ---- base64 */

/* clang-format off: a row an alphabet */
int decode_base64_value(char c)
{
    static const signed char value[256] = {
        ['A'] = 1, 2,  3,  4,  5,  6,  7,  8,  9,          10,        11, 12, 13, 14, 15, 16, 17,         18,
        19,        20, 21, 22, 23, 24, 25, 26, ['a'] = 27, 28,        29, 30, 31, 32, 33, 34, 35,         36,
        37,        38, 39, 40, 41, 42, 43, 44, 45,         46,        47, 48, 49, 50, 51, 52, ['0'] = 53, 54,
        55,        56, 57, 58, 59, 60, 61, 62, ['+'] = 63, ['/'] = 64};
    return value[(unsigned char)c] - 1;
}
/* clang-format on */

static size_t put(char *out, unsigned bits, size_t n)
{
    out[0] = (char)(bits >> 16);
    out[1] = (char)(bits >> 8);
    out[2] = (char)bits;
    return n;
}

/* The whole bytes of what is begun, at most two, into out, which has room for three. */
static size_t end(struct decode_base64 *b, char *out)
{
    size_t n = b->have >= 2 ? put(out, b->bits << (6 * (4 - b->have)), (size_t)b->have - 1) : 0;
    *b = (struct decode_base64){0};
    return n;
}

void decode_base64_end(struct decode_base64 *b, struct text *out)
{
    char bytes[3];
    text_add(out, bytes, end(b, bytes));
}

void decode_base64_add(struct decode_base64 *b, struct text *out, const char *s, size_t len)
{
    char bytes[768];
    size_t n = 0;
    for (size_t i = 0; i < len; i++) {
        int value = decode_base64_value(s[i]);
        if (s[i] == '=') {
            n += end(b, bytes + n);
        } else if (value >= 0) {
            b->bits = b->bits << 6 | (unsigned)value;
            if (++b->have == 4) {
                n += put(bytes + n, b->bits, 3);
                *b = (struct decode_base64){0};
            }
        }
        if (n > sizeof bytes - 6) {
            text_add(out, bytes, n);
            n = 0;
        }
    }
    text_add(out, bytes, n);
}

/* A line of words, which a list's server or a virus scanner has put behind the data. */
static bool is_prose(const char *p, size_t len, bool padded)
{
    size_t strange = 0;
    for (size_t i = 0; i < len; i++)
        strange += decode_base64_value(p[i]) < 0 && p[i] != '=' && p[i] != '\r';
    if (padded) /* or the sum of a PGP armour */
        return strange > 0 || (len && p[0] == '=');
    return strange > 2 && strange > len / 10 && (memchr(p, ' ', len) || memmem(p, len, "://", 3));
}

/* More lines of words than others, among the first: the declaration is wrong. */
static bool is_text(const char *p, size_t len)
{
    enum { LINES = 50 };
    int prose = 0, others = 0;
    for (size_t at = 0, n; at < len && prose + others < LINES; at += n) {
        n = line_len(p + at, len - at);
        size_t line = content_len(p + at, n);
        if (line) {
            bool words = is_prose(p + at, line, false);
            prose += words;
            others += !words;
        }
    }
    return prose > others;
}

struct lines {
    struct decode_base64 base64;
    bool padded; /* the data may be at its end */
    bool over;   /* it is */
};

/* What is no base64 is left out (RFC 2045 6.8); data may end and begin anew. */
static void decode_lines(struct lines *l, struct text *out, const char *p, size_t len)
{
    for (size_t at = 0, n; at < len && !l->over; at += n) {
        n = line_len(p + at, len - at);
        size_t line = content_len(p + at, n);
        while (line && p[at + line - 1] == ' ')
            line--;
        bool prose = is_prose(p + at, line, l->padded);
        l->over = prose && l->padded;
        if (!prose)
            decode_base64_add(&l->base64, out, p + at, line);
        l->padded = l->padded || (!prose && memchr(p + at, '=', line));
    }
}

static const char *decode_base64(void *mem, const char *p, size_t len, size_t *len_r)
{
    if (is_text(p, len)) {
        *len_r = len;
        return p;
    }
    struct lines l = {0};
    struct text out = text_for(mem, len / 4 * 3 + 4);
    decode_lines(&l, &out, p, len);
    decode_base64_end(&l.base64, &out);
    *len_r = out.len;
    return out.s;
}

/* ---- quoted-printable */

static size_t decode_qp_line(char *out, const char *p, size_t len, bool *soft_r)
{
    size_t n = 0;
    *soft_r = false;
    while (len && (p[len - 1] == ' ' || p[len - 1] == '\t')) /* rule 3: a relay has put it there */
        len--;
    for (size_t i = 0; i < len; i++) {
        if (p[i] != '=') {
            out[n++] = p[i];
        } else if (i + 1 == len) {
            *soft_r = true;
        } else if (i + 2 < len && decode_hex(p[i + 1]) >= 0 && decode_hex(p[i + 2]) >= 0) {
            out[n++] = (char)(decode_hex(p[i + 1]) << 4 | decode_hex(p[i + 2]));
            i += 2;
        } else {
            out[n++] = '=';
        }
    }
    return n;
}

static const char *decode_qp(void *mem, const char *p, size_t len, size_t *len_r)
{
    char *out = talloc_size(mem, len + 1);
    size_t n = 0;
    for (size_t at = 0, whole; at < len; at += whole) {
        whole = line_len(p + at, len - at);
        size_t line = content_len(p + at, whole);
        bool soft;
        n += decode_qp_line(out + n, p + at, line, &soft);
        if (soft)
            continue;
        memcpy(out + n, p + at + line, whole - line);
        n += whole - line;
    }
    *len_r = n;
    return out;
}

/* ---- uuencode */

static int uu_value(char c)
{
    return c >= ' ' && c <= '`' ? (c - ' ') & 63 : -1;
}

/* One line, whose first character says how many bytes it holds; blanks at its end may be gone. -1: it is
 * none. */
static int decode_uu_line(char *out, const char *p, size_t len)
{
    int n = len ? uu_value(p[0]) : -1;
    size_t need = n < 0 ? 0 : ((size_t)n + 2) / 3 * 4;
    if (n < 0 || len > need + 3 || (len > 1 && len - 1 + 4 < need))
        return n == 0 && len <= 1 ? 0 : -1;
    for (int i = 0; i < n; i += 3) {
        unsigned bits = 0;
        for (size_t k = 0; k < 4; k++) {
            size_t at = 1 + (size_t)i / 3 * 4 + k;
            int value = at < len ? uu_value(p[at]) : 0;
            if (value < 0)
                return -1;
            bits = bits << 6 | (unsigned)value;
        }
        for (int k = 0; k < 3 && i + k < n; k++)
            out[i + k] = (char)(bits >> (16 - 8 * k));
    }
    return n;
}

/* "begin 644 name" */
static const char *uu_name(void *mem, const char *p, size_t len)
{
    if (len < 11 || memcmp(p, "begin ", 6))
        return NULL;
    size_t mode = 6;
    while (mode < len && p[mode] >= '0' && p[mode] <= '7')
        mode++;
    if (mode < 9 || mode > 10 || mode + 1 >= len || p[mode] != ' ')
        return NULL;
    char *name = talloc_strndup(mem, p + mode + 1, len - mode - 1);
    return *name == '"' ? talloc_strndup(mem, name + 1, strcspn(name + 1, "\"")) : name;
}

/* The lines behind "begin", up to "end" or to what is no uuencode; false where there is nothing in them. */
static bool decode_uu_lines(struct text *out, const char *text, size_t len, size_t *at)
{
    char bytes[64];
    for (size_t whole; *at < len; *at += whole) {
        const char *p = text + *at;
        whole = line_len(p, len - *at);
        size_t line = content_len(p, whole);
        if (line >= 3 && line <= 4 && !memcmp(p, "end", 3)) {
            *at += whole;
            break;
        }
        int n = line ? decode_uu_line(bytes, p, line) : 0;
        if (n < 0)
            break;
        text_add(out, bytes, (size_t)n);
    }
    return out->len > 0;
}

bool decode_uu_next(void *mem, const char *text, size_t len, size_t *at, struct decode_uu *uu_r)
{
    for (size_t whole; *at < len; *at += whole) {
        const char *p = text + *at;
        whole = line_len(p, len - *at);
        if (*p != 'b')
            continue;
        MEM_SCOPE(scratch);
        const char *name = uu_name(scratch, p, content_len(p, whole));
        struct text bytes = text_new(scratch);
        size_t end = *at + whole;
        if (name && decode_uu_lines(&bytes, text, len, &end)) {
            *uu_r =
                (struct decode_uu){talloc_strdup(mem, name), talloc_steal(mem, bytes.s), bytes.len, *at, end};
            *at = end;
            return true;
        }
    }
    return false;
}

static const char *decode_uu(void *mem, const char *p, size_t len, size_t *len_r)
{
    struct decode_uu uu;
    size_t at = 0;
    if (!decode_uu_next(mem, p, len, &at, &uu)) {
        *len_r = len;
        return p;
    }
    *len_r = uu.len;
    return uu.bytes;
}

/* ---- by name */

/* Letters and digits in small letters: "Quoted-Printable", "quoted printable" and "base64;" are known. */
static void simplify(char out[24], const char *encoding)
{
    size_t n = 0;
    encoding += strspn(encoding, " \t\r\n");
    for (; *encoding && *encoding != ';' && *encoding != '(' && n < 23; encoding++)
        if (isalnum((unsigned char)*encoding))
            out[n++] = (char)tolower((unsigned char)*encoding);
    out[n] = 0;
}

const char *decode_transfer(void *mem, const char *encoding, const char *bytes, size_t len, size_t *len_r)
{
    static const struct {
        const char *name;
        const char *(*decode)(void *mem, const char *p, size_t len, size_t *len_r);
    } encodings[] = {
        {"base64", decode_base64},  {"quotedprintable", decode_qp},
        {"qp", decode_qp},          {"xuuencode", decode_uu},
        {"xbase64", decode_base64}, {"uuencode", decode_uu},
        {"xuue", decode_uu},        {"uue", decode_uu},
    };
    char name[24];
    simplify(name, encoding ? encoding : "");
    for (size_t i = 0; i < ARRAY_LEN(encodings); i++)
        if (!strcmp(name, encodings[i].name))
            return encodings[i].decode(mem, bytes, len, len_r);
    *len_r = len;
    return bytes;
}

/* ---- in pieces */

struct decoding {
    bool base64, qp;
    struct lines lines;
};

struct decoding *decoding_begin(void *mem, const char *encoding, const char *begin, size_t len)
{
    char name[24];
    struct decoding *d = talloc_zero(mem, struct decoding);
    simplify(name, encoding ? encoding : "");
    d->base64 = (!strcmp(name, "base64") || !strcmp(name, "xbase64")) && !is_text(begin, len);
    d->qp = !strcmp(name, "quotedprintable") || !strcmp(name, "qp");
    return d;
}

void decoding_add(struct decoding *d, struct text *out, const char *p, size_t len)
{
    MEM_SCOPE(mem);
    if (d->base64) {
        decode_lines(&d->lines, out, p, len);
        return;
    }
    const char *bytes = d->qp ? decode_qp(mem, p, len, &len) : p;
    text_add(out, bytes, len);
}

void decoding_end(struct decoding *d, struct text *out)
{
    decode_base64_end(&d->lines.base64, out);
}
