/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/db_again.h"

#include <unistd.h>

bool db_again(const struct err *err, int *tries)
{
    enum { MOST = 3, WAIT_US = 50000 };
    bool raced = err->code == ERR_AGAIN || !strcmp(err->sqlstate, "23503");
    if (!raced || ++*tries == MOST)
        return false;
    usleep((unsigned)(WAIT_US * *tries));
    return true;
}
