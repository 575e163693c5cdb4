/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Lines of vCards.  A line goes on where the next one begins with a blank (2.1 keeps that blank, RFC 6350 3.2
 * takes it out), and, in quoted-printable, behind "=" at its end.  Every byte is looked at a fixed number of
 * times, whatever the file holds.
 */
#include <ctype.h>
#include <strings.h>

#include "base/catalog.h"
#include "base/unicode.h"
#include "base/vcard_low.h"

/* ---- physical lines */

static bool take(struct vcard_source *source, const char **s_r, size_t *n_r)
{
    if (source->at >= source->len)
        return false;
    const char *s = source->bytes + source->at, *end = source->bytes + source->len;
    if (source->lf < source->at || !source->line) { /* once a LF, however many lines end with CR before it */
        const char *found = memchr(s, '\n', (size_t)(end - s));
        source->lf = found ? (size_t)(found - source->bytes) : source->len;
    }
    const char *lf = source->bytes + source->lf;
    const char *cr = memchr(s, '\r', (size_t)(lf - s));
    const char *stop = cr ? cr : lf;
    const char *next = stop == end ? end : stop + 1 + (*stop == '\r' && stop + 1 == lf && lf < end);
    *s_r = s;
    *n_r = (size_t)(stop - s);
    source->at = (size_t)(next - source->bytes);
    source->line++;
    return true;
}

/* Where the value begins: behind the first colon outside of quotes; len if there is none. */
static size_t header_size(const char *s, size_t len)
{
    bool quoted = false;
    if (len > VCARD_MAX_HEADER_BYTES)
        len = VCARD_MAX_HEADER_BYTES;
    for (size_t i = 0; i < len; i++) {
        quoted ^= s[i] == '"';
        if (s[i] == ':' && !quoted)
            return i;
    }
    return len;
}

/* That "=" at the end of a line goes on; the words may stand in another parameter's value. */
static bool is_printable(const char *s, size_t len)
{
    static const char word[] = "QUOTED-PRINTABLE", name[] = ";ENCODING=";
    const size_t n = sizeof word - 1, before = sizeof name - 1, size = header_size(s, len);
    bool quoted = false;
    for (size_t i = 0; i + n <= size; i++) {
        quoted ^= s[i] == '"';
        if (quoted || i == 0 || strncasecmp(s + i, word, n) || (i + n < size && s[i + n] != ';'))
            continue;
        if (s[i - 1] == ';' || (i >= before && !strncasecmp(s + i - before, name, before)))
            return true;
    }
    return false;
}

static bool is_end(const char *s, size_t len)
{
    return len >= 9 && !strncasecmp(s, "END:VCARD", 9);
}

static void add(struct text *raw, const char *s, size_t len)
{
    if (raw->len <= VCARD_MAX_RAW_BYTES)
        text_add(raw, s, len > VCARD_MAX_RAW_BYTES ? VCARD_MAX_RAW_BYTES + 1 : len);
}

static void skip_empty(struct vcard_source *source)
{
    size_t at = source->at;
    for (; at < source->len && (source->bytes[at] == '\n' || source->bytes[at] == '\r'); at++)
        source->line += source->bytes[at] == '\n' || at + 1 == source->len || source->bytes[at + 1] != '\n';
    source->at = at;
}

/* One physical line and those that go on with it.  Of a picture only the beginning is kept. */
static bool gather(struct vcard_source *source, int version, struct text *raw, long *line_r)
{
    enum { MAX_HEADER_FOLDS = 8 };
    const char *s;
    size_t n;
    skip_empty(source);
    if (!take(source, &s, &n))
        return false;
    *line_r = source->line;
    raw->len = 0;
    add(raw, s, n);
    bool printable = is_printable(s, n);
    for (int folds = 0;;) {
        const char *next = source->bytes + source->at;
        size_t left = source->len - source->at;
        bool soft = printable && n && s[n - 1] == '=' && left && !is_end(next, left);
        if (!soft && !(left && (*next == ' ' || *next == '\t')))
            return true;
        if (soft && raw->len <= VCARD_MAX_RAW_BYTES)
            raw->s[--raw->len] = 0;
        if (!take(source, &s, &n))
            return true;
        size_t blank = !soft && version != 21 && n;
        add(raw, s + blank, n - blank);
        if (!printable && folds++ < MAX_HEADER_FOLDS)
            printable = is_printable(raw->s, raw->len);
    }
}

