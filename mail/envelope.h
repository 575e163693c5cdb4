/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Addresses of ours that carry a token (mail/token.h), by the account's bounce_address and verp:
 *
 *     plus       LOCAL+TOKEN@DOMAIN     the server knows + as its recipient delimiter
 *     catchall   TOKEN@DOMAIN           bounce_address = *@DOMAIN: all of the domain is one mailbox
 *     none       none                   the server takes no sender but the account's own; then ENVID and
 *                                       Message-ID alone say which letter a report is about
 *
 * Mail is known by any of these shapes of any account, whatever is set now: older letters have older ones.
 */
#ifndef MAIL_ENVELOPE_H
#define MAIL_ENVELOPE_H

#include "base/conf.h"
#include "base/keyring.h"
#include "mail/wire/smtp.h"

/* MAIL FROM of a letter. */
char *envelope_sender(void *mem, const struct keyring *ring, const struct conf_smtp *account,
                      int64_t outbox_id);
/* NULL with verp = none. */
char *envelope_address(void *mem, const struct conf_smtp *account, const char *token);

bool envelope_parse(const struct keyring *ring, const struct conf *conf, const char *address,
                    int64_t *outbox_id_r);
bool envelope_parse_unsubscribe(const struct keyring *ring, const struct conf *conf, const char *address,
                                int64_t contact_and_list_r[2]);

/* The refusal is of the sender, and so ours to mend: at MAIL, or put off until RCPT as Postfix does. */
bool envelope_sender_refused(const struct smtp_result *result);
/* What may help when it is refused for what it is (553, 5.1.8, 5.7.1); NULL: nothing that is known here. */
const char *envelope_hint(void *mem, const struct conf_smtp *account, const struct smtp_result *result);

#endif
