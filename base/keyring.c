/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Keys stay in talloc memory of their own, which is wiped when the ring goes.
 */
#include "base/keyring.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include "base/sodium_lazy.h"
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { KEY_BYTES = crypto_auth_hmacsha256_KEYBYTES, LINE_MAX_LEN = 128 };

static const char base32[] = "abcdefghijklmnopqrstuvwxyz234567"; /* RFC 4648 6, in small letters */

struct key {
    char id[KEYRING_ID_LEN + 1];
    unsigned char bytes[KEY_BYTES];
    crypto_auth_hmacsha256_state begun; /* a MAC under it, before the first byte */
};

struct keyring {
    size_t count;
    struct key key[KEYRING_MAX_KEYS];
};

static int keyring_end(struct keyring *ring)
{
    sodium_memzero(ring, sizeof *ring);
    return 0;
}

static void prepare(void)
{
    if (sodium_init() < 0)
        bug("sodium_init");
}

/* ---- the file */

static bool is_id(const char *s)
{
    return strspn(s, base32) >= KEYRING_ID_LEN;
}

static const struct key *find_key(const struct keyring *ring, const char *id)
{
    for (size_t i = 0; i < ring->count; i++)
        if (!strcasecmp(ring->key[i].id, id))
            return &ring->key[i];
    return NULL;
}

/* "ID YYYY-MM-DD HEX" */
static bool parse_key(const char *line, struct key *key)
{
    enum { DATE = KEYRING_ID_LEN + 1, HEX = DATE + 11 };
    if (strlen(line) != HEX + 2 * KEY_BYTES || !is_id(line) || line[DATE - 1] != ' ' || line[HEX - 1] != ' ')
        return false;
    for (int i = DATE; i < HEX - 1; i++)
        if ((i - DATE == 4 || i - DATE == 7) ? line[i] != '-' : !isdigit((unsigned char)line[i]))
            return false;
    snprintf(key->id, sizeof key->id, "%.*s", KEYRING_ID_LEN, line);
    size_t len;
    return sodium_hex2bin(key->bytes, KEY_BYTES, line + HEX, 2 * KEY_BYTES, NULL, &len, NULL) == 0 &&
           len == KEY_BYTES;
}

static int read_keys(struct keyring *ring, FILE *f, const char *path, struct err *err)
{
    char line[LINE_MAX_LEN + 2];
    int rc = 0;
    for (int n = 1; rc == 0 && fgets(line, sizeof line, f); n++) {
        line[strcspn(line, "\r\n")] = 0;
        if (!*line || *line == '#')
            continue;
        struct key *key = &ring->key[ring->count];
        if (ring->count == KEYRING_MAX_KEYS)
            rc = err_set(err, ERR_CONFIG, "%s:%d: more than %d keys", path, n, KEYRING_MAX_KEYS);
        else if (!parse_key(line, key))
            rc = err_set(err, ERR_CONFIG, "%s:%d: not a key (ID YYYY-MM-DD and 64 hexadecimal digits)", path,
                         n);
        else if (find_key(ring, key->id))
            rc = err_set(err, ERR_CONFIG, "%s:%d: a second key %s", path, n, key->id);
        else
            crypto_auth_hmacsha256_init(&ring->key[ring->count++].begun, key->bytes, sizeof key->bytes);
    }
    sodium_memzero(line, sizeof line);
    if (rc == 0 && !ring->count)
        rc = err_set(err, ERR_CONFIG, "%s: holds no key", path);
    return rc;
}

int keyring_open(void *mem, const char *path, struct keyring **ring_r, struct err *err)
{
    prepare();
    FILE_SCOPE FILE *f = fopen(path, "re");
    struct stat st;
    if (!f || fstat(fileno(f), &st) < 0)
        return err_set(err, ERR_CONFIG, "keys: %s: %s", path, strerror(errno));
    if (st.st_mode & (S_IRWXO | S_IWGRP))
        return err_set(err, ERR_CONFIG, "keys: %s: others can read it (mode %03o; chmod 600)", path,
                       (unsigned)st.st_mode & 0777);
    struct keyring *ring = talloc_zero(mem, struct keyring);
    talloc_set_destructor(ring, keyring_end);
    if (read_keys(ring, f, path, err) < 0) {
        talloc_free(ring);
        return err_context(err, "keys");
    }
    *ring_r = ring;
    return 0;
}

