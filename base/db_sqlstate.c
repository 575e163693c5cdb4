/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/db_script.h"

enum err_code db_code_of_sqlstate(const char *state)
{
    static const struct {
        const char *prefix;
        enum err_code code;
    } table[] = {
        {"40", ERR_AGAIN},                              /* serialization failure, deadlock */
        {"55P03", ERR_AGAIN},                           /* lock not available */
        {"57P0", ERR_AWAY},                             /* shutting down, crashed, starting up */
        {"08", ERR_AWAY},                               /* connection */
        {"53", ERR_AWAY},                               /* out of resources */
        {"23", ERR_CONFLICT},                           /* constraint */
        {"AD001", ERR_CONFLICT},                        /* raised by our own triggers: a rule of the house */
        {"AD002", ERR_NOTFOUND}, {"42501", ERR_DENIED}, /* insufficient privilege */
        {"22", ERR_INPUT},                              /* data exception */
        {"28", ERR_CONFIG},                             /* authorization */
        {"3D", ERR_CONFIG},                             /* no such database */
        {"42P01", ERR_CONFIG},                          /* no such table: not migrated */
        {"3F", ERR_CONFIG},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (!strncmp(state, table[i].prefix, strlen(table[i].prefix)))
            return table[i].code;
    return ERR_AGAIN;
}
