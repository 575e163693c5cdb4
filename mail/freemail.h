/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Free mail services: their domains say nothing of who writes from there.
 */
#ifndef MAIL_FREEMAIL_H
#define MAIL_FREEMAIL_H

#include <stdbool.h>

/* domain: in small letters */
bool freemail_is(const char *domain);

#endif
