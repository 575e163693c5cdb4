/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * By hand, since the SASL that libetpan takes is cut at 512 bytes, knows no tokens, and libetpan believes a
 * server that says yes before it has proven that it knows the password (RFC 5802 5).  A mechanism is one
 * function, which is called once for each thing that the client says.
 */
#include "mail/wire/sasl.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <jansson.h>
#include <stdint.h>
#include <strings.h>

#include "base/catalog.h"
#include "base/secret.h"

enum { NONCE_BYTES = 18, MAC_MAX = 32, ITERATIONS_MAX = 5000000 };

struct mechanism {
    const char *name;
    int (*say)(struct sasl *s, const char *challenge, struct text *out, struct err *err);
    int last;   /* number of the last thing that the client says; the first is 0 */
    bool token; /* with a token, not with a password */
    bool server_first;
    gnutls_mac_algorithm_t mac; /* SCRAM */
};

struct sasl {
    const struct mechanism *mechanism;
    const struct sasl_login *login;
    const char *secret;
    int said;
    bool proven;       /* by the server */
    const char *words; /* of the server, against the token; NULL: none */
    /* SCRAM */
    const char *nonce, *first_bare;
    unsigned char signature[MAC_MAX];
};

/* ---- base64 */

static const char *encoded(void *mem, const char *bytes, size_t len)
{
    gnutls_datum_t in = {(unsigned char *)(uintptr_t)bytes, (unsigned)len}, out;
    if (!len)
        return "";
    must(gnutls_base64_encode2(&in, &out) == 0);
    char *s = talloc_strndup(mem, (const char *)out.data, out.size);
    gnutls_free(out.data);
    return s;
}

/* NULL for what is no base64, or holds a NUL where a text is wanted (len_r NULL). */
static char *decoded(void *mem, const char *base64, size_t *len_r)
{
    gnutls_datum_t in = {(unsigned char *)(uintptr_t)base64, (unsigned)strlen(base64)}, out;
    if (!in.size)
        return talloc_strdup(mem, "");
    if (gnutls_base64_decode2(&in, &out) < 0)
        return NULL;
    char *s = talloc_strndup(mem, (const char *)out.data, out.size);
    if (len_r) {
        s = talloc_memdup(mem, out.data, out.size);
        *len_r = out.size;
    } else if (strlen(s) != out.size) {
        s = NULL;
    }
    gnutls_free(out.data);
    return s;
}

/* ---- with a password */

static int say_plain(struct sasl *s, const char *challenge, struct text *out, struct err *err)
{
    (void)challenge, (void)err;
    /* no authorization identity: the server takes the user's own */
    text_add(out, "", 1);
    text_add(out, s->login->user, strlen(s->login->user) + 1);
    text_puts(out, s->secret);
    return 0;
}

static int say_login(struct sasl *s, const char *challenge, struct text *out, struct err *err)
{
    (void)challenge, (void)err; /* "Username:", "Password:", or whatever the server likes to ask */
    text_puts(out, s->said == 0 ? s->login->user : s->secret);
    return 0;
}

/* A name in SCRAM and OAUTHBEARER (RFC 5802 5.1). */
static void put_name(struct text *out, const char *name)
{
    for (; *name; name++)
        if (*name == ',' || *name == '=')
            text_puts(out, *name == ',' ? "=2C" : "=3D");
        else
            text_putc(out, *name);
}

/* The value of an attribute "x=..." of a SCRAM message; NULL. */
static const char *attribute(void *mem, const char *message, char name)
{
    for (const char *p = message; *p; p += strcspn(p, ","), p += *p == ',')
        if (p[0] == name && p[1] == '=')
            return talloc_strndup(mem, p + 2, strcspn(p + 2, ","));
    return NULL;
}

static void scram_mac(const struct sasl *s, const unsigned char *key, const char *text, unsigned char *mac)
{
    size_t len = gnutls_hmac_get_len(s->mechanism->mac);
    must(gnutls_hmac_fast(s->mechanism->mac, key, len, text, strlen(text), mac) == 0);
}

/* The proof of ours that goes out, and the server's, which must come in (RFC 5802 3). */
static void scram_prove(struct sasl *s, const gnutls_datum_t *salt, unsigned iterations, const char *messages,
                        unsigned char *proof)
{
    gnutls_mac_algorithm_t mac = s->mechanism->mac;
    size_t len = gnutls_hmac_get_len(mac);
    unsigned char salted[MAC_MAX], client_key[MAC_MAX], stored_key[MAC_MAX], server_key[MAC_MAX];
    gnutls_datum_t password = {0}, raw = {(unsigned char *)(uintptr_t)s->secret, (unsigned)strlen(s->secret)};
    /* RFC 8265, which took the place of SASLprep */
    bool normal = gnutls_utf8_password_normalize(raw.data, raw.size, &password, 0) == 0;
    must(gnutls_pbkdf2(mac, normal ? &password : &raw, salt, iterations, salted, len) == 0);
    gnutls_free(password.data);
    scram_mac(s, salted, "Client Key", client_key);
    must(gnutls_hash_fast((gnutls_digest_algorithm_t)mac, client_key, len, stored_key) == 0);
    scram_mac(s, stored_key, messages, proof);
    for (size_t i = 0; i < len; i++)
        proof[i] ^= client_key[i];
    scram_mac(s, salted, "Server Key", server_key);
    scram_mac(s, server_key, messages, s->signature);
}

