/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * After <cmocka.h>.
 */
#ifndef TESTS_LIB_DONE_H
#define TESTS_LIB_DONE_H

#include "base/err.h"

/* A call with `err` as its last argument that must not fail. */
#define DONE(call)                                                                                           \
    do {                                                                                                     \
        struct err err_ = {0};                                                                               \
        struct err *err = &err_;                                                                             \
        if ((call) < 0)                                                                                      \
            fail_msg("%s: %s", #call, err_.text);                                                            \
    } while (0)

#endif
