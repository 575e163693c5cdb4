/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/table.h"
#include "cmd_functions.h"
#include "crm/staff.h"

static int add(struct cmd *c, const struct staff *staff, struct err *err)
{
    struct db *db;
    bool made;
    if (cmd_open_db(c, "adresar_owner", &db, err) < 0)
        return -1;
    int rc = staff_add(db, staff, &made, err);
    db_close(db);
    if (rc < 0)
        return -1;
    if (c->json) {
        cmd_print_json(json_pack("{s:s, s:s, s:s, s:b}", "login", staff->login, "role", staff->role,
                                 "department", staff->department, "department_made", made));
        return 0;
    }
    if (made)
        printf(_("department %s is new\n"), staff->department);
    printf(_("%s is %s of %s\n"), staff->login, staff->role, staff->department);
    return 0;
}

int cmd_user_add(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct staff staff = {0};
    const struct cmd_option options[] = {
        {"role", CMD_TEXT, &staff.role},
        {"department", CMD_TEXT, &staff.department},
        {"department-name", CMD_TEXT, &staff.department_name},
        {"also-department", CMD_TEXT, &staff.also},
        {0},
    };
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1 || !staff.role || !staff.department)
        return cmd_usage(
            c, "user add NAME --role reader|clerk|head|admin|auditor --department D [--department-name N] "
               "[--also-department D]");
    staff.login = argv[0];
    return add(c, &staff, &err) < 0 ? cmd_fail(c, &err) : 0;
}

static void list_print(struct cmd *c, const struct staff *list, size_t n)
{
    struct cmd_table *table = cmd_table_new(
        c->mem, (const char *[]){_("login"), _("role"), _("department"), _("also"), _("disabled"), NULL});
    for (size_t i = 0; i < n; i++) {
        const struct staff *s = &list[i];
        if (c->json)
            cmd_print_json(json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?}", "login", s->login, "role", s->role,
                                     "department", s->department, "department_name", s->department_name,
                                     "also", s->also, "disabled_at", s->disabled_at));
        else
            cmd_table_add(table,
                          (const char *[]){s->login, s->role, s->department_name, s->also,
                                           s->disabled_at ? talloc_strndup(c->mem, s->disabled_at, 16) : ""});
    }
    if (!c->json)
        cmd_table_print(table);
}

int cmd_user_list(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    struct staff *list;
    size_t n;
    (void)argv;
    if (argc)
        return cmd_usage(c, "user list");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = staff_list(c->mem, db, &list, &n, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    list_print(c, list, n);
    return 0;
}

int cmd_user_disable(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    if (argc != 1)
        return cmd_usage(c, "user disable NAME");
    if (cmd_open_db(c, "adresar_owner", &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = staff_disable(db, argv[0], &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:s, s:b}", "login", argv[0], "disabled", 1));
    else
        printf(_("%s cannot log in any more\n"), argv[0]);
    return 0;
}
