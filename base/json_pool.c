/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/json_pool.h"

#include <jansson.h>
#include <pthread.h>

struct json_pool {
    size_t used, size;
    _Alignas(16) char bytes[];
};

static _Thread_local struct json_pool *in_use;

static void *take(size_t n)
{
    size_t whole = (n + 15) & ~(size_t)15;
    if (!in_use || whole < n || whole > in_use->size - in_use->used)
        return malloc(n);
    void *bytes = in_use->bytes + in_use->used;
    in_use->used += whole;
    return bytes;
}

static void give_back(void *bytes)
{
    const char *p = bytes;
    if (!in_use || p < in_use->bytes || p >= in_use->bytes + in_use->size)
        free(bytes);
}

static void begin_all(void)
{
    json_set_alloc_funcs(take, give_back);
}

struct json_pool *json_pool_new(void *mem, size_t bytes)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, begin_all);
    struct json_pool *pool = talloc_size(mem, sizeof *pool + bytes);
    pool->size = bytes;
    return pool;
}

void json_pool_begin(struct json_pool *pool)
{
    pool->used = 0;
    in_use = pool;
}

void json_pool_end(void)
{
    in_use = NULL;
}
