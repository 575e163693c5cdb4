/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/probe_low.h"

#include <arpa/inet.h>
#include <strings.h>

#include "base/catalog.h"
#include "mail/envelope.h"
#include "mail/letter.h"
#include "mail/wire/facts_cage.h"

void probe_check(struct probe_copy *copy, const char *check, int ok, const char *value)
{
    json_array_append_new(copy->checks, json_pack("{s:s, s:o, s:s}", "check", check, "ok",
                                                  ok < 0 ? json_null() : json_boolean(ok), "value", value));
}

static void check_same(struct probe_copy *copy, const char *check, const char *sent, const char *seen)
{
    probe_check(copy, check, seen && !strcasecmp(sent, seen), seen ? seen : N_("missing"));
}

/* ---- DKIM */

static const char *const verdicts[] = {
    [DKIM_ABSENT] = N_("the signature is gone"),
    [DKIM_GOOD] = N_("good"),
    [DKIM_BODY_CHANGED] = N_("the text was changed on the way"),
    [DKIM_HEADER_CHANGED] = N_("the header was changed on the way"),
    [DKIM_UNREADABLE] = N_("the signature was changed on the way"),
};

/* By our own keys; where we sign nothing, the mail server may, which its Authentication-Results tell. */
static void check_dkim(struct probe *p, struct probe_copy *copy, const struct conf_imap *box,
                       const struct letter *l, const char *bytes, size_t len)
{
    const char *why;
    for (size_t i = 0; i < p->nselectors; i++) {
        const struct signing_selector *s = &p->selector[i];
        enum dkim_verdict v = dkim_verify(s->domain, s->name, s->key, bytes, len);
        probe_check(copy, "dkim", v == DKIM_GOOD,
                    talloc_asprintf(p->mem, "%s: %s", s->name, err_word(verdicts[v])));
    }
    if (p->nselectors)
        return;
    bool by_server =
        letter_is_authenticated(p->mem, l, box->authserv_id, p->o->account->from_address, &why) &&
        !strncmp(why, "dkim=", 5);
    probe_check(copy, "dkim", by_server ? 1 : -1, by_server ? why : N_("no key of ours signs"));
}

/* ---- where it came from */

/* The address in brackets behind "from" of a Received field (RFC 5321 4.4); NULL: none. */
static const char *address_in(void *mem, const char *received)
{
    const char *by = strstr(received, " by "), *open = strchr(received, '[');
    unsigned char ignored[sizeof(struct in6_addr)];
    if (!open || (by && open > by) || strstr(received, " with LMTP"))
        return NULL;
    open += strncasecmp(open + 1, "IPv6:", 5) ? 1 : 6;
    char *address = talloc_strndup(mem, open, strcspn(open, "]"));
    return inet_pton(AF_INET, address, ignored) == 1 || inet_pton(AF_INET6, address, ignored) == 1 ? address
                                                                                                   : NULL;
}

static const char *received_from(void *mem, const json_t *facts)
{
    size_t i;
    const json_t *header;
    json_array_foreach(json_object_get(facts, "headers"), i, header)
    {
        const char *name = json_string_value(json_array_get(header, 0)),
                   *value = json_string_value(json_array_get(header, 1));
        const char *address = name && value && !strcasecmp(name, "Received") ? address_in(mem, value) : NULL;
        if (address)
            return address;
    }
    return NULL;
}

/* ---- the whole */

static void check_address(struct probe *p, struct probe_copy *copy, const struct letter *l)
{
    int64_t id;
    for (size_t i = 0; i < l->arrived_at.n; i++)
        if (envelope_parse(p->o->ring, p->o->conf, l->arrived_at.item[i], &id) && id == copy->id) {
            probe_check(copy, "address", 1, l->arrived_at.item[i]);
            return;
        }
    probe_check(copy, "address", 0, N_("the token is gone from it"));
}

void probe_judge(struct probe *p, struct probe_copy *copy, const struct conf_imap *box, const char *bytes,
                 size_t len)
{
    json_t *facts;
    struct err err;
    struct letter l;
    copy->arrived = true;
    probe_check(copy, "arrived", 1, talloc_asprintf(p->mem, "[imap %s]", box->name));
    if (cage_facts(p->o->cage, bytes, len, &facts, &err) < 0) {
        probe_check(copy, "arrived", 0, err.text);
        return;
    }
    letter_read(p->mem, facts, &l);
    copy->received_from = received_from(p->mem, facts);
    check_same(copy, "return-path", copy->sender, json_string_value(json_object_get(facts, "return_path")));
    check_same(copy, "message-id", copy->message_id, l.message_id);
    check_dkim(p, copy, box, &l, bytes, len);
    if (!strcmp(copy->kind, "token"))
        check_address(p, copy, &l);
    json_decref(facts);
}
