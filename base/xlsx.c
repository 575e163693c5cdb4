/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The outside: asks the cage, and believes nothing of what comes back.
 */
#include "base/xlsx_low.h"

#include "base/unicode.h"

enum {
    MAX_ANSWER = 512 << 20,
    SILENCE_S = 30, /* the texts and the tail of a large file are read before its first row comes */
};

const char *xlsx_column(char name[8], size_t column)
{
    char *at = name + 7;
    *at = 0;
    do {
        *--at = (char)('A' + column % 26);
        column /= 26;
    } while (column-- > 0 && at > name);
    return at;
}

static struct cage_call call_of(const char *bytes, size_t len, const char *argument)
{
    return (struct cage_call){.parser = xlsx_parser.name,
                              .argument = argument,
                              .noun = N_("spreadsheet"),
                              .bytes = bytes,
                              .len = len,
                              .max_bytes = XLSX_MAX_BYTES,
                              .max_answer = MAX_ANSWER,
                              .max_silence_s = SILENCE_S};
}

static int broken(struct err *err)
{
    return err_set(err, ERR_INPUT, "the parser's answer is broken");
}

/* ---- sheets */

struct sheets {
    void *mem;
    struct xlsx_sheet *at;
    size_t n;
};

static int take_sheet(void *context, uint32_t kind, const char *bytes, size_t len, struct err *err)
{
    struct sheets *sheets = context;
    if (kind != XLSX_FRAME_SHEET || !len || sheets->n == XLSX_MAX_SHEETS || !unicode_valid_utf8(bytes, len))
        return broken(err);
    sheets->at[sheets->n++] = (struct xlsx_sheet){talloc_strdup(sheets->mem, bytes + 1), *bytes == 'h'};
    return 0;
}

int xlsx_sheets(void *mem, struct cage *cage, const char *bytes, size_t len, struct xlsx_sheet **sheets_r,
                size_t *n_r, struct err *err)
{
    struct cage_call call = call_of(bytes, len, "");
    struct sheets sheets = {.mem = mem};
    sheets.at = talloc_zero_array(mem, struct xlsx_sheet, XLSX_MAX_SHEETS);
    if (cage_run(cage, &call, take_sheet, &sheets, err) < 0)
        return -1;
    *sheets_r = sheets.at;
    *n_r = sheets.n;
    return 0;
}

/* ---- rows */

struct xlsx_taking {
    xlsx_row_fn *fn;
    void *context;
    long number; /* of the row before */
    const char *cell[CSV_MAX_COLUMNS], *link[CSV_MAX_COLUMNS];
    size_t size[CSV_MAX_COLUMNS];
};

/* What add_sized of xlsx_sheet.c wrote; NULL: it did not. */
static const char *take_sized(const char **at, const char *end, size_t max, size_t *size_r, bool *linked_r)
{
    uint32_t head;
    if ((size_t)(end - *at) < sizeof head)
        return NULL;
    memcpy(&head, *at, sizeof head);
    const char *bytes = *at + sizeof head;
    *linked_r = head & XLSX_LINKED;
    *size_r = head & ~(uint32_t)XLSX_LINKED;
    if (*size_r > max || (size_t)(end - bytes) <= *size_r || bytes[*size_r] ||
        !unicode_valid_utf8(bytes, *size_r))
        return NULL;
    *at = bytes + *size_r + 1;
    return bytes;
}

static int take_row(struct xlsx_taking *r, const char **at, const char *end, struct err *err)
{
    struct xlsx_row_head head;
    if ((size_t)(end - *at) < sizeof head)
        return broken(err);
    memcpy(&head, *at, sizeof head);
    *at += sizeof head;
    if (head.n > CSV_MAX_COLUMNS || head.number <= r->number || head.number > XLSX_MAX_ROWS || !head.merged ||
        head.merged > XLSX_MAX_COLUMN)
        return broken(err);
    for (uint32_t i = 0; i < head.n; i++) {
        bool linked, ignored;
        size_t size;
        r->link[i] = NULL;
        r->cell[i] = take_sized(at, end, CSV_MAX_CELL_BYTES, &r->size[i], &linked);
        if (!r->cell[i] ||
            (linked && !(r->link[i] = take_sized(at, end, XLSX_MAX_LINK_BYTES, &size, &ignored))))
            return broken(err);
    }
    r->number = head.number;
    struct xlsx_row row = {.number = head.number,
                           .n = head.n,
                           .cell = r->cell,
                           .size = r->size,
                           .link = r->link,
                           .merged = head.merged,
                           .unsaved = head.unsaved,
                           .hidden = head.hidden};
    return r->fn(r->context, &row, err);
}

struct xlsx_taking *xlsx_taking_new(void *mem, xlsx_row_fn *fn, void *context)
{
    struct xlsx_taking *taking = talloc_zero(mem, struct xlsx_taking);
    taking->fn = fn;
    taking->context = context;
    return taking;
}

int xlsx_take_rows(void *context, uint32_t kind, const char *bytes, size_t len, struct err *err)
{
    const char *end = bytes + len;
    if (kind != XLSX_FRAME_ROWS)
        return broken(err);
    while (bytes < end)
        if (take_row(context, &bytes, end, err) < 0)
            return -1;
    return 0;
}

int xlsx_each(struct cage *cage, const char *bytes, size_t len, size_t sheet, xlsx_row_fn *fn, void *context,
              struct err *err)
{
    MEM_SCOPE(mem);
    struct cage_call call = call_of(bytes, len, talloc_asprintf(mem, "%zu", sheet));
    return cage_run(cage, &call, xlsx_take_rows, xlsx_taking_new(mem, fn, context), err);
}
