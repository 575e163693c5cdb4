/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What the engine adds to the specification: strictness, pages, escapes for other places, errors with lines,
 * limits.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mustache.h"

struct test_case {
    const char *source, *data, *want; /* want: the result, or what the error ends with */
};

static int render(void *mem, const char *source, const char *data, const struct mustache_options *options,
                  const char **result_r, struct err *err)
{
    struct mustache *t;
    struct text out = text_new(mem);
    json_t *value = json_loads(data, JSON_DECODE_ANY, NULL);
    assert_non_null(value);
    struct mustache_view view = {.value = value};
    int rc = mustache_parse(mem, "t", source, strlen(source), options, &t, err);
    rc = rc < 0 ? rc : mustache_render(t, &view, &out, err);
    json_decref(value);
    *result_r = rc < 0 ? err->text : out.s;
    return rc;
}

static void check(const struct test_case *c, const struct mustache_options *options, int want_rc)
{
    MEM_SCOPE(mem);
    struct err err = {0};
    const char *result;
    int rc = render(mem, c->source, c->data, options, &result, &err);
    if (rc != want_rc)
        fail_msg("%s: %s", c->source, result);
    if (rc == 0 ? strcmp(result, c->want) != 0 : !strstr(result, c->want))
        fail_msg("%s: wanted \"%s\", got \"%s\"", c->source, c->want, result);
    if (rc < 0)
        assert_int_equal(err.code, ERR_INPUT);
}

#define CHECK_ALL(cases, options, rc)                                                                        \
    for (size_t i_ = 0; i_ < ARRAY_LEN(cases); i_++)                                                         \
    check(&(cases)[i_], options, rc)

static void test_refused_sources(void **state)
{
    (void)state;
    static const struct test_case cases[] = {
        {"a\n{{b", "{}", "t:2: a tag without its closing \"}}\""},
        {"{{{b}}", "{}", "t:1: a tag without its closing \"}}}\""},
        {"\n\n{{}}", "{}", "t:3: a tag without a name"},
        {"{{a b}}", "{}", "t:1: white space in the name \"a b\""},
        {"{{#a}}\n{{#b}}\n{{/a}}", "{}", "t:3: \"a\" is closed where \"b\" of line 2 is open"},
        {"x\n{{#a}}\n", "{}", "t:2: \"a\" is never closed"},
        {"x\n{{/a}}", "{}", "t:2: \"a\" is closed but not open"},
        {"{{=a=}}", "{}", "t:1: a change of delimiters wants two words"},
        {"{{= 1234567890123456 x =}}", "{}", "t:1: a change of delimiters wants two words"},
    };
    CHECK_ALL(cases, NULL, -1);
}

static void test_values(void **state)
{
    (void)state;
    static const struct test_case cases[] = {
        {"{{a}}", "{\"a\":\"it's\"}", "it&#39;s"},
        {"{{a}} {{b}}", "{\"a\":true,\"b\":false}", "true false"},
        {"{{a}}", "{\"a\":0.1}", "0.1"},
        {"{{a}}", "{\"a\":-12345678901}", "-12345678901"},
        {"{{{a}}}", "{\"a\":[1,\"x\"]}", "[1,\"x\"]"},
        {"{{#a}}x{{/a}}{{^a}}y{{/a}}", "{\"a\":\"\"}", "y"},
        {"{{#a}}x{{/a}}{{^a}}y{{/a}}", "{\"a\":0}", "y"},
        {"{{#a}}{{n}}{{/a}}", "{\"n\":\"out\",\"a\":{\"n\":null}}", ""},
    };
    CHECK_ALL(cases, NULL, 0);
}

static void test_strict(void **state)
{
    (void)state;
    static const struct mustache_options strict = {.strict = true, .first_line = 5};
    static const struct test_case bad[] = {
        {"\n{{event.date}}", "{\"event\":{}}", "t:6: event.date: there is no such value"},
        {"{{a}}", "{\"a\":null}", "t:5: a: the value is null"},
        {"{{a}}", "{\"a\":{}}", "t:5: a: the value is no text"},
        {"{{#a}}{{b}}{{/a}}", "{\"a\":[1]}", "t:5: b: there is no such value"},
        {"{{>p}}", "{}", "t:5: p: there is no such partial"},
        {"{{>*p}}", "{}", "t:5: p: names no partial"},
    };
    static const struct test_case good[] = {
        {"{{#a}}x{{/a}}{{^b}}y{{/b}}", "{}", "y"},
        {"[{{a}}]", "{\"a\":\"\"}", "[]"},
    };
    CHECK_ALL(bad, &strict, -1);
    CHECK_ALL(good, &strict, 0);
}

