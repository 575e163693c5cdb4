/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/spf_low.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <strings.h>

static const struct {
    const char *name;
    char sign; /* before its value */
    enum { NO_VALUE, MAY_HAVE_VALUE, WANTS_VALUE } value;
    bool prefix; /* "/24//64" may follow */
} names[] = {
    [SPF_ALL] = {"all", ':', NO_VALUE, false},
    [SPF_INCLUDE] = {"include", ':', WANTS_VALUE, false},
    [SPF_A] = {"a", ':', MAY_HAVE_VALUE, true},
    [SPF_MX] = {"mx", ':', MAY_HAVE_VALUE, true},
    [SPF_PTR] = {"ptr", ':', MAY_HAVE_VALUE, false},
    [SPF_IP4] = {"ip4", ':', WANTS_VALUE, false},
    [SPF_IP6] = {"ip6", ':', WANTS_VALUE, false},
    [SPF_EXISTS] = {"exists", ':', WANTS_VALUE, false},
    [SPF_REDIRECT] = {"redirect", '=', WANTS_VALUE, false},
    [SPF_EXP] = {"exp", '=', WANTS_VALUE, false},
};

bool spf_is_record(const char *txt)
{
    return !strncasecmp(txt, "v=spf1", 6) && (!txt[6] || txt[6] == ' ');
}

bool spf_address_parse(const char *text, struct spf_address *address_r)
{
    static const unsigned char mapped[12] = {[10] = 0xff, [11] = 0xff};
    *address_r = (struct spf_address){0};
    if (inet_pton(AF_INET, text, address_r->byte) == 1)
        address_r->bits = 32;
    else if (inet_pton(AF_INET6, text, address_r->byte) == 1)
        address_r->bits = 128;
    if (address_r->bits == 128 && !memcmp(address_r->byte, mapped, sizeof mapped)) {
        memmove(address_r->byte, address_r->byte + 12, 4);
        address_r->bits = 32;
    }
    return address_r->bits != 0;
}

/* 0 to max, without a zero in front; -1: none */
static int prefix(const char *digits, size_t len, int max)
{
    int n = 0;
    if (!len || len > 3 || (len > 1 && *digits == '0'))
        return -1;
    for (size_t i = 0; i < len; i++) {
        if (!isdigit((unsigned char)digits[i]))
            return -1;
        n = n * 10 + digits[i] - '0';
    }
    return n <= max ? n : -1;
}

/* Cuts "/24", "//64" or "/24//64" off the end of a term of a or mx. */
static bool take_prefixes(char *term, struct spf_term *t)
{
    char *slash = strchr(term, '/');
    if (!slash)
        return true;
    char *six = strstr(slash, "//");
    if (six) {
        *six = 0;
        t->prefix6 = prefix(six + 2, strlen(six + 2), 128);
    }
    if (slash != six) {
        t->prefix4 = prefix(slash + 1, strlen(slash + 1), 32);
        *slash = 0;
    }
    return t->prefix4 >= 0 && t->prefix6 >= 0;
}

static bool take_network(char *text, struct spf_term *t)
{
    int bits = t->name == SPF_IP4 ? 32 : 128, *bits_r = t->name == SPF_IP4 ? &t->prefix4 : &t->prefix6;
    char *slash = strchr(text, '/');
    if (slash) {
        *slash = 0;
        *bits_r = prefix(slash + 1, strlen(slash + 1), bits);
    }
    if (*bits_r < 0 || inet_pton(bits == 32 ? AF_INET : AF_INET6, text, t->network.byte) != 1)
        return false;
    t->network.bits = bits;
    return true;
}

static bool is_domain_spec(const char *s)
{
    const char *dot = strrchr(s, '.');
    size_t len = strlen(s);
    return len && len <= 253 && spf_expandable(s) && !strpbrk(s, " \t/:") &&
           ((dot && dot[1]) || s[len - 1] == '}');
}

static bool is_name(const char *s, size_t len)
{
    if (!len || !isalpha((unsigned char)*s))
        return false;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)s[i]) && !strchr("-_.", s[i]))
            return false;
    return true;
}

static bool parse_term(void *mem, const char *text, struct spf_term *t)
{
    static const char signs[] = "+-~?";
    static const enum spf_result results[] = {SPF_PASS, SPF_FAIL, SPF_SOFTFAIL, SPF_NEUTRAL};
    const char *sign = strchr(signs, *text);
    *t = (struct spf_term){
        .text = talloc_strdup(mem, text), .result = SPF_PASS, .prefix4 = 32, .prefix6 = 128};
    if (sign)
        t->result = results[sign - signs];
    char *term = talloc_strdup(mem, text + (sign != NULL));
    size_t len = strcspn(term, ":=/");
    size_t i = 0;
    while (i < ARRAY_LEN(names) && (strlen(names[i].name) != len || strncasecmp(names[i].name, term, len)))
        i++;
    t->name = (enum spf_name)i;
    if (i == ARRAY_LEN(names)) { /* a modifier that nobody knows is passed over */
        t->name = SPF_UNKNOWN_MODIFIER;
        return !sign && term[len] == '=' && is_name(term, len) && spf_expandable(term + len + 1);
    }
    if (names[i].sign == '=' && sign)
        return false;
    if (names[i].prefix && !take_prefixes(term, t))
        return false;
    char *value = term[len] == names[i].sign ? term + len + 1 : NULL;
    if ((!value && term[len]) || (value && names[i].value == NO_VALUE) ||
        (!value && names[i].value == WANTS_VALUE))
        return false;
    if (t->name == SPF_IP4 || t->name == SPF_IP6)
        return take_network(value, t);
    t->domain = value;
    return !value || is_domain_spec(value);
}

