/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A mail with a token that unsubscribes: it is done at once, whoever wrote it and whatever else it says, and
 * the mail is the evidence.  It is answered in the log alone.
 */
#include "base/log.h"
#include "mail/inbox_low.h"

/* Whether nothing is left to be done.  "Consented again since" is not: the mail's date may be of a clock that
 * is wrong. */
static bool is_through(enum unsubscribe_outcome outcome)
{
    return outcome == UNSUBSCRIBE_DONE || outcome == UNSUBSCRIBE_BEFORE;
}

int inbox_unsubscribe(struct judgement *j, struct err *err)
{
    struct unsubscribed done;
    struct unsubscribe_request request = j->unsubscribe;
    request.message_id = j->id;
    if (inbox_settle(j, "delivered", "answer", err) < 0 ||
        unsubscribe(j->mem, j->inbox->db, &request, &done, err) < 0)
        return -1;
    log_info("message %lld: contact %lld, list %s: %s (by its token, in %s)", (long long)j->id,
             (long long)done.contact_id, done.list, done.words, request.where);
    if (is_through(done.outcome) || done.outcome == UNSUBSCRIBE_OUTDATED) {
        j->match.contact_id = done.contact_id;
        if (!j->match.by)
            j->match.by = "token";
    }
    return is_through(done.outcome) ? 0 : inbox_decide(j, "%s", done.words);
}
