/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Raw header values in: unfolded, encoded words (RFC 2047) decoded, raw 8-bit text made UTF-8.  Words are
 * found wherever they stand, in quoted strings and within other words too, as senders put them there.
 */
#ifndef MAIL_WIRE_WORDS_H
#define MAIL_WIRE_WORDS_H

#include "base/mem.h"

/* Clean text (charset.h) in one line. */
char *words_decode(void *mem, const char *raw);
/* The same of a range; charset: what raw 8-bit text in it may be in, or NULL. */
char *words_decode_range(void *mem, const char *raw, size_t len, const char *charset);
/* In one line too, all of it UTF-8, each run of encoded words made one word in UTF-8 and Q without blanks and
 * specials, which words_decode decodes: what is to be split first and decoded then (RFC 2047 6.2). */
char *words_normalize(void *mem, const char *raw, size_t len, const char *charset);

#endif
