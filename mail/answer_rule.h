/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Which rules read answers in words (mail/intent.h) so well that their answers count by themselves: those
 * that persons confirmed 300 times and never found wrong.  sql/migrate/031_answer.sql keeps the count.
 */
#ifndef MAIL_ANSWER_RULE_H
#define MAIL_ANSWER_RULE_H

#include "base/db.h"

/* The rules that a person ever judged: rule, confirmed, wrong, trusted, off_at (of the first wrong one, in
 * the zone), off_answer (which that was); the trusted first. */
int answer_rule_list(struct db *db, const char *time_zone, struct db_rows **rows_r,
                     struct err *err) MUST_CHECK;
/* How often it was confirmed, when it is trusted; else 0; -1. */
int answer_rule_find(struct db *db, const char *rule, struct err *err) MUST_CHECK;

#endif
