/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Memory of jansson's for values that live as short as a letter is made: taken from the front of a block, and
 * given back together.
 */
#ifndef BASE_JSON_POOL_H
#define BASE_JSON_POOL_H

#include "base/mem.h"

struct json_pool;
struct json_pool *json_pool_new(void *mem, size_t bytes);
/* In this thread, until json_pool_end: all values that are made are in the pool (while it has room), and none
 * of them is left then. */
void json_pool_begin(struct json_pool *pool);
void json_pool_end(void);

#endif
