/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Header fields out: RFC 5322 folding (<= 78 columns wanted, <= 998 always), RFC 2047 words of at most 75
 * characters cut at character boundaries, CRLF.
 *
 * GMime's own encoder writes words of more than 75 characters, takes long URLs in List-Unsubscribe for text
 * to be encoded, and lets a value that looks like an encoded word pass as one; hence this.
 */
#ifndef MAIL_WIRE_HEADER_H
#define MAIL_WIRE_HEADER_H

#include "base/mem.h"

/* A word of a field that may not be encoded (message ids, URLs, dates) has at most this many octets. */
enum { HEADER_WORD_MAX = 900 };

/* One field being written: the text it goes to and the column reached. */
struct header {
    struct text *out;
    size_t column;
};

struct header header_begin(struct text *out, const char *name);
void header_end(struct header *h);
/* Unstructured text: what is not plain ASCII becomes encoded words; several blanks become one. */
void header_text(struct header *h, const char *value);
/* Words with blanks between, never encoded (ids, structured ASCII values). */
void header_words(struct header *h, const char *value);
/* `phrase <address>`; name may be NULL.  The address must have passed mime_address_check(). */
void header_mailbox(struct header *h, const char *name, const char *address, bool last);

#endif
