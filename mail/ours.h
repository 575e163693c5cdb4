/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Is a server's refusal for what we are, rather than for its recipient? (mail/ours.def)
 */
#ifndef MAIL_OURS_H
#define MAIL_OURS_H

#include <stdbool.h>
#include <stddef.h>

struct ours {
    const char *id;
    const char *provider; /* whose way of saying it that is, or "any" */
    const char *what;     /* for a person, in English (base/catalog.h) */
    const char *source;   /* where that is written */
    bool slow;            /* the destination wants less at once; else the mailing is to wait */
};
/* enhanced ("5.7.26", "4.7.28") and text may be NULL or "".  NULL: it is not. */
const struct ours *ours_find(const char *enhanced, const char *text);
/* What the i-th row of the table is in words; NULL behind the last. */
const char *ours_what(size_t i);

#endif
