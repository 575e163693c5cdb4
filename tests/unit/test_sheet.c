/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Writes sheets, takes them apart with unzip, and looks for what a spreadsheet program reads in them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reports/sheet.h"
#include "reports/sheet_fit.h"
#include "reports/sheet_text.h"

static const struct sheet_about about = {.title = "Register <of> contacts & more",
                                         .office = "Komuna & Општина",
                                         .made = "made on 18.03.2027",
                                         .made_by = "besa",
                                         .page_words = "Page &P of &N",
                                         .date_format = "dd.mm.yyyy"};
static const struct sheet_column columns[] = {
    {"Text", SHEET_TEXT, 0},   {"Day", SHEET_DATE, 0},      {"Time", SHEET_TIME, 0},
    {"Stamp", SHEET_STAMP, 0}, {"Number", SHEET_NUMBER, 0}, {"E-mail", SHEET_LINK, 0},
};
static const struct sheet_page page = {
    .name = "Contacts", .subtitle = "all", .columns = columns, .ncolumns = 6, .frozen_columns = 2};

static char folder[] = "/tmp/test_sheet.XXXXXX";
static char path[128];

static char *slurp(void *mem, FILE *f)
{
    struct text t = text_new(mem);
    char part[4096];
    size_t n;
    while ((n = fread(part, 1, sizeof part, f)) > 0)
        text_add(&t, part, n);
    return t.s;
}

/* A file of the package; "" if it has none of the name. */
static char *part_of(void *mem, const char *name)
{
    FILE *f = popen(talloc_asprintf(mem, "unzip -p %s '%s' 2>/dev/null", path, name), "r");
    assert_non_null(f);
    char *s = slurp(mem, f);
    pclose(f);
    return s;
}

static bool is_there(void)
{
    return access(path, F_OK) == 0;
}

static int files_in_folder(void)
{
    MEM_SCOPE(mem);
    FILE *f = popen(talloc_asprintf(mem, "ls -A %s | wc -l", folder), "r");
    assert_non_null(f);
    long n = strtol(slurp(mem, f), NULL, 10);
    pclose(f);
    return (int)n;
}

static int set_path(const char *name)
{
    return snprintf(path, sizeof path, "%s/%s", folder, name);
}

static struct sheet_result write_rows(const struct sheet_about *a, const struct sheet_page *p,
                                      const char *const (*rows)[6], size_t n)
{
    MEM_SCOPE(mem);
    SHEET sheet = NULL;
    struct err err = {0};
    struct sheet_result result = {0};
    assert_int_equal(sheet_open(mem, &sheet, path, a, &err), 0);
    assert_int_equal(sheet_begin(sheet, p, &err), 0);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(sheet_add(sheet, rows[i], &err), 0);
    assert_int_equal(sheet_save(sheet, &result, &err), 0);
    sheet = NULL; /* the context frees it */
    return result;
}

#define assert_has(text, part)                                                                               \
    do {                                                                                                     \
        if (!strstr(text, part))                                                                             \
            fail_msg("%s is not in %s", part, text);                                                         \
    } while (0)
#define assert_has_not(text, part)                                                                           \
    do {                                                                                                     \
        if (strstr(text, part))                                                                              \
            fail_msg("%s is in %s", part, text);                                                             \
    } while (0)

static const char *const rows[][6] = {
    {"=cmd()|'/c calc'!A0", "2027-03-18", "10:00", "2027-03-18 18:00:00", "412.5", "a@b.example"},
    {"Ђорђе & <co>", "1899-12-31", "25:00", "infinity", "12a", "=1+1@b.example"},
    {NULL, "", NULL, "", NULL, NULL},
};

