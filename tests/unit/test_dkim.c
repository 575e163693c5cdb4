/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * DKIM held against the examples of RFC 6376 and RFC 8463; tests/mail/dkim.sh has our signatures checked by
 * others.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib.h>
#include <gnutls/x509.h>
#include <pthread.h>

#include "base/digest.h"
#include "mail/wire/dkim_low.h"

/* RFC 8463 A.1; the Ed25519 key in PKCS #8 */
static const char ed25519_pem[] = "-----BEGIN PRIVATE KEY-----\n"
                                  "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
                                  "-----END PRIVATE KEY-----\n";
static const char rsa_pem[] = "-----BEGIN RSA PRIVATE KEY-----\n"
                              "MIICXQIBAAKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQi\n"
                              "Y/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqM\n"
                              "KrM3rG4hstT5QjvHO9PzoxZyVYLzBfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB\n"
                              "AoGAH0cxOhFZDgzXWhDhnAJDw5s4roOXN4OhjiXa8W7Y3rhX3FJqmJSPuC8N9vQm\n"
                              "6SVbaLAE4SG5mLMueHlh4KXffEpuLEiNp9Ss3O4YfLiQpbRqE7Tm5SxKjvvQoZZe\n"
                              "zHorimOaChRL2it47iuWxzxSiRMv4c+j70GiWdxXnxe4UoECQQDzJB/0U58W7RZy\n"
                              "6enGVj2kWF732CoWFZWzi1FicudrBFoy63QwcowpoCazKtvZGMNlPWnC7x/6o8Gc\n"
                              "uSe0ga2xAkEA8C7PipPm1/1fTRQvj1o/dDmZp243044ZNyxjg+/OPN0oWCbXIGxy\n"
                              "WvmZbXriOWoSALJTjExEgraHEgnXssuk7QJBALl5ICsYMu6hMxO73gnfNayNgPxd\n"
                              "WFV6Z7ULnKyV7HSVYF0hgYOHjeYe9gaMtiJYoo0zGN+L3AAtNP9huqkWlzECQE1a\n"
                              "licIeVlo1e+qJ6Mgqr0Q7Aa7falZ448ccbSFYEPD6oFxiOl9Y9se9iYHZKKfIcst\n"
                              "o7DUw1/hz2Ck4N5JrgUCQQCyKveNvjzkkd8HjYs0SwM0fPjK16//5qDZ2UiDGnOe\n"
                              "uEzxBDAr518Z8VFbR41in3W4Y3yCDgQlLlcETrS+zYcL\n"
                              "-----END RSA PRIVATE KEY-----\n";

static struct dkim_key *key_of(void *mem, const char *pem)
{
    struct dkim_key *key;
    struct err err;
    if (dkim_key_parse(mem, pem, &key, &err) < 0)
        fail_msg("%s", err.text);
    return key;
}

/* ---- the relaxed form */

