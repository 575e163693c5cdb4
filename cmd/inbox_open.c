/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/inbox_open.h"

int cmd_inbox_open(struct cmd *c, struct inbox *inbox, struct err *err)
{
    struct keyring *ring;
    *inbox = (struct inbox){0};
    if (cmd_conf(c, err) < 0)
        return -1;
    if (!c->conf->keys.file)
        return err_set(err, ERR_CONFIG, "%s: [keys] file is missing", c->conf->path);
    if (keyring_open(c->mem, c->conf->keys.file, &ring, err) < 0)
        return -1;
    inbox->conf = c->conf;
    inbox->ring = ring;
    return cage_open(c->mem, &inbox->cage, err) < 0 ? -1 : cmd_open_db(c, "adresar_fetch", &inbox->db, err);
}

void cmd_inbox_close(struct inbox *inbox)
{
    if (inbox->cage)
        cage_close(inbox->cage);
    db_close(inbox->db);
}
