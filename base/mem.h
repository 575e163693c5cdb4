/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Memory and other things with a lifetime.
 *
 * Memory is talloc's: one context a request, a message or a job, passed as the first argument (`void *mem`);
 * nobody frees single strings.  mem_init() makes running out of memory end the process, so talloc calls are
 * not checked. What is not memory (rows, transactions, descriptors) ends by CLEANUP.  Functions that C
 * programs regret do not compile: see the end of this file.
 */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <talloc.h>

#include "base/err.h"

#define CLEANUP(fn)  __attribute__((cleanup(fn)))
#define ARRAY_LEN(a) (sizeof(a) / sizeof *(a))

/* Call first in main(): aborts on out of memory from then on, and lifts talloc's limits. */
void mem_init(void);

/* talloc context that ends with the block:  MEM_SCOPE(mem); */
#define MEM_SCOPE(name) CLEANUP(mem_scope_end) void *name = mem_scope_new()
void *mem_scope_new(void);
void mem_scope_end(void *ctx_address);

/* Descriptor and stream that close with the block. */
#define FD_SCOPE CLEANUP(mem_fd_end)
void mem_fd_end(int *fd);
#define FILE_SCOPE CLEANUP(mem_file_end)
void mem_file_end(FILE **f);

/* Text that grows, NUL-terminated at all times; its bytes are a talloc child of the context it began with. */
struct text {
    char *s;
    size_t len, size;
};
struct text text_new(void *mem);
struct text text_for(void *mem, size_t len); /* with room for so many bytes */
void text_room(struct text *t, size_t more); /* for so many bytes more */
void text_add(struct text *t, const char *bytes, size_t len);
void text_puts(struct text *t, const char *s);
void text_putc(struct text *t, char c);
void text_printf(struct text *t, const char *fmt, ...) PRINTF(2, 3);

/* The whole file in one talloc block, a NUL behind its end; ERR_INPUT above max_bytes, ERR_IO if unreadable.
 */
int mem_read_file(void *mem, const char *path, size_t max_bytes, char **data_r, size_t *len_r,
                  struct err *err) MUST_CHECK;
/* All of it, to a descriptor that waits; -1: errno says why. */
int mem_write_all(int fd, const char *data, size_t len) MUST_CHECK;
/* Whole or not at all: written beside, synced, renamed. */
int mem_write_file(const char *path, const char *data, size_t len, struct err *err) MUST_CHECK;

#pragma GCC poison strcpy strcat sprintf vsprintf strtok atoi atol atof gets system strncpy strncat tmpnam   \
    mktemp

#endif
