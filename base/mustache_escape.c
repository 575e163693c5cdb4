/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * How a value becomes harmless where it stands.
 */
#include <strings.h>

#include "base/mustache_tree.h"

static const char *html_entity(char c)
{
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return NULL;
    }
}

static bool is_control(char c)
{
    return (unsigned char)c < ' ' || c == 127;
}

/* In a page control characters other than tab and line end, which no HTML may hold, become spaces. */
static void escape_html(struct text *out, bool page, const char *s, size_t len)
{
    size_t kept = 0;
    for (size_t i = 0; i < len; i++) {
        const char *as = html_entity(s[i]);
        if (!as && page && is_control(s[i]) && s[i] != '\n' && s[i] != '\t')
            as = " ";
        if (!as)
            continue;
        text_add(out, s + kept, i - kept);
        text_puts(out, as);
        kept = i + 1;
    }
    text_add(out, s + kept, len - kept);
}

static void escape_line(struct text *out, const char *s, size_t len)
{
    size_t kept = 0;
    for (size_t i = 0; i < len; i++) {
        if (!is_control(s[i]))
            continue;
        text_add(out, s + kept, i - kept);
        while (i + 1 < len && (is_control(s[i + 1]) || s[i + 1] == ' '))
            i++;
        if (out->len && out->s[out->len - 1] != ' ')
            text_putc(out, ' ');
        kept = i + 1;
    }
    text_add(out, s + kept, len - kept);
}

void mustache_escape_value(struct text *out, enum mustache_escape how, bool page, const char *s, size_t len)
{
    if (how == MUSTACHE_HTML)
        escape_html(out, page, s, len);
    else if (how == MUSTACHE_LINE)
        escape_line(out, s, len);
    else
        text_add(out, s, len);
}

bool mustache_url_is_safe(const char *s, size_t len)
{
    static const char *const schemes[] = {"http://", "https://", "mailto:", "tel:", "cid:"};
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] <= ' ' || s[i] == 127 || s[i] == '\\')
            return false;
    if (len == 0)
        return true;
    if (s[0] == '/' || s[0] == '#' || s[0] == '?')
        return !(len > 1 && s[0] == '/' && s[1] == '/');
    for (size_t i = 0; i < ARRAY_LEN(schemes); i++)
        if (len >= strlen(schemes[i]) && !strncasecmp(s, schemes[i], strlen(schemes[i])))
            return true;
    return false;
}

void mustache_escape_url_part(struct text *out, const char *s, size_t len)
{
    static const char unreserved[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    for (size_t i = 0; i < len; i++) {
        if (s[i] && strchr(unreserved, s[i]))
            text_putc(out, s[i]);
        else
            text_printf(out, "%%%02X", (unsigned char)s[i]);
    }
}
