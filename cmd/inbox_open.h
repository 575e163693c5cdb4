/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What judges needs: the database as adresar_fetch, the keys, the cage.
 */
#ifndef CMD_INBOX_OPEN_H
#define CMD_INBOX_OPEN_H

#include "cmd/cmd.h"
#include "mail/inbox.h"

/* What was opened before an error is closed by cmd_inbox_close, too. */
int cmd_inbox_open(struct cmd *c, struct inbox *inbox, struct err *err) MUST_CHECK;
void cmd_inbox_close(struct inbox *inbox);

#endif
