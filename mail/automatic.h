/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Answering machines that do not say so as RFC 3834 wants it: by the fields that they write, or by several
 * weak signs together.  The evidence found is added where it is enough.
 */
#ifndef MAIL_AUTOMATIC_H
#define MAIL_AUTOMATIC_H

#include <jansson.h>

#include "base/mem.h"
#include "mail/notice.h"

/* A field, or some together, that only answering machines write. */
bool automatic_by_field(const json_t *facts, json_t *evidence);
/* Fields, subject and words of the new text; never a subject alone (RFC 3834 3.1.5), nor words of one kind.
 * `notice`: what it says of the address, NULL for nothing; it is one kind. */
bool automatic_by_signs(const json_t *facts, const struct phrase_text *text, const struct notice *notice,
                        json_t *evidence);
/* Does the address belong to nobody: "noreply@", "bounces+17@"? */
bool automatic_nobody(const char *address);
/* Does it come through a mailing list? */
bool automatic_from_list(const json_t *facts);

#endif
