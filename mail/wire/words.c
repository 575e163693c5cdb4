/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/words.h"

#include <ctype.h>
#include "base/glib_lazy.h"

#include "base/unicode.h"
#include "mail/wire/charset.h"

enum { CHARSET_MAX = 60 };

struct word {
    const char *charset, *text, *end;
    size_t charset_len, text_len;
    bool q;
};

/* "=?charset*language?Q?text?=" at p; blanks in the text are tolerated. */
static bool word_at(const char *p, struct word *w)
{
    if (p[0] != '=' || p[1] != '?')
        return false;
    w->charset = p + 2;
    w->charset_len = strcspn(w->charset, "?* \t=");
    const char *q = w->charset + w->charset_len;
    q += strcspn(q, "? \t");
    if (!w->charset_len || w->charset_len > CHARSET_MAX || q[0] != '?' || !q[1] || !strchr("QqBb", q[1]) ||
        q[2] != '?')
        return false;
    w->q = (q[1] | 0x20) == 'q';
    w->text = q + 3;
    for (const char *end = w->text; (end = strchr(end, '?')); end++)
        if (end[1] == '=') {
            w->text_len = (size_t)(end - w->text);
            w->end = end + 2;
            return true;
        }
    return false;
}

static int hex(char c)
{
    return g_ascii_xdigit_value(c);
}

static void add_q(struct text *bytes, const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        if (s[i] == '=' && i + 2 < len && hex(s[i + 1]) >= 0 && hex(s[i + 2]) >= 0) {
            text_putc(bytes, (char)(hex(s[i + 1]) << 4 | hex(s[i + 2])));
            i += 2;
        } else {
            text_putc(bytes, s[i] == '_' ? ' ' : s[i]);
        }
    }
}

static void add_b(struct text *bytes, const char *s, size_t len)
{
    guchar *out = g_malloc(len / 4 * 3 + 8);
    gint state = 0;
    guint save = 0;
    size_t n = g_base64_decode_step(s, len, out, &state, &save);
    text_add(bytes, (const char *)out, n);
    g_free(out);
}

/* The bytes of one charset, read so far, as text. */
static void flush(struct text *out, struct text *bytes, const struct word *w)
{
    if (!bytes->len)
        return;
    MEM_SCOPE(mem);
    char *charset = talloc_strndup(mem, w->charset, w->charset_len);
    for (char *p = charset_decode(mem, bytes->s, bytes->len, charset); *p; p++)
        text_putc(out, *p == '\n' || *p == '\t' || *p == '\f' ? ' ' : *p);
    bytes->len = 0;
}

/* A run of words with nothing but white space between, decoded; gives the place behind.  Words of one charset
 * are joined before they are converted, since some senders cut within a character. */
static const char *add_run(void *mem, struct text *out, const char *p)
{
    struct text bytes = text_new(mem);
    struct word w, next;
    must(word_at(p, &w));
    for (;;) {
        if (w.q)
            add_q(&bytes, w.text, w.text_len);
        else
            add_b(&bytes, w.text, w.text_len);
        const char *behind = w.end + strspn(w.end, " ");
        bool more = word_at(behind, &next);
        if (!more || next.charset_len != w.charset_len || strncasecmp(next.charset, w.charset, w.charset_len))
            flush(out, &bytes, &w);
        if (!more)
            return w.end;
        w = next;
    }
}

/* Without line ends; white space around a fold becomes one blank, at the ends of the value it goes. */
static char *unfold(void *mem, const char *raw)
{
    char *text = charset_decode(mem, raw, strlen(raw), NULL), *out = text;
    for (const char *p = text; *p; p++) {
        bool fold = *p == '\n';
        if (fold)
            while (out > text && out[-1] == ' ')
                out--;
        *out++ = isspace((unsigned char)*p) ? ' ' : *p;
        if (fold)
            p += strspn(p + 1, " \t\n");
    }
    *out = 0;
    while (out > text && out[-1] == ' ')
        *--out = 0;
    return text + strspn(text, " ");
}

char *words_decode(void *mem, const char *raw)
{
    MEM_SCOPE(scratch);
    struct text out = text_new(mem);
    for (const char *p = unfold(scratch, raw); *p;) {
        struct word word;
        if (word_at(p, &word))
            p = add_run(scratch, &out, p);
        else
            text_putc(&out, *p++);
    }
    return out.s;
}

static void add_encoded(struct text *out, const char *s)
{
    text_puts(out, "=?UTF-8?Q?");
    for (; *s; s++)
        if (g_ascii_isalnum(*s))
            text_putc(out, *s);
        else
            text_printf(out, "=%02X", (unsigned char)*s);
    text_puts(out, "?=");
}

char *words_normalize(void *mem, const char *raw)
{
    MEM_SCOPE(scratch);
    struct text out = text_new(mem);
    for (const char *p = unfold(scratch, raw); *p;) {
        struct word word;
        if (!word_at(p, &word)) {
            text_putc(&out, *p++);
            continue;
        }
        struct text decoded = text_new(scratch);
        p = add_run(scratch, &decoded, p);
        add_encoded(&out, decoded.s);
    }
    return out.s;
}
