/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a domain says of mail in its name (RFC 9989), and whether two domains are one house's.
 *
 * A domain's house is its organizational domain by the public suffix list, as the large receivers find it;
 * this is the only file that knows libpsl.
 */
#ifndef MAIL_WIRE_DMARC_H
#define MAIL_WIRE_DMARC_H

#include "base/mem.h"

enum dmarc_policy { DMARC_NO_POLICY, DMARC_ACCEPT, DMARC_QUARANTINE, DMARC_REJECT };
struct dmarc {
    enum dmarc_policy policy, subdomain_policy; /* p, sp */
    bool strict_dkim, strict_spf;               /* adkim=s, aspf=s */
    bool reports;                               /* rua */
};

/* Whether a TXT record means to be one; what else stands in DNS is none of DMARC's. */
bool dmarc_is_record(const char *txt);
/* ERR_INPUT: receivers take it for none. */
int dmarc_parse(const char *txt, struct dmarc *dmarc_r, struct err *err) MUST_CHECK;

/* "mail.klokot.example": "klokot.example"; the domain itself where nothing stands above it. A part of it. */
const char *dmarc_organization(const char *domain);
/* strict: the same domain; else the same house. */
bool dmarc_aligned(const char *from, const char *other, bool strict);

#endif
