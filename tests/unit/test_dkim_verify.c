/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What is found of a signature of ours that came back; the example of RFC 8463 is in test_dkim.c.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "mail/wire/dkim.h"

static const char domain[] = "a.example", selector[] = "s";

static enum dkim_verdict verdict(void *mem, const struct dkim_key *key, const char *message)
{
    size_t len = strlen(message);
    return dkim_verify(domain, selector, key, talloc_memdup(mem, message, len), len); /* no NUL behind it */
}

/* What servers do to mail: `change` instead of `was`, of which only the last line may stay unseen. */
static void test_verify_changes(void **state)
{
    (void)state;
    static const struct {
        const char *was, *change;
        enum dkim_verdict verdict;
    } table[] = {
        {"", "", DKIM_GOOD},
        {"DKIM-Signature:", "Received: from a\r\n by b\r\nDKIM-Signature:", DKIM_GOOD},
        {"\r\nFrom: a", "\r\nfrom:  a", DKIM_GOOD},
        {"x y", "x\r\n\ty", DKIM_GOOD},
        {"body text\r\n", "body  text  \r\n\r\n\r\n", DKIM_GOOD},
        {"b.example", "B.example", DKIM_HEADER_CHANGED},
        {"\r\nSubject: x", "\r\nSubject: [EXTERNAL] x", DKIM_HEADER_CHANGED},
        {"\r\nSubject: x", "\r\nSubject: y\r\nSubject: x", DKIM_HEADER_CHANGED},
        {"\r\nSubject: x", "\r\nReply-To: c@d.example\r\nSubject: x", DKIM_HEADER_CHANGED},
        {"; t=1", "; t=2", DKIM_HEADER_CHANGED},
        {"body text", "body text\r\n-- \r\nsent by", DKIM_BODY_CHANGED},
        {"c=relaxed/relaxed", "c=simple/relaxed", DKIM_UNREADABLE},
        {" b=", " x=", DKIM_UNREADABLE},
        {"DKIM-Signature:", "X-DKIM:", DKIM_ABSENT},
        {"\r\n\r\n", "", DKIM_UNREADABLE},
    };
    static const char plain[] = "From: a@b.example\r\nSubject: x y\r\n\r\nbody text\r\n";
    MEM_SCOPE(mem);
    for (int algorithm = DKIM_RSA; algorithm <= DKIM_ED25519; algorithm++) {
        struct dkim_key *key;
        struct err err;
        char *fields;
        must(dkim_key_parse(mem, dkim_key_new(mem, (enum dkim_algorithm)algorithm), &key, &err) == 0);
        const struct dkim_order order = {
            .domain = domain, .selector = {{selector, key}}, .n = 1, .time = 1528637909};
        must(dkim_sign(mem, &order, plain, strlen(plain), &fields, &err) == 0);
        const char *whole = talloc_asprintf(mem, "%s%s", fields, plain);
        for (size_t i = 0; i < ARRAY_LEN(table); i++) {
            const char *at = strstr(whole, table[i].was);
            must(at);
            enum dkim_verdict v = verdict(mem, key,
                                          talloc_asprintf(mem, "%.*s%s%s", (int)(at - whole), whole,
                                                          table[i].change, at + strlen(table[i].was)));
            if (v != table[i].verdict)
                fail_msg("key %d, change %zu: %d", algorithm, i, (int)v);
        }
        /* cut off anywhere, it is never good */
        for (size_t len = 0; len < strlen(whole) - 2; len++)
            assert_int_not_equal(dkim_verify(domain, selector, key, talloc_memdup(mem, whole, len), len),
                                 DKIM_GOOD);
    }
}

static void test_other_keys(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const char plain[] = "From: a@b.example\r\n\r\nbody\r\n";
    struct dkim_key *key, *other;
    struct err err;
    char *fields;
    must(dkim_key_parse(mem, dkim_key_new(mem, DKIM_ED25519), &key, &err) == 0);
    must(dkim_key_parse(mem, dkim_key_new(mem, DKIM_ED25519), &other, &err) == 0);
    const struct dkim_order order = {.domain = domain, .selector = {{selector, key}}, .n = 1};
    must(dkim_sign(mem, &order, plain, strlen(plain), &fields, &err) == 0);
    const char *whole = talloc_asprintf(mem, "%s%s", fields, plain);
    assert_int_equal(verdict(mem, key, whole), DKIM_GOOD);
    assert_int_equal(verdict(mem, other, whole), DKIM_HEADER_CHANGED);
    assert_int_equal(dkim_verify("b.example", selector, key, whole, strlen(whole)), DKIM_ABSENT);
    assert_int_equal(dkim_verify(domain, "t", key, whole, strlen(whole)), DKIM_ABSENT);
    assert_int_equal(verdict(mem, key, plain), DKIM_ABSENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verify_changes),
        cmocka_unit_test(test_other_keys),
    };
    mem_init();
    return cmocka_run_group_tests(tests, NULL, NULL);
}
