/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a question for contacts means: its words as contact_search() of PostgreSQL takes them
 * (sql/migrate/006_search.sql).
 */
#ifndef CRM_SEARCH_H
#define CRM_SEARCH_H

#include "base/db.h"

enum { SEARCH_MAX_TERMS = 16 };

/* term[i] is what one word of the text may be, alternatives with '|' between: "stojkovic", a place under all
 * its names "klokot|kllokot|kllokotit|klokotu", a number "44 123456|#65432144*". */
struct search {
    const char *term[SEARCH_MAX_TERMS];
    size_t n;
    const char *typed[SEARCH_MAX_TERMS]; /* the words that are no numbers, as they were typed */
    size_t ntyped;
    const char *address; /* the text's key if it is an address or a part of one, with '@'; else "" */
};
/* ERR_USAGE: no UTF-8, or too many words.  Strings are children of mem. */
int search_parse(void *mem, const char *text, struct search *search_r, struct err *err) MUST_CHECK;
struct db_arg search_terms(void *mem, const struct search *search);

#endif
