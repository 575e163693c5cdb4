/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Which contacts are compared at all.  A key is a hash of what two records of one party mostly share: an
 * address, a phone, two words of the name without their vowels, an initial with a surname, a word with the
 * domain of the address, a word of its own or the initials of an organisation.
 */
#include "crm/likeness_party.h"

/* FNV-1a with a last stir; the lowest bits are free. */
static uint64_t add_bytes(uint64_t h, const char *s)
{
    for (; *s; s++)
        h = (h ^ (unsigned char)*s) * 0x100000001b3;
    return (h ^ 0x1f) * 0x100000001b3;
}

uint64_t likeness_hash(const char *kind, const char *a, const char *b)
{
    uint64_t h = add_bytes(add_bytes(add_bytes(0xcbf29ce484222325, kind), a), b);
    h = (h ^ (h >> 32)) * 0x9e3779b97f4a7c15;
    return ((h ^ (h >> 29)) & ~(uint64_t)3) | (kind[0] == '~' ? LIKENESS_WEAK : 0);
}

const char *likeness_reach_kind(const struct likeness_party *p, const char *kind)
{
    bool mail = !strcmp(kind, "mail");
    return p->organisation ? (mail ? "house mail" : "house phone") : kind;
}

/* Of a near form: its first letter and the consonants behind, c and k as one. */
static void skeleton(const char *near, char out[32])
{
    size_t n = 0;
    for (size_t i = 0; near[i] && n < 31; i++) {
        char c = near[i] == 'k' ? 'c' : near[i];
        if (i > 0 && strchr("aeiou", c))
            continue;
        if (n > 0 && out[n - 1] == c)
            continue;
        out[n++] = c;
    }
    out[n] = 0;
}

uint64_t likeness_name_key(const char *a, const char *b)
{
    char x[32], y[32];
    skeleton(a, x);
    skeleton(b, y);
    return strcmp(x, y) <= 0 ? likeness_hash("~name", x, y) : likeness_hash("~name", y, x);
}

/* All words of the name, in any order. */
uint64_t org_name_key(const struct org_name *name)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < name->n; i++)
        sum += likeness_hash("whole", name->token[i].key, "");
    return sum & ~(uint64_t)3;
}

struct keys {
    uint64_t *key;
    size_t n;
};

static void add_key(struct keys *k, uint64_t key)
{
    for (size_t i = 0; i < k->n; i++)
        if (k->key[i] == key)
            return;
    if (k->n < LIKENESS_MAX_KEYS)
        k->key[k->n++] = key;
}

static void add_reach(struct keys *k, const struct likeness_party *p)
{
    enum { MOST = 10 }; /* of the people of a ministry the first ones */
    for (size_t i = 0; i < p->nemail && i < MOST; i++)
        if (p->organisation || p->email[i].own)
            add_key(k, likeness_hash(likeness_reach_kind(p, "mail"), p->email[i].plain, ""));
    for (size_t i = 0; i < p->nphone && i < MOST; i++)
        if (p->organisation || p->phone[i].own)
            add_key(k, likeness_hash(likeness_reach_kind(p, "phone"), p->phone[i].text, ""));
}

static void add_initials(struct keys *k, const char *a, const char *b)
{
    char first[2] = {a[0], 0};
    if (a[1] && b[1]) /* both full */
        add_key(k, likeness_hash("~initial", first, b) | 1);
    else if (!a[1] && b[1])
        add_key(k, likeness_hash("~initial", first, b));
}

/* A common name is worth comparing where the organisation is the same, too. */
static void add_person_at(struct keys *k, const struct likeness_party *p, uint64_t name)
{
    for (size_t i = 0; i < p->norg && i < 2; i++)
        add_key(k, (name ^ org_name_key(&p->org[i])) & ~(uint64_t)3);
}

static void add_person(struct keys *k, const struct likeness_party *p, const struct person_name *name)
{
    size_t n = name->n < 5 ? name->n : 5;
    if (n > 1)
        add_person_at(k, p, likeness_name_key(name->word[0].near, name->word[1].near));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            if (i < j)
                add_key(k, likeness_name_key(name->word[i].near, name->word[j].near));
            if (i != j)
                add_initials(k, name->word[i].near, name->word[j].near);
        }
    for (size_t e = 0; e < p->nemail && e < 4; e++)
        for (size_t i = 0; i < n && !p->email[e].free; i++)
            if (!name->word[i].soft && name->word[i].near[0] && name->word[i].near[1])
                add_key(k, likeness_hash("~domain name", p->email[e].domain, name->word[i].near));
}

static void add_organisation(struct keys *k, const struct org_name *name)
{
    size_t n = name->n < 6 ? name->n : 6;
    for (size_t i = 0; i < n; i++) {
        const struct token *t = &name->token[i];
        if (t->kind <= TOKEN_ACRONYM || n == 1)
            add_key(k, likeness_hash("~word", t->key, ""));
        for (size_t j = i + 1; j < n; j++)
            add_key(k, likeness_name_key(t->key, name->token[j].key));
    }
    add_key(k, org_name_key(name));
    if (*name->initials)
        add_key(k, likeness_hash("~word", name->initials, ""));
}

size_t likeness_keys(const struct likeness_party *p, uint64_t keys[LIKENESS_MAX_KEYS])
{
    struct keys k = {keys, 0};
    add_reach(&k, p);
    for (size_t i = 0; i < p->nperson && !p->organisation; i++)
        add_person(&k, p, &p->person[i]);
    for (size_t i = 0; i < p->norg && p->organisation; i++)
        add_organisation(&k, &p->org[i]);
    for (size_t i = 0; i < p->nemail && i < 4 && p->organisation; i++) /* its own come first */
        if (!p->email[i].free)
            add_key(&k, likeness_hash("domain", p->email[i].domain, ""));
    return k.n;
}
