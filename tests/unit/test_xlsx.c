/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a spreadsheet says, cell by cell: by hand, as the dialects of the programs, and as libxlsxwriter and
 * LibreOffice write it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <unistd.h>
#include <xlsxwriter.h>

#include "base/xlsx_low.h"
#include "tests/lib/sheetfile.h"

/* Rows as "number: A|B|C" lines; a link behind its cell as <link>, "+" for each column that is merged. */
static int add_row(void *context, const struct xlsx_row *row, struct err *err)
{
    (void)err;
    struct text *t = context;
    text_printf(t, "%ld%s:", row->number, row->hidden ? "h" : "");
    for (size_t i = 0; i < row->n; i++) {
        assert_int_equal(strlen(row->cell[i]), row->size[i]);
        text_printf(t, "%s%s", i ? "|" : " ", row->cell[i]);
        if (row->link[i])
            text_printf(t, "<%s>", row->link[i]);
    }
    for (size_t i = 1; i < row->merged; i++)
        text_puts(t, "+");
    if (row->unsaved)
        text_printf(t, " (%zu unsaved)", row->unsaved);
    text_putc(t, '\n');
    return 0;
}

static struct cage *cage;

static const char *read_sheet(void *mem, const char *bytes, size_t len, size_t sheet)
{
    struct err err;
    struct text t = text_new(mem);
    if (xlsx_each(cage, bytes, len, sheet, add_row, &t, &err) < 0)
        return talloc_asprintf(mem, "refused: %s", err.text);
    return t.s;
}

static void is(const char *rows, const char *expected)
{
    MEM_SCOPE(mem);
    size_t len;
    static const char strings[] =
        "<si><t>ana</t></si><si><r><rPr><b/></rPr><t xml:space=\"preserve\">Ana </t></r><r><t>Berisha</t></r>"
        "<rPh sb=\"0\" eb=\"3\"><t>kana</t></rPh><phoneticPr fontId=\"1\"/></si><si/>"
        "<si><t>a_x000A_b_x005F_x0041_ _xD83D__xDE00_ _x0001__x41_</t></si>";
    static const char styles[] =
        "<numFmts count=\"9\"><numFmt numFmtId=\"164\" formatCode=\"dd\\.mm\\.yyyy\"/>"
        "<numFmt numFmtId=\"165\" formatCode=\"[$-F800]dddd\\,\\ mmmm\\ dd\\,\\ yyyy\"/>"
        "<numFmt numFmtId=\"166\" formatCode=\"yyyy\\-mm\\-dd\\ hh:mm:ss;@\"/>"
        "<numFmt numFmtId=\"167\" formatCode=\"#,##0.00&quot; dhjetor&quot;;[Red]\\-#,##0.00\\ [$din-81A]\"/>"
        "<numFmt numFmtId=\"168\" formatCode=\"00000\"/>"
        "<numFmt numFmtId=\"169\" formatCode=\"+000\\ 00\\ 000\\ 000\"/>"
        "<numFmt numFmtId=\"170\" formatCode=\"[hh]:mm\"/>"
        "<numFmt numFmtId=\"171\" formatCode=\"h:mm AM/PM\"/>"
        "<numFmt numFmtId=\"172\" formatCode=\"mmm\\ yy\"/></numFmts>"
        "<cellStyleXfs><xf numFmtId=\"14\"/></cellStyleXfs><cellXfs>"
        "<xf numFmtId=\"0\"/><xf numFmtId=\"14\"/><xf numFmtId=\"164\"/><xf numFmtId=\"165\"/><xf "
        "numFmtId=\"166\"/>"
        "<xf numFmtId=\"167\"/><xf numFmtId=\"168\"/><xf numFmtId=\"169\"/><xf numFmtId=\"170\"/><xf "
        "numFmtId=\"171\"/>"
        "<xf numFmtId=\"172\"/><xf numFmtId=\"10\"/><xf numFmtId=\"22\"/><xf numFmtId=\"49\"/></cellXfs>";
    const char *file =
        sheetfile_make(mem, &(struct sheetfile){.rows = rows, .strings = strings, .styles = styles}, &len);
    assert_string_equal(read_sheet(mem, file, len, 0), expected);
}

