/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "reports/sheet_csv.h"

#include <errno.h>

#include "base/csv.h"

enum { BUFFER_BYTES = 1 << 18 };

struct sheet_csv {
    const char *path;
    FILE *file;
    struct text buffer;
};

static int fail(const struct sheet_csv *csv, struct err *err)
{
    return err_set(err, ERR_IO, "%s: %s", csv->path, strerror(errno));
}

static int csv_free(struct sheet_csv *csv)
{
    if (csv->file)
        fclose(csv->file);
    return 0;
}

int sheet_csv_open(void *mem, struct sheet_csv **csv_r, const char *path, struct err *err)
{
    struct sheet_csv *csv = talloc_zero(mem, struct sheet_csv);
    csv->path = path;
    csv->file = fopen(path, "we");
    if (!csv->file) {
        fail(csv, err);
        talloc_free(csv);
        return -1;
    }
    talloc_set_destructor(csv, csv_free);
    csv->buffer = text_new(csv);
    text_puts(&csv->buffer, "\xEF\xBB\xBF");
    *csv_r = csv;
    return 0;
}

static int flush(struct sheet_csv *csv, struct err *err)
{
    if (fwrite(csv->buffer.s, 1, csv->buffer.len, csv->file) != csv->buffer.len)
        return fail(csv, err);
    csv->buffer.len = 0;
    return 0;
}

int sheet_csv_add(struct sheet_csv *csv, const char *const *cells, int n, struct err *err)
{
    csv_add_record(&csv->buffer, ',', true, cells, (size_t)n);
    return csv->buffer.len < BUFFER_BYTES ? 0 : flush(csv, err);
}

int sheet_csv_close(struct sheet_csv *csv, struct err *err)
{
    int rc = flush(csv, err);
    FILE *file = csv->file;
    csv->file = NULL;
    if (fclose(file) != 0 && rc == 0)
        rc = fail(csv, err);
    return rc;
}
