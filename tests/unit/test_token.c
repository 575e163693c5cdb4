/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/envelope.h"
#include "mail/unsubscribe.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

static const char domain[] = "klokot.example";
static struct conf_smtp office, catchall;
static struct conf conf;
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
    office = (struct conf_smtp){.name = "office",
                                .from_address = "kabinet@klokot.example",
                                .bounce_address = "office@klokot.example",
                                .verp = CONF_VERP_PLUS,
                                .next = &catchall};
    catchall = (struct conf_smtp){.name = "catchall",
                                  .from_address = "news@klokot.example",
                                  .bounce_address = "*@bounce.klokot.example",
                                  .verp = CONF_VERP_CATCHALL};
    conf.smtp = &office;
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
        for (const struct conf_smtp *a = &office; a; a = a->next) {
            id = 0;
            assert_true(envelope_parse(ring, &conf, envelope_sender(mem, ring, a, ids[i]), &id));
            assert_int_equal(id, ids[i]);
        }
        assert_true(token_parse_envid(ring, token_envid(mem, ring, ids[i]), &id));
        assert_int_equal(id, ids[i]);
        int64_t two[2] = {0};
        const char *token = token_unsubscribe(mem, ring, ids[i], 7);
        assert_true(token_parse_unsubscribe(ring, token, strlen(token), two));
        assert_int_equal(two[0], ids[i]);
        assert_int_equal(two[1], 7);
    }
}

static void test_shapes(void **state)
{
    (void)state;
    const char *id = token_message_id(mem, ring, domain, 7, 2);
    assert_int_equal(strncmp(id, "<o7.2.", 6), 0);
    assert_non_null(strstr(id, "@klokot.example>"));
    const char *from = envelope_sender(mem, ring, &office, 123456789012);
    assert_int_equal(strncmp(from, "office+b.123456789012.", 22), 0);
    assert_true(strcspn(from, "@") <= 64); /* RFC 5321 4.5.3.1.1 */
    from = envelope_sender(mem, ring, &catchall, 123456789012);
    assert_int_equal(strncmp(from, "b.123456789012.", 15), 0);
    assert_string_equal(strchr(from, '@'), "@bounce.klokot.example");
    struct conf_smtp none = office;
    none.verp = CONF_VERP_NONE;
    assert_string_equal(envelope_sender(mem, ring, &none, 7), "office@klokot.example");
    assert_null(envelope_address(mem, &none, "token"));
    struct conf_smtp longest = office;
    longest.bounce_address = "a234567890123456789012@klokot.example"; /* what the configuration takes */
    const char *token = token_unsubscribe(mem, ring, 123456789012, 1234);
    assert_true(strcspn(envelope_address(mem, &longest, token), "@") <= 64);
}

/* Of every kind of account, whatever is set for it now. */
static void test_older_shapes_are_known(void **state)
{
    (void)state;
    int64_t id = 0;
    struct conf_smtp older = {.from_address = "news@klokot.example",
                              .bounce_address = "news@klokot.example",
                              .verp = CONF_VERP_PLUS};
    assert_true(envelope_parse(ring, &conf, envelope_sender(mem, ring, &older, 9), &id));
    assert_int_equal(id, 9);
}

static void test_the_hint(void **state)
{
    (void)state;
    struct smtp_result r = {.outcome = SMTP_REFUSED, .stage = "MAIL", .code = 553, .enhanced = "5.7.1"};
    struct conf_smtp none = office;
    none.verp = CONF_VERP_NONE;
    assert_non_null(strstr(envelope_hint(mem, &office, &r), "[smtp office] says verp = none"));
    assert_null(envelope_hint(mem, &none, &r));
    r.code = 550;
    assert_non_null(envelope_hint(mem, &catchall, &r));
    snprintf(r.enhanced, sizeof r.enhanced, "5.7.0");
    assert_null(envelope_hint(mem, &office, &r));
    r.code = 553;
    r.stage = "RCPT";
    assert_null(envelope_hint(mem, &office, &r));
}

static bool found(const struct keyring *by, const char *text, int64_t *contact_r)
{
    struct unsubscribe_request r;
    *contact_r = 0;
    if (!unsubscribe_find(mem, by, text, &r))
        return false;
    *contact_r = r.contact_id;
    assert_int_equal(r.list_id, 2);
    return true;
}

