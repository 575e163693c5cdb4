/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/db_script.h"
#include "cmd/store.h"

#include "base/migrate.h"
#include "crm/rights.h"
#include "mail/outbox_state.h"

/* Deliver and fetch keep their prepared statements while tables grow under them from empty to large: a plan
 * made on the first day, that reads an empty table from end to end, would stay.  Their statements all have an
 * index to go by, and for deliver its order; what belongs together fetch finds by an index that gives bitmaps
 * alone.  It asks the same few things of each mail, and planning them anew would cost more than they do. */
static const char roles_sql[] =
    "do $$ declare r text; begin"
    " if not exists (select from pg_roles where rolname = 'adresar_owner') then"
    "  create role adresar_owner login createrole; end if;"
    " if not exists (select from pg_roles where rolname = 'adresar_office') then"
    "  create role adresar_office nologin; end if;"
    " foreach r in array array['adresar_deliver', 'adresar_fetch', 'adresar_report'] loop"
    "  if not exists (select from pg_roles where rolname = r) then execute format('create role %I login', "
    "r); end if;"
    "  if r <> 'adresar_report' then execute format('alter role %I set enable_seqscan = off', r); end if;"
    " end loop;"
    " alter role adresar_deliver set enable_bitmapscan = off;"
    " alter role adresar_fetch set plan_cache_mode = force_generic_plan;"
    " if not exists (select from pg_roles where rolname = 'adresar_web') then"
    "  create role adresar_web login in role adresar_office; end if; end $$";

static int sync(struct db *db, struct err *err)
{
    return outbox_state_sync(db, err) < 0 || rights_sync(db, err) < 0 ? -1 : 0;
}

static int create_database(struct db *cluster, const char *name, bool *created_r, struct err *err)
{
    MEM_SCOPE(mem);
    char *sql = talloc_asprintf(
        mem, "create database %s owner adresar_owner encoding 'UTF8' template template0 locale 'C.UTF-8'",
        db_quote_name(mem, cluster, name));
    *created_r = db_script(cluster, sql, err) == 0;
    return *created_r || !strcmp(err->sqlstate, "42P04") ? 0 : -1; /* duplicate_database */
}

int store_create(const char *conninfo, const char *name, bool *created_r, struct err *err)
{
    MEM_SCOPE(mem);
    struct db *cluster;
    /* the configured connection string, but to the cluster's own database */
    char *there = talloc_asprintf(mem, "%s dbname=postgres", conninfo);
    if (db_open(&cluster, there, NULL, "adresar db init", err) < 0)
        return -1;
    int rc = db_script(cluster, roles_sql, err);
    if (rc == 0)
        rc = create_database(cluster, name, created_r, err);
    db_close(cluster);
    return rc;
}

int store_upgrade(const char *conninfo, int *applied_r, struct err *err)
{
    struct db *db;
    if (db_open(&db, conninfo, "adresar_owner", "adresar db upgrade", err) < 0)
        return -1;
    int rc = migrate_upgrade(db, sync, applied_r, err);
    db_close(db);
    return rc;
}
