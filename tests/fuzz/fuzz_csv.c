/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A list from outside: decoded, cut into records, each read as a row; and what is written must read as it
 * was.
 */
#include "base/unicode.h"
#include "crm/listrow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz {
    void *mem;
    struct mapping *mapping;
    const struct catalog *catalog;
    bool bound;
    struct text again;
    long records;
};

static int read_record(void *context, const struct csv_record *record, struct err *err)
{
    struct fuzz *f = context;
    must(record->n <= CSV_MAX_COLUMNS && record->line >= record->number);
    for (size_t i = 0; i < record->n; i++)
        must(strlen(record->cell[i]) == record->size[i]);
    if (record->number == 1)
        f->bound = mapping_bind(f->mapping, record->cell, record->n, err) == 0;
    struct listrow_options options = {.mapping = f->mapping, .country = "XK", .catalog = f->catalog};
    struct list_row row;
    if (f->bound)
        listrow_read(f->mem, &options, record, &row);
    csv_add_record(&f->again, ';', false, record->cell, record->n);
    f->records++;
    return 0;
}

static int count_record(void *context, const struct csv_record *record, struct err *err)
{
    (void)record;
    (void)err;
    ++*(long *)context;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MEM_SCOPE(mem);
    struct err err;
    char *text;
    const char *encoding;
    struct fuzz f = {.mem = mem,
                     .mapping = mapping_by_names(mem),
                     .catalog = catalog_new(mem, "en"),
                     .again = text_new(mem)};
    if (unicode_decode(mem, (const char *)data, size, NULL, &text, &encoding, &err) < 0)
        return 0;
    must(unicode_valid_utf8(text, strlen(text)));
    if (csv_each(text, strlen(text), 0, read_record, &f, &err) < 0)
        return 0;
    long again = 0;
    must(csv_each(f.again.s, f.again.len, ';', count_record, &again, &err) == 0);
    must(again == f.records);
    return 0;
}
