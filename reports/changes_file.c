/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The list: .xlsx or csv, whatever its name says.  Its header is the row with the titles of the two columns
 * that are not shown; the second says the language, and with it the titles of all others.
 */
#include "reports/changes_low.h"

#include "base/csv.h"
#include "base/unicode.h"
#include "base/xlsx.h"

struct reading {
    void *mem;
    struct register_run *run;
    struct changes_file *file;
    int uid, digests, column[SHEET_MAX_COLUMNS]; /* where they are in the list; -1: nowhere */
    bool header;                                 /* of this sheet was seen */
};

/* "adresar 1 sr-Latn 17" */
static bool is_export_title(const char *cell, char language[16], long long *export_r)
{
    int form, end = 0;
    return sscanf(cell, "adresar %d %15[A-Za-z-] %lld%n", &form, language, export_r, &end) == 3 &&
           !cell[end] && form == EXCHANGE_FORM;
}

static int find_cell(const char *const *cell, size_t n, const char *title)
{
    MEM_SCOPE(mem);
    for (size_t i = 0; i < n; i++)
        if (!strcmp(unicode_squeeze(mem, cell[i]), title))
            return (int)i;
    return -1;
}

static int take_header(struct reading *r, const char *const *cell, size_t n, struct err *err)
{
    char language[16];
    long long export;
    for (size_t i = 0; i < n && !r->header; i++)
        if (is_export_title(cell[i], language, &export)) {
            r->digests = (int)i;
            r->header = true;
        }
    if (!r->header)
        return 0;
    r->uid = find_cell(cell, n, EXCHANGE_UID);
    if (r->uid < 0)
        return err_set(err, ERR_INPUT, "the hidden column \"%s\" is missing", EXCHANGE_UID);
    if (exchange_begin(r->run, language, err) < 0)
        return -1;
    r->file->language = r->run->language->tag;
    r->file->export = export;
    const struct register_table *table = r->run->table;
    for (int i = 0; i < table->ncolumns; i++)
        r->column[i] = find_cell(cell, n, register_text(r->run, table->columns[i].title));
    return 0;
}

static const char *cell_at(const char *const *cell, size_t n, int at)
{
    return at >= 0 && (size_t)at < n ? cell[at] : "";
}

static void add_row(struct reading *r, const struct changes_row *row)
{
    struct changes_file *file = r->file;
    size_t room = talloc_array_length(file->row);
    if (file->n == room)
        file->row = talloc_realloc(r->mem, file->row, struct changes_row, (unsigned)(room ? 2 * room : 64));
    file->row[file->n++] = *row;
}

static int take_row(struct reading *r, long number, const char *const *cell, size_t n, struct err *err)
{
    if (!r->header)
        return take_header(r, cell, n, err);
    bool any = false;
    struct changes_row row = {.number = number,
                              .uid = exchange_plain(r->mem, cell_at(cell, n, r->uid)),
                              .digests = exchange_plain(r->mem, cell_at(cell, n, r->digests))};
    for (int i = 0; i < r->run->table->ncolumns; i++) {
        if (r->column[i] >= 0)
            row.cell[i] = exchange_plain(r->mem, cell_at(cell, n, r->column[i]));
        any = any || (row.cell[i] && *row.cell[i]);
    }
    if (any || *row.uid)
        add_row(r, &row);
    return 0;
}

/* ---- csv, xlsx */

static int take_record(void *context, const struct csv_record *record, struct err *err)
{
    return take_row(context, record->number, record->cell, record->n, err);
}

static int take_sheet_row(void *context, const struct xlsx_row *row, struct err *err)
{
    return take_row(context, row->number, row->cell, row->n, err);
}

static int read_csv(struct reading *r, const char *bytes, size_t len, struct err *err)
{
    char *text;
    const char *encoding;
    if (unicode_decode(r->mem, bytes, len, NULL, &text, &encoding, err) < 0)
        return -1;
    return csv_each(text, strlen(text), 0, take_record, r, err);
}

/* An export with many rows has several sheets; others may have been added. */
static int read_xlsx(struct reading *r, struct cage *cage, const char *bytes, size_t len, struct err *err)
{
    struct xlsx_sheet *sheets;
    size_t n;
    if (xlsx_sheets(r->mem, cage, bytes, len, &sheets, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        r->header = false;
        if (xlsx_each(cage, bytes, len, i, take_sheet_row, r, err) < 0)
            return -1;
    }
    return 0;
}

int changes_file_read(void *mem, struct register_run *run, struct cage *cage, const char *path,
                      struct changes_file *file_r, struct err *err)
{
    char *bytes;
    size_t len;
    *file_r = (struct changes_file){0};
    struct reading r = {.mem = mem, .run = run, .file = file_r};
    if (mem_read_file(mem, path, CHANGES_MAX_BYTES, &bytes, &len, err) < 0)
        return -1;
    bool xlsx = len > 4 && !memcmp(bytes, "PK\3\4", 4);
    if ((xlsx ? read_xlsx(&r, cage, bytes, len, err) : read_csv(&r, bytes, len, err)) < 0)
        return err_context(err, "%s", path);
    if (!file_r->language)
        return err_set(
            err, ERR_INPUT,
            "%s: this is no list that contact export wrote, or its hidden columns are gone; contact import "
            "takes any list",
            path);
    return 0;
}
