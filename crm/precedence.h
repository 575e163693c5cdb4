/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The order of protocol: by rank, the lowest first (crm/form_class.def); within a rank by the date of taking
 * up the functions (Vienna Convention on Diplomatic Relations, art. 16), then by the number that a list
 * gives, then by the alphabet of a stated language.  Who has no rank comes last, by the alphabet.
 *
 * The rank is the contact's own if it has one; else the highest that its posts of today and the list's words
 * tell
 * ("Ambassador – 3 (credentials 14.09.2023)").  The date is the contact's own; else the list's; else the
 * begin of the term in the post that gives the rank.
 */
#ifndef CRM_PRECEDENCE_H
#define CRM_PRECEDENCE_H

#include "base/db.h"

struct precedence {
    int rank;       /* 0: none */
    char since[11]; /* yyyy-mm-dd, or "": not known, behind those that are */
    int number;     /* 0: none, behind those that have one */
};
/* What a list's words tell. */
struct precedence precedence_of(const char *text);
/* As strcmp; what is equal is in alphabetical order. */
int precedence_compare(const struct precedence *a, const struct precedence *b);

/* Brings contacts, each there once, into that order, and leaves out those that are gone or not to be seen.
 * language: BCP 47, of names and alphabet. */
int precedence_sort(struct db *db, int64_t *contacts, size_t *n, const char *language,
                    struct err *err) MUST_CHECK;

#endif
