/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd_functions.h"

int cmd_db_status(struct cmd *c, int argc, char **argv)
{
    (void)argc;
    (void)argv;
    return cmd_usage(c, "db status");
}