/* A new key's line at the end of an open file. */
static int write_key(int fd, const char *path, struct err *err)
{
    MEM_SCOPE(mem);
    unsigned char bytes[KEY_BYTES];
    char hex[2 * KEY_BYTES + 1], date[16], line[LINE_MAX_LEN];
    time_t now = time(NULL);
    struct tm tm;
    if (!strftime(date, sizeof date, "%Y-%m-%d", gmtime_r(&now, &tm)))
        bug("strftime");
    crypto_auth_hmacsha256_keygen(bytes);
    sodium_bin2hex(hex, sizeof hex, bytes, sizeof bytes);
    int len = snprintf(line, sizeof line, "%s %s %s\n", keyring_random(mem, KEYRING_ID_LEN), date, hex);
    bool written = write(fd, line, (size_t)len) == len && fsync(fd) == 0;
    int why = errno;
    sodium_memzero(bytes, sizeof bytes);
    sodium_memzero(hex, sizeof hex);
    sodium_memzero(line, sizeof line);
    return written ? 0 : err_set(err, ERR_IO, "%s: %s", path, strerror(why));
}

int keyring_create(const char *path, struct err *err)
{
    prepare();
    FD_SCOPE int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0 && errno == EEXIST)
        return err_set(err, ERR_CONFLICT, "%s is there already", path);
    if (fd < 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    return write_key(fd, path, err);
}

/* An editor may have left the last line without its end; a key behind it would spoil both. */
static int end_last_line(int fd, const char *path, struct err *err)
{
    char last = '\n';
    off_t size = lseek(fd, 0, SEEK_END);
    if (size < 0 || (size > 0 && pread(fd, &last, 1, size - 1) != 1) ||
        (last != '\n' && write(fd, "\n", 1) != 1))
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    return 0;
}

int keyring_rotate(const char *path, struct err *err)
{
    MEM_SCOPE(mem);
    struct keyring *ring;
    if (keyring_open(mem, path, &ring, err) < 0)
        return -1;
    if (ring->count == KEYRING_MAX_KEYS)
        return err_set(err, ERR_CONFLICT, "%s holds %d keys; take out the oldest", path, KEYRING_MAX_KEYS);
    FD_SCOPE int fd = open(path, O_RDWR | O_APPEND | O_CLOEXEC);
    if (fd < 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    return end_last_line(fd, path, err) < 0 ? -1 : write_key(fd, path, err);
}

/* ---- tags */

static void mac_for(const struct key *key, const char *purpose, const void *bytes, size_t len,
                    unsigned char mac[crypto_auth_hmacsha256_BYTES])
{
    crypto_auth_hmacsha256_state state = key->begun;
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)purpose, strlen(purpose) + 1);
    crypto_auth_hmacsha256_update(&state, bytes, len);
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(&state, sizeof state);
}

static void tag_with(const struct key *key, const char *purpose, const char *text,
                     char tag[KEYRING_TAG_LEN + 1])
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    mac_for(key, purpose, text, strlen(text), mac);
    for (int i = 0; i < KEYRING_TAG_LEN; i++) {
        int bit = i * 5;
        unsigned two = (unsigned)mac[bit / 8] << 8 | mac[bit / 8 + 1];
        tag[i] = base32[two >> (11 - bit % 8) & 31];
    }
    tag[KEYRING_TAG_LEN] = 0;
}

struct keyring_tag keyring_tag(const struct keyring *ring, const char *purpose, const char *text)
{
    struct keyring_tag made;
    const struct key *key = &ring->key[ring->count - 1];
    memcpy(made.keyid, key->id, sizeof made.keyid);
    tag_with(key, purpose, text, made.tag);
    return made;
}

bool keyring_verify(const struct keyring *ring, const char *purpose, const char *text, const char *keyid,
                    const char *tag)
{
    const struct key *key = find_key(ring, keyid);
    if (!key || strlen(tag) != KEYRING_TAG_LEN)
        return false;
    char want[KEYRING_TAG_LEN + 1], small[KEYRING_TAG_LEN];
    tag_with(key, purpose, text, want);
    for (int i = 0; i < KEYRING_TAG_LEN; i++)
        small[i] = (char)tolower((unsigned char)tag[i]);
    return sodium_memcmp(want, small, KEYRING_TAG_LEN) == 0;
}

char *keyring_random(void *mem, size_t len)
{
    prepare();
    char *s = talloc_size(mem, len + 1);
    for (size_t i = 0; i < len; i++)
        s[i] = base32[randombytes_uniform(32)];
    s[len] = 0;
    return s;
}

char *keyring_hash(void *mem, const struct keyring *ring, const char *purpose, const void *bytes, size_t len)
{
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    mac_for(&ring->key[ring->count - 1], purpose, bytes, len, mac);
    char *hex = talloc_size(mem, 2 * sizeof mac + 1);
    return sodium_bin2hex(hex, 2 * sizeof mac + 1, mac, sizeof mac);
}
