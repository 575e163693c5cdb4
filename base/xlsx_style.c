/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a cell's style says about its number: a date, a time, digits to be kept, or nothing that matters here.
 */
#include "base/xlsx_low.h"

#include <ctype.h>

enum { MAX_STYLES = 100000, MAX_FORMATS = 20000 };

/* ---- a format's code (ECMA-376 18.8.31): the section for positive numbers, without colours and quoted words
 */

struct letters {
    bool day, time, elapsed, digits;
};

/* What is in [brackets] or quoted, escaped, a space's width or a filling: the bytes of it, 0 if it is none.
 */
static size_t silent(const char *s, struct letters *seen)
{
    size_t n;
    if (*s == '"') {
        n = strcspn(s + 1, "\"");
        return n + 1 + (s[n + 1] != 0);
    }
    if (*s == '[') {
        n = strcspn(s, "]");
        if (n > 1 &&
            (strspn(s + 1, "hH") == n - 1 || strspn(s + 1, "mM") == n - 1 || strspn(s + 1, "sS") == n - 1))
            seen->elapsed = true;
        return n + (s[n] != 0);
    }
    return strchr("\\_*", *s) ? 1 + (s[1] != 0) : 0;
}

static struct letters letters_of(const char *code)
{
    struct letters seen = {0};
    if (!strncasecmp(code, "general", 7))
        return seen;
    for (const char *s = code; *s && *s != ';';) {
        size_t n = silent(s, &seen);
        if (n) {
            s += n;
            continue;
        }
        seen.day |= strchr("yYdD", *s) != NULL;
        seen.time |= strchr("hHsS", *s) != NULL;
        seen.digits |= strchr("#?", *s) != NULL;
        seen.day |= strchr("mM", *s) && !strpbrk(code, "hHsS"); /* a month, when there is no hour or second */
        s++;
    }
    return seen;
}

/* 00000, +000 00 000 000, "+"0, 000-000: nothing but zeros and the signs of a phone; each zero is a digit. */
static const char *digits_of(void *mem, const char *code)
{
    struct text t = text_new(mem);
    size_t zeros = 0;
    for (const char *s = code; *s && *s != ';'; s++) {
        if (*s == '"' || (*s == '\\' && s[1]))
            continue;
        if (*s == '[') {
            s += strcspn(s, "]");
            if (!*s)
                break;
            continue;
        }
        bool digit = *s == '0' || (*s == '#' && strchr(t.s, '+'));
        if (!digit && !strchr("+-()/ ", *s))
            return NULL;
        zeros += digit;
        text_putc(&t, digit ? '0' : *s);
    }
    bool plus = *t.s == '+';
    return zeros && (zeros > 1 || plus) ? t.s : NULL;
}

struct xlsx_format xlsx_format_of_code(void *mem, const char *code)
{
    struct letters seen = letters_of(code);
    if (seen.digits && !strchr(code, '+'))
        return (struct xlsx_format){XLSX_PLAIN, NULL};
    if (seen.elapsed)
        return (struct xlsx_format){XLSX_DURATION, NULL};
    if (seen.day || seen.time)
        return (struct xlsx_format){!seen.time ? XLSX_DATE : seen.day ? XLSX_DATE_TIME : XLSX_TIME, NULL};
    const char *digits = digits_of(mem, code);
    return (struct xlsx_format){digits ? XLSX_DIGITS : XLSX_PLAIN, digits};
}

/* Those that have no code in the file (18.8.30); from 27 on they are dates of Eastern Asia. */
static struct xlsx_format built_in(long id)
{
    struct xlsx_format format = {XLSX_PLAIN, NULL};
    if ((id >= 14 && id <= 17) || (id >= 27 && id <= 31) || id == 36 || (id >= 50 && id <= 54) || id == 57 ||
        id == 58)
        format.kind = XLSX_DATE;
    else if ((id >= 18 && id <= 21) || (id >= 32 && id <= 35) || id == 45 || id == 47 || id == 55 || id == 56)
        format.kind = XLSX_TIME;
    else if (id == 22)
        format.kind = XLSX_DATE_TIME;
    else if (id == 46)
        format.kind = XLSX_DURATION;
    return format;
}

/* ---- the part */

enum { SHEET = 1, FORMATS, FORMAT, STYLES, STYLE };
static const struct xlsx_element grammar[] = {
    {"styleSheet", 0, SHEET, false},   {"numFmts", SHEET, FORMATS, false}, {"numFmt", FORMATS, FORMAT, false},
    {"cellXfs", SHEET, STYLES, false}, {"xf", STYLES, STYLE, false},       {0}};

struct own_format {
    long id;
    struct xlsx_format format;
};

struct reading {
    void *mem;
    struct own_format *own; /* in their order, then by id */
    size_t n_own;
    long *style; /* id of each style's format */
    size_t n;
};

/* Grows by doubling. */
#define ROOM(mem, array, n)                                                                                  \
    do {                                                                                                     \
        if (!((n) & ((n)-1)))                                                                                \
            (array) = talloc_realloc_size((mem), (array), ((n) ? 2 * (n) : 1) * sizeof *(array));            \
    } while (0)

static int start(struct xlsx_xml *xml, int id, const char **attributes, struct err *err)
{
    struct reading *r = xml->context;
    const char *number = xlsx_attribute(attributes, "numFmtId"),
               *code = xlsx_attribute(attributes, "formatCode");
    long format = number ? strtol(number, NULL, 10) : 0;
    if (id == FORMAT || id == STYLE)
        xml->found += XLSX_FOUND;
    if (id == FORMAT && code) {
        if (r->n_own == MAX_FORMATS)
            return err_set(err, ERR_INPUT, "has more than %d formats of numbers", MAX_FORMATS);
        ROOM(r->mem, r->own, r->n_own);
        r->own[r->n_own++] = (struct own_format){format, xlsx_format_of_code(r->mem, code)};
    }
    if (id == STYLE) {
        if (r->n == MAX_STYLES)
            return err_set(err, ERR_INPUT, "has more than %d styles of cells", MAX_STYLES);
        ROOM(r->mem, r->style, r->n);
        r->style[r->n++] = format;
    }
    return 0;
}

static int compare_own(const void *a, const void *b)
{
    long x = ((const struct own_format *)a)->id, y = ((const struct own_format *)b)->id;
    return (x > y) - (x < y);
}

int xlsx_styles_read(void *mem, struct xlsx_part *part, struct xlsx_styles *styles_r, struct err *err)
{
    struct reading r = {.mem = mem};
    struct xlsx_xml xml = {.grammar = grammar, .start = start, .context = &r};
    if (xlsx_xml_run(&xml, part, err) < 0)
        return -1;
    if (r.n_own)
        qsort(r.own, r.n_own, sizeof *r.own, compare_own);
    styles_r->n = r.n;
    styles_r->at = talloc_zero_array(mem, struct xlsx_format, r.n);
    for (size_t i = 0; i < r.n; i++) {
        struct own_format key = {.id = r.style[i]}, *own = NULL;
        if (r.n_own)
            own = bsearch(&key, r.own, r.n_own, sizeof key, compare_own);
        styles_r->at[i] = own ? own->format : built_in(key.id);
    }
    return 0;
}