static int scram_final(struct sasl *s, const char *challenge, struct text *out, struct err *err)
{
    const char *nonce = attribute(s, challenge, 'r'), *salt = attribute(s, challenge, 's'),
               *count = attribute(s, challenge, 'i');
    unsigned long iterations = count ? strtoul(count, NULL, 10) : 0;
    size_t salt_len = 0, len = gnutls_hmac_get_len(s->mechanism->mac);
    char *salt_bytes = salt ? decoded(s, salt, &salt_len) : NULL;
    unsigned char proof[MAC_MAX];
    if (*challenge == 'm' || !nonce || strncmp(nonce, s->nonce, strlen(s->nonce)) || !salt_len ||
        !salt_bytes || !iterations || iterations > ITERATIONS_MAX)
        return err_set(err, ERR_AWAY, "the server's challenge makes no sense");
    const char *without_proof = talloc_asprintf(s, "c=biws,r=%s", nonce); /* "n,,": no channel is bound */
    scram_prove(s, &(gnutls_datum_t){(unsigned char *)salt_bytes, (unsigned)salt_len}, (unsigned)iterations,
                talloc_asprintf(s, "%s,%s,%s", s->first_bare, challenge, without_proof), proof);
    text_printf(out, "%s,p=%s", without_proof, encoded(s, (const char *)proof, len));
    return 0;
}

static int scram_check(struct sasl *s, const char *challenge, struct err *err)
{
    const char *verifier = attribute(s, challenge, 'v');
    size_t len = 0;
    const char *signature = verifier ? decoded(s, verifier, &len) : NULL;
    if (!signature || len != gnutls_hmac_get_len(s->mechanism->mac) ||
        gnutls_memcmp(signature, s->signature, len))
        return err_set(err, ERR_AWAY, "the server does not know the password: it may be another's");
    s->proven = true;
    return 0;
}

static int say_scram(struct sasl *s, const char *challenge, struct text *out, struct err *err)
{
    unsigned char random[NONCE_BYTES];
    if (s->said == 1)
        return scram_final(s, challenge, out, err);
    if (s->said == 2)
        return scram_check(s, challenge, err);
    must(gnutls_rnd(GNUTLS_RND_NONCE, random, sizeof random) == 0);
    s->nonce = encoded(s, (const char *)random, sizeof random);
    struct text bare = text_new(s);
    text_puts(&bare, "n=");
    put_name(&bare, s->login->user);
    text_printf(&bare, ",r=%s", s->nonce);
    s->first_bare = bare.s;
    s->proven = false;
    text_printf(out, "n,,%s", bare.s);
    return 0;
}

/* ---- with a token */

static void put_word(struct text *out, const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_string(value) && !json_is_integer(value))
        return;
    text_printf(out, "%s%s ", out->len ? ", " : "", key);
    if (json_is_integer(value))
        text_printf(out, "%lld", (long long)json_integer_value(value));
    for (const char *p = json_string_value(value); p && *p && out->len < 300; p++)
        text_putc(out, *p > ' ' && *p < 0x7f ? *p : '?');
}

/* A refusal comes as a challenge, of JSON, and wants an answer before the server says no (RFC 7628 3.2.3). */
static void keep_words(struct sasl *s, const char *challenge)
{
    struct text words = text_new(s);
    json_t *refusal = json_loads(challenge, 0, NULL);
    put_word(&words, refusal, "status");
    put_word(&words, refusal, "scope");
    json_decref(refusal);
    s->words = words.s;
}

static int say_xoauth2(struct sasl *s, const char *challenge, struct text *out, struct err *err)
{
    (void)err;
    if (s->said)
        keep_words(s, challenge);
    else
        text_printf(out, "user=%s\1auth=Bearer %s\1\1", s->login->user, s->secret);
    return 0;
}

static int say_bearer(struct sasl *s, const char *challenge, struct text *out, struct err *err)
{
    (void)err;
    if (s->said) {
        keep_words(s, challenge);
        text_putc(out, '\1');
        return 0;
    }
    text_puts(out, "n,a=");
    put_name(out, s->login->user);
    text_printf(out, ",\1host=%s\1port=%s\1auth=Bearer %s\1\1", s->login->host, s->login->port, s->secret);
    return 0;
}

