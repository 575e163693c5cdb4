/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * `db init` runs as whoever may create roles and databases (the cluster's superuser); everything afterwards
 * runs as adresar_owner, which may only migrate and manage users.
 */
#include "base/db_script.h"
#include "base/migrate.h"
#include "cmd/store.h"
#include "cmd_functions.h"

static int init(struct cmd *c, struct err *err)
{
    char name[128];
    bool created;
    int applied;
    if (cmd_conf(c, err) < 0 || db_name_of(c->conf->database.conninfo, name, sizeof name, err) < 0 ||
        store_create(c->conf->database.conninfo, name, &created, err) < 0 ||
        store_upgrade(c->conf->database.conninfo, &applied, err) < 0)
        return -1;
    if (c->json)
        cmd_print_json(
            json_pack("{s:s, s:b, s:i}", "database", name, "created", created, "migrations", applied));
    else
        printf(PLURAL("database %s %s, %d migration applied\n", "database %s %s, %d migrations applied\n",
                      applied),
               name, created ? _("created") : _("was there"), applied);
    return 0;
}

int cmd_db_init(struct cmd *c, int argc, char **argv)
{
    struct err err;
    (void)argv;
    if (argc)
        return cmd_usage(c, "db init");
    return init(c, &err) < 0 ? cmd_fail(c, &err) : 0;
}

int cmd_db_upgrade(struct cmd *c, int argc, char **argv)
{
    struct err err;
    int applied;
    (void)argv;
    if (argc)
        return cmd_usage(c, "db upgrade");
    if (cmd_conf(c, &err) < 0 || store_upgrade(c->conf->database.conninfo, &applied, &err) < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:i}", "migrations", applied));
    else
        printf(PLURAL("%d migration applied\n", "%d migrations applied\n", applied), applied);
    return 0;
}

int cmd_db_status(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    struct migrate_status status;
    (void)argv;
    if (argc)
        return cmd_usage(c, "db status");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = migrate_status(c->mem, db, &status, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:i, s:i, s:s?}", "applied", status.applied, "pending", status.pending,
                                 "last", status.last));
    else
        printf(PLURAL("%d migration applied (last: %s), %d pending\n",
                      "%d migrations applied (last: %s), %d pending\n", status.applied),
               status.applied, status.last ? status.last : "-", status.pending);
    return status.pending ? EXIT_LOOK : 0;
}
