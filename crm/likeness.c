/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The evidence, and its sum.
 */
#include "crm/likeness_sum.h"

#include <math.h>

static const double weights[] = {
#define WEIGHT(name, value) [name] = value,
#include "crm/likeness.def"
#undef WEIGHT
};

static void add(struct sum *s, const char *what, const char *a, const char *b, double weight)
{
    s->log_odds += weight;
    if (s->out->n < LIKENESS_MAX_EVIDENCE)
        s->out->evidence[s->out->n++] =
            (struct likeness_evidence){what, a, b && strcmp(a, b) ? b : NULL, weight};
}

double weight_of(enum weight w)
{
    return weights[w];
}

double commonness(struct sum *s, uint64_t key)
{
    int64_t n = key ? s->count(s->context, key) : 0;
    return n > 2 ? log((double)(n - 1)) : 0;
}

/* ---- addresses and phones */

static double mail_weight(struct sum *s, const struct email *x, const struct email *y, bool namesakes)
{
    double common = commonness(s, likeness_hash(likeness_reach_kind(s->a, "mail"), x->plain, ""));
    if (!x->own && !y->own && !s->a->organisation)
        return 0; /* the organisation says it */
    if (!s->a->organisation && x->role)
        return weight_of(MAIL_ROLE);
    if (!x->own || !y->own)
        return weight_of(MAIL_REACH) - common;
    return weight_of(namesakes ? MAIL_NAMESAKE : MAIL_OWN) - common;
}

static bool add_mail(struct sum *s, bool namesakes)
{
    const struct email *best = NULL, *with = NULL;
    double most = 0;
    for (size_t i = 0; i < s->a->nemail; i++)
        for (size_t j = 0; j < s->b->nemail; j++) {
            const struct email *x = &s->a->email[i], *y = &s->b->email[j];
            double w = 0;
            if (!strcmp(x->plain, y->plain))
                w = mail_weight(s, x, y, namesakes);
            else if (x->own && y->own && !strcmp(x->local, y->local) && strlen(x->local) >= 6 && !x->role &&
                     x->free && y->free)
                w = weight_of(MAIL_LOCAL);
            if (w > most) {
                most = w;
                best = x;
                with = y;
            }
        }
    if (best)
        add(s, "address", best->text, with->text, most);
    return best;
}

static bool has_own(const struct email *email, size_t n)
{
    return n && email->own;
}

static void add_domain(struct sum *s)
{
    for (size_t i = 0; i < s->a->nemail; i++)
        for (size_t j = 0; j < s->b->nemail; j++) {
            const struct email *x = &s->a->email[i], *y = &s->b->email[j];
            if (x->free || !*x->domain || strcmp(x->domain, y->domain))
                continue;
            int64_t n = s->count(s->context, likeness_hash("domain", x->domain, ""));
            if (n <= 12)
                add(s, "domain", x->domain, NULL, weight_of(n <= 4 ? DOMAIN_FEW : DOMAIN_SOME));
            return;
        }
}

static void add_phone(struct sum *s)
{
    const struct likeness_value *best = NULL;
    double most = 0;
    bool own[2] = {false, false};
    for (size_t i = 0; i < s->a->nphone; i++)
        for (size_t j = 0; j < s->b->nphone; j++) {
            const struct likeness_value *x = &s->a->phone[i], *y = &s->b->phone[j];
            own[0] |= x->own;
            own[1] |= y->own;
            if (strcmp(x->text, y->text) || (!x->own && !y->own && !s->a->organisation))
                continue;
            double w = weight_of(x->own && y->own ? PHONE_OWN : PHONE_REACH) -
                       commonness(s, likeness_hash(likeness_reach_kind(s->a, "phone"), x->text, ""));
            if (w > most) {
                most = w;
                best = x;
            }
        }
    if (best)
        add(s, "phone", best->text, NULL, most);
    else if (own[0] && own[1])
        add(s, "phone", s->a->phone[0].text, s->b->phone[0].text, weight_of(PHONE_OTHER));
}

/* ---- persons */

static double person_weight(struct sum *s, enum name_match match, uint64_t key)
{
    static const enum weight by_match[] = {
        [NAME_NONE] = PERSON_NONE,       [NAME_FAMILY] = PERSON_FAMILY,  [NAME_SINGLE] = PERSON_SINGLE,
        [NAME_INITIAL] = PERSON_INITIAL, [NAME_PART] = PERSON_PART,      [NAME_SHORT] = PERSON_SHORT,
        [NAME_TYPO] = PERSON_TYPO,       [NAME_SPELLING] = PERSON_EQUAL, [NAME_EQUAL] = PERSON_EQUAL,
    };
    double w = weight_of(by_match[match]);
    return match > NAME_SINGLE ? w - fmin(w, commonness(s, key)) : w;
}

/* The best of all pairs of names. */
static enum name_match best_person(const struct likeness_party *a, const struct likeness_party *b,
                                   size_t *i_r, size_t *j_r, uint64_t *key_r)
{
    enum name_match best = NAME_NONE;
    *i_r = *j_r = 0;
    *key_r = 0;
    for (size_t i = 0; i < a->nperson; i++)
        for (size_t j = 0; j < b->nperson; j++) {
            uint64_t key;
            if (a->organisation && !person_name_touches(&a->person[i], &b->person[j]))
                continue;
            enum name_match match = person_name_compare(&a->person[i], &b->person[j], &key);
            if (match > best) {
                best = match;
                *i_r = i;
                *j_r = j;
                *key_r = key;
            }
        }
    return best;
}

