/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Threads in a person's hands: what was written back and forth, as one view; and what a person joins or takes
 * apart, which the program keeps to from then on.  Runs under the person's own login.
 */
#ifndef MAIL_THREAD_H
#define MAIL_THREAD_H

#include <jansson.h>

#include "base/cage.h"
#include "base/db.h"

/* The last 500, of a contact (0: of all); the columns stand in sql/query/thread.sql. */
int thread_list(struct db *db, int64_t contact, const char *time_zone, struct db_rows **rows_r,
                struct err *err) MUST_CHECK;
/* {"id", "number", "subject", "mailing_id", "messages": [{"id", "direction", "date", "from_address",
 * "from_name", "to", "subject", "class", "state", "why", "contact_id", "contact", "mailing_id", "text",
 * "placed_by", "answers", "depth", "missing", "believed"}]}: each message before what answers it, else by
 * date.  answers: the message that it answers, or null; missing: it answers one that we do not have.
 * ERR_NOTFOUND; the caller drops it.
 * The texts of our letters are read out of them in the cage; NULL: they stay null. */
int thread_view(struct db *db, struct cage *cage, int64_t id, const char *time_zone, json_t **view_r,
                struct err *err) MUST_CHECK;

/* The second becomes a part of the first. */
int thread_join(struct db *db, int64_t into, int64_t other, struct err *err) MUST_CHECK;
/* Takes a message out of its thread, with what answers it unless it goes alone, into a new one. */
int thread_split(struct db *db, int64_t message, bool alone, int64_t *thread_r, struct err *err) MUST_CHECK;
/* Under which the office's register has it (mail/thread_number.h); NULL: none. */
int thread_set_number(struct db *db, int64_t id, const char *number, struct err *err) MUST_CHECK;

#endif
