/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/mem.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

static void out_of_memory(const char *reason)
{
    fprintf(stderr, "adresar: %s\n", reason);
    abort();
}

void mem_init(void)
{
    talloc_set_abort_fn(out_of_memory);
}

void *mem_scope_new(void)
{
    void *ctx = talloc_new(NULL);
    if (!ctx)
        out_of_memory("out of memory");
    return ctx;
}

void mem_scope_end(void *ctx_address)
{
    talloc_free(*(void **)ctx_address);
}

void mem_fd_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

void mem_file_end(FILE **f)
{
    if (*f)
        fclose(*f);
}

struct text text_for(void *mem, size_t len)
{
    struct text t = {.s = talloc_size(mem, len + 1), .size = len + 1};
    if (!t.s)
        out_of_memory("out of memory");
    t.s[0] = 0;
    return t;
}

struct text text_new(void *mem)
{
    return text_for(mem, 255);
}

void text_room(struct text *t, size_t more)
{
    enum { LARGEST = 0x0fffffff }; /* of a block that talloc gives */
    if (t->len + more + 1 <= t->size)
        return;
    size_t size = t->size;
    while (size < t->len + more + 1)
        size = size > LARGEST / 2 && size < LARGEST ? LARGEST : size * 2;
    t->s = talloc_realloc_size(NULL, t->s, size);
    if (!t->s)
        out_of_memory("out of memory");
    t->size = size;
}

void text_add(struct text *t, const char *bytes, size_t len)
{
    text_room(t, len);
    memcpy(t->s + t->len, bytes, len);
    t->len += len;
    t->s[t->len] = 0;
}

void text_puts(struct text *t, const char *s)
{
    text_add(t, s, strlen(s));
}

void text_putc(struct text *t, char c)
{
    text_add(t, &c, 1);
}

void text_printf(struct text *t, const char *fmt, ...)
{
    va_list ap, again;
    va_start(ap, fmt);
    va_copy(again, ap);
    size_t room = t->size - t->len; /* mostly it is enough */
    int n = vsnprintf(t->s + t->len, room, fmt, ap);
    va_end(ap);
    must(n >= 0);
    if ((size_t)n >= room) {
        text_room(t, (size_t)n);
        vsnprintf(t->s + t->len, (size_t)n + 1, fmt, again);
    }
    va_end(again);
    t->len += (size_t)n;
}

static int refuse_size(const char *path, size_t max_bytes, struct err *err)
{
    bool whole = max_bytes >= 1 << 20 && max_bytes % (1 << 20) == 0;
    return err_set(err, ERR_INPUT, "%s: larger than %zu %s", path, whole ? max_bytes >> 20 : max_bytes,
                   whole ? "MB" : "bytes");
}

int mem_read_file(void *mem, const char *path, size_t max_bytes, char **data_r, size_t *len_r,
                  struct err *err)
{
    FD_SCOPE int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (size_t)st.st_size > max_bytes)
        return refuse_size(path, max_bytes, err);
    struct text t = text_new(mem);
    for (;;) {
        text_room(&t, 65536);
        ssize_t n = read(fd, t.s + t.len, t.size - t.len - 1);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
        if (n == 0)
            break;
        t.len += (size_t)n;
        if (t.len > max_bytes)
            return refuse_size(path, max_bytes, err);
    }
    t.s[t.len] = 0;
    *data_r = t.s;
    *len_r = t.len;
    return 0;
}

int mem_write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        data += n;
        len -= (size_t)n;
    }
    return 0;
}

int mem_write_file(const char *path, const char *data, size_t len, struct err *err)
{
    MEM_SCOPE(mem);
    char *beside = talloc_asprintf(mem, "%s.%ld.new", path, (long)getpid());
    FD_SCOPE int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (fd < 0)
        return err_set(err, ERR_IO, "%s: %s", beside, strerror(errno));
    if (mem_write_all(fd, data, len) < 0 || fsync(fd) < 0 || rename(beside, path) < 0) {
        err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
        unlink(beside);
        return -1;
    }
    return 0;
}
