/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * adresar message: a mail as a person reads it, its tree of parts, its attachments into a folder.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/unicode.h"
#include "cmd/mailfile.h"
#include "cmd_functions.h"

enum { NAME_MAX_BYTES = 120, SAME_NAME_MAX = 1000 };

struct extraction {
    struct cage *cage;
    const char *mail;
    size_t len;
    const char *folder;
    int fd; /* of the folder; -1: nothing is extracted */
};

static const char *text_at(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* ---- extract */

/* Signs that file systems, shells or people's eyes (right-to-left overrides) are misled by. */
static bool is_unsafe(uint32_t c)
{
    return c < ' ' || c == 0x7f || c == 0xfffd || (c < 0x80 && strchr("/\\:*?\"<>|", (int)c)) ||
           (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

/* The last part of the path that the sender gave, without dots in front. */
static char *safe_name(void *mem, const json_t *part)
{
    const char *given = text_at(part, "filename"), *p = given ? given : "";
    for (const char *q = p; *q; q++)
        if (*q == '/' || *q == '\\')
            p = q + 1;
    p += strspn(p, ". ");
    struct text t = text_new(mem);
    while (*p && t.len < NAME_MAX_BYTES) {
        uint32_t c = unicode_next(&p);
        unicode_add(&t, is_unsafe(c) ? '_' : c);
    }
    if (t.len)
        return t.s;
    bool message = !strncmp(text_at(part, "type"), "message/", 8);
    return talloc_asprintf(mem, "part-%s.%s", text_at(part, "path"), message ? "eml" : "bin");
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

static int write_all(int fd, const char *bytes, size_t len)
{
    while (len) {
        ssize_t n = write(fd, bytes, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        bytes += n;
        len -= (size_t)n;
    }
    return 0;
}

static bool is_attachment(const json_t *part)
{
    const char *type = text_at(part, "type");
    if (!strncmp(type, "multipart/", 10) || !json_object_get(part, "size"))
        return false;
    return text_at(part, "filename") || !text_at(part, "text");
}

static int extract_part(const struct extraction *x, json_t *part, struct err *err)
{
    MEM_SCOPE(mem);
    char *bytes, *name;
    size_t len;
    if (cage_part(x->cage, mem, x->mail, x->len, text_at(part, "path"), &bytes, &len, err) < 0)
        return -1;
    FD_SCOPE int fd = create(mem, x->fd, safe_name(mem, part), &name);
    if (fd < 0 || write_all(fd, bytes, len) < 0)
        return err_set(err, ERR_IO, "%s/%s: %s", x->folder, name, strerror(errno));
    json_object_set_new(part, "extracted", json_string(talloc_asprintf(mem, "%s/%s", x->folder, name)));
    return 0;
}

/* An attached message is extracted whole, not also in pieces; what Outlook wraps is extracted both ways. */
static int extract(const struct extraction *x, json_t *parts, struct err *err)
{
    size_t i;
    json_t *part;
    json_array_foreach(parts, i, part)
    {
        if (is_attachment(part) ? extract_part(x, part, err) < 0
                                : extract(x, json_object_get(part, "parts"), err) < 0)
            return -1;
        if (extract(x, json_object_get(part, "holds"), err) < 0)
            return -1;
    }
    return 0;
}

static int open_folder(const char *path, int *fd_r, struct err *err)
{
    if (mkdir(path, 0755) < 0 && errno != EEXIST)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    *fd_r = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return *fd_r < 0 ? err_set(err, ERR_IO, "%s: %s", path, strerror(errno)) : 0;
}

/* ---- show */

static void show_field(const char *name, const char *value)
{
    if (value && *value)
        printf("%-10s%s\n", name, value);
}

static void show_header(struct cmd *c, const json_t *facts)
{
    MEM_SCOPE(mem);
    char when[64];
    time_t date = (time_t)json_integer_value(json_object_get(facts, "date"));
    struct tm tm;
    show_field(_("From"), mailfile_people(mem, json_object_get(facts, "from")));
    show_field(_("To"), mailfile_people(mem, json_object_get(facts, "to")));
    show_field(_("Cc"), mailfile_people(mem, json_object_get(facts, "cc")));
    show_field(_("Subject"), text_at(facts, "subject"));
    if (date && localtime_r(&date, &tm) && strftime(when, sizeof when, "%Y-%m-%d %H:%M %z", &tm))
        show_field(_("Date"), when);
}

static void show_parts(struct cmd *c, const json_t *parts, int depth)
{
    size_t i;
    const json_t *part;
    json_array_foreach(parts, i, part)
    {
        const char *name = text_at(part, "filename"), *charset = text_at(part, "charset");
        const char *extracted = text_at(part, "extracted"), *danger = text_at(part, "danger");
        const char *protection = text_at(part, "protection");
        printf("%*s%s  %s", 2 * depth, "", text_at(part, "path"), text_at(part, "type"));
        if (charset)
            printf(" %s", charset);
        if (name)
            printf(" \"%s\"", name);
        if (json_object_get(part, "size"))
            printf(" %lld", (long long)json_integer_value(json_object_get(part, "size")));
        if (protection)
            printf(" [%s]", protection);
        if (danger)
            printf(" (%s)", mailfile_danger(c, danger));
        if (extracted)
            printf(" -> %s", extracted);
        putchar('\n');
        show_parts(c, json_object_get(part, "parts"), depth + 1);
        show_parts(c, json_object_get(part, "holds"), depth + 1);
    }
}

static void show(struct cmd *c, const json_t *facts)
{
    show_header(c, facts);
    putchar('\n');
    show_parts(c, json_object_get(facts, "parts"), 0);
    const char *body = text_at(facts, "body_text");
    if (body && *body)
        printf("\n%s\n", body);
}

static void print(struct cmd *c, const char *path, json_t *facts)
{
    static const char *const lists[] = {"from", "to", "cc"};
    if (!c->json) {
        show(c, facts);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(lists); i++)
        if (!json_object_get(facts, lists[i]))
            json_object_set_new(facts, lists[i], json_array());
    json_object_del(facts, "body_text"); /* stands in the parts */
    json_object_set_new(facts, "file", cmd_json_text(path));
    cmd_print_json(json_incref(facts));
}

static int message_file(struct cmd *c, const struct mailfile *m, void *context)
{
    struct err err;
    struct extraction *x = context;
    x->cage = m->cage;
    x->mail = m->mail;
    x->len = m->len;
    int rc = x->folder ? extract(x, json_object_get(m->facts, "parts"), &err) : 0;
    if (rc == 0)
        print(c, m->path, m->facts);
    return rc < 0 ? cmd_fail(c, &err) : 0;
}

int cmd_message(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct extraction x = {.fd = -1};
    const struct cmd_option options[] = {{"json", CMD_FLAG, &c->json}, {"extract", CMD_TEXT, &x.folder}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc == 0)
        return cmd_usage(c, "message FILE.eml|DIR... [--extract DIR] [--json]");
    if (x.folder && open_folder(x.folder, &x.fd, &err) < 0)
        return cmd_fail(c, &err);
    return mailfile_each(c, argc, argv, message_file, &x);
}