static void test_line(void **state)
{
    (void)state;
    static const struct mustache_options line = {.escape = MUSTACHE_LINE};
    static const struct test_case cases[] = {
        {"Re: {{a}}", "{\"a\":\"x\\r\\nBcc: y@z\"}", "Re: x Bcc: y@z"},
        {"{{a}}", "{\"a\":\"a\\t\\n \\u0001b <i>\"}", "a b <i>"},
        {"{{a}}|", "{\"a\":\"a\\n\"}", "a |"},
        {"{{a}}|", "{\"a\":\"\\nb\"}", "b|"},
    };
    CHECK_ALL(cases, &line, 0);
}

static const char *const raw[] = {"body", NULL};
static const struct mustache_options page = {.page = true, .raw = raw};

static void test_page_refuses(void **state)
{
    (void)state;
    static const struct test_case cases[] = {
        {"<script>\nvar a = '{{a}}';</script>", "{}", "t:2: a value inside a script or a style"},
        {"<style>{{a}}</style>", "{}", "t:1: a value inside a script or a style"},
        {"<SCRIPT type=x>{{a}}</SCRIPT>", "{}", "t:1: a value inside a script"},
        {"<!-- {{a}} -->", "{}", "t:1: a value inside a tag or a comment"},
        {"<p class={{a}}>", "{}", "t:1: a value in an attribute without quotes"},
        {"<p class=x{{a}}>", "{}", "t:1: a value in an attribute without quotes"},
        {"<p {{a}}>", "{}", "t:1: a value inside a tag"},
        {"<{{a}}>", "{}", "t:1: a value inside a tag"},
        {"<p onclick=\"{{a}}\">", "{}", "t:1: a value in an event handler"},
        {"<p onclick = 'x({{a}})'>", "{}", "t:1: a value in an event handler"},
        {"<p style=\"color: {{a}}\">", "{}", "t:1: a value in an event handler, a style"},
        {"<a href=\"{{link}}\">", "{}", "t:1: a value where a URL has its scheme"},
        {"<a href=\"java{{a}}\">", "{}", "t:1: a value where a URL has its scheme"},
        {"<a href=\"javascript:f('{{a}}')\">", "{}", "t:1: a value where a URL has its scheme"},
        {"<a href=\"{{a_url}}{{b}}\">", "{}", "t:1: a value behind a value"},
        {"<iframe srcdoc=\"{{a}}\">", "{}", "t:1: a value in an event handler"},
        {"<meta content=\"0;url={{a}}\">", "{}", "t:1: a value in an event handler"},
        {"{{{a}}}", "{}", "t:1: an unescaped value"},
        {"{{&a}}", "{}", "t:1: an unescaped value"},
        {"<p class=\"{{{body}}}\">", "{}", "t:1: an unescaped value inside a tag"},
        {"{{#a}}<p {{/a}}>", "{}", "t:1: a section that ends in another place"},
        {"<p class=\"{{#a}}\" onclick=\"{{/a}}{{b}}\">", "{}", "t:1: a section that ends in another place"},
        {"<p {{#a}}onclick{{/a}}=\"{{b}}\">", "{}", "t:1: a value in an event handler"},
        {"<p {{#a}}></p><script {{/a}}>{{b}}</script>", "{}", "t:1: a section that holds half a tag"},
        {"<a href=\"{{#a}}java{{/a}}{{b_url}}\">", "{}", "t:1: a section that ends in another place"},
        {"<a href=\"j{{#a}}ava{{/a}}script:{{b}}\">", "{}", "t:1: a section that ends in another place"},
        {"<p class=\"{{>a}}\">", "{}", "t:1: a partial or a block inside a tag"},
        {"{{$a}}<p {{/a}}>", "{}", "t:1: a block that ends inside a tag"},
        {"<p\n", "{}", "t:1: the template ends inside a tag"},
        {"<a href=\"{{a_url}}\">", "{\"a_url\":\"javascript:alert(1)\"}", "t:1: a_url: is no URL"},
        {"<a href=\"{{a_url}}\">", "{\"a_url\":\"//evil.example\"}", "t:1: a_url: is no URL"},
        {"<a href=\"{{a_url}}\">", "{\"a_url\":\" javascript:x\"}", "t:1: a_url: is no URL"},
    };
    CHECK_ALL(cases, &page, -1);
}

