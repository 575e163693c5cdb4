/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Phone numbers as lists have them, and as E.164 writes them: "+", country code, number, at most 15 digits.
 */
#ifndef CRM_PHONE_H
#define CRM_PHONE_H

#include "base/mem.h"

enum { PHONE_E164_SIZE = 17 };

/* "049/000-201" in XK is +38349000201.  A label before and an extension behind are left out, as is the (0) of
 * "+383 (0)49".  Numbers of Kosovo under the codes it had until 2017 (+377 44, +377 45, +386 43, +386 49,
 * +381 28, 29, 38, 39) become +383.  country: ISO 3166 of whoever writes the number without a code; NULL:
 * none.  false when it cannot be said what number it is. */
bool phone_e164(const char *typed, const char *country, char e164[PHONE_E164_SIZE]);
/* Cuts a cell of several numbers ("+383 38 000 103 / 044 000 603"); how many pieces, at most max. */
size_t phone_split(void *mem, const char *cell, char **piece, size_t max);

#endif
