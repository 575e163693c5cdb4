/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The walk through a record, in the order of RFC 7208 4.6: the first mechanism that matches decides.
 */
#include "mail/wire/spf_low.h"

enum { MAX_LOOKUPS = 10, MAX_VOID = 2, MAX_NAMES = 10 }; /* RFC 7208 4.6.4 */

struct walk {
    void *mem;
    const struct spf_question *q;
    struct spf_verdict *out;
    struct spf_address ip;
    int voids;
};

enum match { NO_MATCH, MATCH, TEMPORARY, PERMANENT };

static enum spf_result check_domain(struct walk *w, const char *domain);

static enum match broken(struct walk *w, enum match how, const char *fmt, ...) PRINTF(3, 4);
static enum match broken(struct walk *w, enum match how, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    w->out->why = talloc_vasprintf(w->mem, fmt, ap);
    va_end(ap);
    return how;
}

/* Answers that are there go on as NO_MATCH; so does "nothing there", twice in all. */
static enum match look(struct walk *w, const char *name, enum dns_type type,
                       const struct dns_answer **answer_r)
{
    const struct dns_answer *a = *answer_r = w->q->lookup(w->q->context, name, type);
    if (a->outcome == DNS_UNKNOWN)
        return broken(w, TEMPORARY, "%s: %s", name, a->why);
    if (a->outcome == DNS_NONE && ++w->voids > MAX_VOID)
        return broken(w, PERMANENT, "more than %d of its look-ups find nothing, the last was %s", MAX_VOID,
                      name);
    return NO_MATCH;
}

static bool in_network(const struct spf_address *a, const struct spf_address *network, int prefix)
{
    if (a->bits != network->bits || !a->bits)
        return false;
    int whole = prefix / 8, rest = prefix % 8;
    return !memcmp(a->byte, network->byte, (size_t)whole) &&
           (!rest || !((a->byte[whole] ^ network->byte[whole]) >> (8 - rest)));
}

static int prefix_of(const struct walk *w, const struct spf_term *t)
{
    return w->ip.bits == 32 ? t->prefix4 : t->prefix6;
}

/* A host's addresses.  Without an address to look for, IPv4 stands for both. */
static enum match match_host(struct walk *w, const char *host, const struct spf_term *t)
{
    const struct dns_answer *a;
    enum match m = look(w, host, w->ip.bits == 128 ? DNS_AAAA : DNS_A, &a);
    for (size_t i = 0; m == NO_MATCH && i < a->n; i++) {
        struct spf_address one;
        if (spf_address_parse(a->value[i], &one) && in_network(&w->ip, &one, prefix_of(w, t)))
            return MATCH;
    }
    return m;
}

static enum match match_mx(struct walk *w, const char *domain, const struct spf_term *t)
{
    const struct dns_answer *a;
    enum match m = look(w, domain, DNS_MX, &a);
    if (m == NO_MATCH && a->n > MAX_NAMES)
        return broken(w, PERMANENT, "%s has more than %d MX", domain, MAX_NAMES);
    for (size_t i = 0; m == NO_MATCH && i < a->n; i++)
        if (*a->value[i])
            m = match_host(w, a->value[i], t);
    return m;
}

/* A name of the address that has the address, and is the domain or below it; whatever fails is no match. */
static enum match match_ptr(struct walk *w, const char *domain, const struct spf_term *t)
{
    const struct dns_answer *a;
    if (!w->q->ip || look(w, dns_reverse(w->mem, w->q->ip), DNS_PTR, &a) != NO_MATCH)
        return NO_MATCH;
    for (size_t i = 0; i < a->n && i < MAX_NAMES; i++)
        if (dns_is_within(a->value[i], domain) && match_host(w, a->value[i], t) == MATCH)
            return MATCH;
    return NO_MATCH;
}

static enum match match_include(struct walk *w, const char *domain)
{
    switch (check_domain(w, domain)) {
    case SPF_PASS:
        return MATCH;
    case SPF_TEMPERROR:
        return TEMPORARY;
    case SPF_NONE:
        return broken(w, PERMANENT, "%s, which it includes, has no SPF record", domain);
    case SPF_PERMERROR:
        return PERMANENT;
    default:
        return NO_MATCH;
    }
}

static enum match match_exists(struct walk *w, const char *domain)
{
    const struct dns_answer *a;
    enum match m = look(w, domain, DNS_A, &a);
    return m == NO_MATCH && a->n && w->ip.bits ? MATCH : m;
}

