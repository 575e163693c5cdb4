/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Test messages through the whole path that letters go: what the server, and all that lies behind it, leaves
 * as it was.
 *
 * Copies go to the account's own mailbox, to an address of it that carries a token (mail/envelope.h), and to
 * an address outside.  Each has its own Message-ID, envelope sender and words to find it by, is signed as
 * letters are, and waited for by IMAP in those mailboxes that the configuration has an [imap] for.
 */
#ifndef MAIL_PROBE_H
#define MAIL_PROBE_H

#include <jansson.h>

#include "base/cage.h"
#include "base/conf.h"
#include "base/db.h"
#include "base/keyring.h"

struct probe_order {
    const struct conf *conf;
    const struct conf_smtp *account;
    const struct keyring *ring;
    struct cage *cage;   /* for reading what arrives */
    const char *outside; /* NULL: none */
    int wait_s;
};
/* {"account", "from", "server", "tls", "login", "received_from" (where it is known how a mailbox outside,
 * else the own one, got it), "ok", "copies": [{"copy": "own|token|outside", "to", "sender", "message_id",
 * "received_from", "checks": [{"check", "ok": true|false|null (not checked), "value"}]}]} The checks are
 * accepted, arrived, return-path, message-id, dkim, address; value says what was seen, or is missing. -1:
 * nothing could be sent, or no mailbox be read. The caller drops the report. */
int probe_run(const struct probe_order *order, json_t **report_r, struct err *err) MUST_CHECK;
/* In the store, for whoever looks before a release. */
int probe_keep(struct db *db, const json_t *report, struct err *err) MUST_CHECK;

#endif
