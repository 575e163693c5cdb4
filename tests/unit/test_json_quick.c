/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/json_quick.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* It says what jansson says, also of what is no JSON. */
static void judge(const char *text)
{
    json_t *quick = json_quick(text), *loaded = json_loads(text, 0, NULL);
    assert_true(quick ? json_equal(quick, loaded) : !loaded);
    json_decref(quick);
    json_decref(loaded);
}

static const char *const texts[] = {
    "{\"name\": \"Rexhep Selimi\", \"lines\": [\"Rruga e Dëshmorëve 3\", \"\"], \"id\": 4711, \"minus\": "
    "-12, \"of\": {\"a\": null}, "
    "\"yes\": true, \"no\": false, \"none\": [], \"empty\": {}, \"fraction\": 0.25, \"zero\": 0}",
    "{\"said\": \"\\\"so\\\"\\n\\u0161\", \"n\": 123456789012345678, \"large\": 1234567890123456789, \"a\": "
    "1, \"a\": 2}",
    "[[[[1]]], {\"\": [2, \"3\"]}]",
    "",
    "3",
    "\"text\"",
    "{} ",
    "{}{}",
    "[01]",
    "[-]",
    "[1,]",
    "{\"a\":1,}",
    "[nul]",
};

static void test_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        judge(texts[i]);
}

/* Each text cut off anywhere, and with another character anywhere. */
static void test_broken(void **state)
{
    static const char other[] = "\"\\{}[],:-0 .n\n\x7f";
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        char *text = strdup(texts[i]);
        for (size_t at = 0, len = strlen(text); at < len; at++) {
            char was = text[at];
            for (size_t k = 0; k < sizeof other; k++)
                if ((was & 0x80) == 0) {
                    text[at] = other[k];
                    judge(text);
                }
            text[at] = was;
        }
        free(text);
    }
}

static void test_deep(void **state)
{
    (void)state;
    char text[101] = "";
    memset(text, '[', 50);
    memset(text + 50, ']', 50);
    judge(text);
    text[99] = 0;
    judge(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_broken),
        cmocka_unit_test(test_deep),
    };
    return cmocka_run_group_tests_name("json_quick", tests, NULL, NULL);
}
