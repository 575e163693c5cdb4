/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Values of vCards: escapes, components, lists.  In 2.1 a backslash stands only before what it protects, and
 * there are no lists; \n is a line end from 3.0 on (RFC 2426 4, RFC 6350 3.4).
 */
#include <strings.h>

#include "base/unicode.h"
#include "base/vcard_low.h"

const struct vcard_kind vcard_kinds[VCARD_PROPERTIES] = {
    [VCARD_KIND] = {"KIND", VCARD_TEXT, 0, NULL},
    [VCARD_UID] = {"UID", VCARD_URI, 0, NULL},
    [VCARD_FN] = {"FN", VCARD_TEXT, 0, NULL},
    [VCARD_N] = {"N", VCARD_STRUCTURE, VCARD_N_PARTS, " "},
    [VCARD_NICKNAME] = {"NICKNAME", VCARD_LIST, 0, NULL},
    [VCARD_GENDER] = {"GENDER", VCARD_STRUCTURE, 1, NULL},
    [VCARD_BDAY] = {"BDAY", VCARD_TEXT, 0, NULL},
    [VCARD_ORG] = {"ORG", VCARD_STRUCTURE, 1, NULL},
    [VCARD_TITLE] = {"TITLE", VCARD_TEXT, 0, NULL},
    [VCARD_ROLE] = {"ROLE", VCARD_TEXT, 0, NULL},
    [VCARD_EMAIL] = {"EMAIL", VCARD_TEXT, 0, NULL},
    [VCARD_TEL] = {"TEL", VCARD_TEXT, 0, NULL},
    [VCARD_ADR] = {"ADR", VCARD_STRUCTURE, VCARD_ADR_PARTS, ", "},
    [VCARD_LANG] = {"LANG", VCARD_TEXT, 0, NULL},
    [VCARD_URL] = {"URL", VCARD_URI, 0, NULL},
    [VCARD_CATEGORY] = {"CATEGORIES", VCARD_LIST, 0, NULL},
    [VCARD_TAG] = {"X-ADRESAR-TAGS", VCARD_LIST, 0, NULL},
    [VCARD_NOTE] = {"NOTE", VCARD_TEXT, 0, NULL},
    [VCARD_MEMBER] = {"MEMBER", VCARD_URI, 0, NULL},
    [VCARD_PRODID] = {"PRODID", VCARD_TEXT, 0, NULL},
    [VCARD_REV] = {"REV", VCARD_TEXT, 0, NULL},
};

const char *vcard_next(void *mem, const char **rest, char separator)
{
    const char *begin = *rest, *s = begin;
    if (!begin)
        return NULL;
    while (*s && *s != separator)
        s += *s == '\\' && s[1] ? 2 : 1; /* in each version it protects the separator */
    *rest = *s ? s + 1 : NULL;
    return talloc_strndup(mem, begin, (size_t)(s - begin));
}

size_t vcard_split(void *mem, const char *value, char separator, const char **piece, size_t max)
{
    size_t n = 0;
    while (value && n + 1 < max)
        piece[n++] = vcard_next(mem, &value, separator);
    if (value)
        piece[n++] = talloc_strdup(mem, value);
    return n;
}

static bool protects(int version, char c)
{
    return version == 21 ? c && strchr(";,:\\", c) : c && strchr(";,:\\nN", c);
}

/* Without blanks and line ends at the edges; in place. */
static char *trim(char *s)
{
    char *end = s + strlen(s);
    while (end > s && (end[-1] == ' ' || end[-1] == '\n'))
        *--end = 0;
    return s + strspn(s, " \n");
}

const char *vcard_unescape(void *mem, int version, const char *piece)
{
    char *copy = talloc_strdup(mem, piece), *to = copy;
    for (const char *s = piece; *s; s++) {
        bool escape = *s == '\\' && protects(version, s[1]);
        s += escape;
        *to++ = escape && (*s == 'n' || *s == 'N') ? '\n' : *s;
    }
    *to = 0;
    return trim(copy);
}

const char *vcard_join(void *mem, int version, const char *component, const char *words)
{
    if (version == 21 || !words)
        return vcard_unescape(mem, version, component);
    struct text t = text_new(mem);
    for (const char *piece; (piece = vcard_next(mem, &component, ','));) {
        const char *s = vcard_unescape(mem, version, piece);
        if (*s)
            text_printf(&t, "%s%s", t.len ? words : "", s);
    }
    return t.s;
}

static int hex(char c)
{
    const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 32) : NULL;
    return c >= '0' && c <= '9' ? c - '0' : at ? (int)(at - digits) : -1;
}

static const char *decode_percents(void *mem, const char *s)
{
    char *copy = talloc_strdup(mem, s), *to = copy;
    for (; *s; s++) {
        int byte = *s == '%' && hex(s[1]) >= 0 && hex(s[2]) >= 0 ? hex(s[1]) << 4 | hex(s[2]) : 0;
        *to++ = byte >= ' ' ? (char)byte : *s;
        s += byte >= ' ' ? 2 : 0;
    }
    *to = 0;
    return unicode_valid_utf8(copy, strlen(copy)) ? trim(copy) : NULL;
}

/* RFC 3966 and 6068; of their parameters an extension stays. */
const char *vcard_plain_uri(void *mem, const char *value)
{
    bool tel = !strncasecmp(value, "tel:", 4);
    if (!tel && strncasecmp(value, "mailto:", 7))
        return value;
    const char *s = value + (tel ? 4 : 7), *extension = tel ? strstr(s, ";ext=") : NULL;
    const char *plain = decode_percents(mem, talloc_strndup(mem, s, strcspn(s, tel ? ";" : "?")));
    if (!plain)
        return value;
    if (!extension)
        return plain;
    extension += 5;
    return talloc_asprintf(mem, "%s ext. %.*s", plain, (int)strcspn(extension, ";"), extension);
}
