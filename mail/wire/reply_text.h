/* SPDX-License-Identifier: AGPL-3.0-or-later */
#ifndef MAIL_WIRE_REPLY_TEXT_H
#define MAIL_WIRE_REPLY_TEXT_H

#include "base/mem.h"

/* What the writer of an answer wrote: clean text (charset.h) without what it quotes, without the line that
 * introduces the quotation, and without the signature behind "-- ".  A closing formula and a typed name stay.
 */
char *reply_text(void *mem, const char *text);
/* Whom the head of the first message that is quoted or forwarded in the text names as its author ("Ana
 * <ana@a.example>"); NULL: there is no such head. */
char *reply_original(void *mem, const char *text);

#endif
