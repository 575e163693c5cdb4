/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/csv.h"

/* Shows a reading as text: "number@line[cell|cell]" a record, '!' where the width differs. */
static int show(void *context, const struct csv_record *record, struct err *err)
{
    (void)err;
    struct text *t = context;
    text_printf(t, "%ld@%ld%s[", record->number, record->line, record->n == record->width ? "" : "!");
    for (size_t i = 0; i < record->n; i++) {
        assert_int_equal(strlen(record->cell[i]), record->size[i]);
        text_printf(t, "%s%s", i ? "|" : "", record->cell[i]);
    }
    text_puts(t, "]");
    return 0;
}

static void test_reads(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        char delimiter;
        const char *shown;
    } table[] = {
        {"a,b\n1,2\n", 0, "1@1[a|b]2@2[1|2]"},
        {"a;b\r\n1;2\r\n", 0, "1@1[a|b]2@2[1|2]"},
        {"a\tb\r1\t2\r", 0, "1@1[a|b]2@2[1|2]"},
        {"a|b\n1|2", 0, "1@1[a|b]2@2[1|2]"},
        {"a,b\n\n\r\n1,2\n", 0, "1@1[a|b]2@4[1|2]"},
        {"a,b\n\"x\r\ny\",\"q\"\"q\"\n3,4\n", 0, "1@1[a|b]2@2[x\r\ny|q\"q]3@4[3|4]"},
        {"a;b\nHotel \"Morava\";x\n", 0, "1@1[a|b]2@2[Hotel \"Morava\"|x]"},
        {"a;b\n x , y ; z \n", 0, "1@1[a|b]2@2[ x , y | z ]"},
        {"a,b,c\n1,2\n1,2,3,4\n", 0, "1@1[a|b|c]2@2![1|2]3@3![1|2|3|4]"},
        {"a;b,c;d\n1;2,5;3\n", 0, "1@1[a|b,c|d]2@2[1|2,5|3]"},
        {"a;b;c\n\"1;2\";\"3;4\";5\n", 0, "1@1[a|b|c]2@2[1;2|3;4|5]"},
        {"sep=|\r\na|b\n", 0, "1@2[a|b]"},
        {"one\ntwo\n", 0, "1@1[one]2@2[two]"},
        {"a,b", ';', "1@1[a,b]"},
        {"a;;\n;;\n", 0, "1@1[a||]2@2[||]"},
        {"", 0, ""},
        {"\n\n", 0, ""},
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct text t = text_new(mem);
        struct err err = {0};
        assert_int_equal(csv_each(table[i].text, strlen(table[i].text), table[i].delimiter, show, &t, &err),
                         0);
        assert_string_equal(t.s, table[i].shown);
    }
}

static void test_unclosed_quote(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct text t = text_new(mem);
    struct err err = {0};
    const char *s = "a,b\n1,2\n\"3,4\n5,6\n";
    assert_int_equal(csv_each(s, strlen(s), ',', show, &t, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
    assert_string_equal(err.text, "line 3, record 3: a quote that does not close");
    assert_string_equal(t.s, "1@1[a|b]2@2[1|2]");
}

static void test_limits(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct text wide = text_new(mem), large = text_new(mem), t = text_new(mem);
    for (int i = 0; i < CSV_MAX_COLUMNS; i++)
        text_puts(&wide, "x,");
    text_puts(&large, "a,b\n1,");
    for (int i = 0; i <= CSV_MAX_CELL_BYTES; i++)
        text_putc(&large, 'x');
    struct err err = {0};
    assert_int_equal(csv_each(wide.s, wide.len, ',', show, &t, &err), -1);
    assert_string_equal(err.text, "line 1, record 1: more than 200 cells");
    assert_int_equal(csv_each(large.s, large.len, ',', show, &t, &err), -1);
    assert_non_null(strstr(err.text, "line 2, record 2: a cell of more than 64 KB"));
}

static int stop(void *context, const struct csv_record *record, struct err *err)
{
    (*(int *)context)++;
    return record->number < 2 ? 0 : err_set(err, ERR_CONFLICT, "stopped");
}

static void test_stops(void **state)
{
    (void)state;
    int calls = 0;
    struct err err = {0};
    assert_int_equal(csv_each("a\nb\nc\nd\n", 8, ',', stop, &calls, &err), -1);
    assert_int_equal(calls, 2);
    assert_int_equal(err.code, ERR_CONFLICT);
}

static void test_writes(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct text t = text_new(mem);
    const char *cell[] = {"a", "b,c", "d\"e", "f\ng", "", NULL, " h", "=1+2", "+383 49", "-5,0"};
    csv_add_record(&t, ',', false, cell, ARRAY_LEN(cell));
    assert_string_equal(t.s, "a,\"b,c\",\"d\"\"e\",\"f\ng\",,,\" h\",=1+2,+383 49,\"-5,0\"\r\n");
    t.len = 0;
    csv_add_record(&t, ';', true, cell + 6, 4);
    assert_string_equal(t.s, "\" h\";'=1+2;'+383 49;-5,0\r\n");
    t.len = 0;
    csv_add_record(&t, ';', false, (const char *[]){""}, 1);
    csv_add_record(&t, ';', false, (const char *[]){"sep=|"}, 1);
    assert_string_equal(t.s, "\"\"\r\n\"sep=|\"\r\n");
    /* what is written reads as it was */
    struct text shown = text_new(mem);
    const char *odd[] = {"\"", "x\r\n\r\ny", ";", " ", "„“"};
    t.len = 0;
    csv_add_record(&t, ';', false, odd, ARRAY_LEN(odd));
    struct err err;
    assert_int_equal(csv_each(t.s, t.len, ';', show, &shown, &err), 0);
    assert_string_equal(shown.s, "1@1[\"|x\r\n\r\ny|;| |„“]");
}

static void test_delimiter_names(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    assert_int_equal(csv_parse_delimiter("semicolon"), ';');
    assert_int_equal(csv_parse_delimiter(";"), ';');
    assert_int_equal(csv_parse_delimiter("\\t"), '\t');
    assert_int_equal(csv_parse_delimiter("\""), 0);
    assert_int_equal(csv_parse_delimiter("ab"), 0);
    assert_int_equal(csv_parse_delimiter(""), 0);
    assert_string_equal(csv_delimiter_name(mem, '\t'), "tab");
    assert_string_equal(csv_delimiter_name(mem, ':'), ":");
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reads),  cmocka_unit_test(test_unclosed_quote),
        cmocka_unit_test(test_limits), cmocka_unit_test(test_stops),
        cmocka_unit_test(test_writes), cmocka_unit_test(test_delimiter_names),
    };
    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
