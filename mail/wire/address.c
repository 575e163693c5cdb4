/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Mailbox of RFC 5321 4.1.2 with the extension of RFC 6531 3.3: UTF-8 may stand in the local part (whoever
 * sends must then find SMTPUTF8 offered) and in the domain (which becomes A-labels here).
 */
#include "mail/wire/mime.h"

#include <arpa/inet.h>
#include "base/glib_lazy.h"

enum { ADDRESS_MAX = 254, LOCAL_MAX = 64, LABEL_MAX = 63, DOMAIN_MAX = 253 };

static bool is_atext(gunichar c)
{
    return c >= 0x80 ? g_unichar_isgraph(c) && c != 0xad && c != 0xfeff
                     : g_ascii_isalnum((char)c) || (c && strchr("!#$%&'*+-/=?^_`{|}~", (int)c));
}

/* Dot-string or Quoted-string; s is valid UTF-8. */
static bool local_ok(const char *s, size_t len)
{
    if (len == 0 || len > LOCAL_MAX)
        return false;
    const char *end = s + len;
    if (*s == '"') {
        if (len < 3 || end[-1] != '"')
            return false;
        for (const char *p = s + 1; p < end - 1; p++) {
            if (*p == '\\' && ++p == end - 1)
                return false;
            if (*p == '"' && p[-1] != '\\')
                return false;
            if ((unsigned char)*p < ' ' || *p == 0x7f)
                return false;
        }
        return true;
    }
    bool atom = false;
    for (const char *p = s; p < end; p = g_utf8_next_char(p)) {
        if (*p == '.' ? !atom : !is_atext(g_utf8_get_char(p)))
            return false;
        atom = *p != '.';
    }
    return atom;
}

static bool literal_ok(const char *domain, size_t len)
{
    char inner[64];
    unsigned char bytes[16];
    if (len < 3 || len > sizeof inner || domain[len - 1] != ']')
        return false;
    memcpy(inner, domain + 1, len - 2);
    inner[len - 2] = 0;
    if (!g_ascii_strncasecmp(inner, "IPv6:", 5))
        return inet_pton(AF_INET6, inner + 5, bytes) == 1;
    return inet_pton(AF_INET, inner, bytes) == 1;
}

static bool label_ok(const char *label, size_t len)
{
    if (len == 0 || len > LABEL_MAX || label[0] == '-' || label[len - 1] == '-')
        return false;
    for (size_t i = 0; i < len; i++)
        if (!g_ascii_isalnum(label[i]) && label[i] != '-')
            return false;
    return true;
}

/* Fully qualified (RFC 5321 2.3.5), but for localhost; the last label is no number. */
static bool domain_ok(const char *domain)
{
    size_t len = strlen(domain), labels = 0;
    if (*domain == '[')
        return literal_ok(domain, len);
    if (len > DOMAIN_MAX)
        return false;
    const char *last = domain;
    for (const char *p = domain;; p++) {
        size_t n = strcspn(p, ".");
        if (!label_ok(p, n))
            return false;
        labels++;
        last = p;
        p += n;
        if (!*p)
            break;
    }
    return (labels > 1 && strspn(last, "0123456789") != strlen(last)) ||
           !g_ascii_strcasecmp(domain, "localhost");
}

/* The domain as A-labels, or NULL. */
static char *domain_ascii(void *mem, const char *domain)
{
    if (g_str_is_ascii(domain))
        return talloc_strdup(mem, domain);
    char *ascii = g_hostname_to_ascii(domain);
    char *copy = ascii ? talloc_strdup(mem, ascii) : NULL;
    g_free(ascii);
    return copy;
}

int mime_address_check(void *mem, const char *address, char **wire_r, struct err *err)
{
    const char *at = strrchr(address, '@');
    if (!at || !g_utf8_validate(address, -1, NULL) || !local_ok(address, (size_t)(at - address)))
        return err_set(err, ERR_INPUT, "\"%.300s\" is no e-mail address", address);
    MEM_SCOPE(scratch);
    const char *domain = domain_ascii(scratch, at + 1);
    if (!domain || !domain_ok(domain))
        return err_set(err, ERR_INPUT, "\"%.300s\": the part behind the @ is no domain name", address);
    if ((size_t)(at + 1 - address) + strlen(domain) > ADDRESS_MAX)
        return err_set(err, ERR_INPUT, "\"%.60s...\" is longer than %d octets", address, ADDRESS_MAX);
    *wire_r = talloc_asprintf(mem, "%.*s%s", (int)(at + 1 - address), address, domain);
    return 0;
}
