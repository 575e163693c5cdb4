/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The specification of Mustache, module by module: every rule it states has a line here.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/mustache.h"

struct spec {
    const char *rule, *data, *source, *partials, *want;
};

#define NONE "{}"

static const struct spec comments[] = {
    {"inline", NONE, "ab{{! gone }}cd", NULL, "abcd"},
    {"several lines", NONE, "ab{{!\n gone\n too\n}}cd\n", NULL, "abcd\n"},
    {"alone on its line", NONE, "one\n{{! gone }}\ntwo\n", NULL, "one\ntwo\n"},
    {"alone and indented", NONE, "one\n  {{! gone }}\ntwo\n", NULL, "one\ntwo\n"},
    {"alone, CR LF", NONE, "|\r\n{{! gone }}\r\n|", NULL, "|\r\n|"},
    {"alone on the first line", NONE, "  {{! gone }}\nx", NULL, "x"},
    {"alone on the last line", NONE, "x\n  {{! gone }}", NULL, "x\n"},
    {"several lines, alone", NONE, "one\n{{!\ngone\n}}\ntwo\n", NULL, "one\ntwo\n"},
    {"several lines, alone, indented", NONE, "one\n  {{!\n    gone\n  }}\ntwo\n", NULL, "one\ntwo\n"},
    {"white space before stays", NONE, "  12 {{! 34 }}\n", NULL, "  12 \n"},
    {"white space around stays", NONE, "12 {{! gone }} 34", NULL, "12  34"},
    {"never a name", "{\"! a\":1,\"!a\":2,\"a\":3}", "[{{! a}}]", NULL, "[]"},
};

static const struct spec delimiters[] = {
    {"a pair", "{\"t\":\"yes\"}", "{{=<% %>=}}(<%t%>)", NULL, "(yes)"},
    {"odd letters", "{\"t\":\"yes\"}", "({{=[ ]=}}[t])", NULL, "(yes)"},
    {"in force behind a section", "{\"s\":true,\"d\":\"in\"}",
     "[\n{{#s}}\n  {{d}}\n  |d|\n{{/s}}\n\n{{= | | =}}\n|#s|\n  {{d}}\n  |d|\n|/s|\n]\n", NULL,
     "[\n  in\n  |d|\n\n  {{d}}\n  in\n]\n"},
    {"in force behind an inverted section", "{\"s\":false,\"d\":\"in\"}",
     "[\n{{^s}}\n  {{d}}\n  |d|\n{{/s}}\n\n{{= | | =}}\n|^s|\n  {{d}}\n  |d|\n|/s|\n]\n", NULL,
     "[\n  in\n  |d|\n\n  {{d}}\n  in\n]\n"},
    {"not in partials", "{\"v\":\"yes\"}", "[ {{>p}} ]\n{{= | | =}}\n[ |>p| ]\n", "{\"p\":\".{{v}}.\"}",
     "[ .yes. ]\n[ .yes. ]\n"},
    {"not out of partials", "{\"v\":\"yes\"}", "[ {{>p}} ]\n[ .{{v}}.  .|v|. ]\n",
     "{\"p\":\".{{v}}. {{= | | =}} .|v|.\"}", "[ .yes.  .yes. ]\n[ .yes.  .|v|. ]\n"},
    {"white space around stays", NONE, "| {{=@ @=}} |", NULL, "|  |"},
    {"white space of the line stays", NONE, " | {{=@ @=}}\n", NULL, " | \n"},
    {"alone on its line", NONE, "one\n{{=@ @=}}\ntwo\n", NULL, "one\ntwo\n"},
    {"alone and indented", NONE, "one\n  {{=@ @=}}\ntwo\n", NULL, "one\ntwo\n"},
    {"alone, CR LF", NONE, "|\r\n{{= @ @ =}}\r\n|", NULL, "|\r\n|"},
    {"alone on the first line", NONE, "  {{=@ @=}}\n=", NULL, "="},
    {"alone on the last line", NONE, "=\n  {{=@ @=}}", NULL, "=\n"},
    {"padding", NONE, "|{{= @   @ =}}|", NULL, "||"},
};

#define HARD "{\"v\":\"& \\\" < >\"}"

