/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The languages that people and lists name by a tag (BCP 47): sq, sr-Cyrl, sr-Latn, en ...
 */
#ifndef CRM_LANGUAGE_H
#define CRM_LANGUAGE_H

#include "base/mem.h"

/* The tag that a word which is none was perhaps meant to be; NULL. */
const char *language_meant(void *mem, const char *word);
/* ERR_USAGE when the tag is none. */
int language_check(const char *tag, struct err *err) MUST_CHECK;

#endif
