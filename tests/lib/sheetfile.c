/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/sheetfile.h"

#include <zip.h>

char *sheetfile_zip(void *mem, const struct sheetfile_part *part, size_t n, bool stored, size_t *len_r)
{
    zip_error_t why;
    zip_source_t *out = zip_source_buffer_create(NULL, 0, 0, &why);
    zip_source_keep(out);
    zip_t *zip = zip_open_from_source(out, ZIP_TRUNCATE, &why);
    must(zip);
    for (size_t i = 0; i < n; i++) {
        size_t len = part[i].len ? part[i].len : strlen(part[i].bytes);
        zip_int64_t at = zip_file_add(zip, part[i].name, zip_source_buffer(zip, part[i].bytes, len, 0), 0);
        must(at >= 0);
        zip_set_file_compression(zip, (zip_uint64_t)at, stored ? ZIP_CM_STORE : ZIP_CM_DEFLATE, 1);
        zip_file_set_mtime(zip, (zip_uint64_t)at, 1767225600, 0);
    }
    must(zip_close(zip) == 0 && zip_source_open(out) == 0);
    zip_source_seek(out, 0, SEEK_END);
    *len_r = (size_t)zip_source_tell(out);
    zip_source_seek(out, 0, SEEK_SET);
    char *bytes = talloc_size(mem, *len_r + 1);
    must(zip_source_read(out, bytes, *len_r) == (zip_int64_t)*len_r);
    bytes[*len_r] = 0;
    zip_source_close(out);
    zip_source_free(out);
    return bytes;
}

static const char rels_begin[] =
    "<Relationships xmlns=\"http://schemas.openxmlformats.org/package/2006/relationships\">";
#define RELATION(id, type, target)                                                                           \
    "<Relationship Id=\"" id "\" Type=\"" SHEETFILE_RELS type "\" Target=\"" target "\"/>"

char *sheetfile_make(void *mem, const struct sheetfile *file, size_t *len_r)
{
    const char *sheet = file->sheet, *strings = file->strings;
    if (!sheet)
        sheet = talloc_asprintf(mem, "<worksheet " SHEETFILE_NS "><sheetData>%s</sheetData>%s</worksheet>",
                                file->rows, file->tail ? file->tail : "");
    if (!file->strings_len)
        strings = talloc_asprintf(mem, "<sst " SHEETFILE_NS ">%s</sst>", strings ? strings : "");
    const struct sheetfile_part parts[] = {
        {"_rels/.rels",
         talloc_asprintf(mem, "%s%s</Relationships>", rels_begin,
                         RELATION("rId1", "officeDocument", "xl/workbook.xml")),
         0},
        {"xl/workbook.xml",
         talloc_asprintf(mem,
                         "<workbook " SHEETFILE_NS "><workbookPr %s/><sheets><sheet name=\"List\" "
                         "sheetId=\"1\" r:id=\"rId1\"/></sheets></workbook>",
                         file->book ? file->book : ""),
         0},
        {"xl/_rels/workbook.xml.rels",
         talloc_asprintf(mem, "%s%s</Relationships>", rels_begin,
                         RELATION("rId1", "worksheet", "worksheets/sheet1.xml")
                             RELATION("rId2", "styles", "styles.xml")
                                 RELATION("rId3", "sharedStrings", "sharedStrings.xml")),
         0},
        {"xl/worksheets/_rels/sheet1.xml.rels",
         talloc_asprintf(mem, "%s%s</Relationships>", rels_begin, file->links ? file->links : ""), 0},
        {"xl/styles.xml",
         talloc_asprintf(mem, "<styleSheet " SHEETFILE_NS ">%s</styleSheet>",
                         file->styles ? file->styles : ""),
         0},
        {"xl/sharedStrings.xml", strings, file->strings_len},
        {"xl/worksheets/sheet1.xml", sheet, file->sheet_len},
    };
    return sheetfile_zip(mem, parts, ARRAY_LEN(parts), file->stored, len_r);
}