/* ---- the parts of a line */

bool vcard_is_binary(const char *name)
{
    static const char *const names[] = {"PHOTO", "LOGO", "SOUND", "KEY", "X-MS-CARDPICTURE"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (!strcasecmp(names[i], name))
            return true;
    return false;
}

/* What 2.1 writes without the parameter's name. */
static const char *name_of_bare(const char *value)
{
    static const char *const encodings[] = {"QUOTED-PRINTABLE", "BASE64", "B", "Q", "7BIT", "8BIT"};
    static const char *const values[] = {"URL", "URI", "INLINE", "CONTENT-ID", "CID"};
    for (size_t i = 0; i < ARRAY_LEN(encodings); i++)
        if (!strcasecmp(encodings[i], value))
            return "ENCODING";
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        if (!strcasecmp(values[i], value))
            return "VALUE";
    return "TYPE";
}

/* RFC 6868: ^n ^' ^^ for line end, quote, caret; in place. */
static void decode_carets(char *s)
{
    char *to = s;
    for (; *s; s++) {
        char next = *s == '^' ? s[1] : 0;
        *to++ = next == 'n' ? '\n' : next == '\'' ? '"' : *s;
        s += next == 'n' || next == '\'' || next == '^';
    }
    *to = 0;
}

static void add_param(struct vcard_line *line, const char *name, char *value)
{
    if (line->params == VCARD_MAX_PARAMS) {
        line->flaw = N_("more than 64 parameters");
        return;
    }
    decode_carets(value);
    line->param[line->params++] = (struct vcard_param){name ? name : name_of_bare(value), value};
}

/* The value at p, up to one of , ; : outside of quotes, which it ends with NUL; the sign that ended it. */
static char end_value(char **p, char **value_r)
{
    char *s = *p;
    if (*s == '"' && strchr(s + 1, '"')) {
        *value_r = s + 1;
        s = strchr(s + 1, '"');
        *s++ = 0;
        s += strcspn(s, ",;:");
    } else {
        *value_r = s;
        s += strcspn(s, ",;:");
    }
    char sign = *s;
    *s = 0;
    *p = sign ? s + 1 : s;
    return sign;
}

/* Behind a semicolon; the sign that ended the parameter. */
static char take_param(struct vcard_line *line, char **p)
{
    char *name = NULL, *value, sign;
    size_t n = strcspn(*p, "=,;:\"");
    if ((*p)[n] == '=') {
        name = *p;
        name[n] = 0;
        *p += n + 1;
    }
    do {
        sign = end_value(p, &value);
        if (*value || name)
            add_param(line, name, value);
    } while (sign == ',' && !line->flaw);
    return sign;
}

static void cut_name(struct vcard_line *line, char *s)
{
    char *dot = strrchr(s, '.');
    line->name = dot ? dot + 1 : s;
    if (dot) {
        *dot = 0;
        line->group = s;
    }
    size_t n = 0;
    while (isalnum((unsigned char)line->name[n]) || line->name[n] == '-' || line->name[n] == '_')
        n++;
    if (!n || line->name[n]) {
        line->name = NULL;
        line->flaw = N_("it does not begin with the name of a property");
    }
}

static void cut(struct vcard_line *line, char *s)
{
    char *p = s + strspn(s, " \t");
    s = p;
    p += strcspn(p, ";:");
    char sign = *p;
    *p = 0;
    cut_name(line, s);
    p += sign != 0;
    while (sign == ';' && !line->flaw)
        sign = take_param(line, &p);
    if (!line->flaw && sign != ':')
        line->flaw = N_("it has no colon");
    if (!line->flaw && p - s > VCARD_MAX_HEADER_BYTES)
        line->flaw = N_("more than 8 KB of parameters");
    line->value = p;
}

bool vcard_next_line(struct vcard_source *source, int version, struct text *raw, struct vcard_line *line_r)
{
    size_t before = source->at;
    *line_r = (struct vcard_line){0};
    if (!gather(source, version, raw, &line_r->line))
        return false;
    line_r->size = source->at - before;
    for (size_t i = 0; i < raw->len; i++)
        if (!raw->s[i])
            raw->s[i] = ' ';
    cut(line_r, raw->s);
    if (raw->len > VCARD_MAX_RAW_BYTES && !line_r->flaw)
        line_r->flaw = N_("longer than 64 KB");
    return true;
}

const char *vcard_param(const struct vcard_line *line, const char *name)
{
    for (size_t i = 0; i < line->params; i++)
        if (!strcasecmp(line->param[i].name, name))
            return line->param[i].value;
    return NULL;
}

/* ---- transfer encodings and charsets */

static int hex(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}

/* In place; what is no =XX stays. */
static size_t decode_printable(char *s)
{
    char *to = s;
    for (const char *at = s; *at; at++) {
        bool coded = *at == '=' && hex(at[1]) >= 0 && hex(at[2]) >= 0;
        *to++ = coded ? (char)(hex(at[1]) << 4 | hex(at[2])) : *at;
        at += coded ? 2 : 0;
    }
    return (size_t)(to - s);
}

static size_t decode_base64(char *s)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *to = s;
    unsigned bits = 0;
    int n = 0;
    for (const char *at = s; *at && *at != '='; at++) {
        const char *digit = strchr(digits, *at);
        if (!digit)
            continue;
        bits = bits << 6 | (unsigned)(digit - digits);
        n += 6;
        if (n >= 8)
            *to++ = (char)(bits >> (n -= 8));
    }
    return (size_t)(to - s);
}

