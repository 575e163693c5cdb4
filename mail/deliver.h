/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Delivering what is released: a process with one lease, threads with a connection to the submission server
 * and one to PostgreSQL each.  Any number of such processes share the work.
 */
#ifndef MAIL_DELIVER_H
#define MAIL_DELIVER_H

#include <signal.h>

#include "base/conf.h"
#include "base/keyring.h"
#include "mail/signing.h"

struct deliver_options {
    const struct conf *conf;
    const struct conf_smtp *account;
    const struct keyring *ring;
    const struct signer *signer;       /* NULL: without DKIM */
    bool once;                         /* end when nothing is left to be sent now */
    const volatile sig_atomic_t *stop; /* set by a signal: finish the message in hand, then end */
};
struct deliver_sum {
    long accepted, deferred, refused, unknown;
};
/* Returns when all is sent (once), when told to stop, or with ERR_AWAY, ERR_CONFIG when the server cannot be
 * used: nothing is lost then, the rows are queued again. */
int deliver_run(const struct deliver_options *options, struct deliver_sum *sum_r, struct err *err) MUST_CHECK;

#endif
