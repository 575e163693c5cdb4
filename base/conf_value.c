/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What may stand behind a key.
 */
#include <errno.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>

#include "base/conf_low.h"
#include "base/unicode.h"
#include "base/unicode_locale.h"

int conf_fail(struct conf_reader *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    err_vset(r->err, ERR_CONFIG, fmt, ap);
    va_end(ap);
    return r->line ? err_context(r->err, "%s:%d", r->path, r->line) : err_context(r->err, "%s", r->path);
}

/* The last two want a token, the others a password. */
static const char *const mechanisms[] = {"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN",
                                         "LOGIN",         "OAUTHBEARER", "XOAUTH2"};
enum { FIRST_BY_TOKEN = 4 };

bool conf_by_token(const char *mechanism)
{
    for (size_t i = FIRST_BY_TOKEN; i < ARRAY_LEN(mechanisms); i++)
        if (mechanism == mechanisms[i])
            return true;
    return false;
}

static int set_mechanism(struct conf_reader *r, const char *value, const char **field)
{
    *field = NULL;
    for (size_t i = 0; value && i < ARRAY_LEN(mechanisms); i++)
        if (!strcasecmp(value, mechanisms[i]))
            *field = mechanisms[i];
    return !value || *field
               ? 0
               : conf_fail(r,
                           "mechanism is SCRAM-SHA-256, SCRAM-SHA-1, PLAIN, LOGIN, OAUTHBEARER or "
                           "XOAUTH2, not \"%s\"",
                           value);
}

static int set_choice(struct conf_reader *r, const struct conf_key *k, const char *value, void *field)
{
    if (k->kind == MECHANISM)
        return set_mechanism(r, value, field);
    if (k->kind == ACCOUNT_KIND) {
        if (strcmp(value, "office") && strcmp(value, "personal"))
            return conf_fail(r, "kind is office or personal, not \"%s\"", value);
        *(bool *)field = !strcmp(value, "personal");
        return 0;
    }
    if (k->kind == VERP) {
        static const char *const verp[] = {
            [CONF_VERP_PLUS] = "plus", [CONF_VERP_CATCHALL] = "catchall", [CONF_VERP_NONE] = "none"};
        for (size_t i = CONF_VERP_PLUS; value && i < ARRAY_LEN(verp); i++)
            if (!strcmp(value, verp[i]))
                *(enum conf_verp *)field = (enum conf_verp)i;
        return !value || *(enum conf_verp *)field
                   ? 0
                   : conf_fail(r, "verp is plus, catchall or none, not \"%s\"", value);
    }
    static const char *const word[] = {"starttls", "implicit", "none"};
    for (size_t i = 0; i < ARRAY_LEN(word); i++)
        if (!strcmp(value, word[i])) {
            *(enum conf_tls *)field = (enum conf_tls)i;
            return 0;
        }
    return conf_fail(r, "tls is starttls, implicit or none, not \"%s\"", value);
}

/* A domain, or an address's, goes onto the wire as A-labels, so it is kept so. */
static int set_domain(struct conf_reader *r, const struct conf_key *k, const char *value, const char **field)
{
    const char *at = k->kind == ADDRESS && value ? strrchr(value, '@') : NULL, *domain = at ? at + 1 : value;
    char *ascii;
    struct err why;
    *field = NULL;
    if (!value)
        return 0;
    if ((k->kind == ADDRESS &&
         (!at || at == value || at != strchr(value, '@') || strpbrk(value, " \t<>()[]\\,;:\""))) ||
        !*domain)
        return conf_fail(r, "%s is %s, not \"%s\"", k->name,
                         k->kind == ADDRESS ? "an address, a@b.example" : "a domain", value);
    if (unicode_domain_to_ascii(r->conf, domain, &ascii, &why) < 0)
        return conf_fail(r, "%s: %s", k->name, why.text);
    if (ascii[strspn(ascii, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")])
        return conf_fail(r, "%s: a sign that no domain has: \"%s\"", k->name, domain);
    *field = talloc_asprintf(r->conf, "%.*s%s", (int)(domain - value), value, ascii);
    return 0;
}

static bool is_day(const char *s)
{
    struct tm day = {0};
    const char *end = strlen(s) == 10 ? strptime(s, "%Y-%m-%d", &day) : NULL;
    struct tm same = day;
    return end && !*end && timegm(&same) != -1 && same.tm_mday == day.tm_mday;
}

/* ICU takes an unknown one for UTC, and is not loaded for this alone: the system's table knows them too. */
static bool is_zone(const char *s)
{
    static const char folder[] = "/usr/share/zoneinfo", letters[] =
                                                            "abcdefghijklmnopqrstuvwxyz"
                                                            "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+-/";
    char path[128];
    struct stat st;
    if (*s == '/' || s[strspn(s, letters)])
        return false;
    int n = snprintf(path, sizeof path, "%s/%s", folder, s);
    return n < (int)sizeof path && (stat(path, &st) == 0 ? S_ISREG(st.st_mode) : stat(folder, &st) < 0);
}

int conf_set_value(struct conf_reader *r, const struct conf_key *k, const char *value)
{
    void *field = (char *)r->target + k->offset;
    if (k->kind == LANGUAGE && !unicode_knows_language(value))
        return conf_fail(r, "%s is a language, sq, sr-Latn, sr-Cyrl, en ..., not \"%s\"", k->name, value);
    if (k->kind == DAY && value && !is_day(value))
        return conf_fail(r, "%s is a day, 2026-01-31, not \"%s\"", k->name, value);
    if (k->kind == ZONE && !is_zone(value))
        return conf_fail(r, "%s is a time zone, Europe/Belgrade, Europe/Warsaw ..., not \"%s\"", k->name,
                         value);
    switch (k->kind) {
    case DOMAIN:
    case ADDRESS:
        return set_domain(r, k, value, field);
    case ZONE:
    case DAY:
    case LANGUAGE:
    case TEXT:
        *(const char **)field = value ? talloc_strdup(r->conf, value) : NULL;
        return 0;
    case PATH: { /* relative to the folder of the configuration, so that a demo can be moved */
        const char *slash = strrchr(r->path, '/');
        bool relative = value && value[0] != '/' && slash;
        *(const char **)field =
            !value     ? NULL
            : relative ? talloc_asprintf(r->conf, "%.*s/%s", (int)(slash - r->path), r->path, value)
                       : talloc_strdup(r->conf, value);
        return 0;
    }
    case NUMBER:
    case SIZE_MB: {
        char *end;
        errno = 0;
        long n = strtol(value, &end, 10);
        if (errno || end == value || *end || n < k->min || n > k->max)
            return conf_fail(r, "%s is a number from %ld to %ld, not \"%s\"", k->name, k->min, k->max, value);
        *(int *)field = (int)(k->kind == SIZE_MB ? n * 1024 * 1024 : n);
        return 0;
    }
    default:
        return set_choice(r, k, value, field);
    }
}
