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
    bool hard;          /* the address is dead: a permanent failure of the mailbox or of its domain */
};
/* status (RFC 3463) and text of the server may be NULL.  `failed`: the server has given up. */
struct bounce bounce_judge(bool failed, const char *status, const char *text);

/* The words stand in the folded text as whole words. */
bool bounce_has_words(const char *folded, const char *words);

/* A notice without message/delivery-status (qmail, old Exim, Exchange, Domino ...), told by its sender and
 * its words: its recipients as dsn_parse() gives them, and the evidence [{"where", "text"}]; NULL when it is
 * none. */
json_t *bounce_legacy(const json_t *facts, json_t *evidence);
/* Message-ID of the copy that such a notice carries in its text; NULL. */
char *bounce_returned_id(void *mem, const char *body);

#endif