static void test_page_allows(void **state)
{
    (void)state;
    static const struct test_case cases[] = {
        {"<p>{{a}}</p>", "{\"a\":\"<script>\"}", "<p>&lt;script&gt;</p>"},
        {"<p title='{{a}}'>", "{\"a\":\"x' y\"}", "<p title='x&#39; y'>"},
        {"<p>{{a}}</p>", "{\"a\":\"x\\u0002y\\n\"}", "<p>x y\n</p>"},
        {"<div>{{{body}}}</div>", "{\"body\":\"<b>\"}", "<div><b></div>"},
        {"<a href=\"{{a.url}}\">", "{\"a\":{\"url\":\"https://a.example/?b=c&d=e\"}}",
         "<a href=\"https://a.example/?b=c&amp;d=e\">"},
        {"<a href=\"/c/{{id}}?q={{q}}\">", "{\"id\":7,\"q\":\"a&b \\u017e\"}",
         "<a href=\"/c/7?q=a%26b%20%C5%BE\">"},
        {"<option value=\"1\"{{#s}} selected{{/s}}>", "{\"s\":true}", "<option value=\"1\" selected>"},
        {"<input {{#s}}checked{{/s}} value=\"{{v}}\">", "{\"v\":1}", "<input  value=\"1\">"},
        {"<p class=\"a{{#b}} {{b}}{{/b}}\">{{b}}", "{\"b\":\"x\"}", "<p class=\"a x\">x"},
        {"<!doctype html><script>if (a < b) {}</script>{{a}}", "{\"a\":1}",
         "<!doctype html><script>if (a < b) {}</script>1"},
        {"<!-- a > b -->{{a}}<br/>{{a}}", "{\"a\":1}", "<!-- a > b -->1<br/>1"},
    };
    CHECK_ALL(cases, &page, 0);
}

static void test_limits(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct text deep = text_new(mem), loops = text_new(mem), list = text_new(mem);
    for (int i = 0; i < MUSTACHE_MAX_NEST + 1; i++)
        text_puts(&deep, "{{#a}}");
    for (int i = 0; i < 40; i++)
        text_puts(&loops, "{{#a}}");
    for (int i = 0; i < 40; i++)
        text_puts(&loops, "{{/a}}");
    text_puts(&list, "{\"a\":[0");
    for (int i = 0; i < 100; i++)
        text_puts(&list, ",0");
    text_puts(&list, "]}");
    const struct test_case cases[] = {
        {deep.s, "{}", "t:1: sections are nested too deeply"},
        {loops.s, list.s, "the template takes too long"},
    };
    CHECK_ALL(cases, NULL, -1);
}

static int find_itself(void *ctx, const char *name, const struct mustache **partial_r, struct err *err)
{
    (void)name;
    (void)err;
    *partial_r = *(struct mustache **)ctx;
    return 1;
}

static void test_recursion_ends(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err = {0};
    struct mustache *t;
    struct mustache_partials partials = {find_itself, &t};
    struct mustache_view view = {.value = json_object(), .partials = &partials};
    struct text out = text_new(mem);
    assert_int_equal(mustache_parse(mem, "t", "x{{>t}}", 7, NULL, &t, &err), 0);
    assert_int_equal(mustache_render(t, &view, &out, &err), -1);
    assert_non_null(strstr(err.text, "nested too deeply"));
    json_decref(view.value);
}

static void test_below(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err = {0};
    struct mustache *t;
    struct mustache_view view = {.value = json_pack("{s:s}", "a", "A"),
                                 .below = json_pack("{s:s, s:s}", "a", "no", "b", "B")};
    struct text out = text_new(mem);
    assert_int_equal(mustache_parse(mem, "t", "{{a}}{{b}}", 10, NULL, &t, &err), 0);
    assert_int_equal(mustache_render(t, &view, &out, &err), 0);
    assert_string_equal(out.s, "AB");
    json_decref(view.value);
    json_decref(view.below);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_sources), cmocka_unit_test(test_values),
        cmocka_unit_test(test_strict),          cmocka_unit_test(test_line),
        cmocka_unit_test(test_page_refuses),    cmocka_unit_test(test_page_allows),
        cmocka_unit_test(test_limits),          cmocka_unit_test(test_recursion_ends),
        cmocka_unit_test(test_below),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
