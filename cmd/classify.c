/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * adresar classify: the verdict on each mail, with its evidence.
 */
#include "cmd/classify.h"

#include "cmd/mailfile.h"
#include "cmd/table.h"
#include "cmd_functions.h"
#include "mail/classify.h"
#include "mail/rule.h"

static int classify_file(struct cmd *c, const struct mailfile *m, void *context)
{
    (void)context;
    json_t *verdict = classify_mail(m->facts, NULL);
    if (c->json) {
        json_t *line = json_pack("{s:o}", "file", cmd_json_text(m->path));
        json_object_update(line, verdict);
        cmd_print_json(line);
    } else {
        puts(m->path);
        classify_show(c, verdict);
    }
    json_decref(verdict);
    return 0;
}

static int show_rules(struct cmd *c)
{
    const char *const titles[] = {_("rule"), _("class"), _("stands on"), NULL};
    struct cmd_table *table = cmd_table_new(c->mem, titles);
    for (size_t i = 0; i < RULES; i++) {
        const struct rule *r = &rules[i];
        const char *cell[] = {r->id, r->class, r->clause ? r->clause : ""};
        if (c->json)
            cmd_print_json(
                json_pack("{s:s, s:s, s:s?}", "rule", r->id, "class", r->class, "clause", r->clause));
        else
            cmd_table_add(table, cell);
    }
    if (!c->json)
        cmd_table_print(table);
    return 0;
}

int cmd_classify(struct cmd *c, int argc, char **argv)
{
    struct err err;
    bool list = false, again = false;
    struct classify_period period = {0};
    const struct cmd_option options[] = {{"json", CMD_FLAG, &c->json},
                                         {"rules", CMD_FLAG, &list},
                                         {"again", CMD_FLAG, &again},
                                         {"from", CMD_TEXT, &period.from},
                                         {"to", CMD_TEXT, &period.to},
                                         {"apply", CMD_FLAG, &period.apply},
                                         {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    bool dated = period.from || period.to || period.apply;
    if (list + again + (argc > 0) != 1 || (dated && !again))
        return cmd_usage(c, "classify FILE.eml|DIR... | --again [--from D] [--to D] [--apply] | --rules");
    if (list)
        return show_rules(c);
    return again ? classify_again(c, &period) : mailfile_each(c, argc, argv, classify_file, NULL);
}
