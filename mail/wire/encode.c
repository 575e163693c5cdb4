/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/encode.h"

#include "base/eight.h"
#include "base/glib_lazy.h"

enum { LINE_7BIT = 78, LINE_QP = 76, BYTES_BASE64 = 57 };

char *encode_canonical(void *mem, const char *text)
{
    size_t len = strlen(text), n = 0;
    char *out = talloc_size(mem, 2 * len + 3);
    for (const char *p = text;;) {
        size_t plain = strcspn(p, "\r\n");
        memcpy(out + n, p, plain);
        n += plain;
        p += plain;
        if (!*p)
            break;
        p += *p == '\r' && p[1] == '\n' ? 2 : 1;
        out[n++] = '\r';
        out[n++] = '\n';
    }
    if (n && out[n - 1] != '\n') {
        out[n++] = '\r';
        out[n++] = '\n';
    }
    out[n] = 0;
    return out;
}

static size_t line_len(const char *line)
{
    return strcspn(line, "\r");
}

/* mbox writers put ">" before "From "; boundaries of ours begin with "--=_". */
static bool line_is_tricky(const char *line, size_t len)
{
    return !strncmp(line, "From ", 5) || !strncmp(line, "--=_", 4) || (len && strchr(" \t", line[len - 1]));
}

bool encode_fits_7bit(const char *canonical)
{
    for (const char *p = canonical; *p;) {
        size_t len = line_len(p);
        if (len > LINE_7BIT || line_is_tricky(p, len))
            return false;
        for (size_t i = eight_printable(p, len, 0); i < len; i++)
            if (((signed char)p[i] < ' ' && p[i] != '\t') || p[i] == 0x7f)
                return false;
        p += len + 2;
    }
    return true;
}

/* Goes as it is, wherever it stands but at the begin of a line. */
static bool is_plain(char c)
{
    return c > ' ' && c < 0x7f && c != '=';
}

/* How the character at p goes: itself, or 3 octets.  `rest` octets of the line are left with it. */
static bool qp_plain(const char *p, size_t rest, bool begins_line)
{
    if (begins_line && (*p == '.' || (*p == 'F' && !strncmp(p, "From ", 5)) || (*p == '-' && p[1] == '-')))
        return false;
    return *p == ' ' || *p == '\t' ? rest > 1 : is_plain(*p);
}

/* How many characters from p on, of at most n, surely go as they are: words and single blanks between. */
static size_t qp_run(const char *p, size_t n)
{
    size_t i = eight_printable(p, n, '=');
    while (i < n && (is_plain(p[i]) || p[i] == ' '))
        i++;
    return i;
}

static void qp_line(struct text *out, const char *line, size_t len)
{
    static const char hex[] = "0123456789ABCDEF";
    char buffer[LINE_QP + 4];
    size_t column = 0, plain_to = 0; /* up to there characters surely go as they are */
    for (size_t i = 0; i < len; i++) {
        size_t room = LINE_QP - 1 - column;
        if (column > 0 && room > 1) {
            if (plain_to <= i) /* the last character is looked at by itself */
                plain_to = i + qp_run(line + i, len - i - 1);
            size_t run = room < plain_to - i ? room : plain_to - i;
            memcpy(buffer + column, line + i, run);
            column += run;
            i += run;
        }
        unsigned char c = (unsigned char)line[i];
        bool plain = qp_plain(line + i, len - i, column == 0);
        if (column + (plain ? 1 : 3) > (size_t)LINE_QP - (i + 1 < len)) { /* room for the soft break's '=' */
            buffer[column++] = '=';
            buffer[column++] = '\r';
            buffer[column++] = '\n';
            text_add(out, buffer, column);
            column = 0;
            plain = qp_plain(line + i, len - i, true);
        }
        if (plain) {
            buffer[column++] = (char)c;
        } else {
            buffer[column++] = '=';
            buffer[column++] = hex[c >> 4];
            buffer[column++] = hex[c & 15];
        }
    }
    buffer[column++] = '\r';
    buffer[column++] = '\n';
    text_add(out, buffer, column);
}

void encode_quoted_printable(struct text *out, const char *canonical)
{
    for (const char *p = canonical; *p;) {
        size_t len = line_len(p);
        qp_line(out, p, len);
        p += len + 2;
    }
}

void encode_base64(struct text *out, const char *bytes, size_t len)
{
    while (len) {
        size_t n = len < BYTES_BASE64 ? len : BYTES_BASE64;
        char *line = g_base64_encode((const guchar *)bytes, n);
        text_puts(out, line);
        text_puts(out, "\r\n");
        g_free(line);
        bytes += n;
        len -= n;
    }
}
