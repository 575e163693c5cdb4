/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a failure means: of an address (hard), of a full mailbox, of the way there, or ours.
 */
#ifndef MAIL_BOUNCE_H
#define MAIL_BOUNCE_H

#include <jansson.h>

#include "base/mem.h"

struct bounce {
    const char *reason; /* bad-mailbox, bad-domain, mailbox-full, policy, ours, size, routing, other */
    const char *rule;   /* that decided: an id of mail/bounce.def or mail/ours.def */
    bool hard;          /* the address is dead: a permanent failure of the mailbox or of its domain */
    bool again;         /* ... when a letter sent a day later fails so, too */
};
/* status (RFC 3463) and text of the server may be NULL.  `failed`: the server has given up. */
struct bounce bounce_judge(bool failed, const char *status, const char *text);

/* After how many letters within no fewer days that failed for the reason its address is held; NULL: never. */
struct bounce_hold {
    const char *reason;
    int letters, days;
};
const struct bounce_hold *bounce_hold(const char *reason);

/* A notice without message/delivery-status, told by its sender and its words; NULL when the mail is none:
 *     system      whose words they are: an id of mail/bounce.def, "notice" where only sender and list tell
 *     recipients  as dsn_parse() gives them, and "loose": the diagnostic is all of a long notice, in which
 *                 the reasons that there could be may stand, too
 *     evidence    [{"where", "text"}]
 *     returned    {"message_id"}, of the copy that it carries */
json_t *bounce_legacy(const json_t *facts);
/* Adds to a report's recipients what it leaves out (address, diagnostic, status) and its words say. */
void bounce_complete(json_t *recipients, const json_t *facts);

#endif
