/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "crm/phrase.h"

#include <stdbool.h>
#include <string.h>

static int count_words(const char *s, size_t len)
{
    int n = len > 0;
    for (size_t i = 0; i < len; i++)
        n += s[i] == ' ';
    return n;
}

/* Whether fold begins with the phrase; exact_r: without the help of a star. */
static bool begins(const char *fold, const char *phrase, size_t len, bool *exact_r)
{
    const char *end = phrase + len;
    *exact_r = true;
    while (phrase < end) {
        size_t word = strcspn(fold, " "), size = 0;
        while (phrase + size < end && phrase[size] != ' ')
            size++;
        bool stem = phrase[size - 1] == '*';
        if (strncmp(fold, phrase, size - stem) != 0 || (!stem && word != size))
            return false;
        *exact_r = *exact_r && !(stem && word != size - 1);
        phrase += size + (phrase + size < end);
        fold += word;
        if (phrase < end && !*fold++)
            return false;
    }
    return true;
}

static int match_one(const char *fold, int words, const char *phrase, size_t len)
{
    enum { WHOLE = 100, STEM = 97, SOME = 50, SHARE = 40 };
    bool alone = *phrase == '=', exact;
    phrase += alone;
    len -= alone;
    int own = count_words(phrase, len), at = 0;
    for (const char *s = fold; at + own <= words; at++) {
        if (begins(s, phrase, len, &exact)) {
            if (own == words)
                return exact ? WHOLE : STEM;
            return alone ? 0 : SOME + SHARE * own / words - (at > 4 ? 4 : at) - !exact;
        }
        s += strcspn(s, " ");
        s += *s == ' ';
    }
    return 0;
}

int phrase_match(const char *fold, const char *phrases)
{
    int best = 0, words = count_words(fold, strlen(fold));
    while (*phrases && words) {
        size_t len = strcspn(phrases, "|");
        int points = match_one(fold, words, phrases, len);
        best = points > best ? points : best;
        phrases += len + (phrases[len] == '|');
    }
    return best;
}
