/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * libxlsxwriter's constant-memory mode for small and large tables alike, so that they look the same: rows go
 * to its temporary file as they come, and strings stand inside their cells.
 *
 * The first rows of a page wait until there are enough of them to say how wide the columns should be
 * (sheet_fit.h); then they and all others are written, each as high as its longest text needs.  The heights
 * are ours because only some programs make rows fit when they open a file.
 */
#include "reports/sheet_lazy.h" /* before the others: its macros use what base/mem.h forbids */

#include "reports/sheet.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <strings.h>
#include <unistd.h>

#include "reports/sheet_check.h"
#include "reports/sheet_csv.h"
#include "reports/sheet_fit.h"
#include "reports/sheet_text.h"

enum {
    ROW_TITLE,
    ROW_MADE,
    ROW_SUBTITLE,
    ROW_HEADER,
    ROW_DATA,
    SAMPLE = 2000,     /* rows that wait */
    BUDGET = 225,      /* digits across: with more a printed A4 cannot be read */
    MAX_LINKS = 20000, /* a sheet with more opens slowly; Excel's own limit is 65,530 */
    COLOR_INK = 0x1F3864,
    COLOR_FAINT = 0x595959,
    COLOR_LINE = 0xBFC7D1,
    COLOR_SUM = 0xE9EEF5,
};

struct waiting {
    const char **cell;
    bool sum;
};

struct sheet {
    const char *path, *beside;
    const struct sheet_about *about;
    struct sheet_result result;
    /* .xlsx */
    lxw_workbook *book;
    lxw_worksheet *ws; /* the page that is being written, NULL before the first */
    lxw_format *title, *faint, *header, *cell[SHEET_HIDDEN + 1][2];
    const struct sheet_page *page;
    void *page_mem;
    struct sheet_fit *fit;
    struct waiting *waiting; /* NULL when the widths are settled */
    int nwaiting;
    int width[SHEET_MAX_COLUMNS];
    lxw_row_t row, end_row;
    int nth, links; /* of this page's sheets; links in it */
    struct sheet_csv *csv;
};

static int fail(struct sheet *sheet, const char *why, struct err *err)
{
    return err_set(err, ERR_IO, "%s: %s", sheet->path, why);
}

static int check(struct sheet *sheet, lxw_error rc, struct err *err)
{
    return rc == LXW_NO_ERROR ? 0 : fail(sheet, lxw_strerror(rc), err);
}

/* ---- looks */

static lxw_format *new_format(struct sheet *sheet, double size, lxw_color_t color, bool bold)
{
    lxw_format *f = workbook_add_format(sheet->book);
    format_set_font_size(f, size);
    format_set_font_color(f, color);
    if (bold)
        format_set_bold(f);
    return f;
}

static lxw_format *new_boxed_format(struct sheet *sheet, lxw_color_t color, bool bold, uint8_t align)
{
    lxw_format *f = new_format(sheet, 10, color, bold);
    format_set_align(f, align);
    format_set_border(f, LXW_BORDER_THIN);
    format_set_border_color(f, COLOR_LINE);
    return f;
}

static lxw_format *new_cell_format(struct sheet *sheet, enum sheet_kind kind, bool sum)
{
    lxw_format *f = new_boxed_format(sheet, kind == SHEET_LINK ? LXW_COLOR_BLUE : LXW_COLOR_BLACK, sum,
                                     LXW_ALIGN_VERTICAL_TOP);
    char stamp[64];
    snprintf(stamp, sizeof stamp, "%s hh:mm", sheet->about->date_format);
    if (sum)
        format_set_bg_color(f, COLOR_SUM);
    if (kind == SHEET_TEXT || kind == SHEET_LINK) {
        format_set_text_wrap(f);
    } else if (kind ==
               SHEET_CODE) { /* broken, so that it is cut by its cell instead of running over the next */
        format_set_text_wrap(f);
        format_set_font_size(f, 9);
    } else if (kind == SHEET_NUMBER) {
        format_set_align(f, LXW_ALIGN_RIGHT);
        format_set_indent(f, 1);
    } else {
        format_set_align(f, LXW_ALIGN_LEFT);
        format_set_num_format(f, kind == SHEET_DATE   ? sheet->about->date_format
                                 : kind == SHEET_TIME ? "hh:mm"
                                                      : stamp);
    }
    return f;
}

