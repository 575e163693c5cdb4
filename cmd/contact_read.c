/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a list holds, before any mapping.
 */
#include "cmd/contact_cards.h"
#include "cmd/contact_sheet.h"
#include "cmd/table.h"
#include "cmd_functions.h"

#include "base/unicode.h"
#include "base/xlsx.h"
#include "crm/listfile.h"

enum { SHOWN_WIDTH = 24, SHOWN_BYTES = 1024 }; /* so much of a cell is looked at */

static int print_record(void *context, const struct csv_record *record, struct err *err)
{
    (void)context;
    (void)err;
    MEM_SCOPE(mem);
    json_t *cells = json_object();
    for (size_t i = 0; i < record->n; i++)
        json_object_set_new(cells, xlsx_column((char[8]){0}, i), json_string(record->cell[i]));
    cmd_print_json(json_pack("{s:n, s:I, s:o}", "sheet", "row", (json_int_t)record->number, "cells", cells));
    return 0;
}

/* ---- for people: each column with its first values */

struct sample {
    void *mem;
    size_t columns;
    const char **title, *(*value)[CONTACT_READ_VALUES];
    size_t filled[CSV_MAX_COLUMNS];
    long ragged;
};

char *contact_read_shortened(void *mem, const char *s)
{
    MEM_SCOPE(scope);
    size_t len = strnlen(s, SHOWN_BYTES);
    while (len && ((unsigned char)s[len] & 0xc0) == 0x80)
        len--;
    const char *clean = unicode_squeeze(scope, talloc_strndup(scope, s, len)), *at = clean;
    for (int n = 0; n < SHOWN_WIDTH; n++)
        if (!unicode_next(&at))
            return talloc_strdup(mem, clean);
    return talloc_asprintf(mem, "%.*s%s", (int)(at - clean), clean, *at ? "…" : "");
}

static int sample_record(void *context, const struct csv_record *record, struct err *err)
{
    (void)err;
    struct sample *s = context;
    s->ragged += record->n != record->width;
    for (size_t i = 0; i < record->n && i < s->columns; i++) {
        if (record->number == 1)
            s->title[i] = unicode_squeeze(s->mem, record->cell[i]);
        else if (s->filled[i] < CONTACT_READ_VALUES && *unicode_squeeze(s->mem, record->cell[i]))
            s->value[i][s->filled[i]++] = contact_read_shortened(s->mem, record->cell[i]);
    }
    return 0;
}

static int print_sample(struct cmd *c, const struct listfile *file, struct err *err)
{
    struct sample *s = talloc_zero(c->mem, struct sample);
    s->mem = s;
    s->columns = file->sheet[0].columns;
    s->title = talloc_zero_array(s, const char *, s->columns);
    s->value = talloc_zero_size(s, s->columns * sizeof *s->value);
    if (listfile_each(file, 0, sample_record, s, err) < 0)
        return -1;
    long rows = file->sheet[0].records - 1;
    printf(_("%s: %s, %s between the cells"), file->path, file->encoding,
           _(csv_delimiter_name(s, file->delimiter)));
    printf(PLURAL(", %zu column", ", %zu columns", s->columns), s->columns);
    printf(PLURAL(", %ld row below the header\n", ", %ld rows below the header\n", rows), rows);
    if (s->ragged)
        printf(catalog_plural(c->catalog, "%ld row has more or fewer cells than the header\n",
                              "%ld rows have more or fewer cells than the header\n", s->ragged),
               s->ragged);
    struct cmd_table *table =
        cmd_table_new(s, (const char *[]){"", _("column"), _("first values"), "", "", NULL});
    for (size_t i = 0; i < s->columns; i++)
        cmd_table_add(table, (const char *[]){xlsx_column((char[8]){0}, i), s->title[i], s->value[i][0],
                                              s->value[i][1], s->value[i][2]});
    cmd_table_print(table);
    return 0;
}

int cmd_contact_read(struct cmd *c, int argc, char **argv)
{
    struct err err = {0};
    const char *encoding = NULL, *delimiter = NULL, *sheet = NULL;
    const struct cmd_option options[] = {{"encoding", CMD_TEXT, &encoding},
                                         {"delimiter", CMD_TEXT, &delimiter},
                                         {"sheet", CMD_TEXT, &sheet},
                                         {0}};
    if (cmd_options(options, &argc, argv, &err) < 0)
        return cmd_fail(c, &err);
    if (argc != 1)
        return cmd_usage(c, "contact read FILE [--sheet S] [--encoding E] [--delimiter C]");
    if (contact_cards_is(argv[0]))
        return contact_cards_read(c, argv[0], encoding);
    if (contact_sheet_is(argv[0]))
        return contact_sheet_show(c, argv[0], sheet, &err) < 0 ? cmd_fail(c, &err) : 0;
    struct listfile file;
    const struct listfile_options how = {.encoding = encoding, .delimiter = delimiter};
    if (listfile_open(c->mem, argv[0], &how, &file, &err) < 0)
        return cmd_fail(c, &err);
    if (sheet) {
        err_set(&err, ERR_USAGE, "%s: has no sheets", argv[0]);
        return cmd_fail(c, &err);
    }
    int rc = c->json ? listfile_each(&file, 0, print_record, NULL, &err) : print_sample(c, &file, &err);
    return rc < 0 ? cmd_fail(c, &err) : 0;
}
