/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A list from outside: decoded, cut into records, and what is written must read as it was; then as a file,
 * with its header found, a mapping proposed for it and each row read.
 */
#include <sys/mman.h>
#include <unistd.h>

#include "base/unicode.h"
#include "crm/listplan.h"
#include "crm/listrow.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct fuzz {
    struct text again;
    long records;
};

static int read_record(void *context, const struct csv_record *record, struct err *err)
{
    struct fuzz *f = context;
    must(record->n <= CSV_MAX_COLUMNS && record->line >= record->number);
    for (size_t i = 0; i < record->n; i++)
        must(strlen(record->cell[i]) == record->size[i]);
    (void)err;
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

static int read_row(void *context, const struct list_part *part, const struct csv_record *record,
                    enum listhead_kind kind, const char *category, struct err *err)
{
    (void)err;
    MEM_SCOPE(mem);
    struct listrow_options options = {.mapping = part->mapping,
                                      .label = part->head.label,
                                      .category = category,
                                      .country = "XK",
                                      .catalog = context};
    struct list_row row;
    must(record->width == part->head.n && kind != LISTHEAD_EMPTY);
    listrow_read(mem, &options, record, &row);
    return 0;
}

static void read_as_file(void *mem, const uint8_t *data, size_t size)
{
    struct err err;
    struct list_plan plan;
    FD_SCOPE int fd = memfd_create("list", 0);
    must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    const struct listplan_options options = {.file = talloc_asprintf(mem, "/proc/self/fd/%d", fd)};
    if (listplan_make(mem, &options, &plan, &err) == 0)
        (void)!listplan_each(&plan, read_row, (void *)catalog_new(mem, "en"), &err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    MEM_SCOPE(mem);
    struct err err;
    char *text;
    const char *encoding;
    struct fuzz f = {.again = text_new(mem)};
    read_as_file(mem, data, size);
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
