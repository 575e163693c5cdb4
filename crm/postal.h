/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Postal addresses as the post wants them: the lines, then postcode and town in the order of the country
 * where the letter goes (Universal Postal Union, S42), then, abroad, the country in capitals, in the language
 * of the country of posting, in English or in French.
 */
#ifndef CRM_POSTAL_H
#define CRM_POSTAL_H

#include "base/db.h"

struct postal_address {
    const char *lines; /* as a list or a person has it: with line breaks, or commas between */
    const char *postcode, *city;
    const char *country; /* ISO 3166; NULL: as the lines end ("..., Polska"), else the office's own */
};
/* A talloc child of mem, ended by NULL.  home: the office's country, ISO 3166, or NULL; language: of the
 * country's name, NULL: English.  A town or country that the lines name already is not named twice. */
const char **postal_lines(void *mem, const struct postal_address *address, const char *home,
                          const char *language);

/* Where a letter to the address goes, as its lines say. 0: nothing says where; ERR_INPUT: a country that is
 * not known (crm/postal_country.def).  Members are talloc children of mem. */
struct postal_place {
    const char *country;  /* ISO 3166; "" without one and without a home */
    const char *postcode; /* "" where there is none */
};
int postal_place(void *mem, const struct postal_address *address, const char *home,
                 struct postal_place *place_r, struct err *err) MUST_CHECK;

/* The contact's first address, or a new one; NULL members are not touched, "" takes away.  Within the
 * caller's transaction. */
int postal_change(struct db *db, int64_t contact, const struct postal_address *address,
                  struct err *err) MUST_CHECK;

#endif