static void test_fields(void **state)
{
    (void)state;
    static const struct {
        const char *field, *relaxed;
    } table[] = {
        {"A: X\r\n", "a:X\r\n"}, /* RFC 6376 3.4.5 */
        {"B : Y\t\r\n\tZ  \r\n", "b:Y Z\r\n"},
        {"SUBJect:AbC\r\n", "subject:AbC\r\n"},
        {"Subject:\r\n", "subject:\r\n"},
        {"Subject: \t \r\n", "subject:\r\n"},
        {"Subject:\r\n folded before it begins\r\n", "subject:folded before it begins\r\n"},
        {"X:\ta\t\tb \r\n \r\n\t c: d\r\n", "x:a b c: d\r\n"},
        {"Subject: \xd0\x9f\xd0\xbe \xc3\xa9\r\n", "subject:\xd0\x9f\xd0\xbe \xc3\xa9\r\n"},
        {"Last: of the message", "last:of the message\r\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        MEM_SCOPE(mem);
        size_t len = strlen(table[i].field);
        char *to = talloc_size(mem, len + 2); /* the sanitizer sees what goes beyond */
        size_t n = (size_t)(dkim_relaxed_field(to, table[i].field, len) - to);
        assert_string_equal(talloc_strndup(mem, to, n), table[i].relaxed);
    }
}

/* RFC 6376 3.4.4 word by word, a line at a time. */
static char *relaxed_body(void *mem, const char *body)
{
    char **line = g_strsplit(body, "\r\n", -1);
    struct text t = text_new(mem);
    int empty = 0;
    for (char **l = line; *l && (l[1] || **l); l++) {
        struct text out = text_new(mem);
        for (const char *p = *l; *p; p++)
            if (*p != ' ' && *p != '\t')
                text_putc(&out, *p);
            else if (p[1] != ' ' && p[1] != '\t' && p[1])
                text_putc(&out, ' ');
        if (!out.len) {
            empty++;
            continue;
        }
        for (; empty; empty--)
            text_puts(&t, "\r\n");
        text_puts(&t, out.s);
        text_puts(&t, "\r\n");
    }
    g_strfreev(line);
    return t.s;
}

static void assert_body(void *mem, const char *body, const char *relaxed)
{
    unsigned char got[DKIM_SUM_BYTES], wanted[DIGEST_BYTES];
    size_t len = strlen(body);
    char *exact = talloc_memdup(mem, body, len); /* no NUL behind it */
    dkim_body_sum(exact, len, got);
    digest_sha256(relaxed, strlen(relaxed), wanted);
    if (memcmp(got, wanted, sizeof got))
        fail_msg("not the sum of \"%s\" for \"%s\"", relaxed, body);
}

static void test_bodies(void **state)
{
    (void)state;
    static const struct {
        const char *body, *relaxed;
    } table[] = {
        {" C \r\nD \t E\r\n\r\n\r\n", " C\r\nD E\r\n"}, /* RFC 6376 3.4.5 */
        {"", ""},
        {"\r\n", ""},
        {"\r\n\r\n", ""},
        {" \t\r\n", ""},
        {" ", ""},
        {"a", "a\r\n"},
        {"a\r\n", "a\r\n"},
        {"a \t", "a\r\n"},
        {"a\r\n \r\n\t\r\n", "a\r\n"},
        {"\r\n\r\na\r\n", "\r\n\r\na\r\n"},
        {"a\r\n  \r\nb\r\n", "a\r\n\r\nb\r\n"},
        {"a b\r\n", "a b\r\n"},
        {"a\tb\r\n", "a b\r\n"},
        {"\t\ta\r\n   b\r\n", " a\r\n b\r\n"},
        {"\xd0\x9f\xd0\xbe  \xff\r\n", "\xd0\x9f\xd0\xbe \xff\r\n"},
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        assert_body(mem, table[i].body, table[i].relaxed);
        assert_string_equal(relaxed_body(mem, table[i].body), table[i].relaxed);
    }
}

/* Bodies of nothing but what matters. */
static void test_many_bodies(void **state)
{
    (void)state;
    static const char *const piece[] = {" ", "\t", "\r\n", "a", "bc", "  ", "\r\n\r\n"};
    uint32_t seed = 6376;
    for (int n = 0; n < 5000; n++) {
        MEM_SCOPE(mem);
        struct text body = text_new(mem);
        for (int i = 0; i < n % 13; i++) {
            seed = seed * 1664525 + 1013904223;
            text_puts(&body, piece[(seed >> 16) % ARRAY_LEN(piece)]);
        }
        assert_body(mem, body.s, relaxed_body(mem, body.s));
    }
}

/* ---- RFC 8463 A */

static const char from[] = "From: Joe SixPack <joe@football.example.com>\r\n",
                  to[] = "To: Suzie Q <suzie@shopping.example.net>\r\n",
                  subject[] = "Subject: Is dinner ready?\r\n",
                  date[] = "Date: Fri, 11 Jul 2003 21:00:37 -0700 (PDT)\r\n",
                  id[] = "Message-ID: <20030712040037.46341.5F8J@football.example.com>\r\n",
                  body[] = "Hi.\r\n\r\nWe lost the game.  Are you hungry yet?\r\n\r\nJoe.\r\n";

static const char *signature_of(void *mem, const struct dkim_key *key, const char *unsigned_field)
{
    const char *const order[] = {from, to, subject, date, id, unsigned_field};
    struct text text = text_new(mem);
    unsigned char sum[DKIM_SUM_BYTES], signature[DKIM_SIGNATURE_MAX];
    for (size_t i = 0; i < ARRAY_LEN(order); i++) {
        char *field = talloc_size(mem, strlen(order[i]) + 2);
        char *end = dkim_relaxed_field(field, order[i], strlen(order[i]));
        text_add(&text, field, (size_t)(end - field));
    }
    digest_sha256(text.s, text.len - 2, sum); /* the last one goes without its CRLF */
    char *base64 = g_base64_encode(signature, dkim_key_sign(key, sum, signature));
    char *copy = talloc_strdup(mem, base64);
    g_free(base64);
    return copy;
}

static void test_rfc8463(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    unsigned char sum[DKIM_SUM_BYTES];
    dkim_body_sum(body, strlen(body), sum);
    char *base64 = g_base64_encode(sum, sizeof sum);
    assert_string_equal(base64, "2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=");
    g_free(base64);
    assert_string_equal(signature_of(mem, key_of(mem, ed25519_pem),
                                     "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n"
                                     " d=football.example.com; i=@football.example.com;\r\n"
                                     " q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n"
                                     " subject : date : message-id : from : subject : date;\r\n"
                                     " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b="),
                        "/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus"
                        "Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==");
    assert_string_equal(signature_of(mem, key_of(mem, rsa_pem),
                                     "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n"
                                     " d=football.example.com; i=@football.example.com;\r\n"
                                     " q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n"
                                     " date : message-id : from : subject : date;\r\n"
                                     " bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n b="),
                        "F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3"
                        "DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz"
                        "dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=");
}

/* ---- keys */

static void test_keys(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct dkim_key *key = key_of(mem, ed25519_pem);
    assert_string_equal(dkim_key_record(mem, key),
                        "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=");
    assert_string_equal(dkim_key_describe(mem, key), "Ed25519");
    assert_int_equal(dkim_key_algorithm(key), DKIM_ED25519);
    key = key_of(mem, rsa_pem);
    assert_string_equal(
        dkim_key_record(mem, key),
        "v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTzWRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdO"
        "Kb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLz"
        "BfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB");
    assert_string_equal(dkim_key_describe(mem, key), "RSA, 1024 bits");
    assert_string_equal(dkim_key_describe(mem, key_of(mem, dkim_key_new(mem, DKIM_RSA))), "RSA, 2048 bits");
    assert_string_equal(dkim_key_describe(mem, key_of(mem, dkim_key_new(mem, DKIM_ED25519))), "Ed25519");
    assert_string_not_equal(dkim_key_new(mem, DKIM_ED25519), dkim_key_new(mem, DKIM_ED25519));
}

static const char *other_key(void *mem, gnutls_pk_algorithm_t algorithm, unsigned bits)
{
    gnutls_x509_privkey_t key;
    gnutls_datum_t pem;
    assert_int_equal(gnutls_x509_privkey_init(&key), 0);
    assert_int_equal(gnutls_x509_privkey_generate(key, algorithm, bits, 0), 0);
    assert_int_equal(
        gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem), 0);
    const char *copy = talloc_strndup(mem, (const char *)pem.data, pem.size);
    gnutls_free(pem.data);
    gnutls_x509_privkey_deinit(key);
    return copy;
}

