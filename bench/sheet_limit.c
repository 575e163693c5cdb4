/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The limit of a register: the same cells by libxlsxwriter alone, in constant memory, with one format and
 * nothing else.
 *
 *     sheet_limit IN.csv OUT.xlsx       IN.csv as `adresar register` writes it; its reading is not measured
 *
 * Prints the seconds.
 */
#include <xlsxwriter.h> /* before ours: its macros use what base/mem.h forbids */

#include <time.h>

#include "base/csv.h"

enum { MAX_BYTES = 1 << 30 };

struct cells {
    const char **cell;
    size_t n, room, columns;
};

static int keep(void *context, const struct csv_record *record, struct err *err)
{
    (void)err;
    struct cells *cells = context;
    cells->columns = record->width;
    if (cells->n + record->width > cells->room) {
        cells->room = 2 * (cells->room + record->width);
        cells->cell = talloc_realloc(NULL, cells->cell, const char *, cells->room);
    }
    for (size_t i = 0; i < record->width; i++)
        cells->cell[cells->n++] =
            i < record->n && *record->cell[i] ? talloc_strdup(cells->cell, record->cell[i]) : NULL;
    return 0;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static int write_all(const struct cells *cells, const char *path)
{
    lxw_workbook_options options = {.constant_memory = LXW_TRUE};
    lxw_workbook *book = workbook_new_opt(path, &options);
    lxw_worksheet *ws = workbook_add_worksheet(book, NULL);
    lxw_format *format = workbook_add_format(book);
    format_set_border(format, LXW_BORDER_THIN);
    for (size_t i = 0; i < cells->n; i++) {
        lxw_row_t row = (lxw_row_t)(i / cells->columns);
        lxw_col_t col = (lxw_col_t)(i % cells->columns);
        if (cells->cell[i])
            worksheet_write_string(ws, row, col, cells->cell[i], format);
        else
            worksheet_write_blank(ws, row, col, format);
    }
    return workbook_close(book) == LXW_NO_ERROR ? 0 : -1;
}

int main(int argc, char **argv)
{
    mem_init();
    MEM_SCOPE(mem);
    struct err err;
    struct cells cells = {0};
    char *text;
    size_t len;
    if (argc != 3)
        return 64;
    if (mem_read_file(mem, argv[1], MAX_BYTES, &text, &len, &err) < 0 ||
        csv_each(text, len, ',', keep, &cells, &err) < 0) {
        fprintf(stderr, "sheet_limit: %s\n", err.text);
        return 1;
    }
    double begin = now();
    if (write_all(&cells, argv[2]) < 0)
        return 1;
    printf("%.2f\n", now() - begin);
    return 0;
}