static void make_formats(struct sheet *sheet)
{
    sheet->title = new_format(sheet, 18, COLOR_INK, true);
    sheet->faint = new_format(sheet, 10, COLOR_FAINT, false);
    format_set_align(sheet->faint, LXW_ALIGN_VERTICAL_TOP);
    sheet->header = new_boxed_format(sheet, LXW_COLOR_WHITE, true, LXW_ALIGN_VERTICAL_CENTER);
    format_set_bg_color(sheet->header, COLOR_INK);
    format_set_text_wrap(sheet->header);
    for (int kind = 0; kind <= SHEET_HIDDEN; kind++)
        for (int sum = 0; sum < 2; sum++)
            sheet->cell[kind][sum] = new_cell_format(sheet, (enum sheet_kind)kind, sum);
}

static int set_properties(struct sheet *sheet, struct err *err)
{
    const struct sheet_about *about = sheet->about;
    lxw_doc_properties properties = {
        .title = talloc_strdup(sheet, about->title),
        .author = talloc_strdup(sheet, about->made_by),
        .company = talloc_strdup(sheet, about->office),
        .comments = talloc_strdup(sheet, about->made),
    };
    return check(sheet, workbook_set_properties(sheet->book, &properties), err);
}

/* ---- the parts of a page */

static int print_setup(struct sheet *sheet, struct err *err)
{
    MEM_SCOPE(mem);
    lxw_worksheet *ws = sheet->ws;
    worksheet_set_paper(ws, 9 /* A4 */);
    if (!sheet->page->small)
        worksheet_set_landscape(ws);
    worksheet_fit_to_pages(ws, 1, 0);
    worksheet_set_margins(ws, 0.4, 0.4, 0.5, 0.6);
    /* the whole footer may have 255 units */
    char *footer =
        talloc_asprintf(mem, "&L&8 %s&C&8 %s&R&8 %s", sheet_text_footer(mem, sheet->about->office, 70),
                        sheet_text_footer(mem, sheet->about->title, 70), sheet->about->page_words);
    lxw_header_footer_options margin = {.margin = 0.25};
    if (check(sheet, worksheet_set_footer_opt(ws, footer, &margin), err) < 0)
        return -1;
    return check(sheet, worksheet_repeat_rows(ws, ROW_HEADER, ROW_HEADER), err);
}

static int write_text(struct sheet *sheet, lxw_row_t row, int col, const char *s, lxw_format *format,
                      struct err *err)
{
    MEM_SCOPE(mem);
    bool cut;
    s = sheet_text_clean(mem, s, &cut);
    sheet->result.cut += cut;
    return check(sheet, worksheet_write_string(sheet->ws, row, (lxw_col_t)col, s, format), err);
}

static void set_height(struct sheet *sheet, lxw_row_t row, int lines)
{
    const double line = 13, most = 409; /* points */
    double height = lines * line + 3;
    if (lines > 1)
        worksheet_set_row(sheet->ws, row, height < most ? height : most, NULL);
}

static int write_head(struct sheet *sheet, struct err *err)
{
    const struct sheet_about *about = sheet->about;
    MEM_SCOPE(mem);
    const char *made = talloc_asprintf(mem, "%s · %s", about->office, about->made);
    const char *subtitle = sheet->page->subtitle ? sheet->page->subtitle : "";
    int first = 0; /* that is shown */
    while (first + 1 < sheet->page->ncolumns && sheet->page->columns[first].kind == SHEET_HIDDEN)
        first++;
    /* in their order: a row is gone as soon as the next one is touched */
    worksheet_set_row(sheet->ws, ROW_TITLE, 27, NULL);
    if (write_text(sheet, ROW_TITLE, first, about->title, sheet->title, err) < 0 ||
        write_text(sheet, ROW_MADE, first, made, sheet->faint, err) < 0)
        return -1;
    worksheet_set_row(sheet->ws, ROW_SUBTITLE, 18, NULL);
    if (*subtitle && write_text(sheet, ROW_SUBTITLE, first, subtitle, sheet->faint, err) < 0)
        return -1;
    set_height(sheet, ROW_HEADER, sheet_fit_title_lines(sheet->page, sheet->width));
    for (int i = 0; i < sheet->page->ncolumns; i++)
        if (write_text(sheet, ROW_HEADER, i, sheet->page->columns[i].title, sheet->header, err) < 0)
            return -1;
    return 0;
}

