/* SPDX-License-Identifier: AGPL-3.0-or-later */
#ifndef MAIL_WIRE_REPLY_TEXT_H
#define MAIL_WIRE_REPLY_TEXT_H

#include "base/mem.h"

/* What the writer of an answer wrote, without what it quotes and the lines that introduce the quotation. */
struct reply {
    char *text;                /* without closing formula, typed name, signature and "Sent from my ..." */
    char *text_with_signature; /* the same and those; where in doubt, a line is in both */
    bool quotes;               /* something was left out */
};

/* Of clean text (charset.h).  marks: what its HTML said of each line (html.h), or NULL; writer: the display
 * name of its sender, or NULL. */
struct reply reply_read(void *mem, const char *text, const char *marks, const char *writer);

/* Whom the head of the first message that is quoted or forwarded in the text names as its author ("Ana
 * <ana@a.example>"); NULL: there is no such head. */
char *reply_original(void *mem, const char *text);

#endif
