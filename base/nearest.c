/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The edit distance of the folds, a swap of neighbours being one edit.
 */
#include "base/nearest.h"

#include "base/unicode.h"

enum { MAX_WORD = 64 };

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t n = a < b ? a : b;
    return n < c ? n : c;
}

static size_t distance(const char *a, const char *b)
{
    size_t row[3][MAX_WORD + 1], n = strlen(a), m = strlen(b);
    if (n > MAX_WORD || m > MAX_WORD)
        return MAX_WORD;
    for (size_t j = 0; j <= m; j++)
        row[0][j] = j;
    for (size_t i = 1; i <= n; i++) {
        size_t *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = i;
        for (size_t j = 1; j <= m; j++) {
            now[j] = smallest(last[j] + 1, now[j - 1] + 1, last[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && before[j - 2] + 1 < now[j])
                now[j] = before[j - 2] + 1;
        }
    }
    return row[n % 3][m];
}

const char *nearest_word(const char *word, const char *const *list, size_t n)
{
    MEM_SCOPE(mem);
    const char *fold = unicode_fold(mem, word), *nearest = NULL;
    size_t len = strlen(fold), best = len / 3 + 1 > 3 ? 4 : len / 3 + 2; /* one too far */
    for (size_t i = 0; len && i < n; i++) {
        const char *other = unicode_fold(mem, list[i]);
        size_t d = distance(fold, other);
        if (len >= 3 && d > 1 && !strncmp(fold, other, len))
            d = 1; /* a begin */
        if (d < best) {
            best = d;
            nearest = list[i];
        }
    }
    return nearest;
}
