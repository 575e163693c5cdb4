/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A spreadsheet.  The first byte says what the others are, so that the inside is reached without an archive
 * around it: 'z' the whole file; 's' a sheet, 't' shared texts, 'y' styles; 'b' the parts of a file with a
 * NUL between them; 'n' a format's code and a number; 'f' what a cage that was taken over might answer.
 */
#include <zip.h>

#include "base/unicode.h"
#include "base/xlsx_low.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int check_row(void *context, const struct xlsx_row *row, struct err *err)
{
    (void)err;
    long *last = context;
    must(row->number > *last && row->n <= CSV_MAX_COLUMNS && row->merged);
    *last = row->number;
    for (size_t i = 0; i < row->n; i++) {
        must(unicode_valid_utf8(row->cell[i], row->size[i]) && strlen(row->cell[i]) == row->size[i]);
        must(!row->link[i] || unicode_valid_utf8(row->link[i], strlen(row->link[i])));
    }
    return 0;
}

/* What our own parser says is never refused outside. */
static int take(void *context, uint32_t kind, const char *bytes, size_t len, struct err *err)
{
    if (kind == XLSX_FRAME_ROWS)
        must(xlsx_take_rows(context, kind, bytes, len, err) == 0);
    return 0;
}

static struct xlsx_taking *taking_new(void *mem)
{
    return xlsx_taking_new(mem, check_row, talloc_zero(mem, long));
}

static void whole(void *mem, const char *bytes, size_t len)
{
    struct err err;
    if (xlsx_parser.parse(bytes, len, "", take, taking_new(mem), &err) == 0)
        for (int i = 0; i < 3; i++)
            if (xlsx_parser.parse(bytes, len, (char[]){(char)('0' + i), 0}, take, taking_new(mem), &err) < 0)
                must(err.code == ERR_INPUT || err.code == ERR_NOTFOUND);
}

/* ---- parts in an archive */

static const char *const names[] = {
    "_rels/.rels",   "xl/workbook.xml",      "xl/_rels/workbook.xml.rels",         "xl/worksheets/sheet1.xml",
    "xl/styles.xml", "xl/sharedStrings.xml", "xl/worksheets/_rels/sheet1.xml.rels"};

static void book(void *mem, const char *bytes, size_t len)
{
    zip_error_t why;
    zip_source_t *out = zip_source_buffer_create(NULL, 0, 0, &why);
    zip_source_keep(out);
    zip_t *zip = zip_open_from_source(out, ZIP_TRUNCATE, &why);
    must(zip);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        size_t n = strnlen(bytes, len);
        zip_int64_t at = zip_file_add(zip, names[i], zip_source_buffer(zip, bytes, n, 0), 0);
        zip_set_file_compression(zip, (zip_uint64_t)at, ZIP_CM_STORE, 0);
        n += n < len;
        bytes += n;
        len -= n;
    }
    must(zip_close(zip) == 0 && zip_source_open(out) == 0);
    zip_source_seek(out, 0, SEEK_END);
    size_t size = (size_t)zip_source_tell(out);
    char *file = talloc_size(mem, size);
    zip_source_seek(out, 0, SEEK_SET);
    must(zip_source_read(out, file, size) == (zip_int64_t)size);
    zip_source_close(out);
    zip_source_free(out);
    whole(mem, file, size);
}

/* ---- one part */

static void sheet(void *mem, const char *bytes, size_t len)
{
    static struct xlsx_format format[] = {{XLSX_PLAIN, NULL},     {XLSX_DATE, NULL},
                                          {XLSX_DATE_TIME, NULL}, {XLSX_TIME, NULL},
                                          {XLSX_DURATION, NULL},  {XLSX_DIGITS, "+000 00"}};
    static uint32_t begins[] = {0, 2};
    struct xlsx_strings strings = {.text = text_new(mem), .begins = begins, .n = 2};
    text_add(&strings.text, "a\0b", 4);
    struct xlsx_styles styles = {format, ARRAY_LEN(format)};
    struct xlsx_tail tail = {0};
    struct err err;
    struct xlsx_relation relation = {"rId1", "hyperlink", "mailto:a@b.example?x", true};
    struct xlsx_relations relations = {&relation, 1};
    struct xlsx_scan scan;
    if (xlsx_scan(xlsx_part_of_bytes(mem, "sheet", bytes, len), &scan, &err) < 0 ||
        xlsx_tail_read(mem, xlsx_part_of_bytes(mem, "sheet", bytes, len), scan.before_tail, &relations, &tail,
                       &err) < 0)
        return;
    for (int i = 0; i < 2; i++) {
        struct xlsx_rows rows = {&strings, &styles, &tail, scan.behind_rows, i, take, taking_new(mem)};
        if (xlsx_rows_read(&rows, xlsx_part_of_bytes(mem, "sheet", bytes, len), &err) < 0)
            return;
    }
}

static void texts(void *mem, const char *bytes, size_t len)
{
    struct err err;
    struct xlsx_strings strings;
    if (xlsx_strings_read(mem, xlsx_part_of_bytes(mem, "texts", bytes, len), &strings, &err) < 0)
        return;
    for (size_t i = 0; i < strings.n; i++) {
        const char *s = strings.text.s + strings.begins[i];
        must(unicode_valid_utf8(s, strlen(s)));
    }
}

static void number(void *mem, const char *bytes, size_t len)
{
    char *code = talloc_strndup(mem, bytes, strcspn(bytes, "\n"));
    const char *value = len > strlen(code) ? bytes + strlen(code) + 1 : "";
    struct xlsx_format format = xlsx_format_of_code(mem, code);
    struct text t = text_new(mem);
    xlsx_add_number(&t, value, &format, false);
    xlsx_add_number(&t, value, &format, true);
    xlsx_add_iso_date(&t, value, &format);
    must(t.len < 4 * strlen(value) + 2000);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MEM_SCOPE(mem);
    if (!size)
        return 0;
    char *bytes = talloc_size(mem, size);
    memcpy(bytes, data + 1, size - 1);
    bytes[size - 1] = 0;
    struct err err;
    struct xlsx_styles styles;
    switch (*data) {
    case 's':
        sheet(mem, bytes, size - 1);
        break;
    case 't':
        texts(mem, bytes, size - 1);
        break;
    case 'b':
        book(mem, bytes, size - 1);
        break;
    case 'n':
        number(mem, bytes, size - 1);
        break;
    case 'y':
        if (xlsx_styles_read(mem, xlsx_part_of_bytes(mem, "styles", bytes, size - 1), &styles, &err) < 0)
            must(err.code == ERR_INPUT);
        break;
    case 'f':
        if (xlsx_take_rows(taking_new(mem), XLSX_FRAME_ROWS, bytes, size - 1, &err) < 0)
            must(err.code == ERR_INPUT);
        break;
    default:
        whole(mem, bytes, size - 1);
    }
    return 0;
}
