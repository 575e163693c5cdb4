/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/dmarc.h"

#include "mail/wire/psl_lazy.h"
#include <strings.h>

#include "mail/wire/taglist.h"

bool dmarc_is_record(const char *txt)
{
    MEM_SCOPE(mem);
    size_t blank = strspn(txt, " \t");
    const char *version = taglist_get(mem, txt, "v");
    return (txt[blank] == 'v' || txt[blank] == 'V') && version && !strcmp(version, "DMARC1");
}

static int policy(const char *word, const char *tag, enum dmarc_policy *policy_r, struct err *err)
{
    static const char *const words[] = {
        [DMARC_ACCEPT] = "none", [DMARC_QUARANTINE] = "quarantine", [DMARC_REJECT] = "reject"};
    for (size_t i = DMARC_ACCEPT; i < ARRAY_LEN(words); i++)
        if (!strcasecmp(word, words[i])) {
            *policy_r = (enum dmarc_policy)i;
            return 0;
        }
    return err_set(err, ERR_INPUT, "%s is none, quarantine or reject, not \"%s\"", tag, word);
}

static int alignment(void *mem, const char *txt, const char *tag, bool *strict_r, struct err *err)
{
    const char *word = taglist_get(mem, txt, tag);
    *strict_r = word && !strcasecmp(word, "s");
    return !word || *strict_r || !strcasecmp(word, "r")
               ? 0
               : err_set(err, ERR_INPUT, "%s is r or s, not \"%s\"", tag, word);
}

int dmarc_parse(const char *txt, struct dmarc *dmarc_r, struct err *err)
{
    MEM_SCOPE(mem);
    *dmarc_r = (struct dmarc){0};
    if (!dmarc_is_record(txt) || !taglist_valid(txt))
        return err_set(err, ERR_INPUT, "it is no list of TAG=VALUE that begins with v=DMARC1");
    const char *p = taglist_get(mem, txt, "p"), *sp = taglist_get(mem, txt, "sp");
    dmarc_r->reports = taglist_get(mem, txt, "rua") != NULL;
    if (!p && !dmarc_r->reports)
        return err_set(err, ERR_INPUT, "it has no policy (p=)");
    if (policy(p ? p : "none", "p", &dmarc_r->policy, err) < 0 ||
        alignment(mem, txt, "adkim", &dmarc_r->strict_dkim, err) < 0 ||
        alignment(mem, txt, "aspf", &dmarc_r->strict_spf, err) < 0)
        return -1;
    dmarc_r->subdomain_policy = dmarc_r->policy;
    return sp ? policy(sp, "sp", &dmarc_r->subdomain_policy, err) : 0;
}

const char *dmarc_organization(const char *domain)
{
    MEM_SCOPE(mem);
    char *small = talloc_strdup(mem, domain); /* of A-labels */
    for (char *p = small; *p; p++)
        if (*p >= 'A' && *p <= 'Z')
            *p = (char)(*p | 32);
    const char *house = psl_registrable_domain(psl_builtin(), small);
    return house ? domain + (house - small) : domain;
}

bool dmarc_aligned(const char *from, const char *other, bool strict)
{
    return strict ? !strcasecmp(from, other)
                  : !strcasecmp(dmarc_organization(from), dmarc_organization(other));
}