static const struct spec interpolation[] = {
    {"no tags", NONE, "a {single} brace\n", NULL, "a {single} brace\n"},
    {"a value", "{\"v\":\"world\"}", "Hello, {{v}}!\n", NULL, "Hello, world!\n"},
    {"values are not templates", "{\"a\":\"{{b}}\",\"b\":\"no\"}", "{{a}}: {{b}}", NULL, "{{b}}: no"},
    {"escaped", HARD, "{{v}}", NULL, "&amp; &quot; &lt; &gt;"},
    {"three braces", HARD, "{{{v}}}", NULL, "& \" < >"},
    {"ampersand", HARD, "{{&v}}", NULL, "& \" < >"},
    {"integer", "{\"v\":85}", "\"{{v}} km\"", NULL, "\"85 km\""},
    {"integer, three braces", "{\"v\":85}", "\"{{{v}}} km\"", NULL, "\"85 km\""},
    {"integer, ampersand", "{\"v\":85}", "\"{{&v}} km\"", NULL, "\"85 km\""},
    {"decimal", "{\"v\":1.210}", "{{v}}", NULL, "1.21"},
    {"decimal, three braces", "{\"v\":1.210}", "{{{v}}}", NULL, "1.21"},
    {"decimal, ampersand", "{\"v\":1.210}", "{{&v}}", NULL, "1.21"},
    {"null", "{\"v\":null}", "I ({{v}}) II", NULL, "I () II"},
    {"null, three braces", "{\"v\":null}", "I ({{{v}}}) II", NULL, "I () II"},
    {"null, ampersand", "{\"v\":null}", "I ({{&v}}) II", NULL, "I () II"},
    {"missing", NONE, "I ({{v}}) II", NULL, "I () II"},
    {"missing, three braces", NONE, "I ({{{v}}}) II", NULL, "I () II"},
    {"missing, ampersand", NONE, "I ({{&v}}) II", NULL, "I () II"},
    {"dotted", "{\"p\":{\"n\":\"Ana\"}}", "{{p.n}} = {{#p}}{{n}}{{/p}}", NULL, "Ana = Ana"},
    {"dotted, three braces", "{\"p\":{\"n\":\"Ana\"}}", "{{{p.n}}} = {{#p}}{{{n}}}{{/p}}", NULL, "Ana = Ana"},
    {"dotted, ampersand", "{\"p\":{\"n\":\"Ana\"}}", "{{&p.n}} = {{#p}}{{&n}}{{/p}}", NULL, "Ana = Ana"},
    {"dotted, deep", "{\"a\":{\"b\":{\"c\":{\"d\":{\"e\":{\"n\":\"Ana\"}}}}}}", "{{a.b.c.d.e.n}}", NULL,
     "Ana"},
    {"dotted, chain breaks", "{\"a\":{}}", "[{{a.b.c}}]", NULL, "[]"},
    {"dotted, parts only in their parent", "{\"a\":{\"b\":{}},\"c\":{\"n\":\"no\"}}", "[{{a.b.c.n}}]", NULL,
     "[]"},
    {"dotted, first part like any name",
     "{\"a\":{\"b\":{\"c\":{\"d\":{\"n\":\"Ana\"}}}},\"b\":{\"c\":{\"d\":{\"n\":\"no\"}}}}",
     "{{#a}}{{b.c.d.n}}{{/a}}", NULL, "Ana"},
    {"dotted, the nearest first part decides", "{\"a\":{\"b\":{}},\"b\":{\"c\":\"no\"}}",
     "[{{#a}}{{b.c}}{{/a}}]", NULL, "[]"},
    {"dotted, never one key", "{\"a.b\":\"no\"}", "[{{a.b}}]", NULL, "[]"},
    {"dotted, not hidden by one key", "{\"a.b\":\"no\",\"a\":{\"b\":\"yes\"}}", "[{{a.b}}]", NULL, "[yes]"},
    {"leading dot is the top alone", "{\"a\":{},\"b\":{\"n\":\"N\"},\"n\":\"no\"}",
     "{{#a}}{{.n}}{{/a}}{{#b}}{{.n}}{{/b}}", NULL, "N"},
    {"dot", "\"world\"", "Hello, {{.}}!", NULL, "Hello, world!"},
    {"dot, escaped", "\"& \\\" < >\"", "{{.}}", NULL, "&amp; &quot; &lt; &gt;"},
    {"dot, three braces", "\"& \\\" < >\"", "{{{.}}}", NULL, "& \" < >"},
    {"dot, ampersand", "\"& \\\" < >\"", "{{&.}}", NULL, "& \" < >"},
    {"dot, integer", "85", "\"{{.}} km\"", NULL, "\"85 km\""},
    {"white space around", "{\"v\":\"---\"}", "| {{v}} |", NULL, "| --- |"},
    {"white space around, three braces", "{\"v\":\"---\"}", "| {{{v}}} |", NULL, "| --- |"},
    {"white space around, ampersand", "{\"v\":\"---\"}", "| {{&v}} |", NULL, "| --- |"},
    {"alone on its line", "{\"v\":\"---\"}", "  {{v}}\n", NULL, "  ---\n"},
    {"alone on its line, three braces", "{\"v\":\"---\"}", "  {{{v}}}\n", NULL, "  ---\n"},
    {"alone on its line, ampersand", "{\"v\":\"---\"}", "  {{&v}}\n", NULL, "  ---\n"},
    {"padding", "{\"v\":\"---\"}", "|{{ v }}|", NULL, "|---|"},
    {"padding, three braces", "{\"v\":\"---\"}", "|{{{ v }}}|", NULL, "|---|"},
    {"padding, ampersand", "{\"v\":\"---\"}", "|{{& v }}|", NULL, "|---|"},
};

