/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Where letters go slowly, and why: the domains whose servers said that they want less, and those whose pace
 * the configuration sets (mail/pace_to.h).
 */
#ifndef MAIL_DESTINATION_H
#define MAIL_DESTINATION_H

#include <jansson.h>

#include "base/conf.h"
#include "base/db.h"

/* [{"domain" ("*": all others), "a_minute": {account: n}, "rests": bool, "until" (of its rest, the last one),
 * "times" (that it was said within a day), "said", "why" (a msgid), "waiting": letters in the queue}], those
 * that rest first.  What was not said is absent.  Letters count that the caller may see. */
int destination_list(void *mem, struct db *db, const struct conf *conf, json_t **list_r,
                     struct err *err) MUST_CHECK;

/* Of a mailing's letters those that wait for a destination that rests: [{"domain", "until", "why",
 * "letters"}]; usually none. */
int destination_waits(struct db *db, int64_t mailing, json_t **waits_r, struct err *err) MUST_CHECK;

#endif
