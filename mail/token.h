/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Keyed ids: what comes back with an answer or a bounce and says, unforgeably, to which row of the outbox it
 * belongs.
 *
 *     Message-ID       <o{outbox}.{version}.{key}.{tag}@domain>     version: of the content; changed content,
 * *                                                             new id
 *     envelope         b.{outbox}.{key}.{tag}                 VERP, in an address (mail/envelope.h)
 *     ENVID            o{outbox}.{key}.{tag}                  RFC 3461 4.4
 *     unsubscribe      u{contact}.{list}.{key}.{tag}          in an address, a link or a subject
 *
 * The tag is a truncated MAC under the key of the ring that {key} names, over what stands before it and the
 * kind of id, so that none can be made out of another.  All is lower case, and is compared without regard to
 * case, since servers on the way may change it.
 */
#ifndef MAIL_TOKEN_H
#define MAIL_TOKEN_H

#include <stdint.h>

#include "base/keyring.h"

/* Made with the newest key; talloc children of mem. */
char *token_message_id(void *mem, const struct keyring *ring, const char *domain, int64_t outbox_id,
                       int version);
char *token_envelope(void *mem, const struct keyring *ring, int64_t outbox_id);
char *token_envid(void *mem, const struct keyring *ring, int64_t outbox_id);
/* It has no end: valid as long as its key is in the ring. */
char *token_unsubscribe(void *mem, const struct keyring *ring, int64_t contact_id, int64_t list_id);

/* true: it is ours, and outbox_id_r is set.  Anything else, a forged tag, a foreign domain, an unknown key,
 * is just not ours. */
bool token_parse_message_id(const struct keyring *ring, const char *domain, const char *id,
                            int64_t *outbox_id_r);
bool token_parse_envelope(const struct keyring *ring, const char *token, size_t len, int64_t *outbox_id_r);
bool token_parse_envid(const struct keyring *ring, const char *envid, int64_t *outbox_id_r);
bool token_parse_unsubscribe(const struct keyring *ring, const char *token, size_t len,
                             int64_t contact_and_list_r[2]);

#endif
