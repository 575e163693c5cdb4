/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Letters: what a text is refused for, and what hostile values do to one (nothing).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/template.h"

static json_t *view_with(const char *more)
{
    json_t *view = json_pack("{s:s, s:{s:s, s:s, s:s}}", "salutation", "Dear Ana", "office", "name",
                             "The Office", "phone", "+383 1", "email", "o@klokot.example");
    json_t *rest = json_loads(more, 0, NULL);
    assert_non_null(rest);
    json_object_update(view, rest);
    json_decref(rest);
    return view;
}

static int letter(void *mem, const char *body, const char *view_text, struct template_letter *letter_r,
                  struct err *err)
{
    const struct template_text text = {
        .name = "t", .language = "en", .subject = "S {{salutation}}", .body = body, .body_line = 5};
    struct template *t;
    if (template_compile(mem, &text, &t, err) < 0)
        return -1;
    json_t *view = view_with(view_text);
    int rc = template_render(mem, t, view, letter_r, err);
    json_decref(view);
    return rc;
}

static void assert_contains(const char *whole, const char *part)
{
    if (!strstr(whole, part))
        fail_msg("\"%s\" is not in:\n%s", part, whole);
}

static void check_letter(const char *body, const char *view, const char *html, const char *text)
{
    MEM_SCOPE(mem);
    struct err err = {0};
    struct template_letter l;
    if (letter(mem, body, view, &l, &err) < 0)
        fail_msg("%s: %s", body, err.text);
    assert_contains(l.html, html);
    if (strncmp(l.text, text, strlen(text)) != 0 || strncmp(l.text + strlen(text), "\n-- \n", 5) != 0)
        fail_msg("wanted:\n%s\ngot:\n%s", text, l.text);
}

