/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The e-mail addresses of a contact, each with its state:
 *
 *     unverified  nothing is known         good      something came back from it: the proof is kept
 *     soft        failed for a while: how often, since when        held    a person or a rule says: not now
 *     dead        gone for good, with the evidence                 replaced    by another of the contact's
 *
 * Mail that comes in moves states by itself (mail/inbox.h); a person does it here, and says why.  What they
 * were before stands in the audit log.
 */
#ifndef CRM_ADDRESS_H
#define CRM_ADDRESS_H

#include <jansson.h>

#include "base/db.h"

struct address_change {
    const char *state; /* NULL, or unverified, good, held, dead */
    const char *why;   /* must be there for good, held and dead */
    const char
        *replaced_by; /* NULL, or another address: the contact has it from now on, in the old one's place */
    bool hide, show;  /* private: for those departments alone that keep or share the contact */
    bool first;       /* the one that is written to before others */
};
/* ERR_NOTFOUND: the contact has no such address.  One transaction. */
int address_change(struct db *db, int64_t contact, const char *email, const struct address_change *change,
                   struct err *err) MUST_CHECK;

/* An array in the order of preference: {"email", "state", "since", "count", "evidence", "private",
 * "replaced_by", "failure": {"at", "status", "text", "reason", "rule", "mailing"} of the last letter that
 * came back, "history": [{"at", "by", "state", "evidence"}, oldest first]}; the caller drops it. */
int address_list(struct db *db, int64_t contact, json_t **list_r, struct err *err) MUST_CHECK;

#endif
