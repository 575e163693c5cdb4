/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What comes in: each stored message gets its verdict (class, rule, evidence), its place (thread, contact,
 * row of the outbox) and its effects, in one transaction.
 *
 * Keyed tokens alone (Message-ID, ENVID, VERP) change a state; threading may also use the Message-ID of any
 * message that we keep, if the sender takes part in its thread; the rest waits for a person, in state
 * 'decide' with the reason.  What cannot be judged is 'parked' with the reason, and never stops the run.
 */
#ifndef MAIL_INBOX_H
#define MAIL_INBOX_H

#include "base/conf.h"
#include "base/db.h"
#include "base/keyring.h"
#include "mail/wire/facts_cage.h"

struct inbox {
    struct db *db; /* as adresar_fetch */
    const struct conf *conf;
    const struct keyring *ring;
    struct cage *cage;
    bool again; /* some that were judged have found their thread since */
};

struct inbox_sum {
    long judged, parked,
        waiting; /* waiting: for an outcome that is being written elsewhere; judged next time */
};
/* Judges what is new, oldest first; other processes may do the same. -1 only when nothing can go on
 * (database). */
int inbox_judge_new(struct inbox *inbox, struct inbox_sum *sum, struct err *err) MUST_CHECK;

/* Is it an address of our own: of an account, or the office's? */
bool inbox_is_own(const struct conf *conf, const char *address);
/* Or of a colleague: in the office's domain? */
bool inbox_is_house(const struct conf *conf, const char *address);

#endif
