/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The folder, its files, and which of them is for whom.
 */
#include "mail/template.h"

#include <dirent.h>
#include <errno.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/mustache.h"
#include "base/unicode.h"

enum { MAX_TEXTS = 64, MAX_SUBJECT = 1000, MAX_ATTACH = 10 };

/* One line of the source, without its end; *at moves behind it. */
static bool next_line(struct slice source, size_t *at, struct slice *line_r)
{
    if (*at >= source.len)
        return false;
    const char *s = source.s + *at, *nl = memchr(s, '\n', source.len - *at);
    size_t len = nl ? (size_t)(nl - s) : source.len - *at;
    *at += len + (nl != NULL);
    len -= len && s[len - 1] == '\r';
    *line_r = (struct slice){s, len};
    return true;
}

static struct slice trim(struct slice x)
{
    while (x.len && (x.s[0] == ' ' || x.s[0] == '\t'))
        x = (struct slice){x.s + 1, x.len - 1};
    while (x.len && (x.s[x.len - 1] == ' ' || x.s[x.len - 1] == '\t'))
        x.len--;
    return x;
}

static bool slice_is(struct slice x, const char *s)
{
    return x.len == strlen(s) && !memcmp(x.s, s, x.len);
}

/* YAML's three ways to write one line: as it is, "with \" and \\", 'with '' '. NULL when a quote is left
 * open. */
static const char *unquote(void *mem, struct slice x)
{
    char quote = x.len && (x.s[0] == '"' || x.s[0] == '\'') ? x.s[0] : 0;
    if (!quote)
        return talloc_strndup(mem, x.s, x.len);
    struct text out = text_new(mem);
    for (size_t i = 1; i < x.len; i++) {
        bool escape = quote == '"' ? x.s[i] == '\\' : x.s[i] == '\'' && i + 1 < x.len && x.s[i + 1] == '\'';
        if (escape && i + 1 < x.len)
            text_putc(&out, x.s[++i]);
        else if (x.s[i] == quote)
            return i + 1 == x.len ? out.s : NULL;
        else
            text_putc(&out, x.s[i]);
    }
    return NULL;
}

static bool language_is_valid(const char *tag, size_t len)
{
    size_t part = 0, parts = 0;
    for (size_t i = 0; i <= len; i++) {
        bool end = i == len || tag[i] == '-';
        if (!end && !((tag[i] | 32) >= 'a' && (tag[i] | 32) <= 'z') &&
            !(parts && tag[i] >= '0' && tag[i] <= '9'))
            return false;
        part += !end;
        if (!end)
            continue;
        if (part > 8 || part < (parts ? 1 : 2) || (parts == 0 && part > 3))
            return false;
        parts++;
        part = 0;
    }
    return parts <= 4;
}

/* name, or [name, name] */
static int take_attach(void *mem, struct slice list, int number, struct template_text *t, struct err *err)
{
    size_t n = 0;
    if (list.len >= 2 && list.s[0] == '[' && list.s[list.len - 1] == ']')
        list = (struct slice){list.s + 1, list.len - 2};
    t->attach = talloc_zero_array(mem, const char *, MAX_ATTACH + 1);
    t->attach_line = number;
    while (list.len) {
        const char *comma = memchr(list.s, ',', list.len);
        size_t len = comma ? (size_t)(comma - list.s) : list.len;
        const char *name = unquote(mem, trim((struct slice){list.s, len}));
        len += comma != NULL;
        list = (struct slice){list.s + len, list.len - len};
        if (!name || !*name || *name == '.' || strchr(name, '/') || n == MAX_ATTACH)
            return err_set(
                err, ERR_INPUT,
                "%s:%d: \"attach\" has at most %d names of files in the template's folder, a comma "
                "between",
                t->name, number, MAX_ATTACH);
        t->attach[n++] = name;
    }
    return 0;
}

static int take_subject(const char *value, int number, struct template_text *t, struct err *err)
{
    if (!*value || strlen(value) > MAX_SUBJECT)
        return err_set(err, ERR_INPUT, "%s:%d: a subject has 1 to %d bytes", t->name, number, MAX_SUBJECT);
    t->subject = value;
    t->subject_line = number;
    return 0;
}

