/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * One table says all keys; the reader walks it.
 */
#include "base/conf.h"

#include <errno.h>
#include <strings.h>
#include <time.h>

#include "base/unicode.h"
#include "base/unicode_locale.h"

enum section { DATABASE, OFFICE, KEYS, DNS, SMTP, IMAP, DKIM, NSECTIONS };
static const char *const section_name[NSECTIONS] = {"database", "office", "keys", "dns",
                                                    "smtp",     "imap",   "dkim"};

enum kind { TEXT, PATH, NUMBER, SIZE_MB, TLS, VERP, ACCOUNT_KIND, MECHANISM, LANGUAGE, DOMAIN, ADDRESS, DAY };

enum { BOUNCE_LOCAL_MAX = 22 /* a token of at most 42 goes behind it (RFC 5321 4.5.3.1.1: 64) */ };

struct key {
    enum section section;
    const char *name;
    enum kind kind;
    size_t offset; /* in the section's struct */
    long min, max;
    const char *if_absent;
};

#define D(field) offsetof(struct conf, database.field)
#define O(field) offsetof(struct conf, office.field)
#define S(field) offsetof(struct conf_smtp, field)
#define I(field) offsetof(struct conf_imap, field)
static const struct key keys[] = {
    {DATABASE, "conninfo", TEXT, D(conninfo), 0, 0, "dbname=adresar"},
    {OFFICE, "name", TEXT, O(name), 0, 0, ""},
    {OFFICE, "domain", DOMAIN, O(domain), 0, 0, "localhost.localdomain"},
    {OFFICE, "language", LANGUAGE, O(language), 0, 0, "en"},
    {OFFICE, "default_language", LANGUAGE, O(default_language), 0, 0, "en"},
    {OFFICE, "time_zone", TEXT, O(time_zone), 0, 0, "Europe/Belgrade"},
    {OFFICE, "country", TEXT, O(country), 0, 0, "XK"},
    {OFFICE, "country_language", LANGUAGE, O(country_language), 0, 0, "en"},
    {OFFICE, "phone", TEXT, O(phone), 0, 0, NULL},
    {OFFICE, "email", TEXT, O(email), 0, 0, NULL},
    {OFFICE, "person", TEXT, O(person), 0, 0, NULL},
    {OFFICE, "mayor", TEXT, O(mayor), 0, 0, NULL},
    {OFFICE, "address", TEXT, O(address), 0, 0, NULL},
    {OFFICE, "place", TEXT, O(place), 0, 0, NULL},
    {OFFICE, "logo", PATH, O(logo), 0, 0, NULL},
    {OFFICE, "unsubscribe_url", TEXT, O(unsubscribe_url), 0, 0, NULL},
    {OFFICE, "days_between", NUMBER, O(days_between), 0, 365, "7"},
    {OFFICE, "per_month", NUMBER, O(per_month), 0, 1000, "4"},
    {KEYS, "file", PATH, offsetof(struct conf, keys.file), 0, 0, NULL},
    {KEYS, "dkim_folder", PATH, offsetof(struct conf, keys.dkim_folder), 0, 0, "dkim"},
    {DNS, "server", TEXT, offsetof(struct conf, dns.server), 0, 0, NULL},
    {SMTP, "host", TEXT, S(host), 0, 0, "localhost"},
    {SMTP, "port", TEXT, S(port), 0, 0, "587"},
    {SMTP, "verify_name", TEXT, S(verify_name), 0, 0, NULL},
    {SMTP, "ca_file", PATH, S(ca_file), 0, 0, NULL},
    {SMTP, "tls", TLS, S(tls), 0, 0, "starttls"},
    {SMTP, "user", TEXT, S(user), 0, 0, NULL},
    {SMTP, "password_file", PATH, S(password_file), 0, 0, NULL},
    {SMTP, "token_file", PATH, S(token_file), 0, 0, NULL},
    {SMTP, "mechanism", MECHANISM, S(mechanism), 0, 0, NULL},
    {SMTP, "from_name", TEXT, S(from_name), 0, 0, NULL},
    {SMTP, "from_address", ADDRESS, S(from_address), 0, 0, NULL},
    {SMTP, "organizer_name", TEXT, S(organizer_name), 0, 0, NULL},
    {SMTP, "organizer_address", ADDRESS, S(organizer_address), 0, 0, NULL},
    {SMTP, "bounce_address", ADDRESS, S(bounce_address), 0, 0, NULL},
    {SMTP, "verp", VERP, S(verp), 0, 0, NULL},
    {SMTP, "helo", TEXT, S(helo), 0, 0, NULL},
    {SMTP, "journal", TEXT, S(journal), 0, 0, NULL},
    {SMTP, "connections", NUMBER, S(connections), 1, 64, "4"},
    {SMTP, "messages_a_minute", NUMBER, S(per_minute), 0, 1000000, "0"},
    {SMTP, "messages_a_minute_to", TEXT, S(per_minute_to), 0, 0, NULL},
    {SMTP, "messages_a_connection", NUMBER, S(per_session), 0, 1000000, "1000"},
    {SMTP, "lease_s", NUMBER, S(lease_s), 1, 3600, "60"},
    {SMTP, "timeout_s", NUMBER, S(timeout_s), 1, 3600, "300"},
    {SMTP, "ips", TEXT, S(ips), 0, 0, NULL},
    {SMTP, "max_message_mb", SIZE_MB, S(max_message_bytes), 0, 1024, "0"},
    {IMAP, "host", TEXT, I(host), 0, 0, "localhost"},
    {IMAP, "port", TEXT, I(port), 0, 0, "993"},
    {IMAP, "verify_name", TEXT, I(verify_name), 0, 0, NULL},
    {IMAP, "ca_file", PATH, I(ca_file), 0, 0, NULL},
    {IMAP, "tls", TLS, I(tls), 0, 0, "implicit"},
    {IMAP, "user", TEXT, I(user), 0, 0, NULL},
    {IMAP, "password_file", PATH, I(password_file), 0, 0, NULL},
    {IMAP, "token_file", PATH, I(token_file), 0, 0, NULL},
    {IMAP, "mechanism", MECHANISM, I(mechanism), 0, 0, NULL},
    {IMAP, "address", TEXT, I(address), 0, 0, NULL},
    {IMAP, "folders", TEXT, I(folders), 0, 0, "INBOX"},
    {IMAP, "sent", TEXT, I(sent), 0, 0, "\\Sent"},
    {IMAP, "since", DAY, I(since), 0, 0, NULL},
    {IMAP, "consent", TEXT, I(consent), 0, 0, NULL},
    {IMAP, "authserv_id", TEXT, I(authserv_id), 0, 0, NULL},
    {IMAP, "kind", ACCOUNT_KIND, I(personal), 0, 0, "office"},
    {IMAP, "max_message_mb", SIZE_MB, I(max_message_bytes), 1, 1024, "50"},
    {DKIM, "sign", TEXT, offsetof(struct conf_dkim, sign), 0, 0, NULL},
    {DKIM, "idle", TEXT, offsetof(struct conf_dkim, idle), 0, 0, NULL},
};
#undef D
#undef O
#undef S
#undef I

