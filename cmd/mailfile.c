/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/mailfile.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mail/wire/facts.h"

enum { FILES_MAX = 1000000, LANES_MAX = 8 };

/* ---- which */

struct files {
    char **path;
    size_t n;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

/* One of a Maildir's, where a name says nothing. */
static bool is_maildir(const char *folder)
{
    size_t len = strlen(folder);
    while (len && folder[len - 1] == '/')
        len--;
    return len >= 3 && (len == 3 || folder[len - 4] == '/') &&
           (!strncmp(folder + len - 3, "cur", 3) || !strncmp(folder + len - 3, "new", 3));
}

static bool is_mail(const char *name, bool maildir)
{
    size_t len = strlen(name);
    return *name != '.' && (maildir || (len > 4 && !strcasecmp(name + len - 4, ".eml")));
}

static int gather(void *mem, struct files *files, const char *folder, struct err *err)
{
    bool maildir = is_maildir(folder);
    DIR *dir = opendir(folder);
    if (!dir)
        return err_set(err, ERR_IO, "%s: %s", folder, strerror(errno));
    for (const struct dirent *d; files->n < FILES_MAX && (d = readdir(dir));) {
        if (!is_mail(d->d_name, maildir))
            continue;
        if (files->n % 256 == 0)
            files->path = talloc_realloc(mem, files->path, char *, (unsigned)files->n + 256);
        files->path[files->n++] = talloc_asprintf(files->path, "%s/%s", folder, d->d_name);
    }
    closedir(dir);
    if (!files->n)
        return err_set(err, ERR_NOTFOUND, "%s: there is no .eml file in it", folder);
    qsort(files->path, files->n, sizeof *files->path, by_name);
    return 0;
}

/* What would wait for a writer, or never end. */
static int check_plain(const char *path, struct err *err)
{
    struct stat st;
    if (stat(path, &st) < 0 || S_ISREG(st.st_mode))
        return 0; /* what is not there says so when it is read */
    return err_set(err, ERR_IO, "%s: this is no plain file", path);
}

/* ---- one after the other, though parsed beside each other */

struct lane {
    struct cage *cage; /* NULL: not needed yet */
    void *mem;         /* of the file that is in it; NULL: none */
    const char *path;
    char *mail;
    size_t len;
    bool read;
    struct err why; /* not read */
};

struct reader {
    struct cmd *c;
    mailfile_fn *fn;
    void *context;
    struct lane lane[LANES_MAX];
    size_t n, next;
    int rc;
};

static size_t lane_count(void)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > LANES_MAX ? LANES_MAX : (size_t)cores;
}

/* {"file", "error"}, or a line on standard error.  EXIT_LOOK. */
static int unreadable(struct cmd *c, const char *path, const struct err *err)
{
    if (c->json)
        cmd_print_json(
            json_pack("{s:o, s:o}", "file", cmd_json_text(path), "error", cmd_json_text(err->text)));
    else if (!strncmp(err->text, path, strlen(path)))
        fprintf(stderr, "%s\n", err->text);
    else
        fprintf(stderr, "%s: %s\n", path, err->text);
    return EXIT_LOOK;
}

static void finish(struct reader *r, struct lane *l)
{
    json_t *facts = NULL;
    if (!l->mem)
        return;
    if (l->read && cage_facts_end(l->cage, &facts, &l->why) < 0)
        l->read = false;
    struct mailfile m = {.path = l->path, .mail = l->mail, .len = l->len, .facts = facts, .cage = l->cage};
    r->rc |= l->read ? r->fn(r->c, &m, r->context) : unreadable(r->c, l->path, &l->why);
    json_decref(facts);
    talloc_free(l->mem);
    l->mem = NULL;
}

/* The next lane, empty. */
static struct lane *lane_for(struct reader *r, const char *path)
{
    struct lane *l = &r->lane[r->next++ % r->n];
    finish(r, l);
    l->mem = talloc_new(NULL);
    l->path = talloc_strdup(l->mem, path);
    l->read = false;
    return l;
}

static void put(struct reader *r, const char *path)
{
    struct lane *l = lane_for(r, path);
    if ((!l->cage && cage_open(r->c->mem, &l->cage, &l->why) < 0) ||
        mem_read_file(l->mem, path, FACTS_MESSAGE_MAX, &l->mail, &l->len, &l->why) < 0)
        return;
    l->read = true;
    cage_facts_begin(l->cage, l->mail, l->len);
}

static void put_folder(struct reader *r, const char *folder)
{
    MEM_SCOPE(mem);
    struct err err;
    struct files files = {0};
    if (gather(mem, &files, folder, &err) < 0)
        lane_for(r, folder)->why = err;
    for (size_t i = 0; i < files.n; i++)
        if (check_plain(files.path[i], &err) < 0)
            lane_for(r, files.path[i])->why = err;
        else
            put(r, files.path[i]);
}

int mailfile_each(struct cmd *c, int n, char **paths, mailfile_fn *fn, void *context)
{
    struct reader r = {.c = c, .fn = fn, .context = context, .n = lane_count()};
    for (int i = 0; i < n; i++) {
        struct stat st;
        if (stat(paths[i], &st) == 0 && S_ISDIR(st.st_mode))
            put_folder(&r, paths[i]);
        else
            put(&r, paths[i]);
    }
    for (size_t i = 0; i < r.n; i++)
        finish(&r, &r.lane[r.next++ % r.n]);
    for (size_t i = 0; i < r.n; i++)
        if (r.lane[i].cage)
            cage_close(r.lane[i].cage);
    return r.rc;
}

/* ---- people in it */

char *mailfile_people(void *mem, const json_t *people)
{
    struct text t = text_new(mem);
    size_t i;
    const json_t *one;
    json_array_foreach(people, i, one)
    {
        const char *name = json_string_value(json_array_get(one, 0));
        const char *address = json_string_value(json_array_get(one, 1));
        if (i)
            text_puts(&t, ", ");
        text_printf(&t, *name ? "%s <%s>" : "%s%s", name, address);
    }
    return t.s;
}

/* ---- files in it */

static const struct {
    const char *danger, *text;
} dangers[] = {
    {"program", N_("dangerous: a program")},
    {"script", N_("dangerous: a script")},
    {"macros", N_("dangerous: holds macros")},
    {"link", N_("dangerous: opens what it points to")},
    {"page", N_("dangerous: a page that may hold scripts")},
    {"disk", N_("dangerous: the image of a disk")},
    {"disguised", N_("dangerous: the name hides what it is")},
    {"archive", N_("dangerous: an archive with programs")},
    {"locked", N_("dangerous: an archive under a password")},
};

const char *mailfile_danger(struct cmd *c, const char *danger)
{
    for (size_t i = 0; i < ARRAY_LEN(dangers); i++)
        if (!strcmp(dangers[i].danger, danger))
            return _(dangers[i].text);
    return danger;
}
