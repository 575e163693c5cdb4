/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The tag covers what stands before the key's name ("subject"); the kind of id is its purpose.
 */
#include "mail/token.h"

#include <ctype.h>
#include <strings.h>

enum { TOKEN_MAX = 128 };

enum kind { MESSAGE_ID, ENVELOPE, ENVID, UNSUBSCRIBE };
static const char *const purpose[] = {"message-id", "envelope", "envid", "unsubscribe"};

static char *make_token(void *mem, const struct keyring *ring, enum kind kind, const char *subject)
{
    struct keyring_tag t = keyring_tag(ring, purpose[kind], subject);
    return talloc_asprintf(mem, "%s.%s.%s", subject, t.keyid, t.tag);
}

char *token_message_id(void *mem, const struct keyring *ring, const char *domain, int64_t outbox_id,
                       int version)
{
    MEM_SCOPE(scratch);
    char *subject = talloc_asprintf(scratch, "o%lld.%d", (long long)outbox_id, version);
    return talloc_asprintf(mem, "<%s@%s>", make_token(scratch, ring, MESSAGE_ID, subject), domain);
}

char *token_envelope(void *mem, const struct keyring *ring, int64_t outbox_id)
{
    MEM_SCOPE(scratch);
    char *subject = talloc_asprintf(scratch, "%lld", (long long)outbox_id);
    return talloc_asprintf(mem, "b.%s", make_token(scratch, ring, ENVELOPE, subject));
}

char *token_envid(void *mem, const struct keyring *ring, int64_t outbox_id)
{
    MEM_SCOPE(scratch);
    return make_token(mem, ring, ENVID, talloc_asprintf(scratch, "o%lld", (long long)outbox_id));
}

char *token_unsubscribe(void *mem, const struct keyring *ring, int64_t contact_id, int64_t list_id)
{
    MEM_SCOPE(scratch);
    return make_token(mem, ring, UNSUBSCRIBE,
                      talloc_asprintf(scratch, "u%lld.%lld", (long long)contact_id, (long long)list_id));
}

/* ---- parse */

/* A number as we write it: no sign, no leading zero, small enough for an id. */
static bool parse_number(const char **p, int64_t *n_r)
{
    const char *begin = *p;
    int64_t n = 0;
    for (; isdigit((unsigned char)**p) && *p - begin < 18; ++*p)
        n = n * 10 + (**p - '0');
    *n_r = n;
    return *p > begin && *begin != '0';
}

/* What stands before the key's name: one number, or two. */
static bool parse_subject(enum kind kind, const char *p, int64_t id_r[2])
{
    static const char first[] = {[MESSAGE_ID] = 'o', [ENVELOPE] = 0, [ENVID] = 'o', [UNSUBSCRIBE] = 'u'};
    bool two = kind == MESSAGE_ID || kind == UNSUBSCRIBE;
    if (first[kind] && *p++ != first[kind])
        return false;
    if (!parse_number(&p, &id_r[0]) || (two && (*p++ != '.' || !parse_number(&p, &id_r[1]))))
        return false;
    return !*p;
}

/* Cuts the last word behind a dot off; NULL when there is no dot. */
static char *cut_last(char *s)
{
    char *dot = strrchr(s, '.');
    if (!dot)
        return NULL;
    *dot = 0;
    return dot + 1;
}

static bool parse_token(const struct keyring *ring, enum kind kind, const char *bytes, size_t len,
                        int64_t id_r[2])
{
    char s[TOKEN_MAX];
    int64_t id[2] = {0};
    if (len >= sizeof s)
        return false;
    for (size_t i = 0; i < len; i++)
        s[i] = (char)tolower((unsigned char)bytes[i]);
    s[len] = 0;
    const char *tag = cut_last(s);
    const char *key = tag ? cut_last(s) : NULL;
    if (!key || !parse_subject(kind, s, id) || !keyring_verify(ring, purpose[kind], s, key, tag))
        return false;
    memcpy(id_r, id, sizeof id);
    return true;
}

static bool parse_outbox(const struct keyring *ring, enum kind kind, const char *bytes, size_t len,
                         int64_t *outbox_id_r)
{
    int64_t id[2];
    if (!parse_token(ring, kind, bytes, len, id))
        return false;
    *outbox_id_r = id[0];
    return true;
}

bool token_parse_message_id(const struct keyring *ring, const char *domain, const char *id,
                            int64_t *outbox_id_r)
{
    size_t len = strlen(id);
    const char *at = strrchr(id, '@');
    if (len < 3 || id[0] != '<' || id[len - 1] != '>' || !at)
        return false;
    size_t domain_len = (size_t)(id + len - 1 - (at + 1));
    if (domain_len != strlen(domain) || strncasecmp(at + 1, domain, domain_len))
        return false;
    return parse_outbox(ring, MESSAGE_ID, id + 1, (size_t)(at - id - 1), outbox_id_r);
}

bool token_parse_envelope(const struct keyring *ring, const char *token, size_t len, int64_t *outbox_id_r)
{
    return len > 2 && !strncasecmp(token, "b.", 2) &&
           parse_outbox(ring, ENVELOPE, token + 2, len - 2, outbox_id_r);
}

bool token_parse_envid(const struct keyring *ring, const char *envid, int64_t *outbox_id_r)
{
    return parse_outbox(ring, ENVID, envid, strlen(envid), outbox_id_r);
}

bool token_parse_unsubscribe(const struct keyring *ring, const char *token, size_t len,
                             int64_t contact_and_list_r[2])
{
    return parse_token(ring, UNSUBSCRIBE, token, len, contact_and_list_r);
}
