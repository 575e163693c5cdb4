/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The mailboxes of a From, To or Cc field (RFC 5322 3.4, 4.4), as senders write them.
 */
#ifndef MAIL_WIRE_MAILBOX_H
#define MAIL_WIRE_MAILBOX_H

#include <jansson.h>

#include "base/mem.h"

/* Appends [name, address] for each; "" for no name.  Those of a group are taken, its name is not.  charset:
 * what raw 8-bit text may be in, or NULL. */
void mailbox_read(json_t *list, const char *value, size_t len, const char *charset, size_t max);

#endif
