/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Read receipts in plain words, as Exchange of old and Notes write them (RFC 8098 has a part for it).
 */
#ifndef MAIL_RECEIPT_H
#define MAIL_RECEIPT_H

#include <jansson.h>

#include "base/mem.h"

struct receipt {
    bool deleted;                /* unread */
    const char *subject, *words; /* that say so, as they were written */
};
/* By the subject and the text together. */
bool receipt_find(void *mem, const json_t *facts, struct receipt *receipt_r);

#endif
