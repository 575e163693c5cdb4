/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Of a key that was imported GnuTLS only reads while it signs, and takes no lock, so that threads sign side
 * by side.
 */
#include <gnutls/abstract.h>
#include <gnutls/crypto.h>
#include <gnutls/x509.h>

#include "base/glib_lazy.h"

#include "mail/wire/dkim_low.h"

enum { RSA_NEW_BITS = 2048, RSA_MIN_BITS = 1024, RSA_MAX_BITS = 4096, ED25519_BYTES = 32 };

struct dkim_key {
    gnutls_privkey_t private;
    enum dkim_algorithm algorithm;
    unsigned bits;
};

static const struct {
    gnutls_pk_algorithm_t pk;
    const char *method, *type, *name;
} algorithms[] = {
    [DKIM_RSA] = {GNUTLS_PK_RSA, "rsa-sha256", "rsa", "RSA"},
    [DKIM_ED25519] = {GNUTLS_PK_EDDSA_ED25519, "ed25519-sha256", "ed25519", "Ed25519"},
};

/* What cannot fail but for want of memory or of random bytes. */
static void sound(int r, const char *what)
{
    if (r < 0)
        bug("%s: %s", what, gnutls_strerror(r));
}

char *dkim_key_new(void *mem, enum dkim_algorithm algorithm)
{
    gnutls_x509_privkey_t key;
    gnutls_datum_t pem;
    sound(gnutls_x509_privkey_init(&key), "gnutls_x509_privkey_init");
    sound(gnutls_x509_privkey_generate(key, algorithms[algorithm].pk,
                                       algorithm == DKIM_RSA ? RSA_NEW_BITS : 8 * ED25519_BYTES, 0),
          "gnutls_x509_privkey_generate");
    sound(gnutls_x509_privkey_export2_pkcs8(key, GNUTLS_X509_FMT_PEM, NULL, GNUTLS_PKCS_PLAIN, &pem),
          "gnutls_x509_privkey_export2_pkcs8");
    char *copy = talloc_strndup(mem, (const char *)pem.data, pem.size);
    gnutls_memset(pem.data, 0, pem.size);
    gnutls_free(pem.data);
    gnutls_x509_privkey_deinit(key);
    return copy;
}

static int key_end(struct dkim_key *key)
{
    gnutls_privkey_deinit(key->private);
    return 0;
}

static int check_algorithm(struct dkim_key *key, struct err *err)
{
    int pk = gnutls_privkey_get_pk_algorithm(key->private, &key->bits);
    size_t i = 0;
    while (i < ARRAY_LEN(algorithms) && (int)algorithms[i].pk != pk)
        i++;
    if (i == ARRAY_LEN(algorithms))
        return err_set(err, ERR_CONFIG, "a key of the kind %s; DKIM has RSA and Ed25519",
                       gnutls_pk_algorithm_get_name((gnutls_pk_algorithm_t)pk));
    key->algorithm = (enum dkim_algorithm)i;
    if (i == DKIM_RSA && (key->bits < RSA_MIN_BITS || key->bits > RSA_MAX_BITS))
        return err_set(err, ERR_CONFIG,
                       "an RSA key of %u bits; signatures are accepted of %d to %d bits (RFC 8301)",
                       key->bits, RSA_MIN_BITS, RSA_MAX_BITS);
    return 0;
}

int dkim_key_parse(void *mem, const char *pem, struct dkim_key **key_r, struct err *err)
{
    struct dkim_key *key = talloc_zero(mem, struct dkim_key);
    gnutls_datum_t bytes = {(unsigned char *)(uintptr_t)pem, (unsigned)strlen(pem)};
    sound(gnutls_privkey_init(&key->private), "gnutls_privkey_init");
    talloc_set_destructor(key, key_end);
    int r = gnutls_privkey_import_x509_raw(key->private, &bytes, GNUTLS_X509_FMT_PEM, NULL, 0);
    int rc = r < 0 ? err_set(err, ERR_CONFIG, "no private key in PEM: %s", gnutls_strerror(r))
                   : check_algorithm(key, err);
    if (rc < 0)
        talloc_free(key);
    else
        *key_r = key;
    return rc;
}

