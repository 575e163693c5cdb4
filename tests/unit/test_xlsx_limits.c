/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Spreadsheets made to harm: each is refused with its reason, within two seconds and 100 MB; and large ones
 * that are only large are read.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>

#include "base/xlsx_low.h"
#include "tests/lib/sheetcost.h"
#include "tests/lib/sheetfile.h"

#if defined(__SANITIZE_ADDRESS__)
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif
enum { MAX_CPU_MS = 2000, MAX_MB = 100, MANY = 300000 }; /* more than MANY take the sanitizers minutes */

static void refused(const char *bytes, size_t len, const char *why)
{
    struct err err = {0};
    struct sheetcost cost;
    int rc = sheetcost_read(bytes, len, &cost, &err);
    if (rc == 0)
        fail_msg("read, and not refused with \"%s\"", why);
    if (!strstr(err.text, why))
        fail_msg("refused with \"%s\" and not \"%s\"", err.text, why);
    assert_int_equal(err.code, ERR_INPUT);
    print_message("# %4ld ms %3ld MB  %s\n", cost.cpu_ms, cost.mb, err.text);
    if (SANITIZED)
        return;
    if (cost.cpu_ms > MAX_CPU_MS || cost.mb - (long)(len >> 20) > MAX_MB)
        fail_msg("%s: %ld ms, %ld MB", why, cost.cpu_ms, cost.mb);
}

static void file_refused(const struct sheetfile *file, const char *why)
{
    MEM_SCOPE(mem);
    size_t len;
    char *bytes = sheetfile_make(mem, file, &len);
    refused(bytes, len, why);
}

/* ---- the generator */

/* begin, then n times the piece, in which a % is the number of it, then end */
static char *many(void *mem, const char *begin, long n, const char *piece, const char *end)
{
    struct text t = text_new(mem);
    text_puts(&t, begin);
    for (long i = 1; i <= n; i++) {
        char number[24];
        snprintf(number, sizeof number, "%ld", i);
        for (const char *s = piece, *percent; *s; s = percent + (*percent != 0)) {
            percent = strchrnul(s, '%');
            text_add(&t, s, (size_t)(percent - s));
            text_puts(&t, *percent ? number : "");
        }
    }
    text_puts(&t, end);
    return t.s;
}

static void rows_refused(const char *begin, long n, const char *piece, const char *end, const char *why)
{
    MEM_SCOPE(mem);
    if (SANITIZED && n > MANY)
        return;
    file_refused(&(struct sheetfile){.rows = many(mem, begin, n, piece, end), .stored = true}, why);
}

static void tail_refused(long n, const char *piece, const char *end, const char *why)
{
    MEM_SCOPE(mem);
    if (SANITIZED && n > MANY)
        return;
    const char *tail = many(mem, strstr(piece, "merge") ? "<mergeCells>" : "<hyperlinks>", n, piece, end);
    static const char link[] =
        "<Relationship Id=\"a\" Type=\"x/hyperlink\" Target=\"a:b\" TargetMode=\"External\"/>";
    file_refused(
        &(struct sheetfile){
            .rows = "<row><c><v>1</v></c></row>", .tail = tail, .links = link, .stored = true},
        why);
}

