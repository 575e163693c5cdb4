/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * No numbering plan of the world: what is needed is the country's code, and whether a zero in front of a
 * national number is a prefix that falls away.
 */
#include "crm/phone.h"

#include <ctype.h>

static const struct {
    char country[3];
    const char *code;
    bool keeps_zero; /* or has none */
} plans[] = {
    {"XK", "383", false}, {"RS", "381", false}, {"AL", "355", false}, {"MK", "389", false},
    {"ME", "382", false}, {"BA", "387", false}, {"HR", "385", false}, {"SI", "386", false},
    {"BG", "359", false}, {"TR", "90", false},  {"DE", "49", false},  {"AT", "43", false},
    {"CH", "41", false},  {"LI", "423", true},  {"SE", "46", false},  {"FI", "358", false},
    {"NL", "31", false},  {"BE", "32", false},  {"FR", "33", false},  {"GB", "44", false},
    {"IE", "353", false}, {"SK", "421", false}, {"RO", "40", false},  {"PL", "48", true},
    {"CZ", "420", true},  {"IT", "39", true},   {"NO", "47", true},   {"DK", "45", true},
    {"ES", "34", true},   {"PT", "351", true},  {"GR", "30", true},   {"HU", "36", true},
    {"LU", "352", true},
};

/* Kosovo before it had a code of its own; no other number begins so. */
static const struct {
    const char *from, *to;
} kosovo[] = {
    {"37744", "38344"}, {"37745", "38345"}, {"38643", "38343"}, {"38649", "38349"},
    {"38128", "38328"}, {"38129", "38329"}, {"38138", "38338"}, {"38139", "38339"},
};

/* The digits of a number, with a + in front if it has one; ends where an extension begins. */
static size_t take_number(const char *s, char *digits, size_t size)
{
    size_t n = 0;
    while (*s && *s != '+' && !isdigit((unsigned char)*s))
        s++;
    for (; *s && n + 1 < size; s++) {
        if (!strncmp(s, "(0)", 3)) {
            s += 2;
            continue;
        }
        if (isdigit((unsigned char)*s) || (*s == '+' && n == 0))
            digits[n++] = *s;
        else if (!strchr(" ./-()\t", *s) && (unsigned char)*s < 128)
            break;
    }
    digits[n] = 0;
    return n;
}

static bool finish(const char *code, const char *rest, char e164[PHONE_E164_SIZE])
{
    size_t len = strlen(code) + strlen(rest);
    if (len < 8 || len > 15 || *code == '0' || (!*code && *rest == '0'))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(kosovo); i++)
        if (!*code && !strncmp(rest, kosovo[i].from, 5)) {
            code = kosovo[i].to;
            rest += 5;
            break;
        }
    return snprintf(e164, PHONE_E164_SIZE, "+%s%s", code, rest) < PHONE_E164_SIZE;
}

bool phone_e164(const char *typed, const char *country, char e164[PHONE_E164_SIZE])
{
    char digits[32];
    if (take_number(typed, digits, sizeof digits) < 6)
        return false;
    if (*digits == '+')
        return finish("", digits + 1, e164);
    if (!strncmp(digits, "00", 2))
        return finish("", digits + 2, e164);
    for (size_t i = 0; country && i < ARRAY_LEN(plans); i++) {
        if (strcmp(plans[i].country, country) != 0)
            continue;
        if (plans[i].keeps_zero)
            return finish(plans[i].code, digits, e164);
        if (*digits == '0')
            return finish(plans[i].code, digits + 1, e164);
        size_t code_len = strlen(plans[i].code);
        return !strncmp(digits, plans[i].code, code_len) && strlen(digits) >= code_len + 7 &&
               finish("", digits, e164);
    }
    return false;
}

static size_t count_digits(const char *s, size_t len)
{
    size_t n = 0;
    for (size_t i = 0; i < len; i++)
        n += isdigit((unsigned char)s[i]) != 0;
    return n;
}

static bool is_whole(const char *s, size_t len)
{
    static const size_t national = 6, international = 8;
    while (len > 0 && *s == ' ')
        s++, len--;
    bool zeros = len > 1 && s[0] == '0' && s[1] == '0', country = zeros || (len > 0 && *s == '+');
    return count_digits(s, len) >= (country ? international : national) + (zeros ? 2 : 0);
}

/* A stroke parts numbers where both sides are whole ones; in 049/000-201 it is a part of one. */
static bool parts(const char *begin, const char *at)
{
    return strchr("/,;|\n", *at) && is_whole(begin, (size_t)(at - begin)) &&
           is_whole(at + 1, strcspn(at + 1, "/,;|\n"));
}

static char *trimmed(void *mem, const char *s, size_t len)
{
    while (len > 0 && isspace((unsigned char)*s)) {
        s++;
        len--;
    }
    while (len > 0 && (isspace((unsigned char)s[len - 1]) || strchr("/,;|", s[len - 1])))
        len--;
    return talloc_strndup(mem, s, len);
}

size_t phone_split(void *mem, const char *cell, char **piece, size_t max)
{
    size_t n = 0;
    const char *begin = cell;
    for (const char *at = cell; *at && n + 1 < max; at++)
        if (parts(begin, at)) {
            piece[n++] = trimmed(mem, begin, (size_t)(at - begin));
            begin = at + 1;
        }
    piece[n] = trimmed(mem, begin, strlen(begin));
    return n + (*piece[n] != 0);
}