int spf_parse(void *mem, const char *record, struct spf_term **terms_r, struct err *err)
{
    struct spf_term *terms = talloc_array(mem, struct spf_term, 0);
    size_t n = 0;
    int once[ARRAY_LEN(names)] = {0};
    for (const char *p = record + strcspn(record, " "); *(p += strspn(p, " ")); p += strcspn(p, " ")) {
        terms = talloc_realloc(mem, terms, struct spf_term, n + 1);
        const char *text = talloc_strndup(terms, p, strcspn(p, " "));
        struct spf_term *t = &terms[n++];
        if (!parse_term(terms, text, t))
            return err_set(err, ERR_INPUT, "\"%s\" is no term of SPF", text);
        bool modifier = t->name == SPF_REDIRECT || t->name == SPF_EXP;
        if (modifier && once[t->name]++)
            return err_set(err, ERR_INPUT, "%s= stands twice", names[t->name].name);
    }
    *terms_r = terms;
    return 0;
}

/* ---- macros */

/* %{ letter digits r delimiters }; its length, 0: none */
static size_t macro_length(const char *s)
{
    if (s[0] != '%')
        return 0;
    if (s[1] && strchr("%_-", s[1]))
        return 2;
    if (s[1] != '{' || !s[2] || !strchr("sSlLoOdDiIpPhHcCrRtTvV", s[2]))
        return 0;
    size_t n = 3;
    n += strspn(s + n, "0123456789");
    n += s[n] == 'r' || s[n] == 'R';
    n += strspn(s + n, ".-+,/_=");
    return s[n] == '}' ? n + 1 : 0;
}

bool spf_expandable(const char *text)
{
    for (const char *p = strchr(text, '%'); p; p = strchr(p, '%')) {
        size_t len = macro_length(p);
        if (!len)
            return false;
        p += len;
    }
    return true;
}

/* The address as its macro writes it: IPv6 in nibbles. */
static char *dotted(void *mem, const char *ip)
{
    struct spf_address a;
    if (!ip || !spf_address_parse(ip, &a))
        return NULL;
    struct text t = text_new(mem);
    for (int i = 0; i < a.bits / 8; i++)
        if (a.bits == 32)
            text_printf(&t, "%s%d", i ? "." : "", a.byte[i]);
        else
            text_printf(&t, "%s%x.%x", i ? "." : "", a.byte[i] >> 4, a.byte[i] & 15);
    return t.s;
}

static const char *macro_value(void *mem, char letter, const struct spf_macro *m)
{
    const char *at = strrchr(m->sender, '@');
    switch (letter | 32) {
    case 's':
        return m->sender;
    case 'l':
        return at ? talloc_strndup(mem, m->sender, (size_t)(at - m->sender)) : "postmaster";
    case 'o':
        return at ? at + 1 : m->sender;
    case 'd':
        return m->domain;
    case 'i':
        return dotted(mem, m->ip);
    case 'v':
        return !m->ip ? NULL : strchr(m->ip, ':') ? "ip6" : "in-addr";
    case 'h':
        return m->helo;
    default:
        return NULL; /* p is not to be used; c, r, t are for explanations */
    }
}

/* The last `keep` of the parts (0: all), the other way round if it says so. */
static void add_parts(struct text *out, char *value, const char *delimiters, size_t keep, bool reverse)
{
    enum { MAX_PARTS = 128 };
    const char *part[MAX_PARTS];
    size_t n = 0;
    for (char *p = value; p && n < MAX_PARTS;) {
        part[n++] = p;
        p += strcspn(p, delimiters);
        p = *p ? (*p = 0, p + 1) : NULL;
    }
    size_t first = keep && keep < n ? n - keep : 0;
    for (size_t i = first; i < n; i++)
        text_printf(out, "%s%s", i > first ? "." : "", part[reverse ? n - 1 - i : i]);
}

char *spf_expand(void *mem, const char *text, const struct spf_macro *macro)
{
    struct text out = text_new(mem);
    for (const char *p = text; *p;) {
        size_t len = macro_length(p);
        if (len < 3) {
            text_puts(&out, len == 0 ? (char[]){*p, 0} : p[1] == '%' ? "%" : p[1] == '_' ? " " : "%20");
            p += len ? len : 1;
            continue;
        }
        const char *value = macro_value(mem, p[2], macro);
        if (!value)
            return NULL;
        size_t digits = strspn(p + 3, "0123456789");
        bool reverse = (p[3 + digits] | 32) == 'r';
        const char *delimiter = p + 3 + digits + reverse;
        size_t n = (size_t)(p + len - 1 - delimiter);
        add_parts(&out, talloc_strdup(mem, value), n ? talloc_strndup(mem, delimiter, n) : ".",
                  strtoul(p + 3, NULL, 10), reverse);
        p += len;
    }
    /* of a name that is too long, labels on the left go */
    const char *name = out.s;
    while (strlen(name) > 253 && strchr(name, '.'))
        name = strchr(name, '.') + 1;
    return talloc_strdup(mem, name);
}
