/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * From a row of the outbox to the bytes on the wire: the mailing's frozen text in the recipient's language,
 * rendered with the row's frozen view, as a MIME message with the keyed Message-ID and the calendar
 * invitation of its event, signed.
 *
 * In two steps.  Whoever claims rows reads what their letters need from the database (composer_prepare); any
 * thread then makes the letters (composer_content), without a database and side by side.
 */
#ifndef MAIL_COMPOSE_H
#define MAIL_COMPOSE_H

#include "base/conf.h"
#include "base/keyring.h"
#include "mail/outbox.h"
#include "mail/signing.h"

/* One thread's.  It keeps the compiled texts, so that a mailing's text is parsed once a language. */
struct composer;
struct composer_work; /* what a row's letter needs; read-only */
struct composer_desk; /* where a thread makes letters */

struct composer *composer_new(void *mem, const struct conf *conf, const struct conf_smtp *account,
                              const struct keyring *ring, const struct signer *signer);
/* Gives rows their `work`, a talloc child of mem, and their `bytes`; a row whose text cannot be made is set
 * aside as held.  Returns how many: no more than come to most_bytes, but the first. */
int composer_prepare(void *mem, struct composer *composer, struct db *db, struct outbox_row *rows, int n,
                     size_t most_bytes, struct err *err) MUST_CHECK;

/* What is kept already (row->message_id) goes again as it was, so that the same content keeps its Message-ID;
 * otherwise the message is made, and packed.  The content's bytes are talloc children of mem.  ERR_INPUT: the
 * text cannot be made for this recipient. */
struct composer_desk *composer_desk_new(void *mem);
int composer_content(void *mem, struct composer_desk *desk, const struct outbox_row *row,
                     struct outbox_content *content_r, struct err *err) MUST_CHECK;

#endif
