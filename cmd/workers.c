/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Processes that only we start, by exec of our own program, with a socket at descriptor 3.
 */
#include "cmd/cmd.h"
#include "cmd_functions.h"

#include "mail/wire/cage.h"
#include "mail/wire/imap.h"

int cmd_imap_worker(struct cmd *c, int argc, char **argv)
{
    (void)c, (void)argc, (void)argv;
    return imap_worker_main();
}

int cmd_cage(struct cmd *c, int argc, char **argv)
{
    (void)c, (void)argc, (void)argv;
    return cage_main();
}