/* One row, of cells without r. */
static void cells_are(const char *cells, const char *expected)
{
    MEM_SCOPE(mem);
    is(talloc_asprintf(mem, "<row>%s</row>", cells),
       *expected ? talloc_asprintf(mem, "1: %s\n", expected) : "");
}

static void test_texts(void **state)
{
    (void)state;
    cells_are("<c t=\"s\"><v>0</v></c><c t=\"s\"><v>1</v></c>", "ana|Ana Berisha");
    cells_are("<c t=\"s\"><v>3</v></c>", "a\nb_x0041_ 😀 _x41_");
    cells_are("<c t=\"s\"><v>2</v></c>", "");
    cells_are("<c t=\"inlineStr\"><is><r><t>Đor</t></r><r><t>đe</t></r><rPh><t>no</t></rPh></is></c>",
              "Đorđe");
    cells_are("<c t=\"inlineStr\"><is><t> a &amp; b&#10;c </t></is></c>", " a & b\nc ");
    cells_are("<c t=\"str\"><f>A1&amp;\"x\"</f><v>anax</v></c>", "anax");
    cells_are("<c t=\"str\"><f>\"\"</f><v></v></c><c><v>1</v></c>", "|1");
    cells_are("<c t=\"b\"><v>1</v></c><c t=\"b\"><v>0</v></c>", "TRUE|FALSE");
    cells_are("<c t=\"e\"><f>1/0</f><v>#DIV/0!</v></c><c t=\"e\"><v>#N/A</v></c>", "#DIV/0!|#N/A");
    cells_are("<c><f>SUM(A1:A3)</f><v/></c><c><f>1+1</f></c><c><v>1</v></c>", "||1 (2 unsaved)");
}

/* What stands behind the last value, and whatever may be said around it. */
static void test_empty_rows(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
#define EMPTY "<row r=\"7\" s=\"1\"><c r=\"A7\" s=\"1\"/><c r=\"B7\"></c></row><row r=\"9\"/>"
    is(EMPTY, "");
    is("<row><c><v>1</v></c></row>" EMPTY, "1: 1\n");
    is("<row><c><v>1</v></c><c/></row>" EMPTY "<row><c><f>A1</f></c></row>", "1: 1\n10: (1 unsaved)\n");
    is("<row><c><v>1</v></c></row>" EMPTY "<row><c t='s'><v>0</v></c></row><row/>", "1: 1\n10: ana\n");
    is("<row><c><v>1</v></c></row><!-- </sheetData> --><row><c><v>2</v></c></row>" EMPTY, "1: 1\n2: 2\n");
    is("<row><c><v>1</v></c></row><?a </sheetData> ?><row><c><v>2</v></c></row>" EMPTY, "1: 1\n2: 2\n");
    is("<row><c><v><![CDATA[1</v></c></row></sheetData>]]></v></c></row>" EMPTY,
       "1: 1</v></c></row></sheetData>\n");
    is("<row><c><v>1</v></c></row></sheetData><sheetData><row><c><v>2</v></c></row>" EMPTY, "1: 1\n2: 2\n");
    for (int n = 65100; n < 65400; n++) /* tags on the border of what is read at once */
        is(talloc_asprintf(mem, "<row%*s><c><v>1</v></c></row>" EMPTY, n, ""), "1: 1\n");
    size_t len;
    const char *sheet =
        "<x:worksheet xmlns:x=\"a\"><x:sheetData><x:row><x:c><x:v>1</x:v></x:c></x:row><x:row/>"
        "</x:sheetData><x:mergeCells><x:mergeCell ref=\"A1:B1\"/></x:mergeCells></x:worksheet>";
    const char *file = sheetfile_make(mem, &(struct sheetfile){.sheet = sheet}, &len);
    assert_string_equal(read_sheet(mem, file, len, 0), "1: 1+\n");
}

static void number_is(const char *style, const char *value, const char *expected)
{
    MEM_SCOPE(mem);
    cells_are(talloc_asprintf(mem, "<c s=\"%s\"><v>%s</v></c>", style, value), expected);
}

