/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What may go out with a letter: what its name and its bytes agree on, and what does no harm.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "mail/filetype.h"
#include "mail/wire/danger.h"

static const char *const endings[] = {
#define SENT(ending, type, begin, at, picture) ending,
#define HARMS(danger, endings)
#define BEGINS(danger, bytes)
#include "mail/wire/filetype.def"
};

static void test_none_does_harm(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(endings); i++) {
        char name[40];
        snprintf(name, sizeof name, "plan.%s", endings[i]);
        if (danger_of(name, "x", 1))
            fail_msg("%s: %s", name, danger_of(name, "x", 1));
    }
}

/* A zip archive with one empty file of that name in it. */
static size_t zip_of(char *zip, const char *name)
{
    size_t n = strlen(name), at = 0;
    memcpy(zip, "PK\3\4", 4);
    memset(zip + 4, 0, 26);
    zip[26] = (char)n;
    memcpy(zip + 30, name, n);
    at = 30 + n;
    memcpy(zip + at, "PK\1\2", 4);
    memset(zip + at + 4, 0, 42);
    zip[at + 28] = (char)n;
    memcpy(zip + at + 46, name, n);
    return at + 46 + n;
}

static void test_bytes(void **state)
{
    (void)state;
    struct err err;
    const char *type;
    char zip[300];
    size_t len = zip_of(zip, "word/document.xml");
    assert_int_equal(filetype_of("plan.docx", zip, len, false, &type, &err), 0);
    assert_string_equal(type, "application/vnd.openxmlformats-officedocument.wordprocessingml.document");
    len = zip_of(zip, "word/vbaProject.bin");
    assert_int_equal(filetype_of("plan.docx", zip, len, false, &type, &err), -1);
    assert_non_null(strstr(err.text, "macros"));
    assert_int_equal(filetype_of("plan.pdf", "%PDF-1.7", 8, false, &type, &err), 0);
    assert_int_equal(filetype_of("plan.pdf", "MZ", 2, false, &type, &err), -1);
    assert_int_equal(filetype_of("plan.PNG", "\x89PNG\r\n\x1a\n", 8, true, &type, &err), 0);
    assert_int_equal(filetype_of("plan.pdf", "%PDF-1.7", 8, true, &type, &err), -1);
    assert_int_equal(filetype_of("plan.zip", zip, len, false, &type, &err), -1);
    assert_int_equal(filetype_of("run.txt", "#!/bin/sh\n", 10, false, &type, &err), -1);
    assert_int_equal(err.code, ERR_INPUT);
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_none_does_harm), cmocka_unit_test(test_bytes)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
