/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/charset.h"

#include "base/eight.h"
#include "base/unicode.h"
#include "mail/wire/charset_guess.h"

static bool is_plain(unsigned char c)
{
    return c == '\n' || c == '\t' || c == '\f' || (c >= ' ' && c < 0x7f);
}

static size_t plain_len(const char *s, size_t len)
{
    size_t n = 0;
    while (n < len && is_plain((unsigned char)s[n])) {
        n++;
        n += eight_printable(s + n, len - n, 0);
    }
    return n;
}

/* One character that is not plain ASCII, at *s before end. */
static void add_other(struct text *out, const char **s, const char *end)
{
    if (**s == '\r') {
        if (*s + 1 == end || (*s)[1] != '\n')
            text_putc(out, '\n');
        (*s)++;
        return;
    }
    if (**s == 0) {
        (*s)++;
        unicode_add(out, 0xfffd);
        return;
    }
    uint32_t c = unicode_next(s);
    if (c == 0xfeff)
        return;
    unicode_add(out, c < ' ' || (c >= 0x7f && c < 0xa0) ? 0xfffd : c);
}

char *charset_clean(void *mem, const char *s, size_t len, size_t max_bytes)
{
    struct text out = text_for(mem, len < max_bytes ? len : max_bytes);
    /* a copy ends with NUL, so that a character cut at the end is not read beyond it */
    MEM_SCOPE(scratch);
    char *copy = talloc_size(scratch, len + 1);
    memcpy(copy, s, len);
    copy[len] = 0;
    const char *p = copy;
    for (const char *end = copy + len; p < end && out.len + 4 <= max_bytes;) {
        size_t left = (size_t)(end - p), room = max_bytes - out.len;
        size_t n = plain_len(p, left < room ? left : room);
        text_add(&out, p, n);
        p += n;
        if (p < end && out.len + 4 <= max_bytes && !is_plain((unsigned char)*p))
            add_other(&out, &p, end);
    }
    return out.s;
}

/* Whether the bytes are UTF-8 but for a few. */
static bool mostly_utf8(const char *bytes, size_t len)
{
    size_t good = 0, broken = 0;
    if (unicode_valid_utf8(bytes, len))
        return true;
    for (size_t i = 0; i < len;) {
        unsigned char c = (unsigned char)bytes[i];
        size_t n = c < 0x80 ? 1 : c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 0;
        if (n == 1) {
            i++;
        } else if (n && i + n <= len && unicode_valid_utf8(bytes + i, n)) {
            good++;
            i += n;
        } else {
            broken++;
            i++;
        }
    }
    return broken == 0 || good > broken;
}

/* ---- names */

