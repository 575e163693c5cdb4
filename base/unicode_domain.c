/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The keys of addresses.
 */
#include "base/icuuc_lazy.h"
#include "base/unicode.h"

char *unicode_case_fold_email(void *mem, const char *address)
{
    return unicode_lower(mem, address);
}

/* What needs no mapping: labels of small letters, digits and, inside, single hyphens. */
static bool is_plain_domain(const char *domain)
{
    size_t label = 0, len = strlen(domain);
    for (const char *at = domain;; at++) {
        bool end = !*at || *at == '.';
        if (end && (label == 0 || at[-1] == '-'))
            return false;
        if (!*at)
            return len <= 253;
        label = end ? 0 : label + 1;
        bool hyphen = *at == '-' && label > 1 && at[-1] != '-';
        if (label > 63 || !(end || hyphen || (*at >= 'a' && *at <= 'z') || (*at >= '0' && *at <= '9')))
            return false;
    }
}

int unicode_domain_to_ascii(void *mem, const char *domain, char **ascii_r, struct err *err)
{
    if (is_plain_domain(domain)) {
        *ascii_r = talloc_strdup(mem, domain);
        return 0;
    }
    UErrorCode status = U_ZERO_ERROR;
    UIDNAInfo info = UIDNA_INFO_INITIALIZER;
    UIDNA *idna =
        uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_NONTRANSITIONAL_TO_ASCII, &status);
    must(U_SUCCESS(status));
    char ascii[256];
    int32_t len = uidna_nameToASCII_UTF8(idna, domain, -1, ascii, sizeof ascii, &info, &status);
    uidna_close(idna);
    if (U_FAILURE(status) || info.errors || len >= (int32_t)sizeof ascii)
        return err_set(err, ERR_INPUT, "\"%s\" cannot be the name of a domain", domain);
    *ascii_r = talloc_strndup(mem, ascii, (size_t)len);
    return 0;
}
