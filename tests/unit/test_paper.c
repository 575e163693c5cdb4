/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Letters and labels on paper, read back by poppler: what stands where, on which page.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <sys/resource.h>
#include <unistd.h>

#include "reports/paper_html.h"
#include "reports/paper_letter.h"

/* Fontconfig keeps what it read for as long as the process lives, by pointers that a leak check does not see.
 */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
    return "leak:libfontconfig";
}

static void *mem;

static char *path_of(const char *name)
{
    const char *dir = getenv("ADRESAR_TEST_DIR");
    return talloc_asprintf(mem, "%s/paper-%ld-%s.pdf", dir ? dir : "/tmp", (long)getpid(), name);
}

static char *output_of(const char *fmt, ...) PRINTF(1, 2);
static char *output_of(const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    char *command = talloc_vasprintf(mem, fmt, ap);
    va_end(ap);
    FILE *f = popen(command, "r");
    struct text t = text_new(mem);
    char part[4096];
    size_t n;
    assert_non_null(f);
    while ((n = fread(part, 1, sizeof part, f)) > 0)
        text_add(&t, part, n);
    assert_int_equal(pclose(f), 0);
    return t.s;
}

static void assert_has(const char *s, const char *part)
{
    if (!strstr(s, part))
        fail_msg("\"%s\" is not in:\n%s", part, s);
}

static struct paper *open_paper(const char *path)
{
    struct paper *paper;
    struct err err;
    if (paper_open(mem, &paper,
                   &(struct paper_about){.path = path, .title = "t", .author = "a", .made = 1800000000},
                   &err) < 0)
        fail_msg("%s", err.text);
    return paper;
}

static void keep(struct paper *paper)
{
    struct err err;
    unsigned char sum[DIGEST_BYTES];
    if (paper_finish(paper, sum, &err) < 0 || paper_keep(paper, &err) < 0)
        fail_msg("%s", err.text);
    talloc_free(paper);
}

static json_t *letter(const char *language, const char *body)
{
    return json_pack("{s:s, s:s, s:[s, s], s:s, s:[s, s, s, s], s:s, s:s, s:s, s:s, s:[s]}", "language",
                     language, "office", "Општина Клокот", "details", "Клокот б.б.", "+383 49", "sender",
                     "Општина Клокот", "address", "Г-дин Ђорђе Љубић", "председник", "Друштво Њива",
                     "60000 Gjilan", "date", "Клокот, 12. јул 2027.", "reference", "Бр. 3/17", "subject",
                     "Позив на Петровдан", "body", body, "signature", "Радивоје Симијоновић");
}

static int write_letter(const char *path, json_t *l)
{
    struct err err;
    struct paper *paper = open_paper(path);
    int pages;
    if (paper_letter(paper, l, &pages, &err) < 0)
        fail_msg("%s", err.text);
    keep(paper);
    json_decref(l);
    return pages;
}

/* "xMin" of the word and "yMin", in millimetres */
static void place_of(const char *bbox, const char *word, double *x_r, double *y_r)
{
    const char *at = strstr(bbox, talloc_asprintf(mem, ">%s</word>", word));
    if (!at)
        fail_msg("no word %s in %s", word, bbox);
    while (strncmp(at, "<word", 5))
        at--;
    if (sscanf(at, "<word xMin=\"%lf\" yMin=\"%lf\"", x_r, y_r) != 2)
        fail_msg("%.80s", at);
    *x_r *= PAPER_POINT;
    *y_r *= PAPER_POINT;
}

