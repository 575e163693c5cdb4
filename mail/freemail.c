/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/freemail.h"

#include <string.h>

#include "base/mem.h"
#include "mail/wire/dmarc.h"

/* Whose domains are nobody's to write from; first labels stand for all countries. */
static const char *const freemail[] = {
    "aol.com", "gmail.com", "googlemail.com", "gmx",        "hotmail",     "icloud.com",   "interia.pl",
    "live",    "mac.com",   "mail.com",       "mail.ru",    "me.com",      "msn.com",      "o2.pl",
    "onet.pl", "outlook",   "proton.me",      "protonmail", "t-online.de", "tutanota.com", "web.de",
    "wp.pl",   "yahoo",     "yandex",         "zoho.com",   "abv.bg",
};

bool freemail_is(const char *domain)
{
    const char *house = dmarc_organization(domain);
    size_t label = strcspn(house, ".");
    for (size_t i = 0; i < ARRAY_LEN(freemail); i++)
        if (!strcmp(house, freemail[i]) ||
            (strlen(freemail[i]) == label && !strncmp(house, freemail[i], label)))
            return true;
    return false;
}
