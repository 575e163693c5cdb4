/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/envelope.h"

#include <strings.h>

#include "mail/token.h"

char *envelope_address(void *mem, const struct conf_smtp *account, const char *token)
{
    const char *at = strrchr(account->bounce_address, '@');
    must(at);
    int local = (int)(at - account->bounce_address);
    if (account->verp == CONF_VERP_NONE)
        return NULL;
    return account->verp == CONF_VERP_CATCHALL
               ? talloc_asprintf(mem, "%s%s", token, at)
               : talloc_asprintf(mem, "%.*s+%s%s", local, account->bounce_address, token, at);
}

char *envelope_sender(void *mem, const struct keyring *ring, const struct conf_smtp *account,
                      int64_t outbox_id)
{
    MEM_SCOPE(scratch);
    char *verp = envelope_address(mem, account, token_envelope(scratch, ring, outbox_id));
    return verp ? verp : talloc_strdup(mem, account->bounce_address);
}

/* ---- back */

/* `own` is LOCAL@DOMAIN or *@DOMAIN; what of the address can be a token. */
static bool token_in(const char *own, const char *address, const char **token_r, size_t *len_r)
{
    const char *own_at = strrchr(own, '@'), *at = strrchr(address, '@');
    if (!own_at || !at || strcasecmp(at, own_at))
        return false;
    bool whole = !strncmp(own, "*@", 2);
    size_t local = whole ? 0 : (size_t)(own_at - own) + 1;
    if ((size_t)(at - address) <= local ||
        (!whole && (strncasecmp(address, own, local - 1) || address[local - 1] != '+')))
        return false;
    *token_r = address + local;
    *len_r = (size_t)(at - *token_r);
    return true;
}

typedef bool token_fn(const struct keyring *ring, const char *token, size_t len, int64_t *id_r);

static bool parse(const struct keyring *ring, const struct conf *conf, const char *address, token_fn *fn,
                  int64_t *id_r)
{
    const char *token;
    size_t len;
    for (const struct conf_smtp *s = conf->smtp; s; s = s->next) {
        const char *const own[] = {s->bounce_address, s->from_address};
        for (size_t i = 0; i < ARRAY_LEN(own); i++)
            if (token_in(own[i], address, &token, &len) && fn(ring, token, len, id_r))
                return true;
    }
    return false;
}

bool envelope_parse(const struct keyring *ring, const struct conf *conf, const char *address,
                    int64_t *outbox_id_r)
{
    return parse(ring, conf, address, token_parse_envelope, outbox_id_r);
}

bool envelope_parse_unsubscribe(const struct keyring *ring, const struct conf *conf, const char *address,
                                int64_t contact_and_list_r[2])
{
    return parse(ring, conf, address, token_parse_unsubscribe, contact_and_list_r);
}

/* ---- refused */

bool envelope_sender_refused(const struct smtp_result *r)
{
    return r->outcome == SMTP_REFUSED && r->code >= 500 &&
           (!strcmp(r->stage, "MAIL") ||
            (!strcmp(r->stage, "RCPT") && strstr(r->text, "Sender address rejected")));
}

const char *envelope_hint(void *mem, const struct conf_smtp *account, const struct smtp_result *r)
{
    bool of_sender = r->code == 553 ||
                     (r->code == 550 && (!strcmp(r->enhanced, "5.7.1") || !strcmp(r->enhanced, "5.1.8")));
    if (account->verp == CONF_VERP_NONE || !envelope_sender_refused(r) || !of_sender)
        return NULL;
    return talloc_asprintf(mem,
                           "the sender has a token in it (verp = %s): where the server takes no such sender, "
                           "[smtp %s] says verp = none",
                           account->verp == CONF_VERP_PLUS ? "plus" : "catchall", account->name);
}
