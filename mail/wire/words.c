/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/words.h"

#include <ctype.h>

#include "mail/wire/charset.h"
#include "mail/wire/decode.h"

enum { CHARSET_MAX = 60, WORD_MAX = 8192 };

struct word {
    const char *charset, *text, *end;
    size_t charset_len, text_len;
    bool q;
};

/* The end of a word's text, at "?=".  Some senders leave a "?" in a Q word as it is: where it stands before
 * "=3F" the word goes on. */
static const char *text_end(const char *text, bool q)
{
    for (const char *end = text; (end = strchr(end, '?')) && end - text < WORD_MAX; end++) {
        if (end[1] != '=')
            continue;
        size_t more = strcspn(end + 2, "? ");
        bool inside = q && decode_hex(end[2]) >= 0 && decode_hex(end[3]) >= 0 && end[2 + more] == '?' &&
                      end[3 + more] == '=';
        if (!inside)
            return end;
    }
    return NULL;
}

/* "=?charset*language?Q?text?=" at p; blanks in the text and quotation marks around the charset are
 * tolerated. */
static bool word_at(const char *p, struct word *w)
{
    if (p[0] != '=' || p[1] != '?')
        return false;
    w->charset = p + 2 + (p[2] == '"');
    w->charset_len = strcspn(w->charset, "?* \t=\"");
    const char *q = w->charset + w->charset_len;
    q += strcspn(q, "? \t");
    if (!w->charset_len || w->charset_len > CHARSET_MAX || q[0] != '?' || !q[1] || !strchr("QqBb", q[1]) ||
        q[2] != '?')
        return false;
    w->q = (q[1] | 0x20) == 'q';
    w->text = q + 3;
    const char *end = text_end(w->text, w->q);
    if (!end)
        return false;
    w->text_len = (size_t)(end - w->text);
    w->end = end + 2;
    return true;
}

static void add_q(struct text *bytes, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '=' && i + 2 < len && decode_hex(s[i + 1]) >= 0 && decode_hex(s[i + 2]) >= 0) {
            text_putc(bytes, (char)(decode_hex(s[i + 1]) << 4 | decode_hex(s[i + 2])));
            i += 2;
        } else {
            text_putc(bytes, s[i] == '_' ? ' ' : s[i]);
        }
    }
}

static void add_line(struct text *out, const char *text)
{
    for (; *text; text++)
        text_putc(out, *text == '\n' || *text == '\t' || *text == '\f' ? ' ' : *text);
}

static bool same_charset(const struct word *a, const struct word *b)
{
    return a->charset_len == b->charset_len && !strncasecmp(a->charset, b->charset, a->charset_len);
}

/* A run of words with nothing but white space between, decoded; gives the place behind.  Words of one charset
 * are joined before they are converted, since some senders cut within a character. */
static const char *add_run(void *mem, struct text *out, const char *p)
{
    struct text bytes = text_new(mem);
    struct decode_base64 b = {0}; /* some cut the base64 of a long text wherever a word is full */
    struct word w, next;
    must(word_at(p, &w));
    for (;;) {
        if (w.q)
            add_q(&bytes, w.text, w.text_len);
        else
            decode_base64_add(&b, &bytes, w.text, w.text_len);
        bool more = word_at(w.end + strspn(w.end, " "), &next);
        if (!more || next.q || !same_charset(&w, &next))
            decode_base64_end(&b, &bytes);
        if (!more || !same_charset(&w, &next)) {
            const char *charset = talloc_strndup(mem, w.charset, w.charset_len);
            add_line(out, charset_decode(mem, bytes.s, bytes.len, charset));
            bytes.len = 0;
        }
        if (!more)
            return w.end;
        w = next;
    }
}

/* Without line ends; white space around a fold becomes one blank, at the ends of the value it goes. */
static char *unfold(void *mem, const char *raw, size_t len)
{
    char *text = talloc_size(mem, len + 1), *out = text;
    for (size_t i = 0; i < len; i++) {
        bool fold = raw[i] == '\n' || raw[i] == '\r';
        if (fold)
            while (out > text && out[-1] == ' ')
                out--;
        *out++ = isspace((unsigned char)raw[i]) ? ' ' : raw[i] ? raw[i] : '\x01';
        while (fold && i + 1 < len && raw[i + 1] && strchr(" \t\r\n", raw[i + 1]))
            i++;
    }
    while (out > text && out[-1] == ' ')
        out--;
    *out = 0;
    return text + strspn(text, " ");
}

/* Words and what stands between them. */
static size_t literal_len(const char *p)
{
    struct word word;
    size_t n = 0;
    while (p[n] && !word_at(p + n, &word))
        n += 1 + strcspn(p + n + 1, "=");
    return n;
}

/* What raw 8-bit text in the value is in; all of it decides together. */
static const char *literal_charset(void *mem, const char *value, const char *charset)
{
    struct text all = text_new(mem);
    for (const char *p = value; *p;) {
        size_t n = literal_len(p);
        text_add(&all, p, n);
        p += n;
        struct text ignored = text_new(mem);
        if (*p)
            p = add_run(mem, &ignored, p);
    }
    return charset_of(mem, all.s, all.len, charset);
}

static bool is_ascii(const char *s)
{
    while (*s && !(*s & 0x80))
        s++;
    return !*s;
}

static void add_encoded(struct text *out, const char *s)
{
    text_puts(out, "=?UTF-8?Q?");
    for (; *s; s++)
        if (isalnum((unsigned char)*s))
            text_putc(out, *s);
        else
            text_printf(out, "=%02X", (unsigned char)*s);
    text_puts(out, "?=");
}

/* Nothing in it is to be decoded. */
static bool is_plain(const char *s)
{
    while (*s >= ' ' && *s <= '~' && !(s[0] == '=' && s[1] == '?'))
        s++;
    return !*s;
}

static char *decode(void *mem, const char *raw, size_t len, const char *charset, bool normalize)
{
    MEM_SCOPE(scratch);
    const char *value = unfold(scratch, raw, len);
    if (is_plain(value))
        return talloc_strdup(mem, value);
    struct text out = text_new(mem);
    charset = is_ascii(value) ? NULL : literal_charset(scratch, value, charset);
    for (const char *p = value; *p;) {
        size_t n = literal_len(p);
        add_line(&out, charset_convert(scratch, p, n, charset));
        p += n;
        if (!*p)
            break;
        struct text run = text_new(scratch);
        p = add_run(scratch, &run, p);
        if (normalize)
            add_encoded(&out, run.s);
        else
            text_puts(&out, run.s);
    }
    return out.s;
}

char *words_decode_range(void *mem, const char *raw, size_t len, const char *charset)
{
    return decode(mem, raw, len, charset, false);
}

char *words_decode(void *mem, const char *raw)
{
    return decode(mem, raw, strlen(raw), NULL, false);
}

char *words_normalize(void *mem, const char *raw, size_t len, const char *charset)
{
    return decode(mem, raw, len, charset, true);
}
