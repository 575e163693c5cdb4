/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The name stands twice: in Content-Disposition as it is (RFC 2183; RFC 2231 where it is not short ASCII), in
 * Content-Type in ASCII for programs that know no RFC 2231.  Both under one parameter would be a duplicate,
 * of which each reader takes another.
 */
#include "mail/wire/mime_part.h"

#include "base/glib_lazy.h"

#include "base/unicode.h"
#include "mail/wire/encode.h"

enum { NAME_MAX_BYTES = 200, NAME_SHORT = 50, TYPE_MAX = 100, ID_MAX = 200, SECTION = 62, FALLBACK_MAX = 64 };

static bool is_token(char c)
{
    return g_ascii_isalnum(c) || (c && strchr("!#$&^_.+-", c));
}

static bool type_ok(const char *type)
{
    size_t slash = 0, n = strlen(type);
    for (size_t i = 0; i < n; i++) {
        slash += type[i] == '/';
        if (!is_token(type[i]) && type[i] != '/')
            return false;
    }
    return slash == 1 && n <= TYPE_MAX && type[0] != '/' && type[n - 1] != '/';
}

static bool id_ok(const char *id)
{
    for (const char *p = id; *p; p++)
        if (!is_token(*p) && *p != '@')
            return false;
    return strchr(id, '@') && strlen(id) <= ID_MAX;
}

static bool name_ok(const char *name)
{
    size_t n = strlen(name);
    if (n == 0 || n > NAME_MAX_BYTES || !unicode_valid_utf8(name, n) || *name == '.')
        return false;
    for (const char *p = name; *p;) {
        uint32_t c = unicode_next(&p);
        if (c == '/' || c == '\\' || c < ' ' || c == 0x7f || (c != ' ' && unicode_is_blank(c)) ||
            (c >= 0x200e && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069)) /* what turns the direction */
            return false;
    }
    return true;
}

/* "Позив 1.pdf" as "Poziv 1.pdf"; a long one is cut before its ending. */
static char *name_in_ascii(void *mem, const char *name)
{
    struct text out = text_new(mem);
    for (const char *p = unicode_to_latin(mem, name); *p;) {
        uint32_t c = unicode_next(&p), plain[20];
        bool upper = unicode_is_upper(c);
        int n = c < 0x80 ? 0 : unicode_decompose(c, plain);
        for (int i = 0; i < n; i++)
            if (plain[i] < 0x80)
                text_putc(&out, upper ? g_ascii_toupper((char)plain[i]) : (char)plain[i]);
            else if (!unicode_is_mark(plain[i]))
                text_putc(&out, '_');
        if (n == 0)
            text_putc(&out, c >= 0x80 || strchr("\"?", (int)c) ? '_' : (char)c);
    }
    const char *dot = strrchr(out.s, '.');
    size_t ending = dot ? strlen(dot) : 0;
    if (out.len <= FALLBACK_MAX || ending > FALLBACK_MAX / 2)
        return talloc_strndup(mem, out.s, FALLBACK_MAX);
    return talloc_asprintf(mem, "%.*s%s", (int)(FALLBACK_MAX - ending), out.s, dot);
}

/* RFC 2231 4.1: sections of whole characters, since some readers decode each for itself. */
static void put_extended(struct text *out, const char *name)
{
    MEM_SCOPE(mem);
    struct text section = text_new(mem);
    text_puts(&section, "UTF-8''");
    bool one = section.len + 3 * strlen(name) <= SECTION;
    int n = 0;
    for (const char *p = name, *next;; p = next) {
        char one_char[3 * 4 + 1] = "", *end = one_char;
        for (next = g_utf8_next_char(p); *p && p < next; p++)
            end += snprintf(end, 4, g_ascii_isalnum(*p) || strchr("-._", *p) ? "%c" : "%%%02X",
                            (unsigned char)*p);
        if (!*one_char || section.len + strlen(one_char) > SECTION) {
            text_printf(out, ";\r\n filename");
            if (!one)
                text_printf(out, "*%d", n);
            text_printf(out, "*=%s", section.s);
            section = text_new(mem);
            n++;
        }
        if (!*one_char)
            break;
        text_puts(&section, one_char);
    }
}

static bool is_plain(const char *name)
{
    size_t n = strlen(name);
    return g_str_is_ascii(name) && n <= NAME_SHORT && !strpbrk(name, "\"%'*?") && !strstr(name, "  ") &&
           *name != ' ' && name[n - 1] != ' ';
}

static void put_header(struct text *out, const struct mime_file *file)
{
    MEM_SCOPE(mem);
    const char *ascii = name_in_ascii(mem, file->name);
    text_printf(out, "Content-Type: %s%s;\r\n name=\"%s\"\r\n", file->type,
                strncmp(file->type, "text/", 5) ? "" : "; charset=UTF-8", ascii);
    text_printf(out, "Content-Disposition: %s", file->content_id ? "inline" : "attachment");
    if (is_plain(file->name))
        text_printf(out, ";\r\n filename=\"%s\"", file->name);
    else
        put_extended(out, file->name);
    text_printf(out, ";\r\n size=%zu\r\n", file->len);
    if (file->content_id)
        text_printf(out, "Content-ID: <%s>\r\n", file->content_id);
    text_puts(out, "Content-Transfer-Encoding: base64\r\n\r\n");
}

int mime_part_make(void *mem, const struct mime_file *file, const struct mime_part **part_r, struct err *err)
{
    if (!name_ok(file->name))
        return err_set(err, ERR_INPUT, "\"%.200s\" cannot be the name of an attachment", file->name);
    if (!type_ok(file->type) || (file->content_id && !id_ok(file->content_id)))
        return err_set(err, ERR_INPUT, "%.200s: \"%.100s\" is no type of a part", file->name, file->type);
    struct mime_part *part = talloc_zero(mem, struct mime_part);
    struct text out = text_new(part);
    put_header(&out, file);
    encode_base64(&out, file->bytes, file->len);
    *part = (struct mime_part){file->content_id != NULL, out.s, out.len};
    *part_r = part;
    return 0;
}
