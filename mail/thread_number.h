/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The numbers under which an office's register has a thread, as people write them: 020-558/17, 05–123/2026,
 * 01/1-031-26.
 */
#ifndef MAIL_THREAD_NUMBER_H
#define MAIL_THREAD_NUMBER_H

#include "mail/letter.h"

/* What such numbers are compared by, blind to the kind of dash, to script and case; NULL: it is none, which
 * has two groups of digits at least. */
char *thread_number_key(void *mem, const char *number);
/* The keys of the words of a subject that may be numbers; subject may be NULL. */
struct letter_list thread_numbers(void *mem, const char *subject);

#endif
