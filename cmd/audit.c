/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/audit.h"

#include "cmd_functions.h"

int cmd_audit_verify(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    struct audit_verdict verdict;
    (void)argv;
    if (argc)
        return cmd_usage(c, "audit verify");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = audit_verify(c->mem, db, &verdict, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:b, s:I, s:I, s:s?}", "whole", !verdict.broken, "entries",
                                 (json_int_t)verdict.entries, "erased", (json_int_t)verdict.erased, "broken",
                                 verdict.broken));
    else if (verdict.broken)
        printf(_("the audit log is broken: %s\n"), verdict.broken);
    else
        printf(_("the audit log is whole: %lld entries, %lld values erased\n"), (long long)verdict.entries,
               (long long)verdict.erased);
    return verdict.broken ? EXIT_LOOK : 0;
}