static void test_one_page(void **state)
{
    (void)state;
    char *path = path_of("one");
    assert_int_equal(
        write_letter(path, letter("sr-Cyrl",
                                  "<p>Поштовани,</p>\n<p>Çështja është <strong>e rëndë</strong>.</p>\n"
                                  "<p>С поштовањем,</p>\n<p>Радивоје Симијоновић<br />\nпредседник</p>\n")),
        1);
    const char *text = output_of("pdftotext -layout %s -", path);
    assert_has(text, "Г-дин Ђорђе Љубић");
    assert_has(text, "Друштво Њива");
    assert_has(text, "Çështja është e rëndë.");
    assert_has(text, "Позив на Петровдан");
    assert_has(text, "Клокот, 12. јул 2027.");
    assert_null(strstr(text, "1/1"));
    const char *bbox = output_of("pdftotext -bbox %s -", path);
    double x, y, below;
    place_of(bbox, "Ђорђе", &x, &y);
    assert_true(x >= 20 && x < 105 && y >= 45 && y < 90);
    place_of(bbox, "Gjilan", &x, &y);
    assert_true(x >= 20 && x < 105 && y >= 45 && y < 90);
    place_of(bbox, "60000", &x, &y);
    assert_true(x > 24.5 && x < 25.5);
    place_of(bbox, "Позив", &x, &y);
    assert_true(y > 98 && y < 100);
    place_of(bbox, "поштовањем,", &x, &y);
    place_of(bbox, "Симијоновић", &x, &below);
    assert_true(below - y > 20);                               /* room to sign */
    assert_has(output_of("pdffonts %s", path), "yes yes yes"); /* embedded, subset, with Unicode */
}

/* "first ... last", five lines */
static char *paragraph(int i)
{
    struct text t = text_new(mem);
    text_printf(&t, "<p>first%d", i);
    for (int k = 0; k < 52; k++)
        text_printf(&t, " слово%d", k);
    text_printf(&t, " last%d</p>", i);
    return t.s;
}

/* The first and the last line of each page. */
static void check_cut(const char *path, int lines, int pages)
{
    const char *text = output_of("pdftotext -layout %s - | grep -v '^ *$'", path);
    int page = 1;
    for (char *line = talloc_strdup(mem, text), *next, *before = line; line && *line;
         before = line, line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = 0;
        if (*line != '\f')
            continue;
        page++;
        if (page > pages)
            break;
        if (page > 2) /* the last line is the page's number */
            continue;
        if ((strstr(line, "last") && !strstr(line, "first")) || strstr(line, "bye") ||
            strstr(line, "Радивоје") || strstr(line, "mayor"))
            fail_msg("%d lines above: page %d begins with: %s", lines, page, line + 1);
        if (strstr(before, "head") || (strstr(before, "first") && !strstr(before, "last")))
            fail_msg("%d lines above: page %d ends with: %s", lines, page - 1, before);
    }
    assert_has(text, talloc_asprintf(mem, " %d/%d\n", pages, pages));
}

/* With one line more above them each time, the cut falls on each line of what follows. */
static void test_pages(void **state)
{
    (void)state;
    bool two = false, one = false;
    for (int lines = 1; lines < 32; lines++) {
        struct text body = text_new(mem);
        text_puts(&body, "<p>begin");
        for (int i = 0; i < lines; i++)
            text_puts(&body, "<br />line");
        text_printf(&body, "</p>%s<h2>head</h2>%s<p>bye</p><p>Радивоје Симијоновић<br />mayor</p>",
                    paragraph(1), paragraph(2));
        char *path = path_of("many");
        int pages = write_letter(path, letter("sr-Cyrl", body.s));
        one = one || pages == 1;
        two = two || pages == 2;
        if (pages > 1)
            check_cut(path, lines, pages);
    }
    assert_true(one && two);
}

