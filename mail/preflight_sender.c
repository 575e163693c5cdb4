/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Whether the world will believe the letters: what DNS says of the sender's domains and addresses.
 *
 * All questions whose names are known go out at once; what is answered decides on the few that follow.
 */
#include "mail/preflight_low.h"

#include <ctype.h>
#include <strings.h>

#include "mail/freemail.h"
#include "mail/signing.h"
#include "mail/wire/dmarc.h"
#include "mail/wire/mime.h"
#include "mail/wire/spf.h"
#include "mail/wire/taglist.h"
#include "sql/probe.h"

enum { DNS_TIME_MS = 8000 };
static const char between[] = " \t,";

enum verdict { BAD, GOOD, UNKNOWN };

struct sender {
    struct preflight *p;
    const struct conf_smtp *account;
    const char *by; /* which account that is, where there are several; else "" */
    struct dns *dns;
    const char *from, *bounce; /* domains, A-labels */
    const char **ip;
    size_t nips;
    enum verdict spf, dkim;
    const struct conf_dkim *section;
    const char *signing_domain;
};

static const char *wire_domain(void *mem, const char *domain)
{
    char *wire;
    struct err ignored;
    if (mime_address_check(mem, talloc_asprintf(mem, "x@%s", domain), &wire, &ignored) < 0)
        return domain;
    for (char *c = wire; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    return wire + 2;
}

static const char *domain_of(void *mem, const char *address)
{
    const char *at = strrchr(address, '@');
    return wire_domain(mem, at ? at + 1 : address);
}

/* Names that no public DNS has (RFC 2606, 6761, 6762, 8375). */
static bool is_example(const char *domain)
{
    static const char *const suffixes[] = {"example",     "test",        "invalid",    "localhost",
                                           "localdomain", "local",       "internal",   "home.arpa",
                                           "example.com", "example.net", "example.org"};
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
        if (dns_is_within(domain, suffixes[i]))
            return true;
    return false;
}

/* The answer; NULL when it is unknown, which is said. */
static const struct dns_answer *answer(struct sender *s, const char *name, enum dns_type type)
{
    static const char *const words[] = {
        [DNS_TXT] = "TXT", [DNS_MX] = "MX", [DNS_A] = "A", [DNS_AAAA] = "AAAA", [DNS_PTR] = "PTR"};
    const struct dns_answer *a = dns_get(s->dns, name, type);
    if (a->outcome != DNS_UNKNOWN)
        return a;
    preflight_find(s->p, FINDING_dns_unknown, "%s %s: %s", words[type], name, a->why);
    return NULL;
}

/* ---- mail exchangers */

static void check_mx(struct sender *s, const char *domain)
{
    const struct dns_answer *mx = answer(s, domain, DNS_MX);
    if (!mx)
        return;
    if (mx->n == 1 && !*mx->value[0])
        preflight_find(s->p, FINDING_null_mx, "%s", domain);
    if (mx->outcome == DNS_FOUND)
        return;
    const struct dns_answer *a = answer(s, domain, DNS_A), *aaaa = answer(s, domain, DNS_AAAA);
    if (a && aaaa && a->outcome == DNS_NONE && aaaa->outcome == DNS_NONE)
        preflight_find(s->p, FINDING_no_mx, "%s", domain);
}

/* ---- SPF */

static const struct dns_answer *spf_answer(void *context, const char *name, enum dns_type type)
{
    return dns_get(context, name, type);
}

static struct spf_verdict spf_of(struct sender *s, const char *domain, const char *address, const char *ip)
{
    const struct spf_question question = {.domain = domain,
                                          .sender = address,
                                          .helo = s->account->helo ? s->account->helo : domain,
                                          .ip = ip,
                                          .lookup = spf_answer,
                                          .context = s->dns};
    struct spf_verdict verdict;
    spf_check(s->p->mem, &question, &verdict);
    return verdict;
}

/* ip NULL: of no address that is known, so that nothing but an error says something. */
static enum verdict judge_spf(struct sender *s, const char *ip, const struct spf_verdict *v)
{
    const char *why = v->why ? v->why : "";
    switch (v->result) {
    case SPF_NONE:
        preflight_find(s->p, FINDING_spf_none, "%s", s->bounce);
        return BAD;
    case SPF_PERMERROR:
        preflight_find(s->p, FINDING_spf_broken, "%s: %s", s->bounce, why);
        return BAD;
    case SPF_TEMPERROR:
        preflight_find(s->p, FINDING_dns_unknown, "SPF %s: %s", s->bounce, why);
        return UNKNOWN;
    case SPF_PASS:
        return GOOD;
    default:
        if (!ip)
            return UNKNOWN;
        preflight_find(s->p, v->result == SPF_FAIL ? FINDING_spf_fail : FINDING_spf_doubt, "%s: %s%s%s",
                       s->bounce, ip, *why ? ", " : "", why);
        return BAD;
    }
}

static void check_spf(struct sender *s)
{
    s->spf = GOOD;
    bool anybody = false;
    for (size_t i = 0; i < (s->nips ? s->nips : 1); i++) {
        const char *ip = s->nips ? s->ip[i] : NULL;
        struct spf_verdict v = spf_of(s, s->bounce, s->account->bounce_address, ip);
        enum verdict one = judge_spf(s, ip, &v);
        s->spf = one == GOOD ? s->spf : s->spf == BAD ? BAD : one;
        anybody = anybody || v.anybody;
    }
    if (anybody)
        preflight_find(s->p, FINDING_spf_anybody, "%s", s->bounce);
    if (strcmp(s->from, s->bounce) && spf_of(s, s->from, s->account->from_address, NULL).result == SPF_NONE)
        preflight_find(s->p, FINDING_spf_from, "%s", s->from);
    if (!s->nips)
        preflight_find(s->p, FINDING_ips_unknown, "[smtp %s]", s->account->name);
}

/* ---- DKIM */

/* key NULL: it cannot be read here */
static enum verdict check_selector(struct sender *s, const char *name, const struct dkim_key *key)
{
    void *mem = s->p->mem;
    const char *where = talloc_asprintf(mem, "%s._domainkey.%s", name, s->signing_domain);
    const struct dns_answer *a = answer(s, where, DNS_TXT);
    if (!a)
        return UNKNOWN;
    const char *record = NULL, *p = NULL;
    for (size_t i = 0; i < a->n && !p; i++) {
        record = a->value[i];
        p = taglist_get(mem, record, "p");
    }
    enum finding bad = !p    ? FINDING_dkim_missing
                       : !*p ? FINDING_dkim_revoked
                       : key && strcmp(p, taglist_get(mem, dkim_key_record(mem, key), "p"))
                           ? FINDING_dkim_wrong
                           : FINDINGS;
    const char *flags = p ? taglist_get(mem, record, "t") : NULL;
    if (flags && strchr(flags, 'y'))
        preflight_find(s->p, FINDING_dkim_testing, "%s", where);
    if (bad != FINDINGS)
        preflight_find(s->p, bad, "%s", where);
    return bad == FINDINGS ? GOOD : BAD;
}

static const struct dkim_key *key_of(const struct signing_selector *list, size_t n, const char *name)
{
    for (size_t i = 0; i < n; i++)
        if (!strcmp(list[i].name, name))
            return list[i].key;
    return NULL;
}

/* One selector that verifies is enough for a receiver; each that does not is said. */
static void check_dkim(struct sender *s)
{
    struct signing_selector *list = NULL;
    size_t n = 0;
    struct err why;
    s->dkim = BAD;
    if (!s->section) {
        preflight_find(s->p, FINDING_dkim_off, "%s", s->from);
        return;
    }
    if (signing_selectors(s->p->mem, s->p->conf, s->section, &list, &n, &why) < 0) {
        preflight_find(s->p, FINDING_dkim_keys, "%s", why.text);
        n = 0;
    }
    const char *p = s->section->sign + strspn(s->section->sign, between);
    for (size_t len; *p; p += len, p += strspn(p, between)) {
        len = strcspn(p, between);
        const char *name = talloc_strndup(s->p->mem, p, len);
        enum verdict one = check_selector(s, name, key_of(list, n, name));
        s->dkim = s->dkim == GOOD || one == GOOD ? GOOD : s->dkim == UNKNOWN ? UNKNOWN : one;
    }
}

/* ---- DMARC */

/* The one record at the name; 1, 0: none (or several), -1: unknown */
static int dmarc_at(struct sender *s, const char *domain, const char **record_r)
{
    const struct dns_answer *a = answer(s, talloc_asprintf(s->p->mem, "_dmarc.%s", domain), DNS_TXT);
    int n = 0;
    for (size_t i = 0; a && i < a->n; i++)
        if (dmarc_is_record(a->value[i])) {
            *record_r = a->value[i];
            n++;
        }
    if (n > 1)
        preflight_find(s->p, FINDING_dmarc_broken, "_dmarc.%s: %d records", domain, n);
    return !a ? -1 : n == 1;
}

static void check_alignment(struct sender *s, const struct dmarc *d, enum dmarc_policy policy)
{
    bool spf = dmarc_aligned(s->from, s->bounce, d->strict_spf),
         dkim = s->section && dmarc_aligned(s->from, s->signing_domain, d->strict_dkim);
    bool may = (spf && s->spf != BAD) || (dkim && s->dkim != BAD);
    if (may && !spf)
        preflight_find(s->p, FINDING_dmarc_spf, "%s, %s%s", s->from, s->bounce, s->by);
    if (!may)
        preflight_find(s->p,
                       s->section && policy > DMARC_ACCEPT ? FINDING_dmarc_fails : FINDING_dmarc_unaligned,
                       "%s%s", s->from, s->by);
}

static void check_dmarc(struct sender *s)
{
    const char *record = NULL, *house = dmarc_organization(s->from), *at = s->from;
    struct dmarc dmarc = {0};
    struct err why;
    int found = dmarc_at(s, s->from, &record);
    if (found == 0 && !record && strcmp(house, s->from)) {
        at = house;
        found = dmarc_at(s, house, &record);
    }
    if (found < 0)
        return;
    if (found && dmarc_parse(record, &dmarc, &why) < 0)
        preflight_find(s->p, FINDING_dmarc_broken, "_dmarc.%s: %s", at, why.text);
    else if (!found && !record)
        preflight_find(s->p, FINDING_dmarc_none, "%s", s->from);
    check_alignment(s, &dmarc, at == s->from ? dmarc.policy : dmarc.subdomain_policy);
}

/* ---- the addresses that send */

static void check_ptr(struct sender *s, const char *ip)
{
    const struct dns_answer *names = answer(s, dns_reverse(s->p->mem, ip), DNS_PTR);
    enum dns_type type = strchr(ip, ':') ? DNS_AAAA : DNS_A;
    if (!names)
        return;
    if (names->outcome == DNS_NONE) {
        preflight_find(s->p, FINDING_ptr_none, "%s", ip);
        return;
    }
    for (size_t i = 0; i < names->n; i++) {
        const struct dns_answer *a = answer(s, names->value[i], type);
        for (size_t k = 0; a && k < a->n; k++)
            if (!strcmp(a->value[k], ip))
                return;
        if (!a)
            return;
    }
    preflight_find(s->p, FINDING_ptr_wrong, "%s, %s", ip, names->value[0]);
}

/* As the configuration says, else as `mail test` saw it. */
static int read_ips(struct sender *s, struct err *err)
{
    DB_ROWS seen = NULL;
    const char *p = s->account->ips ? s->account->ips : "";
    int n = *p ? 0 : db_run(s->p->db, &seen, err, SQL_PROBE_SEEN, db_text(s->account->name));
    if (n < 0)
        return -1;
    if (n > 0)
        p = db_get_str(seen, 0, "ip");
    s->ip = talloc_array(s->p->mem, const char *, strlen(p) / 2 + 1);
    for (p += strspn(p, between); *p; p += strspn(p, between)) {
        const char *word = talloc_strndup(s->ip, p, strcspn(p, between));
        s->ip[s->nips++] = dns_address(s->ip, word);
        if (!s->ip[s->nips - 1])
            return err_set(err, ERR_CONFIG, "[smtp %s] ips: \"%s\" is no IP address", s->account->name, word);
        p += strlen(word);
    }
    return 0;
}

/* What is asked in any case. */
static void ask(struct sender *s)
{
    void *mem = s->p->mem;
    const char *domains[] = {s->from, s->bounce};
    for (size_t i = 0; i < ARRAY_LEN(domains); i++) {
        dns_want(s->dns, domains[i], DNS_TXT);
        dns_want(s->dns, domains[i], DNS_MX);
    }
    dns_want(s->dns, talloc_asprintf(mem, "_dmarc.%s", s->from), DNS_TXT);
    dns_want(s->dns, talloc_asprintf(mem, "_dmarc.%s", dmarc_organization(s->from)), DNS_TXT);
    for (size_t i = 0; i < s->nips; i++)
        dns_want(s->dns, dns_reverse(mem, s->ip[i]), DNS_PTR);
    const char *p = s->section ? s->section->sign + strspn(s->section->sign, between) : "";
    for (size_t len; *p; p += len, p += strspn(p, between)) {
        len = strcspn(p, between);
        dns_want(s->dns, talloc_asprintf(mem, "%.*s._domainkey.%s", (int)len, p, s->signing_domain), DNS_TXT);
    }
}

static int begin(struct sender *s, struct preflight *p, const struct conf_smtp *account, struct err *err)
{
    *s = (struct sender){.p = p, .account = account, .by = preflight_account(p, account)};
    s->from = domain_of(p->mem, account->from_address);
    s->bounce = domain_of(p->mem, account->bounce_address);
    s->section = signing_section(p->conf, account->from_address);
    s->signing_domain = s->section ? wire_domain(p->mem, s->section->domain) : NULL;
    if (freemail_is(s->from))
        preflight_find(p, FINDING_freemail, "%s", s->from);
    return read_ips(s, err);
}

/* Whether DNS can say something. */
static bool is_public(struct sender *s)
{
    const char *example = is_example(s->from) ? s->from : is_example(s->bounce) ? s->bounce : NULL;
    if (!example || s->p->conf->dns.server)
        return true;
    preflight_find(s->p, FINDING_dns_example, "%s", example);
    return false;
}

static void check(struct sender *s)
{
    check_mx(s, s->from);
    if (strcmp(s->from, s->bounce))
        check_mx(s, s->bounce);
    check_spf(s);
    check_dkim(s);
    if (s->spf == BAD && s->dkim == BAD)
        preflight_find(s->p, FINDING_unauthenticated, "%s%s", s->from, s->by);
    check_dmarc(s);
    for (size_t i = 0; i < s->nips; i++)
        check_ptr(s, s->ip[i]);
}

int preflight_sender(struct preflight *p, struct err *err)
{
    size_t n = talloc_array_length(p->accounts), asked = 0;
    struct sender *s = talloc_array(p->mem, struct sender, (unsigned)n);
    struct dns *dns = NULL;
    for (size_t i = 0; i < n; i++) {
        if (begin(&s[asked], p, p->accounts[i], err) < 0)
            return -1;
        if (!is_public(&s[asked]))
            continue;
        if (!dns && dns_open(p->mem, p->conf->dns.server, DNS_TIME_MS, &dns, err) < 0)
            return -1;
        s[asked].dns = dns;
        ask(&s[asked++]);
    }
    for (size_t i = 0; i < asked; i++)
        check(&s[i]);
    return 0;
}