static const struct spec sections[] = {
    {"true", "{\"b\":true}", "[{{#b}}shown{{/b}}]", NULL, "[shown]"},
    {"false", "{\"b\":false}", "[{{#b}}hidden{{/b}}]", NULL, "[]"},
    {"null", "{\"b\":null}", "[{{#b}}hidden{{/b}}]", NULL, "[]"},
    {"context", "{\"c\":{\"n\":\"Ana\"}}", "{{#c}}Hi {{n}}.{{/c}}", NULL, "Hi Ana."},
    {"contexts outside", "{\"a\":\"A\",\"b\":\"no\",\"s\":{\"b\":\"B\"},\"c\":{\"d\":\"D\"}}",
     "{{#s}}{{a}}, {{b}}, {{c.d}}{{/s}}", NULL, "A, B, D"},
    {"the value itself", "{\"v\":\"bar\"}", "{{#v}}{{.}} is {{v}}{{/v}}", NULL, "bar is bar"},
    {"lists inside lists",
     "{\"t\":[{\"n\":{\"u\":\"A\",\"l\":\"a\"},\"m\":[{\"k\":\"1\",\"o\":[{\"b\":\"x\"},{\"b\":\"y\"}]}]}]}",
     "{{#t}}{{#m}}{{n.l}}{{k}}.{{#o}}{{n.u}}{{k}}{{b}}.{{/o}}{{/m}}{{/t}}", NULL, "a1.A1x.A1y."},
    {"deep contexts",
     "{\"a\":{\"one\":1},\"b\":{\"two\":2},\"c\":{\"three\":3,\"d\":{\"four\":4,\"five\":5}}}",
     "{{#a}}\n{{one}}\n{{#b}}\n{{one}}{{two}}\n{{#c}}\n{{one}}{{two}}{{three}}\n{{#d}}\n{{one}}{{four}}\n{{#"
     "five}}\n"
     "{{four}}{{five}}{{.}}6\n{{/five}}\n{{three}}{{four}}\n{{/d}}\n{{three}}\n{{/c}}\n{{two}}\n{{/"
     "b}}\n{{one}}\n{{/a}}\n",
     NULL, "1\n12\n123\n14\n4556\n34\n3\n2\n1\n"},
    {"list", "{\"l\":[{\"i\":1},{\"i\":2},{\"i\":3}]}", "[{{#l}}{{i}}{{/l}}]", NULL, "[123]"},
    {"empty list", "{\"l\":[]}", "[{{#l}}no{{/l}}]", NULL, "[]"},
    {"a text is no list", "{\"s\":\"123\"}", "[{{#s}}x{{/s}}]", NULL, "[x]"},
    {"twice", "{\"b\":true,\"t\":\"two\"}", "{{#b}}\n* one\n{{/b}}\n* {{t}}\n{{#b}}\n* three\n{{/b}}\n", NULL,
     "* one\n* two\n* three\n"},
    {"nested, true", "{\"b\":true}", "| A {{#b}}B {{#b}}C{{/b}} D{{/b}} E |", NULL, "| A B C D E |"},
    {"nested, false", "{\"b\":false}", "| A {{#b}}B {{#b}}C{{/b}} D{{/b}} E |", NULL, "| A  E |"},
    {"missing", NONE, "[{{#m}}no{{/m}}]", NULL, "[]"},
    {"dot, texts", "{\"l\":[\"a\",\"b\"]}", "{{#l}}({{.}}){{/l}}", NULL, "(a)(b)"},
    {"dot, integers", "{\"l\":[1,2]}", "{{#l}}({{.}}){{/l}}", NULL, "(1)(2)"},
    {"dot, decimals", "{\"l\":[1.10,2.20,3.30]}", "{{#l}}({{.}}){{/l}}", NULL, "(1.1)(2.2)(3.3)"},
    {"dot, lists", "{\"l\":[[1,2,3],[\"a\",\"b\"]]}", "{{#l}}({{#.}}{{.}}{{/.}}){{/l}}", NULL, "(123)(ab)"},
    {"dot, escaped", "{\"l\":[\"&\",\"\\\"\",\"<\",\">\"]}", "{{#l}}({{.}}){{/l}}", NULL,
     "(&amp;)(&quot;)(&lt;)(&gt;)"},
    {"dot, three braces", "{\"l\":[\"&\",\"\\\"\",\"<\"]}", "{{#l}}({{{.}}}){{/l}}", NULL, "(&)(\")(<)"},
    {"dot, ampersand", "{\"l\":[\"&\",\"\\\"\",\"<\"]}", "{{#l}}({{&.}}){{/l}}", NULL, "(&)(\")(<)"},
    {"dot, the root", "[{\"v\":\"a\"},{\"v\":\"b\"}]", "{{#.}}({{v}}){{/.}}", NULL, "(a)(b)"},
    {"dotted, true", "{\"a\":{\"b\":{\"c\":true}}}", "[{{#a.b.c}}x{{/a.b.c}}]", NULL, "[x]"},
    {"dotted, false", "{\"a\":{\"b\":{\"c\":false}}}", "[{{#a.b.c}}x{{/a.b.c}}]", NULL, "[]"},
    {"dotted, chain breaks", "{\"a\":{}}", "[{{#a.b.c}}x{{/a.b.c}}]", NULL, "[]"},
    {"white space around", "{\"b\":true}", " | {{#b}}\t|\t{{/b}} | \n", NULL, " | \t|\t | \n"},
    {"white space inside", "{\"b\":true}", " | {{#b}} {{! x }}\n {{/b}} | \n", NULL, " |  \n  | \n"},
    {"inline, indented", "{\"b\":true}", " {{#b}}YES{{/b}}\n {{#b}}GOOD{{/b}}\n", NULL, " YES\n GOOD\n"},
    {"alone on their lines", "{\"b\":true}", "| a\n{{#b}}\n|\n{{/b}}\n| b\n", NULL, "| a\n|\n| b\n"},
    {"alone and indented", "{\"b\":true}", "| a\n  {{#b}}\n|\n  {{/b}}\n| b\n", NULL, "| a\n|\n| b\n"},
    {"alone, CR LF", "{\"b\":true}", "|\r\n{{#b}}\r\n{{/b}}\r\n|", NULL, "|\r\n|"},
    {"alone on the first line", "{\"b\":true}", "  {{#b}}\n#{{/b}}\n/", NULL, "#\n/"},
    {"alone on the last line", "{\"b\":true}", "#{{#b}}\n/\n  {{/b}}", NULL, "#\n/\n"},
    {"padding", "{\"b\":true}", "|{{# b }}={{/ b }}|", NULL, "|=|"},
};

