/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Two descriptors of one file: what is given away cannot be written through.  Never mapped: pages of a
 * mapping count as memory, and a file that is cut would end the process.
 */
#include "base/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

struct spool {
    int write_fd; /* -1: written by another process */
    int fd;
    size_t size;
};

static int spool_gone(struct spool *s)
{
    mem_fd_end(&s->write_fd);
    mem_fd_end(&s->fd);
    return 0;
}

static struct spool *spool_alloc(void *mem)
{
    struct spool *s = talloc(mem, struct spool);
    *s = (struct spool){.write_fd = -1, .fd = -1};
    talloc_set_destructor(s, spool_gone);
    return s;
}

/* Some file systems know no file without a name. */
static int open_unlinked(void *mem, const char *folder)
{
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (fd >= 0)
        return fd;
    char *path = talloc_asprintf(mem, "%s/adresar.XXXXXX", folder);
    fd = mkostemp(path, O_CLOEXEC);
    if (fd >= 0)
        unlink(path);
    return fd;
}

const char *spool_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder && *folder ? folder : "/var/tmp";
}

int spool_new(void *mem, const char *folder, struct spool **spool_r, struct err *err)
{
    struct spool *s = spool_alloc(mem);
    char path[32];
    s->write_fd = open_unlinked(s, folder);
    snprintf(path, sizeof path, "/proc/self/fd/%d", s->write_fd);
    s->fd = s->write_fd < 0 ? -1 : open(path, O_RDONLY | O_CLOEXEC);
    if (s->fd < 0) {
        err_set(err, ERR_IO, "no file in %s: %s", folder, strerror(errno));
        talloc_free(s);
        return -1;
    }
    *spool_r = s;
    return 0;
}

int spool_add(struct spool *s, const void *bytes, size_t len, struct err *err)
{
    for (const char *p = bytes; len;) {
        ssize_t n = write(s->write_fd, p, len);
        if (n < 0 && errno != EINTR)
            return err_set(err, ERR_IO, "a mail cannot be written to the disk: %s", strerror(errno));
        if (n > 0) {
            p += n;
            len -= (size_t)n;
            s->size += (size_t)n;
        }
    }
    return 0;
}

int spool_take(void *mem, int fd, struct spool **spool_r, struct err *err)
{
    struct spool *s = spool_alloc(mem);
    struct stat st;
    s->fd = fd;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode)) {
        talloc_free(s);
        return err_set(err, ERR_INPUT, "this is no file");
    }
    s->size = (size_t)st.st_size;
    *spool_r = s;
    return 0;
}

size_t spool_size(const struct spool *s)
{
    return s->size;
}

int spool_fd(const struct spool *s)
{
    return s->fd;
}

int spool_read(const struct spool *s, size_t at, void *bytes, size_t len, struct err *err)
{
    for (char *p = bytes; len;) {
        ssize_t n = pread(s->fd, p, len, (off_t)at);
        if (n == 0 || (n < 0 && errno != EINTR))
            return err_set(err, ERR_IO, "a mail cannot be read from the disk: %s",
                           n ? strerror(errno) : "it was cut");
        if (n > 0) {
            p += n;
            at += (size_t)n;
            len -= (size_t)n;
        }
    }
    return 0;
}
