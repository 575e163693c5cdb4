/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/mailfile.h"

#include "mail/wire/facts.h"

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
