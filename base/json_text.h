/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The texts of a JSON object.
 */
#ifndef BASE_JSON_TEXT_H
#define BASE_JSON_TEXT_H

#include <jansson.h>

/* NULL: there is none under the key. */
static inline const char *json_text_or_null(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* The same, "" where there is none. */
static inline const char *json_text(const json_t *object, const char *key)
{
    const char *s = json_text_or_null(object, key);
    return s ? s : "";
}

#endif
