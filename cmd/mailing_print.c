/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd_functions.h"
#include "reports/printing.h"

static void say_printed(struct cmd *c, const struct printing_order *o, const struct printing_result *r)
{
    if (c->json) {
        json_t *said = json_pack("{s:I, s:i, s:i, s:o, s:s, s:b}", "id", (json_int_t)o->mailing_id, "letters",
                                 r->letters, "pages", r->pages, "file", cmd_json_text(o->path), "sha256",
                                 r->sha256, "again", o->what == PRINTING_AGAIN);
        if (o->labels_path) {
            json_object_set_new(said, "labels", cmd_json_text(o->labels_path));
            json_object_set_new(said, "label_sheets", json_integer(r->label_sheets));
        }
        cmd_print_json(said);
        return;
    }
    printf(_("%s: letters %d, pages %d\n"), o->path, r->letters, r->pages);
    if (o->labels_path)
        printf(_("%s: labels %d, sheets %d (%s)\n"), o->labels_path, r->letters, r->label_sheets, o->sheet);
}

int cmd_mailing_print(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    long first = 1;
    bool again = false, sample = false;
    struct printing_order order = {0};
    struct printing_result result;
    const struct cmd_option options[] = {
        {"output", CMD_TEXT, &order.path},
        {"labels", CMD_TEXT, &order.labels_path},
        {"sheet", CMD_TEXT, &order.sheet},
        {"start", CMD_INT, &first},
        {"two-sided", CMD_FLAG, &order.two_sided},
        {"again", CMD_FLAG, &again},
        {"sample", CMD_FLAG, &sample},
        {0},
    };
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1 || !order.path || (again && sample))
        return cmd_usage(
            c, "mailing print ID -o FILE.pdf [--labels FILE.pdf --sheet NAME [--start N]] [--two-sided] "
               "[--again|--sample]");
    order.what = again ? PRINTING_AGAIN : sample ? PRINTING_SAMPLE : PRINTING_NEW;
    order.first_label = first > 0 && first < 1000 ? (int)first : 0;
    if (cmd_id(argv[0], &order.mailing_id, &err) < 0 || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    int rc = printing_run(db, c->conf, &order, &result, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    say_printed(c, &order, &result);
    return 0;
}
