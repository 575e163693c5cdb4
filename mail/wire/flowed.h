/* SPDX-License-Identifier: AGPL-3.0-or-later */
#ifndef MAIL_WIRE_FLOWED_H
#define MAIL_WIRE_FLOWED_H

#include "base/mem.h"

/* Text of format=flowed (RFC 3676) with a line a paragraph; quotations stay behind their ">"s.  delsp: the
 * blank at the end of a line that flows on is none of the text. */
char *flowed_text(void *mem, const char *text, bool delsp);

#endif
