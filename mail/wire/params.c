/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * First each parameter is taken as it stands (a piece), then pieces of one name become one parameter.
 */
#include "mail/wire/params.h"

#include <ctype.h>
#include <strings.h>

#include "mail/wire/charset.h"
#include "mail/wire/decode.h"
#include "mail/wire/words.h"

enum { PIECES_MAX = 500, SECTIONS_MAX = 400, VALUE_MAX = 64 << 10, COMMENT_MAX = 300 };

struct piece {
    const char *name; /* small letters, without "*0*" */
    char *value;
    int section; /* -1: it is no continuation */
    bool encoded;
};

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

/* Without line ends; NUL, which no value has, becomes a blank. */
static char *unfold(void *mem, const char *value, size_t len)
{
    char *s = talloc_size(mem, len + 1), *out = s;
    for (size_t i = 0; i < len && i < VALUE_MAX; i++)
        if (value[i] != '\r' && value[i] != '\n')
            *out++ = value[i] ? value[i] : ' ';
    *out = 0;
    return s;
}

/* Behind the comment at p; p where it does not end, soon. */
static const char *behind_comment(const char *p)
{
    int depth = 1;
    for (const char *q = p + 1; *q && q - p < COMMENT_MAX; q++) {
        if (*q == '\\' && q[1])
            q++;
        else if ((depth += (*q == '(') - (*q == ')')) == 0)
            return q + 1;
    }
    return p;
}

static const char *skip(const char *p)
{
    for (;;) {
        p += strspn(p, " \t");
        const char *behind = *p == '(' ? behind_comment(p) : p;
        if (behind == p)
            return p;
        p = behind;
    }
}

/* ---- one parameter */

/* A name may hold what an unquoted value cannot: it reaches to the semicolon. */
static bool is_file_name(const char *name)
{
    return !strcmp(name, "name") || !strcmp(name, "filename");
}

/* Behind the quotation mark that ends a value there is a semicolon, another parameter, or nothing. */
static bool ends_value(const char *p)
{
    p = skip(p);
    size_t len = strcspn(p, "=; \t\"");
    return !*p || *p == ';' || (len && p[len] == '=');
}

/* The end of the quoted string that begins at p.  In the name of a file other quotation marks may stand. */
static const char *quoted_end(const char *p, bool file_name)
{
    for (p++; *p; p++) {
        if (*p == '\\' && p[1])
            p++;
        else if (*p == '"' && (!file_name || ends_value(p + 1) || !strchr(p + 1, '"')))
            return p;
    }
    return p;
}

/* Backslashes are undone, but for those of paths in the names of files. */
static char *unquoted(void *mem, const char *p, size_t len, bool file_name)
{
    char *s = talloc_size(mem, len + 1), *out = s;
    for (size_t i = 0; i < len; i++) {
        bool escape = p[i] == '\\' && i + 1 < len && (!file_name || p[i + 1] == '"' || p[i + 1] == '\\');
        i += escape;
        *out++ = p[i];
    }
    *out = 0;
    return s;
}

static char *trimmed(void *mem, const char *p, size_t len)
{
    while (len && is_blank(p[len - 1]))
        len--;
    return talloc_strndup(mem, p, len);
}

/* How long an unquoted value is: a name of a file, and a boundary, to the semicolon, others a word. */
static size_t bare_len(const char *p, const char *name)
{
    return strcspn(p, is_file_name(name) || !strcmp(name, "boundary") ? ";" : "; \t(");
}

static const char *read_value(void *mem, const char *p, struct piece *piece)
{
    bool file_name = is_file_name(piece->name);
    p += strspn(p, " \t");
    if (*p == '"') {
        const char *end = quoted_end(p, file_name && !piece->encoded);
        piece->value = unquoted(mem, p + 1, (size_t)(end - p - 1), file_name);
        return *end ? end + 1 : end;
    }
    size_t len = bare_len(p, piece->name);
    piece->value = trimmed(mem, p, len);
    return p + len;
}

