/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Content-Type and Content-Disposition: a word and its parameters (RFC 2045 5.1, RFC 2231), as senders write
 * them: quoted or not, continued, with raw 8-bit text, with encoded words, with comments.
 */
#ifndef MAIL_WIRE_PARAMS_H
#define MAIL_WIRE_PARAMS_H

#include "base/mem.h"

struct param {
    const char *name;    /* small letters */
    const char *value;   /* its bytes; continuations are joined, per cent signs of RFC 2231 undone */
    const char *charset; /* as RFC 2231 names it, perhaps ""; NULL: the value is as in RFC 2045 */
};
struct params {
    const char *word; /* small letters: "text/plain", "attachment"; "" for none */
    struct param *v;
    size_t n;
};

/* Of no field (value NULL): nothing. */
void params_read(void *mem, const char *value, size_t len, struct params *params_r);
/* The bytes; NULL when there is none of the name. */
const char *params_get(const struct params *params, const char *name);
/* As clean text in one line; charset: what raw 8-bit text may be in, or NULL. */
char *params_text(void *mem, const struct params *params, const char *name, const char *charset);

#endif