static void test_keys_refused(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    const struct {
        const char *pem, *says;
    } table[] = {
        {other_key(mem, GNUTLS_PK_RSA, 1008), "an RSA key of 1008 bits"},
        {other_key(mem, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1)),
         "DKIM has RSA and Ed25519"},
        {"", "no private key in PEM"},
        {"-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v\n-----END PRIVATE KEY-----\n",
         "no private key in PEM"},
        {"hush hush", "no private key in PEM"},
    };
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        struct dkim_key *key;
        struct err err;
        assert_int_equal(dkim_key_parse(mem, table[i].pem, &key, &err), -1);
        assert_int_equal(err.code, ERR_CONFIG);
        if (!strstr(err.text, table[i].says) || strstr(err.text, "hush"))
            fail_msg("\"%s\" does not say \"%s\"", err.text, table[i].says);
    }
}

/* ---- a message */

static struct dkim_order order_with(void *mem)
{
    return (struct dkim_order){
        .domain = "football.example.com",
        .selector = {{"test", key_of(mem, rsa_pem)}, {"brisbane", key_of(mem, ed25519_pem)}},
        .n = 2,
        .time = 1528637909};
}

static char *sign(void *mem, const struct dkim_order *order, const char *message)
{
    char *fields;
    struct err err;
    if (dkim_sign(mem, order, message, strlen(message), &fields, &err) < 0)
        fail_msg("%s", err.text);
    return fields;
}

/* The tags of the first DKIM-Signature, on one line. */
static const char *unfolded(void *mem, const char *fields)
{
    char *s = talloc_strdup(mem, fields), *end = s;
    for (const char *p = s; *p; p++)
        if (*p == '\r' && p[2] == ' ')
            p++;
        else if (*p == '\r')
            break;
        else
            *end++ = *p;
    *end = 0;
    return s;
}

