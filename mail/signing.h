/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * DKIM by the configuration: [dkim DOMAIN] says which selectors sign mail from the domain and from those
 * below it; of several sections the one of the longest domain does.  Their keys are files in [keys]
 * dkim_folder, SELECTOR.DOMAIN.pem.
 */
#ifndef MAIL_SIGNING_H
#define MAIL_SIGNING_H

#include "base/conf.h"
#include "mail/wire/dkim.h"

/* The section that signs for an address; NULL: such mail goes out without a signature.  No key is read. */
const struct conf_dkim *signing_section(const struct conf *conf, const char *from_address);

/* That the keys which sign for an address can do so, as far as whoever asks may read them. ERR_CONFIG */
int signing_check(const struct conf *conf, const char *from_address, struct err *err) MUST_CHECK;

/* Signs for one From address.  It never changes: threads share it. */
struct signer;
/* NULL when no section signs for the address; that is no error, but logged if there are sections. */
int signer_open(void *mem, const struct conf *conf, const char *from_address, struct signer **signer_r,
                struct err *err) MUST_CHECK;
/* Puts the signatures in front of the message, which ends with a NUL behind its bytes, in a block of its own;
 * with signer NULL nothing. */
int signer_sign(void *mem, const struct signer *signer, char **message, size_t *len,
                struct err *err) MUST_CHECK;

/* A selector of the configuration, with its key. */
struct signing_selector {
    const char *domain; /* A-labels */
    const char *name, *path;
    bool signs; /* or is idle */
    const struct dkim_key *key;
};
/* Adds all selectors of a section to the list, a talloc array of *n (NULL and 0 at first), those that sign
 * before those that are idle; ERR_CONFIG when a key cannot be read, or two of one algorithm sign. */
int signing_selectors(void *mem, const struct conf *conf, const struct conf_dkim *section,
                      struct signing_selector **list, size_t *n, struct err *err) MUST_CHECK;

/* A new key in a file that must not be there yet, mode 0600; *name NULL: a selector by date is proposed
 * (a202611r), the next letter when that is taken.  The configuration is not changed. */
int signing_new(void *mem, const struct conf *conf, const char *domain, enum dkim_algorithm algorithm,
                const char *name, struct signing_selector *selector_r, struct err *err) MUST_CHECK;

#endif