static void test_facts(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    set_path("facts.xlsx");
    struct sheet_result r = write_rows(&about, &page, rows, 3);
    assert_int_equal(r.rows, 3);
    assert_int_equal(r.sheets, 1);
    assert_int_equal(r.cut, 0);
    char *sheet = part_of(mem, "xl/worksheets/sheet1.xml"), *book = part_of(mem, "xl/workbook.xml");
    assert_has(sheet, "xSplit=\"2\" ySplit=\"4\" topLeftCell=\"C5\"");
    assert_has(sheet, "state=\"frozen\"");
    assert_has(sheet, "<autoFilter ref=\"A4:F7\"/>");
    assert_has(sheet, "paperSize=\"9\"");
    assert_has(sheet, "orientation=\"landscape\"");
    assert_has(sheet, "fitToHeight=\"0\"");
    assert_has(sheet, "Komuna &amp;&amp; Општина");
    assert_has(sheet, "Page &amp;P of &amp;N");
    assert_has(book, "_xlnm.Print_Titles");
    assert_has(book, "Contacts!$4:$4");
    assert_has(part_of(mem, "docProps/core.xml"),
               "<dc:title>Register &lt;of&gt; contacts &amp; more</dc:title>");
    assert_has(part_of(mem, "docProps/core.xml"), "<dc:creator>besa</dc:creator>");
}

static void test_formulas_stay_text(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    set_path("formulas.xlsx");
    write_rows(&about, &page, rows, 3);
    char *sheet = part_of(mem, "xl/worksheets/sheet1.xml");
    assert_has_not(sheet, "<f>");
    assert_has(sheet, "t=\"inlineStr\"><is><t>=cmd()|'/c calc'!A0</t>");
    assert_has(sheet, "<t>=1+1@b.example</t>");
    assert_has(sheet, "<t>Ђорђе &amp; &lt;co&gt;</t>");
    char *links = part_of(mem, "xl/worksheets/_rels/sheet1.xml.rels");
    assert_has(links, "mailto:a@b.example");
    assert_has_not(links, "1+1");
}

/* The style that a cell names, as the number format that it leads to. */
static char *format_of(void *mem, const char *sheet, const char *cell)
{
    char *at = strstr(sheet, talloc_asprintf(mem, "<c r=\"%s\" s=\"", cell));
    assert_non_null(at);
    long style = strtol(strstr(at, "s=\"") + 3, NULL, 10);
    char *xf = strstr(part_of(mem, "xl/styles.xml"), "<cellXfs");
    for (long i = 0; i <= style; i++) {
        xf = strstr(xf + 1, "<xf ");
        assert_non_null(xf);
    }
    long id = strtol(strstr(xf, "numFmtId=\"") + 10, NULL, 10);
    char *format =
        strstr(part_of(mem, "xl/styles.xml"), talloc_asprintf(mem, "<numFmt numFmtId=\"%ld\"", id));
    assert_non_null(format);
    format = strstr(format, "formatCode=\"") + 12;
    return talloc_strndup(mem, format, strcspn(format, "\""));
}

static void test_dates_are_numbers(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    set_path("dates.xlsx");
    write_rows(&about, &page, rows, 3);
    char *sheet = part_of(mem, "xl/worksheets/sheet1.xml");
    assert_has(sheet, "><v>46464</v></c>");    /* 18 March 2027 */
    assert_has(sheet, "><v>46464.75</v></c>"); /* and at six in the afternoon */
    assert_has(sheet, "><v>412.5</v></c>");
    assert_string_equal(format_of(mem, sheet, "B5"), "dd.mm.yyyy");
    assert_string_equal(format_of(mem, sheet, "C5"), "hh:mm");
    assert_string_equal(format_of(mem, sheet, "D5"), "dd.mm.yyyy hh:mm");
    /* what is no date is not lost */
    assert_has(sheet, "<t>1899-12-31</t>");
    assert_has(sheet, "<t>25:00</t>");
    assert_has(sheet, "<t>infinity</t>");
    assert_has(sheet, "<t>12a</t>");
}

