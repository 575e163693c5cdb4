/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a verdict stands on: [{"where", "text"}].
 */
#ifndef MAIL_EVIDENCE_H
#define MAIL_EVIDENCE_H

#include <jansson.h>

static inline void evidence_add(json_t *evidence, const char *where, const char *text)
{
    json_array_append_new(evidence, json_pack("{s:s, s:s}", "where", where, "text", text));
}

#endif
