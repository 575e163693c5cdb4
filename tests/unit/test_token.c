/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/token.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static const char domain[] = "klokot.example", bounce[] = "office@klokot.example";
static char path[] = "/tmp/test_token.XXXXXX";
static struct keyring *ring, *other;
static void *mem;

static struct keyring *make_ring(const char *file)
{
    struct err err;
    struct keyring *r;
    if (keyring_create(file, &err) < 0 || keyring_open(mem, file, &r, &err) < 0)
        fail_msg("%s", err.text);
    return r;
}

static int begin(void **state)
{
    (void)state;
    mem_init();
    mem = talloc_new(NULL);
    must(mkdtemp(path));
    ring = make_ring(talloc_asprintf(mem, "%s/ours", path));
    other = make_ring(talloc_asprintf(mem, "%s/other", path));
    return 0;
}

static int end(void **state)
{
    (void)state;
    unlink(talloc_asprintf(mem, "%s/ours", path));
    unlink(talloc_asprintf(mem, "%s/other", path));
    rmdir(path);
    talloc_free(mem);
    return 0;
}

static void test_each_kind_comes_back(void **state)
{
    (void)state;
    static const int64_t ids[] = {1, 42, 123456789012};
    for (size_t i = 0; i < ARRAY_LEN(ids); i++) {
        int64_t id = 0;
        assert_true(
            token_parse_message_id(ring, domain, token_message_id(mem, ring, domain, ids[i], 3), &id));
        assert_int_equal(id, ids[i]);
        assert_true(token_parse_envelope(ring, bounce, token_envelope_from(mem, ring, bounce, ids[i]), &id));
        assert_int_equal(id, ids[i]);
        assert_true(token_parse_envid(ring, token_envid(mem, ring, ids[i]), &id));
        assert_int_equal(id, ids[i]);
    }
}

static void test_shapes(void **state)
{
    (void)state;
    const char *id = token_message_id(mem, ring, domain, 7, 2);
    assert_int_equal(strncmp(id, "<o7.2.", 6), 0);
    assert_non_null(strstr(id, "@klokot.example>"));
    const char *from = token_envelope_from(mem, ring, bounce, 123456789012);
    assert_int_equal(strncmp(from, "office+b.123456789012.", 22), 0);
    assert_true(strcspn(from, "@") <= 64); /* RFC 5321 4.5.3.1.1 */
}

static void test_case_of_letters_does_not_matter(void **state)
{
    (void)state;
    int64_t id;
    char *from = token_envelope_from(mem, ring, bounce, 7);
    for (char *p = from; *p; p++)
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 32);
    assert_true(token_parse_envelope(ring, bounce, from, &id));
    assert_int_equal(id, 7);
}

/* Every single changed character makes it foreign. */
static void test_a_changed_token_is_not_ours(void **state)
{
    (void)state;
    int64_t id = -1;
    const char *good = token_message_id(mem, ring, domain, 71, 2);
    for (size_t i = 0; i < strlen(good); i++) {
        char *bad = talloc_strdup(mem, good);
        bad[i] = bad[i] == '3' ? '4' : '3';
        assert_false(token_parse_message_id(ring, domain, bad, &id));
    }
    assert_int_equal(id, -1);
}

static void test_foreign_ones(void **state)
{
    (void)state;
    int64_t id;
    struct keyring_tag t = keyring_tag(ring, "message-id", "o007.1");
    assert_false(token_parse_message_id(other, domain, token_message_id(mem, ring, domain, 7, 1), &id));
    assert_false(
        token_parse_message_id(ring, "other.example", token_message_id(mem, ring, domain, 7, 1), &id));
    assert_false(
        token_parse_message_id(ring, domain, token_message_id(mem, ring, "x.klokot.example", 7, 1), &id));
    assert_false(
        token_parse_envelope(ring, "b@klokot.example", token_envelope_from(mem, ring, bounce, 7), &id));
    assert_false(token_parse_envelope(ring, bounce, bounce, &id));
    /* a number written otherwise, even with a good tag, is none that we made */
    assert_false(token_parse_message_id(
        ring, domain, talloc_asprintf(mem, "<o007.1.%s.%s@%s>", t.keyid, t.tag, domain), &id));
    static const char *const junk[] = {"",
                                       "<",
                                       "<>",
                                       "<@>",
                                       "<@klokot.example>",
                                       "<o.....@klokot.example>",
                                       "o",
                                       "o7.",
                                       "o7.a.bcdef",
                                       "<o7.1@>",
                                       "<o9999999999999999999.1.aaaa.bbbb@klokot.example>"};
    for (size_t i = 0; i < ARRAY_LEN(junk); i++) {
        assert_false(token_parse_message_id(ring, domain, junk[i], &id));
        assert_false(token_parse_envelope(ring, bounce, junk[i], &id));
        assert_false(token_parse_envid(ring, junk[i], &id));
    }
}

/* A tag made for one kind of id does not serve another. */
static void test_kinds_are_apart(void **state)
{
    (void)state;
    int64_t id;
    const char *envid = token_envid(mem, ring, 7); /* o7.KEY.TAG */
    const char *as_envelope = talloc_asprintf(mem, "office+b.%s@klokot.example", envid + 1);
    assert_false(token_parse_envelope(ring, bounce, as_envelope, &id));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_kind_comes_back),
        cmocka_unit_test(test_shapes),
        cmocka_unit_test(test_case_of_letters_does_not_matter),
        cmocka_unit_test(test_a_changed_token_is_not_ours),
        cmocka_unit_test(test_foreign_ones),
        cmocka_unit_test(test_kinds_are_apart),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