static int start_sheet(struct sheet *sheet, struct err *err)
{
    MEM_SCOPE(mem);
    uint32_t most = LXW_ROW_MAX - ROW_DATA;
    uint32_t rows = sheet->about->max_rows && sheet->about->max_rows < most ? sheet->about->max_rows : most;
    sheet->nth++;
    sheet->links = 0;
    sheet->row = ROW_DATA;
    sheet->end_row = ROW_DATA + rows;
    char *tab = sheet_text_tab(mem, sheet->page->name, sheet->nth);
    lxw_error rc = workbook_validate_sheet_name(sheet->book, tab);
    if (rc != LXW_NO_ERROR)
        return check(sheet, rc, err);
    sheet->ws = workbook_add_worksheet(sheet->book, tab);
    must(sheet->ws);
    sheet->result.sheets++;
    worksheet_freeze_panes(sheet->ws, ROW_DATA, (lxw_col_t)sheet->page->frozen_columns);
    for (int i = 0; i < sheet->page->ncolumns; i++) {
        /* a column is measured in digits of the default font, which is larger than ours */
        double width = sheet->width[i] * 10.0 / 11 + 1;
        lxw_row_col_options hidden = {.hidden = sheet->page->columns[i].kind == SHEET_HIDDEN};
        lxw_error set = worksheet_set_column_opt(sheet->ws, (lxw_col_t)i, (lxw_col_t)i, width, NULL, &hidden);
        if (check(sheet, set, err) < 0)
            return -1;
    }
    if (print_setup(sheet, err) < 0)
        return -1;
    return write_head(sheet, err);
}

static int end_sheet(struct sheet *sheet, struct err *err)
{
    lxw_col_t last = (lxw_col_t)(sheet->page->ncolumns - 1);
    lxw_row_t last_row = sheet->row > ROW_DATA ? sheet->row - 1 : ROW_HEADER;
    if (!sheet->page->small &&
        check(sheet, worksheet_autofilter(sheet->ws, ROW_HEADER, 0, last_row, last), err) < 0)
        return -1;
    sheet->ws = NULL;
    return 0;
}

/* ---- cells */

static int write_clock(struct sheet *sheet, int col, const char *s, lxw_format *format, struct err *err)
{
    struct sheet_clock c;
    if (!sheet_text_clock(s, &c))
        return write_text(sheet, sheet->row, col, s, format, err);
    lxw_datetime when = {c.year, c.month, c.day, c.hour, c.minute, c.second};
    return check(sheet, worksheet_write_datetime(sheet->ws, sheet->row, (lxw_col_t)col, &when, format), err);
}

static int write_number(struct sheet *sheet, int col, const char *s, lxw_format *format, struct err *err)
{
    char *end;
    double n = strtod(s, &end);
    if (*end || end == s || !isfinite(n))
        return write_text(sheet, sheet->row, col, s, format, err);
    return check(sheet, worksheet_write_number(sheet->ws, sheet->row, (lxw_col_t)col, n, format), err);
}

static int write_link(struct sheet *sheet, int col, const char *s, bool sum, struct err *err)
{
    MEM_SCOPE(mem);
    const char *url = sheet->links < MAX_LINKS ? sheet_text_url(mem, s) : NULL;
    lxw_format *format = sheet->cell[SHEET_LINK][sum];
    if (!url || strlen(url) > 2000 ||
        worksheet_write_url_opt(sheet->ws, sheet->row, (lxw_col_t)col, url, format, s, NULL) != LXW_NO_ERROR)
        return write_text(sheet, sheet->row, col, s, sheet->cell[SHEET_TEXT][sum], err);
    sheet->links++;
    return 0;
}

