/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Pace by destination: so many messages a minute to the domains that the account names, and none for a while
 * to those whose servers want less (sql/migrate/026_pace.sql).  Who has to wait goes back into the queue
 * until then, and keeps nobody else waiting.
 */
#ifndef MAIL_PACE_TO_H
#define MAIL_PACE_TO_H

#include "base/db.h"

/* One of a setting's pairs, *setting moved behind it (NULL: there is no more): 1, 0, or ERR_CONFIG.  "*" is
 * whom it does not name. */
struct pace_to_setting {
    char domain[256]; /* in small letters */
    int a_minute;
};
int pace_to_read(const char **setting, struct pace_to_setting *one_r, struct err *err) MUST_CHECK;

struct pace_to;
/* setting: "gmail.com 20, outlook.com 30, * 200", messages a minute of this process; NULL: none.  ERR_CONFIG.
 */
int pace_to_open(void *mem, const char *setting, struct pace_to **pace_r, struct err *err) MUST_CHECK;

/* From any thread: a server said that the address's domain wants less. */
void pace_to_slow_down(struct pace_to *pace, const char *email, const char *why);

/* For the feed's thread.  Writes what was said, and reads what all processes know; seldom more than once a
 * few seconds. */
int pace_to_look(struct pace_to *pace, struct db *db, struct err *err) MUST_CHECK;
/* 0: it may be sent now, and counts; else after so many milliseconds, when it is asked for again. `now` is
 * any clock in milliseconds that does not go back. */
int64_t pace_to_wait_ms(struct pace_to *pace, const char *email, int64_t now_ms);

#endif