static int front_matter_line(void *mem, struct slice line, int number, struct template_text *t,
                             struct err *err)
{
    const char *colon = memchr(line.s, ':', line.len);
    if (!trim(line).len)
        return 0;
    if (!colon)
        return err_set(err, ERR_INPUT, "%s:%d: the head has lines \"lang: ...\" and \"subject: ...\"",
                       t->name, number);
    struct slice key = trim((struct slice){line.s, (size_t)(colon - line.s)});
    struct slice rest = trim((struct slice){colon + 1, line.len - (size_t)(colon + 1 - line.s)});
    bool lang = slice_is(key, "lang"), subject = slice_is(key, "subject"), attach = slice_is(key, "attach");
    if ((!lang && !subject && !attach) || (lang && t->language) || (subject && t->subject) ||
        (attach && t->attach))
        return err_set(err, ERR_INPUT,
                       "%s:%d: the head has one \"lang\", one \"subject\" and perhaps one \"attach\", not "
                       "\"%.*s\"",
                       t->name, number, (int)key.len, key.s);
    if (attach)
        return take_attach(mem, rest, number, t, err);
    const char *value = unquote(mem, rest);
    if (!value)
        return err_set(err, ERR_INPUT, "%s:%d: the quotes do not end with the line", t->name, number);
    if (subject)
        return take_subject(value, number, t, err);
    if (!language_is_valid(value, strlen(value)))
        return err_set(err, ERR_INPUT, "%s:%d: \"%s\" is no language tag", t->name, number, value);
    t->language = value;
    return 0;
}

int template_parse_file(void *mem, const char *name, const char *bytes, size_t len,
                        struct template_text *text_r, struct err *err)
{
    struct template_text t = {.name = talloc_strdup(mem, name)};
    size_t at = len >= 3 && !memcmp(bytes, "\xef\xbb\xbf", 3) ? 3 : 0;
    struct slice line, source = {bytes, len};
    int number = 1;
    if (!unicode_valid_utf8(bytes, len) || memchr(bytes, 0, len))
        return err_set(err, ERR_INPUT, "%s:1: the file is not UTF-8", name);
    if (!next_line(source, &at, &line) || !slice_is(trim(line), "---"))
        return err_set(err, ERR_INPUT, "%s:1: a template begins with a line \"---\"", name);
    for (;;) {
        if (!next_line(source, &at, &line))
            return err_set(err, ERR_INPUT, "%s:%d: the head does not end with a line \"---\"", name, number);
        number++;
        if (slice_is(trim(line), "---"))
            break;
        if (front_matter_line(mem, line, number, &t, err) < 0)
            return -1;
    }
    if (!t.language || !t.subject)
        return err_set(err, ERR_INPUT, "%s:%d: the head has no \"%s\"", name, number,
                       t.language ? "subject" : "lang");
    t.body = talloc_strndup(mem, bytes + at, len - at);
    t.body_line = number + 1;
    *text_r = t;
    return 0;
}

/* Takes NAME.LANG.md apart. */
static bool file_name_split(const char *file, struct slice *title_r, struct slice *tag_r)
{
    size_t len = strlen(file);
    if (file[0] == '.' || len < 6 || strcmp(file + len - 3, ".md") != 0)
        return false;
    const char *dot = memrchr(file, '.', len - 3);
    if (!dot)
        return false;
    *title_r = (struct slice){file, (size_t)(dot - file)};
    *tag_r = (struct slice){dot + 1, len - 3 - title_r->len - 1};
    return language_is_valid(tag_r->s, tag_r->len);
}

static int is_template_file(const struct dirent *entry)
{
    struct slice title, tag;
    return file_name_split(entry->d_name, &title, &tag);
}

static int add_file(void *mem, const char *dir, const char *file, struct template_set *set, struct err *err)
{
    MEM_SCOPE(scratch);
    char *bytes;
    size_t len;
    struct slice title, tag;
    struct template_text *t = &set->v[set->n];
    const char *path = talloc_asprintf(scratch, "%s/%s", dir, file);
    must(file_name_split(file, &title, &tag));
    if (mem_read_file(scratch, path, MUSTACHE_MAX_SOURCE, &bytes, &len, err) < 0 ||
        template_parse_file(mem, path, bytes, len, t, err) < 0)
        return -1;
    t->title = talloc_strndup(mem, title.s, title.len);
    if (strlen(t->language) != tag.len || strncasecmp(t->language, tag.s, tag.len))
        return err_set(err, ERR_INPUT, "%s:1: the name says \"%.*s\", the head \"%s\"", path, (int)tag.len,
                       tag.s, t->language);
    for (size_t i = 0; i < set->n; i++)
        if (!strcmp(set->v[i].title, t->title) && !strcasecmp(set->v[i].language, t->language))
            return err_set(err, ERR_INPUT, "%s: %s has \"%s\" already", path, set->v[i].name, t->language);
    set->n++;
    return 0;
}

