/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * JSON as PostgreSQL writes a jsonb, read in a third of the time: what is not of the ordinary kind (a
 * backslash, a fraction, a deep value, an error) is left to jansson.
 */
#ifndef BASE_JSON_QUICK_H
#define BASE_JSON_QUICK_H

#include <jansson.h>

#include "base/mem.h"

/* The text is UTF-8.  The caller drops the value with json_decref; NULL: it is no object or array. */
json_t *json_quick(const char *text) MUST_CHECK;

#endif