/* Large, and nothing but that. */
static struct sheetcost read_all_rows(const struct sheetfile *file, long rows)
{
    MEM_SCOPE(mem);
    struct err err = {0};
    struct sheetcost cost;
    size_t len;
    char *bytes = sheetfile_make(mem, file, &len);
    if (sheetcost_read(bytes, len, &cost, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(cost.rows, rows);
    print_message("# %4ld ms %3ld MB  %ld rows, a file of %zu MB\n", cost.cpu_ms, cost.mb, cost.rows,
                  len >> 20);
    cost.mb -= (long)(len >> 20);
    return cost;
}

static void read_soon(const struct sheetfile *file, long rows)
{
    struct sheetcost cost = read_all_rows(file, rows);
    if (!SANITIZED && (cost.cpu_ms > MAX_CPU_MS || cost.mb > MAX_MB))
        fail_msg("%ld ms, %ld MB", cost.cpu_ms, cost.mb);
}

/* A replacement of the same length wherever it stands in the bytes. */
static void replace(char *bytes, size_t len, const char *old, const char *new)
{
    size_t n = strlen(old);
    assert_int_equal(n, strlen(new));
    for (char *at = bytes; (at = memmem(at, len - (size_t)(at - bytes), old, n)); at += n)
        memcpy(at, new, n);
}

/* a cell with a value; a row that shows the first shared text */
#define ONE    "<c><v>1</v></c>"
#define SHARED "<row><c t=\"s\"><v>0</v></c></row>"

/* ---- archives */

static void test_bombs(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    char *blanks = talloc_size(mem, 64 << 20);
    memset(blanks, ' ', 64 << 20);
    file_refused(&(struct sheetfile){.sheet = blanks, .sheet_len = 64 << 20}, "more than 100 times its size");
    file_refused(&(struct sheetfile){.rows = SHARED, .strings = blanks, .strings_len = 64 << 20},
                 "more than 100 times its size");
    size_t inner, len;
    char *file = sheetfile_zip(mem, &(struct sheetfile_part){"a.xml", blanks, 64 << 20}, 1, false, &inner);
    file_refused(&(struct sheetfile){.sheet = file, .sheet_len = inner}, "not well-formed");
    const struct sheetfile_part nested[] = {{"xl/workbook.xml", file, inner}};
    file = sheetfile_zip(mem, nested, 1, false, &len);
    refused(file, len, "not well-formed");
}

/* Many names for the same bytes: the directory says for each that all of the file is its own. */
static void test_overlap(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    size_t len;
    struct sheetfile_part parts[60];
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        parts[i] = (struct sheetfile_part){talloc_asprintf(mem, "xl/part%02zu.xml", i), "<a/>", 0};
    parts[0].bytes = many(mem, "", 10000, "<a/>", "");
    char *file = sheetfile_zip(mem, parts, ARRAY_LEN(parts), true, &len), *first = NULL;
    for (char *at = file; (at = memmem(at, len - (size_t)(at - file), "PK\1\2", 4)); at += 46) {
        first = first ? first : at;
        memcpy(at + 20, first + 20, 8); /* its sizes */
        memcpy(at + 42, first + 42, 4); /* where it begins */
    }
    refused(file, len, "overlap");
}

static void test_archives(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    size_t len;
    enum { ENTRIES = 20000 };
    struct sheetfile_part *parts = talloc_array(mem, struct sheetfile_part, ENTRIES);
    for (int i = 0; i < ENTRIES; i++)
        parts[i] = (struct sheetfile_part){talloc_asprintf(mem, "xl/%d", i), "", 0};
    char *file = sheetfile_zip(mem, parts, ENTRIES, true, &len);
    refused(file, len, "more than 10000 parts");

    const struct sheetfile good = {.rows = "<row><c><v>38349000201</v></c></row>", .stored = true};
    file = sheetfile_make(mem, &good, &len);
    replace(file, len, "xl/styles.xml", "Xl/WORKBOOK.x");
    replace(file, len, "Xl/WORKBOOK.x", "xl/styles.xml");
    replace(file, len, "38349000201", "38349000202");
    refused(file, len, "CRC error");
    file = sheetfile_make(mem, &good, &len);
    refused(file, len - 10, "is damaged or was not copied as a whole");
    refused(file, len / 2, "is damaged or was not copied as a whole");
    refused(file, 5, "is damaged or was not copied as a whole");
    refused(file, 0, "is empty");
    refused("Emri,Mbiemri\r\n", 14, "is no spreadsheet");
    file = sheetfile_zip(
        mem, (struct sheetfile_part[]){{"xl/Workbook.xml", "<a/>", 0}, {"xl/workbook_xml", "<a/>", 0}}, 2,
        true, &len);
    replace(file, len, "workbook_xml", "workbook.xml");
    refused(file, len, "two parts");
    file = sheetfile_zip(mem, &(struct sheetfile_part){"content.xml", "<a/>", 0}, 1, true, &len);
    refused(file, len, ".ods");
    file = sheetfile_zip(mem, &(struct sheetfile_part){"photo.jpg", "x", 0}, 1, true, &len);
    refused(file, len, "is an archive, no spreadsheet");
}

static void test_ole(void **state)
{
    (void)state;
    static const char old[] = "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 W\0o\0r\0k\0b\0o\0o\0k\0";
    static const char encrypted[] =
        "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 E\0n\0c\0r\0y\0p\0t\0e\0d\0P\0a\0c\0k\0a\0g\0e\0";
    refused(old, sizeof old, "is an old spreadsheet (.xls)");
    refused(encrypted, sizeof encrypted, "is protected by a password");
}

/* ---- relations */

static void test_relations(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const char book[] = "<workbook><sheets><sheet name=\"A\" id=\"a\"/><sheet name=\"B\" "
                               "id=\"b\"/></sheets></workbook>";
    static const struct {
        const char *relations, *why;
    } all[] = {
        {"<Relationship Id=\"a\" Type=\"x/worksheet\" Target=\"workbook.xml\"/>", "its sheet B is missing"},
        {"<Relationship Id=\"a\" Type=\"x/worksheet\" Target=\"workbook.xml\"/><Relationship Id=\"b\" "
         "Type=\"x/worksheet\" Target=\"../xl/workbook.xml\"/>",
         "its sheets A and B are one"},
        {"<Relationship Id=\"a\" Type=\"x/worksheet\" Target=\"workbook.xml\"/><Relationship Id=\"b\" "
         "Type=\"x/worksheet\" Target=\"_rels/workbook.xml.rels\"/>",
         "<workbook> is not what stands there"},
        {"<Relationship Id=\"a\" Type=\"x/worksheet\" Target=\"../../../../etc/passwd\"/><Relationship "
         "Id=\"b\" "
         "Type=\"x/worksheet\" Target=\"b\"/>",
         "its part etc/passwd is missing"},
        {"<Relationship Id=\"a\" Type=\"x/worksheet\" Target=\"http://a.example/\" TargetMode=\"External\"/>",
         "its sheet A is missing"},
    };
    for (size_t i = 0; i < ARRAY_LEN(all); i++) {
        size_t len;
        const char *relations = talloc_asprintf(mem, "<Relationships>%s</Relationships>", all[i].relations);
        const struct sheetfile_part parts[] = {{"xl/workbook.xml", book, 0},
                                               {"xl/_rels/workbook.xml.rels", relations, 0}};
        char *file = sheetfile_zip(mem, parts, 2, true, &len);
        refused(file, len, all[i].why);
    }
}

/* ---- XML */

static void test_xml(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const char laughs[] =
        "<!DOCTYPE a [<!ENTITY a \"ha\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\"><!ENTITY c "
        "\"&b;&b;&b;&b;&b;&b;&b;&b;\">]><worksheet><sheetData><row><c "
        "t=\"str\"><v>&c;</v></c></row></sheetData></worksheet>";
    file_refused(&(struct sheetfile){.sheet = laughs}, "document type definition");
    file_refused(&(struct sheetfile){.sheet = "<worksheet>&a;</worksheet>"}, "undefined entity");
    file_refused(&(struct sheetfile){.sheet = "<worksheet><sheetData><row>"}, "no element found");
    file_refused(&(struct sheetfile){.sheet = "<html/>"}, "<html> is not what stands there");
    rows_refused("", 100000, "<a>", "", "more than 64 elements inside each other");
    rows_refused("", MANY, "<a%/>", "", "more than 2000 names");
    rows_refused("<row ", 50000, "a%=\"\" ", ">" ONE "</row>", "more than 2000 names");
    rows_refused("<row r=\"", MANY, "1234567890", "\">" ONE "</row>", "a tag or comment of more than 1 MB");
    rows_refused("<!--", MANY, "1234567890", "-->", "a tag or comment of more than 1 MB");
    rows_refused("<row><c t=\"str\"><v>", MANY, "1234567890", "</v></c></row>", "a text of more than 64 KB");
}

/* ---- sheets */

static void test_sheets(void **state)
{
    (void)state;
    rows_refused("<row>", 10000, "<c><v>%</v></c>", "</row>", "row 1 uses column GS");
    rows_refused("<row><c r=\"XFE1\"><v>1</v></c></row>", 0, "", "", "a cell that is no cell");
    rows_refused("<row r=\"1048577\">" ONE "</row>", 0, "", "", "there is no row 1048577");
    rows_refused("<row r=\"99999999999999999999\">" ONE "</row>", 0, "", "", "there is no row 9999");
    rows_refused("<row r=\"0\">" ONE "</row>", 0, "", "", "there is no row 0");
    rows_refused("<row r=\"-1\">" ONE "</row>", 0, "", "", "there is no row -1");
    rows_refused("", 1100000, "<row/>", "<row>" ONE "</row>", "more than 1048576 rows");
    rows_refused("", 1060000, "<row><c><v>1</v></c></row>", "", "more than 1048576 rows");
    rows_refused("<row r=\"7\"/><row r=\"5\">" ONE "</row>", 0, "", "", "row 5 stands behind row 7");
    rows_refused("<row r=\"5\"><c r=\"B7\"><v>1</v></c></row>", 0, "", "", "cell B7 stands in row 5");
    rows_refused("<row><c/><c r=\"B7\"><v>1</v></c></row>", 0, "", "", "cell B7 stands in row 1");
    rows_refused("<row><c r=\"B1\"><v>1</v></c><c r=\"B1\"><v>2</v></c></row>", 0, "", "",
                 "has cell B1 twice");
    rows_refused("<row><c t=\"s\"><v>0</v></c></row>", 0, "", "",
                 "shows a shared text 0, which there is not");
    rows_refused("<row><c t=\"s\"><v>-1</v></c></row>", 0, "", "", "shows a shared text -1");
    rows_refused("<row><c t=\"str\">", MANY, "<v>value</v>", "</c></row>", "cell A1 has more than 64 KB");
    rows_refused("<row><c t=\"inlineStr\"><is>", MANY, "<r><t>text </t></r>", "</is></c></row>",
                 "more than 64 KB");
}

/* Formatted rows and cells, and nothing in them: behind the last value they are not parsed, before it they
 * count. */
static void test_empty(void **state)
{
    (void)state;
    if (SANITIZED)
        skip();
    MEM_SCOPE(mem);
    static const char row[] =
        "<row r=\"%\" spans=\"1:3\" s=\"2\" customFormat=\"1\" ht=\"15\"><c r=\"A%\" s=\"1\"/>"
        "<c r=\"B%\" s=\"1\"/></row>",
                      first[] = "<row>" ONE "</row><row/>",
                      why[] = "MB that hold nothing; delete the empty rows";
    rows_refused("", 1048575, row, "<row>" ONE "</row>", why);
    rows_refused("", 1048575, row, "<row><c><f/></c></row>", why);
    rows_refused("<!-- -->", 1048576, row, "", why);
    rows_refused("<row>", 20000000, "<c/>", ONE "</row>", why);
    rows_refused("<row>", 10000000, "<a/>", "</row>", why);
    tail_refused(3000000, "<a b=\"mergeCell\"/>", "", why);
    char *junk = many(mem, "", 5000000, "<a/>", ""); /* a little in each part is as much */
    file_refused(&(struct sheetfile){.rows = talloc_asprintf(mem, "%s<row>" ONE "</row>", junk),
                                     .styles = junk,
                                     .stored = true},
                 why);
    read_soon(&(struct sheetfile){.rows = many(mem, first, 1048574, row, ""), .stored = true}, 1);
    struct xlsx_scan scan;
    struct err err = {0};
    char *sheet =
        many(mem, "<worksheet><sheetData><row>", 21000000, "<c s=\"1\"/>", "</row></sheetData></worksheet>");
    assert_int_equal(xlsx_scan(xlsx_part_of_bytes(mem, "sheet", sheet, strlen(sheet)), &scan, &err), -1);
    assert_non_null(strstr(err.text, why));
}

static void test_tails(void **state)
{
    (void)state;
    tail_refused(1000000, "<mergeCell ref=\"A%:C%\"/>", "</mergeCells>", "more than 100000 merged cells");
    tail_refused(100000, "<mergeCell ref=\"A1:C1048576\"/>", "</mergeCells>", "on top of each other");
    tail_refused(1, "<mergeCell ref=\"C1:A1\"/>", "</mergeCells>", "is no area of cells");
    tail_refused(1, "<mergeCell ref=\"A1:A1048577\"/>", "</mergeCells>", "is no area of cells");
    tail_refused(1000000, "<hyperlink ref=\"A%\" id=\"a\"/>", "</hyperlinks>", "more than 200000 links");
    tail_refused(1000000, "<hyperlink ref=\"A1:J1000\" id=\"a\"/>", "</hyperlinks>",
                 "more than 200000 links");
}

static void test_tables(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    const char *styles = many(mem, "<cellXfs>", 200000, "<xf numFmtId=\"%\"/>", "</cellXfs>");
    file_refused(&(struct sheetfile){.rows = "", .styles = styles, .stored = true},
                 "more than 100000 styles");
    styles = many(mem, "<numFmts>", 100000, "<numFmt numFmtId=\"%\" formatCode=\"0000\"/>", "</numFmts>");
    file_refused(&(struct sheetfile){.rows = "", .styles = styles, .stored = true},
                 "more than 20000 formats");
    if (SANITIZED)
        return;
    const char *strings = many(mem, "<sst>", 4100000, "<si/>", "</sst>");
    file_refused(
        &(struct sheetfile){
            .rows = SHARED, .strings = strings, .strings_len = strlen(strings), .stored = true},
        "more than 4000000 texts");
    char *text = talloc_size(mem, 60001);
    memset(text, 'x', 60000);
    text[60000] = 0;
    strings = many(mem, "<sst>", 1200, talloc_asprintf(mem, "<si><t>%s</t></si>", text), "</sst>");
    file_refused(
        &(struct sheetfile){
            .rows = SHARED, .strings = strings, .strings_len = strlen(strings), .stored = true},
        "more than 63 MB of texts");
    styles = many(mem, "", 600, talloc_asprintf(mem, "<!--%s-->", text), "");
    file_refused(&(struct sheetfile){.rows = "", .styles = styles, .stored = true},
                 "more than 32 MB that hold nothing");
    const char *links = many(mem, "", 200001,
                             "<Relationship Id=\"rId%\" Type=\"x/hyperlink\" Target=\"mailto:a%@b.example\" "
                             "TargetMode=\"External\"/>",
                             "");
    file_refused(&(struct sheetfile){.rows = "", .tail = "<hyperlinks/>", .links = links, .stored = true},
                 "more than 200000 links");
    const char *rows = many(mem, "", 9000, SHARED, "");
    strings = talloc_asprintf(mem, "<si><t>%s</t></si>", text);
    file_refused(&(struct sheetfile){.rows = rows, .strings = strings}, "more than 512 MB of text");
}

/* ---- large, and nothing but that */

/* A million texts that no cell shows, as a program leaves them behind; a thousand sheets that show them. */
static void test_strings(void **state)
{
    (void)state;
    if (SANITIZED)
        skip();
    MEM_SCOPE(mem);
    const char *strings = many(mem, "<sst>", 1000000, "<si><t>text of a row %</t></si>", "</sst>");
    struct sheetfile file = {
        .rows = "<row>" ONE "</row>", .strings = strings, .strings_len = strlen(strings), .stored = true};
    read_soon(&file, 1);
    file.rows = "<row><c t=\"s\"><v>999999</v></c></row>";
    read_soon(&file, 1);
    enum { SHEETS = 1000 };
    struct sheetfile_part parts[SHEETS + 3] = {{"xl/sharedStrings.xml", strings, 0}};
    struct text book = text_new(mem), relations = text_new(mem);
    for (int i = 1; i <= SHEETS; i++) {
        text_printf(&book, "<sheet name=\"S%d\" id=\"r%d\"/>", i, i);
        text_printf(&relations, "<Relationship Id=\"r%d\" Type=\"x/worksheet\" Target=\"%d.xml\"/>", i, i);
        parts[i] = (struct sheetfile_part){talloc_asprintf(mem, "xl/%d.xml", i), "<worksheet/>", 0};
    }
    parts[SHEETS + 1] = (struct sheetfile_part){
        "xl/workbook.xml", talloc_asprintf(mem, "<workbook><sheets>%s</sheets></workbook>", book.s), 0};
    parts[SHEETS + 2] = (struct sheetfile_part){
        "xl/_rels/workbook.xml.rels",
        talloc_asprintf(mem,
                        "<Relationships>%s<Relationship Id=\"s\" Type=\"x/sharedStrings\" "
                        "Target=\"sharedStrings.xml\"/></Relationships>",
                        relations.s),
        0};
    size_t len;
    char *bytes = sheetfile_zip(mem, parts, ARRAY_LEN(parts), true, &len);
    refused(bytes, len, "has 1000 sheets that share");
}

static void test_large(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    long n = SANITIZED ? 20000 : 200000;
    struct text cells = text_new(mem);
    for (int i = 0; i < 12; i++)
        text_printf(&cells, "<c r=\"%c%%\" t=\"inlineStr\"><is><t>text %d of row %%</t></is></c>", 'A' + i,
                    i);
    read_all_rows(
        &(struct sheetfile){.rows =
                                many(mem, "", n, talloc_asprintf(mem, "<row r=\"%%\">%s</row>", cells.s), ""),
                            .stored = true},
        n);
    const char *strings = many(mem, "<sst>", 5 * n, "<si><t>text %</t></si>", "</sst>");
    read_all_rows(
        &(struct sheetfile){
            .rows = many(mem, "", n, "<row r=\"%\"><c t=\"s\"><v>%</v></c><c s=\"1\"><v>%</v></c></row>", ""),
            .strings = strings,
            .strings_len = strlen(strings),
            .stored = true},
        n);
}

int main(int argc, char **argv)
{
    mem_init();
    signal(SIGPIPE, SIG_IGN);
    if (argc == 2 && !strcmp(argv[1], "cage"))
        return cage_main((const struct cage_parser *const[]){&xlsx_parser, NULL});
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bombs),  cmocka_unit_test(test_overlap),   cmocka_unit_test(test_archives),
        cmocka_unit_test(test_ole),    cmocka_unit_test(test_relations), cmocka_unit_test(test_xml),
        cmocka_unit_test(test_sheets), cmocka_unit_test(test_tails),     cmocka_unit_test(test_tables),
        cmocka_unit_test(test_empty),  cmocka_unit_test(test_strings),   cmocka_unit_test(test_large),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
