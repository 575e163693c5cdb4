/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What the mail server's own log says of letters whose outcome is unknown.
 *
 * That a letter was taken shows in the line with which its queue takes it up.  That it was not taken is
 * proved only by sums: the log holds the whole time in question, from a line before to a line behind it, no
 * file is missing in between, and its clock goes like ours; each SMTP session of that time has its begin and
 * its end, and the server's own count at the end of each (`disconnect from ... data=2/3`) is that of the
 * letters which the log shows; and at least one of the sessions was ours.
 */
#ifndef MAIL_MAILLOG_H
#define MAIL_MAILLOG_H

#include <stdint.h>

#include "base/mem.h"

enum maillog_verdict { MAILLOG_UNCLEAR, MAILLOG_TAKEN, MAILLOG_NOT_TAKEN };

struct maillog_letter {
    /* in */
    const char *rfc_message_id, *email, *user; /* user: by which we log in there, or NULL */
    int64_t begun, ended;                      /* of its sending, Unix time */
    /* out */
    enum maillog_verdict verdict;
    const char *why;              /* unclear, or not taken */
    const char *status;           /* taken: sent, deferred, bounced, expired, or NULL */
    const char *enhanced, *words; /* of the status, or NULL */
    const char **lines;           /* evidence, a talloc array */
};

struct maillog;
struct maillog *maillog_new(void *mem, struct maillog_letter *letters, size_t n, const char *domain,
                            int64_t now);
/* The files in any order, plain or gzip; lines before `since` (0: none) are passed over.  ERR_IO, ERR_INPUT:
 * nothing is judged then. */
int maillog_read(struct maillog *log, const char *const *files, size_t n, int64_t since,
                 struct err *err) MUST_CHECK;
/* Letters of our domain that came in by a session, a talloc array: which of them we have sent tells whose the
 * session was, and when by our clock, whether the log's goes like it. */
struct maillog_client {
    const char *address, *id; /* id: Message-ID */
    int64_t at;               /* by the log's clock */
};
enum { MAILLOG_SKEW_S = 5 }; /* by so much the clocks of the two machines may differ */
const struct maillog_client *maillog_clients(const struct maillog *log);
/* Fills in the letters; they are talloc children of log.  `sent`: those of the Message-IDs that are ours;
 * skewed: one of them was not on its way when the log says so. */
void maillog_judge(struct maillog *log, const char *const *sent, size_t nsent, bool skewed);

#endif
