/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * One table says all keys; the reader walks it.
 */
#include "base/conf_low.h"

static const char *const section_name[NSECTIONS] = {"database", "office", "keys", "dns",
                                                    "smtp",     "imap",   "dkim"};

enum { BOUNCE_LOCAL_MAX = 22 /* a token of at most 42 goes behind it (RFC 5321 4.5.3.1.1: 64) */ };

#define D(field) offsetof(struct conf, database.field)
#define O(field) offsetof(struct conf, office.field)
#define S(field) offsetof(struct conf_smtp, field)
#define I(field) offsetof(struct conf_imap, field)
static const struct conf_key keys[] = {
    {DATABASE, "conninfo", TEXT, D(conninfo), 0, 0, "dbname=adresar"},
    {OFFICE, "name", TEXT, O(name), 0, 0, ""},
    {OFFICE, "domain", DOMAIN, O(domain), 0, 0, "localhost.localdomain"},
    {OFFICE, "language", LANGUAGE, O(language), 0, 0, "en"},
    {OFFICE, "default_language", LANGUAGE, O(default_language), 0, 0, "en"},
    {OFFICE, "time_zone", ZONE, O(time_zone), 0, 0, "Europe/Belgrade"},
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
    {SMTP, "helo", DOMAIN, S(helo), 0, 0, NULL},
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
_Static_assert(ARRAY_LEN(keys) <= CONF_KEYS_MAX, "as many as seen[] has");

static int set_defaults(struct conf_reader *r)
{
    for (const struct conf_key *k = keys; k < keys + ARRAY_LEN(keys); k++)
        if (k->section == r->section && conf_set_value(r, k, k->if_absent) < 0)
            return -1;
    return 0;
}

/* A new struct at the end of the list of its section. */
static void *new_named(struct conf_reader *r, const char *name)
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

static bool is_named_already(const struct conf *conf, enum conf_section section, const char *name)
{
    return section == SMTP   ? conf_find_smtp(conf, name) != NULL
           : section == DKIM ? conf_find_dkim(conf, name) != NULL
                             : conf_find_imap(conf, name) != NULL;
}

static int begin_section(struct conf_reader *r, char *inside)
{
    char *name = inside + strcspn(inside, " \t");
    if (*name)
        *name++ = 0;
    name += strspn(name, " \t");
    int s = 0;
    while (s < NSECTIONS && strcmp(section_name[s], inside))
        s++;
    if (s == NSECTIONS)
        return conf_fail(
            r,
            "there is no section [%s]; sections are database, office, keys, dns, smtp NAME, imap NAME, "
            "dkim DOMAIN",
            inside);
    r->section = (enum conf_section)s;
    bool named = s >= SMTP;
    if (named != (*name != 0))
        return conf_fail(r, named ? "[%s] wants a name: [%s NAME]" : "[%s] has no name", inside, inside);
    if (!named) {
        r->target = r->conf;
        return 0; /* defaults are set once, before the first line */
    }
    if (is_named_already(r->conf, r->section, name))
        return conf_fail(r, "[%s %s] stands twice", inside, name);
    r->target = new_named(r, name);
    return set_defaults(r);
}

static int take_key(struct conf_reader *r, const char *name, const char *value)
{
    if (!r->target)
        return conf_fail(r, "%s stands before the first [section]", name);
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        if (keys[i].section != r->section || strcmp(keys[i].name, name))
            continue;
        if (r->seen[i] == r->target)
            return conf_fail(r, "%s is given twice", name);
        r->seen[i] = r->target;
        return conf_set_value(r, &keys[i], value);
    }
    return conf_fail(r, "unknown key \"%s\" in [%s]; adresar.conf(5) lists them", name,
                     section_name[r->section]);
}

static char *trimmed(char *s)
{
    s += strspn(s, " \t\r");
    size_t len = strlen(s);
    while (len > 0 && strchr(" \t\r", s[len - 1]))
        s[--len] = 0;
    return s;
}