static void test_html(void **state)
{
    (void)state;
    struct paper_blocks b;
    struct err err;
    const char *html =
        "<p>a &amp; &lt;b&gt; <em>c</em>\nd<br />\ne</p>\n<ul>\n<li>one</li>\n<li>two\n<ol start=\"7\">\n"
        "<li>seven</li>\n</ol>\n</li>\n</ul>\n<blockquote>\n<p><a href=\"https://x.example/?a=1&amp;b\">x</a>"
        "</p>\n</blockquote>\n<p><a href=\"mailto:a@x.example\">a@x.example</a> "
        "<img src=\"cid:i\" alt=\"Grb\" /></p>\n<pre><code>  f(x)\n  &lt;g&gt;\n</code></pre>\n<hr />\n";
    assert_int_equal(paper_html(mem, html, &b, &err), 0);
    static const struct paper_block wanted[] = {
        {PAPER_PARAGRAPH, 0, 0, NULL, false,
         "a &amp; &lt;b&gt; <i>c</i> d\xe2\x80\xa8"
         "e"},
        {PAPER_PARAGRAPH, 0, 1, "•", true, "one"},
        {PAPER_PARAGRAPH, 0, 1, "•", true, "two"},
        {PAPER_PARAGRAPH, 0, 2, "7.", true, "seven"},
        {PAPER_PARAGRAPH, 0, 1, NULL, false, "x (https://x.example/?a=1&amp;b)"},
        {PAPER_PARAGRAPH, 0, 0, NULL, false, "a@x.example [Grb]"},
        {PAPER_CODE, 0, 0, NULL, false, "  f(x)\xe2\x80\xa8  &lt;g&gt;"},
        {PAPER_BREAK, 0, 0, NULL, false, ""},
    };
    assert_int_equal(b.n, ARRAY_LEN(wanted));
    for (size_t i = 0; i < b.n; i++) {
        assert_int_equal(b.v[i].kind, wanted[i].kind);
        assert_int_equal(b.v[i].depth, wanted[i].depth);
        assert_int_equal(b.v[i].close, wanted[i].close);
        assert_string_equal(b.v[i].marker ? b.v[i].marker : "", wanted[i].marker ? wanted[i].marker : "");
        assert_string_equal(b.v[i].markup, wanted[i].markup);
    }
    assert_int_equal(paper_html(mem, "<p>", &b, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
}

static void test_labels(void **state)
{
    (void)state;
    struct err err;
    const struct paper_sheet *sheet;
    assert_int_equal(paper_sheet_find("L7160", &sheet, &err), 0);
    assert_int_equal(paper_sheet_check(sheet, 20, &err), 0);
    assert_int_equal(paper_sheet_check(sheet, 21, &err), -1);
    char *path = path_of("labels");
    struct paper *paper = open_paper(path);
    for (int label = 19; label < 19 + 24; label++) {
        json_t *l = json_pack("{s:s, s:[s, s]}", "language", "sq", "address", "Çerkin Gashi",
                              talloc_asprintf(mem, "nr%d", label));
        assert_int_equal(paper_label(paper, sheet, label, l, &err), 0);
        json_decref(l);
    }
    assert_int_equal(paper_sheet_of(sheet, 42), 2);
    keep(paper);
    assert_has(output_of("pdfinfo %s", path), "Pages:           3");
    double x, y;
    const char *bbox = output_of("pdftotext -f 1 -l 1 -bbox %s -", path);
    place_of(bbox, "nr19", &x, &y); /* the second of the last row */
    assert_true(x > 73.25 && x < 73.25 + 63.5 && y > 15.15 + 6 * 38.1 && y < 15.15 + 7 * 38.1);
    bbox = output_of("pdftotext -f 2 -l 2 -bbox %s -", path);
    place_of(bbox, "nr21", &x, &y);
    assert_true(x > 7.2 && x < 15 && y > 15.15 && y < 15.15 + 38.1);
    place_of(bbox, "nr41", &x, &y);
    assert_true(x > 139.3 && y > 15.15 + 6 * 38.1);
    assert_int_equal(paper_sheet_find("L1", &sheet, &err), -1);
    assert_has(err.text, "L7160");
}

static void test_window(void **state)
{
    (void)state;
    struct err err;
    json_t *l = letter("sq", "<p>x</p>"), *address = json_object_get(l, "address");
    for (int i = 0; i < 6; i++)
        json_array_insert_new(address, 1, json_string(talloc_asprintf(mem, "line%d", i)));
    char *path = path_of("window");
    assert_int_equal(write_letter(path, json_deep_copy(l)), 1);
    const char *bbox = output_of("pdftotext -bbox %s -", path);
    double x, y;
    place_of(bbox, "Ђорђе", &x, &y);
    assert_true(y > 45 && y < 62.7); /* ten lines begin higher */
    place_of(bbox, "Gjilan", &x, &y);
    assert_true(y < 88);
    for (int i = 0; i < 6; i++)
        json_array_insert_new(address, 1, json_string("a line"));
    PAPER paper = open_paper(path);
    int pages;
    assert_int_equal(paper_letter(paper, l, &pages, &err), -1);
    assert_has(err.text, "does not fit into the window");
    json_decref(l);
}

static void test_head(void **state)
{
    (void)state;
    struct err err;
    int pages;
    json_t *l = letter("sq", "<p>x</p>");
    json_object_set_new(l, "office",
                        json_string("Komuna e Kllokotit, Opština Klokot, Municipality of Klokot, Gemeinde "
                                    "Klokot, and all that it has to say of itself to the world"));
    json_object_set_new(l, "sender",
                        json_string("Komuna e Kllokotit, Opština Klokot, Sheshi i fshatit p.n., 61000 "
                                    "Kllokot, Republika e Kosovës behind-the-end"));
    char *path = path_of("head");
    write_letter(path, json_deep_copy(l));
    const char *bbox = output_of("pdftotext -bbox %s -", path);
    double x, y;
    place_of(bbox, "world", &x, &y); /* what is long is smaller, or has more lines */
    assert_true(y > 11 && y < 35);
    place_of(bbox, "behind-the-end", &x, &y);
    assert_true(x < 105 && y > 50 && y < 62.7);
    json_object_set_new(l, "subject", json_string("\xf4\x8f\xbf\xbd")); /* U+10FFFD: in no font */
    PAPER paper = open_paper(path);
    assert_int_equal(paper_letter(paper, l, &pages, &err), -1);
    assert_has(err.text, "letters that no installed font has");
    json_decref(l);
}

static void test_file(void **state)
{
    (void)state;
    char *path = path_of("file"), *again = path_of("again");
    write_letter(path, letter("sr-Cyrl", "<p>Исто</p>"));
    write_letter(again, letter("sr-Cyrl", "<p>Исто</p>"));
    output_of("cmp %s %s", path, again);
    {
        PAPER paper = open_paper(path_of("dropped")); /* and not kept */
        paper_next_page(paper);
    }
    assert_string_equal(output_of("ls %s* | wc -l", path_of("dropped")), "0\n");
    struct paper *paper;
    struct err err;
    assert_int_equal(paper_open(mem, &paper,
                                &(struct paper_about){.path = "/nowhere/x.pdf", .title = "", .author = ""},
                                &err),
                     -1);
    assert_int_equal(err.code, ERR_IO);
    talloc_free(paper);
    paper = open_paper("/dev/full"); /* "/dev/full.PID.new" is a file beside it, in memory */
    assert_int_equal(paper_load_picture(paper, path, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
    talloc_free(paper);
}

static void test_thousand(void **state)
{
    (void)state;
    struct rusage before, after;
    getrusage(RUSAGE_SELF, &before);
    char *path = path_of("thousand");
    struct paper *paper = open_paper(path);
    for (int i = 0; i < 1000; i++) {
        struct err err;
        int pages;
        json_t *l = letter("sr-Cyrl", "<p>Поштовани,</p><ul><li>један</li><li>два</li></ul><p>Поздрав</p>");
        assert_int_equal(paper_letter(paper, l, &pages, &err), 0);
        json_decref(l);
    }
    keep(paper);
    getrusage(RUSAGE_SELF, &after);
    assert_has(output_of("pdfinfo %s", path), "Pages:           1000");
    long grown_mb = (after.ru_maxrss - before.ru_maxrss) / 1024;
    print_message("# a thousand letters: %ld MB\n", grown_mb);
    assert_true(grown_mb < 200);
}

static int begin(void **state)
{
    (void)state;
    mem = talloc_new(NULL);
    return 0;
}

static int end(void **state)
{
    (void)state;
    output_of("rm -f %s",
              talloc_asprintf(mem, "%s*", talloc_strndup(mem, path_of("x"), strlen(path_of("x")) - 5)));
    talloc_free(mem);
    return 0;
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_page), cmocka_unit_test(test_pages),    cmocka_unit_test(test_html),
        cmocka_unit_test(test_labels),   cmocka_unit_test(test_window),   cmocka_unit_test(test_head),
        cmocka_unit_test(test_file),     cmocka_unit_test(test_thousand),
    };
    return cmocka_run_group_tests_name("paper", tests, begin, end);
}