static void test_unsubscribing_is_found(void **state)
{
    (void)state;
    const char *token = token_unsubscribe(mem, ring, 41, 2),
               *changed = talloc_asprintf(mem, "u42%s", token + 3);
    const char *upper = talloc_strdup(mem, token);
    for (char *p = (char *)(uintptr_t)upper; *p; p++)
        *p = (char)(*p >= 'a' && *p <= 'z' ? *p - 32 : *p);
    static const struct {
        const char *before, *after;
    } good[] = {
        {"", ""},
        {"Re: unsubscribe ", ""},
        {"<", ">"},
        {"https://klokot.example/u/", ""},
        {"https://klokot.example/u?t=", "&x=1"},
        {"office+", "@klokot.example"},
        {"take me off: ", "."},
        {"mailto:office@klokot.example?subject=unsubscribe%20", ""},
    };
    int64_t contact;
    for (size_t i = 0; i < ARRAY_LEN(good); i++) {
        const char *said = talloc_asprintf(mem, "%s%s%s", good[i].before, token, good[i].after);
        if (!found(ring, said, &contact) || contact != 41)
            fail_msg("%s", said);
        assert_false(found(other, said, &contact));
        assert_false(
            found(ring, talloc_asprintf(mem, "%s%s%s", good[i].before, changed, good[i].after), &contact));
    }
    assert_true(found(ring, upper, &contact));
    assert_false(found(ring, talloc_asprintf(mem, "x%s", token), &contact));
    assert_false(found(ring, token_envelope(mem, ring, 41), &contact));
    assert_false(found(ring, "", &contact));
}

/* In an address only where it is one of ours. */
static void test_unsubscribing_by_address(void **state)
{
    (void)state;
    const char *token = token_unsubscribe(mem, ring, 41, 2);
    const struct {
        const char *address;
        bool ours;
    } table[] = {
        {talloc_asprintf(mem, "office+%s@klokot.example", token), true},
        {talloc_asprintf(mem, "OFFICE+%s@KLOKOT.example", token), true},
        {talloc_asprintf(mem, "kabinet+%s@klokot.example", token), true},
        {talloc_asprintf(mem, "%s@bounce.klokot.example", token), true},
        {talloc_asprintf(mem, "office+%s@evil.example", token), false},
        {talloc_asprintf(mem, "office+%s@klokot.example.evil.example", token), false},
        {talloc_asprintf(mem, "%s@klokot.example", token), false},
        {talloc_asprintf(mem, "other+%s@klokot.example", token), false},
        {talloc_asprintf(mem, "office+b%s@klokot.example", token), false},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        int64_t id[2];
        if (envelope_parse_unsubscribe(ring, &conf, table[i].address, id) != table[i].ours)
            fail_msg("%s", table[i].address);
    }
}

/* A new key signs; letters that went out under the old one can still be answered. */
static void test_keys_are_changed(void **state)
{
    (void)state;
    struct err err;
    struct keyring *newer;
    int64_t contact;
    const char *file = talloc_asprintf(mem, "%s/ours", path);
    const char *token = token_unsubscribe(mem, ring, 41, 2);
    assert_int_equal(keyring_rotate(file, &err), 0);
    assert_int_equal(keyring_open(mem, file, &newer, &err), 0);
    assert_true(found(newer, token, &contact));
    assert_string_not_equal(token_unsubscribe(mem, newer, 41, 2), token);
    assert_false(found(ring, token_unsubscribe(mem, newer, 41, 2), &contact));
}

static void test_case_of_letters_does_not_matter(void **state)
{
    (void)state;
    int64_t id;
    char *from = envelope_sender(mem, ring, &office, 7);
    for (char *p = from; *p; p++)
        if (*p >= 'a' && *p <= 'z')
            *p = (char)(*p - 32);
    assert_true(envelope_parse(ring, &conf, from, &id));
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
    assert_false(envelope_parse(ring, &conf, "office@klokot.example", &id));
    const char *from = envelope_sender(mem, ring, &office, 7), *token = token_envelope(mem, ring, 7);
    assert_false(envelope_parse(other, &conf, from, &id));
    assert_false(envelope_parse(ring, &conf, talloc_asprintf(mem, "office+%s@other.example", token), &id));
    assert_false(envelope_parse(ring, &conf, talloc_asprintf(mem, "b+%s@klokot.example", token), &id));
    assert_false(envelope_parse(ring, &conf, talloc_asprintf(mem, "office-%s@klokot.example", token), &id));
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
        assert_false(token_parse_envelope(ring, junk[i], strlen(junk[i]), &id));
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
    assert_false(envelope_parse(ring, &conf, as_envelope, &id));
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
        cmocka_unit_test(test_older_shapes_are_known),
        cmocka_unit_test(test_the_hint),
        cmocka_unit_test(test_unsubscribing_is_found),
        cmocka_unit_test(test_unsubscribing_by_address),
        cmocka_unit_test(test_keys_are_changed),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
