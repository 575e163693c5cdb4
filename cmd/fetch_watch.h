/* SPDX-License-Identifier: AGPL-3.0-or-later */
#ifndef CMD_FETCH_WATCH_H
#define CMD_FETCH_WATCH_H

#include "cmd/cmd.h"
#include "mail/fetch.h"

/* What reads mail (cmd/inbox_open.h), where there is mail to read; ends with cmd_inbox_close. */
int fetch_inbox_open(struct cmd *c, struct inbox *inbox, struct err *err) MUST_CHECK;

/* Reads all accounts, and again whenever there is something new, until *stop. -1 when it cannot begin. */
int fetch_watch(struct cmd *c, const volatile sig_atomic_t *stop, struct err *err) MUST_CHECK;

#endif
