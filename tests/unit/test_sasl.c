/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a client says to log in.  That the words of SCRAM are right is for real servers to say
 * (tests/mail/auth.sh, test_imap_dovecot, test_smtp_servers); here is what a wrong server must not get.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <gnutls/gnutls.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mail/wire/sasl.h"

static bool offers(const void *server, const char *mechanism)
{
    const char *list = server, *at = strstr(list, mechanism);
    for (; at; at = strstr(at + 1, mechanism))
        if ((at == list || at[-1] == ' ') && strchr(" ", at[strlen(mechanism)]))
            return true;
    return false;
}

static struct sasl *begin(void *mem, const struct sasl_login *login, const char *offered)
{
    struct sasl *s;
    struct err err = {0};
    if (sasl_begin(mem, login, offers, offered, &s, &err) < 0)
        fail_msg("%s", err.text);
    return s;
}

static const char *answer_to(struct sasl *s, const char *challenge)
{
    const char *answer;
    struct err err = {0};
    if (sasl_answer(s, challenge, &answer, &err) < 0)
        fail_msg("%s", err.text);
    return answer;
}

static void answer_fails(struct sasl *s, const char *challenge, const char *words)
{
    const char *answer;
    struct err err = {0};
    assert_int_equal(sasl_answer(s, challenge, &answer, &err), -1);
    assert_int_equal(err.code, ERR_AWAY);
    if (!strstr(err.text, words))
        fail_msg("\"%s\" instead of \"%s\"", err.text, words);
}

/* A file with a token, of this mode. */
static const char *token_file(void *mem, const char *token, mode_t mode)
{
    struct err err = {0};
    char *path = talloc_asprintf(mem, "/tmp/adresar-token-%d", (int)getpid());
    if (mem_write_file(path, token, strlen(token), &err) < 0)
        fail_msg("%s", err.text);
    chmod(path, mode);
    return path;
}

static void strongest_first(void **state)
{
    (void)state;
    static const struct {
        const char *offered, *wanted, *chosen;
    } cases[] = {
        {"LOGIN PLAIN SCRAM-SHA-1 SCRAM-SHA-256 XOAUTH2", NULL, "SCRAM-SHA-256"},
        {"XOAUTH2 LOGIN PLAIN SCRAM-SHA-1", NULL, "SCRAM-SHA-1"},
        {"LOGIN PLAIN", NULL, "PLAIN"},
        {"SCRAM-SHA-256-PLUS LOGIN", NULL, "LOGIN"},
        {"LOGIN PLAIN SCRAM-SHA-256", "plain", "PLAIN"},
        {"LOGIN PLAIN", "SCRAM-SHA-256", NULL},
        {"XOAUTH2 OAUTHBEARER GSSAPI", NULL, NULL}, /* a password is no token */
    };
    MEM_SCOPE(mem);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct sasl_login login = {.user = "u", .password = "p", .mechanism = cases[i].wanted};
        struct sasl *s = begin(mem, &login, cases[i].offered);
        if (cases[i].chosen)
            assert_string_equal(sasl_mechanism(s), cases[i].chosen);
        else
            assert_null(s);
    }
}

static void passwords(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err = {0};
    const struct sasl_login login = {.user = "u", .password = "pw"};
    struct sasl *s = begin(mem, &login, "PLAIN");
    assert_string_equal(sasl_first(s, 100), "AHUAcHc=");
    assert_int_equal(sasl_accepted(s, &err), 0);
    answer_fails(s, "", "more than there is to say");
    s = begin(mem, &login, "LOGIN");
    assert_null(sasl_first(s, 100));
    assert_string_equal(answer_to(s, "VXNlcm5hbWU6"), "dQ==");
    assert_string_equal(answer_to(s, "UGFzc3dvcmQ6"), "cHc=");
    answer_fails(s, "", "more than there is to say");
    s = begin(mem, &login, "PLAIN");
    assert_null(sasl_first(s, 7)); /* it waits until it is asked for */
    assert_string_equal(answer_to(s, ""), "AHUAcHc=");
    static const char *const bad[] = {"", "a\r\nb", NULL};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        const struct sasl_login one = {.user = "u", .password = bad[i]},
                                other = {.user = bad[i], .password = "p"};
        assert_int_equal(sasl_begin(mem, &one, offers, "PLAIN", &s, &err), -1);
        assert_int_equal(err.code, ERR_CONFIG);
        assert_int_equal(sasl_begin(mem, &other, offers, "PLAIN", &s, &err), -1);
        assert_int_equal(err.code, ERR_CONFIG);
    }
}