struct reader {
    struct conf *conf;
    const char *path;
    int line;
    enum section section;
    void *target;                      /* the struct that the section's keys go into */
    const void *seen[ARRAY_LEN(keys)]; /* target that the key was last given for */
    struct err *err;
};

static int fail(struct reader *r, const char *fmt, ...) PRINTF(2, 3);
static int fail(struct reader *r, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    err_vset(r->err, ERR_CONFIG, fmt, ap);
    va_end(ap);
    return err_context(r->err, "%s:%d", r->path, r->line);
}

/* The last two want a token, the others a password. */
static const char *const mechanisms[] = {"SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN",
                                         "LOGIN",         "OAUTHBEARER", "XOAUTH2"};
enum { FIRST_BY_TOKEN = 4 };

static int set_mechanism(struct reader *r, const char *value, const char **field)
{
    *field = NULL;
    for (size_t i = 0; value && i < ARRAY_LEN(mechanisms); i++)
        if (!strcasecmp(value, mechanisms[i]))
            *field = mechanisms[i];
    return !value || *field ? 0
                            : fail(r,
                                   "mechanism is SCRAM-SHA-256, SCRAM-SHA-1, PLAIN, LOGIN, OAUTHBEARER or "
                                   "XOAUTH2, not \"%s\"",
                                   value);
}

