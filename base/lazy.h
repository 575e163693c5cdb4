/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Libraries that few commands need, loaded at the first call of one of their functions: with GMime alone come
 * twenty others, and a `contact find` would wait for them all.
 *
 * FOLDER/NAME.lazy names the library, its headers and the functions that we call; lazy.awk makes
 * FOLDER/NAME_lazy.h of it, which is included in place of the headers and makes each call go through the
 * table of what was loaded.  A function that is missing in the list does not link.
 */
#ifndef BASE_LAZY_H
#define BASE_LAZY_H

#include <stdbool.h>

#include "base/err.h"

struct lazy {
    const char *library; /* as dlopen() finds it */
    const char *const *names;
    void **functions; /* of the names, once it is loaded */
    int count;
    bool loaded;
};

/* ERR_CONFIG when the library or a function is missing; nothing when it is loaded.  Call it where that can be
 * told, and before the process may not open files any more. */
int lazy_load(struct lazy *lazy, struct err *err) MUST_CHECK;
/* Or the process ends. */
void lazy_need(struct lazy *lazy);

#endif
