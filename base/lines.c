/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/lines.h"

#include <errno.h>
#include <zlib.h>

enum { LINE_MAX_BYTES = 16 << 10, BUFFER_BYTES = 256 << 10 };

struct lines {
    gzFile file;
    const char *path;
    char line[LINE_MAX_BYTES];
};

static int lines_end(struct lines *l)
{
    gzclose(l->file);
    return 0;
}

int lines_open(void *mem, const char *path, struct lines **lines_r, struct err *err)
{
    gzFile file = gzopen(path, "rbe"); /* reads what is not compressed as it is */
    if (!file)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    gzbuffer(file, BUFFER_BYTES);
    struct lines *l = talloc_zero(mem, struct lines);
    l->file = file;
    l->path = talloc_strdup(l, path);
    talloc_set_destructor(l, lines_end);
    *lines_r = l;
    return 0;
}

/* The rest of a line that is too long. */
static void skip_rest(struct lines *l)
{
    for (int c = 0; c != '\n' && c != -1;)
        c = gzgetc(l->file);
}

int lines_next(struct lines *l, char **line_r, struct err *err)
{
    int code = Z_OK;
    bool more = gzgets(l->file, l->line, sizeof l->line) != NULL;
    const char *why = gzerror(l->file, &code);
    if (code < 0)
        return err_set(err, ERR_INPUT, "%s: %s", l->path, code == Z_ERRNO ? strerror(errno) : why);
    if (!more)
        return 0;
    size_t len = strlen(l->line);
    if (len && l->line[len - 1] == '\n')
        l->line[--len] = 0;
    else if (len == sizeof l->line - 1)
        skip_rest(l);
    if (len && l->line[len - 1] == '\r')
        l->line[len - 1] = 0;
    *line_r = l->line;
    return 1;
}
