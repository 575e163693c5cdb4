/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/import_report.h"

#include "cmd/audit_words.h"

/* ---- for programs */

static json_t *text_or_null(const char *s)
{
    return s ? json_string(s) : json_null();
}

static json_t *changes_json(const struct import_line *line)
{
    json_t *changes = json_array();
    for (size_t i = 0; i < line->changes; i++)
        json_array_append_new(changes,
                              json_pack("{s:s, s:o, s:s}", "field", line->change[i].field, "old",
                                        text_or_null(line->change[i].before), "new", line->change[i].after));
    return changes;
}

static json_t *rows_json(const struct import_report *r)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < r->n; i++) {
        const struct import_line *line = &r->lines[i];
        json_array_append_new(rows, json_pack("{s:I, s:I, s:s, s:s, s:o, s:o}", "row", (json_int_t)line->row,
                                              "line", (json_int_t)line->line, "class", line->class, "reason",
                                              line->reason, "sheet", text_or_null(line->sheet), "changes",
                                              changes_json(line)));
    }
    return rows;
}

static json_t *sheets_json(const struct import_report *r, bool with_mapping)
{
    json_t *sheets = json_array();
    for (size_t i = 0; i < r->parts; i++) {
        json_t *sheet = json_pack("{s:o, s:I, s:s}", "sheet", text_or_null(r->part[i].sheet), "header",
                                  (json_int_t)r->part[i].header, "mapping", r->part[i].origin);
        if (with_mapping)
            json_object_set_new(sheet, "text", json_string(r->part[i].mapping));
        json_array_append_new(sheets, sheet);
    }
    return sheets;
}

static json_t *skipped_json(const struct import_report *r)
{
    json_t *skipped = json_array();
    for (size_t i = 0; i < r->skips; i++)
        json_array_append_new(skipped, json_pack("{s:o, s:I, s:s}", "sheet", text_or_null(r->skip[i].sheet),
                                                 "row", (json_int_t)r->skip[i].row, "what", r->skip[i].what));
    return skipped;
}

static void print_report_json(const struct import_options *o, const struct import_report *r)
{
    cmd_print_json(json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "id",
                             r->id ? json_integer(r->id) : json_null(), "ready", (json_int_t)r->ready,
                             "known", (json_int_t)r->known, "check", (json_int_t)r->check, "refused",
                             (json_int_t)r->refused, "duplicates", (json_int_t)r->proposals, "encoding",
                             r->encoding, "delimiter", r->delimiter, "department", r->department,
                             "same_file_as", r->same_as ? json_integer(r->same_as) : json_null(), "sheets",
                             sheets_json(r, o->dry_run), "rows", rows_json(r), "skipped", skipped_json(r)));
}

/* ---- for people */

static void print_place(struct cmd *c, const char *sheet, int64_t row, int64_t line)
{
    if (sheet)
        printf(_("    %s, row %lld: "), sheet, (long long)row);
    else
        printf(_("    row %lld, line %lld: "), (long long)row, (long long)line);
}

static void print_line(struct cmd *c, const struct import_line *line)
{
    print_place(c, line->sheet, line->row, line->line);
    printf("%s\n", line->reason);
    for (size_t k = 0; k < line->changes; k++) {
        const struct import_difference *d = &line->change[k];
        const char *field = audit_detail(c, d->field);
        if (d->before)
            printf(_("        %s: %s, not %s any more\n"), field, d->after, d->before);
        else
            printf(_("        %s: %s, which was missing\n"), field, d->after);
    }
}

/* Of rows that are known and change nothing the first few: thousands of them would hide those that do. */
static void print_lines(struct cmd *c, const struct import_report *r, const char *class)
{
    enum { FEW = 20 };
    bool known = !strcmp(class, "known");
    long same = 0;
    for (size_t i = 0; i < r->n; i++) {
        const struct import_line *line = &r->lines[i];
        if (strcmp(line->class, class) != 0)
            continue;
        bool says_little = known && !line->changes && !strchr(line->reason, ';');
        if (!says_little || ++same <= FEW)
            print_line(c, line);
    }
    if (same > FEW)
        printf(catalog_plural(c->catalog, "    and %ld more row that changes nothing (--json has all)\n",
                              "    and %ld more rows that change nothing (--json has all)\n", same - FEW),
               same - FEW);
}

static void print_sheets(struct cmd *c, const struct import_options *o, const struct import_report *r)
{
    static const char *const origin[][2] = {{"given", N_("mapping as given")},
                                            {"remembered", N_("mapping as at the last list of this shape")},
                                            {"proposed", N_("mapping proposed")}};
    for (size_t i = 0; i < r->parts; i++) {
        const char *words = "";
        if (!strcmp(r->part[i].origin, "cards"))
            continue;
        for (size_t k = 0; k < ARRAY_LEN(origin); k++)
            if (!strcmp(origin[k][0], r->part[i].origin))
                words = _(origin[k][1]);
        printf(_("  %s header in row %lld; %s\n"), r->part[i].sheet ? r->part[i].sheet : "",
               (long long)r->part[i].header, words);
        if (o->dry_run && !o->map_file)
            printf("\n%s\n", r->part[i].mapping);
    }
    for (size_t i = 0; i < r->nleft_out; i++)
        printf(_("  %s has no header that can be recognised, and is left out\n"), r->left_out[i]);
}

static void print_skipped(struct cmd *c, const struct import_report *r)
{
    long groups = 0, totals = 0;
    for (size_t i = 0; i < r->skips; i++) {
        groups += !strcmp(r->skip[i].what, "group");
        totals += !strcmp(r->skip[i].what, "total");
    }
    if (r->skips)
        printf(PLURAL("  %ld row is no contact (names of groups: %ld, sums: %ld)\n",
                      "  %ld rows are no contacts (names of groups: %ld, sums: %ld)\n", groups + totals),
               groups + totals, groups, totals);
}

static void print_report(struct cmd *c, const struct import_options *o, const struct import_report *r)
{
    if (*r->delimiter)
        printf(_("%s: %s, %s between the columns, for %s\n"), o->file, r->encoding, _(r->delimiter),
               r->department);
    else
        printf(_("%s: for %s\n"), o->file, r->department);
    if (r->same_as)
        printf(_("  the very same file was imported on %s (import %lld)\n"), r->same_day,
               (long long)r->same_as);
    print_sheets(c, o, r);
    printf(_("  %lld ready\n"), (long long)r->ready);
    printf(_("  %lld known already\n"), (long long)r->known);
    print_lines(c, r, "known");
    printf(_("  %lld to check\n"), (long long)r->check);
    print_lines(c, r, "check");
    printf(_("  %lld refused\n"), (long long)r->refused);
    print_lines(c, r, "refused");
    print_skipped(c, r);
    if (r->proposals)
        printf(PLURAL("  %lld pair is perhaps one party; `adresar contact duplicates` shows it\n",
                      "  %lld pairs are perhaps one party each; `adresar contact duplicates` shows them\n",
                      r->proposals),
               (long long)r->proposals);
    if (r->id)
        printf(_("import %lld; `adresar contact import-undo %lld` takes it back\n"), (long long)r->id,
               (long long)r->id);
    else
        puts(_("nothing was written"));
}

int cmd_import_report(struct cmd *c, const struct import_options *o, const struct import_report *r)
{
    if (c->json)
        print_report_json(o, r);
    else
        print_report(c, o, r);
    return !r->refused ? 0 : o->strict ? EXIT_INPUT : EXIT_LOOK;
}