static const struct spec inverted[] = {
    {"false", "{\"b\":false}", "[{{^b}}shown{{/b}}]", NULL, "[shown]"},
    {"true", "{\"b\":true}", "[{{^b}}hidden{{/b}}]", NULL, "[]"},
    {"null", "{\"b\":null}", "[{{^b}}shown{{/b}}]", NULL, "[shown]"},
    {"context", "{\"c\":{\"n\":\"Ana\"}}", "[{{^c}}{{n}}{{/c}}]", NULL, "[]"},
    {"a text", "{\"s\":\"x\"}", "[{{^s}}hidden{{/s}}]", NULL, "[]"},
    {"list", "{\"l\":[{\"n\":1}]}", "[{{^l}}{{n}}{{/l}}]", NULL, "[]"},
    {"empty list", "{\"l\":[]}", "[{{^l}}none{{/l}}]", NULL, "[none]"},
    {"twice", "{\"b\":false,\"t\":\"two\"}", "{{^b}}\n* one\n{{/b}}\n* {{t}}\n{{^b}}\n* three\n{{/b}}\n",
     NULL, "* one\n* two\n* three\n"},
    {"nested, false", "{\"b\":false}", "| A {{^b}}B {{^b}}C{{/b}} D{{/b}} E |", NULL, "| A B C D E |"},
    {"nested, true", "{\"b\":true}", "| A {{^b}}B {{^b}}C{{/b}} D{{/b}} E |", NULL, "| A  E |"},
    {"missing", NONE, "[{{^m}}none{{/m}}]", NULL, "[none]"},
    {"dotted, true", "{\"a\":{\"b\":{\"c\":true}}}", "[{{^a.b.c}}x{{/a.b.c}}]", NULL, "[]"},
    {"dotted, false", "{\"a\":{\"b\":{\"c\":false}}}", "[{{^a.b.c}}x{{/a.b.c}}]", NULL, "[x]"},
    {"dotted, chain breaks", "{\"a\":{}}", "[{{^a.b.c}}x{{/a.b.c}}]", NULL, "[x]"},
    {"white space around", "{\"b\":false}", " | {{^b}}\t|\t{{/b}} | \n", NULL, " | \t|\t | \n"},
    {"white space inside", "{\"b\":false}", " | {{^b}} {{! x }}\n {{/b}} | \n", NULL, " |  \n  | \n"},
    {"inline, indented", "{\"b\":false}", " {{^b}}NO{{/b}}\n {{^b}}WAY{{/b}}\n", NULL, " NO\n WAY\n"},
    {"alone on their lines", "{\"b\":false}", "| a\n{{^b}}\n|\n{{/b}}\n| b\n", NULL, "| a\n|\n| b\n"},
    {"alone and indented", "{\"b\":false}", "| a\n  {{^b}}\n|\n  {{/b}}\n| b\n", NULL, "| a\n|\n| b\n"},
    {"alone, CR LF", "{\"b\":false}", "|\r\n{{^b}}\r\n{{/b}}\r\n|", NULL, "|\r\n|"},
    {"alone on the first line", "{\"b\":false}", "  {{^b}}\n^{{/b}}\n/", NULL, "^\n/"},
    {"alone on the last line", "{\"b\":false}", "^{{^b}}\n/\n  {{/b}}", NULL, "^\n/\n"},
    {"padding", "{\"b\":false}", "|{{^ b }}={{/ b }}|", NULL, "|=|"},
};

