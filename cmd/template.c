/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Templates on the command line: `template render` is the bare Mustache engine, exactly the specification.
 */
#include "base/mustache.h"
#include "cmd/cmd.h"
#include "cmd_functions.h"

enum { MAX_DATA = 64 << 20 };

/* Partials are files, DIR/NAME.mustache; each is parsed once. */
struct folder {
    void *mem;
    const char *path;
    struct folder_file *files;
};

struct folder_file {
    const char *name;
    const struct mustache *parsed; /* NULL: there is no such file */
    struct folder_file *next;
};

static int folder_load(struct folder *folder, const char *name, const struct mustache **parsed_r,
                       struct err *err)
{
    char *text;
    size_t len;
    struct mustache *t;
    struct err why = {0};
    const char *path = talloc_asprintf(folder->mem, "%s/%s.mustache", folder->path, name);
    *parsed_r = NULL;
    if (name[0] == '/' || strstr(name, ".."))
        return err_set(err, ERR_INPUT, "\"%s\" leads out of the folder of partials", name);
    if (mem_read_file(folder->mem, path, MUSTACHE_MAX_SOURCE, &text, &len, &why) < 0) {
        if (why.code == ERR_IO)
            return 0;
        *err = why;
        return -1;
    }
    if (mustache_parse(folder->mem, path, text, len, NULL, &t, err) < 0)
        return -1;
    *parsed_r = t;
    return 0;
}

static int folder_find(void *ctx, const char *name, const struct mustache **partial_r, struct err *err)
{
    struct folder *folder = ctx;
    struct folder_file *f = folder->files;
    while (f && strcmp(f->name, name))
        f = f->next;
    if (!f) {
        const struct mustache *parsed;
        if (folder_load(folder, name, &parsed, err) < 0)
            return -1;
        f = talloc(folder->mem, struct folder_file);
        *f = (struct folder_file){talloc_strdup(f, name), parsed, folder->files};
        folder->files = f;
    }
    *partial_r = f->parsed;
    return f->parsed != NULL;
}

static int read_json(void *mem, const char *path, json_t **value_r, struct err *err)
{
    char *text;
    size_t len;
    json_error_t where;
    if (mem_read_file(mem, path, MAX_DATA, &text, &len, err) < 0)
        return -1;
    *value_r = json_loadb(text, len, JSON_DECODE_ANY, &where);
    return *value_r ? 0 : err_set(err, ERR_INPUT, "%s:%d: %s", path, where.line, where.text);
}

static int render(struct cmd *c, const char *path, const char *data, const char *partials, struct text *out,
                  struct err *err)
{
    char *source;
    size_t len;
    struct mustache *t;
    json_t *value;
    struct folder folder = {.mem = c->mem, .path = partials};
    struct mustache_partials finder = {folder_find, &folder};
    if (mem_read_file(c->mem, path, MUSTACHE_MAX_SOURCE, &source, &len, err) < 0 ||
        mustache_parse(c->mem, path, source, len, NULL, &t, err) < 0 ||
        read_json(c->mem, data, &value, err) < 0)
        return -1;
    struct mustache_view view = {.value = value, .partials = partials ? &finder : NULL};
    int rc = mustache_render(t, &view, out, err);
    json_decref(value);
    return rc;
}

int cmd_template_render(struct cmd *c, int argc, char **argv)
{
    struct err err = {0};
    const char *data = NULL, *partials = NULL;
    const struct cmd_option options[] = {{"data", CMD_TEXT, &data}, {"partials", CMD_TEXT, &partials}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1 || !data)
        return cmd_usage(c, "template render TEMPLATE.mustache --data FILE.json [--partials DIR]");
    struct text out = text_new(c->mem);
    if (render(c, argv[0], data, partials, &out, &err) < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:s%}", "text", out.s, out.len));
    else
        fwrite(out.s, 1, out.len, stdout);
    return 0;
}
