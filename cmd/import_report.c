/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/import_report.h"

static void print_report_json(const struct import_report *r)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < r->n; i++)
        json_array_append_new(rows, json_pack("{s:I, s:I, s:s, s:s}", "row", (json_int_t)r->lines[i].row,
                                              "line", (json_int_t)r->lines[i].line, "class",
                                              r->lines[i].class, "reason", r->lines[i].reason));
    cmd_print_json(json_pack("{s:o, s:I, s:I, s:I, s:I, s:s, s:s, s:s, s:o}", "id",
                             r->id ? json_integer(r->id) : json_null(), "ready", (json_int_t)r->ready,
                             "known", (json_int_t)r->known, "check", (json_int_t)r->check, "refused",
                             (json_int_t)r->refused, "encoding", r->encoding, "delimiter", r->delimiter,
                             "department", r->department, "rows", rows));
}

static void print_lines(struct cmd *c, const struct import_report *r, const char *class)
{
    for (size_t i = 0; i < r->n; i++)
        if (!strcmp(r->lines[i].class, class))
            printf(_("    row %lld, line %lld: %s\n"), (long long)r->lines[i].row,
                   (long long)r->lines[i].line, r->lines[i].reason);
}

static void print_report(struct cmd *c, const struct import_options *o, const struct import_report *r)
{
    printf(_("%s: %s, %s between the columns, for %s\n"), o->file, r->encoding, _(r->delimiter),
           r->department);
    printf(_("  %lld ready\n"), (long long)r->ready);
    printf(_("  %lld known already\n"), (long long)r->known);
    print_lines(c, r, "known");
    printf(_("  %lld to check\n"), (long long)r->check);
    print_lines(c, r, "check");
    printf(_("  %lld refused\n"), (long long)r->refused);
    print_lines(c, r, "refused");
    if (r->id)
        printf(_("import %lld; `adresar contact import-undo %lld` takes it back\n"), (long long)r->id,
               (long long)r->id);
    else
        puts(_("nothing was written"));
}

int cmd_import_report(struct cmd *c, const struct import_options *o, const struct import_report *r)
{
    if (c->json)
        print_report_json(r);
    else
        print_report(c, o, r);
    return !r->refused ? 0 : o->strict ? EXIT_INPUT : EXIT_LOOK;
}