static void test_long_text_is_cut(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    set_path("cut.xlsx");
    char *whole = talloc_zero_size(mem, SHEET_MAX_CELL + 2);
    memset(whole, 'a', SHEET_MAX_CELL);
    char *longer = talloc_asprintf(mem, "%sb", whole);
    struct text emoji = text_new(mem); /* two units each, four bytes */
    for (int i = 0; i < 16384; i++)
        text_puts(&emoji, "\xF0\x9F\x98\x80");
    const char *const cells[][6] = {{whole},       {longer},         {emoji.s}, {"_x0041_ _x004"},
                                    {"a\r\nb\rc"}, {"\xEF\xBF\xBF"}, {"\x01"}};
    struct sheet_result r = write_rows(&about, &page, cells, ARRAY_LEN(cells));
    assert_int_equal(r.cut, 2);
    char *sheet = part_of(mem, "xl/worksheets/sheet1.xml");
    assert_has(sheet, "aaa</t>");
    assert_has(sheet, "aaa […]</t>");
    assert_has(sheet, "\xF0\x9F\x98\x80 […]</t>");
    assert_has(sheet, "<t>_x005F_x0041_ _x004</t>");
    assert_has(sheet, "<t>a\nb\nc</t>");
    assert_has(sheet, "<t>\xEF\xBF\xBD</t>");
    assert_has_not(sheet, "\x01");
    bool cut;
    const char *short_text = "plain";
    assert_ptr_equal(sheet_text_clean(mem, short_text, &cut), short_text);
}

static void test_more_rows_than_a_sheet(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    set_path("rows.xlsx");
    struct sheet_about small = about;
    small.max_rows = 3;
    const char *const cells[7][6] = {{"1"}, {"2"}, {"3"}, {"4"}, {"5"}, {"6"}, {"7"}};
    struct sheet_result r = write_rows(&small, &page, cells, 7);
    assert_int_equal(r.sheets, 3);
    assert_int_equal(r.rows, 7);
    char *book = part_of(mem, "xl/workbook.xml");
    assert_has(book, "name=\"Contacts\"");
    assert_has(book, "name=\"Contacts (3)\"");
    assert_has(part_of(mem, "xl/worksheets/sheet3.xml"), "<t>7</t>");
    assert_has(part_of(mem, "xl/worksheets/sheet3.xml"), "<autoFilter ref=\"A4:F5\"/>");
}

/* More than wait for the widths: all are there, in their order. */
static void test_many_rows(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    set_path("many.xlsx");
    SHEET sheet = NULL;
    struct err err = {0};
    struct sheet_result result;
    assert_int_equal(sheet_open(mem, &sheet, path, &about, &err), 0);
    assert_int_equal(sheet_begin(sheet, &page, &err), 0);
    for (int i = 0; i < 5000; i++) {
        MEM_SCOPE(row);
        const char *cells[6] = {talloc_asprintf(row, "row %d", i)};
        assert_int_equal(sheet_add(sheet, cells, &err), 0);
    }
    assert_int_equal(sheet_save(sheet, &result, &err), 0);
    sheet = NULL;
    assert_int_equal(result.rows, 5000);
    const char *at = part_of(mem, "xl/worksheets/sheet1.xml");
    for (int i = 0; i < 5000; i++) {
        at = strstr(at, talloc_asprintf(mem, "<t>row %d</t>", i));
        assert_non_null(at);
    }
}

static void test_empty(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    set_path("empty.xlsx");
    struct sheet_result r = write_rows(&about, &page, NULL, 0);
    assert_int_equal(r.rows, 0);
    assert_has(part_of(mem, "xl/worksheets/sheet1.xml"), "<autoFilter ref=\"A4:F4\"/>");
}

static void test_whole_or_not_at_all(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err = {0};
    int before = files_in_folder();
    for (int i = 0; i < 2; i++) {
        set_path(i ? "drop.csv" : "drop.xlsx");
        SHEET sheet = NULL;
        assert_int_equal(sheet_open(mem, &sheet, path, &about, &err), 0);
        assert_int_equal(sheet_begin(sheet, &page, &err), 0);
        assert_int_equal(sheet_add(sheet, rows[0], &err), 0);
        assert_false(is_there());
    }
    assert_int_equal(files_in_folder(), before);
    SHEET sheet = NULL;
    assert_int_equal(sheet_open(mem, &sheet, "/nonexistent/x.xlsx", &about, &err), -1);
    assert_int_equal(err.code, ERR_IO);
    assert_int_equal(sheet_open(mem, &sheet, "x.ods", &about, &err), -1);
    assert_int_equal(err.code, ERR_USAGE);
    assert_int_equal(sheet_open(mem, &sheet, ".xlsx", &about, &err), -1);
    assert_null(sheet);
}

