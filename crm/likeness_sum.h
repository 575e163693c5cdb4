/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Inside of crm/likeness.c: weights, and the names of organisations compared.
 */
#ifndef CRM_LIKENESS_SUM_H
#define CRM_LIKENESS_SUM_H

#include "crm/likeness_party.h"

enum weight {
#define WEIGHT(name, value) name,
#include "crm/likeness.def"
#undef WEIGHT
};

struct sum {
    const struct likeness_party *a, *b;
    likeness_count_fn *count;
    void *context;
    struct likeness *out;
    double log_odds;
};

double weight_of(enum weight w);
/* The logarithm of how many others than these two carry the key: what is taken off. */
double commonness(struct sum *s, uint64_t key);

struct org_match {
    double weight;
    const struct org_name *a, *b;
    bool short_name, seat, other_place, other_kind, differs;
    bool all; /* nothing is left over */
};

/* The best of all pairs of their names; false: one has none. */
bool best_org(struct sum *s, struct org_match *best_r);

#endif
