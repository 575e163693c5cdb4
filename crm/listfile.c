/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/listfile.h"

#include "base/catalog.h"
#include "base/unicode.h"
#include "base/vcard_cage.h"
#include "base/xlsx.h"
#include "crm/listcard.h"

struct listfile_cage {
    struct cage *cage;
};

/* Files that people take for a list; their first bytes. */
static const struct {
    const char *begin;
    size_t len;
    const char *what;
} others[] = {
    {"\xd0\xcf\x11\xe0", 4, N_("an old spreadsheet (xls); save it as xlsx or CSV")},
    {"%PDF-", 5, N_("a PDF")},
};

const char *listfile_name(const struct listfile *file)
{
    const char *slash = strrchr(file->path, '/');
    return slash ? slash + 1 : file->path;
}

static int look_at(void *context, const struct csv_record *record, struct err *err)
{
    (void)err;
    struct listfile_sheet *sheet = context;
    if (!sheet->records++)
        sheet->columns = record->n;
    return 0;
}

/* ---- spreadsheets */

struct passing {
    csv_record_fn *fn;
    void *context;
    size_t width;
};

static int pass_row(void *context, const struct xlsx_row *row, struct err *err)
{
    struct passing *p = context;
    p->width = p->width ? p->width : row->n;
    struct csv_record record = {.number = row->number,
                                .line = row->number,
                                .n = row->n,
                                .width = p->width,
                                .cell = row->cell,
                                .size = row->size,
                                .merged = row->merged};
    return p->fn(p->context, &record, err);
}

static int each_row(const struct listfile *file, size_t sheet, csv_record_fn *fn, void *context,
                    struct err *err)
{
    struct passing passing = {.fn = fn, .context = context};
    return xlsx_each(file->cage->cage, file->bytes, file->len, sheet, pass_row, &passing, err);
}

/* ---- text */

/* Behind an apostrophe that keeps a spreadsheet from running a cell (base/csv.h), as in our own lists. */
static size_t guard(const char *cell)
{
    return *cell == '\'' && cell[1] && strchr("=+-@\t\r", cell[1]);
}

static int pass_text(void *context, const struct csv_record *record, struct err *err)
{
    struct passing *p = context;
    size_t guarded = 0;
    for (size_t i = 0; i < record->n; i++)
        guarded += guard(record->cell[i]);
    if (!guarded)
        return p->fn(p->context, record, err);
    MEM_SCOPE(mem);
    struct csv_record plain = *record;
    size_t *size = talloc_array(mem, size_t, (unsigned)record->n);
    plain.cell = talloc_array(mem, const char *, (unsigned)record->n);
    plain.size = size;
    for (size_t i = 0; i < record->n; i++) {
        plain.cell[i] = record->cell[i] + guard(record->cell[i]);
        size[i] = record->size[i] - guard(record->cell[i]);
    }
    return p->fn(p->context, &plain, err);
}

/* ---- cards */

static int pass_card(void *context, const struct vcard *card, struct err *err)
{
    struct passing *p = context;
    MEM_SCOPE(mem);
    struct csv_record record = listcard_record(mem, card);
    return p->fn(p->context, &record, err);
}

static int each_card(const struct listfile *file, csv_record_fn *fn, void *context, struct err *err)
{
    MEM_SCOPE(mem);
    struct passing passing = {.fn = fn, .context = context};
    struct csv_record header = listcard_header(mem);
    if (fn(context, &header, err) < 0)
        return -1;
    return vcard_caged_each(file->cage->cage, file->bytes, file->len, file->said_encoding, pass_card,
                            &passing, err);
}

static int close_cage(struct listfile_cage *cage)
{
    cage_close(cage->cage);
    return 0;
}

static int open_cage(void *mem, struct listfile *file, struct err *err)
{
    struct listfile_cage *cage = talloc_zero(mem, struct listfile_cage);
    if (cage_open(cage, &cage->cage, err) < 0)
        return -1;
    talloc_set_destructor(cage, close_cage);
    file->cage = cage;
    return 0;
}

static int open_xlsx(void *mem, struct listfile *file, struct err *err)
{
    struct xlsx_sheet *sheet;
    if (open_cage(mem, file, err) < 0)
        return -1;
    if (xlsx_sheets(mem, file->cage->cage, file->bytes, file->len, &sheet, &file->nsheets, err) < 0)
        return err_context(err, "%s", file->path);
    file->encoding = "xlsx";
    file->sheet = talloc_zero_array(mem, struct listfile_sheet, (unsigned)file->nsheets);
    for (size_t i = 0; i < file->nsheets; i++) {
        file->sheet[i] = (struct listfile_sheet){.name = sheet[i].name, .hidden = sheet[i].hidden};
        if (listfile_each(file, i, look_at, &file->sheet[i], err) < 0)
            return -1;
    }
    return 0;
}

