/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Transfer encodings in (RFC 2045 6.7, 6.8, and uuencode of old), as far as they can be read.
 */
#ifndef MAIL_WIRE_DECODE_H
#define MAIL_WIRE_DECODE_H

#include "base/mem.h"

/* encoding as declared, or NULL.  The bytes themselves where it is none that is known; else a talloc child of
 * mem. */
const char *decode_transfer(void *mem, const char *encoding, const char *bytes, size_t len, size_t *len_r);

/* Base64 in pieces: whole bytes are appended, what is none of it is left out, padding ends the four
 * characters that are begun, and more may follow.  Begin with {0}. */
struct decode_base64 {
    unsigned bits;
    int have; /* characters of the four */
};
void decode_base64_add(struct decode_base64 *b, struct text *out, const char *s, size_t len);
/* What is left becomes the bytes that are whole. */
void decode_base64_end(struct decode_base64 *b, struct text *out);
/* The value of a character of base64, of a hexadecimal digit; -1. */
int decode_base64_value(char c);
int decode_hex(char c);

/* The same of base64 and quoted-printable that comes in pieces of whole lines; begin: of the first. */
struct decoding;
struct decoding *decoding_begin(void *mem, const char *encoding, const char *begin, size_t len);
void decoding_add(struct decoding *decoding, struct text *out, const char *bytes, size_t len);
void decoding_end(struct decoding *decoding, struct text *out);

/* The next file that stands as uuencode in a text, from *at on, which moves behind it. */
struct decode_uu {
    const char *name; /* as it stands, a talloc child of mem */
    const char *bytes;
    size_t len;
    size_t begin, end; /* of the lines in the text, "begin" and "end" with them */
};
bool decode_uu_next(void *mem, const char *text, size_t len, size_t *at, struct decode_uu *uu_r);

#endif
