/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Bytes of a mail as clean text: UTF-8, lines ended by "\n", no control characters but tab and form feed
 * (others, NUL too, become U+FFFD).  This is the border; behind it text needs no check.
 */
#ifndef MAIL_WIRE_CHARSET_H
#define MAIL_WIRE_CHARSET_H

#include "base/mem.h"

/* charset as declared, or NULL.  Never fails: where the declaration is missing, unknown or wrong, the
 * encoding is found by the letters. */
char *charset_decode(void *mem, const char *bytes, size_t len, const char *charset);
/* The two halves of it.  What the bytes are in: the declaration where it can be true, else what the letters
 * say; NULL: UTF-8, or as good as. */
const char *charset_of(void *mem, const char *bytes, size_t len, const char *declared);
/* From there on nothing is found out any more; what the encoding does not have becomes U+FFFD. */
char *charset_convert(void *mem, const char *bytes, size_t len, const char *charset);
/* The same for what should be UTF-8 already, cut at max_bytes. */
char *charset_clean(void *mem, const char *s, size_t len, size_t max_bytes);

#endif