/* "name*1*" is taken apart. */
static void read_name(void *mem, const char *p, size_t len, struct piece *piece)
{
    char *name = trimmed(mem, p, len);
    for (char *c = name; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    piece->section = -1;
    piece->encoded = false;
    char *star = strchr(name, '*');
    if (star) {
        char *end = star + 1;
        if (isdigit((unsigned char)star[1]))
            piece->section = (int)(strtoul(star + 1, &end, 10) % SECTIONS_MAX);
        piece->encoded = *end == '*' || (piece->section < 0 && !*end);
        *star = 0;
    }
    piece->name = name;
}

/* The pieces from p on; semicolons may be missing or stand twice. */
static size_t read_pieces(void *mem, const char *p, struct piece *piece, size_t max)
{
    size_t n = 0;
    while (n < max) {
        p = skip(p);
        if (*p == ';') {
            p++;
            continue;
        }
        size_t len = strcspn(p, "=; \t");
        const char *behind = p + len + strspn(p + len, " \t");
        if (!*p)
            return n;
        if (!len || *behind != '=') { /* no parameter: on behind it */
            p += len + !len;
            continue;
        }
        read_name(mem, p, len, &piece[n]);
        p = read_value(mem, behind + 1, &piece[n]);
        n++;
    }
    return n;
}

/* ---- joined */

static void add_percent(struct text *out, const char *s)
{
    for (; *s; s++) {
        if (*s == '%' && decode_hex(s[1]) >= 0 && decode_hex(s[2]) >= 0) {
            char c = (char)(decode_hex(s[1]) << 4 | decode_hex(s[2]));
            text_putc(out, c ? c : ' ');
            s += 2;
        } else {
            text_putc(out, *s);
        }
    }
}

/* "charset'language'text"; who leaves the apostrophes out means UTF-8. */
static const char *take_charset(void *mem, const char *value, const char **charset_r)
{
    const char *language = strchr(value, '\''), *text = language ? strchr(language + 1, '\'') : NULL;
    *charset_r = text ? talloc_strndup(mem, value, (size_t)(language - value)) : "utf-8";
    return text ? text + 1 : value;
}

static const struct piece *find(const struct piece *piece, size_t n, const char *name, int section)
{
    for (size_t i = 0; i < n; i++)
        if (piece[i].section == section && !strcmp(piece[i].name, name))
            return &piece[i];
    return NULL;
}

static void add_section(void *mem, struct text *out, const struct piece *piece, bool first,
                        struct param *param)
{
    const char *value = piece->value;
    if (piece->encoded && first)
        value = take_charset(mem, value, &param->charset);
    if (piece->encoded)
        add_percent(out, value);
    else
        text_puts(out, value);
}

static const struct piece *find_whole(const struct piece *piece, size_t n, const char *name)
{
    const struct piece *plain = NULL;
    for (size_t i = 0; i < n; i++)
        if (piece[i].section < 0 && !strcmp(piece[i].name, name)) {
            if (piece[i].encoded)
                return &piece[i];
            plain = plain ? plain : &piece[i];
        }
    return plain;
}

/* What RFC 2231 says goes before what stands beside it for old readers. */
static struct param joined(void *mem, const struct piece *piece, size_t n, const char *name)
{
    struct param param = {.name = name};
    struct text t = text_new(mem);
    const struct piece *whole = find_whole(piece, n, name), *next = find(piece, n, name, 0);
    int first = 0;
    if (!next && !whole) /* some count from 1 */
        next = find(piece, n, name, first = 1);
    if (whole && (whole->encoded || !next))
        add_section(mem, &t, whole, true, &param);
    else
        for (int i = first; next && t.len < VALUE_MAX; next = find(piece, n, name, ++i))
            add_section(mem, &t, next, i == first, &param);
    param.value = t.s;
    return param;
}

/* The word before the parameters; some leave it out.  Blanks end it, but beside the slash. */
static const char *read_word(void *mem, const char **p)
{
    struct text t = text_new(mem);
    const char *s = skip(*p);
    while (*s && *s != ';' && *s != '=') {
        if (*s != '"')
            text_putc(&t, (char)tolower((unsigned char)*s));
        const char *next = skip(++s);
        if (next > s && *next != '/' && t.s[t.len ? t.len - 1 : 0] != '/')
            break;
        s = next;
    }
    if (*skip(s) == '=')
        return "";
    *p = s;
    return t.s;
}

void params_read(void *mem, const char *value, size_t len, struct params *params_r)
{
    *params_r = (struct params){.word = ""};
    if (!value)
        return;
    MEM_SCOPE(scratch);
    const char *p = unfold(scratch, value, len);
    params_r->word = read_word(mem, &p);
    size_t max = 0;
    for (const char *q = p; max < PIECES_MAX && (q = strchr(q, '=')); q++)
        max++;
    struct piece *piece = talloc_array(scratch, struct piece, (unsigned)max + 1);
    size_t n = read_pieces(mem, p, piece, max);
    params_r->v = talloc_array(mem, struct param, (unsigned)n + 1);
    for (size_t i = 0; i < n; i++)
        if (!params_get(params_r, piece[i].name)) {
            struct param param = joined(mem, piece, n, piece[i].name);
            if (param.value)
                params_r->v[params_r->n++] = param;
        }
}

const char *params_get(const struct params *params, const char *name)
{
    for (size_t i = 0; i < params->n; i++)
        if (!strcmp(params->v[i].name, name))
            return params->v[i].value;
    return NULL;
}

static char *one_line(char *s)
{
    for (char *p = s; *p; p++)
        if (*p == '\n' || *p == '\t' || *p == '\f')
            *p = ' ';
    return s;
}

char *params_text(void *mem, const struct params *params, const char *name, const char *charset)
{
    for (size_t i = 0; i < params->n; i++) {
        const struct param *p = &params->v[i];
        if (strcmp(p->name, name))
            continue;
        return p->charset ? one_line(charset_decode(mem, p->value, strlen(p->value),
                                                    *p->charset ? p->charset : charset))
                          : words_decode_range(mem, p->value, strlen(p->value), charset);
    }
    return NULL;
}