static const struct spec partials[] = {
    {"a partial", NONE, "\"{{>p}}\"", "{\"p\":\"from it\"}", "\"from it\""},
    {"not found", NONE, "\"{{>p}}\"", "{}", "\"\""},
    {"context", "{\"t\":\"content\"}", "\"{{>p}}\"", "{\"p\":\"*{{t}}*\"}", "\"*content*\""},
    {"recursion", "{\"c\":\"X\",\"n\":[{\"c\":\"Y\",\"n\":[]}]}", "{{>p}}",
     "{\"p\":\"{{c}}<{{#n}}{{>p}}{{/n}}>\"}", "X<Y<>>"},
    {"nested", "{\"a\":\"hello\",\"b\":\"world\"}", "{{>o}}", "{\"o\":\"*{{a}} {{>i}}*\",\"i\":\"{{b}}!\"}",
     "*hello world!*"},
    {"white space around", NONE, "| {{>p}} |", "{\"p\":\"\\t|\\t\"}", "| \t|\t |"},
    {"inline, no indentation", "{\"d\":\"|\"}", "  {{d}}  {{> p}}\n", "{\"p\":\">\\n>\"}", "  |  >\n>\n"},
    {"alone, CR LF", NONE, "|\r\n{{>p}}\r\n|", "{\"p\":\">\"}", "|\r\n>|"},
    {"alone on the first line", NONE, "  {{>p}}\n>", "{\"p\":\">\\n>\"}", "  >\n  >>"},
    {"alone on the last line", NONE, ">\n  {{>p}}", "{\"p\":\">\\n>\"}", ">\n  >\n  >"},
    {"indents lines, not values", "{\"c\":\"<\\n->\"}", "\\\n {{>p}}\n/\n",
     "{\"p\":\"|\\n{{{c}}}\\na b{{{c}}}c\\n|\\n\"}", "\\\n |\n <\n->\n a b<\n->c\n |\n/\n"},
    {"indentations add up", NONE, " {{>o}}\n", "{\"o\":\"o\\n {{>i}}\\n\",\"i\":\"i\\ni\\n\"}",
     " o\n  i\n  i\n"},
    {"padding", "{\"b\":true}", "|{{> p }}|", "{\"p\":\"[]\"}", "|[]|"},
};

