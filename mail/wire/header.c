/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A value is seen as words between single blanks.  A run of words that need encoding is encoded with the
 * blanks between them (RFC 2047 6.2 drops the white space between two encoded words), in the form, B or Q,
 * that is shorter.
 */
#include "mail/wire/header.h"

#include "base/glib_lazy.h"

enum { LINE_WANTED = 78, ENCODED_MAX = 75, ENCODED_FRAME = 12 /* =?UTF-8?B? ?= */, ENCODED_USEFUL = 28 };

struct header header_begin(struct text *out, const char *name)
{
    struct header h = {.out = out, .column = strlen(name) + 1};
    text_puts(out, name);
    text_putc(out, ':');
    return h;
}

void header_end(struct header *h)
{
    text_puts(h->out, "\r\n");
}

static void put(struct header *h, const char *bytes, size_t len)
{
    text_add(h->out, bytes, len);
    h->column += len;
}

/* The blank before a word, as a folded line where the word would not fit.  A field never begins with an empty
 * line. */
static void put_blank(struct header *h, size_t next_len, bool first)
{
    if (!first && h->column + 1 + next_len > LINE_WANTED) {
        text_puts(h->out, "\r\n");
        h->column = 0;
    }
    put(h, " ", 1);
}

void header_words(struct header *h, const char *value)
{
    bool first = true;
    for (const char *p = value; *p;) {
        size_t len = strcspn(p, " \t");
        if (len) {
            put_blank(h, len, first);
            put(h, p, len);
            first = false;
        }
        p += len + (p[len] != 0);
    }
}

/* ---- RFC 2047 */

/* Safe in a Q word wherever it stands, a phrase included (RFC 2047 5 (3)). */
static bool q_safe(unsigned char c)
{
    return g_ascii_isalnum(c) || (c && strchr("!*+-/", c));
}

static size_t q_len(const char *s, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += q_safe((unsigned char)s[i]) || s[i] == ' ' ? 1 : 3;
    return n;
}

static size_t b_len(size_t len)
{
    return (len + 2) / 3 * 4;
}

/* How many bytes of s, whole characters, make at most `room` encoded ones; at least one character.  A B word
 * that another one follows ends without "=" where it can: GMime, as it is set up by default, drops the words
 * behind it. */
static size_t encodable(const char *s, size_t len, size_t room, bool q)
{
    size_t n = 0, used = 0, unpadded = 0;
    while (n < len) {
        size_t next = n + (size_t)g_utf8_skip[(unsigned char)s[n]];
        if (next > len)
            next = len;
        used = q ? used + q_len(s + n, next - n) : b_len(next);
        if (n && used > room)
            break;
        n = next;
        if (n % 3 == 0)
            unpadded = n;
    }
    return q || n == len || !unpadded ? n : unpadded;
}

static void put_encoded(struct header *h, const char *s, size_t len, bool q)
{
    static const char hex[] = "0123456789ABCDEF";
    size_t before = h->out->len;
    text_puts(h->out, q ? "=?UTF-8?Q?" : "=?UTF-8?B?");
    for (size_t i = 0; q && i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        if (q_safe(c) || c == ' ') {
            text_putc(h->out, c == ' ' ? '_' : (char)c);
        } else {
            text_add(h->out, (char[]){'=', hex[c >> 4], hex[c & 15]}, 3);
        }
    }
    if (!q) {
        char *base64 = g_base64_encode((const guchar *)s, len);
        text_puts(h->out, base64);
        g_free(base64);
    }
    text_puts(h->out, "?=");
    h->column += h->out->len - before;
}

/* A run of text as encoded words, folded between them. */
static void put_run(struct header *h, const char *s, size_t len, bool first)
{
    bool q = q_len(s, len) <= b_len(len);
    while (len) {
        size_t whole = ENCODED_FRAME + (q ? q_len(s, len) : b_len(len));
        put_blank(h, whole < ENCODED_USEFUL ? whole : ENCODED_USEFUL, first);
        size_t room = h->column < LINE_WANTED ? LINE_WANTED - h->column : 0;
        if (room > ENCODED_MAX)
            room = ENCODED_MAX;
        room = room > ENCODED_FRAME ? room - ENCODED_FRAME : 0;
        size_t n = encodable(s, len, room, q);
        put_encoded(h, s, n, q);
        s += n;
        len -= n;
        first = false;
    }
}

static bool word_needs_encoding(const char *word, size_t len)
{
    if (len > HEADER_WORD_MAX)
        return true;
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)word[i] <= ' ' || (unsigned char)word[i] >= 0x7f ||
            (word[i] == '=' && word[i + 1] == '?'))
            return true;
    return false;
}

/* Length of the run of words at p that all need encoding, blanks between them included. */
static size_t run_len(const char *p)
{
    size_t end = 0;
    for (size_t at = 0;;) {
        size_t len = strcspn(p + at, " ");
        if (!word_needs_encoding(p + at, len))
            return end;
        end = at + len;
        if (!p[end])
            return end;
        at = end + 1;
    }
}

/* Without blanks at the ends, and one for several between words. */
static char *single_blanks(void *mem, const char *value)
{
    struct text t = text_new(mem);
    for (const char *p = value; *p; p++)
        if (*p != ' ' || (t.len && p[1] && p[1] != ' '))
            text_putc(&t, *p);
    return t.s;
}

void header_text(struct header *h, const char *value)
{
    MEM_SCOPE(mem);
    const char *p = single_blanks(mem, value);
    for (bool first = true; *p; first = false) {
        size_t len = strcspn(p, " ");
        if (word_needs_encoding(p, len)) {
            len = run_len(p);
            put_run(h, p, len, first);
        } else {
            put_blank(h, len, first);
            put(h, p, len);
        }
        p += len + (p[len] == ' ');
    }
}

static bool is_atoms(const char *s)
{
    for (; *s; s++)
        if (!g_ascii_isalnum(*s) && !strchr("!#$%&'*+-/=?^_`{|}~ ", *s))
            return false;
    return true;
}

static bool is_ascii(const char *s)
{
    for (; *s; s++)
        if ((signed char)*s < ' ' || *s == 0x7f)
            return false;
    return true;
}

static void put_phrase(struct header *h, const char *name)
{
    size_t len = strlen(name);
    if (!is_ascii(name) || strstr(name, "=?") || strstr(name, "  ") || len > LINE_WANTED - 8) {
        put_run(h, name, len, false);
        return;
    }
    if (is_atoms(name)) {
        header_words(h, name);
        return;
    }
    char quoted[2 * LINE_WANTED + 3], *q = quoted;
    *q++ = '"';
    for (const char *p = name; *p; p++) {
        if (*p == '"' || *p == '\\')
            *q++ = '\\';
        *q++ = *p;
    }
    *q++ = '"';
    put_blank(h, (size_t)(q - quoted), false);
    put(h, quoted, (size_t)(q - quoted));
}

void header_mailbox(struct header *h, const char *name, const char *address, bool last)
{
    size_t len = strlen(address), comma = last ? 0 : 1;
    bool named = name && *name;
    if (named)
        put_phrase(h, name);
    put_blank(h, len + 2 * named + comma, false);
    if (named)
        put(h, "<", 1);
    put(h, address, len);
    put(h, ">,", named ? 1 + comma : 0);
    if (!named && comma)
        put(h, ",", 1);
}
