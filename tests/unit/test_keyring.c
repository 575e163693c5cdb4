/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/keyring.h"

static char *folder(void *mem)
{
    char *path = talloc_strdup(mem, "/tmp/adresar-keyring-XXXXXX");
    assert_non_null(mkdtemp(path));
    return path;
}

static void write_file(const char *path, const char *text, mode_t mode)
{
    struct err err;
    assert_int_equal(mem_write_file(path, text, strlen(text), &err), 0);
    assert_int_equal(chmod(path, mode), 0);
}

static void test_create_rotate(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    char *at = folder(mem), *path = talloc_asprintf(mem, "%s/keys", at);
    struct err err = {0};
    struct keyring *first, *second;
    struct stat st;
    assert_int_equal(keyring_create(path, &err), 0);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(keyring_create(path, &err), -1);
    assert_int_equal(err.code, ERR_CONFLICT);
    assert_int_equal(keyring_open(mem, path, &first, &err), 0);
    struct keyring_tag old = keyring_tag(first, "message", "42");
    assert_int_equal(keyring_rotate(path, &err), 0);
    assert_int_equal(keyring_open(mem, path, &second, &err), 0);
    struct keyring_tag new = keyring_tag(second, "message", "42");
    assert_string_not_equal(old.keyid, new.keyid);
    assert_string_not_equal(old.tag, new.tag);
    assert_true(keyring_verify(second, "message", "42", old.keyid, old.tag));
    assert_true(keyring_verify(second, "message", "42", new.keyid, new.tag));
    assert_false(keyring_verify(first, "message", "42", new.keyid, new.tag));
    unlink(path);
    rmdir(at);
}

/* An editor may have left the last line without its end. */
static void test_rotate_unfinished_line(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    char *at = folder(mem), *path = talloc_asprintf(mem, "%s/keys", at);
    char line[256] = "";
    struct err err = {0};
    struct keyring *ring;
    assert_int_equal(keyring_create(path, &err), 0);
    assert_int_equal(keyring_open(mem, path, &ring, &err), 0);
    struct keyring_tag old = keyring_tag(ring, "message", "42");
    FILE_SCOPE FILE *f = fopen(path, "re");
    assert_non_null(f);
    assert_non_null(fgets(line, sizeof line, f));
    line[strcspn(line, "\n")] = 0;
    write_file(path, line, 0600);
    assert_int_equal(keyring_rotate(path, &err), 0);
    if (keyring_open(mem, path, &ring, &err) < 0)
        fail_msg("%s", err.text);
    assert_true(keyring_verify(ring, "message", "42", old.keyid, old.tag));
    assert_string_not_equal(keyring_tag(ring, "message", "42").keyid, old.keyid);
    unlink(path);
    rmdir(at);
}

static void test_tags(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    char *at = folder(mem), *path = talloc_asprintf(mem, "%s/keys", at);
    write_file(path,
               "# keys of a test\n"
               "abcd 2026-01-01 0000000000000000000000000000000000000000000000000000000000000000\n"
               "ef23 2026-02-01 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n",
               0600);
    struct err err = {0};
    struct keyring *ring;
    assert_int_equal(keyring_open(mem, path, &ring, &err), 0);
    struct keyring_tag tag = keyring_tag(ring, "bounce", "1234");
    assert_string_equal(tag.keyid, "ef23");
    /* computed by another implementation */
    assert_string_equal(tag.tag, "53ti76teeyfkyzqx");
    assert_string_equal(keyring_hash(mem, ring, "mail", "a\0b", 3),
                        "7dc79927622616acecdba12ed89e97b0439d9e17cd82e33b5239f12b238cd24e");
    assert_true(keyring_verify(ring, "bounce", "1234", "ef23", tag.tag));
    assert_true(keyring_verify(ring, "bounce", "1234", "EF23", "53TI76TEEYFKYZQX"));
    assert_false(keyring_verify(ring, "bounce", "1235", "ef23", tag.tag));
    assert_false(keyring_verify(ring, "bounce1", "234", "ef23", tag.tag));
    assert_false(keyring_verify(ring, "message", "1234", "ef23", tag.tag));
    assert_false(keyring_verify(ring, "bounce", "1234", "abcd", tag.tag));
    assert_false(keyring_verify(ring, "bounce", "1234", "zzzz", tag.tag));
    assert_false(keyring_verify(ring, "bounce", "1234", "ef23", "short"));
    assert_false(keyring_verify(ring, "bounce", "1234", "ef23", ""));
    unlink(path);
    rmdir(at);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        mode_t mode;
        const char *words;
    } table[] = {
        {"abcd 2026-01-01 0000000000000000000000000000000000000000000000000000000000000000\n", 0644,
         "others can read it (mode 644; chmod 600)"},
        {"", 0600, "holds no key"},
        {"# only words\n", 0600, "holds no key"},
        {"abcd 2026-01-01 00\n", 0600, "keys:1: not a key"},
        {"\nab1d 2026-01-01 0000000000000000000000000000000000000000000000000000000000000000\n", 0600,
         "keys:2: not a key"},
        {"abcd 2026-01-01 000000000000000000000000000000000000000000000000000000000000000g\n", 0600,
         "not a key"},
        {"abcd 2026/01/01 0000000000000000000000000000000000000000000000000000000000000000\n", 0600,
         "not a key"},
        {"abcd 2026-01-01 0000000000000000000000000000000000000000000000000000000000000000\n"
         "abcd 2026-01-01 0000000000000000000000000000000000000000000000000000000000000000\n",
         0600, "keys:2: a second key abcd"},
    };
    MEM_SCOPE(mem);
    char *at = folder(mem), *path = talloc_asprintf(mem, "%s/keys", at);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        write_file(path, table[i].text, table[i].mode);
        struct keyring *ring;
        struct err err = {0};
        assert_int_equal(keyring_open(mem, path, &ring, &err), -1);
        assert_int_equal(err.code, ERR_CONFIG);
        if (!strstr(err.text, table[i].words))
            fail_msg("\"%s\" does not say \"%s\"", err.text, table[i].words);
    }
    unlink(path);
    struct keyring *ring;
    struct err err = {0};
    assert_int_equal(keyring_open(mem, path, &ring, &err), -1);
    assert_int_equal(keyring_rotate(path, &err), -1);
    rmdir(at);
}

static void test_random(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    char *a = keyring_random(mem, 26), *b = keyring_random(mem, 26);
    assert_int_equal(strspn(a, "abcdefghijklmnopqrstuvwxyz234567"), 26);
    assert_string_not_equal(a, b);
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_create_rotate), cmocka_unit_test(test_rotate_unfinished_line),
        cmocka_unit_test(test_tags), cmocka_unit_test(test_refused), cmocka_unit_test(test_random)};
    return cmocka_run_group_tests_name("keyring", tests, NULL, NULL);
}