static char *to_utf8(void *mem, const struct vcard_source *source, struct vcard_line *line, size_t len)
{
    const char *charset = vcard_param(line, "CHARSET"), *used;
    char *text;
    struct err err;
    if ((!charset || !strcasecmp(charset, "UTF-8")) && unicode_valid_utf8(line->value, len))
        return talloc_strndup(mem, line->value, len);
    if (charset && unicode_decode(mem, line->value, len, charset, &text, &used, &err) == 0)
        return text;
    if (unicode_decode(mem, line->value, len, source->encoding, &text, &used, &err) == 0)
        return text;
    line->flaw = N_("its letters are neither UTF-8 nor in the encoding of the file");
    return NULL;
}

/* LF for line ends, blanks for other control characters; in place. */
static void clean(char *s)
{
    char *to = s;
    for (; *s; s++) {
        if (*s == '\r' && s[1] == '\n')
            continue;
        *to++ = *s == '\r' ? '\n' : ((unsigned char)*s < ' ' && *s != '\n') || *s == 127 ? ' ' : *s;
    }
    *to = 0;
}

const char *vcard_decode(void *mem, const struct vcard_source *source, struct vcard_line *line)
{
    const char *encoding = vcard_param(line, "ENCODING");
    size_t len = strlen(line->value);
    if (encoding && (!strcasecmp(encoding, "QUOTED-PRINTABLE") || !strcasecmp(encoding, "Q")))
        len = decode_printable(line->value);
    else if (encoding && (!strcasecmp(encoding, "BASE64") || !strcasecmp(encoding, "B")))
        len = decode_base64(line->value);
    for (size_t i = 0; i < len; i++)
        if (!line->value[i])
            line->value[i] = ' ';
    char *text = len > VCARD_MAX_VALUE_BYTES ? NULL : to_utf8(mem, source, line, len);
    if (!text && !line->flaw)
        line->flaw = N_("longer than 64 KB");
    if (text)
        clean(text);
    return text;
}
