/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A mapping for a list that has none: out of what its columns are called, in five languages, and of what
 * stands in them.
 */
#ifndef CRM_MAPPING_PROPOSE_H
#define CRM_MAPPING_PROPOSE_H

#include "crm/listhead.h"

/* The mapping as a text that mapping_parse() takes, with how sure each column is and why as comments (in the
 * language of err_language), and the words of the list with what they are taken for.  It looks at the first
 * thousand rows.  A column of which nothing is known is a detail, kept under its name.  A talloc child of
 * mem. */
int mapping_propose(void *mem, const struct listfile *file, const struct list_head *head, char **text_r,
                    struct err *err) MUST_CHECK;

#endif
