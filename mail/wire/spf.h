/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Which machines may send in the name of a domain (RFC 7208): check_host(), with its limits on look-ups.
 *
 * Without an address it goes through all of the record, as a receiver does for an address that nothing
 * matches, so that what is broken in it, or too much, is found.
 */
#ifndef MAIL_WIRE_SPF_H
#define MAIL_WIRE_SPF_H

#include "mail/wire/dns.h"

enum spf_result {
    SPF_NONE, /* the domain has no record */
    SPF_NEUTRAL,
    SPF_PASS,
    SPF_FAIL,
    SPF_SOFTFAIL,
    SPF_TEMPERROR, /* something could not be looked up */
    SPF_PERMERROR, /* the record is broken: nobody passes */
};

/* dns_get, or what stands for it. */
typedef const struct dns_answer *spf_lookup(void *context, const char *name, enum dns_type type);

struct spf_question {
    const char *domain; /* A-labels */
    const char *sender; /* of the envelope */
    const char *helo;   /* may be NULL */
    const char *ip;     /* NULL: of no address that is known */
    spf_lookup *lookup;
    void *context;
};
struct spf_verdict {
    enum spf_result result;
    const char *record; /* the domain's; NULL: none */
    const char *why;    /* temperror and permerror: for a person; else the term that decided, or NULL */
    bool anybody;       /* +all, in the record or in one that it includes */
    int lookups;
};
/* Texts are talloc children of mem. */
void spf_check(void *mem, const struct spf_question *question, struct spf_verdict *verdict_r);

#endif
