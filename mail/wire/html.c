/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * One pass over tags, entities and characters.  White space is folded as browsers do: it is remembered and
 * written as one blank before the next character; block elements end the line, paragraphs leave an empty one.
 *
 * Mail programs say by classes, ids and borders what is quotation and what is signature (html_role.c).  An
 * element that is a quotation counts as a blockquote; for this the open elements of some kinds are kept in a
 * stack.
 */
#include "mail/wire/html.h"

#include <ctype.h>

#include "base/unicode.h"
#include "mail/wire/html_role.h"

enum { QUOTE_MAX = 20, NAME_MAX_LEN = 16, OPEN_MAX = 400 };

struct open {
    unsigned char tag; /* in the table below */
    unsigned char role;
};

struct page {
    struct text out, marks;
    struct open open[OPEN_MAX];
    size_t nopen, unkept; /* elements beyond the stack */
    int quote, cited;     /* depth of quotations, and of those that are surely some */
    int signature;
    bool rest;    /* the next line begins a quotation that nothing ends */
    int newlines; /* owed before the next character */
    bool blank;   /* owed before the next character of the line */
    bool pre;
};

static void owe_newlines(struct page *page, int n)
{
    if (page->newlines < n)
        page->newlines = n;
    page->blank = false;
}

static enum html_mark quote_mark(const struct page *page)
{
    return page->quote && !page->cited ? HTML_BLOCKQUOTE : HTML_PLAIN;
}

static enum html_mark mark_of(const struct page *page)
{
    if (page->rest)
        return HTML_QUOTED_REST;
    if (page->signature)
        return HTML_SIGNATURE;
    return quote_mark(page);
}

/* Writes what is owed. */
static void settle(struct page *page)
{
    if (page->out.len)
        for (int i = 0; i < page->newlines; i++) {
            text_putc(&page->out, '\n');
            if (i + 1 == page->newlines)
                break;
            text_putc(&page->marks, (char)quote_mark(page));
            if (page->quote)
                text_puts(&page->out, "> ");
        }
    if (page->newlines || !page->out.len) {
        text_putc(&page->marks, (char)mark_of(page));
        page->rest = false;
        for (int i = 0; i < page->quote && i < QUOTE_MAX; i++)
            text_puts(&page->out, "> ");
        page->blank = false;
    }
    if (page->blank)
        text_putc(&page->out, ' ');
    page->newlines = 0;
    page->blank = false;
}

static void put_char(struct page *page, uint32_t c)
{
    if (page->pre && c == '\n') {
        owe_newlines(page, page->newlines + 1);
        return;
    }
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f') {
        page->blank = true;
        return;
    }
    settle(page);
    unicode_add(&page->out, c == 0xa0 ? ' ' : c);
}

/* ---- entities */

static const struct {
    const char *name;
    uint32_t c;
} entities[] = {
    {"amp", '&'},       {"lt", '<'},       {"gt", '>'},       {"quot", '"'},     {"apos", '\''},
    {"nbsp", 0xa0},     {"shy", 0xad},     {"copy", 0xa9},    {"reg", 0xae},     {"laquo", 0xab},
    {"raquo", 0xbb},    {"middot", 0xb7},  {"ndash", 0x2013}, {"mdash", 0x2014}, {"lsquo", 0x2018},
    {"rsquo", 0x2019},  {"sbquo", 0x201a}, {"ldquo", 0x201c}, {"rdquo", 0x201d}, {"bdquo", 0x201e},
    {"hellip", 0x2026}, {"bull", 0x2022},  {"euro", 0x20ac},  {"trade", 0x2122}, {"Auml", 0xc4},
    {"Ouml", 0xd6},     {"Uuml", 0xdc},    {"auml", 0xe4},    {"ouml", 0xf6},    {"uuml", 0xfc},
    {"szlig", 0xdf},    {"Euml", 0xcb},    {"euml", 0xeb},    {"Ccedil", 0xc7},  {"ccedil", 0xe7},
    {"Scaron", 0x160},  {"scaron", 0x161}, {"Zcaron", 0x17d}, {"zcaron", 0x17e}, {"Ccaron", 0x10c},
    {"ccaron", 0x10d},  {"Cacute", 0x106}, {"cacute", 0x107}, {"Dstrok", 0x110}, {"dstrok", 0x111},
    {"oacute", 0xf3},   {"Oacute", 0xd3},  {"lstrok", 0x142}, {"Lstrok", 0x141}, {"aogon", 0x105},
    {"eogon", 0x119},   {"sacute", 0x15b}, {"Sacute", 0x15a}, {"zdot", 0x17c},   {"Zdot", 0x17b},
    {"zacute", 0x17a},  {"nacute", 0x144}, {"agrave", 0xe0},  {"egrave", 0xe8},  {"eacute", 0xe9},
    {"acirc", 0xe2},    {"ecirc", 0xea},   {"icirc", 0xee},   {"ocirc", 0xf4},   {"ucirc", 0xfb},
    {"aring", 0xe5},    {"deg", 0xb0},     {"sect", 0xa7},    {"times", 0xd7},   {"zwnj", 0x200c},
    {"Agrave", 0xc0},   {"Aacute", 0xc1},  {"Acirc", 0xc2},   {"Atilde", 0xc3},  {"Aring", 0xc5},
    {"AElig", 0xc6},    {"Egrave", 0xc8},  {"Eacute", 0xc9},  {"Ecirc", 0xca},   {"Igrave", 0xcc},
    {"Iacute", 0xcd},   {"Icirc", 0xce},   {"Iuml", 0xcf},    {"Ntilde", 0xd1},  {"Ograve", 0xd2},
    {"Ocirc", 0xd4},    {"Otilde", 0xd5},  {"Oslash", 0xd8},  {"Ugrave", 0xd9},  {"Uacute", 0xda},
    {"Ucirc", 0xdb},    {"Yacute", 0xdd},  {"aacute", 0xe1},  {"atilde", 0xe3},  {"aelig", 0xe6},
    {"igrave", 0xec},   {"iacute", 0xed},  {"iuml", 0xef},    {"ntilde", 0xf1},  {"ograve", 0xf2},
    {"otilde", 0xf5},   {"oslash", 0xf8},  {"ugrave", 0xf9},  {"uacute", 0xfa},  {"yacute", 0xfd},
    {"yuml", 0xff},     {"iexcl", 0xa1},   {"cent", 0xa2},    {"pound", 0xa3},   {"ordf", 0xaa},
    {"plusmn", 0xb1},   {"sup2", 0xb2},    {"sup3", 0xb3},    {"ordm", 0xba},    {"frac12", 0xbd},
    {"iquest", 0xbf},   {"OElig", 0x152},  {"oelig", 0x153},  {"thinsp", ' '},   {"ensp", ' '},
};