static const struct spec dynamic_names[] = {
    {"a name from a value", "{\"d\":\"p\"}", "\"{{>*d}}\"", "{\"p\":\"yes\"}", "\"yes\""},
    {"the star is no letter of the name", "{\"d\":\"p\",\"*d\":\"q\"}", "\"{{>*d}}\"",
     "{\"p\":\"yes\",\"q\":\"no\"}", "\"yes\""},
    {"missing", NONE, "\"{{>*p}}\"", "{\"p\":\"no\"}", "\"\""},
    {"not found", "{\"d\":\"p\"}", "\"{{>*d}}\"", "{\"q\":\"no\"}", "\"\""},
    {"context", "{\"t\":\"T\",\"d\":\"p\"}", "\"{{>*d}}\"", "{\"p\":\"*{{t}}*\"}", "\"*T*\""},
    {"dotted", "{\"t\":\"T\",\"f\":{\"b\":\"p\"}}", "{{>*f.b}}", "{\"p\":\"*{{t}}*\"}", "*T*"},
    {"dotted names resolve first", "{\"f\":\"t\",\"t\":{\"b\":\"p\"}}", "[{{>*f.b}}]", "{\"p\":\"no\"}",
     "[]"},
    {"pushes no context", "{\"f\":{\"t\":\"no\",\"b\":\"p\"}}", "{{>*f.b}}", "{\"p\":\"*{{t}}*\"}", "**"},
    {"context inside sections", "{\"a\":{\"v\":\"A\"},\"b\":{\"d\":\"p\",\"v\":\"no\"}}",
     "{{#a}}{{>*b.d}}{{/a}}", "{\"p\":\"{{v}}\"}", "A"},
    {"again and again", "{\"v\":\"x\",\"l\":[1,2],\"b\":{\"d\":\"p\",\"v\":\"no\"}}", "{{#l}}{{>*b.d}}{{/l}}",
     "{\"p\":\"{{v}}\"}", "xx"},
    {"again, missing inside", "{\"l\":[1,2],\"b\":{\"d\":\"p\",\"v\":\"no\"}}", "{{#l}}{{>*b.d}}{{/l}}",
     "{\"p\":\"[{{v}}]\"}", "[][]"},
    {"recursion", "{\"d\":\"p\",\"c\":\"X\",\"n\":[{\"c\":\"Y\",\"n\":[]}]}", "{{>*d}}",
     "{\"p\":\"{{c}}<{{#n}}{{>*d}}{{/n}}>\"}", "X<Y<>>"},
    {"no second star", "{\"d\":\"t\",\"t\":\"p\"}", "\"{{>**d}}\"", "{\"p\":\"no\"}", "\"\""},
    {"no star inside", "{\"f\":\"a\",\"b\":\"c\",\"a\":{\"c\":\"p\"}}", "[{{>*f.*b}}]", "{\"p\":\"no\"}",
     "[]"},
    {"white space around", "{\"d\":\"p\"}", "| {{>*d}} |", "{\"p\":\"\\t|\\t\"}", "| \t|\t |"},
    {"inline, no indentation", "{\"d\":\"p\",\"v\":\"|\"}", "  {{v}}  {{>*d}}\n", "{\"p\":\">\\n>\"}",
     "  |  >\n>\n"},
    {"alone, CR LF", "{\"d\":\"p\"}", "|\r\n{{>*d}}\r\n|", "{\"p\":\">\"}", "|\r\n>|"},
    {"alone on the first line", "{\"d\":\"p\"}", "  {{>*d}}\n>", "{\"p\":\">\\n>\"}", "  >\n  >>"},
    {"alone on the last line", "{\"d\":\"p\"}", ">\n  {{>*d}}", "{\"p\":\">\\n>\"}", ">\n  >\n  >"},
    {"indents lines, not values", "{\"d\":\"p\",\"c\":\"<\\n->\"}", "\\\n {{>*d}}\n/\n",
     "{\"p\":\"|\\n{{{c}}}\\n|\\n\"}", "\\\n |\n <\n->\n |\n/\n"},
    {"padding", "{\"d\":\"p\"}", "|{{> * d }}|", "{\"p\":\"[]\"}", "|[]|"},
};

