/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/rtf.h"

#include <ctype.h>
#include <stdint.h>

#include "base/unicode.h"
#include "mail/wire/charset.h"

/* ---- compression */

/* What every RTF begins with or soon has, in the window before the first byte (MS-OXRTFCP 2.1.2.1). */
static const char first_window[] =
    "{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript "
    "\\fdecor MS "
    "Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par "
    "\\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx";

enum { WINDOW = 4096, HEADER = 16, COMPRESSED = 0x75465a4c, STORED = 0x414c454d, DEPTH_MAX = 100 };

static uint32_t number(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

struct window {
    char byte[WINDOW];
    size_t at;
};

static void put(struct window *w, struct text *out, char c)
{
    w->byte[w->at] = c;
    w->at = (w->at + 1) % WINDOW;
    text_putc(out, c);
}

/* A flag a byte or reference, lowest bit first; a reference to the place of writing ends it. */
static void expand(struct text *out, const unsigned char *p, const unsigned char *end)
{
    struct window w = {.at = sizeof first_window - 1};
    memcpy(w.byte, first_window, sizeof first_window - 1);
    while (p < end && out->len < RTF_MAX) {
        unsigned flags = *p++;
        for (int bit = 0; bit < 8 && p < end; bit++, flags >>= 1) {
            if (!(flags & 1)) {
                put(&w, out, (char)*p++);
                continue;
            }
            if (end - p < 2)
                return;
            size_t from = (size_t)p[0] << 4 | p[1] >> 4, len = (p[1] & 15u) + 2;
            p += 2;
            if (from == w.at)
                return;
            for (size_t i = 0; i < len; i++)
                put(&w, out, w.byte[(from + i) % WINDOW]);
        }
    }
}

char *rtf_decompress(void *mem, const char *bytes, size_t len, size_t *len_r)
{
    const unsigned char *p = (const unsigned char *)bytes;
    if (len < HEADER)
        return NULL;
    struct text out = text_new(mem);
    if (number(p + 8) == COMPRESSED)
        expand(&out, p + HEADER, p + len);
    else if (number(p + 8) == STORED)
        text_add(&out, bytes + HEADER, len - HEADER < RTF_MAX ? len - HEADER : RTF_MAX);
    *len_r = out.len;
    return out.len ? out.s : NULL;
}

/* ---- text */

struct group {
    bool hidden;   /* a table of fonts, a picture */
    bool tag;      /* "{\*\htmltag": HTML as it was */
    bool rtf_only; /* "\htmlrtf": not of the HTML */
    int skip;      /* signs behind "\u" for readers without Unicode */
};

struct reading {
    struct text out, bytes; /* bytes in the document's code page, not yet converted */
    char codepage[24];
    struct group group[DEPTH_MAX];
    int depth;
    int to_skip;
    bool html, starred;
};

static void flush(struct reading *r)
{
    MEM_SCOPE(mem);
    if (r->bytes.len)
        text_puts(&r->out, charset_convert(mem, r->bytes.s, r->bytes.len, r->codepage));
    r->bytes.len = 0;
}

static bool shown(const struct reading *r)
{
    const struct group *g = &r->group[r->depth];
    return !g->hidden && !(r->html && g->rtf_only);
}

static void put_byte(struct reading *r, char c)
{
    if (r->to_skip > 0)
        r->to_skip--;
    else if (shown(r))
        text_putc(&r->bytes, c);
}

static void put_code(struct reading *r, uint32_t c)
{
    if (!shown(r))
        return;
    flush(r);
    unicode_add(&r->out, c < ' ' || c > 0xffff || (c >= 0xd800 && c < 0xe000) ? 0xfffd : c);
}

/* What stands for a character or a line end. */
static bool put_word(struct reading *r, const char *word)
{
    static const struct {
        const char *word;
        uint32_t c;
    } table[] = {{"par", '\n'},      {"line", '\n'},     {"tab", '\t'},         {"lquote", 0x2018},
                 {"rquote", 0x2019}, {"row", '\n'},      {"ldblquote", 0x201c}, {"rdblquote", 0x201d},
                 {"bullet", 0x2022}, {"endash", 0x2013}, {"emdash", 0x2014},    {"cell", '\t'}};
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (!strcmp(word, table[i].word)) {
            if (table[i].c < ' ')
                put_byte(r, (char)table[i].c);
            else
                put_code(r, table[i].c);
            return true;
        }
    return false;
}

static bool is_hidden(const char *word)
{
    static const char *const words[] = {"fonttbl", "colortbl", "stylesheet", "info",   "pict",
                                        "header",  "footer",   "listtable",  "object", "themedata"};
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (!strcmp(word, words[i]))
            return true;
    return false;
}

static void take_word(struct reading *r, const char *word, bool has_number, long n)
{
    struct group *g = &r->group[r->depth];
    bool starred = r->starred;
    r->starred = false;
    if (!strcmp(word, "htmltag")) {
        g->tag = true;
        g->hidden = !r->html;
    } else if (starred || is_hidden(word)) {
        g->hidden = true;
    } else if (!strcmp(word, "htmlrtf")) {
        g->rtf_only = !has_number || n != 0;
    } else if (!strcmp(word, "fromhtml")) {
        r->html = true;
    } else if (!strcmp(word, "ansicpg") && n > 0 && n < 100000) {
        snprintf(r->codepage, sizeof r->codepage, n == 65001 ? "utf-8" : "windows-%ld", n);
    } else if (!strcmp(word, "uc")) {
        g->skip = n >= 0 && n < 100 ? (int)n : 1;
    } else if (!strcmp(word, "u")) {
        put_code(r, (uint32_t)(n & 0xffff));
        r->to_skip = g->skip;
    } else {
        put_word(r, word);
    }
}

/* "\word-12 ", p behind the backslash */
static const char *read_word(struct reading *r, const char *p, const char *end)
{
    char word[32];
    size_t len = 0;
    while (p < end && isalpha((unsigned char)*p)) {
        if (len < sizeof word - 1)
            word[len++] = *p;
        p++;
    }
    word[len] = 0;
    bool minus = p < end && *p == '-', digits = false;
    long n = 0;
    for (p += minus; p < end && isdigit((unsigned char)*p); p++, digits = true)
        n = n < 1000000 ? n * 10 + (*p - '0') : n;
    take_word(r, word, digits, minus ? -n : n);
    return p + (p < end && *p == ' ');
}

static int hex(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* Behind a backslash. */
static const char *read_control(struct reading *r, const char *p, const char *end)
{
    if (p == end)
        return p;
    if (isalpha((unsigned char)*p))
        return read_word(r, p, end);
    if (*p == '\'' && end - p > 2 && isxdigit((unsigned char)p[1]) && isxdigit((unsigned char)p[2])) {
        put_byte(r, (char)(hex(p[1]) << 4 | hex(p[2])));
        return p + 3;
    }
    if (*p == '*')
        r->starred = true;
    else if (*p == '~')
        put_byte(r, ' ');
    else if (strchr("\\{}", *p))
        put_byte(r, *p);
    else if (*p == '\n' || *p == '\r')
        put_byte(r, '\n');
    return p + 1;
}

static const char *read_next(struct reading *r, const char *p, const char *end)
{
    if (*p == '\\')
        return read_control(r, p + 1, end);
    if (*p == '{' && r->depth + 1 < DEPTH_MAX) {
        r->group[r->depth + 1] = r->group[r->depth];
        r->depth++;
        r->starred = false;
    } else if (*p == '}') {
        r->depth -= r->depth > 0;
    } else if (*p != '\r' && *p != '\n' && *p && *p != '{') {
        put_byte(r, *p);
    }
    return p + 1;
}

char *rtf_text(void *mem, const char *rtf, size_t len, bool *html_r)
{
    MEM_SCOPE(scratch);
    struct reading *r = talloc_zero(scratch, struct reading);
    *r = (struct reading){.out = text_new(mem), .bytes = text_new(scratch), .codepage = "windows-1252"};
    r->group[0].skip = 1;
    for (const char *p = rtf, *end = rtf + len; p < end && r->out.len < RTF_MAX;)
        p = read_next(r, p, end);
    flush(r);
    *html_r = r->html;
    return r->out.s;
}