static void test_signatures(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct dkim_order order = order_with(mem);
    char *message = talloc_asprintf(mem,
                                    "Received: by a.example\r\n%s%sLIST-ID: <a>\r\nlist-id : <b>\r\n%s%s%s"
                                    "List-Unsubscribe: <https://a.example/>\r\nX-Other: c\r\n\r\n%s",
                                    from, to, subject, date, id, body);
    char *fields = sign(mem, &order, message);
    const char *first = unfolded(mem, fields);
    static const char begin[] =
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; q=dns/txt; d=football.example.com; s=test; "
        "t=1528637909; h=From: From: Reply-To: To: To: Cc: Subject: Subject: Date: Date: Message-ID: "
        "Message-ID: In-Reply-To: References: MIME-Version: Content-Type: Content-Transfer-Encoding: "
        "List-Id: "
        "List-Id: List-Id: List-Unsubscribe: List-Unsubscribe; "
        "bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=; b=";
    assert_memory_equal(first, begin, strlen(begin));
    const char *second = strstr(fields, "\r\nDKIM-Signature: v=1; a=ed25519-sha256; ");
    assert_non_null(second);
    assert_non_null(strstr(second, " s=brisbane; "));
    int lines = 0;
    for (const char *p = fields; *p; p = strstr(p, "\r\n") + 2, lines++)
        assert_in_range(strcspn(p, "\r\n"), 1, 78);
    assert_in_range(lines, 12, 24);
    assert_string_equal(fields + strlen(fields) - 2, "\r\n");

    order.n = 1;
    char *alone = sign(mem, &order, message);
    assert_memory_equal(alone, fields, strlen(alone));
    order.n = 0;
    assert_string_equal(sign(mem, &order, message), "");
}

/* What a change of it does to the signature: nothing where the relaxed form is the same, or where it is not
 * signed. */
static void test_what_is_signed(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const struct {
        const char *message;
        bool same;
    } table[] = {
        {"from:  a@b.example\r\nSubject: x\r\n  y\r\n\r\nbody  text\r\n\r\n", true},
        {"Received: z\r\nFrom: a@b.example\r\nX-New: 1\r\nSubject: x y\r\n\r\nbody text\r\n", true},
        {"Subject: x y\r\nFrom: a@b.example\r\n\r\nbody text", true},
        {"From: A@b.example\r\nSubject: x y\r\n\r\nbody text\r\n", false},
        {"From: a@b.example\r\nSubject: xy\r\n\r\nbody text\r\n", false},
        {"From: a@b.example\r\nSubject: x y\r\n\r\nbodytext\r\n", false},
        {"From: a@b.example\r\nSubject: x y\r\n\r\n\r\nbody text\r\n", false},
        {"From: a@b.example\r\nSubject: x y\r\nReply-To: c@d.example\r\n\r\nbody text\r\n", false},
        {"From: a@b.example\r\nSubject: x y\r\nAuto-Submitted: no\r\n\r\nbody text\r\n", false},
    };
    struct dkim_order order = order_with(mem);
    const char *as_it_is = sign(mem, &order, "From: a@b.example\r\nSubject: x y\r\n\r\nbody text\r\n");
    for (size_t i = 0; i < ARRAY_LEN(table); i++)
        if (!strcmp(sign(mem, &order, table[i].message), as_it_is) != table[i].same)
            fail_msg("message %zu is signed %s", i, table[i].same ? "otherwise" : "likewise");
}

/* ---- a signature that came back */

static enum dkim_verdict verdict(void *mem, const char *selector, const char *pem, const char *message)
{
    size_t len = strlen(message);
    return dkim_verify("football.example.com", selector, key_of(mem, pem), talloc_memdup(mem, message, len),
                       len);
}