static uint32_t numeric_entity(const char *digits, char **end_r)
{
    bool hex = *digits == 'x' || *digits == 'X';
    unsigned long c = strtoul(digits + hex, end_r, hex ? 16 : 10);
    bool text = (c >= ' ' && c < 0x7f) || (c >= 0xa0 && c < 0xd800) || (c > 0xdfff && c < 0x110000);
    return text ? (uint32_t)c : c == '\n' || c == '\t' ? ' ' : 0xfffd;
}

/* *p at '&'; moves behind the entity, or behind the sign alone where it begins none. */
static uint32_t read_entity(const char **p)
{
    const char *s = *p + 1;
    if (*s == '#' &&
        (isdigit((unsigned char)s[1]) || ((s[1] | 0x20) == 'x' && isxdigit((unsigned char)s[2])))) {
        char *end;
        uint32_t c = numeric_entity(s + 1, &end);
        *p = *end == ';' ? end + 1 : end;
        return c;
    }
    size_t len = 0;
    while (len < NAME_MAX_LEN && isalnum((unsigned char)s[len]))
        len++;
    for (size_t i = 0; i < ARRAY_LEN(entities) && s[len] == ';'; i++)
        if (strlen(entities[i].name) == len && !strncmp(entities[i].name, s, len)) {
            *p = s + len + 1;
            return entities[i].c;
        }
    *p = s;
    return '&';
}

/* ---- tags */

enum effect { LINE, PARAGRAPH, BREAK, RULE, SKIP, PRE, CELL, INLINE };

static const struct {
    const char *name;
    enum effect effect;
} tags[] = {
    {"br", BREAK},      {"p", PARAGRAPH},  {"div", LINE},     {"tr", LINE},      {"table", LINE},
    {"ul", PARAGRAPH},  {"ol", PARAGRAPH}, {"li", LINE},      {"h1", PARAGRAPH}, {"h2", PARAGRAPH},
    {"h3", PARAGRAPH},  {"h4", PARAGRAPH}, {"h5", PARAGRAPH}, {"h6", PARAGRAPH}, {"blockquote", LINE},
    {"hr", RULE},       {"head", SKIP},    {"style", SKIP},   {"script", SKIP},  {"title", SKIP},
    {"pre", PRE},       {"td", CELL},      {"th", CELL},      {"section", LINE}, {"article", LINE},
    {"header", LINE},   {"footer", LINE},  {"dt", LINE},      {"dd", LINE},      {"center", LINE},
    {"textarea", SKIP}, {"option", LINE},  {"address", LINE}, {"dl", PARAGRAPH}, {"noscript", SKIP},
    {"span", INLINE},
};

/* Elements that mail programs give a role and always close. */
static bool is_kept(const char *name)
{
    static const char *const kept[] = {"div", "span", "blockquote", "table", "td", "section"};
    for (size_t i = 0; i < ARRAY_LEN(kept); i++)
        if (!strcmp(name, kept[i]))
            return true;
    return false;
}

