/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/mailfile.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>

#include "mail/wire/facts.h"

enum { FILES_MAX = 1000000 };

/* ---- which */

struct files {
    char **path;
    size_t n;
};

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_mail(const char *name)
{
    size_t len = strlen(name);
    return len > 4 && !strcmp(name + len - 4, ".eml");
}

static int gather(void *mem, struct files *files, const char *folder, struct err *err)
{
    DIR *dir = opendir(folder);
    if (!dir)
        return err_set(err, ERR_IO, "%s: %s", folder, strerror(errno));
    for (const struct dirent *d; files->n < FILES_MAX && (d = readdir(dir));) {
        if (!is_mail(d->d_name))
            continue;
        if (files->n % 256 == 0)
            files->path = talloc_realloc(mem, files->path, char *, (unsigned)files->n + 256);
        files->path[files->n++] = talloc_asprintf(files->path, "%s/%s", folder, d->d_name);
    }
    closedir(dir);
    if (files->n)
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

static int each_in(struct cmd *c, struct cage *cage, const char *folder, mailfile_fn *fn, void *context)
{
    MEM_SCOPE(mem);
    struct err err;
    struct files files = {0};
    if (gather(mem, &files, folder, &err) < 0)
        return mailfile_unreadable(c, folder, &err);
    int rc = 0;
    for (size_t i = 0; i < files.n; i++)
        rc |= check_plain(files.path[i], &err) < 0 ? mailfile_unreadable(c, files.path[i], &err)
                                                   : fn(c, cage, files.path[i], context);
    return rc;
}

int mailfile_each(struct cmd *c, int n, char **paths, mailfile_fn *fn, void *context)
{
    struct err err;
    struct cage *cage;
    if (cage_open(c->mem, &cage, &err) < 0)
        return cmd_fail(c, &err);
    int rc = 0;
    for (int i = 0; i < n; i++) {
        struct stat st;
        bool folder = stat(paths[i], &st) == 0 && S_ISDIR(st.st_mode);
        rc |= folder ? each_in(c, cage, paths[i], fn, context) : fn(c, cage, paths[i], context);
    }
    cage_close(cage);
    return rc;
}

/* ---- one */

int mailfile_facts(void *mem, struct cage *cage, const char *path, char **mail_r, size_t *len_r,
                   json_t **facts_r, struct err *err)
{
    if (mem_read_file(mem, path, FACTS_MESSAGE_MAX, mail_r, len_r, err) < 0)
        return -1;
    return cage_facts(cage, *mail_r, *len_r, facts_r, err);
}

int mailfile_unreadable(struct cmd *c, const char *path, const struct err *err)
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
