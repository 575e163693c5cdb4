/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The flaws are looked for in an order that names the one a person would see first.
 */
#include "crm/email.h"

#include <ctype.h>

#include "base/catalog.h"
#include "base/unicode.h"

static bool has_blank(const char *s)
{
    for (uint32_t c; (c = unicode_next(&s));)
        if (unicode_is_blank(c))
            return true;
    return false;
}

static const char *flaw_of_local(const char *s, size_t len)
{
    if (len == 0)
        return N_("nothing before the @");
    if (len > 64)
        return N_("more than 64 letters before the @");
    if (s[0] == '.' || s[len - 1] == '.')
        return N_("a dot at the edge of the part before the @");
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] < 128 && !isalnum((unsigned char)s[i]) &&
            !strchr("!#$%&'*+-/=?^_`{|}~.", s[i]))
            return N_("a sign that no address has");
    return NULL;
}

static const char *flaw_of_label(const char *s, size_t len)
{
    MEM_SCOPE(mem);
    if (len > 63)
        return N_("a part of the domain is longer than 63 letters");
    if (s[0] == '-' || s[len - 1] == '-')
        return N_("a hyphen at the edge of a part of the domain");
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)s[i] < 128 && !isalnum((unsigned char)s[i]) && s[i] != '-')
            return N_("a sign that no domain has");
    if (unicode_script(talloc_strndup(mem, s, len)) == UNICODE_MIXED)
        return N_("Latin and Cyrillic letters in one part of the domain");
    return NULL;
}

static const char *flaw_of_domain(const char *domain)
{
    MEM_SCOPE(mem);
    const char *last = domain;
    for (const char *at = domain;;) {
        size_t len = strcspn(at, ".");
        const char *flaw = len ? flaw_of_label(at, len) : N_("a dot at the edge of the domain");
        if (flaw)
            return flaw;
        last = at;
        if (!at[len])
            break;
        at += len + 1;
    }
    if (last == domain)
        return N_("the domain has no dot");
    if (strspn(last, "0123456789") == strlen(last))
        return N_("a domain does not end in a number");
    char *ascii;
    return unicode_domain_to_ascii(mem, domain, &ascii, NULL) < 0 ? N_("no domain can be called so") : NULL;
}

const char *email_flaw(const char *address)
{
    const char *at = strchr(address, '@');
    if (!strncasecmp(address, "mailto:", 7))
        return N_("\"mailto:\" is no part of an address");
    if (strpbrk(address, "<>"))
        return N_("an angle bracket without the other");
    if (!at)
        return N_("no @");
    if (strchr(at + 1, '@'))
        return N_("two @");
    if (has_blank(address))
        return N_("a blank inside");
    if (!at[1])
        return N_("nothing behind the @: cut off?");
    if (strstr(address, ".."))
        return N_("two dots in a row");
    if (strchr(address, ','))
        return N_("a comma in place of a dot");
    const char *flaw = flaw_of_local(address, (size_t)(at - address));
    if (flaw)
        return flaw;
    if (strlen(address) > 254)
        return N_("longer than 254 letters");
    return flaw_of_domain(at + 1);
}

/* ---- what was meant */

static const struct {
    const char *from, *to;
} mends[] = {
    {"mailto:", ""}, {"(at)", "@"}, {"[at]", "@"}, {" at ", "@"}, {"(dot)", "."}, {"[dot]", "."},
    {"<", ""},       {">", ""},     {" ", ""},     {"@@", "@"},   {"..", "."},    {",", "."},
};

static char *replace(void *mem, const char *s, const char *from, const char *to)
{
    struct text t = text_new(mem);
    size_t len = strlen(from);
    while (*s) {
        bool here = !strncasecmp(s, from, len);
        if (here)
            text_puts(&t, to);
        else
            text_putc(&t, *s);
        s += here ? len : 1;
    }
    return t.s;
}

char *email_mend(void *mem, const char *address)
{
    MEM_SCOPE(scratch);
    char *s = talloc_strdup(scratch, address);
    for (size_t i = 0; i < ARRAY_LEN(mends); i++)
        s = replace(scratch, s, mends[i].from, mends[i].to);
    size_t len = strlen(s);
    while (len > 0 && strchr(".,;:", s[len - 1]))
        s[--len] = 0;
    while (*s == '.')
        s++;
    return email_flaw(s) ? NULL : talloc_strdup(mem, s);
}

/* ---- cells */

static bool looks_like_address(const char *s)
{
    const char *at = strchr(s, '@');
    return at && at > s && at[1];
}

/* What stands between angle brackets, if that is an address and all before it is a name. */
static char *between_brackets(void *mem, const char *s)
{
    const char *open = strchr(s, '<'), *close = open ? strchr(open, '>') : NULL;
    if (!close || close[1] || memchr(s, '@', (size_t)(open - s)))
        return talloc_strdup(mem, s);
    return talloc_strndup(mem, open + 1, (size_t)(close - open - 1));
}

static size_t cut(void *mem, const char *cell, const char *separators, char **piece, size_t max)
{
    size_t n = 0;
    while (*cell && n < max) {
        cell += strspn(cell, separators);
        size_t len = strcspn(cell, separators);
        if (len)
            piece[n++] = talloc_strndup(mem, cell, len);
        cell += len;
    }
    return n;
}

/* Squeezed, without what a cut leaves behind. */
static char *squeezed(void *mem, const char *s)
{
    char *clean = unicode_squeeze(mem, s);
    size_t len = strlen(clean);
    while (len > 0 && strchr(" ;|", clean[len - 1]))
        clean[--len] = 0;
    return clean;
}

size_t email_split(void *mem, const char *cell, char **piece, size_t max)
{
    char *clean = squeezed(mem, cell);
    if (!*clean)
        return 0;
    static const char *const separators[] = {" ;,/|", ";,"};
    for (size_t i = 0; i < ARRAY_LEN(separators); i++) {
        size_t n = cut(mem, clean, separators[i], piece, max), addresses = 0;
        for (size_t j = 0; j < n; j++) {
            piece[j] = between_brackets(mem, squeezed(mem, piece[j]));
            addresses += looks_like_address(piece[j]);
        }
        if (n > 1 && addresses == n)
            return n;
    }
    piece[0] = between_brackets(mem, clean);
    return 1;
}

char *email_normal(void *mem, const char *address)
{
    MEM_SCOPE(scratch);
    const char *at = strrchr(address, '@');
    must(at);
    return talloc_asprintf(mem, "%.*s%s", (int)(at - address), address, unicode_lower(scratch, at));
}