/* The examples of RFC 7628 4.1 and of Google's page on XOAUTH2. */
static void tokens(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct sasl_login login = {.user = "user@example.com",
                               .token_file =
                                   token_file(mem, "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg==\n", 0600),
                               .host = "server.example.com",
                               .port = "143"};
    struct sasl *s = begin(mem, &login, "PLAIN XOAUTH2 OAUTHBEARER");
    assert_string_equal(sasl_mechanism(s), "OAUTHBEARER");
    assert_string_equal(sasl_first(s, 1000), "bixhPXVzZXJAZXhhbXBsZS5jb20sAWhvc3Q9c2VydmVyLmV4YW1wbGUuY29tAXB"
                                             "vcnQ9MTQzAWF1dGg9QmVhcmVyIHZGOWRmdDRxbVRj"
                                             "Mk52YjNSbGNrQmhiSFJoZG1semRHRXVZMjl0Q2c9PQEB");
    assert_string_equal(answer_to(s, "eyJzdGF0dXMiOiJpbnZhbGlkX3Rva2VuIn0="), "AQ==");
    login.user = "someuser@example.com";
    token_file(mem, "ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg\n", 0600); /* it was renewed */
    s = begin(mem, &login, "PLAIN XOAUTH2");
    assert_string_equal(
        sasl_first(s, 1000),
        "dXNlcj1zb21ldXNlckBleGFtcGxlLmNvbQFhdXRoPUJlYXJlciB5YTI5LnZGOWRmdDRxbVRjMk52YjNSbGNrQmhk"
        "SFJoZG1semRHRXVZMjl0Q2cBAQ==");
    /* {"status":"400","schemes":"Bearer","scope":"https://mail.google.com/"} */
    assert_string_equal(answer_to(s, "eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiQmVhcmVyIiwic2NvcGUiOiJodHRwczovL21"
                                     "haWwuZ29vZ2xlLmNvbS8ifQ=="),
                        "");
    struct err err;
    err_set(&err, ERR_CONFIG, "535 no: ya29.vF9dft4qmTc2Nvb3RlckBhdHRhdmlzdGEuY29tCg");
    sasl_refused(s, &err);
    assert_int_equal(err.code, ERR_AWAY); /* another token may come */
    assert_non_null(strstr(err.text, "535 no: ****"));
    assert_null(strstr(err.text, "ya29"));
    assert_non_null(
        strstr(err.text, "status 400, scope https://mail.google.com/; the access token in /tmp/"));
    remove(login.token_file);
}

static void bad_tokens(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    static const struct {
        const char *token;
        mode_t mode;
        const char *words;
    } cases[] = {
        {"\nabc", 0600, "empty"},
        {"a b\n", 0600, "no access token"},
        {"a\1auth=Bearer b\n", 0600, "no access token"},
        {"abc\n", 0604, "others can read"},
    };
    struct sasl *s;
    struct err err = {0};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct sasl_login login = {.user = "u",
                                         .token_file = token_file(mem, cases[i].token, cases[i].mode)};
        assert_int_equal(sasl_begin(mem, &login, offers, "XOAUTH2", &s, &err), -1);
        assert_int_equal(err.code, ERR_CONFIG);
        if (!strstr(err.text, cases[i].words))
            fail_msg("\"%s\" instead of \"%s\"", err.text, cases[i].words);
        remove(login.token_file);
    }
    const struct sasl_login gone = {.user = "u", .token_file = "/nowhere/token"};
    assert_int_equal(sasl_begin(mem, &gone, offers, "XOAUTH2", &s, &err), -1);
    assert_int_equal(err.code, ERR_CONFIG);
}

