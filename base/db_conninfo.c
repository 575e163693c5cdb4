/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/db_script.h"

#include <libpq-fe.h>

int db_name_of(const char *conninfo, char *name, size_t size, struct err *err)
{
    char *why = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &why);
    if (!options) {
        err_set(err, ERR_CONFIG, "database conninfo: %s", why ? why : "cannot be read");
        PQfreemem(why);
        return -1;
    }
    snprintf(name, size, "adresar");
    for (PQconninfoOption *o = options; o->keyword; o++)
        if (!strcmp(o->keyword, "dbname") && o->val)
            snprintf(name, size, "%s", o->val);
    PQconninfoFree(options);
    return 0;
}
