/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/lazy.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int lazy_load(struct lazy *lazy, struct err *err)
{
    if (lazy->loaded)
        return 0;
    void *handle = dlopen(lazy->library, RTLD_NOW | RTLD_LOCAL);
    if (!handle)
        return err_set(err, ERR_CONFIG, "a library is missing: %s", dlerror());
    for (int i = 0; i < lazy->count; i++)
        if (!(lazy->functions[i] = dlsym(handle, lazy->names[i])))
            return err_set(err, ERR_CONFIG, "a library is too old: %s", dlerror());
    __atomic_store_n(&lazy->loaded, true, __ATOMIC_RELEASE); /* another thread may have done the same */
    return 0;
}

void lazy_need(struct lazy *lazy)
{
    struct err err;
    if (lazy_load(lazy, &err) == 0)
        return;
    fprintf(stderr, "adresar: %s\n", err.text);
    exit(err_exit_code(&err));
}
