/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What eight-bit bytes are in that the declaration does not tell truly.
 */
#ifndef MAIL_WIRE_CHARSET_GUESS_H
#define MAIL_WIRE_CHARSET_GUESS_H

#include "base/mem.h"

/* Of bytes without any declaration. */
const char *charset_guess(void *mem, const char *bytes, size_t len);
/* Of bytes that are called Latin 1: the encoding they are in rather, where the letters leave no doubt
 * (Serbian and Polish in windows-1250 or iso-8859-2, Cyrillic); NULL where they may be what they are called.
 */
const char *charset_guess_not_latin1(void *mem, const char *bytes, size_t len);
/* Of seven-bit bytes: the encoding that their escape sequences are of, or NULL. */
const char *charset_guess_escapes(const char *bytes, size_t len);
/* UTF-16 without a byte order mark: "UTF-16LE" or "UTF-16BE". */
const char *charset_guess_utf16(const char *bytes, size_t len);

#endif