/* Writes 3,000 rows while no file may be larger than that; 0 saved, -1 refused with ERR_IO. */
static int write_with_limit(rlim_t bytes)
{
    MEM_SCOPE(mem);
    SHEET sheet = NULL;
    struct err err = {0};
    struct sheet_result result;
    struct rlimit before, limit;
    getrlimit(RLIMIT_FSIZE, &before);
    limit = (struct rlimit){bytes, before.rlim_max};
    assert_int_equal(sheet_open(mem, &sheet, path, &about, &err), 0);
    setrlimit(RLIMIT_FSIZE, &limit);
    int rc = sheet_begin(sheet, &page, &err);
    for (int i = 0; i < 300 && rc == 0; i++)
        rc = sheet_add(sheet, rows[0], &err);
    if (rc == 0)
        rc = sheet_save(sheet, &result, &err);
    setrlimit(RLIMIT_FSIZE, &before);
    if (rc < 0)
        assert_int_equal(err.code, ERR_IO);
    return rc;
}

static void test_full_disk(void **state)
{
    (void)state;
    signal(SIGXFSZ, SIG_IGN);
    set_path("full.xlsx");
    int refused = 0, saved = 0;
    /* the sheet has some 130,000 bytes: steps small enough to fail at each of the library's files */
    for (rlim_t bytes = 2000; bytes < 250000 && !saved; bytes += bytes > 100000 ? 997 : 9973) {
        if (write_with_limit(bytes) < 0) {
            refused++;
            assert_false(is_there());
            continue;
        }
        MEM_SCOPE(mem);
        const char *sheet = part_of(mem, "xl/worksheets/sheet1.xml");
        assert_has(sheet + strlen(sheet) - 20, "</worksheet>");
        saved++;
    }
    assert_true(refused > 5);
    assert_int_equal(saved, 1);
}

static void test_csv(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    SHEET sheet = NULL;
    struct err err = {0};
    struct sheet_result result;
    char *text;
    size_t len;
    set_path("a.CSV");
    assert_int_equal(sheet_open(mem, &sheet, path, &about, &err), 0);
    assert_int_equal(sheet_begin(sheet, &page, &err), 0);
    assert_int_equal(sheet_add(sheet, rows[0], &err), 0);
    assert_int_equal(sheet_begin(sheet, &page, &err), 0);
    assert_int_equal(sheet_add(sheet, rows[1], &err), 0);
    assert_int_equal(sheet_save(sheet, &result, &err), 0);
    sheet = NULL;
    assert_int_equal(result.rows, 1);
    assert_int_equal(result.sheets, 1);
    assert_int_equal(mem_read_file(mem, path, 10000, &text, &len, &err), 0);
    assert_string_equal(text,
                        "\xEF\xBB\xBF"
                        "Text,Day,Time,Stamp,Number,E-mail\r\n"
                        "'=cmd()|'/c calc'!A0,2027-03-18,10:00,2027-03-18 18:00:00,412.5,a@b.example\r\n");
}

