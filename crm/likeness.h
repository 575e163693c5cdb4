/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Are two contacts the same party?  Weighed evidence (I. P. Fellegi, A. B. Sunter, A Theory for Record
 * Linkage, JASA 64, 1969): each agreement or contradiction of two contacts adds the logarithm of how much
 * likelier it is between two records of one party than between two parties; the sum, from the prior on, is
 * the logarithm of the odds.  crm/likeness.def is the one table of weights.
 *
 * What is rare says more than what is common: how many contacts carry a key (the address, the name) is asked
 * of the caller.  Persons are compared with persons, organisations with organisations.
 */
#ifndef CRM_LIKENESS_H
#define CRM_LIKENESS_H

#include <stdint.h>

#include "base/mem.h"

/* ---- a contact, as it is compared */

struct likeness_value {
    const char *text; /* e-mail: small letters; phone: E.164 */
    bool own;         /* else: of the organisation of a person, or of a person of an organisation */
};

/* What the store knows; likeness_party_new() takes what it needs of it. */
struct likeness_record {
    int64_t id;
    bool organisation;
    const char *const *names; /* the main one first */
    size_t nnames;
    const struct likeness_value *emails, *phones;
    size_t nemails, nphones;
    const char *const *others; /* where a person works; the people of an organisation */
    size_t nothers;
    const char *const *posts; /* of a person */
    size_t nposts;
    const char *const *places; /* cities, or countries, of its postal addresses */
    size_t nplaces;
    /* What not everybody may see is compared, and so told, within one circle of readers alone. */
    const char *circle;                 /* NULL: "" */
    const char *village, *registration; /* number in a register of firms; NULL */
};

struct likeness_party; /* talloc; its texts are its own */
struct likeness_party *likeness_party_new(void *mem, const struct likeness_record *record);
int64_t likeness_party_id(const struct likeness_party *party);

/* Keys that contacts of one party are likely to share: only contacts that share one need to be compared.  The
 * lowest bit of a key says 'full': a full name is a candidate for the initial with the same surname, but two
 * full ones are none for each other through it.  At most LIKENESS_MAX_KEYS, each once. */
enum {
    LIKENESS_MAX_KEYS = 48,
    LIKENESS_WEAK =
        2, /* a bit of keys that must be rare to be worth a look: a name, a word; not: an address */
};
size_t likeness_keys(const struct likeness_party *party, uint64_t keys[LIKENESS_MAX_KEYS]);

/* ---- comparing */

struct likeness_evidence {
    const char *what;  /* stable: address, domain, phone, name, acronym, organisation, person, place, type,
                          post; of the closed ones village, registration */
    const char *a, *b; /* what each says; b NULL: the same */
    double weight;     /* natural logarithm; below 0 it speaks against */
};
enum { LIKENESS_MAX_EVIDENCE = 16 };
struct likeness {
    double probability;
    bool certain; /* an own address in common, the same name letter for letter blind to script and case, and
                     nothing against */
    struct likeness_evidence evidence[LIKENESS_MAX_EVIDENCE];
    size_t n;
};

/* How many contacts have this key (of likeness_keys); 0: not known. */
typedef int64_t likeness_count_fn(void *context, uint64_t key);

/* Texts of the result belong to the parties. */
void likeness_compare(const struct likeness_party *a, const struct likeness_party *b,
                      likeness_count_fn *count, void *context, struct likeness *likeness_r);

/* An address at a provider where everybody has one: the domain says nothing of the organisation. */
bool likeness_is_free_mail(const char *domain);

#endif
