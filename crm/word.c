/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/word.h"

struct word {
    const char *word;
    bool whole; /* else the begin of one */
    enum word_class class;
    const char *key;
};

#define WORD(word, whole, class, key) {word, whole, class, key},
#define SPELT(number, key, keys)
static const struct word words[] = {
#include "crm/word_table.h"
};
#undef WORD
#undef SPELT

#define WORD(word, whole, class, key)
#define SPELT(number, key, keys) {key, keys},
static const struct {
    const char *key, *keys;
} spelt[] = {
#include "crm/word_table.h"
};
#undef WORD
#undef SPELT

/* The first line of the table that is not before the word. */
static size_t lower_bound(const char *word, size_t len)
{
    size_t from = 0, to = ARRAY_LEN(words);
    while (from < to) {
        size_t middle = (from + to) / 2;
        if (strncmp(words[middle].word, word, len) < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

static bool is(const struct word *w, const char *word, size_t len)
{
    return !strncmp(w->word, word, len) && !w->word[len];
}

enum word_class word_find(const char *word, size_t len, const char **key_r)
{
    for (size_t n = len; n > 0; n--)
        for (size_t i = lower_bound(word, n); i < ARRAY_LEN(words) && is(&words[i], word, n); i++)
            if (words[i].class < WORD_SHORT && (n == len || !words[i].whole)) {
                *key_r = words[i].key;
                return words[i].class;
            }
    return WORD_NONE;
}

static bool has_short(const char *name, const char *key)
{
    if (!strcmp(name, key))
        return true;
    size_t len = strlen(name);
    for (size_t i = lower_bound(name, len); i < ARRAY_LEN(words) && is(&words[i], name, len); i++)
        if (words[i].class == WORD_SHORT && !strcmp(words[i].key, key))
            return true;
    return false;
}

bool word_same_given(const char *a, const char *b)
{
    size_t len = strlen(a);
    if (has_short(b, a))
        return true;
    for (size_t i = lower_bound(a, len); i < ARRAY_LEN(words) && is(&words[i], a, len); i++)
        if (words[i].class == WORD_SHORT && has_short(b, words[i].key))
            return true;
    return false;
}

bool word_spelt(size_t n, const char **key_r, const char **keys_r)
{
    if (n >= ARRAY_LEN(spelt))
        return false;
    *key_r = spelt[n].key;
    *keys_r = spelt[n].keys;
    return true;
}
