/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A block of header fields as bytes: RFC 5322, and what is sent in its name.  Lines end with LF, CRs before
 * it count to the end; a line that is no field is left out where fields go on behind it, else the body begins
 * with it.
 */
#ifndef MAIL_WIRE_FIELD_H
#define MAIL_WIRE_FIELD_H

#include "base/mem.h"

enum { FIELDS_MAX = 2000, FIELD_BYTES_MAX = 256 << 10, FIELDS_BYTES_MAX = 1 << 20 };

/* Ranges of the mail; the value with its folds. */
struct field {
    const char *name, *value;
    size_t name_len, value_len;
};
struct fields {
    struct field *v;
    size_t n;
    bool omitted; /* there were more than FIELDS_MAX, or more bytes than FIELDS_BYTES_MAX, or one was cut */
};

/* The fields at the begin of the bytes; how many bytes they and the empty line behind them take. */
size_t fields_read(void *mem, const char *bytes, size_t len, struct fields *fields_r);
/* The first one of the name; NULL. */
const struct field *fields_find(const struct fields *fields, const char *name);
bool field_is(const struct field *field, const char *name);

#endif
