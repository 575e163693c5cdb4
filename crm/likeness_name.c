/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The names of two persons.  Each word of the one is paired with the best of the other; what is left over on
 * both sides contradicts, on one side it is merely missing.
 */
#include "crm/likeness_party.h"

/* Optimal string alignment, up to 2 apart; 3 for more. */
static int distance(const char *a, const char *b)
{
    enum { MAX = 40 };
    int la = (int)strlen(a), lb = (int)strlen(b), row[3][MAX + 1];
    if (la > MAX || lb > MAX || abs(la - lb) > 2)
        return 3;
    for (int j = 0; j <= lb; j++)
        row[0][j] = j;
    for (int i = 1; i <= la; i++) {
        int *now = row[i % 3], *before = row[(i + 2) % 3], *earlier = row[(i + 1) % 3];
        now[0] = i;
        for (int j = 1; j <= lb; j++) {
            int best = before[j - 1] + (a[i - 1] != b[j - 1]);
            best = before[j] + 1 < best ? before[j] + 1 : best;
            best = now[j - 1] + 1 < best ? now[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && earlier[j - 2] + 1 < best)
                best = earlier[j - 2] + 1;
            now[j] = best;
        }
    }
    return row[la % 3][lb];
}

/* Arbnor and Arbnora, Zoran and Zorana, Rade and Rada are a man and a woman. */
static bool is_other_gender(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b);
    if (la == lb)
        return !strncmp(a, b, la - 1) && strchr("aei", a[la - 1]) && strchr("aei", b[la - 1]);
    const char *longer = la > lb ? a : b;
    size_t less = la > lb ? lb : la, more = la > lb ? la : lb;
    return more == less + 1 && !strncmp(a, b, less) && strchr("aei", longer[less]);
}

bool near_typo(const char *a, const char *b)
{
    size_t la = strlen(a), lb = strlen(b), shorter = la < lb ? la : lb;
    if (shorter < 4)
        return false;
    int apart = distance(a, b);
    return apart <= (shorter >= 9 ? 2 : 1);
}

/* How well two words fit, as the match that the whole name would be by them; NAME_NONE: not. */
static enum name_match word_match(const char *a, const char *b)
{
    if (!strcmp(a, b))
        return NAME_SPELLING;
    if ((!a[1] || !b[1]) && a[0] == b[0])
        return NAME_INITIAL;
    if (is_other_gender(a, b))
        return NAME_NONE;
    if (near_typo(a, b))
        return NAME_TYPO;
    return word_same_given(a, b) ? NAME_SHORT : NAME_NONE;
}

static size_t hard(const struct person_name *name, const bool *used)
{
    size_t n = 0;
    for (size_t i = 0; i < name->n; i++)
        n += !used[i] && !name->word[i].soft;
    return n;
}

struct pairing {
    enum name_match worst;
    size_t whole, initials; /* words in common */
    bool a[MAX_TOKENS], b[MAX_TOKENS];
    const char *common[2];
};

static struct pairing pair_words(const struct person_name *a, const struct person_name *b)
{
    static const enum name_match grades[] = {NAME_SPELLING, NAME_TYPO, NAME_SHORT, NAME_INITIAL};
    struct pairing p = {.worst = NAME_EQUAL};
    enum name_match match[MAX_TOKENS][MAX_TOKENS];
    for (size_t i = 0; i < a->n; i++)
        for (size_t j = 0; j < b->n; j++)
            match[i][j] = word_match(a->word[i].near, b->word[j].near);
    for (size_t g = 0; g < ARRAY_LEN(grades); g++)
        for (size_t i = 0; i < a->n; i++)
            for (size_t j = 0; j < b->n && !p.a[i]; j++) {
                if (p.b[j] || match[i][j] != grades[g])
                    continue;
                p.a[i] = p.b[j] = true;
                p.worst = grades[g] < p.worst ? grades[g] : p.worst;
                if (grades[g] == NAME_INITIAL)
                    p.initials++;
                else if (p.whole++ < 2)
                    p.common[p.whole - 1] = a->word[i].near;
            }
    return p;
}

bool person_name_touches(const struct person_name *a, const struct person_name *b)
{
    for (size_t i = 0; i < a->n; i++)
        for (size_t j = 0; j < b->n; j++)
            if (!strcmp(a->word[i].near, b->word[j].near))
                return true;
    return false;
}

enum name_match person_name_compare(const struct person_name *a, const struct person_name *b, uint64_t *key_r)
{
    struct pairing p = pair_words(a, b);
    size_t left_a = hard(a, p.a), left_b = hard(b, p.b);
    *key_r = p.common[1] ? likeness_name_key(p.common[0], p.common[1]) : 0;
    if (!p.whole)
        return NAME_NONE;
    if ((left_a && left_b) || (a->generation && b->generation && a->generation != b->generation))
        return NAME_FAMILY;
    if (p.whole + p.initials < 2)
        return NAME_SINGLE;
    if (left_a || left_b || (!a->generation != !b->generation))
        return p.worst == NAME_INITIAL ? NAME_SINGLE : NAME_PART;
    if (p.worst == NAME_SPELLING && !strcmp(a->fold, b->fold))
        return NAME_EQUAL;
    return p.worst;
}