static int set_choice(struct reader *r, const struct key *k, const char *value, void *field)
{
    if (k->kind == MECHANISM)
        return set_mechanism(r, value, field);
    if (k->kind == ACCOUNT_KIND) {
        if (strcmp(value, "office") && strcmp(value, "personal"))
            return fail(r, "kind is office or personal, not \"%s\"", value);
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
                   : fail(r, "verp is plus, catchall or none, not \"%s\"", value);
    }
    static const char *const word[] = {"starttls", "implicit", "none"};
    for (size_t i = 0; i < ARRAY_LEN(word); i++)
        if (!strcmp(value, word[i])) {
            *(enum conf_tls *)field = (enum conf_tls)i;
            return 0;
        }
    return fail(r, "tls is starttls, implicit or none, not \"%s\"", value);
}

/* A domain, or an address's, goes onto the wire as A-labels, so it is kept so. */
static int set_domain(struct reader *r, const struct key *k, const char *value, const char **field)
{
    const char *at = k->kind == ADDRESS && value ? strrchr(value, '@') : NULL, *domain = at ? at + 1 : value;
    char *ascii;
    struct err why;
    *field = NULL;
    if (!value)
        return 0;
    if ((k->kind == ADDRESS && (!at || at == value || strpbrk(value, " <>"))) || !*domain)
        return fail(r, "%s is %s, not \"%s\"", k->name,
                    k->kind == ADDRESS ? "an address, a@b.example" : "a domain", value);
    if (unicode_domain_to_ascii(r->conf, domain, &ascii, &why) < 0)
        return fail(r, "%s: %s", k->name, why.text);
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

static int set_value(struct reader *r, const struct key *k, const char *value)
{
    void *field = (char *)r->target + k->offset;
    if (k->kind == LANGUAGE && !unicode_knows_language(value))
        return fail(r, "%s is a language, sq, sr-Latn, sr-Cyrl, en ..., not \"%s\"", k->name, value);
    if (k->kind == DAY && value && !is_day(value))
        return fail(r, "%s is a day, 2026-01-31, not \"%s\"", k->name, value);
    switch (k->kind) {
    case DOMAIN:
    case ADDRESS:
        return set_domain(r, k, value, field);
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
            return fail(r, "%s is a number from %ld to %ld, not \"%s\"", k->name, k->min, k->max, value);
        *(int *)field = (int)(k->kind == SIZE_MB ? n * 1024 * 1024 : n);
        return 0;
    }
    default:
        return set_choice(r, k, value, field);
    }
}

static int set_defaults(struct reader *r)
{
    for (const struct key *k = keys; k < keys + ARRAY_LEN(keys); k++)
        if (k->section == r->section && set_value(r, k, k->if_absent) < 0)
            return -1;
    return 0;
}

/* A new struct at the end of the list of its section. */
static void *new_named(struct reader *r, const char *name)
{
    struct conf *conf = r->conf;
    char *copy = talloc_strdup(conf, name);
    if (r->section == SMTP) {
        struct conf_smtp **tail = &conf->smtp;
        while (*tail)
            tail = &(*tail)->next;
        *tail = talloc_zero(conf, struct conf_smtp);
        (*tail)->name = copy;
        return *tail;
    }
    if (r->section == DKIM) {
        struct conf_dkim **tail = &conf->dkim;
        while (*tail)
            tail = &(*tail)->next;
        *tail = talloc_zero(conf, struct conf_dkim);
        (*tail)->domain = copy;
        return *tail;
    }
    struct conf_imap **tail = &conf->imap;
    while (*tail)
        tail = &(*tail)->next;
    *tail = talloc_zero(conf, struct conf_imap);
    (*tail)->name = copy;
    return *tail;
}

