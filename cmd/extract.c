/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/extract.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/json_text.h"
#include "base/unicode.h"

enum { NAME_MAX_BYTES = 120, SAME_NAME_MAX = 1000 };

/* Signs that file systems, shells or people's eyes (right-to-left overrides) are misled by. */
static bool is_unsafe(uint32_t c)
{
    return c < ' ' || (c >= 0x7f && c < 0xa0) || c == 0x61c || c == 0xfeff || c == 0xfffd ||
           (c < 0x80 && strchr("/\\:*?\"<>|", (int)c)) || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* The last part of the path that the sender gave; dots in front hide a file, a dash makes an option of it. */
static char *safe_name(void *mem, const json_t *part)
{
    const char *given = json_text_or_null(part, "filename"), *p = given ? given : "";
    for (const char *q = p; *q; q++)
        if (*q == '/' || *q == '\\')
            p = q + 1;
    p += strspn(p, ". -");
    struct text t = text_new(mem);
    while (*p && t.len < NAME_MAX_BYTES) {
        uint32_t c = unicode_next(&p);
        unicode_add(&t, is_unsafe(c) ? '_' : c);
    }
    if (t.len)
        return t.s;
    bool message = !strncmp(json_text_or_null(part, "type"), "message/", 8);
    return talloc_asprintf(mem, "part-%s.%s", json_text_or_null(part, "path"), message ? "eml" : "bin");
}

/* "a.pdf", "a-2.pdf", ...: a new file, never one that is there. */
static int create(void *mem, int folder, const char *name, char **name_r)
{
    const char *dot = strrchr(name, '.');
    int stem = dot && dot > name ? (int)(dot - name) : (int)strlen(name);
    for (int i = 1; i <= SAME_NAME_MAX; i++) {
        *name_r =
            i == 1 ? talloc_strdup(mem, name) : talloc_asprintf(mem, "%.*s-%d%s", stem, name, i, name + stem);
        int fd = openat(folder, *name_r, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
        if (fd >= 0 || errno != EEXIST)
            return fd;
    }
    return -1;
}

static bool is_attachment(const json_t *part)
{
    const char *type = json_text_or_null(part, "type");
    if (!strncmp(type, "multipart/", 10) || !json_object_get(part, "size"))
        return false;
    return json_text_or_null(part, "filename") || !json_text_or_null(part, "text");
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
    FD_SCOPE int fd = create(mem, x->fd, safe_name(mem, part), &name);
    if (fd < 0 || mem_write_all(fd, bytes, len) < 0)
        return err_set(err, ERR_IO, "%s/%s: %s", x->folder, name, strerror(errno));
    json_object_set_new(part, "extracted", json_string(talloc_asprintf(mem, "%s/%s", x->folder, name)));
    return 0;
}

/* An attached message is extracted whole, not also in pieces; what Outlook wraps is extracted both ways. */
static int extract_tree(const struct extract *x, json_t *parts, json_t *files, struct err *err)
{
    size_t i;
    json_t *part;
    json_array_foreach(parts, i, part)
    {
        bool file = is_attachment(part);
        if (file ? extract_part(x, part, err) < 0
                 : extract_tree(x, json_object_get(part, "parts"), files, err) < 0)
            return -1;
        if (file && files)
            list_file(files, part);
        if (extract_tree(x, json_object_get(part, "holds"), files, err) < 0)
            return -1;
    }
    return 0;
}

int extract_files(const struct extract *x, json_t *facts, json_t *files, struct err *err)
{
    return extract_tree(x, json_object_get(facts, "parts"), files, err);
}

int extract_open(struct extract *x, struct err *err)
{
    if (mkdir(x->folder, 0755) < 0 && errno != EEXIST)
        return err_set(err, ERR_IO, "%s: %s", x->folder, strerror(errno));
    x->fd = open(x->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return x->fd < 0 ? err_set(err, ERR_IO, "%s: %s", x->folder, strerror(errno)) : 0;
}