static void test_letters(void **state)
{
    (void)state;
    static const struct {
        const char *body, *view, *html, *text;
    } cases[] = {
        {"{{salutation}},\n\n- **A:** {{a}}\n- b\n", "{\"a\":\"x\"}",
         "<p>Dear Ana,</p>\n<ul>\n<li><strong>A:</strong> x</li>\n<li>b</li>\n</ul>\n",
         "Dear Ana,\n\n- A: x\n- b\n"},
        {"a{{#b}}, {{b}}{{/b}}", "{\"b\":\"x\"}", "<p>a, x</p>", "a, x\n"},
        {"a{{#b}}, {{b}}{{/b}}", "{}", "<p>a</p>", "a\n"},
        {"a\n\n{{#b}}\nI say {{b}}.\n\nAnd so on.\n{{/b}}\n\nc\n", "{\"b\":\"x\"}",
         "<p>a</p>\n<p>I say x.</p>\n<p>And so on.</p>\n<p>c</p>", "a\n\nI say x.\n\nAnd so on.\n\nc\n"},
        {"a\n\n{{#b}}\nI say {{b}}.\n{{/b}}\n\nc\n", "{}", "<p>a</p>\n<p>c</p>", "a\n\nc\n"},
        {"a\n{{! note }}\nb {{! note }}c", "{}", "<p>a\nb c</p>", "a b c\n"},
        {"[here]({{a_url}})", "{\"a_url\":\"https://a.example/?b&c\"}",
         "<a href=\"https://a.example/?b&amp;c\">here</a>", "here <https://a.example/?b&c>\n"},
        {"{{=<% %>=}}<%a%> {{a}}", "{\"a\":\"x\"}", "<p>x {{a}}</p>", "x {{a}}\n"},
        {"qj0w {{a}} qj1w0z", "{\"a\":\"x\"}", "<p>qj0w x qj1w0z</p>", "qj0w x qj1w0z\n"},
        {"1. {{a}}\n2. b\n\n`{{a}}`\n", "{\"a\":\"x\"}",
         "<ol>\n<li>x</li>\n<li>b</li>\n</ol>\n<p><code>x</code></p>", "1. x\n2. b\n\nx\n"},
        {"{{#l}}\n- {{.}}\n{{/l}}\n", "{\"l\":[\"x\",\"y\"]}", "<li>x</li>", "- x\n\n- y\n"},
        {"{{a}} bbbbbbbbb bbbbbbbbb bbbbbbbbb bbbbbbbbb bbbbbbbbb bbbbbbbbb cc dd", "{\"a\":\"aaaaaaaaa\"}",
         "<p>aaa", "aaaaaaaaa bbbbbbbbb bbbbbbbbb bbbbbbbbb bbbbbbbbb bbbbbbbbb bbbbbbbbb cc\ndd\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        check_letter(cases[i].body, cases[i].view, cases[i].html, cases[i].text);
}

static void test_hostile_values(void **state)
{
    (void)state;
    static const char *const values[][3] = {
        {"\"<script>alert(1)</script>\"", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>",
         "<script>alert(1)</script>\n"},
        {"\"**b** [a](https://e.example) `c` _d_\"", "<p>**b** [a](https://e.example) `c` _d_</p>",
         "**b** [a](https://e.example) `c` _d_\n"},
        {"\"# h\"", "<p># h</p>", "# h\n"},
        {"\"- a\\n- b\"", "<p>- a\n- b</p>", "- a - b\n"},
        {"\"{{salutation}} \\u0001salutation\\u0002\"", "<p>{{salutation}}  salutation </p>",
         "{{salutation}} salutation\n"},
        {"\"x\\u001fy\\u001c\\nz\"", "<p>x y \nz</p>", "x y z\n"},
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(values); i++)
        check_letter("{{a}}", talloc_asprintf(mem, "{\"a\":%s}", values[i][0]), values[i][1], values[i][2]);
}

static void test_subject_is_one_line(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err = {0};
    struct template_letter l;
    assert_int_equal(letter(mem, "x", "{\"salutation\":\"A\\r\\nBcc: b@c\\n\\tD\"}", &l, &err), 0);
    assert_string_equal(l.subject, "S A Bcc: b@c D");
}

static void test_layout(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err = {0};
    struct template_letter l;
    assert_int_equal(letter(mem, "x", "{}", &l, &err), 0);
    assert_contains(l.html, "<html lang=\"en\"");
    assert_contains(l.html, "The Office<br>+383 1<br>o@klokot.example");
    assert_null(strstr(l.html, "nsubscribe"));
    assert_string_equal(l.text, "x\n\n-- \nThe Office\n+383 1\no@klokot.example\n");
    assert_int_equal(letter(mem, "x", "{\"unsubscribe_url\":\"https://a.example/u\"}", &l, &err), 0);
    assert_contains(
        l.html,
        "<a href=\"https://a.example/u\" style=\"color: inherit;\">Unsubscribe from these messages</a>");
    assert_contains(l.text, "Unsubscribe from these messages: https://a.example/u\n");
}

static void test_images(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err = {0};
    const struct template_text text = {
        .name = "t", .language = "en", .subject = "S", .body = "![A](i/a.png) ![B](b.png) ![A](i/a.png)"};
    struct template *t;
    struct template_letter l;
    assert_int_equal(template_compile(mem, &text, &t, &err), 0);
    assert_string_equal(template_images(t)[0].file, "i/a.png");
    const char *id = template_images(t)[0].content_id;
    assert_string_not_equal(id, template_images(t)[1].content_id);
    assert_string_equal(template_images(t)[1].file, "b.png");
    assert_null(template_images(t)[2].file);
    json_t *view = view_with("{}");
    assert_int_equal(template_render(mem, t, view, &l, &err), 0);
    json_decref(view);
    assert_contains(l.html, talloc_asprintf(mem, "<img src=\"cid:%s\" alt=\"A\" /> <img src=\"cid:%s\"", id,
                                            template_images(t)[1].content_id));
    assert_contains(l.text, "[A] [B] [A]\n");
    const struct template_text other = {
        .name = "o", .language = "sq", .subject = "S", .body = "![B](b.png) ![A](i/a.png)"};
    struct template *o;
    assert_int_equal(template_compile(mem, &other, &o, &err), 0);
    assert_string_equal(template_images(o)[1].content_id, id); /* one part in a letter of both texts */
}

static void put_file(const char *dir, const char *name, const char *language)
{
    MEM_SCOPE(mem);
    struct err err = {0};
    const char *bytes = talloc_asprintf(mem, "---\nlang: %s\nsubject: s\n---\nx {{event.name}}\n", language);
    if (mem_write_file(talloc_asprintf(mem, "%s/%s", dir, name), bytes, strlen(bytes), &err) < 0)
        fail_msg("%s", err.text);
}

static size_t count(void *mem, const char *path, const char *why)
{
    struct template_set set;
    struct err err = {0};
    if (template_load_dir(mem, path, &set, &err) == 0)
        return set.n;
    if (!why)
        fail_msg("%s", err.text);
    assert_contains(err.text, why);
    return 0;
}

static void test_folders(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct template_set all;
    struct err err = {0};
    char dir[] = "/tmp/test_template.XXXXXX";
    assert_non_null(mkdtemp(dir));
    assert_int_equal(count(mem, dir, "there is no file NAME.LANG.md"), 0);
    put_file(dir, "README.md", "en");
    put_file(dir, "news.en.md", "en");
    put_file(dir, "news.sr-Latn.md", "sr-Latn");
    assert_int_equal(count(mem, dir, NULL), 2);
    put_file(dir, "greeting.en.md", "en");
    assert_int_equal(count(mem, dir, "several templates; name one"), 0);
    put_file(dir, "invitation.en.md", "en");
    assert_int_equal(count(mem, dir, NULL), 1);
    assert_int_equal(count(mem, talloc_asprintf(mem, "%s/", dir), NULL), 1);
    assert_int_equal(count(mem, talloc_asprintf(mem, "%s/news", dir), NULL), 2);
    assert_int_equal(count(mem, talloc_asprintf(mem, "%s/none", dir), "there is no file none.LANG.md"), 0);
    assert_int_equal(template_load_all(mem, dir, &all, &err), 0);
    assert_int_equal(all.n, 4);
    put_file(dir, "news.de.md", "en");
    assert_int_equal(count(mem, dir, "news.de.md:1: the name says \"de\", the head \"en\""), 0);
    static const char *const names[] = {"README.md",      "news.en.md",       "news.sr-Latn.md",
                                        "greeting.en.md", "invitation.en.md", "news.de.md"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        remove(talloc_asprintf(mem, "%s/%s", dir, names[i]));
    assert_int_equal(remove(dir), 0);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *body, *view, *why;
    } cases[] = {
        {"a\n\n{{b}}", "{}", "t:7: b: there is no such value"},
        {"a\n\n\n- x\n- {{b}}", "{\"b\":null}", "t:9: b: the value is null"},
        {"{{a_url}} [x]({{a_url}})", "{\"a_url\":\"javascript:x\"}",
         "t:5: a_url: is no URL that may stand in a link"},
        {"\n{{#a}}", "{}", "t:6: \"a\" is never closed"},
        {"{{>a}}", "{}", "t:5: {{>a}}: a letter has only values and sections"},
        {"{{{a}}}", "{}", "t:5: {{&a}}: a letter has only values"},
        {"x\n\n[a]({{link}})", "{}", "t:7: {{link}}: in a link's destination stands one value alone"},
        {"[a](https://x/{{a_url}})", "{}", "t:5: {{a_url}}: in a link's destination"},
        {"[a](/ \"{{t}}\")", "{}", "t:5: {{t}}: stands in a title"},
        {"![{{t}}](a.png)", "{}", "t:5: {{t}}: stands in a title, an image"},
        {"![t](/etc/x.png)", "{}", "t:5: a picture is a file beside the text"},
        {"![t](https://x.example/{{mayor.name}}.png)", "{}",
         "t:5: {{mayor.name}}: stands in a title, an image"},
        {"a\n\n![t](https://x.example/x.png)", "{}", "t:7: a picture is a file beside the text"},
        {"![t]({{unsubscribe_url}})", "{}", "t:5: {{unsubscribe_url}}: stands in a title, an image"},
        {" \n\n", "{}", "t:5: the letter has no text"},
        {"![t](../x.png)", "{}", "t:5: a picture is a file beside the text"},
        {"a\n\n![t](data:image/png;x)", "{}", "t:7: a picture is a file beside the text"},
        {"![t]({{a_url}})", "{}", "t:5: {{a_url}}: stands in a title, an image"},
        {"```{{t}}\nx\n```", "{}", "t:5: {{t}}: stands in a title, an image or a code block"},
        {"x\n\n<b>{{t}}</b>", "{}", "t:7: HTML in a letter"},
        {"{{#a}}\nx\n{{/a}}\n\n<div>\ny\n</div>", "{}", "t:9: HTML in a letter"},
        {"<{{t}}>", "{}", "t:5: HTML in a letter"},
        {"[r]: {{a_url}}\n", "{}", "t:5: {{a_url}}: stands where Markdown does not show it"},
        {"a {{#b}}\n\nc {{/b}}", "{}", "t:7: {{/b}}: closes in another paragraph"},
        {"**a {{#b}}x** y{{/b}}", "{}", "t:5: {{/b}}: closes in another paragraph, item or emphasis"},
        {"- a\n- {{#b}}x\n- y{{/b}}", "{}", "t:7: {{/b}}: closes in another"},
        {"{{#b}}\nx\n{{/b}} y", "{}", "t:7: {{/b}}: closes in another"},
        {"a\n\x01", "{}", "t:6: a control character"},
        {"a\n\n&#2;", "{}", "t:7: a control character"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        MEM_SCOPE(mem);
        struct err err = {0};
        struct template_letter l;
        if (letter(mem, cases[i].body, cases[i].view, &l, &err) == 0)
            fail_msg("%s was let through", cases[i].body);
        assert_int_equal(err.code, ERR_INPUT);
        assert_contains(err.text, cases[i].why);
    }
}

static void test_files(void **state)
{
    (void)state;
    static const struct {
        const char *bytes, *want; /* the subject, or what the error says */
        bool good;
    } cases[] = {
        {"---\nlang: sq\nsubject: a: b\n---\nx", "a: b", true},
        {"\xef\xbb\xbf---\r\nlang: \"sq\"\r\nsubject: \"a \\\"b\\\"\"\r\n---\r\nx", "a \"b\"", true},
        {"---\nlang: sr-Cyrl\n\nsubject: 'it''s'\n---\n", "it's", true},
        {"lang: sq\n", "f:1: a template begins with", false},
        {"---\nlang: sq\n", "f:2: the head does not end", false},
        {"---\nlang: sq\n---\n", "f:3: the head has no \"subject\"", false},
        {"---\nlang: sq\ntitle: x\n---\n",
         "f:3: the head has one \"lang\", one \"subject\" and perhaps one \"attach\", not \"title\"", false},
        {"---\nlang: sq\nsubject: s\nattach: [a.pdf, \"b, c.pdf\"]\n---\n", "f:4: \"attach\" has", false},
        {"---\nattach: ../a.pdf\n---\n",
         "f:2: \"attach\" has at most 10 names of files in the template's folder", false},
        {"---\nattach: .a\n---\n", "f:2: \"attach\" has", false},
        {"---\nattach: [a, b, c, d, e, f, g, h, i, j, k]\n---\n", "f:2: \"attach\" has", false},
        {"---\nattach: [a]\nattach: b\n---\n", "f:3: the head has one", false},
        {"---\nlang: sq\nlang: sr\n---\n", "f:3: the head has one", false},
        {"---\nlang: ../x\n---\n", "f:2: \"../x\" is no language tag", false},
        {"---\nsubject: \"x\n---\n", "f:2: the quotes do not end", false},
        {"---\nsubject: \n---\n", "f:2: a subject has 1", false},
        {"---\nlang: sq\nsubject: \xff\n---\n", "f:1: the file is not UTF-8", false},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        MEM_SCOPE(mem);
        struct err err = {0};
        struct template_text t;
        int rc = template_parse_file(mem, "f", cases[i].bytes, strlen(cases[i].bytes), &t, &err);
        assert_int_equal(rc, cases[i].good ? 0 : -1);
        assert_contains(rc < 0 ? err.text : t.subject, cases[i].want);
    }
}

static void test_attach(void **state)
{
    (void)state;
    static const struct {
        const char *line, *want[4];
    } cases[] = {
        {"programme.pdf", {"programme.pdf"}},
        {"[programme.pdf, map of the town.png]", {"programme.pdf", "map of the town.png"}},
        {"[ 'it''s.pdf' , \"FtesÃ«.pdf\" ]", {"it's.pdf", "FtesÃ«.pdf"}},
        {"[]", {NULL}},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        MEM_SCOPE(mem);
        struct err err = {0};
        struct template_text t;
        char *bytes = talloc_asprintf(mem, "---\nlang: sq\nattach: %s\nsubject: s\n---\n", cases[i].line);
        if (template_parse_file(mem, "f", bytes, strlen(bytes), &t, &err) < 0)
            fail_msg("%s", err.text);
        for (size_t k = 0; cases[i].want[k]; k++)
            assert_string_equal(t.attach[k], cases[i].want[k]);
        assert_int_equal(t.attach_line, 3);
    }
}

static struct template *compiled(void *mem, const char *language, const char *subject, const char *body)
{
    struct err err;
    struct template *t;
    const struct template_text text = {.name = "t", .language = language, .subject = subject, .body = body};
    if (template_compile(mem, &text, &t, &err) < 0)
        fail_msg("%s", err.text);
    return t;
}

static void test_two_texts(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err = {0};
    struct template_letter l;
    struct template *sq = compiled(mem, "sq", "Ftesë: {{event.name}}", "{{salutation}},\n\nnjë **tekst**\n"),
                    *sr =
                        compiled(mem, "sr-Latn", "Poziv: {{event.name}}", "{{salutation}},\n\njedan tekst\n");
    assert_int_equal(template_set_second(sq, sr, &err), 0);
    json_t *view = view_with("{\"event\":{\"name\":\"Panairi <1>\"},\"second\":{\"language\":\"sr-Latn\","
                             "\"salutation\":\"Poštovana Ana\",\"event\":{\"name\":\"Vašar <1>\"}}}");
    assert_int_equal(template_render(mem, sq, view, &l, &err), 0);
    assert_string_equal(l.subject, "Ftesë: Panairi <1> / Poziv: Vašar <1>");
    assert_string_equal(l.languages, "sq, sr-Latn");
    assert_contains(l.text, "Teksti në serbisht gjendet më poshtë.\n\nDear Ana,\n\nnjë tekst\n\n* * *\n\n"
                            "Poštovana Ana,\n\njedan tekst\n\n-- \nThe Office\n");
    assert_contains(l.html, "<html lang=\"sq\"");
    assert_contains(l.html, "<div lang=\"sr-Latn\">\n<p>Poštovana Ana,</p>\n<p>jedan tekst</p>\n</div>");
    /* who has one text gets one */
    json_object_del(view, "second");
    assert_int_equal(template_render(mem, sq, view, &l, &err), 0);
    assert_string_equal(l.subject, "Ftesë: Panairi <1>");
    assert_string_equal(l.languages, "sq");
    assert_null(strstr(l.text, "* * *"));
    json_decref(view);
    view = view_with("{\"event\":{\"name\":\"x\"},\"second\":{\"language\":\"sr-Latn\",\"event\":{}}}");
    assert_int_equal(template_render(mem, sq, view, &l, &err), -1); /* what the second lacks */
    assert_contains(err.text, "event.name");
    json_decref(view);
    /* the same subject stands once; the other order has the other words */
    struct template *en = compiled(mem, "en", "Vašar", "x"), *cyr = compiled(mem, "sr-Cyrl", "Vašar", "y");
    assert_int_equal(template_set_second(cyr, en, &err), 0);
    view = view_with("{\"second\":{\"language\":\"en\"}}");
    assert_int_equal(template_render(mem, cyr, view, &l, &err), 0);
    assert_string_equal(l.subject, "Vašar");
    assert_contains(l.text, "Текст на енглеском налази се испод.\n\ny\n\n* * *\n\nx\n");
    json_decref(view);
}

static void test_choose(void **state)
{
    (void)state;
    static const struct {
        const char *have[4], *wanted[4], *get;
    } cases[] = {
        {{"sq", "sr-Cyrl", "sr-Latn"}, {"sr-Cyrl"}, "sr-Cyrl"},
        {{"sq", "sr-Cyrl", "sr-Latn"}, {"sr"}, "sr-Latn"},
        {{"sq", "sr-Latn"}, {"sr-Cyrl"}, "sr-Latn"},
        {{"sq", "sr-Cyrl"}, {"sr-Latn"}, "sr-Cyrl"},
        {{"sq", "de"}, {"de-AT"}, "de"},
        {{"sq", "de"}, {"pl", "SQ"}, "sq"},
        {{"sq", "de"}, {"pl"}, NULL},
        {{"de-AT"}, {"de"}, NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct template_text texts[4];
        struct template_set set = {texts, 0};
        size_t n = 0;
        while (cases[i].have[set.n]) {
            texts[set.n] = (struct template_text){.language = cases[i].have[set.n]};
            set.n++;
        }
        while (n < 4 && cases[i].wanted[n])
            n++;
        const struct template_text *t = template_choose(&set, cases[i].wanted, n);
        if (cases[i].get)
            assert_string_equal(t->language, cases[i].get);
        else
            assert_null(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_letters),
        cmocka_unit_test(test_hostile_values),
        cmocka_unit_test(test_subject_is_one_line),
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_images),
        cmocka_unit_test(test_folders),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_attach),
        cmocka_unit_test(test_two_texts),
        cmocka_unit_test(test_choose),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
