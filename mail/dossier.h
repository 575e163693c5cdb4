/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * All that is kept about one contact (Regulation (EU) 2016/679, art. 15 and 20; Law 06/L-082 of Kosovo,
 * art. 14 and 19), for whoever asks what the office knows of them.
 */
#ifndef MAIL_DOSSIER_H
#define MAIL_DOSSIER_H

#include <jansson.h>

#include "base/db.h"

/* {"contact", "addresses", "history", "consent", "lists": rows of lists that it came in by, "letters": rows
 * of the ledger with their attempts, "messages": with "file" where the bytes are kept, "answers"}.  The
 * caller drops it. */
int dossier_read(struct db *db, int64_t contact, json_t **dossier_r, struct err *err) MUST_CHECK;

/* dossier.json, and messages/N.eml for each message, in one zip; how many messages. */
int dossier_write(struct db *db, int64_t contact, const char *path, int *messages_r,
                  struct err *err) MUST_CHECK;

#endif
