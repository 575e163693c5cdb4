/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Outcomes that are `unknown`, settled many at once: by the mail server's log, or by a person's word.
 *
 * What the log shows as taken becomes accepted, or bounced where it says so; that it was sent on or put off
 * stands with the evidence.  What it proves not to have been taken (mail/maillog.h) is dealt with as the
 * kind of mailing wants it (mail/mailing_class.def).  Of the rest it is said why it stays unknown.
 */
#ifndef MAIL_SETTLE_H
#define MAIL_SETTLE_H

#include <jansson.h>
#include <stdint.h>

#include "base/conf.h"
#include "base/db.h"

struct settle_order {
    int64_t mailing_id;       /* 0: all */
    const char *const *files; /* of the log; or */
    size_t nfiles;
    int64_t since;    /* 0: all of the log */
    const char *word; /* accepted, leave, resend */
    const char *because;
    bool dry_run;
};
/* All or nothing.  *rows_r: [{"id", "mailing", "name", "address", "state", "verdict": "taken|not-taken|
 * unclear", "why", "status", "enhanced", "text", "lines"}], where state is the new one or "unknown". */
int settle_by_maillog(struct db *db, const struct conf *conf, const struct settle_order *order,
                      json_t **rows_r, struct err *err) MUST_CHECK;
int settle_by_word(struct db *db, const struct settle_order *order, json_t **rows_r,
                   struct err *err) MUST_CHECK;

#endif