enum dkim_algorithm dkim_key_algorithm(const struct dkim_key *key)
{
    return key->algorithm;
}

const char *dkim_key_method(const struct dkim_key *key)
{
    return algorithms[key->algorithm].method;
}

const char *dkim_key_describe(void *mem, const struct dkim_key *key)
{
    const char *name = algorithms[key->algorithm].name;
    return key->algorithm == DKIM_RSA ? talloc_asprintf(mem, "%s, %u bits", name, key->bits) : name;
}

/* RSA: the SubjectPublicKeyInfo (RFC 6376 3.6.1); Ed25519: the bare key (RFC 8463 4.2), which is its end. */
char *dkim_key_record(void *mem, const struct dkim_key *key)
{
    gnutls_pubkey_t public;
    gnutls_datum_t der;
    sound(gnutls_pubkey_init(&public), "gnutls_pubkey_init");
    sound(gnutls_pubkey_import_privkey(public, key->private, 0, 0), "gnutls_pubkey_import_privkey");
    sound(gnutls_pubkey_export2(public, GNUTLS_X509_FMT_DER, &der), "gnutls_pubkey_export2");
    size_t skip = key->algorithm == DKIM_RSA ? 0 : der.size - ED25519_BYTES;
    char *base64 = g_base64_encode(der.data + skip, der.size - skip);
    char *record = talloc_asprintf(mem, "v=DKIM1; k=%s; p=%s", algorithms[key->algorithm].type, base64);
    g_free(base64);
    gnutls_free(der.data);
    gnutls_pubkey_deinit(public);
    return record;
}

/* Ed25519 signs the sum as its data (RFC 8463 3). */
size_t dkim_key_sign(const struct dkim_key *key, const unsigned char sum[DKIM_SUM_BYTES],
                     unsigned char signature[DKIM_SIGNATURE_MAX])
{
    gnutls_datum_t bytes = {(unsigned char *)(uintptr_t)sum, DKIM_SUM_BYTES}, made;
    if (key->algorithm == DKIM_RSA)
        sound(gnutls_privkey_sign_hash2(key->private, GNUTLS_SIGN_RSA_SHA256, 0, &bytes, &made),
              "gnutls_privkey_sign_hash2");
    else
        sound(gnutls_privkey_sign_data2(key->private, GNUTLS_SIGN_EDDSA_ED25519, 0, &bytes, &made),
              "gnutls_privkey_sign_data2");
    size_t len = made.size;
    must(len <= DKIM_SIGNATURE_MAX);
    memcpy(signature, made.data, len);
    gnutls_free(made.data);
    return len;
}

bool dkim_key_verify(const struct dkim_key *key, const unsigned char sum[DKIM_SUM_BYTES],
                     const unsigned char *signature, size_t len)
{
    gnutls_pubkey_t public;
    gnutls_datum_t bytes = {(unsigned char *)(uintptr_t)sum, DKIM_SUM_BYTES},
                   made = {(unsigned char *)(uintptr_t)signature, (unsigned)len};
    sound(gnutls_pubkey_init(&public), "gnutls_pubkey_init");
    sound(gnutls_pubkey_import_privkey(public, key->private, 0, 0), "gnutls_pubkey_import_privkey");
    int r = key->algorithm == DKIM_RSA
                ? gnutls_pubkey_verify_hash2(public, GNUTLS_SIGN_RSA_SHA256, 0, &bytes, &made)
                : gnutls_pubkey_verify_data2(public, GNUTLS_SIGN_EDDSA_ED25519, 0, &bytes, &made);
    gnutls_pubkey_deinit(public);
    return r >= 0;
}
