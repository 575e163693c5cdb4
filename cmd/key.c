/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/keyring.h"
#include "cmd_functions.h"

int cmd_key_new(struct cmd *c, int argc, char **argv)
{
    struct err err;
    (void)argv;
    if (argc)
        return cmd_usage(c, "key new");
    if (cmd_conf(c, &err) < 0)
        return cmd_fail(c, &err);
    if (!c->conf->keys.file) {
        err_set(&err, ERR_CONFIG, "%s: [keys] wants file", c->conf->path);
        return cmd_fail(c, &err);
    }
    bool first = keyring_create(c->conf->keys.file, &err) == 0;
    if (!first && (err.code != ERR_CONFLICT || keyring_rotate(c->conf->keys.file, &err) < 0))
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:s, s:b}", "file", c->conf->keys.file, "first", first));
    else
        printf(first ? _("%s: made, with its first key\n")
                     : _("%s: a new key signs from now on, the older ones still verify\n"),
               c->conf->keys.file);
    return 0;
}