static const struct spec inheritance[] = {
    {"default content", NONE, "{{$t}}Default{{/t}}\n", NULL, "Default\n"},
    {"default with a value", "{\"b\":\"baz\"}", "{{$f}}default {{b}} content{{/f}}\n", NULL,
     "default baz content\n"},
    {"default, three braces", "{\"b\":\"<baz>\"}", "{{$f}}default {{{b}}}{{/f}}\n", NULL, "default <baz>\n"},
    {"default with a section", "{\"b\":{\"c\":\"q\"}}", "{{$f}}d {{#b}}{{c}}{{/b}} e{{/f}}\n", NULL,
     "d q e\n"},
    {"default with an inverted section", "{\"c\":\"three\"}", "{{$f}}d {{^b}}{{c}}{{/b}} e{{/f}}\n", NULL,
     "d three e\n"},
    {"values are not templates", "{\"b\":{\"c\":\"{{q}}\"}}", "{{$f}}d {{#b}}{{c}}{{/b}} e{{/f}}\n", NULL,
     "d {{q}} e\n"},
    {"default in a parent", NONE, "{{<p}}{{/p}}\n", "{\"p\":\"{{$f}}default{{/f}}\"}", "default"},
    {"overridden", NONE, "{{<p}}{{$t}}mine{{/t}}{{/p}}", "{\"p\":\"...{{$t}}Default{{/t}}...\"}",
     "...mine..."},
    {"data is no argument", "{\"v\":\"no\"}", "{{<p}}{{$v}}mine{{/v}}{{/p}}",
     "{\"p\":\"{{$v}}default{{/v}}\"}", "mine"},
    {"data is no default", "{\"v\":\"no\"}", "{{<p}}{{/p}}", "{\"p\":\"{{$v}}default{{/v}}\"}", "default"},
    {"a parent behind text", NONE, "test {{<p}}{{$s}}mine{{/s}}{{/p}}", "{\"p\":\"{{$s}}...{{/s}}\"}",
     "test mine"},
    {"two parents", NONE, "test {{<p}}{{$s}}one{{/s}}{{/p}} {{<p}}{{$s}}two{{/s}}{{/p}}\n",
     "{\"p\":\"|{{$s}}...{{/s}}{{$d}} default{{/d}}|\"}", "test |one default| |two default|\n"},
    {"argument with line ends", NONE, "{{<p}}{{$b}}\npeaked\n\n:(\n{{/b}}{{/p}}",
     "{\"p\":\"{{$b}}peaking{{/b}}\"}", "peaked\n\n:(\n"},
    {"indentation of the place", NONE, "{{<p}}{{$n}}hammer time{{/n}}{{/p}}",
     "{\"p\":\"stop:\\n  {{$n}}listen{{/n}}\\n\"}", "stop:\n  hammer time\n"},
    {"one of two", NONE, "{{<p}}{{$b}}mine{{/b}}{{/p}}", "{\"p\":\"{{$a}}one{{/a}}, {{$b}}two{{/b}}\"}",
     "one, mine"},
    {"a parent without arguments is a partial", NONE, "{{>p}}|{{<p}}{{/p}}",
     "{\"p\":\"{{$f}}default{{/f}}\"}", "default|default"},
    {"recursion", NONE, "{{<p}}{{$f}}override{{/f}}{{/p}}",
     "{\"p\":\"{{$f}}default{{/f}} {{$b}}{{<q}}{{/q}}{{/b}}\","
     "\"q\":\"{{$f}}q default{{/f}} {{<p}}{{$b}}stop{{/b}}{{/p}}\"}",
     "override override override stop"},
    {"the outermost wins", NONE, "{{<p}}{{$a}}c{{/a}}{{/p}}",
     "{\"p\":\"{{<o}}{{$a}}p{{/a}}{{/o}}\",\"o\":\"{{<g}}{{$a}}o{{/a}}{{/g}}\",\"g\":\"{{$a}}g{{/a}}\"}",
     "c"},
    {"the outermost that has it wins", NONE, "{{<p}}{{/p}}",
     "{\"p\":\"{{<o}}{{$a}}p{{/a}}{{/o}}\",\"o\":\"{{<g}}{{$a}}o{{/a}}{{/g}}\",\"g\":\"{{$a}}g{{/a}}\"}",
     "p"},
    {"text in a parent tag", NONE, "{{<p}} skip {{$f}}hmm{{/f}} skip {{/p}}",
     "{\"p\":\"{{$f}}default{{/f}}\"}", "hmm"},
    {"nothing but text in it", NONE, "{{<p}} skip skip {{/p}}", "{\"p\":\"{{$f}}default{{/f}}\"}", "default"},
    {"context is the place's", "{\"f\":\"no\",\"n\":{\"f\":\"bananas\"}}",
     "{{<p}}{{$b}}I say {{f}}.{{/b}}{{/p}}", "{\"p\":\"{{#n}}{{$b}}You say {{f}}.{{/b}}{{/n}}\"}",
     "I say bananas."},
    {"a pair alone on its line", NONE, "Hi,\n  {{<p}}{{/p}}\n", "{\"p\":\"one\\ntwo\\n\"}",
     "Hi,\n  one\n  two\n"},
    {"a block pair alone on its line", NONE, "{{<p}}{{$b}}\none\ntwo{{/b}}\n{{/p}}\n",
     "{\"p\":\"Hi,\\n  {{$b}}{{/b}}\\n\"}", "Hi,\n  one\n  two\n"},
    {"indentation taken away and added", NONE, "{{<p}}{{$b}}\n    one\n    two\n{{/b}}{{/p}}\n",
     "{\"p\":\"Hi,\\n  {{$b}}\\n  {{/b}}\\n\"}", "Hi,\n  one\n  two\n"},
    {"indentation of the default content", NONE, "{{<p}}{{$b}}\none\ntwo\n{{/b}}{{/p}}\n",
     "{\"p\":\"Hi,\\n{{$b}}\\n  default\\n{{/b}}\\n\"}", "Hi,\n  one\n  two\n"},
    {"indentation of nested blocks", NONE, "{{<p}}{{$n}}\nthree\n{{/n}}{{/p}}\n",
     "{\"p\":\"{{<g}}{{$b}}\\n  one\\n  {{$n}}\\n    two\\n  {{/n}}\\n{{/b}}{{/g}}\\n\","
     "\"g\":\"{{$b}}default{{/b}}\"}",
     "one\n  three\n"},
    {"default content keeps its own", NONE, "{{<p}}{{/p}}\n",
     "{\"p\":\"Hi,\\n{{$b}}\\n  default\\n{{/b}}\\nbye\\n\"}", "Hi,\n  default\nbye\n"},
    {"default inside an indented parent", NONE, " {{<p}}{{/p}}\n", "{\"p\":\"a\\n {{$b}}x{{/b}}\\nc\\n\"}",
     " a\n  x\n c\n"},
    {"a line replaced by a word", NONE, "{{<p}}{{$b}}x{{/b}}{{/p}}\n",
     "{\"p\":\"a\\n{{$b}}\\nd\\n{{/b}}\\nc\\n\"}", "a\nx\nc\n"},
    {"a block does not fill itself", NONE, "{{<p}}{{$x}}a{{$x}}b{{/x}}{{/x}}{{/p}}",
     "{\"p\":\"{{$x}}{{/x}}\"}", "ab"},
    {"dynamic parent", "{\"d\":\"p\"}", "{{<*d}}{{$x}}a{{/x}}{{/*d}}", "{\"p\":\"[{{$x}}{{/x}}]\"}", "[a]"},
};

