/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A message of the store, read as whoever asks.
 */
#ifndef CMD_INBOX_MESSAGE_H
#define CMD_INBOX_MESSAGE_H

#include "cmd/extract.h"

/* Its facts (mail/wire/facts.h), or, where x is no NULL, its files as they were taken out (extract_files).
 * The caller drops them. */
int inbox_message(struct cmd *c, int64_t id, struct extract *x, json_t **found_r, struct err *err) MUST_CHECK;

#endif
