/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * How each contact near a mailing came into it or out of it: included by which question or line of which
 * list, excluded by which rule, when and by whom.
 */
#ifndef MAIL_TRAIL_H
#define MAIL_TRAIL_H

#include <jansson.h>

#include "base/conf.h"
#include "base/db.h"

/* contact 0: all recipients; else the rows that are or were the contact's: ERR_NOTFOUND, with what is known
 * of it, when there is none.  {"id", "name", "state", "step", "prepared_by", "prepared_at", "segment",
 * "words", "file", "released_by", "released_at", "despite", "recipients": [{"recipient", "contact", "name",
 * "address", "language", "state", "line", "post", "steps": [{"at", "by", "what", "how"}]}]}.  words: how the
 * segment was understood, with what the segments within it asked then; what is included, left-out, turned
 * (the post has another holder), merged, attempt-OUTCOME, or the state that it went to.  Times are the
 * office's; `by` is a login, deliver, smtp, dsn, answer, or null where the one who asks may not see it. */
int trail_read(struct db *db, const struct conf *conf, int64_t mailing, int64_t contact, json_t **trail_r,
               struct err *err) MUST_CHECK;

#endif