/* What senders mean by a name (for the most part as the WHATWG's Encoding Standard has it). */
static const char *charset_meant(const char *name)
{
    static const struct {
        const char *name, *meant;
    } table[] = {
        {"iso-8859-1", "windows-1252"},
        {"iso8859-1", "windows-1252"},
        {"latin1", "windows-1252"},
        {"iso_8859-1", "windows-1252"},
        {"latin-1", "windows-1252"},
        {"gb2312", "gb18030"},
        {"gbk", "gb18030"},
        {"x-gbk", "gb18030"},
        {"ks_c_5601-1987", "windows-949"},
        {"iso-8859-8-i", "iso-8859-8"},
        {"8859-1", "windows-1252"},
        {"8859-2", "iso-8859-2"},
        {"unicode-1-1-utf-7", "utf-7"},
        {"iso-latin-1", "windows-1252"},
        {"iso-8859-15-windows", "windows-1252"},
        {"x-mac-roman", "macintosh"},
        {"tis-620", "windows-874"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (!strcmp(name, table[i].name))
            return table[i].meant;
    return name;
}

/* "CP-1250", "win1251", "x-cp1250": whoever says 125 means Windows. */
static bool is_windows(const char *name)
{
    size_t len = strlen(name);
    const char *prefix = name + strspn(name, "-x");
    return len >= 4 && !strncmp(name + len - 4, "125", 3) && name[len - 1] >= '0' && name[len - 1] <= '8' &&
           (!strncmp(prefix, "cp", 2) || !strncmp(prefix, "win", 3) || !strncmp(prefix, "ms", 2));
}

/* In small letters, without quotation marks and blanks; NULL where it says nothing. */
static const char *canonical(void *mem, const char *declared)
{
    static const char *const nothing[] = {"unknown-8bit", "x-unknown", "unknown",        "us-ascii", "ascii",
                                          "8bit",         "7bit",      "ansi_x3.4-1968", "default",  "none",
                                          "utf-8",        "utf8",      "utf_8",          "utf-8n"};
    if (!declared)
        return NULL;
    struct text t = text_new(mem);
    for (; *declared; declared++)
        if (!strchr(" \t\"'", *declared))
            text_putc(&t, *declared >= 'A' && *declared <= 'Z' ? (char)(*declared | 0x20) : *declared);
    for (size_t i = 0; i < ARRAY_LEN(nothing); i++)
        if (!strcmp(t.s, nothing[i]))
            return NULL;
    if (is_windows(t.s))
        return talloc_asprintf(mem, "windows-%s", t.s + t.len - 4);
    return t.len ? charset_meant(t.s) : NULL;
}

static bool begins(const char *name, const char *const *with)
{
    for (; *with; with++)
        if (!strncmp(name, *with, strlen(*with)))
            return true;
    return false;
}

/* Encodings whose text is 7 bits wide but not ASCII. */
static bool is_seven_bit(const char *name)
{
    static const char *const names[] = {"iso-2022", "utf-7", "hz-gb", NULL};
    return begins(name, names);
}

/* Encodings in which UTF-8 may happen to be valid in a word or two. */
static bool is_multibyte(const char *name)
{
    static const char *const names[] = {"gb18030",     "big5",        "shift", "euc",
                                        "windows-949", "windows-31j", "ks_c",  NULL};
    return begins(name, names);
}

/* ---- what the bytes are in */

static size_t high_bytes(const char *bytes, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += (bytes[i] & 0x80) != 0;
    return n;
}

/* How many bytes at the end are of a character that is cut. */
static size_t cut_character(const char *bytes, size_t len)
{
    size_t behind = 0;
    while (behind < 3 && behind < len && (bytes[len - 1 - behind] & 0xc0) == 0x80)
        behind++;
    if (behind == len)
        return 0;
    unsigned char lead = (unsigned char)bytes[len - 1 - behind];
    size_t need = lead >= 0xf0 ? 3 : lead >= 0xe0 ? 2 : lead >= 0xc2 ? 1 : 0;
    return behind < need ? behind + 1 : 0;
}

static bool valid_utf8(const char *bytes, size_t len)
{
    size_t cut = cut_character(bytes, len);
    return unicode_valid_utf8(bytes, len - cut) && (!cut || high_bytes(bytes, len - cut));
}

/* Bytes from 0x80 to 0x9f are no text in ISO 8859: the sender means Windows' sibling. */
static const char *with_sibling(const char *name, const char *bytes, size_t len)
{
    static const struct {
        const char *name, *sibling;
    } table[] = {{"iso-8859-2", "windows-1250"}, {"iso-8859-4", "windows-1257"},
                 {"iso-8859-5", NULL},           {"iso-8859-7", "windows-1253"},
                 {"iso-8859-9", "windows-1254"}, {"iso-8859-13", "windows-1257"},
                 {"iso-8859-15", "windows-1252"}};
    for (size_t t = 0; t < ARRAY_LEN(table); t++) {
        if (strcmp(name, table[t].name))
            continue;
        for (size_t i = 0; i < len; i++)
            if ((unsigned char)bytes[i] >= 0x80 && (unsigned char)bytes[i] < 0xa0)
                return table[t].sibling;
    }
    return name;
}

static const char *charset_declared(void *mem, const char *bytes, size_t len, const char *name)
{
    enum { SURE = 12 };
    size_t high = high_bytes(bytes, len);
    if (is_seven_bit(name))
        return name;
    if (!strcmp(name, "utf-16") || !strcmp(name, "ucs-2"))
        return len >= 2 && (!memcmp(bytes, "\xff\xfe", 2) || !memcmp(bytes, "\xfe\xff", 2))
                   ? "UTF-16"
                   : charset_guess_utf16(bytes, len);
    if (!strncmp(name, "utf-", 4))
        return name;
    if (valid_utf8(bytes, len) && (!is_multibyte(name) || !high || high > SURE))
        return NULL;
    const char *other = strcmp(name, "windows-1252") ? NULL : charset_guess_not_latin1(mem, bytes, len);
    return other ? other : with_sibling(name, bytes, len);
}

static bool is_known(void *mem, const char *name)
{
    char *utf8;
    const char *found;
    return unicode_decode(mem, "a", 1, name, &utf8, &found, NULL) == 0 || !strncasecmp(name, "utf-", 4);
}

const char *charset_of(void *mem, const char *bytes, size_t len, const char *declared)
{
    const char *name = canonical(mem, declared);
    if (name && is_known(mem, name)) {
        const char *charset = charset_declared(mem, bytes, len, name);
        if (charset || valid_utf8(bytes, len))
            return charset;
    }
    if (len >= 2 && (!memcmp(bytes, "\xff\xfe", 2) || !memcmp(bytes, "\xfe\xff", 2)))
        return "UTF-16";
    if (!high_bytes(bytes, len))
        return charset_guess_escapes(bytes, len);
    return mostly_utf8(bytes, len) ? NULL : charset_guess(mem, bytes, len);
}

/* ---- text */

static char *clean(void *mem, const char *s, size_t len)
{
    return charset_clean(mem, s, len, 3 * len + 4);
}

static bool add_converted(struct text *out, const char *bytes, size_t len, const char *charset)
{
    MEM_SCOPE(mem);
    char *utf8;
    const char *found;
    if (unicode_decode(mem, bytes, len, charset, &utf8, &found, NULL) < 0)
        return false;
    text_puts(out, utf8);
    return true;
}

/* A line that the encoding cannot have: the words of it that it can, of the others their ASCII.  Below '0' no
 * byte is a part of a character in any encoding of eight bits. */
static void add_broken(struct text *out, const char *bytes, size_t len, const char *charset)
{
    for (size_t at = 0, n; at < len; at += n) {
        n = 1;
        while (at + n < len && (unsigned char)bytes[at + n] >= '0')
            n++;
        if (!add_converted(out, bytes + at, n, charset))
            for (size_t i = at; i < at + n; i++)
                unicode_add(out, bytes[i] & 0x80 ? 0xfffd : (unsigned char)bytes[i]);
    }
}

/* One broken byte does not make the whole text unreadable. */
static char *convert_lines(void *mem, const char *bytes, size_t len, const char *charset)
{
    MEM_SCOPE(scratch);
    struct text all = text_new(scratch);
    for (size_t at = 0, n; at < len; at += n) {
        const char *end = memchr(bytes + at, '\n', len - at);
        n = end ? (size_t)(end + 1 - bytes) - at : len - at;
        if (!add_converted(&all, bytes + at, n, charset))
            add_broken(&all, bytes + at, n, charset);
    }
    return clean(mem, all.s, all.len);
}

char *charset_convert(void *mem, const char *bytes, size_t len, const char *charset)
{
    MEM_SCOPE(scratch);
    char *utf8;
    const char *found;
    if (!charset || !len)
        return clean(mem, bytes, len);
    if (unicode_decode(scratch, bytes, len, charset, &utf8, &found, NULL) == 0)
        return clean(mem, utf8, strlen(utf8));
    return convert_lines(mem, bytes, len, charset);
}

char *charset_decode(void *mem, const char *bytes, size_t len, const char *charset)
{
    MEM_SCOPE(scratch);
    return len ? charset_convert(mem, bytes, len, charset_of(scratch, bytes, len, charset))
               : talloc_strdup(mem, "");
}