static void test_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *style, *value, *text;
    } numbers[] = {
        {"0", "38349000201", "38349000201"},
        {"0", "3.8349000201E10", "38349000201"},
        {"0", "38349000201.0", "38349000201"},
        {"0", "1234567890123456789", "1234567890123456789"},
        {"0", "1.23E+20", "123000000000000000000"},
        {"0", "3.0000000000000004", "3"},
        {"0", "3.0000000001", "3"},
        {"0", "0.1", "0.1"},
        {"0", "0.30000000000000004", "0.3"},
        {"0", "-0.5", "-0.5"},
        {"0", "-0", "0"},
        {"0", "18500.5", "18500.5"},
        {"0", "123456789.12", "123456789.12"},
        {"0", "99999999.999999993", "100000000"},
        {"0", "1E-3", "0.001"},
        {"0", "1.5E-9", "1.5e-09"},
        {"0", "007", "7"},
        {"0", "nan", "nan"},
        {"0", "0x10", "0x10"},
        {"11", "0.12", "0.12"},
        {"5", "412350", "412350"},
        {"5", "-1250.75", "-1250.75"},
        {"6", "4001", "04001"},
        {"6", "123456", "123456"},
        {"6", "1.5", "1.5"},
        {"7", "38344123456", "+383 44 123 456"},
        {"13", "44123456", "44123456"},
        {"99", "5", "5"},
    };
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        number_is(numbers[i].style, numbers[i].value, numbers[i].text);
}

static void test_dates(void **state)
{
    (void)state;
    static const struct {
        const char *style, *value, *text;
    } dates[] = {
        {"1", "46351", "2026-11-25"},
        {"2", "46351", "2026-11-25"},
        {"3", "46351.75", "2026-11-25"},
        {"4", "46351.395833333336", "2026-11-25 09:30"},
        {"4", "46351.395844907405", "2026-11-25 09:30:01"},
        {"4", "46351.9999999", "2026-11-26 00:00"},
        {"12", "46351.5", "2026-11-25 12:00"},
        {"8", "1.5", "36:00"},
        {"9", "0.5625", "13:30"},
        {"9", "46351.5625", "13:30"},
        {"10", "46351", "2026-11-25"},
        {"1", "1", "1900-01-01"},
        {"1", "59", "1900-02-28"},
        {"1", "60", "1900-02-29"},
        {"1", "61", "1900-03-01"},
        {"1", "36585", "2000-02-29"},
        {"1", "2958465", "9999-12-31"},
        {"1", "2958466", "2958466"},
        {"1", "-1", "-1"},
        {"1", "0", "0"},
        {"1", "16.11.2026", "16.11.2026"},
    };
    for (size_t i = 0; i < ARRAY_LEN(dates); i++)
        number_is(dates[i].style, dates[i].value, dates[i].text);
    cells_are("<c t=\"d\"><v>2026-11-25</v></c><c t=\"d\" s=\"1\"><v>2026-11-25T00:00:00.000</v></c>"
              "<c t=\"d\" s=\"4\"><v>2026-11-25T09:30:05Z</v></c><c t=\"d\"><v>T09:30:00</v></c>",
              "2026-11-25|2026-11-25|2026-11-25 09:30:05|09:30");
}

static void test_1904(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    size_t len;
    const char *file =
        sheetfile_make(mem,
                       &(struct sheetfile){.rows = "<row><c s=\"0\"><v>0</v></c><c><v>44889</v></c></row>",
                                           .styles = "<cellXfs><xf numFmtId=\"14\"/></cellXfs>",
                                           .book = "date1904=\"true\""},
                       &len);
    assert_string_equal(read_sheet(mem, file, len, 0), "1: 1904-01-01|2026-11-25\n");
}