static bool is_named_already(const struct conf *conf, enum section section, const char *name)
{
    return section == SMTP   ? conf_find_smtp(conf, name) != NULL
           : section == DKIM ? conf_find_dkim(conf, name) != NULL
                             : conf_find_imap(conf, name) != NULL;
}

static int begin_section(struct reader *r, char *inside)
{
    char *name = inside + strcspn(inside, " \t");
    if (*name)
        *name++ = 0;
    name += strspn(name, " \t");
    int s = 0;
    while (s < NSECTIONS && strcmp(section_name[s], inside))
        s++;
    if (s == NSECTIONS)
        return fail(
            r,
            "there is no section [%s]; sections are database, office, keys, dns, smtp NAME, imap NAME, "
            "dkim DOMAIN",
            inside);
    r->section = (enum section)s;
    bool named = s >= SMTP;
    if (named != (*name != 0))
        return fail(r, named ? "[%s] wants a name: [%s NAME]" : "[%s] has no name", inside, inside);
    if (!named) {
        r->target = r->conf;
        return 0; /* defaults are set once, before the first line */
    }
    if (is_named_already(r->conf, r->section, name))
        return fail(r, "[%s %s] stands twice", inside, name);
    r->target = new_named(r, name);
    return set_defaults(r);
}

static int take_key(struct reader *r, const char *name, const char *value)
{
    if (!r->target)
        return fail(r, "%s stands before the first [section]", name);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (keys[i].section != r->section || strcmp(keys[i].name, name))
            continue;
        if (r->seen[i] == r->target)
            return fail(r, "%s is given twice", name);
        r->seen[i] = r->target;
        return set_value(r, &keys[i], value);
    }
    return fail(r, "unknown key \"%s\" in [%s]; adresar.conf(5) lists them", name, section_name[r->section]);
}

static char *trimmed(char *s)
{
    s += strspn(s, " \t\r");
    size_t len = strlen(s);
    while (len > 0 && strchr(" \t\r", s[len - 1]))
        s[--len] = 0;
    return s;
}

static int take_line(struct reader *r, char *line)
{
    line = trimmed(line);
    if (!*line || *line == '#' || *line == ';')
        return 0;
    if (*line == '[') {
        size_t len = strlen(line);
        if (line[len - 1] != ']')
            return fail(r, "a section ends with ]");
        line[len - 1] = 0;
        return begin_section(r, trimmed(line + 1));
    }
    char *eq = strchr(line, '=');
    if (!eq)
        return fail(r, "neither [section] nor key = value");
    *eq = 0;
    return take_key(r, trimmed(line), trimmed(eq + 1));
}

/* The bounce address fits the way in which it carries a token; `verp` is settled by it where it is not said.
 */
static int check_bounce(struct reader *r, struct conf_smtp *s)
{
    if (!s->bounce_address)
        s->bounce_address = s->from_address;
    const char *at = strrchr(s->bounce_address, '@');
    bool whole = !strncmp(s->bounce_address, "*@", 2);
    if (!at || at == s->bounce_address || !at[1])
        return fail(r, "[smtp %s] bounce_address is an address, or *@DOMAIN, not \"%s\"", s->name,
                    s->bounce_address);
    if (!s->verp)
        s->verp = whole ? CONF_VERP_CATCHALL : CONF_VERP_PLUS;
    if (whole != (s->verp == CONF_VERP_CATCHALL))
        return fail(r, "[smtp %s] verp = catchall and bounce_address = *@DOMAIN go together", s->name);
    if (s->verp == CONF_VERP_PLUS && at - s->bounce_address > BOUNCE_LOCAL_MAX)
        return fail(r,
                    "[smtp %s] %s has more than %d letters before the @: a token has no room there; another "
                    "bounce_address, or verp = catchall or none",
                    s->name, s->bounce_address, BOUNCE_LOCAL_MAX);
    return 0;
}

