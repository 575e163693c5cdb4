/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Keys for signing mail: new ones, what DNS has to say of them, and which are in use.
 *
 * What is printed for DNS is a zone file as a whole; the form that web pages want stands in its comments.
 */
#include <strings.h>

#include "cmd/table.h"
#include "cmd_functions.h"
#include "mail/signing.h"

enum { TXT_STRING = 255 /* octets, RFC 1035 3.3 */ };

static const char new_usage[] = "dkim new [--domain D] [--selector S] [--algorithm rsa|ed25519|both]";

static const char *dns_name(void *mem, const struct signing_selector *s)
{
    return talloc_asprintf(mem, "%s._domainkey.%s", s->name, s->domain);
}

static void print_json(struct cmd *c, const struct signing_selector *s, const char *state)
{
    cmd_print_json(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "domain", s->domain, "selector", s->name,
                             "key", dkim_key_describe(c->mem, s->key), "state", state, "file", s->path,
                             "name", dns_name(c->mem, s), "value", dkim_key_record(c->mem, s->key)));
}

static void print_record(struct cmd *c, const struct signing_selector *s)
{
    const char *name = dns_name(c->mem, s), *value = dkim_key_record(c->mem, s->key);
    printf("%s. IN TXT (", name);
    for (const char *p = value; *p; p += strnlen(p, TXT_STRING))
        printf("\n    \"%.*s\"", TXT_STRING, p);
    printf(" )\n; %s\n;   %s\n;   %s\n\n", _("in a web form, name and value:"), name, value);
}

/* ---- what is configured */

/* All selectors of the domain, or of all domains. */
static int selectors(struct cmd *c, int argc, char **argv, const char *usage, struct signing_selector **list,
                     size_t *n)
{
    struct err err;
    const char *domain = NULL;
    const struct cmd_option options[] = {{"domain", CMD_TEXT, &domain}, {0}};
    *list = NULL;
    *n = 0;
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc)
        return cmd_usage(c, usage);
    if (cmd_conf(c, &err) < 0)
        return cmd_fail(c, &err);
    for (const struct conf_dkim *d = c->conf->dkim; d; d = d->next)
        if ((!domain || !strcasecmp(domain, d->domain)) &&
            signing_selectors(c->mem, c->conf, d, list, n, &err) < 0)
            return cmd_fail(c, &err);
    if (*n)
        return 0;
    err_set(&err, ERR_NOTFOUND, "%s: there is no selector in a [dkim %s]; `adresar dkim new` makes keys",
            c->conf->path, domain ? domain : "DOMAIN");
    return cmd_fail(c, &err);
}

int cmd_dkim_dns(struct cmd *c, int argc, char **argv)
{
    struct signing_selector *list;
    size_t n;
    int rc = selectors(c, argc, argv, "dkim dns [--domain D]", &list, &n);
    for (size_t i = 0; i < n && !rc; i++) {
        if (c->json) {
            print_json(c, &list[i], list[i].signs ? "sign" : "idle");
            continue;
        }
        printf("; %s, %s, %s\n", list[i].name, dkim_key_describe(c->mem, list[i].key),
               list[i].signs ? _("signs") : _("idle"));
        print_record(c, &list[i]);
    }
    return rc;
}

int cmd_dkim_list(struct cmd *c, int argc, char **argv)
{
    struct signing_selector *list;
    size_t n;
    int rc = selectors(c, argc, argv, "dkim list [--domain D]", &list, &n);
    if (rc)
        return rc;
    struct cmd_table *table = cmd_table_new(
        c->mem, (const char *[]){_("domain"), _("selector"), _("key"), _("state"), _("file"), NULL});
    for (size_t i = 0; i < n; i++)
        if (c->json)
            print_json(c, &list[i], list[i].signs ? "sign" : "idle");
        else
            cmd_table_add(table, (const char *[]){list[i].domain, list[i].name,
                                                  dkim_key_describe(c->mem, list[i].key),
                                                  list[i].signs ? _("signs") : _("idle"), list[i].path});
    if (!c->json)
        cmd_table_print(table);
    return 0;
}

/* ---- new keys */

/* The domain that was asked for, else the one that is configured, else the one that letters come from. */
static const char *domain_for(const struct conf *conf, const char *asked)
{
    if (asked)
        return asked;
    if (conf->dkim)
        return conf->dkim->domain;
    const char *at = conf->smtp ? strrchr(conf->smtp->from_address, '@') : NULL;
    return at ? at + 1 : conf->office.domain;
}

