/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The names of two organisations.  Their words are paired; what is left over on both sides contradicts, the
 * more the rarer such words are, and two places contradict most.
 */
#include "crm/likeness_sum.h"

#include <math.h>

static bool is_place(const struct token *t)
{
    return t->kind >= TOKEN_PLACE;
}

/* A village or town lies in its land. */
static bool places_agree(const struct token *a, const struct token *b)
{
    if (!strcmp(a->key, b->key))
        return true;
    return a->kind != b->kind && a->country && b->country && !strcmp(a->country, b->country);
}

static bool fits_some(const struct token *t, const struct org_name *other)
{
    for (size_t i = 0; i < other->n; i++)
        if (is_place(&other->token[i]) && places_agree(t, &other->token[i]))
            return true;
    return false;
}

static double token_weight(struct sum *s, const struct token *x, const struct token *y)
{
    bool same = !strcmp(x->key, y->key);
    if (same && is_place(x))
        return weight_of(WORD_SOMEWHERE);
    if (same && x->kind == TOKEN_ACRONYM)
        return weight_of(WORD_SHORT_NAME);
    if (same && x->kind == TOKEN_WORD)
        return weight_of(WORD_GENERAL);
    if (same && x->kind == TOKEN_TYPE)
        return weight_of(WORD_KIND);
    if (same)
        return fmax(0.5, weight_of(WORD_OWN) - commonness(s, likeness_hash("~word", x->key, "")) / 2);
    if (x->kind == TOKEN_OWN && y->kind == TOKEN_OWN && near_typo(x->key, y->key))
        return weight_of(WORD_OWN_TYPO);
    return 0;
}

struct leftover {
    size_t own, general, shorts, kinds, places, lands;
};

static struct leftover count_left(const struct org_name *name, const bool *used, const struct org_name *other)
{
    struct leftover l = {0};
    for (size_t i = 0; i < name->n; i++) {
        const struct token *t = &name->token[i];
        if (used[i])
            continue;
        l.own += t->kind == TOKEN_OWN;
        l.general += t->kind == TOKEN_WORD;
        l.shorts += t->kind == TOKEN_ACRONYM;
        l.kinds += t->kind == TOKEN_TYPE;
        l.places += is_place(t) && !fits_some(t, other);
    }
    return l;
}

static bool any_left(const struct leftover *l)
{
    return l->own || l->general || l->shorts || l->kinds || l->places;
}

static size_t less(size_t a, size_t b)
{
    return a < b ? a : b;
}

static bool has_kind(const struct org_name *name, const char *key)
{
    for (size_t i = 0; i < name->n; i++)
        if (name->token[i].kind == TOKEN_TYPE && !strcmp(name->token[i].key, key))
            return true;
    return false;
}

struct pairs {
    bool a[MAX_TOKENS], b[MAX_TOKENS];
    double weight;
    size_t own, shorts, kinds, places, general;
    bool written; /* all of them the same as they are written, not by what they mean */
};

/* Has a kind that is no organ of the other: a parish is called a municipality of the church. */
static bool has_other_kind(const struct org_name *name, const bool *used)
{
    static const char *const organs[] = {"assembly", "office", "station", "consulate"};
    for (size_t i = 0; i < name->n; i++) {
        bool organ = used[i] || name->token[i].kind != TOKEN_TYPE;
        for (size_t o = 0; o < ARRAY_LEN(organs) && !organ; o++)
            organ = !strcmp(name->token[i].key, organs[o]);
        if (!organ)
            return true;
    }
    return false;
}

/* Of these there is one in a place. */
static bool is_seat(const struct org_name *a, const struct org_name *b, const struct pairs *p)
{
    static const char *const seats[] = {"embassy", "municipality", "police"};
    if (!p->places || has_other_kind(a, p->a) || has_other_kind(b, p->b))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(seats); i++)
        if (has_kind(a, seats[i]) && has_kind(b, seats[i]))
            return true;
    return false;
}

/* A name of one word that is the initials of the other. */
static bool is_initials(const struct org_name *a, const struct org_name *b)
{
    if (!*b->initials)
        return false;
    for (size_t i = 0; i < a->n; i++)
        if (a->token[i].kind <= TOKEN_ACRONYM && !strcmp(a->token[i].key, b->initials))
            return true;
    return false;
}

static struct pairs pair_tokens(struct sum *s, const struct org_name *a, const struct org_name *b)
{
    struct pairs p = {.written = true};
    for (size_t i = 0; i < a->n; i++) {
        double best = 0;
        size_t with = 0;
        for (size_t j = 0; j < b->n; j++) {
            double w = p.b[j] ? 0 : token_weight(s, &a->token[i], &b->token[j]);
            if (w > best) {
                best = w;
                with = j;
            }
        }
        if (best <= 0)
            continue;
        p.a[i] = p.b[with] = true;
        p.weight += best;
        p.written = p.written && !strcmp(a->token[i].near, b->token[with].near);
        p.own += a->token[i].kind == TOKEN_OWN;
        p.shorts += a->token[i].kind == TOKEN_ACRONYM;
        p.kinds += a->token[i].kind == TOKEN_TYPE;
        p.general += a->token[i].kind == TOKEN_WORD;
        p.places += is_place(&a->token[i]);
    }
    return p;
}

/* Nothing is left over; less where several are called so. */
static double all_weight(struct sum *s, const struct org_name *name, bool written)
{
    double w = weight_of(written ? WORDS_ALL : WORDS_ALL_MEAN);
    return w - fmin(w, commonness(s, org_name_key(name)));
}

static struct org_match compare_org(struct sum *s, const struct org_name *a, const struct org_name *b)
{
    struct pairs p = pair_tokens(s, a, b);
    struct leftover x = count_left(a, p.a, b), y = count_left(b, p.b, a);
    struct org_match m = {.a = a, .b = b, .weight = p.weight};
    m.short_name = p.shorts || is_initials(a, b) || is_initials(b, a);
    if (m.short_name && !p.shorts) {
        m.weight += weight_of(WORD_SHORT_NAME);
        x.own = y.own = 0; /* they are what the initials stand for */
        x.general = y.general = 0;
    }
    m.other_place = x.places && y.places;
    m.seat = !m.other_place && !x.shorts && !y.shorts && is_seat(a, b, &p);
    m.other_kind = x.kinds && y.kinds && !p.kinds && !m.short_name;
    m.all = !any_left(&x) && !any_left(&y) && (p.shorts || a->n + b->n > 2);
    size_t both = less(x.own, y.own);
    m.weight += weight_of(LEFT_OWN_BOTH) * (double)less(both, 2) +
                weight_of(LEFT_OWN) * (double)less(x.own + y.own - 2 * both, 2) +
                weight_of(LEFT_GENERAL_BOTH) * (double)less(less(x.general, y.general), 2) +
                weight_of(LEFT_SHORT_BOTH) * (double)(x.shorts && y.shorts && !p.shorts) +
                weight_of(OTHER_KIND) * m.other_kind + weight_of(OTHER_PLACE) * m.other_place +
                (m.all ? all_weight(s, a, p.written) : 0) + weight_of(SEAT) * m.seat;
    m.differs = !p.own && !m.short_name && !m.seat && any_left(&x) && any_left(&y);
    return m;
}

bool best_org(struct sum *s, struct org_match *best)
{
    bool any = false;
    for (size_t i = 0; i < s->a->norg; i++)
        for (size_t j = 0; j < s->b->norg; j++) {
            struct org_match m = compare_org(s, &s->a->org[i], &s->b->org[j]);
            if (!any || m.weight > best->weight)
                *best = m;
            any = true;
        }
    return any;
}