/* ---- a server that is not what it says */

static const char *base64(void *mem, const char *text)
{
    gnutls_datum_t in = {(unsigned char *)(uintptr_t)text, (unsigned)strlen(text)}, out;
    assert_int_equal(gnutls_base64_encode2(&in, &out), 0);
    char *s = talloc_strndup(mem, (const char *)out.data, out.size);
    gnutls_free(out.data);
    return s;
}

/* *nonce_r: what the client made up. */
static struct sasl *begin_scram_with(void *mem, const char **nonce_r)
{
    static const struct sasl_login login = {.user = "u,=", .password = "pencil"};
    struct sasl *s = begin(mem, &login, "SCRAM-SHA-256");
    const char *first = sasl_first(s, 1000);
    gnutls_datum_t in = {(unsigned char *)(uintptr_t)first, (unsigned)strlen(first)}, out;
    assert_int_equal(gnutls_base64_decode2(&in, &out), 0);
    const char *text = talloc_strndup(mem, (const char *)out.data, out.size);
    gnutls_free(out.data);
    assert_int_equal(strncmp(text, "n,,n=u=2C=3D,r=", 15), 0);
    *nonce_r = text + 15;
    return s;
}

static struct sasl *begin_scram(void *mem)
{
    const char *nonce;
    return begin_scram_with(mem, &nonce);
}

static void scram_against_the_wrong(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct err err = {0};
    struct sasl *s = begin_scram(mem);
    assert_int_equal(sasl_accepted(s, &err), -1);
    assert_int_equal(err.code, ERR_AWAY);
    assert_non_null(strstr(err.text, "not proven"));
    /* "r=other,s=QSXCR+Q6sek8bf92,i=4096"; no base64; "" */
    answer_fails(s, "cj1vdGhlcixzPVFTWENSK1E2c2VrOGJmOTIsaT00MDk2", "makes no sense");
    answer_fails(begin_scram(mem), "!", "makes no sense");
    answer_fails(begin_scram(mem), "", "makes no sense");
}

static void scram_parts(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    const char *nonce;
    static const char *const bad[] = {"r=%sX,s=QSXCR+Q6sek8bf92,i=0", "r=%sX,s=QSXCR+Q6sek8bf92,i=99999999",
                                      "r=%sX,i=4096", "m=new,r=%sX,s=QSXCR+Q6sek8bf92,i=4096"};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct sasl *s = begin_scram_with(mem, &nonce);
        const char *format = bad[i], *at = strstr(format, "%s");
        answer_fails(s,
                     base64(mem, talloc_asprintf(mem, "%.*s%s%s", (int)(at - format), format, nonce, at + 2)),
                     "makes no sense");
    }
    /* it knows how the conversation goes, and not the password */
    static const char *const last[] = {"v=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", "e=other-error",
                                       "v=AAAA"};
    for (size_t i = 0; i < ARRAY_LEN(last); i++) {
        struct sasl *s = begin_scram_with(mem, &nonce);
        struct err err = {0};
        answer_to(s, base64(mem, talloc_asprintf(mem, "r=%sX,s=QSXCR+Q6sek8bf92,i=4096", nonce)));
        answer_fails(s, base64(mem, last[i]), "does not know the password");
        assert_int_equal(sasl_accepted(s, &err), -1);
    }
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strongest_first),
        cmocka_unit_test(passwords),
        cmocka_unit_test(tokens),
        cmocka_unit_test(bad_tokens),
        cmocka_unit_test(scram_against_the_wrong),
        cmocka_unit_test(scram_parts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
