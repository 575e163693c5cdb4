/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/signing.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <strings.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "base/secret.h"
#include "mail/wire/mime.h"

static const char between[] = " \t,"; /* selectors */

/* ---- domains and selectors */

/* As it stands in DNS and in d=; NULL when it is none. */
static const char *wire_domain(void *mem, const char *domain)
{
    char *wire;
    struct err ignored;
    if (mime_address_check(mem, talloc_asprintf(mem, "x@%s", domain), &wire, &ignored) < 0)
        return NULL;
    for (char *p = wire; *p; p++)
        *p = (char)tolower((unsigned char)*p);
    return wire + 2;
}

static int domain_of(void *mem, const struct conf_dkim *section, const char **domain_r, struct err *err)
{
    *domain_r = wire_domain(mem, section->domain);
    return *domain_r ? 0 : err_set(err, ERR_CONFIG, "[dkim %s]: this is no domain", section->domain);
}

static bool is_within(const char *name, const char *domain)
{
    size_t n = strlen(name), d = strlen(domain);
    return n >= d && !strcasecmp(name + n - d, domain) && (n == d || name[n - d - 1] == '.');
}

const struct conf_dkim *signing_section(const struct conf *conf, const char *from_address)
{
    MEM_SCOPE(mem);
    const struct conf_dkim *best = NULL;
    const char *at = strrchr(from_address, '@'), *from = at ? wire_domain(mem, at + 1) : NULL;
    size_t longest = 0;
    for (const struct conf_dkim *d = conf->dkim; from && d; d = d->next) {
        const char *domain =
            d->sign && d->sign[strspn(d->sign, between)] ? wire_domain(mem, d->domain) : NULL;
        if (domain && is_within(from, domain) && strlen(domain) > longest) {
            best = d;
            longest = strlen(domain);
        }
    }
    return best;
}

/* One label (RFC 6376 3.1); it becomes part of a file's name, too. */
static bool is_selector(const char *s)
{
    size_t len = strlen(s);
    for (const char *p = s; *p; p++)
        if (!isalnum((unsigned char)*p) && (*p != '-' || p == s || !p[1]))
            return false;
    return len > 0 && len <= 63;
}

static const char *key_path(void *mem, const struct conf *conf, const char *selector, const char *domain)
{
    return talloc_asprintf(mem, "%s/%s.%s.pem", conf->keys.dkim_folder, selector, domain);
}

/* ---- the keys of a section */

static int read_key(void *mem, struct signing_selector *s, struct err *err)
{
    char *pem;
    struct dkim_key *key = NULL;
    if (secret_read_file(mem, s->path, &pem, err) < 0)
        return -1;
    int rc = dkim_key_parse(mem, pem, &key, err);
    explicit_bzero(pem, strlen(pem));
    talloc_free(pem);
    s->key = key;
    return rc < 0 ? err_context(err, "%s", s->path) : 0;
}

/* Neither twice, nor with another of its algorithm. */
static int check_selector(const struct signing_selector *list, size_t n, struct err *err)
{
    const struct signing_selector *s = &list[n];
    for (size_t i = 0; i < n; i++) {
        if (strcmp(list[i].domain, s->domain))
            continue;
        if (!strcasecmp(list[i].name, s->name))
            return err_set(err, ERR_CONFIG, "%s stands twice", s->name);
        if (list[i].signs && s->signs && dkim_key_algorithm(list[i].key) == dkim_key_algorithm(s->key))
            return err_set(err, ERR_CONFIG, "the keys of %s and %s are of one kind; one of them is idle",
                           list[i].name, s->name);
    }
    return 0;
}

/* The selectors that `words` names, behind those that are in the list already. */
static int add_selectors(void *mem, const struct conf *conf, const char *domain, const char *words,
                         bool signs, struct signing_selector **list, size_t *n, struct err *err)
{
    for (const char *p = words ? words + strspn(words, between) : ""; *p; p += strspn(p, between)) {
        *list = talloc_realloc(mem, *list, struct signing_selector, *n + 1);
        char *name = talloc_strndup(*list, p, strcspn(p, between));
        p += strlen(name);
        if (!is_selector(name))
            return err_set(err, ERR_CONFIG, "\"%s\" is no selector (letters, digits and hyphens)", name);
        struct signing_selector *s = &(*list)[*n];
        *s = (struct signing_selector){
            .domain = domain, .name = name, .path = key_path(*list, conf, name, domain), .signs = signs};
        if (read_key(*list, s, err) < 0 || check_selector(*list, *n, err) < 0)
            return -1;
        ++*n;
    }
    return 0;
}

static int read_section(void *mem, const struct conf *conf, const struct conf_dkim *section, const char *idle,
                        struct signing_selector **list, size_t *n, struct err *err)
{
    const char *domain;
    if (domain_of(mem, section, &domain, err) < 0)
        return -1;
    if (add_selectors(mem, conf, domain, section->sign, true, list, n, err) < 0 ||
        add_selectors(mem, conf, domain, idle, false, list, n, err) < 0)
        return err_context(err, "[dkim %s]", section->domain);
    return 0;
}

