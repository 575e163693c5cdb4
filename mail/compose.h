/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * From a row of the outbox to the bytes on the wire: the mailing's frozen text in the recipient's language,
 * rendered with the row's frozen view, as a MIME message with the keyed Message-ID and the calendar
 * invitation of its event, signed.
 *
 * A composer belongs to one thread; it keeps compiled texts, so that a mailing's text is parsed once a
 * language.
 */
#ifndef MAIL_COMPOSE_H
#define MAIL_COMPOSE_H

#include "base/conf.h"
#include "base/keyring.h"
#include "mail/outbox.h"
#include "mail/signing.h"

struct composer;

struct composer *composer_new(void *mem, const struct conf *conf, const struct conf_smtp *account,
                              const struct keyring *ring, const struct signer *signer);
/* What is kept already (row->message_id) is read back, so that the same content keeps its Message-ID;
 * otherwise the message is made.  The content's bytes are talloc children of mem.  ERR_INPUT: the text cannot
 * be made for this recipient. */
int composer_content(void *mem, struct composer *composer, struct db *db, const struct outbox_row *row,
                     struct outbox_content *content_r, struct err *err) MUST_CHECK;

#endif
