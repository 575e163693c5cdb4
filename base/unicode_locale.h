/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The languages and countries that ICU knows (CLDR, which follows ISO 639, 15924 and 3166).
 */
#ifndef BASE_UNICODE_LOCALE_H
#define BASE_UNICODE_LOCALE_H

#include <stdint.h>

#include "base/mem.h"

/* A plain tag of BCP 47 in its usual letters, "sq", "sr-Latn", "sr-Cyrl-RS": a language, perhaps a script,
 * perhaps a country. */
bool unicode_knows_language(const char *tag);
/* The known tag that was perhaps meant: the same in other letters ("SR_latn"), its code of three letters
 * ("srp"), the language of a country ("al").  NULL: none. */
char *unicode_language_meant(void *mem, const char *word);

/* The name of the country (ISO 3166) in a language, "Gjermani"; NULL if it is none. */
char *unicode_country_name(void *mem, const char *country, const char *language);

/* What the zone is called at that moment, with its distance to Greenwich: "Central European Standard Time,
 * GMT+1". NULL if all clocks of the country (ISO 3166) show the same then, and if it is none. */
char *unicode_zone_elsewhere(void *mem, int64_t when, const char *time_zone, const char *country,
                             const char *language);

#endif
