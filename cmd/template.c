/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Templates on the command line: `template check` compiles the texts of a letter, `template render` is the
 * bare Mustache engine, exactly the specification.
 */
#include "base/mustache.h"
#include "cmd/cmd.h"
#include "cmd_functions.h"
#include "mail/attachment.h"
#include "mail/template.h"

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

/* --- check */

/* What the view of a letter holds (mail/template.h), and the names inside it, which a section may use alone.
 */
static bool value_is_known(const char *name)
{
    static const char *const known[] = {
        "contact", "post",     "salutation", "closing", "envelope",        "organisation",
        "event",   "reply_by", "office",     "mayor",   "unsubscribe_url", "name",
        "date",    "time",     "place",      "phone",   "email",           "person",
        "paper",   "before",   "reason",     "",
    };
    size_t len = strcspn(name, ".");
    for (size_t i = 0; i < ARRAY_LEN(known); i++)
        if (strlen(known[i]) == len && !strncmp(known[i], name, len))
            return true;
    return false;
}

static bool uses(const struct template *t, const char *name)
{
    const char *const *v = template_values(t);
    while (*v && strcmp(*v, name) != 0)
        v++;
    return *v != NULL;
}

struct checked {
    const struct template_text *text;
    struct template *compiled; /* NULL: refused */
    json_t *errors, *warnings;
};

/* Each once. */
static void add_warning(struct checked *f, const char *name, const char *what)
{
    MEM_SCOPE(mem);
    json_t *line = json_string(talloc_asprintf(mem, "%s: {{%s}}: %s", f->text->name, name, what));
    size_t i = 0;
    while (i < json_array_size(f->warnings) && !json_equal(json_array_get(f->warnings, i), line))
        i++;
    if (i < json_array_size(f->warnings))
        json_decref(line);
    else
        json_array_append_new(f->warnings, line);
}

/* In the texts of one template. */
static bool are_siblings(const struct checked *a, const struct checked *b)
{
    return a->compiled && b->compiled && !strcmp(a->text->title, b->text->title);
}

static void check_values(struct cmd *c, struct checked *files, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (!files[i].compiled)
            continue;
        for (const char *const *v = template_values(files[i].compiled); *v; v++) {
            if (!value_is_known(*v))
                add_warning(&files[i], *v, _("no letter has such a value"));
            for (size_t k = 0; k < n; k++)
                if (are_siblings(&files[i], &files[k]) && !uses(files[k].compiled, *v))
                    add_warning(&files[k], *v, _("is used in another language, but not here"));
        }
    }
}

static json_t *values_json(const struct template *t)
{
    json_t *list = json_array();
    for (const char *const *v = t ? template_values(t) : NULL; v && *v; v++)
        json_array_append_new(list, json_string(*v));
    return list;
}

static void print_lines(FILE *to, const json_t *lines)
{
    for (size_t i = 0; i < json_array_size(lines); i++)
        fprintf(to, "%s\n", json_string_value(json_array_get(lines, i)));
}

static void print_checked(struct cmd *c, const struct checked *f)
{
    if (c->json) {
        cmd_print_json(json_pack("{s:o, s:s, s:o, s:O, s:O}", "file", cmd_json_text(f->text->name),
                                 "language", f->text->language, "values", values_json(f->compiled), "errors",
                                 f->errors, "warnings", f->warnings));
        return;
    }
    if (f->compiled)
        printf(_("%s: in order (%s)\n"), f->text->name, f->text->language);
    print_lines(stderr, f->errors);
    print_lines(stdout, f->warnings);
}

int cmd_template_check(struct cmd *c, int argc, char **argv)
{
    struct err err = {0};
    struct template_set set;
    if (argc != 1)
        return cmd_usage(c, "template check DIR[/NAME]");
    if (template_load_all(c->mem, argv[0], &set, &err) < 0)
        return cmd_fail(c, &err);
    struct checked *files = talloc_zero_array(c->mem, struct checked, (unsigned)set.n);
    size_t errors = 0, warnings = 0;
    for (size_t i = 0; i < set.n; i++) {
        const struct template_set one = {&set.v[i], 1};
        struct attachment_set attached;
        files[i] = (struct checked){.text = &set.v[i], .errors = json_array(), .warnings = json_array()};
        if (template_compile(c->mem, &set.v[i], &files[i].compiled, &err) < 0 ||
            attachment_load(c->mem, &one, &files[i].compiled, &(struct choice){0}, &attached, &err) < 0)
            json_array_append_new(files[i].errors, json_string(err.text));
    }
    check_values(c, files, set.n);
    for (size_t i = 0; i < set.n; i++) {
        print_checked(c, &files[i]);
        errors += json_array_size(files[i].errors);
        warnings += json_array_size(files[i].warnings);
        json_decref(files[i].errors);
        json_decref(files[i].warnings);
    }
    return errors ? EXIT_INPUT : warnings ? EXIT_LOOK : 0;
}