static void test_clock(void **state)
{
    (void)state;
    static const struct {
        const char *s;
        bool good;
    } table[] = {
        {"2027-03-18", true},
        {"2028-02-29", true},
        {"2027-02-29", false},
        {"2027-13-01", false},
        {"2027-00-01", false},
        {"2027-03-18 10:00", true},
        {"2027-03-18T10:00:59", true},
        {"2027-03-18 24:00", false},
        {"2027-03-18x", false},
        {"9999-12-31", true},
        {"1900-01-01", true},
        {"1899-12-31", false},
        {"10:00", true},
        {"10:0", false},
        {"", false},
        {"-infinity", false},
        {"12027-03-18", false},
        {"0044-03-15 BC", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct sheet_clock clock;
        if (sheet_text_clock(table[i].s, &clock) != table[i].good)
            fail_msg("%s", table[i].s);
    }
}

static void test_lines(void **state)
{
    (void)state;
    assert_int_equal(sheet_text_lines("", 10), 1);
    assert_int_equal(sheet_text_lines("one", 10), 1);
    assert_int_equal(sheet_text_lines("one\ntwo\n", 10), 3);
    assert_int_equal(sheet_text_lines("one two three four", 8), 3);
    assert_int_equal(sheet_text_lines("00000000000000000000000000", 10), 3);
    assert_int_equal(sheet_text_width("00000", 100), 5);
    assert_int_equal(sheet_text_width("00\n00000\n0", 100), 5);
    assert_int_equal(sheet_text_width("00000", 3), 3);
}

static void test_widths(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const struct sheet_column two[] = {{"A", SHEET_TEXT, 0}, {"A much longer title", SHEET_TEXT, 60}};
    static const struct sheet_page p = {.name = "p", .columns = two, .ncolumns = 2};
    struct sheet_fit *fit = talloc_zero(mem, struct sheet_fit);
    int width[SHEET_MAX_COLUMNS];
    for (int i = 0; i < 99; i++)
        sheet_fit_count(fit, &p, (const char *[]){"0000000000", NULL});
    sheet_fit_count(
        fit, &p,
        (const char *[]){"00000000000000000000000000000000000000000000000000000000000000000000000000",
                         "0000000000 0000000000 0000000000 0000000000 0000000000"});
    sheet_fit_widths(fit, &p, 1000, width);
    assert_in_range(width[0], 10, 12); /* one in a hundred may break */
    assert_in_range(width[1], 53, 61);
    sheet_fit_widths(fit, &p, 50, width);
    assert_in_range(width[0], 10, 12);
    assert_true(width[0] + width[1] <= 50);
    sheet_fit_widths(fit, &p, 5, width); /* titles stay legible whatever the budget */
    assert_true(width[1] >= 10);
}

static void test_names(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    assert_string_equal(sheet_text_tab(mem, "a/b:c[d]'", 1), "a-b-c-d--");
    assert_string_equal(sheet_text_tab(mem, "", 1), "-");
    assert_string_equal(sheet_text_tab(mem, "Списак гостију на конференцији донатора", 2),
                        "Списак гостију на конференц (2)");
    assert_string_equal(sheet_text_footer(mem, "a&b\nc", 70), "a&&b c");
    assert_string_equal(sheet_text_footer(mem, "ааа", 5), "аа");
    assert_string_equal(sheet_text_url(mem, "a.b+c@d.example"), "mailto:a.b+c@d.example");
    assert_string_equal(sheet_text_url(mem, "https://klokot.example/x?y=1"), "https://klokot.example/x?y=1");
    static const char *const none[] = {"",
                                       "@b.example",
                                       "a@",
                                       "a@b@c",
                                       "a b@c",
                                       "a%0Ab@c.example",
                                       "a\"@b.example",
                                       "http://x.example",
                                       "javascript:alert(1)",
                                       "https://x y",
                                       "a@b\nc@d"};
    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        if (sheet_text_url(mem, none[i]))
            fail_msg("%s became a link", none[i]);
}

static int make_folder(void **state)
{
    (void)state;
    mem_init();
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    FILE *f = popen(talloc_asprintf(mem, "rm -rf %s", folder), "r");
    return f ? pclose(f) : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_facts),
        cmocka_unit_test(test_formulas_stay_text),
        cmocka_unit_test(test_dates_are_numbers),
        cmocka_unit_test(test_long_text_is_cut),
        cmocka_unit_test(test_more_rows_than_a_sheet),
        cmocka_unit_test(test_many_rows),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_whole_or_not_at_all),
        cmocka_unit_test(test_full_disk),
        cmocka_unit_test(test_csv),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_widths),
        cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