static int algorithms_of(const char *word, enum dkim_algorithm algorithm[2], size_t *n_r)
{
    static const char *const words[] = {[DKIM_RSA] = "rsa", [DKIM_ED25519] = "ed25519"};
    bool both = !word || !strcmp(word, "both");
    *n_r = 0;
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (both || !strcmp(word, words[i]))
            algorithm[(*n_r)++] = (enum dkim_algorithm)i;
    return *n_r ? 0 : -1;
}

/* With both algorithms, the selector that was asked for gets the letter of each. */
static int make_keys(struct cmd *c, const char *domain, const char *name,
                     const enum dkim_algorithm algorithm[2], size_t n, struct signing_selector made[2],
                     struct err *err)
{
    for (size_t i = 0; i < n; i++) {
        const char *own = name && n > 1
                              ? talloc_asprintf(c->mem, "%s%c", name, algorithm[i] == DKIM_RSA ? 'r' : 'e')
                              : name;
        if (signing_new(c->mem, c->conf, domain, algorithm[i], own, &made[i], err) < 0)
            return -1;
        if (!c->json)
            printf(_("%s: made (%s)\n"), made[i].path, dkim_key_describe(c->mem, made[i].key));
    }
    return 0;
}

static bool is_replaced(const struct signing_selector *old, const struct signing_selector *made, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (dkim_key_algorithm(made[i].key) == dkim_key_algorithm(old->key))
            return true;
    return false;
}

/* The section as it is to be: the new keys sign, those that they replace are idle. */
static void print_section(struct cmd *c, const struct signing_selector *made, size_t nmade,
                          const struct signing_selector *old, size_t nold)
{
    struct text sign = text_new(c->mem), idle = text_new(c->mem);
    for (size_t i = 0; i < nmade; i++)
        text_printf(&sign, " %s", made[i].name);
    for (size_t i = 0; i < nold; i++)
        text_printf(old[i].signs && !is_replaced(&old[i], made, nmade) ? &sign : &idle, " %s", old[i].name);
    printf("[dkim %s]\nsign =%s\n", made->domain, sign.s);
    if (idle.len)
        printf("idle =%s\n", idle.s);
    putchar('\n');
    if (idle.len)
        printf(_("3. What is idle stays in DNS for a week, so that letters it signed can still be checked; "
                 "then its record, its name there and its file go.\n"));
}

static void say_made(struct cmd *c, const struct signing_selector *made, size_t nmade,
                     const struct signing_selector *old, size_t nold)
{
    if (c->json) {
        for (size_t i = 0; i < nmade; i++)
            print_json(c, &made[i], "new");
        return;
    }
    printf(_("\n1. This goes into the DNS of %s:\n\n"), made->domain);
    for (size_t i = 0; i < nmade; i++)
        print_record(c, &made[i]);
    printf(_("2. When it can be seen there (`host -t TXT %s`), this goes into %s, and whatever delivers is "
             "started again:\n\n"),
           dns_name(c->mem, &made[nmade - 1]), c->conf->path);
    print_section(c, made, nmade, old, nold);
}

int cmd_dkim_new(struct cmd *c, int argc, char **argv)
{
    struct err err;
    const char *domain = NULL, *name = NULL, *word = NULL;
    enum dkim_algorithm algorithm[2];
    struct signing_selector made[2], *old = NULL;
    size_t n, nold = 0;
    const struct cmd_option options[] = {
        {"domain", CMD_TEXT, &domain}, {"selector", CMD_TEXT, &name}, {"algorithm", CMD_TEXT, &word}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc || algorithms_of(word, algorithm, &n) < 0)
        return cmd_usage(c, new_usage);
    if (cmd_conf(c, &err) < 0)
        return cmd_fail(c, &err);
    domain = domain_for(c->conf, domain);
    const struct conf_dkim *section = conf_find_dkim(c->conf, domain);
    if ((section && signing_selectors(c->mem, c->conf, section, &old, &nold, &err) < 0) ||
        make_keys(c, domain, name, algorithm, n, made, &err) < 0)
        return cmd_fail(c, &err);
    say_made(c, made, n, old, nold);
    return 0;
}
