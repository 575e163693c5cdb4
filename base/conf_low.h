/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between conf.c, which knows the keys and reads the file, and conf_value.c, which knows what may stand
 * behind one.
 */
#ifndef BASE_CONF_LOW_H
#define BASE_CONF_LOW_H

#include "base/conf.h"

enum conf_section { DATABASE, OFFICE, KEYS, DNS, SMTP, IMAP, DKIM, NSECTIONS };
enum conf_kind {
    TEXT,
    PATH,
    NUMBER,
    SIZE_MB,
    TLS,
    VERP,
    ACCOUNT_KIND,
    MECHANISM,
    LANGUAGE,
    DOMAIN,
    ADDRESS,
    DAY,
    ZONE
};

struct conf_key {
    enum conf_section section;
    const char *name;
    enum conf_kind kind;
    size_t offset; /* in the section's struct */
    long min, max;
    const char *if_absent;
};

enum { CONF_KEYS_MAX = 128 };
struct conf_reader {
    struct conf *conf;
    const char *path;
    int line;
    enum conf_section section;
    void *target;                    /* the struct that the section's keys go into */
    const void *seen[CONF_KEYS_MAX]; /* by key: the target that the key was last given for */
    struct err *err;
};

/* Always -1; file and line stand before what is said. */
int conf_fail(struct conf_reader *r, const char *fmt, ...) PRINTF(2, 3);
/* NULL: the key is absent, and has no default. */
int conf_set_value(struct conf_reader *r, const struct conf_key *k, const char *value) MUST_CHECK;
/* The mechanism, as conf_set_value made it, wants a token, not a password. */
bool conf_by_token(const char *mechanism);

#endif
