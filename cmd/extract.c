/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/extract.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json_text.h"
#include "mail/document.h"

enum { SAME_NAME_MAX = 1000 };

/* A new file, never one that is there. */
static int create(void *mem, int folder, const json_t *part, char **name_r)
{
    for (int i = 1; i <= SAME_NAME_MAX; i++) {
        *name_r = document_name(mem, part, i);
        int fd = openat(folder, *name_r, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

/* What is told of a file outside the tree of its mail. */
static void list_file(json_t *files, const json_t *part)
{
    static const char *const keys[] = {"filename", "type", "size", "danger", "extracted"};
    json_t *file = json_object();
    for (size_t i = 0; i < ARRAY_LEN(keys); i++) {
        json_t *value = json_object_get(part, keys[i]);
        if (value)
            json_object_set(file, keys[i], value);
    }
    json_array_append_new(files, file);
}

static int extract_part(const struct extract *x, json_t *part, struct err *err)
{
    MEM_SCOPE(mem);
    char *bytes, *name;
    size_t len;
    if (!x->dangerous && json_text_or_null(part, "danger"))
        return 0;
    if (cage_part(x->cage, mem, x->mail, x->len, json_text_or_null(part, "path"), &bytes, &len, err) < 0)
        return -1;
    FD_SCOPE int fd = create(mem, x->fd, part, &name);
    if (fd < 0 || mem_write_all(fd, bytes, len) < 0)
        return err_set(err, ERR_IO, "%s/%s: %s", x->folder, name, strerror(errno));
    json_object_set_new(part, "extracted", json_string(talloc_asprintf(mem, "%s/%s", x->folder, name)));
    return 0;
}

struct extracting {
    const struct extract *x;
    json_t *files;
};

static int extract_one(void *context, json_t *part, struct err *err)
{
    const struct extracting *e = context;
    if (extract_part(e->x, part, err) < 0)
        return -1;
    if (e->files)
        list_file(e->files, part);
    return 0;
}

int extract_files(const struct extract *x, json_t *facts, json_t *files, struct err *err)
{
    struct extracting e = {x, files};
    return document_each(facts, extract_one, &e, err);
}

int extract_open(struct extract *x, struct err *err)
{
    if (mkdir(x->folder, 0755) < 0 && errno != EEXIST)
        return err_set(err, ERR_IO, "%s: %s", x->folder, strerror(errno));
    x->fd = open(x->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return x->fd < 0 ? err_set(err, ERR_IO, "%s: %s", x->folder, strerror(errno)) : 0;
}