static enum match match_term(struct walk *w, const struct spf_term *t, const char *domain)
{
    switch (t->name) {
    case SPF_ALL:
        w->out->anybody = w->out->anybody || t->result == SPF_PASS;
        return MATCH;
    case SPF_IP4:
        return in_network(&w->ip, &t->network, t->prefix4) ? MATCH : NO_MATCH;
    case SPF_IP6:
        return in_network(&w->ip, &t->network, t->prefix6) ? MATCH : NO_MATCH;
    case SPF_INCLUDE:
        return match_include(w, domain);
    case SPF_A:
        return match_host(w, domain, t);
    case SPF_MX:
        return match_mx(w, domain, t);
    case SPF_PTR:
        return match_ptr(w, domain, t);
    case SPF_EXISTS:
        return match_exists(w, domain);
    default:
        return NO_MATCH;
    }
}

/* Counts what asks DNS, and names whom it asks about: of a macro that is not known, nobody. */
static enum match begin_term(struct walk *w, const struct spf_term *t, const char *domain,
                             const char **about_r)
{
    const struct spf_macro macro = {
        .domain = domain, .sender = w->q->sender, .helo = w->q->helo, .ip = w->q->ip};
    *about_r = t->domain ? spf_expand(w->mem, t->domain, &macro) : domain;
    bool asks = t->name != SPF_ALL && t->name != SPF_IP4 && t->name != SPF_IP6 && t->name < SPF_EXP;
    if (asks && ++w->out->lookups > MAX_LOOKUPS)
        return broken(w, PERMANENT, "it wants more than %d look-ups", MAX_LOOKUPS);
    return *about_r ? MATCH : NO_MATCH;
}

static enum spf_result redirected(struct walk *w, const struct spf_term *t, const char *domain)
{
    const char *to;
    enum match m = begin_term(w, t, domain, &to);
    if (m != MATCH)
        return m == PERMANENT ? SPF_PERMERROR : SPF_NEUTRAL;
    enum spf_result result = check_domain(w, to);
    if (result == SPF_NONE)
        broken(w, PERMANENT, "%s, to which it leads, has no SPF record", to);
    return result == SPF_NONE ? SPF_PERMERROR : result;
}

static enum spf_result evaluate(struct walk *w, const struct spf_term *terms, const char *domain)
{
    const struct spf_term *redirect = NULL;
    for (size_t i = 0; i < talloc_array_length(terms); i++) {
        const struct spf_term *t = &terms[i];
        const char *about;
        if (t->name == SPF_REDIRECT)
            redirect = t;
        if (t->name >= SPF_REDIRECT)
            continue;
        enum match m = begin_term(w, t, domain, &about);
        if (m == MATCH)
            m = match_term(w, t, about);
        if (m == MATCH) {
            w->out->why = talloc_strdup(w->mem, t->text);
            return t->result;
        }
        if (m != NO_MATCH)
            return m == TEMPORARY ? SPF_TEMPERROR : SPF_PERMERROR;
    }
    return redirect ? redirected(w, redirect, domain) : SPF_NEUTRAL;
}

/* The one record of the domain. */
static enum spf_result find_record(struct walk *w, const char *domain, const char **record_r)
{
    const struct dns_answer *a = w->q->lookup(w->q->context, domain, DNS_TXT);
    *record_r = NULL;
    if (a->outcome == DNS_UNKNOWN) {
        broken(w, TEMPORARY, "%s: %s", domain, a->why);
        return SPF_TEMPERROR;
    }
    for (size_t i = 0; i < a->n; i++) {
        if (!spf_is_record(a->value[i]))
            continue;
        if (*record_r) {
            broken(w, PERMANENT, "%s has two SPF records", domain);
            return SPF_PERMERROR;
        }
        *record_r = a->value[i];
    }
    return SPF_NONE;
}

static enum spf_result check_domain(struct walk *w, const char *domain)
{
    const char *record;
    struct spf_term *terms;
    struct err err;
    enum spf_result result = find_record(w, domain, &record);
    if (!record || result != SPF_NONE)
        return result;
    if (!w->out->record)
        w->out->record = talloc_strdup(w->mem, record);
    if (spf_parse(w->mem, record, &terms, &err) == 0)
        return evaluate(w, terms, domain);
    broken(w, PERMANENT, "%s: %s", domain, err.text);
    return SPF_PERMERROR;
}

void spf_check(void *mem, const struct spf_question *question, struct spf_verdict *verdict_r)
{
    struct walk w = {.mem = mem, .q = question, .out = verdict_r};
    *verdict_r = (struct spf_verdict){0};
    if (question->ip)
        must(spf_address_parse(question->ip, &w.ip));
    verdict_r->result = check_domain(&w, question->domain);
}
