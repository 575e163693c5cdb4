/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * How a contact is written to, so that a clerk can look before a letter goes out.
 */
#include "cmd/table.h"
#include "cmd_functions.h"
#include "crm/contact.h"
#include "crm/language.h"
#include "crm/personname.h"

static json_t *lines_array(const char *const *lines)
{
    json_t *array = json_array();
    while (*lines)
        json_array_append_new(array, json_string(*lines++));
    return array;
}

static json_t *form_json(int64_t id, const struct form_contact *f)
{
    const char *class = form_class_name(f->class);
    return json_pack("{s:I, s:s, s:o, s:s, s:b, s:s, s:s*, s:s*, s:o}", "id", (json_int_t)id, "language",
                     f->language, "envelope", lines_array(f->envelope), "salutation", f->salutation, "own",
                     (int)f->overridden, "closing", f->closing, "class", *class ? class : NULL, "gender",
                     personname_gender_text(f->gender), "latin", lines_array(f->latin));
}

static void print_form(struct cmd *c, const json_t *form)
{
    size_t i;
    json_t *line;
    json_array_foreach(json_object_get(form, "envelope"), i, line) printf("%s\n", json_string_value(line));
    printf("\n%s,\n...\n%s\n", json_string_value(json_object_get(form, "salutation")),
           json_string_value(json_object_get(form, "closing")));
    fflush(stdout);
    json_array_foreach(json_object_get(form, "latin"), i, line)
        fprintf(stderr, _("name only in Latin: %s\n"), json_string_value(line));
}

int cmd_contact_address(struct cmd *c, int argc, char **argv)
{
    struct err err;
    struct db *db;
    struct form_contact form;
    struct form_wanted wanted = {0};
    const struct cmd_option options[] = {{"language", CMD_TEXT, &wanted.language}, {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1)
        return cmd_usage(c, "contact address ID|ADDRESS [--language L]");
    if ((wanted.language && language_check(wanted.language, &err) < 0) || cmd_open_db(c, NULL, &db, &err) < 0)
        return cmd_fail(c, &err);
    wanted.home = c->conf->office.country;
    wanted.country_language = c->conf->office.country_language;
    int rc = contact_resolve(db, argv[0], &wanted.contact, &err);
    if (rc == 0)
        rc = contact_check_erased(db, wanted.contact, &err);
    if (rc == 0)
        rc = form_of_contacts(c->mem, db, &wanted, 1, &form, &err);
    db_close(db);
    if (rc < 0)
        return cmd_fail(c, &err);
    cmd_show(c, form_json(wanted.contact, &form), print_form);
    return 0;
}
