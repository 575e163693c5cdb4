/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * From a template's folder into the store.
 */
#include "mail/attachment.h"

#include <errno.h>
#include <sys/stat.h>

#include "base/mustache.h"
#include "mail/filetype.h"
#include "sql/attachment.h"

enum { FILE_MAX = 100 << 20, PART_HEADER = 500, BASE64_IN = 57, BASE64_OUT = 78 };

static bool is_file(const char *path)
{
    struct stat st;
    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

int attachment_read(void *mem, const char *path, const char *content_id, struct mime_file *file_r,
                    struct err *err)
{
    char *bytes;
    size_t len;
    const char *slash = strrchr(path, '/'), *type;
    if (!is_file(path))
        return err_set(err, ERR_INPUT, "there is no file %s", path);
    if (mem_read_file(mem, path, FILE_MAX, &bytes, &len, err) < 0 ||
        filetype_of(path, bytes, len, content_id != NULL, &type, err) < 0)
        return -1;
    *file_r = (struct mime_file){talloc_strdup(mem, slash ? slash + 1 : path), type, content_id, bytes, len};
    const struct mime_part *part; /* the name is looked at where it is used */
    MEM_SCOPE(scratch);
    return mime_part_make(scratch, &(struct mime_file){file_r->name, type, content_id, "", 0}, &part, err);
}

/* NAME.LANG.pdf with less and less of the tag, then NAME.pdf; NULL when there is none. */
static const char *path_in_language(void *mem, const char *dir, const char *name, const char *language)
{
    const char *dot = strrchr(name, '.');
    int stem = dot ? (int)(dot - name) : (int)strlen(name);
    for (size_t len = strlen(language); len;) {
        const char *path =
            talloc_asprintf(mem, "%s/%.*s.%.*s%s", dir, stem, name, (int)len, language, dot ? dot : "");
        if (is_file(path))
            return path;
        const char *dash = memrchr(language, '-', len);
        len = dash ? (size_t)(dash - language) : 0;
    }
    const char *path = talloc_asprintf(mem, "%s/%s", dir, name);
    return is_file(path) ? path : NULL;
}

static int take(void *mem, struct attachment_set *set, const char *path, const char *content_id,
                const char *language, struct err *err)
{
    size_t i = 0;
    while (i < set->n && (strcmp(set->v[i].path, path) || !set->v[i].file.content_id != !content_id))
        i++;
    if (i == set->n) {
        struct attachment a = {.path = path};
        if (attachment_read(mem, path, content_id, &a.file, err) < 0)
            return -1;
        set->v = talloc_realloc(mem, set->v, struct attachment, (unsigned)set->n + 1);
        set->v[set->n++] = a;
    }
    struct attachment *a = &set->v[i];
    for (size_t k = 0; k < a->nlanguages; k++)
        if (!strcmp(a->language[k], language))
            return 0;
    a->language = talloc_realloc(mem, a->language, const char *, (unsigned)a->nlanguages + 1);
    a->language[a->nlanguages++] = language;
    return 0;
}

/* Into the letters in the language. */
static int take_text(void *mem, struct attachment_set *set, const struct template_text *t,
                     const struct template *compiled, const char *language, struct err *err)
{
    const char *slash = strrchr(t->name, '/');
    const char *dir = slash ? talloc_strndup(mem, t->name, (size_t)(slash - t->name)) : ".";
    for (const char **name = t->attach; name && *name; name++) {
        const char *path = path_in_language(mem, dir, *name, t->language);
        if (!path)
            return err_set(err, ERR_INPUT, "%s:%d: there is no file %s in %s", t->name, t->attach_line, *name,
                           dir);
        if (take(mem, set, path, NULL, language, err) < 0)
            return err_context(err, "%s:%d", t->name, t->attach_line);
    }
    for (const struct template_image *i = template_images(compiled); i->file; i++)
        if (take(mem, set, talloc_asprintf(mem, "%s/%s", dir, i->file), talloc_strdup(mem, i->content_id),
                 language, err) < 0)
            return err_context(err, "%s", t->name);
    return 0;
}

int attachment_load(void *mem, const struct template_set *texts, struct template *const *compiled,
                    const struct choice *choice, struct attachment_set *set_r, struct err *err)
{
    struct attachment_set set = {0};
    for (size_t i = 0; i < texts->n; i++) {
        const char *language = texts->v[i].language, *second = choice_second(choice, texts, &texts->v[i]);
        for (size_t k = 0; k < texts->n; k++)
            if ((k == i || (second && !strcmp(texts->v[k].language, second))) &&
                take_text(mem, &set, &texts->v[k], compiled[k], language, err) < 0)
                return -1;
    }
    *set_r = set;
    return 0;
}

static size_t encoded(size_t bytes)
{
    return PART_HEADER + (bytes + BASE64_IN - 1) / BASE64_IN * BASE64_OUT;
}

size_t attachment_size(const struct attachment_set *set, const char *language, size_t own_bytes)
{
    size_t size = own_bytes ? encoded(own_bytes) : 0;
    for (size_t i = 0; i < set->n; i++)
        for (size_t k = 0; k < set->v[i].nlanguages; k++)
            if (!strcmp(set->v[i].language[k], language))
                size += encoded(set->v[i].file.len);
    return size;
}

int attachment_own_path(void *mem, const struct attachment_own *own, const char *listed, json_t *view,
                        const char **path_r, struct err *err)
{
    static const struct mustache_options options = {.escape = MUSTACHE_LINE, .strict = true};
    struct text name = text_new(mem);
    if (listed)
        text_puts(&name, listed);
    else if (own->name) {
        struct mustache *parsed;
        if (mustache_parse(mem, "--attach-name", own->name, strlen(own->name), &options, &parsed, err) < 0 ||
            mustache_render(parsed, &(struct mustache_view){.value = view}, &name, err) < 0)
            return -1;
    } else {
        return err_set(err, ERR_INPUT, "the list names no file of %s for this recipient", own->folder);
    }
    if (!name.len || *name.s == '.' || strchr(name.s, '/'))
        return err_set(err, ERR_INPUT, "\"%s\" is no name of a file in %s", name.s, own->folder);
    *path_r = talloc_asprintf(mem, "%s/%s", own->folder, name.s);
    return 0;
}

const char *attachment_listed(char *line)
{
    char *tab = strchr(line, '\t');
    if (!tab)
        return NULL;
    char *word = tab + strspn(tab, " \t"), *end = word + strcspn(word, "\t\r#");
    while (end > word && end[-1] == ' ')
        end--;
    *end = 0;
    return *word ? word : NULL;
}

int attachment_add(struct db *db, int64_t mailing, const struct attachment_set *set, struct err *err)
{
    for (size_t i = 0; i < set->n; i++) {
        MEM_SCOPE(mem);
        const struct attachment *a = &set->v[i];
        if (db_run(db, NULL, err, SQL_ATTACHMENT_ADD, db_int(mailing),
                   db_texts(mem, a->language, a->nlanguages), db_text(a->file.name), db_text(a->file.type),
                   db_text(a->file.content_id), db_bytes(a->file.bytes, a->file.len)) < 0)
            return -1;
    }
    return 0;
}

int attachment_add_own(struct db *db, int64_t mailing, int64_t contact, const struct mime_file *file,
                       struct err *err)
{
    return db_run(db, NULL, err, SQL_ATTACHMENT_ADD_OWN, db_int(mailing), db_int(contact),
                  db_text(file->name), db_text(file->type), db_bytes(file->bytes, file->len)) < 0
               ? -1
               : 0;
}

int attachment_list(struct db *db, int64_t mailing, int64_t outbox, const char *language, json_t **list_r,
                    struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_ATTACHMENT_LIST, db_int(mailing), db_int(outbox), db_text(language));
    if (n < 0)
        return -1;
    *list_r = json_array();
    for (int i = 0; i < n; i++)
        json_array_append_new(*list_r, json_pack("{s:s, s:s, s:I, s:b}", "name", db_get_str(rows, i, "name"),
                                                 "type", db_get_str(rows, i, "type"), "size",
                                                 (json_int_t)db_get_int(rows, i, "size"), "picture",
                                                 !db_is_null(rows, i, "content_id")));
    return 0;
}

int attachment_is_personal(struct db *db, int64_t mailing, bool *yes_r, struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(db, &rows, err, SQL_ATTACHMENT_IS_PERSONAL, db_int(mailing)) < 0)
        return -1;
    *yes_r = db_get_bool(rows, 0, "personal");
    return 0;
}
