/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The text of a message as Outlook keeps it: RTF, compressed (MS-OXRTFCP), perhaps with HTML in it
 * (MS-OXRTFEX).
 */
#ifndef MAIL_WIRE_RTF_H
#define MAIL_WIRE_RTF_H

#include "base/mem.h"

enum { RTF_MAX = 4 << 20 };

/* NULL where it is none. */
char *rtf_decompress(void *mem, const char *bytes, size_t len, size_t *len_r);
/* Its text as UTF-8; html_r: the text is HTML. */
char *rtf_text(void *mem, const char *rtf, size_t len, bool *html_r);

#endif
