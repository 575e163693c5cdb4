/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * libzip writes into a file beside and renames it when it is closed; discarding leaves nothing behind.
 */
#include "base/archive.h"

#include <sys/stat.h>
#include "base/zip_lazy.h"

struct archive {
    const char *path;
    zip_t *zip;
};

static int discard(struct archive *a)
{
    if (a->zip)
        zip_discard(a->zip);
    return 0;
}

int archive_new(void *mem, const char *path, struct archive **archive_r, struct err *err)
{
    int code;
    struct archive *a = talloc_zero(mem, struct archive);
    a->path = talloc_strdup(a, path);
    a->zip = zip_open(path, ZIP_CREATE | ZIP_TRUNCATE, &code);
    if (!a->zip) {
        zip_error_t why;
        zip_error_init_with_code(&why, code);
        err_set(err, ERR_IO, "%s: %s", path, zip_error_strerror(&why));
        zip_error_fini(&why);
        talloc_free(a);
        return -1;
    }
    talloc_set_destructor(a, discard);
    *archive_r = a;
    return 0;
}

int archive_add(struct archive *a, const char *name, const char *bytes, size_t len, struct err *err)
{
    void *copy = talloc_memdup(a, bytes, len ? len : 1); /* read when the archive is closed */
    zip_source_t *source = zip_source_buffer(a->zip, copy, len, 0);
    if (source && zip_file_add(a->zip, name, source, ZIP_FL_ENC_UTF_8) >= 0)
        return 0;
    if (source)
        zip_source_free(source);
    return err_set(err, ERR_IO, "%s: %s: %s", a->path, name, zip_strerror(a->zip));
}

/* What somebody's whole correspondence stands in is for its owner's eyes. */
int archive_commit(struct archive *a, struct err *err)
{
    mode_t before = umask(077);
    int rc = zip_close(a->zip);
    umask(before);
    if (rc < 0)
        return err_set(err, ERR_IO, "%s: %s", a->path, zip_strerror(a->zip));
    a->zip = NULL;
    return 0;
}
