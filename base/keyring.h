/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The keys that make our Message-IDs, bounce addresses and links ours, and the only file that knows
 * libsodium.
 *
 * A file of its own, readable by its owner (and its group) alone: one line a key, `ID YYYY-MM-DD HEX`, the ID
 * four letters of base32, the key 32 bytes.  The last line signs; all verify, so that a letter sent under an
 * older key is still known.  A key that leaked is taken out by deleting its line.
 *
 * A tag is the first 80 bits of HMAC-SHA-256(key, purpose NUL text), 16 letters of base32 in small letters
 * (a-z2-7), fit for a local part and for a Message-ID.  The purpose keeps a tag made for one use from serving
 * another.
 */
#ifndef BASE_KEYRING_H
#define BASE_KEYRING_H

#include "base/mem.h"

enum { KEYRING_ID_LEN = 4, KEYRING_TAG_LEN = 16, KEYRING_MAX_KEYS = 64 };

struct keyring;

/* ERR_CONFIG when it cannot be read, when others could read it, or when a line is broken. A talloc child of
 * mem. */
int keyring_open(void *mem, const char *path, struct keyring **ring_r, struct err *err) MUST_CHECK;
/* Makes the file with one new key, mode 0600; ERR_CONFLICT when it is there already. */
int keyring_create(const char *path, struct err *err) MUST_CHECK;
/* Adds a key, which signs from now on (processes that run read the file again when they start). */
int keyring_rotate(const char *path, struct err *err) MUST_CHECK;

struct keyring_tag {
    char keyid[KEYRING_ID_LEN + 1];
    char tag[KEYRING_TAG_LEN + 1];
};
struct keyring_tag keyring_tag(const struct keyring *ring, const char *purpose, const char *text);
/* In constant time, without regard to the size of letters (mail servers may change it in a local part). */
bool keyring_verify(const struct keyring *ring, const char *purpose, const char *text, const char *keyid,
                    const char *tag);
/* `len` random letters of base32. */
char *keyring_random(void *mem, size_t len);
/* HMAC-SHA-256 under the newest key as 64 hexadecimal digits, for values that are kept as a hash only. */
char *keyring_hash(void *mem, const struct keyring *ring, const char *purpose, const void *bytes, size_t len);

#endif