/* ---- places, posts */

/* What is closed is told of both, or of none. */
static bool share_circle(const struct sum *s)
{
    return !strcmp(s->a->circle, s->b->circle);
}

static void add_city(struct sum *s)
{
    const struct likeness_party *a = s->a, *b = s->b;
    const struct token *x = NULL, *y = NULL;
    bool closed = share_circle(s), same = false;
    for (size_t i = 0; !same && i < a->nplace + (closed ? a->nvillage : 0); i++)
        for (size_t j = 0; !same && j < b->nplace + (closed ? b->nvillage : 0); j++) {
            if (a->place[i].kind != TOKEN_PLACE || b->place[j].kind != TOKEN_PLACE)
                continue;
            x = &a->place[i];
            y = &b->place[j];
            same = !strcmp(x->key, y->key);
        }
    if (x) {
        closed = x == &a->place[a->nplace] || y == &b->place[b->nplace];
        add(s, closed ? "village" : "place", x->key, y->key, weight_of(same ? CITY_SAME : CITY_OTHER));
    }
}

static void add_post(struct sum *s)
{
    for (size_t i = 0; i < s->a->npost; i++)
        for (size_t j = 0; j < s->b->npost; j++)
            if (!strcmp(s->a->post[i], s->b->post[j])) {
                add(s, "post", s->a->post[i], NULL, weight_of(POST_SAME));
                return;
            }
}

/* ---- the sums */

static void sum_person(struct sum *s)
{
    size_t i, j;
    uint64_t key;
    struct org_match org;
    s->log_odds = weight_of(PRIOR_PERSON);
    if (!s->a->nperson || !s->b->nperson)
        return;
    enum name_match match = best_person(s->a, s->b, &i, &j, &key);
    add(s, "name", s->a->person[i].text, s->b->person[j].text, person_weight(s, match, key));
    bool mail = add_mail(s, match >= NAME_SPELLING);
    if (!mail && has_own(s->a->email, s->a->nemail) && has_own(s->b->email, s->b->nemail))
        add(s, "address", s->a->email[0].text, s->b->email[0].text, weight_of(MAIL_OTHER));
    add_phone(s);
    if (best_org(s, &org)) {
        bool same = org.weight >= 2 && !org.other_place;
        bool other = org.differs || org.other_place;
        if (same || other)
            add(s, "organisation", org.a->text, org.b->text, weight_of(same ? WORKS_SAME : WORKS_OTHER));
    }
    add_city(s);
    add_post(s);
    s->out->certain = match == NAME_EQUAL;
}

static void sum_organisation(struct sum *s)
{
    size_t i, j;
    uint64_t key;
    struct org_match org;
    s->log_odds = weight_of(PRIOR_ORGANISATION);
    if (!best_org(s, &org))
        return;
    add(s, org.short_name ? "acronym" : "name", org.a->text, org.b->text, org.weight);
    if (!add_mail(s, org.all))
        add_domain(s);
    add_phone(s);
    if (s->a->nperson && s->b->nperson) {
        enum name_match match = best_person(s->a, s->b, &i, &j, &key);
        if (match >= NAME_INITIAL)
            add(s, "person", s->a->person[i].text, s->b->person[j].text,
                fmin(weight_of(SAME_PEOPLE), person_weight(s, match, key)));
        else if (match != NAME_SINGLE && s->a->nperson + s->b->nperson <= 3)
            add(s, "person", s->a->person[0].text, s->b->person[0].text,
                weight_of(org.short_name || org.seat ? OTHER_OFFICIALS : OTHER_PEOPLE));
    }
    if (!org.other_place)
        add_city(s);
    if (s->a->registration && s->b->registration && share_circle(s)) {
        bool same = !strcmp(s->a->registration, s->b->registration);
        add(s, "registration", s->a->registration, s->b->registration,
            weight_of(same ? REGISTRATION_SAME : REGISTRATION_OTHER));
    }
    s->out->certain = !strcmp(org.a->fold, org.b->fold);
}

static bool share_own_address(const struct likeness_party *a, const struct likeness_party *b)
{
    for (size_t i = 0; i < a->nemail; i++)
        for (size_t j = 0; j < b->nemail; j++)
            if (a->email[i].own && b->email[j].own && !strcmp(a->email[i].text, b->email[j].text))
                return true;
    return false;
}

void likeness_compare(const struct likeness_party *a, const struct likeness_party *b,
                      likeness_count_fn *count, void *context, struct likeness *likeness_r)
{
    struct sum s = {.a = a, .b = b, .count = count, .context = context, .out = likeness_r};
    *likeness_r = (struct likeness){0};
    if (a->organisation != b->organisation)
        return;
    if (a->organisation)
        sum_organisation(&s);
    else
        sum_person(&s);
    likeness_r->probability = 1 / (1 + exp(-s.log_odds));
    for (size_t i = 0; i < likeness_r->n; i++)
        likeness_r->certain = likeness_r->certain && likeness_r->evidence[i].weight >= 0;
    likeness_r->certain = likeness_r->certain && likeness_r->probability >= 0.999 && share_own_address(a, b);
}
