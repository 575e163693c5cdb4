/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A JSON value as bytes with lengths in front, for the way between two processes of our own program: what
 * takes text apart is nearly all of JSON's price.  Long texts that come again go once, as do those
 * that begin as one before.
 */
#ifndef BASE_JSONBYTES_H
#define BASE_JSONBYTES_H

#include <jansson.h>

#include "base/mem.h"

/* All texts of a value together, a text as often as it comes. */
enum { JSONBYTES_TEXT_MAX = 128 << 20 };

void jsonbytes_write(struct text *out, const json_t *value);
/* Trusts nothing: ERR_INPUT when it is no whole value, has text that is no UTF-8 or too much of it, a key
 * twice, or is too deep.  The caller drops the value with json_decref. */
int jsonbytes_read(const char *bytes, size_t len, json_t **value_r, struct err *err) MUST_CHECK;

/* json_stringn with a faster look at the text; NULL where it is no UTF-8. */
json_t *jsonbytes_text(const char *s, size_t len);

#endif
