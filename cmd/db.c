/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * `db init` runs as whoever may create roles and databases (the cluster's superuser); everything afterwards
 * runs as adresar_owner, which may only migrate and manage users.
 */
#include "base/migrate.h"
#include "cmd_functions.h"
#include "mail/outbox_state.h"

static const char roles_sql[] =
    "do $$ declare r text; begin"
    " if not exists (select from pg_roles where rolname = 'adresar_owner') then"
    "  create role adresar_owner login createrole; end if;"
    " if not exists (select from pg_roles where rolname = 'adresar_office') then"
    "  create role adresar_office nologin; end if;"
    " foreach r in array array['adresar_deliver', 'adresar_fetch', 'adresar_report'] loop"
    "  if not exists (select from pg_roles where rolname = r) then execute format('create role %I login', "
    "r); end if;"
    " end loop; end $$";

/* The configured connection string, but to the cluster's own database. */
static int open_cluster(struct cmd *c, struct db **db_r, struct err *err)
{
    char *conninfo = talloc_asprintf(c->mem, "%s dbname=postgres", c->conf->database.conninfo);
    return db_open(db_r, conninfo, NULL, "adresar db init", err);
}

static int create_database(struct cmd *c, struct db *cluster, const char *name, struct err *err)
{
    char *sql = talloc_asprintf(c->mem,
                                "create database %s owner adresar_owner encoding 'UTF8' template template0 "
                                "locale 'C.UTF-8'",
                                db_quote_name(c->mem, cluster, name));
    if (db_script(cluster, sql, err) == 0)
        return 1;
    return strcmp(err->sqlstate, "42P04") ? -1 : 0; /* duplicate_database */
}

static int upgrade(struct cmd *c, int *applied_r, struct err *err)
{
    struct db *db;
    if (cmd_open_db(c, "adresar_owner", &db, err) < 0)
        return -1;
    int rc = migrate_upgrade(db, outbox_state_sync, applied_r, err);
    db_close(db);
    return rc;
}

static int init(struct cmd *c, struct err *err)
{
    struct db *cluster;
    char name[128];
    int applied;
    if (cmd_conf(c, err) < 0 || db_name_of(c->conf->database.conninfo, name, sizeof name, err) < 0 ||
        open_cluster(c, &cluster, err) < 0)
        return -1;
    int rc = db_script(cluster, roles_sql, err);
    if (rc == 0)
        rc = create_database(c, cluster, name, err);
    db_close(cluster);
    if (rc < 0 || upgrade(c, &applied, err) < 0)
        return -1;
    if (c->json)
        cmd_print_json(json_pack("{s:s, s:b, s:i}", "database", name, "created", rc, "migrations", applied));
    else
        printf(_("database %s %s, %d migrations applied\n"), name, rc ? _("created") : _("was there"),
               applied);
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
    if (cmd_conf(c, &err) < 0 || upgrade(c, &applied, &err) < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:i}", "migrations", applied));
    else
        printf(_("%d migrations applied\n"), applied);
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
        printf(_("%d migrations applied (last: %s), %d pending\n"), status.applied,
               status.last ? status.last : "-", status.pending);
    return status.pending ? EXIT_LOOK : 0;
}