static int check_unsubscribe_url(struct reader *r, const char *url)
{
    bool good = !url || (!strncmp(url, "https://", 8) && url[8]);
    for (const char *p = good && url ? url : ""; *p; p++)
        good = good && *p > ' ' && *p < 0x7f && !strchr("<>,\"\\", *p);
    return good && (!url || !strstr(url, "=?")) /* an encoded word */
               ? 0
               : fail(r, "unsubscribe_url is an https:// address, not \"%s\"", url);
}

static bool is_plain_address(const char *s)
{
    const char *at = strchr(s, '@');
    for (const char *p = s; *p; p++)
        if (*p <= ' ' || *p >= 0x7f || strchr("<>,", *p))
            return false;
    return at && at != s && at[1] && !strchr(at + 1, '@');
}

static int check_login(struct reader *r, const char *section, const char *name, const char *password_file,
                       const char *token_file, const char *mechanism)
{
    if (!password_file == !token_file)
        return fail(r, "[%s %s] has a user, so it wants password_file or token_file", section, name);
    bool by_token = false;
    for (size_t i = FIRST_BY_TOKEN; i < ARRAY_LEN(mechanisms); i++)
        by_token = by_token || mechanism == mechanisms[i];
    if (mechanism && by_token != (token_file != NULL))
        return fail(r, "[%s %s] mechanism = %s wants %s", section, name, mechanism,
                    by_token ? "token_file" : "password_file");
    return 0;
}

/* What needs two keys at once. */
static int check_whole(struct reader *r)
{
    r->line = 0;
    for (struct conf_smtp *s = r->conf->smtp; s; s = s->next) {
        if (!s->from_address)
            return fail(r, "[smtp %s] wants from_address", s->name);
        if (s->user && check_login(r, "smtp", s->name, s->password_file, s->token_file, s->mechanism) < 0)
            return -1;
        if (!s->organizer_address)
            s->organizer_address = s->from_address;
        if (!s->organizer_name)
            s->organizer_name = s->from_name;
        if (check_bounce(r, s) < 0)
            return -1;
        if (s->journal && !is_plain_address(s->journal))
            return fail(r, "[smtp %s] journal is one address in ASCII, not \"%s\"", s->name, s->journal);
    }
    for (struct conf_imap *i = r->conf->imap; i; i = i->next) {
        if (!i->user || !i->address)
            return fail(r, "[imap %s] wants user and address", i->name);
        if (check_login(r, "imap", i->name, i->password_file, i->token_file, i->mechanism) < 0)
            return -1;
    }
    return check_unsubscribe_url(r, r->conf->office.unsubscribe_url);
}

int conf_load(void *mem, const char *path, struct conf **conf_r, struct err *err)
{
    if (!path)
        path = getenv("ADRESAR_CONF");
    if (!path)
        path = "/etc/adresar/adresar.conf";
    MEM_SCOPE(scratch);
    char *text;
    size_t len;
    if (mem_read_file(scratch, path, 1 << 20, &text, &len, err) < 0) {
        err->code = ERR_CONFIG;
        return err_context(err, "configuration");
    }
    struct reader r = {.conf = talloc_zero(mem, struct conf), .err = err};
    r.path = r.conf->path = talloc_strdup(r.conf, path);
    r.target = r.conf;
    for (int s = DATABASE; s < SMTP; s++) {
        r.section = (enum section)s;
        if (set_defaults(&r) < 0)
            return -1;
    }
    r.target = NULL;
    for (char *line = text, *next; line; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        r.line++;
        if (take_line(&r, line) < 0)
            return -1;
    }
    *conf_r = r.conf;
    return check_whole(&r);
}

const char *conf_in_language(void *mem, const char *value, const char *language)
{
    if (!value)
        return NULL;
    const char *fallback = NULL;
    size_t n = strlen(language);
    for (char *part = talloc_strdup(mem, value), *next; part; part = next) {
        next = strchr(part, '|');
        if (next)
            *next++ = 0;
        part = trimmed(part);
        size_t tag = strspn(part, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ-");
        bool tagged = tag >= 2 && part[tag] == ':' && part[tag + 1] == ' ';
        if (tagged && tag == n && !strncmp(part, language, n))
            return trimmed(part + tag + 1);
        if (!tagged)
            fallback = part;
    }
    return fallback ? fallback : value;
}
