/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * adresar message: a mail as a person reads it, its tree of parts, its attachments into a folder.
 */
#include <time.h>

#include "cmd/extract.h"
#include "base/json_text.h"
#include "cmd/mailfile.h"
#include "cmd_functions.h"

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
    show_field(_("Subject"), json_text_or_null(facts, "subject"));
    if (date && localtime_r(&date, &tm) && strftime(when, sizeof when, "%Y-%m-%d %H:%M %z", &tm))
        show_field(_("Date"), when);
}

static void show_parts(struct cmd *c, const json_t *parts, int depth)
{
    size_t i;
    const json_t *part;
    json_array_foreach(parts, i, part)
    {
        const char *name = json_text_or_null(part, "filename"), *charset = json_text_or_null(part, "charset");
        const char *extracted = json_text_or_null(part, "extracted"),
                   *danger = json_text_or_null(part, "danger");
        const char *protection = json_text_or_null(part, "protection");
        printf("%*s%s  %s", 2 * depth, "", json_text_or_null(part, "path"), json_text_or_null(part, "type"));
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
    const char *body = json_text_or_null(facts, "body_text");
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
    struct extract *x = context;
    x->cage = m->cage;
    x->mail = m->mail;
    x->len = m->len;
    int rc = x->folder ? extract_files(x, m->facts, NULL, &err) : 0;
    if (rc == 0)
        print(c, m->path, m->facts);
    return rc < 0 ? cmd_fail(c, &err) : 0;
}

int cmd_message(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct extract x = {.dangerous = true};
    const struct cmd_option options[] = {{"json", CMD_FLAG, &c->json}, {"extract", CMD_TEXT, &x.folder}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc == 0)
        return cmd_usage(c, "message FILE.eml|DIR... [--extract DIR] [--json]");
    if (x.folder && extract_open(&x, &err) < 0)
        return cmd_fail(c, &err);
    return mailfile_each(c, argc, argv, message_file, &x);
}
