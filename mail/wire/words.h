/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Raw header values in: unfolded, encoded words (RFC 2047) decoded, raw 8-bit text made UTF-8.
 *
 * GMime's own decoder loses all behind the padding of a base64 word when another word follows, and converts
 * by iconv, which wants to open files.
 */
#ifndef MAIL_WIRE_WORDS_H
#define MAIL_WIRE_WORDS_H

#include "base/mem.h"

/* Clean text (charset.h) in one line. */
char *words_decode(void *mem, const char *raw);
/* The value with each run of encoded words made one word in UTF-8 and Q: what GMime's parsers of addresses
 * and parameters read right. */
char *words_normalize(void *mem, const char *raw);

#endif
