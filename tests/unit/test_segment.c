/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The question language without a store: what a question is as a tree, and what is said of one that is wrong.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/nearest.h"
#include "crm/segment_tree.h"

static void print_values(struct text *t, const struct segment_value *v)
{
    for (size_t i = 0; i < talloc_array_length(v); i++)
        text_printf(t, "%s%s", i ? "," : "", v[i].text);
}

/* (and category:donor (not tag:vip)) */
static void print(struct text *t, const struct segment_node *n)
{
    static const char *const test[] = {":", "<", "<=", ">", ">="};
    static const char *const op[] = {"(and", "(or", "(not"};
    if (n->op == SEGMENT_IS) {
        text_printf(t, "%s%s", segment_keys[n->key].name, test[n->test]);
        print_values(t, n->value);
        text_puts(t, n->detail ? "=" : "");
        print_values(t, n->detail);
        return;
    }
    text_puts(t, op[n->op]);
    for (const struct segment_node *child = n->first; child; child = child->next) {
        text_putc(t, ' ');
        print(t, child);
    }
    text_putc(t, ')');
}

static void test_trees(void **state)
{
    (void)state;
    static const struct {
        const char *question, *tree;
    } table[] = {
        {"", ""},
        {"  \n\t\u00a0", ""},
        {"category:donor", "category:donor"},
        {"CATEGORY:donor", "category:donor"},
        {"category:donor language:sr", "(and category:donor language:sr)"},
        {"category:donor and language:sr AND tag:x", "(and category:donor language:sr tag:x)"},
        {"a or b c", "(or text:a (and text:b text:c))"},
        {"(a or b) c", "(and (or text:a text:b) text:c)"},
        {"((a))", "text:a"},
        {"-a", "(not text:a)"},
        {"- a", NULL},
        {"not a", "(not text:a)"},
        {"not not a", "(not (not text:a))"},
        {"not (a b)", "(not (and text:a text:b))"},
        {"-(a b)", "(not (and text:a text:b))"},
        {"-\"a b\"", "(not text:a b)"},
        {"-„a b“", "(not text:a b)"},
        {"a-b", "text:a-b"},
        {"country:DE,AT", "country:DE,AT"},
        {"country:DE, AT x", "(and country:DE,AT text:x)"},
        {"city:\"Novo Brdo\",Gjilan", "city:Novo Brdo,Gjilan"},
        {"answered:\"Donor conference 2026\"=yes", "answered:Donor conference 2026=yes"},
        {"answered:Feast=YES,perhaps x", "(and answered:Feast=yes,perhaps text:x)"},
        {"received:7=bounced", "received:7=bounced"},
        {"tag:a=b", "tag:a=b"},
        {"last-contact<2026-01-01", "last-contact<2026-01-01"},
        {"last-contact<=2026-01 created>2025 created>=18.03.2026",
         "(and last-contact<=2026-01 created>2025 created>=18.03.2026)"},
        {"created=2026", "created:2026"},
        {"created:2026,2024", "created:2026,2024"},
        {"\"or\" \"and\" \"not\"", "(and text:or text:and text:not)"},
        {"orange android nothing", "(and text:orange text:android text:nothing)"},
        {"\"a \\\"b\\\" \\\\ c\"", "text:a \"b\" \\ c"},
        {"„Banja e Kllokotit“", "text:Banja e Kllokotit"},
        {"Ђорђе Ćosić", "(and text:Ђорђе text:Ćosić)"},
        {"(tag:vip or owner:drita)segment:\"Donors abroad\"",
         "(and (or tag:vip owner:drita) segment:Donors abroad)"},
        {"a(b)c", "(and text:a text:b text:c)"},
        {"state:Bounced", "state:bounced"},
        {"tag:\"x) or id:1\"", "tag:x) or id:1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        struct err err;
        struct segment_spot spot;
        struct segment_node *tree;
        struct text t = text_new(mem);
        int rc = segment_parse(mem, table[i].question, &tree, &spot, &err);
        if (rc == 0 && tree)
            print(&t, tree);
        if (table[i].tree && rc < 0)
            fail_msg("%s: %s", table[i].question, err.text);
        assert_int_equal(rc, table[i].tree ? 0 : -1);
        assert_string_equal(t.s, table[i].tree ? table[i].tree : "");
    }
}

static void test_errors(void **state)
{
    (void)state;
    static const struct {
        const char *question, *text;
        size_t offset, len;
    } table[] = {
        {"catgory:donor", "character 1: there is no key \"catgory\"; did you mean \"category\"?", 0, 7},
        {"a org:x", "character 3: there is no key \"org\"; did you mean \"organisation\"?", 2, 3},
        {"ћ catgory:x", "character 3: there is no key \"catgory\"; did you mean \"category\"?", 3, 7},
        {"http://x", "character 1: there is no key \"http\"; there are kind, category, ", 0, 4},
        {"category:", "character 10: category wants a word right here, as in category:donor,investor", 9, 1},
        {"category: donor", "character 10: category wants", 9, 1},
        {"category:donor,", "character 16: category wants", 15, 1},
        {"category:,donor", "character 10: category wants", 9, 1},
        {"category=donor", "character 9: category is asked for with a colon", 8, 1},
        {"tag>x", "character 4: tag is asked for with a colon, as in tag:vip", 3, 1},
        {"kind:persn", "character 6: kind is never \"persn\"; did you mean \"person\"?", 5, 5},
        {"state:good,gone", "character 12: state is never \"gone\"; ", 11, 4},
        {"answered:X=maybe", "character 12: answered is never \"maybe\"; there are yes, no, perhaps, ", 11,
         5},
        {"created<soon", "character 9: \"soon\" is no date", 8, 4},
        {"created<2026-13", "character 9: \"2026-13\" is no date", 8, 7},
        {"created<2026-02-30", "character 9: ", 8, 10},
        {"created<2026,2025", "character 1: a comparison takes one date", 0, 17},
        {"\"abc", "character 1: the quotation mark is not closed", 0, 1},
        {"x tag:\"abc", "character 7: the quotation mark is not closed", 6, 1},
        {"„abc\"", "character 1: the quotation mark is not closed", 0, 3},
        {"\" \"", "character 1: there is nothing between the quotation marks", 0, 3},
        {"(a", "character 1: the parenthesis is not closed", 0, 1},
        {"a (b (c)", "character 3: the parenthesis is not closed", 2, 1},
        {"a)", "character 2: this parenthesis was not opened", 1, 1},
        {"()", "character 2: a condition is missing here", 1, 1},
        {"a or", "character 5: a condition is missing at the end", 4, 1},
        {"or a", "character 1: a condition is missing here", 0, 1},
        {"a and", "character 3: \"and\" stands between two conditions", 2, 3},
        {"and a", "character 1: \"and\" stands between two conditions", 0, 4},
        {"a not", "character 3: there is nothing behind \"not\"", 2, 3},
        {"not or", "character 1: there is nothing behind \"not\"", 0, 4},
        {"a - b", "character 3: \"-\" stands right before what it takes away", 2, 1},
        {"a, b", "character 2: \",\" stands here without a word before it", 1, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        struct err err;
        struct segment_spot spot;
        struct segment_node *tree;
        if (segment_parse(mem, table[i].question, &tree, &spot, &err) == 0)
            fail_msg("%s: no error", table[i].question);
        assert_int_equal(err.code, ERR_USAGE);
        if (strncmp(err.text, table[i].text, strlen(table[i].text)) != 0)
            fail_msg("%s: %s", table[i].question, err.text);
        assert_int_equal(spot.offset, table[i].offset);
        assert_int_equal(spot.len, table[i].len);
    }
}

static void test_periods(void **state)
{
    (void)state;
    static const struct {
        const char *question, *from, *to;
    } table[] = {
        {"created:2026", "2026-01-01", "2027-01-01"},
        {"created:2026-02", "2026-02-01", "2026-03-01"},
        {"created:2026-12", "2026-12-01", "2027-01-01"},
        {"created:2024-02-28", "2024-02-28", "2024-02-29"},
        {"created:31.12.2025", "2025-12-31", "2026-01-01"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        struct err err;
        struct segment_spot spot;
        struct segment_node *tree;
        assert_int_equal(segment_parse(mem, table[i].question, &tree, &spot, &err), 0);
        assert_string_equal(tree->value->from, table[i].from);
        assert_string_equal(tree->value->to, table[i].to);
    }
}

static void test_point(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct segment_spot nowhere = {0, 0};
    assert_string_equal(segment_point(mem, "ћук\ntag:x", (struct segment_spot){7, 3}), "ћук tag:x\n    ^^^");
    assert_string_equal(segment_point(mem, "ab", (struct segment_spot){2, 1}), "ab\n  ^");
    assert_string_equal(segment_point(mem, "ab", (struct segment_spot){1, 99}), "ab\n ^");
    assert_string_equal(segment_point(mem, "ab", nowhere), "");
}

static void test_nearest(void **state)
{
    (void)state;
    static const char *const list[] = {"donor", "diaspora-club", "NGO", "Конференција"};
    static const struct {
        const char *word, *nearest;
    } table[] = {
        {"doner", "donor"},       {"odnor", "donor"},
        {"dia", "diaspora-club"}, {"diaspra club", "diaspora-club"},
        {"ngos", "NGO"},          {"konferencia", "Конференција"},
        {"press", NULL},          {"", NULL},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        const char *nearest = nearest_word(table[i].word, list, ARRAY_LEN(list));
        if (!table[i].nearest)
            assert_null(nearest);
        else
            assert_string_equal(nearest ? nearest : "nothing", table[i].nearest);
    }
}

static char *repeated(void *mem, const char *what, int n, const char *end)
{
    struct text t = text_new(mem);
    while (n--)
        text_puts(&t, what);
    text_puts(&t, end);
    return t.s;
}

static void test_limits(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err;
    struct segment_spot spot;
    struct segment_node *tree;
    assert_int_equal(segment_parse(mem, repeated(mem, "a ", SEGMENT_MAX_CONDITIONS, ""), &tree, &spot, &err),
                     0);
    char *refused[] = {
        repeated(mem, "a ", SEGMENT_MAX_CONDITIONS, "a"),
        repeated(mem, "(", SEGMENT_MAX_DEPTH + 1, "a"),
        repeated(mem, "-", 3000, "a"),
        repeated(mem, "not ", SEGMENT_MAX_DEPTH + 1, "a"),
        repeated(mem, "a", SEGMENT_MAX_BYTES, "a"),
        repeated(mem, "id:1,", SEGMENT_MAX_VALUES, "1"),
        talloc_strdup(mem, "a\xff"),
    };
    refused[5] = talloc_asprintf(mem, "id:%s", repeated(mem, "1,", SEGMENT_MAX_VALUES, "1"));
    for (size_t i = 0; i < ARRAY_LEN(refused); i++) {
        assert_int_equal(segment_parse(mem, refused[i], &tree, &spot, &err), -1);
        assert_int_equal(err.code, ERR_USAGE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_trees), cmocka_unit_test(test_errors),  cmocka_unit_test(test_periods),
        cmocka_unit_test(test_point), cmocka_unit_test(test_nearest), cmocka_unit_test(test_limits),
    };
    mem_init();
    return cmocka_run_group_tests_name("segment", tests, NULL, NULL);
}