/* The end of the tag at p ('<'), behind its '>', quoted attributes stepped over. */
static const char *tag_end(const char *p)
{
    char quote = 0;
    for (p++; *p; p++) {
        if (quote) {
            if (*p == quote)
                quote = 0;
        } else if ((*p == '"' || *p == '\'') && p[-1] == '=') {
            quote = *p;
        } else if (*p == '>') {
            return p + 1;
        }
    }
    return p;
}

static const char *behind_comment(const char *p)
{
    const char *end = strstr(p + 4, "-->");
    return end ? end + 3 : p + strlen(p);
}

/* Behind the closing tag of a skipped element whose content begins at p, or the end. */
static const char *skip_element(const char *p, const char *name)
{
    size_t len = strlen(name);
    for (; *p; p++)
        if (p[0] == '<' && p[1] == '/' && !strncasecmp(p + 2, name, len))
            return tag_end(p);
    return p;
}

static void begin_role(struct page *page, enum html_role role)
{
    if (role == ROLE_QUOTE || role == ROLE_BLOCKQUOTE) {
        owe_newlines(page, 1);
        page->quote++;
        page->cited += role == ROLE_QUOTE;
    } else if (role == ROLE_SIGNATURE) {
        owe_newlines(page, 1);
        page->signature++;
    } else if (role == ROLE_REST && !page->quote) {
        owe_newlines(page, 1);
        page->rest = true;
    }
}

static void end_role(struct page *page, enum html_role role)
{
    bool quote = role == ROLE_QUOTE || role == ROLE_BLOCKQUOTE;
    if (quote || role == ROLE_SIGNATURE)
        owe_newlines(page, 1);
    page->quote -= quote;
    page->cited -= role == ROLE_QUOTE;
    page->signature -= role == ROLE_SIGNATURE;
}

static void open_element(struct page *page, size_t tag, enum html_role role)
{
    begin_role(page, role);
    if (!is_kept(tags[tag].name))
        end_role(page, role);
    else if (page->nopen < OPEN_MAX)
        page->open[page->nopen++] = (struct open){(unsigned char)tag, (unsigned char)role};
    else {
        end_role(page, role);
        page->unkept++;
    }
}

/* Ends what is open within it, too; nothing where it closes none. */
static void close_element(struct page *page, size_t tag)
{
    size_t n = page->nopen;
    if (!is_kept(tags[tag].name))
        return;
    if (page->unkept) {
        page->unkept--;
        return;
    }
    while (n && page->open[n - 1].tag != tag)
        n--;
    while (n && page->nopen >= n)
        end_role(page, page->open[--page->nopen].role);
}

static void put_rule(struct page *page)
{
    owe_newlines(page, 1);
    settle(page);
    text_puts(&page->out, "________________________________");
    owe_newlines(page, 1);
}

static void apply(struct page *page, enum effect effect, bool closing)
{
    switch (effect) {
    case LINE:
        owe_newlines(page, 1);
        break;
    case PARAGRAPH:
        owe_newlines(page, 2);
        break;
    case BREAK:
        if (page->newlines < 3)
            owe_newlines(page, page->newlines + 1);
        break;
    case RULE:
        put_rule(page);
        break;
    case PRE:
        owe_newlines(page, 1);
        page->pre = !closing;
        break;
    case CELL:
        page->blank = true;
        break;
    case SKIP:
    case INLINE:
        break;
    }
}

/* Takes the tag at p, gives the place behind it. */
static const char *take_tag(struct page *page, const char *p)
{
    if (!strncmp(p, "<!--", 4))
        return behind_comment(p);
    bool closing = p[1] == '/';
    const char *name = p + 1 + closing;
    size_t len = 0;
    while (len < NAME_MAX_LEN && isalnum((unsigned char)name[len]))
        len++;
    const char *end = tag_end(p);
    for (size_t i = 0; i < ARRAY_LEN(tags); i++) {
        if (strlen(tags[i].name) != len || strncasecmp(tags[i].name, name, len))
            continue;
        if (tags[i].effect == SKIP && !closing)
            return skip_element(end, tags[i].name);
        if (!closing)
            open_element(page, i, html_role(p, end, !strcmp(tags[i].name, "blockquote")));
        apply(page, tags[i].effect, closing);
        if (closing)
            close_element(page, i);
        break;
    }
    return end;
}

struct html_page html_page(void *mem, const char *html)
{
    struct page page = {.out = text_new(mem), .marks = text_new(mem)};
    for (const char *p = html; *p;) {
        bool tag = *p == '<' && (isalpha((unsigned char)p[1]) || p[1] == '/' || p[1] == '!' || p[1] == '?');
        if (tag) {
            p = take_tag(&page, p);
        } else if (*p == '&') {
            put_char(&page, read_entity(&p));
        } else {
            put_char(&page, unicode_next(&p));
        }
    }
    return (struct html_page){page.out.s, page.marks.s};
}