static void test_rows(void **state)
{
    (void)state;
    is("<row r=\"3\" hidden=\"1\"><c r=\"B3\"><v>1</v></c><c r=\"D3\"><v>2</v></c></row><row r=\"4\"><c "
       "r=\"A4\" s=\"1\"/></row><row r=\"7\" hidden=\"false\"><c r=\"C7\"><v>3</v></c><c><v>4</v></c><c "
       "r=\"A7\"><v>5</v></c></row><row><c><v>6</v></c></row>",
       "3h: |1||2\n7: 5||3|4\n8: 6\n");
    is("<row r=\"1\"><c r=\"GR1\"><v>1</v></c></row>",
       "1: |||||||||||||||||||||||||||||||||||||||||||||||||||||||||"
       "|||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||||"
       "|||"
       "||||||||||||||||||||||||||||||||||||||1\n");
    is("<row r=\"1\"><c r=\"XFD1\" s=\"1\"/><c r=\"A1\"><v>1</v></c></row>", "1: 1\n");
    is("<row><c r=\"B5\"><v>1</v></c><c r=\"C5\"><v>2</v></c></row><row><c><v>3</v></c></row>",
       "5: |1|2\n6: 3\n");
    is("", "");
}

static void test_merged_and_links(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    size_t len;
    const char *file = sheetfile_make(
        mem,
        &(struct sheetfile){
            .rows =
                "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"2\"><c r=\"A2\"><v>2</v></c></row>"
                "<row r=\"4\"><c r=\"A4\" t=\"inlineStr\"><is><t>Ana</t></is></c><c r=\"B4\" "
                "t=\"inlineStr\"><is><t>Bob@b.example</t></is></c><c r=\"C4\" t=\"inlineStr\"><is><t>web</t>"
                "</is></c><c r=\"D4\"><v>1</v></c></row><row r=\"5\"><c r=\"A5\"><v>3</v></c></row>",
            .tail =
                "<mergeCells><mergeCell ref=\"A1:D1\"/><mergeCell ref=\"B1:C2\"/><mergeCell ref=\"A5:A9\"/>"
                "</mergeCells><hyperlinks><hyperlink ref=\"C4:C5\" r:id=\"w\"/><hyperlink ref=\"A4\" "
                "r:id=\"a\"/><hyperlink ref=\"B4\" r:id=\"b\"/><hyperlink ref=\"D4\" "
                "location=\"List!A1\"/></hyperlinks>",
            .links =
                "<Relationship Id=\"a\" Type=\"" SHEETFILE_RELS "hyperlink\" "
                "Target=\"mailto:ana@a.example?subject=x\" TargetMode=\"External\"/><Relationship Id=\"b\" "
                "Type=\"" SHEETFILE_RELS "hyperlink\" Target=\"mailto:bob@b.example\" "
                "TargetMode=\"External\"/><Relationship Id=\"w\" Type=\"" SHEETFILE_RELS "hyperlink\" "
                "Target=\"https://w.example/\" TargetMode=\"External\"/>"},
        &len);
    assert_string_equal(
        read_sheet(mem, file, len, 0),
        "1: 1+++\n2: 2+\n4: Ana<mailto:ana@a.example?subject=x>|Bob@b.example|web<https://w.example/>|1\n5: "
        "3\n");
}