/* RFC 8463 A.3 */
static void test_verify_rfc8463(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    const char *message = talloc_asprintf(
        mem,
        "DKIM-Signature: v=1; a=ed25519-sha256; c=relaxed/relaxed;\r\n d=football.example.com; "
        "i=@football.example.com;\r\n q=dns/txt; s=brisbane; t=1528637909; h=from : to :\r\n subject : date "
        ": "
        "message-id : from : subject : date;\r\n bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n "
        "b=/gCrinpcQOoIfuHNQIbq4pgh9kyIK3AQUdt9OdqQehSwhEIug4D11Bus\r\n "
        "Fa3bT3FY5OsU7ZbnKELq+eXdp1Q1Dw==\r\n"
        "DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;\r\n d=football.example.com; "
        "i=@football.example.com;\r\n q=dns/txt; s=test; t=1528637909; h=from : to : subject :\r\n date : "
        "message-id : "
        "from : subject : date;\r\n bh=2jUSOH9NhtVGCQWNr9BrIAPreKQjO6Sn7XIkfJVOzv8=;\r\n "
        "b=F45dVWDfMbQDGHJFlXUNB2HKfbCeLRyhDXgFpEL8GwpsRe0IeIixNTe3\r\n "
        "DhCVlUrSjV4BwcVcOF6+FF3Zo9Rpo1tFOeS9mPYQTnGdaSGsgeefOsk2Jz\r\n "
        "dA+L10TeYt9BgDfQNZtKdN1WO//KgIqXP7OdEFE4LjFYNcUxZQ4FADY+8=\r\n"
        "%s%s%s%s%s\r\n%s",
        from, to, subject, date, id, body);
    assert_int_equal(verdict(mem, "brisbane", ed25519_pem, message), DKIM_GOOD);
    assert_int_equal(verdict(mem, "test", rsa_pem, message), DKIM_GOOD);
    assert_int_equal(verdict(mem, "other", rsa_pem, message), DKIM_ABSENT);
    assert_int_equal(verdict(mem, "test", ed25519_pem, message), DKIM_UNREADABLE);
}

static void test_no_message(void **state)
{
    (void)state;
    static const struct {
        const char *message, *says;
    } table[] = {
        {"", "0 From fields"},
        {"To: a@b.example\r\n\r\nFrom: c@d.example\r\n", "0 From fields"},
        {"From: a@b.example\r\nFROM : c@d.example\r\n\r\n", "2 From fields"},
        {"From: a@b.example\n\nx\n", "a line without CRLF"},
        {"From: a@b.example\r\n\r\nx\ry\r\n", "a lonely CR at byte 22"},
        {"From: a@b.example\r\n\r\nx\r", "a lonely CR at byte 22"},
        {" From: a@b.example\r\n\r\n", "is no field"},
        {"From: a@b.example\r\nbare words\r\n\r\n", "\"bare words"},
        {": x\r\n\r\n", "is no field"},
    };
    MEM_SCOPE(mem);
    struct dkim_order order = order_with(mem);
    for (size_t i = 0; i < ARRAY_LEN(table); i++) {
        char *fields;
        struct err err;
        size_t len = strlen(table[i].message);
        char *exact = talloc_memdup(mem, table[i].message, len);
        assert_int_equal(dkim_sign(mem, &order, exact, len, &fields, &err), -1);
        assert_int_equal(err.code, ERR_INPUT);
        if (!strstr(err.text, table[i].says))
            fail_msg("\"%s\" does not say \"%s\"", err.text, table[i].says);
    }
    struct text many = text_new(mem);
    text_puts(&many, "From: a@b.example\r\n");
    for (int i = 0; i < 300; i++)
        text_puts(&many, "List-Id: x\r\n");
    struct err err;
    char *fields;
    assert_int_equal(dkim_sign(mem, &order, many.s, many.len, &fields, &err), -1);
    assert_non_null(strstr(err.text, "more than 200 fields"));
    assert_non_null(sign(mem, &order, "From: a@b.example")); /* a header alone, and unfinished */
}

/* ---- threads */

static const struct dkim_order *shared_order;
static const char *wanted;

static void *sign_often(void *unused)
{
    (void)unused;
    for (int i = 0; i < 50; i++) {
        MEM_SCOPE(mem);
        struct err err;
        char *fields;
        if (dkim_sign(mem, shared_order, from, strlen(from), &fields, &err) < 0 || strcmp(fields, wanted))
            return &shared_order;
    }
    return NULL;
}

static void test_threads(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct dkim_order order = order_with(mem);
    pthread_t thread[4];
    shared_order = &order;
    wanted = sign(mem, &order, from);
    for (size_t i = 0; i < ARRAY_LEN(thread); i++)
        assert_int_equal(pthread_create(&thread[i], NULL, sign_often, NULL), 0);
    for (size_t i = 0; i < ARRAY_LEN(thread); i++) {
        void *wrong;
        pthread_join(thread[i], &wrong);
        assert_null(wrong);
    }
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_fields),         cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_many_bodies),    cmocka_unit_test(test_rfc8463),
        cmocka_unit_test(test_keys),           cmocka_unit_test(test_keys_refused),
        cmocka_unit_test(test_signatures),     cmocka_unit_test(test_what_is_signed),
        cmocka_unit_test(test_verify_rfc8463), cmocka_unit_test(test_no_message),
        cmocka_unit_test(test_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
