/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * For people: of each sheet the columns with their first values.  Titles stand above the header of most
 * sheets; the header is taken to be the first row that has nothing merged and nearly as many cells as the
 * fullest.
 */
#include "cmd/contact_sheet.h"

#include <sys/stat.h>

#include "base/unicode.h"
#include "base/xlsx.h"
#include "cmd/table.h"

enum { LOOKED_AT = 50 };

struct file {
    struct cmd *c;
    const char *path;
    char *bytes;
    size_t len;
    struct cage *cage;
    struct xlsx_sheet *sheets;
    size_t n;
    const char *sheet; /* that is being read */
};

bool contact_sheet_is(const char *path)
{
    char begin[4] = "";
    struct stat st;
    if (stat(path, &st) < 0 || !S_ISREG(st.st_mode)) /* the first bytes of a pipe would be lost */
        return false;
    FILE_SCOPE FILE *f = fopen(path, "r");
    return f && fread(begin, 1, sizeof begin, f) == sizeof begin &&
           (!memcmp(begin, "PK\3\4", 4) || !memcmp(begin, "\xd0\xcf\x11\xe0", 4));
}

/* ---- JSON */

static int print_row(void *context, const struct xlsx_row *row, struct err *err)
{
    (void)err;
    const struct file *file = context;
    json_t *cells = json_object(), *links = json_object();
    for (size_t i = 0; i < row->n; i++) {
        char name[8];
        if (*row->cell[i])
            json_object_set_new(cells, xlsx_column(name, i), json_string(row->cell[i]));
        if (row->link[i])
            json_object_set_new(links, xlsx_column(name, i), json_string(row->link[i]));
    }
    json_t *line =
        json_pack("{s:s, s:I, s:o}", "sheet", file->sheet, "row", (json_int_t)row->number, "cells", cells);
    if (json_object_size(links))
        json_object_set(line, "links", links);
    json_decref(links);
    cmd_print_json(line);
    return 0;
}

/* ---- a sample */

struct sample {
    void *mem;
    struct line {
        long number;
        size_t filled, merged, n;
        const char **cell;
    } line[LOOKED_AT];
    size_t lines, columns;
    long rows, unsaved;
};

static int sample_row(void *context, const struct xlsx_row *row, struct err *err)
{
    (void)err;
    struct sample *s = context;
    s->rows++;
    s->unsaved += (long)row->unsaved;
    if (row->n > s->columns)
        s->columns = row->n;
    if (s->lines == LOOKED_AT)
        return 0;
    struct line *line = &s->line[s->lines++];
    *line = (struct line){row->number, 0, row->merged, row->n, talloc_array(s->mem, const char *, row->n)};
    for (size_t i = 0; i < row->n; i++) {
        line->cell[i] = contact_read_shortened(s->mem, row->cell[i]);
        line->filled += *line->cell[i] != 0;
    }
    return 0;
}

static const struct line *header_of(const struct sample *s)
{
    size_t most = 0;
    for (size_t i = 0; i < s->lines; i++)
        if (s->line[i].filled > most)
            most = s->line[i].filled;
    for (size_t i = 0; i < s->lines; i++)
        if (s->line[i].merged == 1 && s->line[i].filled * 3 >= most * 2)
            return &s->line[i];
    return s->line;
}

static void add_column(struct cmd_table *table, const struct sample *s, const struct line *header,
                       size_t column)
{
    char name[8];
    const char *row[2 + CONTACT_READ_VALUES] = {xlsx_column(name, column),
                                                column < header->n ? header->cell[column] : ""};
    size_t n = 2;
    for (const struct line *line = header + 1; line < s->line + s->lines && n < ARRAY_LEN(row); line++)
        if (line->merged == 1 && column < line->n && *line->cell[column])
            row[n++] = line->cell[column];
    cmd_table_add(table, row);
}

