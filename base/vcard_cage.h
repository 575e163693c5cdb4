/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A file of vCards read in the cage (base/cage.h), a piece of some megabytes at a time.
 */
#ifndef BASE_VCARD_CAGE_H
#define BASE_VCARD_CAGE_H

#include "base/cage.h"
#include "base/vcard.h"

enum { VCARD_MAX_BYTES = 64 << 20 };

/* for cage_main */
extern const struct cage_parser vcard_parser;

/* Whether the file begins as one of vCards does: an answer about the bytes, whatever the name is. */
bool vcard_looks_like(const char *bytes, size_t len);

/* As vcard_each (base/vcard.h); ERR_INPUT also when it has more than VCARD_MAX_BYTES, or when it killed the
 * parser or took too long there. */
int vcard_caged_each(struct cage *cage, const char *bytes, size_t len, const char *encoding, vcard_fn *fn,
                     void *context, struct err *err) MUST_CHECK;

#endif
