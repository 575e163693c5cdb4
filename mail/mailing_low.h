/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Inside of mailings: what mailing.c, prepare.c and release.c share.
 */
#ifndef MAIL_MAILING_LOW_H
#define MAIL_MAILING_LOW_H

#include "mail/mailing.h"

enum { MAILING_MAX_LANGUAGES = 16 };
/* "{sr,en}" as PostgreSQL writes an array of tags; how many. */
size_t mailing_languages(void *mem, const char *array, const char *out[MAILING_MAX_LANGUAGES]);

/* Nothing changed: the mailing is not there, or its state forbids it. */
int mailing_not_in_state(struct db *db, int64_t id, const char *wanted, struct err *err) MUST_CHECK;

#endif
