/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What DNS may hold: records of SPF, DMARC and DKIM. The walk through a record ends, whatever it includes.
 */
#include <stdint.h>

#include "mail/wire/dmarc.h"
#include "mail/wire/spf_low.h"
#include "mail/wire/taglist.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every name has the record, and the addresses of everybody. */
static const struct dns_answer *look(void *record, const char *name, enum dns_type type)
{
    struct dns_answer *a = talloc_zero(record, struct dns_answer);
    must(name);
    a->value = talloc_array(a, const char *, 1);
    a->value[a->n++] = type == DNS_TXT    ? record
                       : type == DNS_A    ? "192.0.2.1"
                       : type == DNS_AAAA ? "2001:db8::1"
                                          : name;
    return a;
}

static void walk(void *mem, char *record, const char *ip)
{
    struct spf_verdict v;
    const struct spf_question q = {
        .domain = "a.b.test", .sender = "office@b.test", .ip = ip, .lookup = look, .context = record};
    spf_check(mem, &q, &v);
    must(v.result <= SPF_PERMERROR && v.lookups <= 11);
    must((v.result != SPF_PERMERROR && v.result != SPF_TEMPERROR) || v.why);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MEM_SCOPE(mem);
    char *record = talloc_strndup(mem, (const char *)data, size);
    struct dmarc dmarc;
    struct err err;
    walk(mem, record, NULL);
    walk(mem, record, "192.0.2.7");
    walk(mem, record, "2001:db8::7");
    if (dmarc_parse(record, &dmarc, &err) == 0)
        must(dmarc.policy != DMARC_NO_POLICY && taglist_valid(record));
    taglist_get(mem, record, "p");
    dmarc_organization(record);
    return 0;
}