static void print_sample(struct cmd *c, const struct file *file, const struct sample *s)
{
    const struct line *header = header_of(s);
    if (!s->lines) {
        printf(_("%s, sheet %s: empty\n"), file->path, file->sheet);
        return;
    }
    printf(_("%s, sheet %s"), file->path, file->sheet);
    printf(PLURAL(": %zu column", ": %zu columns", s->columns), s->columns);
    printf(PLURAL(", %ld row, the header is row %ld\n", ", %ld rows, the header is row %ld\n", s->rows),
           s->rows, header->number);
    if (s->unsaved)
        printf(catalog_plural(c->catalog,
                              "%ld formula has no value; open and save the file in a spreadsheet program\n",
                              "%ld formulas have no value; open and save the file in a spreadsheet program\n",
                              s->unsaved),
               s->unsaved);
    struct cmd_table *table =
        cmd_table_new(s->mem, (const char *[]){"", _("column"), _("first values"), "", "", NULL});
    for (size_t i = 0; i < s->columns; i++)
        add_column(table, s, header, i);
    cmd_table_print(table);
}

/* ---- */

static int show(struct file *file, size_t i, struct err *err)
{
    MEM_SCOPE(mem);
    struct sample *s = talloc_zero(mem, struct sample);
    s->mem = mem;
    file->sheet = file->sheets[i].name;
    int rc = file->c->json ? xlsx_each(file->cage, file->bytes, file->len, i, print_row, file, err)
                           : xlsx_each(file->cage, file->bytes, file->len, i, sample_row, s, err);
    if (rc == 0 && !file->c->json)
        print_sample(file->c, file, s);
    return rc;
}

static int no_such_sheet(const struct file *file, const char *name, struct err *err)
{
    MEM_SCOPE(mem);
    struct text there = text_new(mem);
    for (size_t i = 0; i < file->n; i++)
        text_printf(&there, "%s\"%s\"", i ? ", " : "", file->sheets[i].name);
    return err_set(err, ERR_INPUT, "has no sheet \"%s\"; it has %.800s", name, there.s);
}

static int show_named(struct file *file, const char *name, struct err *err)
{
    for (int blind = 0; blind < 2; blind++) /* as it is written, then in small letters, without accents */
        for (size_t i = 0; i < file->n; i++) {
            MEM_SCOPE(mem);
            if (blind ? !strcmp(unicode_fold(mem, file->sheets[i].name), unicode_fold(mem, name))
                      : !strcmp(file->sheets[i].name, name))
                return show(file, i, err);
        }
    return no_such_sheet(file, name, err);
}

static int show_all(struct file *file, struct err *err)
{
    bool shown = false;
    struct cmd *c = file->c;
    for (size_t i = 0; i < file->n; i++) {
        if (file->sheets[i].hidden)
            continue;
        if (shown && !c->json)
            putchar('\n');
        if (show(file, i, err) < 0)
            return -1;
        shown = true;
    }
    for (size_t i = 0; i < file->n && shown && !c->json; i++)
        if (file->sheets[i].hidden)
            printf(_("\nsheet %s is hidden; --sheet shows it\n"), file->sheets[i].name);
    return shown ? 0 : err_set(err, ERR_INPUT, "has hidden sheets only; name one by --sheet");
}

int contact_sheet_show(struct cmd *c, const char *path, const char *name, struct err *err)
{
    struct file file = {.c = c, .path = path};
    if (mem_read_file(c->mem, path, XLSX_MAX_BYTES, &file.bytes, &file.len, err) < 0 ||
        cage_open(c->mem, &file.cage, err) < 0)
        return -1;
    int rc = xlsx_sheets(c->mem, file.cage, file.bytes, file.len, &file.sheets, &file.n, err);
    if (rc == 0)
        rc = name ? show_named(&file, name, err) : show_all(&file, err);
    cage_close(file.cage);
    return rc < 0 ? err_context(err, "%s", path) : 0;
}
