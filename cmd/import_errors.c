/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "cmd/import_errors.h"

#include <time.h>

#include "base/unicode.h"
#include "reports/sheet.h"

enum { OWN = 2 }; /* columns in front of the list's */

struct import_errors {
    struct cmd *c;
    const char *path, *list;
    struct sheet *sheet;
    bool begun;
    const char *part;         /* sheet of the list that is being written */
    struct sheet_about about; /* which the sheet does not copy */
    int columns;
};

/* What is not saved is removed. */
static int drop(struct import_errors *e)
{
    if (e->sheet)
        sheet_drop(&e->sheet);
    return 0;
}

struct import_errors *import_errors_new(struct cmd *c, const char *path, const char *list)
{
    struct import_errors *e = talloc_zero(c->mem, struct import_errors);
    talloc_set_destructor(e, drop);
    e->c = c;
    e->path = path;
    e->list = list;
    return e;
}

static int open_file(struct import_errors *e, struct err *err)
{
    struct cmd *c = e->c;
    const char *language = catalog_language(c->catalog), *slash = strrchr(e->list, '/');
    e->about = (struct sheet_about){
        .title = talloc_asprintf(e, _("%s: rows to look at"), slash ? slash + 1 : e->list),
        .office = conf_in_language(e, c->conf->office.name, language),
        .made = unicode_format_date(e, time(NULL), c->conf->office.time_zone, language, UNICODE_STAMP),
        .made_by = "",
        .page_words = "&P/&N",
        .date_format = "dd.mm.yyyy",
    };
    return sheet_open(e, &e->sheet, e->path, &e->about, err);
}

static int begin_page(struct import_errors *e, const struct import_bad *bad, struct err *err)
{
    struct cmd *c = e->c;
    size_t own = bad->labels < SHEET_MAX_COLUMNS - OWN ? bad->labels : SHEET_MAX_COLUMNS - OWN;
    struct sheet_column *columns = talloc_zero_array(e, struct sheet_column, (unsigned)own + OWN);
    columns[0] = (struct sheet_column){_("reason"), SHEET_TEXT, 0};
    columns[1] = (struct sheet_column){_("row"), SHEET_NUMBER, 0};
    for (size_t i = 0; i < own; i++)
        columns[i + OWN] = (struct sheet_column){talloc_strdup(columns, bad->label[i]), SHEET_TEXT, 0};
    e->columns = (int)own + OWN;
    e->part = bad->sheet ? talloc_strdup(e, bad->sheet) : NULL;
    struct sheet_page *page = talloc_zero(e, struct sheet_page); /* the last one is still being used */
    page->name = bad->sheet ? e->part : _("rows");
    page->columns = columns;
    page->ncolumns = e->columns;
    page->frozen_columns = OWN;
    if (e->begun && strlen(e->path) > 4 && !strcasecmp(e->path + strlen(e->path) - 4, ".csv"))
        return err_set(err, ERR_USAGE, "%s: a list of several sheets needs a file that ends in .xlsx",
                       e->path);
    e->begun = true;
    return sheet_begin(e->sheet, page, err);
}

/* What has no column of its own any more, because a row is too wide or has too many columns, stands in the
 * last one. */
static const char *rest_of(void *mem, const struct import_bad *bad, size_t from)
{
    struct text all = text_new(mem);
    for (size_t i = from; i < bad->cells; i++)
        text_printf(&all, "%s%s", i > from ? " | " : "", bad->cell[i]);
    return all.s;
}

int import_errors_add(void *context, const struct import_bad *bad, struct err *err)
{
    struct import_errors *e = context;
    MEM_SCOPE(mem);
    bool same = e->begun && !strcmp(e->part ? e->part : "", bad->sheet ? bad->sheet : "");
    if ((!e->sheet && open_file(e, err) < 0) || (!same && begin_page(e, bad, err) < 0))
        return -1;
    const char **cell = talloc_zero_array(mem, const char *, (unsigned)e->columns);
    cell[0] = bad->reason;
    cell[1] = talloc_asprintf(mem, "%lld", (long long)bad->row);
    for (int i = OWN; i < e->columns && (size_t)(i - OWN) < bad->cells; i++)
        cell[i] = i + 1 == e->columns ? rest_of(mem, bad, (size_t)(i - OWN)) : bad->cell[i - OWN];
    return sheet_add(e->sheet, cell, err);
}

int import_errors_save(struct import_errors *e, int64_t *rows_r, struct err *err)
{
    struct sheet_result result = {0};
    if (e->sheet && sheet_save(e->sheet, &result, err) < 0)
        return -1;
    *rows_r = result.rows;
    return 0;
}