static int take_line(struct conf_reader *r, char *line)
{
    line = trimmed(line);
    if (!*line || *line == '#' || *line == ';')
        return 0;
    if (*line == '[') {
        size_t len = strlen(line);
        if (line[len - 1] != ']')
            return conf_fail(r, "a section ends with ]");
        line[len - 1] = 0;
        return begin_section(r, trimmed(line + 1));
    }
    char *eq = strchr(line, '=');
    if (!eq)
        return conf_fail(r, "neither [section] nor key = value");
    *eq = 0;
    return take_key(r, trimmed(line), trimmed(eq + 1));
}

/* The bounce address fits the way in which it carries a token; `verp` is settled by it where it is not said.
 */
static int check_bounce(struct conf_reader *r, struct conf_smtp *s)
{
    if (!s->bounce_address)
        s->bounce_address = s->from_address;
    const char *at = strrchr(s->bounce_address, '@');
    bool whole = !strncmp(s->bounce_address, "*@", 2);
    if (!at || at == s->bounce_address || !at[1])
        return conf_fail(r, "[smtp %s] bounce_address is an address, or *@DOMAIN, not \"%s\"", s->name,
                         s->bounce_address);
    if (!s->verp)
        s->verp = whole ? CONF_VERP_CATCHALL : CONF_VERP_PLUS;
    if (whole != (s->verp == CONF_VERP_CATCHALL))
        return conf_fail(r, "[smtp %s] verp = catchall and bounce_address = *@DOMAIN go together", s->name);
    if (s->verp == CONF_VERP_PLUS && at - s->bounce_address > BOUNCE_LOCAL_MAX)
        return conf_fail(
            r,
            "[smtp %s] %s has more than %d letters before the @: a token has no room there; another "
            "bounce_address, or verp = catchall or none",
            s->name, s->bounce_address, BOUNCE_LOCAL_MAX);
    return 0;
}

static int check_unsubscribe_url(struct conf_reader *r, const char *url)
{
    bool good = !url || (!strncmp(url, "https://", 8) && url[8]);
    for (const char *p = good && url ? url : ""; *p; p++)
        good = good && *p > ' ' && *p < 0x7f && !strchr("<>,\"\\", *p);
    return good && (!url || !strstr(url, "=?")) /* an encoded word */
               ? 0
               : conf_fail(r, "unsubscribe_url is an https:// address, not \"%s\"", url);
}

static bool is_plain_address(const char *s)
{
    const char *at = strchr(s, '@');
    for (const char *p = s; *p; p++)
        if (*p <= ' ' || *p >= 0x7f || strchr("<>,", *p))
            return false;
    return at && at != s && at[1] && !strchr(at + 1, '@');
}

static int check_login(struct conf_reader *r, const char *section, const char *name,
                       const char *password_file, const char *token_file, const char *mechanism)
{
    if (!password_file == !token_file)
        return conf_fail(r, "[%s %s] has a user, so it wants password_file or token_file", section, name);
    bool by_token = conf_by_token(mechanism);
    if (mechanism && by_token != (token_file != NULL))
        return conf_fail(r, "[%s %s] mechanism = %s wants %s", section, name, mechanism,
                         by_token ? "token_file" : "password_file");
    return 0;
}

/* What needs two keys at once. */
static int check_whole(struct conf_reader *r)
{
    r->line = 0;
    for (struct conf_smtp *s = r->conf->smtp; s; s = s->next) {
        if (!s->from_address)
            return conf_fail(r, "[smtp %s] wants from_address", s->name);
        if (s->user && check_login(r, "smtp", s->name, s->password_file, s->token_file, s->mechanism) < 0)
            return -1;
        if (!s->organizer_address)
            s->organizer_address = s->from_address;
        if (!s->organizer_name)
            s->organizer_name = s->from_name;
        if (check_bounce(r, s) < 0)
            return -1;
        if (s->journal && !is_plain_address(s->journal))
            return conf_fail(r, "[smtp %s] journal is one address in ASCII, not \"%s\"", s->name, s->journal);
    }
    for (struct conf_imap *i = r->conf->imap; i; i = i->next) {
        if (!i->user || !i->address)
            return conf_fail(r, "[imap %s] wants user and address", i->name);
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
    struct conf_reader r = {.conf = talloc_zero(mem, struct conf), .err = err};
    r.path = r.conf->path = talloc_strdup(r.conf, path);
    r.target = r.conf;
    for (int s = DATABASE; s < SMTP; s++) {
        r.section = (enum conf_section)s;
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