static int write_cell(struct sheet *sheet, int col, const char *s, bool sum, struct err *err)
{
    enum sheet_kind kind = sheet->page->columns[col].kind;
    lxw_format *format = sheet->cell[kind][sum];
    if (!s || !*s)
        return check(sheet, worksheet_write_blank(sheet->ws, sheet->row, (lxw_col_t)col, format), err);
    switch (kind) {
    case SHEET_DATE:
    case SHEET_TIME:
    case SHEET_STAMP:
        return write_clock(sheet, col, s, format, err);
    case SHEET_NUMBER:
        return write_number(sheet, col, s, format, err);
    case SHEET_LINK:
        return write_link(sheet, col, s, sum, err);
    case SHEET_CODE:
    case SHEET_TEXT:
    case SHEET_HIDDEN:
        break;
    }
    return write_text(sheet, sheet->row, col, s, format, err);
}

/* ---- rows */

static int write_row(struct sheet *sheet, const char *const *cells, bool sum, struct err *err)
{
    if (sheet->row == sheet->end_row && (end_sheet(sheet, err) < 0 || start_sheet(sheet, err) < 0))
        return -1;
    set_height(sheet, sheet->row, sheet_fit_lines(sheet->page, sheet->width, cells));
    for (int i = 0; i < sheet->page->ncolumns; i++)
        if (write_cell(sheet, i, cells[i], sum, err) < 0)
            return -1;
    sheet->row++;
    return 0;
}

static void keep_waiting(struct sheet *sheet, const char *const *cells, bool sum)
{
    int n = sheet->page->ncolumns;
    const char **copy = talloc_array(sheet->waiting, const char *, (size_t)n);
    for (int i = 0; i < n; i++)
        copy[i] = cells[i] ? talloc_strdup(copy, cells[i]) : NULL;
    sheet->waiting[sheet->nwaiting++] = (struct waiting){copy, sum};
    sheet_fit_count(sheet->fit, sheet->page, cells);
}

static int settle_widths(struct sheet *sheet, struct err *err)
{
    struct waiting *waiting = sheet->waiting;
    if (!waiting)
        return 0;
    sheet->waiting = NULL;
    sheet_fit_widths(sheet->fit, sheet->page, BUDGET, sheet->width);
    int rc = start_sheet(sheet, err);
    for (int i = 0; i < sheet->nwaiting && rc == 0; i++)
        rc = write_row(sheet, waiting[i].cell, waiting[i].sum, err);
    TALLOC_FREE(sheet->page_mem);
    return rc;
}

static void start_page(struct sheet *sheet, const struct sheet_page *page)
{
    sheet->page = page;
    sheet->nth = sheet->nwaiting = 0;
    sheet->page_mem = talloc_new(sheet);
    sheet->fit = talloc_zero(sheet->page_mem, struct sheet_fit);
    sheet->waiting = talloc_array(sheet->page_mem, struct waiting, SAMPLE);
}

static int end_page(struct sheet *sheet, struct err *err)
{
    if (!sheet->page)
        return 0;
    return settle_widths(sheet, err) < 0 ? -1 : end_sheet(sheet, err);
}

/* ---- csv: the first page, without its head */

static int csv_begin(struct sheet *sheet, const struct sheet_page *page, struct err *err)
{
    const char *title[SHEET_MAX_COLUMNS];
    sheet->result.sheets++;
    if (sheet->page)
        return 0;
    sheet->page = page;
    for (int i = 0; i < page->ncolumns; i++)
        title[i] = page->columns[i].title;
    return sheet_csv_add(sheet->csv, title, page->ncolumns, err);
}

static int csv_add(struct sheet *sheet, const char *const *cells, struct err *err)
{
    if (sheet->result.sheets > 1)
        return 0;
    sheet->result.rows++;
    return sheet_csv_add(sheet->csv, cells, sheet->page->ncolumns, err);
}

/* ---- the whole */