/* Prefixes and the strict namespace; targets from the root, or going up; sheets that are charts; UTF-16. */
static void test_dialects(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const char book[] =
        "<x:workbook xmlns:x=\"http://purl.oclc.org/ooxml/spreadsheetml/main\" "
        "xmlns:q=\"http://purl.oclc.org/ooxml/officeDocument/relationships\"><x:sheets>"
        "<x:sheet name=\"Shtator &amp; more\" sheetId=\"9\" q:id=\"A\"/><x:sheet name=\"Chart\" "
        "sheetId=\"2\" "
        "q:id=\"B\"/><x:sheet name=\"Скривен\" sheetId=\"3\" state=\"veryHidden\" "
        "q:id=\"C\"/></x:sheets></x:workbook>";
    static const char sheet[] =
        "<x:worksheet xmlns:x=\"http://purl.oclc.org/ooxml/spreadsheetml/main\">"
        "<x:sheetData><x:row r=\"1\"><x:c r=\"A1\" t=\"inlineStr\"><x:is><x:t>a</x:t></x:is>"
        "</x:c></x:row></x:sheetData></x:worksheet>";
    static const char wide[] =
        "<\0w\0o\0r\0k\0s\0h\0e\0e\0t\0>\0<\0s\0h\0e\0e\0t\0D\0a\0t\0a\0>\0<\0r\0o\0w\0>\0"
        "<\0c\0>\0<\0v\0>\0007\0<\0/\0v\0>\0<\0/\0c\0>\0<\0/\0r\0o\0w\0>\0"
        "<\0/\0s\0h\0e\0e\0t\0D\0a\0t\0a\0>\0<\0/\0w\0o\0r\0k\0s\0h\0e\0e\0t\0>";
    char *utf16 = talloc_size(mem, sizeof wide + 2);
    memcpy(utf16, "\xff\xfe", 2);
    memcpy(utf16 + 2, wide, sizeof wide);
    const struct sheetfile_part parts[] = {
        {"_rels/.rels",
         "<Relationships><Relationship Id=\"x\" "
         "Type=\"http://purl.oclc.org/ooxml/officeDocument/relationships/"
         "officeDocument\" Target=\"/Office/Book.xml\"/></Relationships>",
         0},
        {"office/book.xml", book, 0},
        {"office/_rels/book.xml.rels",
         "<Relationships><Relationship Id=\"A\" Type=\"x/worksheet\" Target=\"/office/one.xml\"/>"
         "<Relationship Id=\"B\" Type=\"x/chartsheet\" Target=\"chart.xml\"/><Relationship Id=\"C\" "
         "Type=\"x/worksheet\" Target=\"./.././../office\\two.xml\"/></Relationships>",
         0},
        {"office/one.xml", sheet, 0},
        {"office/two.xml", utf16, sizeof wide + 2},
    };
    size_t len, n;
    struct xlsx_sheet *sheets;
    struct err err;
    char *file = sheetfile_zip(mem, parts, ARRAY_LEN(parts), false, &len);
    if (xlsx_sheets(mem, cage, file, len, &sheets, &n, &err) < 0)
        fail_msg("%s", err.text);
    assert_int_equal(n, 2);
    assert_string_equal(sheets[0].name, "Shtator & more");
    assert_string_equal(sheets[1].name, "Скривен");
    assert_false(sheets[0].hidden);
    assert_true(sheets[1].hidden);
    assert_string_equal(read_sheet(mem, file, len, 0), "1: a\n");
    assert_string_equal(read_sheet(mem, file, len, 1), "1: 7\n");
    assert_string_equal(read_sheet(mem, file, len, 2), "refused: has no sheet 3");
}

static void test_libxlsxwriter(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    char path[] = "/tmp/xlsx.XXXXXX";
    FD_SCOPE int fd = mkstemp(path);
    lxw_workbook *book = workbook_new(path);
    lxw_worksheet *sheet = workbook_add_worksheet(book, "Të gjithë");
    lxw_format *date = workbook_add_format(book), *bold = workbook_add_format(book);
    format_set_num_format(date, "dd.mm.yyyy");
    format_set_bold(bold);
    worksheet_merge_range(sheet, 0, 0, 0, 3, "Titulli", bold);
    worksheet_write_string(sheet, 2, 0, "Ana", NULL);
    worksheet_write_number(sheet, 2, 1, 38349000201.0, NULL);
    worksheet_write_datetime(sheet, 2, 2, &(lxw_datetime){2026, 11, 25, 0, 0, 0}, date);
    worksheet_write_url(sheet, 2, 3, "mailto:ana@a.example", NULL);
    worksheet_write_string(sheet, 2, 3, "shkruaj", NULL);
    worksheet_write_formula_num(sheet, 3, 0, "=1+1", NULL, 2);
    worksheet_write_boolean(sheet, 3, 1, true, NULL);
    worksheet_write_rich_string(
        sheet, 3, 2,
        (lxw_rich_string_tuple *[]){&(lxw_rich_string_tuple){bold, (char[]){"Ana "}},
                                    &(lxw_rich_string_tuple){NULL, (char[]){"Berisha"}}, NULL},
        NULL);
    assert_int_equal(workbook_close(book), LXW_NO_ERROR);
    char *bytes;
    size_t len;
    struct err err;
    assert_int_equal(mem_read_file(mem, path, XLSX_MAX_BYTES, &bytes, &len, &err), 0);
    unlink(path);
    assert_string_equal(read_sheet(mem, bytes, len, 0),
                        "1: Titulli+++\n3: Ana|38349000201|2026-11-25|shkruaj<mailto:ana@a.example>\n4: "
                        "2|TRUE|Ana Berisha\n");
}