struct sources {
    void *mem;
    json_t *json;
};

static int find_in_json(void *ctx, const char *name, const struct mustache **partial_r, struct err *err)
{
    const struct sources *sources = ctx;
    json_t *source = json_object_get(sources->json, name);
    struct mustache *t;
    if (!source)
        return 0;
    if (mustache_parse(sources->mem, name, json_string_value(source), json_string_length(source), NULL, &t,
                       err) < 0)
        return -1;
    *partial_r = t;
    return 1;
}

static void check(const char *module, const struct spec *c)
{
    MEM_SCOPE(mem);
    struct err err = {0};
    struct sources sources = {mem, c->partials ? json_loads(c->partials, 0, NULL) : json_object()};
    struct mustache_partials finder = {find_in_json, &sources};
    struct mustache_view view = {json_loads(c->data, JSON_DECODE_ANY, NULL), NULL, &finder};
    struct text out = text_new(mem);
    struct mustache *t;
    assert_non_null(view.value);
    assert_non_null(sources.json);
    if (mustache_parse(mem, "spec", c->source, strlen(c->source), NULL, &t, &err) < 0 ||
        mustache_render(t, &view, &out, &err) < 0)
        fail_msg("%s, %s: %s", module, c->rule, err.text);
    if (strcmp(out.s, c->want))
        fail_msg("%s, %s: wanted \"%s\", got \"%s\"", module, c->rule, c->want, out.s);
    json_decref(view.value);
    json_decref(sources.json);
}

#define MODULE(name)                                                                                         \
    static void test_##name(void **state)                                                                    \
    {                                                                                                        \
        (void)state;                                                                                         \
        for (size_t i = 0; i < ARRAY_LEN(name); i++)                                                         \
            check(#name, &name[i]);                                                                          \
    }
MODULE(comments)
MODULE(delimiters)
MODULE(interpolation)
MODULE(sections)
MODULE(inverted)
MODULE(partials)
MODULE(dynamic_names)
MODULE(inheritance)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_comments),      cmocka_unit_test(test_delimiters),
        cmocka_unit_test(test_interpolation), cmocka_unit_test(test_sections),
        cmocka_unit_test(test_inverted),      cmocka_unit_test(test_partials),
        cmocka_unit_test(test_dynamic_names), cmocka_unit_test(test_inheritance),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
