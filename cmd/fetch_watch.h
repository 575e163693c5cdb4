/* SPDX-License-Identifier: AGPL-3.0-or-later */
#ifndef CMD_FETCH_WATCH_H
#define CMD_FETCH_WATCH_H

#include "cmd/cmd.h"
#include "mail/fetch.h"

/* What reads mail: the database, the keys, the cage. */
int fetch_inbox_open(struct cmd *c, struct inbox *inbox, struct err *err) MUST_CHECK;
void fetch_inbox_close(struct inbox *inbox);

/* Reads all accounts, and again whenever there is something new, until *stop. -1 when it cannot begin. */
int fetch_watch(struct cmd *c, const volatile sig_atomic_t *stop, struct err *err) MUST_CHECK;

#endif
