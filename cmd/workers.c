/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Processes that only we start, by exec of our own program, with a socket at descriptor 3.
 */
#include "cmd/cmd.h"
#include "cmd_functions.h"

#include "base/vcard_cage.h"
#include "base/xlsx.h"
#include "mail/wire/facts_cage.h"
#include "mail/wire/imap.h"

int cmd_imap_worker(struct cmd *c, int argc, char **argv)
{
    (void)c, (void)argc, (void)argv;
    return imap_worker_main();
}

/* every parser of foreign bytes */
static const struct cage_parser *const parsers[] = {&facts_parser, &facts_part_parser, &vcard_parser,
                                                    &xlsx_parser, NULL};

int cmd_cage(struct cmd *c, int argc, char **argv)
{
    (void)c, (void)argc, (void)argv;
    return cage_main(parsers);
}
