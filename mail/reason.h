/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Why a recipient was left out or is held, and why a mailing pauses, in the reader's language: the store
 * keeps it in English, with names and numbers in it.
 */
#ifndef MAIL_REASON_H
#define MAIL_REASON_H

#include "base/catalog.h"

/* `kept` itself where it is no text of ours, but a person's or a server's words, and where there is no
 * catalogue. */
const char *reason_in(void *mem, const struct catalog *catalog, const char *kept);

#endif
