/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Readers of JSON go so deep and no deeper.
 */
#ifndef BASE_JSON_FILL_H
#define BASE_JSON_FILL_H

#include <jansson.h>
#include <stdbool.h>

typedef bool json_fill_fn(void *reader, json_t *value);

/* The array or object with what `fill` reads into it; NULL, and it is gone, where that fails or stands deeper
 * than `most`. */
static inline json_t *json_filled(json_t *value, json_fill_fn *fill, void *reader, int *depth, int most)
{
    bool whole = ++*depth <= most && fill(reader, value);
    --*depth;
    if (whole)
        return value;
    json_decref(value);
    return NULL;
}

#endif
