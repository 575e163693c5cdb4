/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The inbox in a person's hands: what waits, and what a person decides about it.  Runs under the person's own
 * login.
 */
#ifndef MAIL_INBOX_HAND_H
#define MAIL_INBOX_HAND_H

#include "base/db.h"

/* What waits for a person (new, decide, parked; an answer that is proposed), what is in the state, or all
 * that came in; by id, from behind `after`. Columns: id, date, from_address, from_name, subject, class,
 * state, why, contact_id, contact, mailing_id, thread_id, answer, answer_state, proposal (JSON), proposed
 * (the contact's name). */
int inbox_list(struct db *db, bool all, const char *state, const char *time_zone, int64_t after, int limit,
               struct db_rows **rows_r, struct err *err) MUST_CHECK;
/* ERR_NOTFOUND; the columns stand in sql/query/inbox.sql, as do those of the three others. */
int inbox_get(struct db *db, int64_t id, const char *time_zone, struct db_rows **rows_r,
              struct err *err) MUST_CHECK;
int inbox_get_places(struct db *db, int64_t id, struct db_rows **rows_r, struct err *err) MUST_CHECK;
int inbox_get_answers(struct db *db, int64_t id, struct db_rows **rows_r, struct err *err) MUST_CHECK;
int inbox_get_thread(struct db *db, int64_t thread, const char *time_zone, struct db_rows **rows_r,
                     struct err *err) MUST_CHECK;

/* Files the message under a contact, a thread, or a mailing (whose recipient the contact is); 0: leave as it
 * is. */
struct inbox_filing {
    int64_t contact_id, thread_id, mailing_id;
    bool as_proposed; /* all of it as the program proposes */
};
int inbox_file(struct db *db, int64_t id, const struct inbox_filing *filing, struct err *err) MUST_CHECK;
int inbox_ignore(struct db *db, int64_t id, struct err *err) MUST_CHECK;
/* What its verdict alone had done, now that it is `class`: answers that nobody confirmed, the state of its
 * address, that its letter bounced.  In the caller's transaction. */
int inbox_take_back(struct db *db, int64_t id, const char *class, struct err *err) MUST_CHECK;
/* What the message says about its event (accepted, declined, tentative, delegated, question), confirmed by
 * the person; a proposal of the same becomes confirmed, another is replaced.  NULL answer or class: leave as
 * it is. */
int inbox_correct(struct db *db, int64_t id, const char *answer, const char *class,
                  struct err *err) MUST_CHECK;
/* What persons corrected, with what was wrong and what is right; by id, from behind `after`.  Columns: id,
 * subject, from_address, class_was, rule_was, answer_was, class, answer, by, at. */
int inbox_candidates(struct db *db, const char *time_zone, int64_t after, int limit, struct db_rows **rows_r,
                     struct err *err) MUST_CHECK;

#endif
