/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Places whose names differ between languages as one key: Kllokot, Kllokotit, Klokot, Клокоту; Vjenë, Beč,
 * Wien; Zvicër, Švajcarska, Schweiz, Swiss.  crm/place.def is the list.
 *
 * All text is a fold (base/unicode.h): words of small letters, one blank between them.
 */
#ifndef CRM_PLACE_H
#define CRM_PLACE_H

#include "base/mem.h"

struct place {
    const char *key;     /* one word: "klokot", "kosovopolje", "wien" */
    const char *country; /* ISO 3166 */
    bool land;           /* a country, not a place in it */
};

/* The place that the longest run of words at the begin of fold names, and the length of that run in bytes;
 * false: none. */
bool place_at(const char *fold, struct place *place_r, size_t *len_r);
/* The place that the whole of fold names. */
bool place_find(const char *fold, struct place *place_r);
/* The names of the place with that key, one a call, in the order of their folds; *at begins as 0.  NULL: no
 * more. */
const char *place_next_name(const char *key, size_t *at);
/* The text with its places as their keys: "klub i kllokotit vjene" → "klub i klokot wien". */
char *place_rewrite(void *mem, const char *fold);

#endif
