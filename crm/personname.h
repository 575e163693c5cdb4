/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Names of persons as lists have them: "Surname, Name", "STOJKOVIĆ Dragan", "znj. Arta HOXHA".
 */
#ifndef CRM_PERSONNAME_H
#define CRM_PERSONNAME_H

#include "base/mem.h"

/* The name as a letter has it: given name first, without a form of address in front, words of capitals in
 * small letters.  gender_r: "m", "f" as the form of address says, NULL if there was none. */
char *personname_read(void *mem, const char *typed, const char **gender_r);

#endif