static int sheet_free(struct sheet *sheet)
{
    if (sheet->book)
        lxw_workbook_free(sheet->book);
    if (sheet->beside)
        unlink(sheet->beside);
    return 0;
}

void sheet_drop(struct sheet **sheet)
{
    TALLOC_FREE(*sheet);
}

static bool ends_with(const char *path, const char *ending)
{
    size_t len = strlen(path), n = strlen(ending);
    return len > n && !strcasecmp(path + len - n, ending);
}

/* Made now, so that a folder that cannot be written to is known before the work. */
static int open_beside(struct sheet *sheet, struct err *err)
{
    char *beside = talloc_asprintf(sheet, "%s.%ld.new", sheet->path, (long)getpid());
    FD_SCOPE int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return fail(sheet, strerror(errno), err);
    sheet->beside = beside;
    return 0;
}

int sheet_open(void *mem, struct sheet **sheet_r, const char *path, const struct sheet_about *about,
               struct err *err)
{
    bool xlsx = ends_with(path, ".xlsx");
    if (!xlsx && !ends_with(path, ".csv"))
        return err_set(err, ERR_USAGE, "%s: the name must end with .xlsx or .csv", path);
    struct sheet *sheet = talloc_zero(mem, struct sheet);
    talloc_set_destructor(sheet, sheet_free);
    sheet->path = talloc_strdup(sheet, path);
    sheet->about = about;
    int rc = open_beside(sheet, err);
    if (rc == 0 && xlsx) {
        lxw_workbook_options options = {.constant_memory = LXW_TRUE};
        sheet->book = workbook_new_opt(sheet->beside, &options);
        must(sheet->book);
        make_formats(sheet);
        rc = set_properties(sheet, err);
    } else if (rc == 0) {
        rc = sheet_csv_open(sheet, &sheet->csv, sheet->beside, err);
    }
    if (rc == 0)
        *sheet_r = sheet;
    else
        talloc_free(sheet);
    return rc;
}

int sheet_begin(struct sheet *sheet, const struct sheet_page *page, struct err *err)
{
    must(page->ncolumns > 0 && page->ncolumns <= SHEET_MAX_COLUMNS);
    if (sheet->csv)
        return csv_begin(sheet, page, err);
    if (end_page(sheet, err) < 0)
        return -1;
    start_page(sheet, page);
    return 0;
}

static int add(struct sheet *sheet, const char *const *cells, bool sum, struct err *err)
{
    must(sheet->page);
    if (sheet->csv)
        return csv_add(sheet, cells, err);
    sheet->result.rows++;
    if (!sheet->waiting)
        return write_row(sheet, cells, sum, err);
    keep_waiting(sheet, cells, sum);
    return sheet->nwaiting < SAMPLE ? 0 : settle_widths(sheet, err);
}

int sheet_add(struct sheet *sheet, const char *const *cells, struct err *err)
{
    return add(sheet, cells, false, err);
}

int sheet_add_sum(struct sheet *sheet, const char *const *cells, struct err *err)
{
    return add(sheet, cells, true, err);
}

static int close_files(struct sheet *sheet, struct err *err)
{
    if (sheet->csv)
        return sheet_csv_close(sheet->csv, err);
    if (end_page(sheet, err) < 0)
        return -1;
    lxw_error rc = workbook_close(sheet->book); /* frees it, also when it fails */
    sheet->book = NULL;
    if (check(sheet, rc, err) < 0)
        return -1;
    return sheet_check(sheet->beside, err) < 0 ? err_context(err, "%s", sheet->path) : 0;
}

int sheet_save(struct sheet *sheet, struct sheet_result *result_r, struct err *err)
{
    must(sheet->page);
    if (close_files(sheet, err) < 0)
        return -1;
    FD_SCOPE int fd = open(sheet->beside, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) < 0 || rename(sheet->beside, sheet->path) < 0)
        return fail(sheet, strerror(errno), err);
    sheet->beside = NULL;
    if (sheet->csv)
        sheet->result.sheets = 1;
    *result_r = sheet->result;
    return 0;
}