static void test_libreoffice(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    char *bytes;
    size_t len, n;
    struct err err;
    struct xlsx_sheet *sheets;
    assert_int_equal(mem_read_file(mem, "demo/data/lists/donatoret.xlsx", XLSX_MAX_BYTES, &bytes, &len, &err),
                     0);
    assert_int_equal(xlsx_sheets(mem, cage, bytes, len, &sheets, &n, &err), 0);
    assert_int_equal(n, 2);
    assert_string_equal(sheets[0].name, "Donatorët");
    const char *donors = read_sheet(mem, bytes, len, 0), *investors = read_sheet(mem, bytes, len, 1);
    assert_non_null(
        strstr(donors,
               "1: KOMUNA E KLLOKOTIT / OPŠTINA KLOKOT – Regjistri i donatorëve 2023–2026+++++++++++++++\n"));
    assert_non_null(strstr(donors, "\n5: A. Organizata ndërkombëtare+++++++++++++++\n"));
    assert_non_null(strstr(donors, "|2026-01-26|18500.5|9250.25|9250.25|0.5|2027-01-31\n"));
    assert_non_null(strstr(investors, "|2025-09-02|office@stojkovic-komerc.example|00383 49 000 201|sr|"));
}

static void test_column(void **state)
{
    (void)state;
    static const struct {
        size_t column;
        const char *name;
    } columns[] = {{0, "A"}, {25, "Z"}, {26, "AA"}, {199, "GR"}, {701, "ZZ"}, {702, "AAA"}, {16383, "XFD"}};
    for (size_t i = 0; i < ARRAY_LEN(columns); i++)
        assert_string_equal(xlsx_column((char[8]){0}, columns[i].column), columns[i].name);
}

/* What the cage says is checked. */
static void test_broken_answer(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct text rows = text_new(mem);
    struct err err;
    const struct {
        struct xlsx_row_head head;
        uint32_t size;
        const char *text;
        int rc;
    } answers[] = {
        {{1, 1, 1, 0, 0}, 3, "abc", 0},
        {{0, 1, 1, 0, 0}, 3, "abc", -1},
        {{1, 2, 1, 0, 0}, 3, "abc", -1},
        {{1, 201, 1, 0, 0}, 3, "abc", -1},
        {{1, 1, 0, 0, 0}, 3, "abc", -1},
        {{1, 1, 1, 0, 0}, 4, "abc", -1},
        {{1, 1, 1, 0, 0}, 2, "abc", -1},
        {{1, 1, 1, 0, 0},
         3,
         "a\xff"
         "c",
         -1},
        {{1, 1, 1, 0, 0}, 1 << 20, "abc", -1},
        {{1, 1, 1, 0, 0}, 3 | XLSX_LINKED, "abc", -1},
    };
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        char bytes[64];
        size_t n = sizeof answers[i].head;
        memcpy(bytes, &answers[i].head, n);
        memcpy(bytes + n, &answers[i].size, 4);
        memcpy(bytes + n + 4, answers[i].text, 4);
        int rc = xlsx_take_rows(xlsx_taking_new(mem, add_row, &rows), XLSX_FRAME_ROWS, bytes, n + 8, &err);
        if (rc != answers[i].rc)
            fail_msg("answer %zu", i);
    }
    assert_string_equal(rows.s, "1: abc\n");
}

int main(int argc, char **argv)
{
    mem_init();
    signal(SIGPIPE, SIG_IGN);
    if (argc == 2 && !strcmp(argv[1], "cage"))
        return cage_main((const struct cage_parser *const[]){&xlsx_parser, NULL});
    struct err err;
    if (cage_open(NULL, &cage, &err) < 0)
        bug("%s", err.text);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_empty_rows),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_dates),
        cmocka_unit_test(test_1904),
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_merged_and_links),
        cmocka_unit_test(test_dialects),
        cmocka_unit_test(test_libxlsxwriter),
        cmocka_unit_test(test_libreoffice),
        cmocka_unit_test(test_column),
        cmocka_unit_test(test_broken_answer),
    };
    int rc = cmocka_run_group_tests(tests, NULL, NULL);
    cage_close(cage);
    return rc;
}
