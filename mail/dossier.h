/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * All that is kept about one contact (Regulation (EU) 2016/679, art. 15 and 20; Law 06/L-082 of Kosovo,
 * art. 14 and 19), for whoever asks what the office knows of them.
 */
#ifndef MAIL_DOSSIER_H
#define MAIL_DOSSIER_H

#include <jansson.h>

#include "base/archive.h"
#include "base/db.h"

/* {"contact", "addresses", "history", "consent", "lists": rows of lists that it came in by, "letters": rows
 * of the ledger with their attempts, "messages": with "file" where the bytes are kept, "answers",
 * "meetings": that name somebody so called, "handed_out": who took it out in a list}.  The caller drops it.
 */
int dossier_read(struct db *db, int64_t contact, json_t **dossier_r, struct err *err) MUST_CHECK;

/* Adds what a room above ours makes of it, in the same transaction. */
typedef int dossier_more_fn(const void *context, struct db *db, int64_t contact, struct archive *archive,
                            struct err *err);

struct dossier_sums {
    int messages, documents;
    int meetings; /* by the name alone: perhaps another's */
};

/* dossier.json, messages/N.eml for each message, its files as documents/N/NAME ("documents" of the message
 * has their names), but for those that may do harm ("dangerous"), which stay in the message alone; and what
 * more() adds (NULL: nothing), in one zip. */
int dossier_write(struct db *db, int64_t contact, const char *path, dossier_more_fn *more,
                  const void *context, struct dossier_sums *sums_r, struct err *err) MUST_CHECK;

#endif
