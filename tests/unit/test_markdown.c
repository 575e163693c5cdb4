/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/markdown.h"

struct test_case {
    const char *source, *want;
};

static struct markdown *parse(void *mem, const char *source)
{
    struct markdown *doc;
    struct err err = {0};
    int line;
    if (markdown_parse(mem, source, strlen(source), &doc, &line, &err) < 0)
        fail_msg("%s: line %d: %s", source, line, err.text);
    return doc;
}

static void test_html(void **state)
{
    (void)state;
    static const struct test_case cases[] = {
        {"a **b** & <", "<p>a <strong>b</strong> &amp; &lt;</p>\n"},
        {"<script>x</script>\n", "<!-- raw HTML omitted -->\n"},
        {"a <b>c</b>", "<p>a <!-- raw HTML omitted -->c<!-- raw HTML omitted --></p>\n"},
        {"[a](javascript:x)", "<p><a href=\"\">a</a></p>\n"},
        {"- a\n- b\n", "<ul>\n<li>a</li>\n<li>b</li>\n</ul>\n"},
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_string_equal(markdown_html(mem, parse(mem, cases[i].source)), cases[i].want);
}

static void test_text(void **state)
{
    (void)state;
    static const struct test_case cases[] = {
        {"# Head\n\nOne *two*\nthree **four**.\n", "Head\n\nOne two three four.\n"},
        {"a  \nb\\\nc", "a\nb\nc\n"},
        {"- a\n- b\n  c\n", "- a\n- b c\n"},
        {"- a\n\n- b\n", "- a\n\n- b\n"},
        {"3) a\n4) b\n   - c\n   - d\n\nend", "3) a\n4) b\n   - c\n   - d\n\nend\n"},
        {"[a](https://b.example/)", "a <https://b.example/>\n"},
        {"<https://b.example/> <a@b.example>", "https://b.example/ a@b.example\n"},
        {"![alt](c.png)", "[alt]\n"},
        {"> a\n>\n> b\n", "> a\n\n> b\n"},
        {"    code  x\n\n    y\n", "    code  x\n    \n    y\n"},
        {"a\n\n---\n\nb", "a\n\n-----\n\nb\n"},
        {"a <b>c</b> d\n\n<div>\ne\n</div>\n\nf", "a c d\n\nf\n"},
        {"a &lt;b&gt; \\*c\\* `d`", "a <b> *c* d\n"},
        {"", ""},
        /* nine columns */
        {"- aaa bbb ccc dddddddddddd e", "- aaa bbb\n  ccc\n  dddddddddddd\n  e\n"},
        {"жжж жжж жжж\n", "жжж жжж\nжжж\n"},
        {"> aaa bbb cc", "> aaa bbb\n> cc\n"},
        {"aa\xc2\xa0"
         "bb cc dd",
         "aa\xc2\xa0"
         "bb cc\ndd\n"},
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const char *marked = markdown_text(mem, parse(mem, cases[i].source));
        bool narrow = i >= ARRAY_LEN(cases) - 4;
        assert_string_equal(markdown_wrap(mem, marked, narrow ? 9 : MARKDOWN_COLUMNS), cases[i].want);
    }
}

static void test_lines_without_marks(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    assert_string_equal(markdown_wrap(mem, "\n\nas it is, longer\n\n\n-- \nx", 5),
                        "as it is, longer\n\n-- \nx\n");
}

/* Words by chance, with one blank between or several, in lines as they are when each word is looked at alone.
 */
static void test_wrapped(void **state)
{
    (void)state;
    static const char *const word[] = {
        "a", "of", "village", "council", "жута", "кућа", "https://a.example/1/2/3", "x!"};
    static const char *const gap[] = {" ", " ", " ", " ", " ", " ", "  ", "\t"};
    srand(1);
    for (int round = 0; round < 3000; round++) {
        MEM_SCOPE(mem);
        struct text paragraph = text_new(mem), want = text_new(mem);
        size_t words = 1 + (size_t)rand() % 60, kinds = round % 2 ? ARRAY_LEN(word) : 4, column = 0;
        unsigned width = 10 + (unsigned)rand() % 70;
        text_puts(&paragraph, "\x1e\x1f\x1f");
        for (size_t i = 0; i < words; i++) {
            const char *w = word[(size_t)rand() % kinds];
            size_t columns = strlen(w) / (strlen(w) == 8 && (unsigned char)*w >= 0x80 ? 2 : 1);
            text_printf(&paragraph, "%s%s", i ? gap[(size_t)rand() % ARRAY_LEN(gap)] : "", w);
            bool fits = i && column + 1 + columns <= width;
            text_printf(&want, "%s%s", fits ? " " : i ? "\n" : "", w);
            column = fits ? column + 1 + columns : columns;
        }
        text_putc(&want, '\n');
        assert_string_equal(markdown_wrap(mem, paragraph.s, width), want.s);
    }
}

static void test_refused(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct text deep = text_new(mem);
    for (int i = 0; i <= MARKDOWN_MAX_DEPTH; i++)
        text_puts(&deep, "> ");
    text_puts(&deep, "x");
    const struct {
        const char *source;
        int line;
    } cases[] = {{"a\nb\x01", 2}, {"a\n\n&#1;", 3}, {"\xff", 1}, {deep.s, 1}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct markdown *doc;
        struct err err = {0};
        int line;
        assert_int_equal(markdown_parse(mem, cases[i].source, strlen(cases[i].source), &doc, &line, &err),
                         -1);
        assert_int_equal(err.code, ERR_INPUT);
        assert_int_equal(line, cases[i].line);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_html),
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_lines_without_marks),
        cmocka_unit_test(test_wrapped),
        cmocka_unit_test(test_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
