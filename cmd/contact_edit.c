/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd_functions.h"
#include "crm/contact.h"

/* The fields of both commands; those of `contact add` alone are given apart. */
#define FIELD_OPTIONS(f)                                                                                     \
    {"name", CMD_TEXT, &(f).name}, {"name-language", CMD_TEXT, &(f).name_language},                          \
        {"organisation", CMD_TEXT, &(f).organisation}, {"position", CMD_TEXT, &(f).position},                \
        {"email", CMD_TEXT, &(f).email}, {"phone", CMD_TEXT, &(f).phone},                                    \
        {"language", CMD_TEXT, &(f).language}, {"category", CMD_TEXT, &(f).category},                        \
        {"department", CMD_TEXT, &(f).department}, {"salutation", CMD_TEXT, &(f).salutation},                \
        {"gender", CMD_TEXT, &(f).gender}, {"precedence", CMD_TEXT, &(f).precedence},                        \
        {"state", CMD_TEXT, &(f).state}, {"tag", CMD_TEXT, &(f).tag}, {"untag", CMD_TEXT, &(f).untag},       \
        {"owner", CMD_TEXT, &(f).owner}, {"unphone", CMD_TEXT, &(f).unphone},                                \
        {"uncategory", CMD_TEXT, &(f).uncategory}, {"street", CMD_TEXT, &(f).postal.lines},                  \
        {"postcode", CMD_TEXT, &(f).postal.postcode}, {"city", CMD_TEXT, &(f).postal.city},                  \
        {"country", CMD_TEXT, &(f).postal.country}, {"title", CMD_TEXT, &(f).form.title},                    \
        {"formality", CMD_TEXT, &(f).form.formality},                                                        \
        {"salutation-language", CMD_TEXT, &(f).form.salutation_language},                                    \
        {"rank", CMD_TEXT, &(f).form.rank}, {"in-office-since", CMD_TEXT, &(f).form.in_office_since},        \
        {"class", CMD_TEXT, &(f).form.post_class}, {"position-language", CMD_TEXT, &(f).form.post_language}, \
    {                                                                                                        \
        "note", CMD_TEXT, &(f).note                                                                          \
    }

int cmd_contact_add(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    struct contact_fields fields = {0};
    int64_t id;
    const struct cmd_option options[] = {{"kind", CMD_TEXT, &fields.kind}, FIELD_OPTIONS(fields), {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc || !(fields.name || fields.organisation))
        return cmd_usage(
            c, "contact add [--kind person|organisation] --name N [--organisation O] [--position P] "
               "[--email A] [--phone T] [--language L] [--category C] [--department D] "
               "[--salutation S] ...");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    fields.country = c->conf->office.country;
    int rc = contact_add(db, &fields, &id, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:I}", "id", (json_int_t)id));
    else
        printf(_("contact %lld\n"), (long long)id);
    return 0;
}

int cmd_contact_edit(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    struct contact_fields fields = {0};
    int64_t id;
    const struct cmd_option options[] = {FIELD_OPTIONS(fields), {0}};
    int given = argc;
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1 || given == 1)
        return cmd_usage(c, "contact edit ID|ADDRESS [--name N [--name-language L]] [--language L] "
                            "[--salutation S] [--state active|left|deceased|dissolved|archived] ...");
    if (cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    fields.country = c->conf->office.country;
    int rc = contact_resolve(db, argv[0], &id, &err);
    if (rc == 0)
        rc = contact_edit(db, id, &fields, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    if (c->json)
        cmd_print_json(json_pack("{s:I}", "id", (json_int_t)id));
    else
        printf(_("contact %lld changed\n"), (long long)id);
    return 0;
}
