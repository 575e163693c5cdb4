/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Transfer encodings out (RFC 2045 6.7, 6.8), canonical CRLF lines.
 */
#ifndef MAIL_WIRE_ENCODE_H
#define MAIL_WIRE_ENCODE_H

#include "base/mem.h"

/* Line ends of any kind become CRLF, the last line gets one. A talloc child of mem. */
char *encode_canonical(void *mem, const char *text);
/* Whether canonical text can go as it is: ASCII, lines <= 78, nothing that mail programs are known to change.
 */
bool encode_fits_7bit(const char *canonical);
void encode_quoted_printable(struct text *out, const char *canonical);
void encode_base64(struct text *out, const char *bytes, size_t len);

#endif