int signing_selectors(void *mem, const struct conf *conf, const struct conf_dkim *section,
                      struct signing_selector **list, size_t *n, struct err *err)
{
    return read_section(mem, conf, section, section->idle, list, n, err);
}

int signing_check(const struct conf *conf, const char *from_address, struct err *err)
{
    MEM_SCOPE(mem);
    struct signing_selector *list = NULL;
    size_t n = 0;
    const struct conf_dkim *section = signing_section(conf, from_address);
    if (!section || (access(conf->keys.dkim_folder, X_OK) < 0 && errno == EACCES))
        return 0;
    if (read_section(mem, conf, section, NULL, &list, &n, err) == 0)
        return 0;
    const char *unread = talloc_array_length(list) > n ? list[n].path : NULL;
    return unread && access(unread, R_OK) < 0 && errno == EACCES ? 0 : -1;
}

/* ---- signing */

struct signer {
    struct dkim_order order; /* but for its time */
};

int signer_open(void *mem, const struct conf *conf, const char *from_address, struct signer **signer_r,
                struct err *err)
{
    const struct conf_dkim *section = signing_section(conf, from_address);
    *signer_r = NULL;
    if (!section) {
        if (conf->dkim)
            log_warning("mail from %s goes out without a DKIM signature: no [dkim] signs for its domain",
                        from_address);
        return 0;
    }
    struct signer *signer = talloc_zero(mem, struct signer);
    struct signing_selector *list = NULL;
    size_t n = 0;
    if (read_section(signer, conf, section, NULL, &list, &n, err) < 0)
        return -1;
    must(n <= DKIM_MAX_SELECTORS); /* one an algorithm */
    for (size_t i = 0; i < n; i++) {
        signer->order.domain = list[i].domain;
        signer->order.selector[i].name = list[i].name;
        signer->order.selector[i].key = list[i].key;
    }
    signer->order.n = n;
    *signer_r = signer;
    return 0;
}

int signer_sign(void *mem, const struct signer *signer, char **message, size_t *len, struct err *err)
{
    if (!signer)
        return 0;
    struct dkim_order order = signer->order;
    char *fields;
    order.time = time(NULL);
    if (dkim_sign(mem, &order, *message, *len, &fields, err) < 0)
        return -1;
    size_t before = strlen(fields);
    fields = talloc_realloc(mem, fields, char, before + *len + 1);
    memcpy(fields + before, *message, *len + 1);
    *message = fields;
    *len += before;
    return 0;
}

/* ---- new keys */

static const char *proposed(void *mem, const struct conf *conf, const char *domain,
                            enum dkim_algorithm algorithm)
{
    static const char letter[] = {[DKIM_RSA] = 'r', [DKIM_ED25519] = 'e'};
    char month[16];
    time_t now = time(NULL);
    struct tm tm;
    must(strftime(month, sizeof month, "%Y%m", gmtime_r(&now, &tm)));
    const char *name = NULL;
    for (char c = 'a'; c <= 'z'; c++) {
        name = talloc_asprintf(mem, "%c%s%c", c, month, letter[algorithm]);
        if (access(key_path(mem, conf, name, domain), F_OK) < 0)
            break;
    }
    return name;
}

static int write_secret(const char *path, const char *text, struct err *err)
{
    FD_SCOPE int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return err_set(err, ERR_CONFLICT, "%s is there already", path);
    ssize_t len = (ssize_t)strlen(text);
    if (fd < 0 || write(fd, text, (size_t)len) != len || fsync(fd) < 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    return 0;
}

int signing_new(void *mem, const struct conf *conf, const char *domain, enum dkim_algorithm algorithm,
                const char *name, struct signing_selector *selector_r, struct err *err)
{
    struct dkim_key *key;
    const char *wire = wire_domain(mem, domain);
    if (!wire)
        return err_set(err, ERR_USAGE, "\"%s\" is no domain", domain);
    if (!name)
        name = proposed(mem, conf, wire, algorithm);
    if (!is_selector(name))
        return err_set(err, ERR_USAGE, "\"%s\" is no selector (letters, digits and hyphens)", name);
    const char *path = key_path(mem, conf, name, wire);
    if (mkdir(conf->keys.dkim_folder, 0700) < 0 && errno != EEXIST)
        return err_set(err, ERR_IO, "%s: %s", conf->keys.dkim_folder, strerror(errno));
    char *pem = dkim_key_new(mem, algorithm);
    int rc = dkim_key_parse(mem, pem, &key, err) < 0 ? -1 : write_secret(path, pem, err);
    explicit_bzero(pem, strlen(pem));
    *selector_r = (struct signing_selector){.domain = wire, .name = name, .path = path, .key = key};
    return rc;
}