struct listing {
    struct dirent **v;
    int n;
};

static void listing_end(struct listing *l)
{
    for (int i = 0; i < l->n; i++)
        free(l->v[i]);
    free(l->v);
}

/* FOLDER or FOLDER/NAME; *title_r is NAME, or NULL. */
static const char *path_split(void *mem, const char *path, const char **title_r)
{
    struct stat st;
    size_t len = strlen(path);
    while (len > 1 && path[len - 1] == '/')
        len--;
    const char *whole = talloc_strndup(mem, path, len), *slash = strrchr(whole, '/');
    *title_r = NULL;
    if (stat(whole, &st) == 0 && S_ISDIR(st.st_mode))
        return whole;
    *title_r = slash ? slash + 1 : whole;
    return slash ? talloc_strndup(mem, whole, (size_t)(slash - whole) + (slash == whole)) : ".";
}

/* All, or those of one title. */
static int load(void *mem, const char *path, struct template_set *set_r, struct err *err)
{
    MEM_SCOPE(scratch);
    const char *title, *dir = path_split(scratch, path, &title);
    CLEANUP(listing_end) struct listing files = {0};
    files.n = scandir(dir, &files.v, is_template_file, alphasort);
    if (files.n < 0)
        return err_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
    if (files.n > MAX_TEXTS)
        return err_set(err, ERR_INPUT, "%s: more than %d files NAME.LANG.md", dir, MAX_TEXTS);
    struct template_set set = {talloc_zero_array(mem, struct template_text, (unsigned)files.n + 1), 0};
    for (int i = 0; i < files.n; i++) {
        struct slice of, tag;
        must(file_name_split(files.v[i]->d_name, &of, &tag));
        if (!title || slice_is(of, title))
            if (add_file(mem, dir, files.v[i]->d_name, &set, err) < 0)
                return -1;
    }
    if (!set.n && title)
        return err_set(err, ERR_INPUT, "%s is no folder, and in %s there is no file %s.LANG.md", path, dir,
                       title);
    if (!set.n)
        return err_set(err, ERR_INPUT, "%s: there is no file NAME.LANG.md", dir);
    *set_r = set;
    return 0;
}

int template_load_all(void *mem, const char *path, struct template_set *set_r, struct err *err)
{
    return load(mem, path, set_r, err);
}

int template_load_dir(void *mem, const char *path, struct template_set *set_r, struct err *err)
{
    struct template_set set;
    if (load(mem, path, &set, err) < 0)
        return -1;
    const char *only = set.v[0].title;
    bool several = false;
    for (size_t i = 0; i < set.n; i++) {
        several = several || strcmp(set.v[i].title, set.v[0].title) != 0;
        if (!strcmp(set.v[i].title, "invitation"))
            only = set.v[i].title;
    }
    if (several && strcmp(only, "invitation") != 0)
        return err_set(err, ERR_INPUT, "%s: several templates; name one: %s/%s", path, path, only);
    size_t n = 0;
    for (size_t i = 0; i < set.n; i++)
        if (!strcmp(set.v[i].title, only))
            set.v[n++] = set.v[i];
    *set_r = (struct template_set){set.v, n};
    return 0;
}

static const struct template_text *text_in(const struct template_set *set, const char *tag, size_t len)
{
    for (size_t i = 0; i < set->n; i++)
        if (strlen(set->v[i].language) == len && !strncasecmp(set->v[i].language, tag, len))
            return &set->v[i];
    return NULL;
}

/* Serbs read both scripts; a text in the other one is better than none, and than another language. */
static const struct template_text *text_in_serbian(const struct template_set *set)
{
    static const char *const order[] = {"sr-Latn", "sr", "sr-Cyrl"};
    const struct template_text *found = NULL;
    for (size_t i = 0; !found && i < ARRAY_LEN(order); i++)
        found = text_in(set, order[i], strlen(order[i]));
    return found;
}

const struct template_text *template_choose(const struct template_set *set, const char *const *languages,
                                            size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const char *tag = languages[i];
        size_t len = strlen(tag);
        while (len) {
            bool serbian = len == 2 && !strncasecmp(tag, "sr", 2);
            const struct template_text *found = serbian ? text_in_serbian(set) : text_in(set, tag, len);
            if (found)
                return found;
            const char *dash = memrchr(tag, '-', len);
            len = dash ? (size_t)(dash - tag) : 0;
        }
    }
    return NULL;
}
