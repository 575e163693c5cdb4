/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/listfile.h"

#include "base/unicode.h"

/* Files that people take for a list; their first bytes. */
static const struct {
    const char *begin;
    size_t len;
    const char *what;
} others[] = {
    {"PK\x03\x04", 4, "a spreadsheet (xlsx, ods); save it as CSV"},
    {"\xd0\xcf\x11\xe0", 4, "an old spreadsheet (xls); save it as CSV"},
    {"%PDF-", 5, "a PDF"},
    {"BEGIN:VCARD", 11, "a file of vCards"},
};

static int look_at(void *context, const struct csv_record *record, struct err *err)
{
    (void)err;
    struct listfile *file = context;
    file->records = record->number;
    file->columns = record->width;
    return 0;
}

int listfile_each(const struct listfile *file, csv_record_fn *fn, void *context, struct err *err)
{
    if (csv_each(file->text, strlen(file->text), file->delimiter, fn, context, err) == 0)
        return 0;
    return err_context(err, "%s", file->path);
}

int listfile_open(void *mem, const char *path, const char *encoding, const char *delimiter,
                  struct listfile *file_r, struct err *err)
{
    char *bytes, *text;
    struct listfile file = {.path = talloc_strdup(mem, path)};
    if (delimiter && !(file.delimiter = csv_parse_delimiter(delimiter)))
        return err_set(err, ERR_USAGE,
                       "\"%s\" cannot part cells; take comma, semicolon, tab, bar or one character",
                       delimiter);
    if (mem_read_file(mem, path, LISTFILE_MAX_BYTES, &bytes, &file.len, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        if (file.len >= others[i].len && !memcmp(bytes, others[i].begin, others[i].len))
            return err_set(err, ERR_INPUT, "%s: is %s", path, others[i].what);
    if (unicode_decode(mem, bytes, file.len, encoding, &text, &file.encoding, err) < 0)
        return err_context(err, "%s", path);
    file.bytes = bytes;
    file.text = text;
    if (!file.delimiter)
        file.delimiter = csv_find_delimiter(text, strlen(text));
    if (listfile_each(&file, look_at, &file, err) < 0)
        return -1;
    if (!file.records)
        return err_set(err, ERR_INPUT, "%s: is empty", path);
    *file_r = file;
    return 0;
}