/* ---- which */

static const struct mechanism mechanisms[] = {
    /* the strongest first */
    {"SCRAM-SHA-256", say_scram, 2, false, false, GNUTLS_MAC_SHA256},
    {"SCRAM-SHA-1", say_scram, 2, false, false, GNUTLS_MAC_SHA1},
    {"PLAIN", say_plain, 0, false, false, 0},
    {"LOGIN", say_login, 1, false, true, 0},
    {"OAUTHBEARER", say_bearer, 1, true, false, 0},
    {"XOAUTH2", say_xoauth2, 1, true, false, 0},
};

static const struct mechanism *choose(const struct sasl_login *login, sasl_offers_fn *offers,
                                      const void *server)
{
    for (const struct mechanism *m = mechanisms; m < mechanisms + ARRAY_LEN(mechanisms); m++)
        if (m->token == (login->token_file != NULL) &&
            (!login->mechanism || !strcasecmp(login->mechanism, m->name)) && offers(server, m->name))
            return m;
    return NULL;
}

static bool is_one_line(const char *s, size_t max)
{
    size_t len = s ? strlen(s) : 0;
    return len > 0 && len <= max && strcspn(s, "\r\n") == len;
}

/* What RFC 6750 2.1 lets a token be made of. */
static bool is_token(const char *s)
{
    size_t len = strspn(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~+/=");
    return len && !s[len] && len <= SASL_SECRET_MAX;
}

static int read_secret(struct sasl *s, struct err *err)
{
    const struct sasl_login *login = s->login;
    char *token;
    if (!is_one_line(login->user, SASL_USER_MAX) || strchr(login->user, 1))
        return err_set(err, ERR_CONFIG, "the user wants 1 to %d bytes, in one line", SASL_USER_MAX);
    if (!login->token_file) {
        s->secret = login->password;
        return is_one_line(login->password, SASL_SECRET_MAX)
                   ? 0
                   : err_set(err, ERR_CONFIG, "the password wants 1 to %d bytes, in one line",
                             SASL_SECRET_MAX);
    }
    if (secret_read(s, login->token_file, &token, err) < 0)
        return -1;
    s->secret = token;
    return is_token(token)
               ? 0
               : err_set(err, ERR_CONFIG, "%s: its first line is no access token", login->token_file);
}

/* ---- the whole */

int sasl_begin(void *mem, const struct sasl_login *login, sasl_offers_fn *offers, const void *server,
               struct sasl **sasl_r, struct err *err)
{
    struct sasl *s = talloc_zero(mem, struct sasl);
    s->login = talloc_memdup(s, login, sizeof *login);
    s->proven = true;
    *sasl_r = NULL;
    if (read_secret(s, err) < 0)
        return -1;
    s->mechanism = choose(login, offers, server);
    if (s->mechanism)
        *sasl_r = s;
    return 0;
}

const char *sasl_mechanism(const struct sasl *s)
{
    return s->mechanism->name;
}

static int say(struct sasl *s, const char *challenge, const char **answer_r, struct err *err)
{
    struct text out = text_new(s);
    if (s->said > s->mechanism->last)
        return err_set(err, ERR_AWAY, "the server asks for more than there is to say");
    if (s->mechanism->say(s, challenge, &out, err) < 0)
        return -1;
    s->said++;
    *answer_r = encoded(s, out.s, out.len);
    return 0;
}

const char *sasl_first(struct sasl *s, size_t max_len)
{
    const char *answer;
    if (s->mechanism->server_first || say(s, "", &answer, NULL) < 0)
        return NULL;
    if (strlen(answer) <= max_len)
        return answer;
    s->said = 0;
    return NULL;
}

int sasl_answer(struct sasl *s, const char *challenge, const char **answer_r, struct err *err)
{
    const char *text = decoded(s, challenge, NULL);
    return text ? say(s, text, answer_r, err)
                : err_set(err, ERR_AWAY, "the server's challenge makes no sense");
}

int sasl_accepted(const struct sasl *s, struct err *err)
{
    return s->proven ? 0
                     : err_set(err, ERR_AWAY, "the server lets us in and has not proven that it is itself");
}

int sasl_refused(const struct sasl *s, struct err *err)
{
    if (!err || !s->mechanism->token)
        return -1;
    for (char *at; (at = strstr(err->text, s->secret));)
        memset(at, '*', strlen(s->secret));
    size_t len = strlen(err->text);
    bool words = s->words && *s->words;
    snprintf(err->text + len, sizeof err->text - len,
             err_word(N_(" (%s%sthe access token in %s is not taken)")), words ? s->words : "",
             words ? "; " : "", s->login->token_file);
    if (err->code == ERR_CONFIG)
        err->code = ERR_AWAY;
    return -1;
}