static int open_cards(void *mem, const char *encoding, struct listfile *file, struct err *err)
{
    if (open_cage(mem, file, err) < 0)
        return -1;
    file->cards = true;
    file->said_encoding = encoding;
    file->encoding = encoding ? encoding : "vCard";
    file->sheet = talloc_zero(mem, struct listfile_sheet);
    file->nsheets = 1;
    return listfile_each(file, 0, look_at, file->sheet, err);
}

int listfile_each(const struct listfile *file, size_t sheet, csv_record_fn *fn, void *context,
                  struct err *err)
{
    must(sheet < file->nsheets);
    if (file->cards)
        return each_card(file, fn, context, err) == 0 ? 0 : err_context(err, "%s", file->path);
    if (file->cage) {
        if (each_row(file, sheet, fn, context, err) == 0)
            return 0;
        return err_context(err, "%s: %s", file->path, file->sheet[sheet].name);
    }
    struct passing passing = {.fn = fn, .context = context};
    if (csv_each(file->text, strlen(file->text), file->delimiter, pass_text, &passing, err) == 0)
        return 0;
    return err_context(err, "%s", file->path);
}

/* ---- CSV */

/* Lines beyond ASCII that are UTF-8, and those that are not. */
struct lines {
    long good, bad, first_bad;
};

static struct lines count_lines(const char *bytes, size_t len)
{
    struct lines lines = {0};
    long number = 1;
    for (size_t at = 0; at < len; number++) {
        const char *end = memchr(bytes + at, '\n', len - at);
        size_t size = end ? (size_t)(end - bytes) - at + 1 : len - at;
        bool ascii = true;
        for (size_t i = 0; ascii && i < size; i++)
            ascii = (unsigned char)bytes[at + i] < 128;
        if (!ascii && unicode_valid_utf8(bytes + at, size))
            lines.good++;
        else if (!ascii && !lines.bad++)
            lines.first_bad = number;
        at += size;
    }
    return lines;
}

/* A list that was glued together out of several: read in one encoding, a part of its names would come in
 * broken, and nobody would see it. */
static int refuse_mixture(const struct listfile *file, struct err *err)
{
    enum { SURE = 3 };
    if (unicode_valid_utf8(file->bytes, file->len) || memchr(file->bytes, 0, file->len))
        return 0;
    struct lines lines = count_lines(file->bytes, file->len);
    if (lines.good < SURE || lines.good < lines.bad)
        return 0;
    return err_set(err, ERR_INPUT,
                   "%s: line %ld is not UTF-8, as the list is otherwise; save the list anew as UTF-8, or say "
                   "its encoding with --encoding",
                   file->path, lines.first_bad);
}

static int open_csv(void *mem, const char *encoding, struct listfile *file, struct err *err)
{
    char *text;
    if (!encoding && refuse_mixture(file, err) < 0)
        return -1;
    if (unicode_decode(mem, file->bytes, file->len, encoding, &text, &file->encoding, err) < 0)
        return err_context(err, "%s", file->path);
    file->text = text;
    if (!file->delimiter)
        file->delimiter = csv_find_delimiter(text, strlen(text));
    file->sheet = talloc_zero(mem, struct listfile_sheet);
    file->nsheets = 1;
    return listfile_each(file, 0, look_at, file->sheet, err);
}

int listfile_open(void *mem, const char *path, const struct listfile_options *o, struct listfile *file_r,
                  struct err *err)
{
    struct listfile file = {.path = talloc_strdup(mem, path)};
    if (o->delimiter && !(file.delimiter = csv_parse_delimiter(o->delimiter)))
        return err_set(err, ERR_USAGE,
                       "\"%s\" cannot part cells; take comma, semicolon, tab, bar or one character",
                       o->delimiter);
    char *bytes;
    if (mem_read_file(mem, path, LISTFILE_MAX_BYTES, &bytes, &file.len, err) < 0)
        return -1;
    file.bytes = bytes;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (file.len >= others[i].len && !memcmp(bytes, others[i].begin, others[i].len))
            return err_set(err, ERR_INPUT, "%s: is %s", path, err_word(others[i].what));
    bool zip = file.len >= 4 && !memcmp(bytes, "PK\x03\x04", 4);
    int rc = zip                                 ? open_xlsx(mem, &file, err)
             : vcard_looks_like(bytes, file.len) ? open_cards(mem, o->encoding, &file, err)
                                                 : open_csv(mem, o->encoding, &file, err);
    file.format = zip ? "xlsx" : file.cards ? "vcard" : "csv";
    if (rc < 0)
        return -1;
    long records = 0;
    for (size_t i = 0; i < file.nsheets; i++)
        records += file.sheet[i].records;
    if (!records)
        return err_set(err, ERR_INPUT, "%s: the file is empty", path);
    *file_r = file;
    return 0;
}
