/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Inside of SPF: the terms of a record.
 */
#ifndef MAIL_WIRE_SPF_LOW_H
#define MAIL_WIRE_SPF_LOW_H

#include "mail/wire/spf.h"

enum spf_name {
    SPF_ALL,
    SPF_INCLUDE,
    SPF_A,
    SPF_MX,
    SPF_PTR,
    SPF_IP4,
    SPF_IP6,
    SPF_EXISTS,
    SPF_REDIRECT,
    SPF_EXP,
    SPF_UNKNOWN_MODIFIER,
};
struct spf_address {
    int bits; /* 32, 128; 0: not known */
    unsigned char byte[16];
};
struct spf_term {
    const char *text; /* as it stands there */
    enum spf_name name;
    enum spf_result result;     /* of who matches, by its qualifier */
    const char *domain;         /* of the term, with its macros; NULL: the one that is asked about */
    int prefix4, prefix6;       /* how many bits count */
    struct spf_address network; /* ip4, ip6 */
};

bool spf_is_record(const char *txt);
/* ERR_INPUT names the term that is none. */
int spf_parse(void *mem, const char *record, struct spf_term **terms_r, struct err *err) MUST_CHECK;
bool spf_address_parse(const char *text, struct spf_address *address_r);

/* The domain of a term with its macros filled in (RFC 7208 7); NULL where one asks for what is not known. */
struct spf_macro {
    const char *domain, *sender, *helo, *ip;
};
char *spf_expand(void *mem, const char *text, const struct spf_macro *macro);
/* Whether its macros are written as they must be. */
bool spf_expandable(const char *text);

#endif
