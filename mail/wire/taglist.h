/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Lists of tags as DKIM and DMARC keep them in DNS: "v=DMARC1; p=none; ..." (RFC 6376 3.2).
 */
#ifndef MAIL_WIRE_TAGLIST_H
#define MAIL_WIRE_TAGLIST_H

#include "base/mem.h"

/* The value of the tag, without the white space around and inside it; NULL: the tag is not there. */
char *taglist_get(void *mem, const char *list, const char *tag);
/* "TAG=VALUE; ..." throughout, no tag twice. */
bool taglist_valid(const char *list);

#endif
