/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Hundreds of patterns are looked for in each mail, and hardly one stands there.  So the words of a text are
 * known by how they begin, and the patterns of a table by the beginnings of one of their words, the one that
 * texts have least: what of the two does not meet is not looked at.
 */
#include <ctype.h>

#include "mail/phrase_low.h"

enum { GAP_MAX = 4 };

/* ---- patterns */

/* Where the element ends that begins there, and where the next one begins. */
static size_t element_len(const char *pattern)
{
    return (size_t)(strchrnul(pattern, ' ') - pattern);
}

static const char *behind(const char *pattern, size_t len)
{
    pattern += len;
    while (*pattern == ' ')
        pattern++;
    return pattern;
}

/* One alternative of len bytes against a folded word. */
static bool fits(const char *folded, const char *pattern, size_t len)
{
    if (len == 1 && *pattern == '%')
        return *folded >= '0' && *folded <= '9';
    if (len > 1 && *folded != *pattern) /* most end here */
        return false;
    if (len && pattern[len - 1] == '*')
        return !strncmp(folded, pattern, len - 1);
    return !strncmp(folded, pattern, len) && !folded[len];
}

static bool word_fits(const char *folded, const char *pattern, size_t len)
{
    for (size_t at = 0; *folded && at <= len;) {
        size_t n = 0;
        while (at + n < len && pattern[at + n] != '|')
            n++;
        if (fits(folded, pattern + at, n))
            return true;
        at += n + 1;
    }
    return false;
}

int phrase_number(const char *folded)
{
    static const struct {
        int number;
        const char *words;
    } numbers[] = {
#define NUMBER(n, words) {n, words},
#include "mail/number.def"
#undef NUMBER
    };
    size_t digits = strspn(folded, "0123456789");
    if (digits && digits <= 2 && !folded[digits])
        return (folded[0] - '0') * (digits == 2 ? 10 : 1) + (digits == 2 ? folded[1] - '0' : 0);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        if (word_fits(folded, numbers[i].words, strlen(numbers[i].words)))
            return numbers[i].number;
    return 0;
}

/* One element of a pattern but ".." against a word. */
static bool element_fits(const char *folded, const char *element, size_t len)
{
    if (len == 1 && *element == '#')
        return phrase_number(folded) > 0;
    return word_fits(folded, element, len);
}

static bool ends_at(const struct phrase_text *t, size_t i)
{
    return i >= t->n || !*t->word[i].folded;
}

/* The last word of a match that begins at word i; false when there is none. */
static bool match_at(const struct phrase_text *t, const char *pattern, size_t i, size_t *last_r)
{
    size_t gap = 0;
    while (*pattern) {
        size_t len = element_len(pattern);
        const char *element = pattern;
        pattern = behind(pattern, len);
        if (len == 1 && *element == '$')
            return ends_at(t, i);
        if (len == 2 && !strncmp(element, "..", 2)) {
            gap = GAP_MAX;
            continue;
        }
        while (!ends_at(t, i) && gap && !element_fits(t->word[i].folded, element, len)) {
            i++;
            gap--;
        }
        if (ends_at(t, i) || !element_fits(t->word[i].folded, element, len))
            return false;
        *last_r = i++;
        gap = 0;
    }
    return true;
}

/* The length of the alternative that begins there. */
static size_t alternative(const char *element, size_t len, size_t at)
{
    const char *end = at < len ? memchr(element + at, '|', len - at) : NULL;
    return end ? (size_t)(end - element) - at : len - at;
}

/* An alternative that words may fit which begin in many ways. */
static bool is_open(const char *s, size_t len)
{
    return (len && len <= 3 && s[len - 1] == '*') || (len == 1 && !isalnum((unsigned char)*s));
}

static uint16_t alternative_begins(const char *s, size_t len)
{
    len -= len && s[len - 1] == '*';
    return phrase_beginning(len ? s[0] : 0, len > 1 ? s[1] : 0, len > 2 ? s[2] : 0);
}

/* Whether a word stands in the text that one of the alternatives may fit. */
static bool may_fit(const struct phrase_text *t, const char *element, size_t len)
{
    for (size_t at = 0, n; at <= len; at += n + 1) {
        n = alternative(element, len, at);
        if (is_open(element + at, n) || t->begins[alternative_begins(element + at, n) & t->mask])
            return true;
    }
    return false;
}

static bool may_stand(const struct phrase_text *t, const char *pattern)
{
    while (*pattern) {
        size_t len = element_len(pattern);
        if (strncmp(pattern, "..", 2) && !may_fit(t, pattern, len))
            return false;
        pattern = behind(pattern, len);
    }
    return true;
}

/* The words at which an element may stand, one after the other. */
enum { ALTERNATIVES_MAX = 48 };
struct places {
    const struct phrase_text *t;
    uint16_t next[ALTERNATIVES_MAX]; /* of each alternative, and 1; 0: none */
    size_t n;
    size_t any; /* the next one, where it may be any */
    bool open;
};

static struct places places_of(const struct phrase_text *t, const char *element, size_t len, size_t from)
{
    struct places p = {.t = t, .any = from};
    for (size_t at = 0, n; at <= len && !p.open; at += n + 1) {
        n = alternative(element, len, at);
        p.open = is_open(element + at, n) || p.n == ALTERNATIVES_MAX;
        if (p.open)
            break;
        size_t next = t->begins[alternative_begins(element + at, n) & t->mask];
        while (next && next - 1 < from)
            next = t->word[next - 1].next;
        if (next)
            p.next[p.n++] = (uint16_t)next;
    }
    return p;
}

/* t->n: there is no more. */
static size_t next_place(struct places *p)
{
    size_t best = p->t->n + 1;
    if (p->open)
        return p->any < p->t->n ? p->any++ : p->t->n;
    for (size_t i = 0; i < p->n; i++)
        if (p->next[i] && p->next[i] < best)
            best = p->next[i];
    for (size_t i = 0; i < p->n; i++)
        if (p->next[i] == best)
            p->next[i] = p->t->word[best - 1].next;
    return best - 1;
}

bool phrase_find_in(const struct phrase_text *t, const char *pattern, size_t from, size_t end,
                    struct phrase_match *match_r)
{
    bool first = *pattern == '^';
    if (!may_stand(t, pattern))
        return false;
    pattern += first ? 2 : 0;
    size_t len = element_len(pattern);
    struct places places = places_of(t, pattern, len, from);
    for (size_t i; (i = next_place(&places)) < end && i < t->n;) {
        size_t last = i;
        if ((!first || i == 0 || !*t->word[i - 1].folded) && element_fits(t->word[i].folded, pattern, len) &&
            match_at(t, pattern, i, &last) && last < end) {
            *match_r = (struct phrase_match){i, last};
            return true;
        }
    }
    return false;
}

bool phrase_find(const struct phrase_text *t, const char *pattern, size_t from, struct phrase_match *match_r)
{
    return phrase_find_in(t, pattern, from, t->n, match_r);
}

/* ---- tables */

enum { CHAINS = 512, ANYWHERE = CHAINS, OPEN = 1 << 20 };

/* That the row wants a word that begins so. */
struct anchor {
    uint16_t beginning, row, next; /* next: and 1; 0: none */
};

struct phrase_index {
    uint16_t first[CHAINS + 1]; /* the last: rows that may be said in many ways */
    struct anchor *anchor;
    size_t n;
};

static const char *pattern_at(const struct phrase_table *table, size_t row)
{
    return *(const char *const *)(const void *)((const char *)table->first + row * table->stride);
}

/* How many texts have one of the words, more or less. */
static unsigned frequency(const char *element, size_t len)
{
    unsigned sum = 0;
    if (!strncmp(element, "..", 2))
        return OPEN;
    for (size_t at = 0, n; at <= len; at += n + 1) {
        n = alternative(element, len, at);
        if (is_open(element + at, n))
            return OPEN;
        sum += n > 3 ? 1 : n == 3 ? 4 : 8;
    }
    return sum;
}

static void add_anchor(struct phrase_index *index, size_t chain, size_t row, uint16_t begins)
{
    index->anchor = talloc_realloc(index, index->anchor, struct anchor, (unsigned)index->n + 1);
    index->anchor[index->n++] = (struct anchor){begins, (uint16_t)row, index->first[chain]};
    index->first[chain] = (uint16_t)index->n;
}

static void add_row(struct phrase_index *index, size_t row, const char *pattern)
{
    const char *best = NULL;
    size_t best_len = 0;
    unsigned least = OPEN;
    while (*pattern) {
        size_t len = element_len(pattern);
        unsigned n = frequency(pattern, len);
        if (n < least) {
            least = n;
            best = pattern;
            best_len = len;
        }
        pattern = behind(pattern, len);
    }
    if (!best)
        add_anchor(index, ANYWHERE, row, 0);
    for (size_t at = 0, n; best && at <= best_len; at += n + 1) {
        n = alternative(best, best_len, at);
        uint16_t begins = alternative_begins(best + at, n);
        add_anchor(index, begins % CHAINS, row, begins);
    }
}

static const struct phrase_index *index_of(struct phrase_table *table)
{
    struct phrase_index *index = __atomic_load_n(&table->index, __ATOMIC_ACQUIRE), *none = NULL;
    if (index)
        return index;
    index = talloc_zero(NULL, struct phrase_index);
    for (size_t row = 0; row < table->n; row++)
        add_row(index, row, pattern_at(table, row));
    if (__atomic_compare_exchange_n(&table->index, &none, index, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return index;
    talloc_free(index); /* another thread has made one */
    return none;
}

static void note_rows(const struct phrase_index *index, size_t chain, uint16_t begins, unsigned char *may)
{
    for (size_t i = index->first[chain]; i; i = index->anchor[i - 1].next)
        if (index->anchor[i - 1].beginning == begins)
            may[index->anchor[i - 1].row] = 1;
}

struct phrase_rows phrase_rows(void *mem, const struct phrase_text *t, struct phrase_table *table)
{
    const struct phrase_index *index = index_of(table);
    struct phrase_rows rows = {.row = talloc_array(mem, uint16_t, (unsigned)table->n)};
    unsigned char *may = talloc_zero_array(mem, unsigned char, (unsigned)table->n);
    for (size_t i = 0; i < t->nbeginnings; i++)
        note_rows(index, t->beginning[i] % CHAINS, t->beginning[i], may);
    note_rows(index, ANYWHERE, 0, may);
    for (size_t row = 0; row < table->n; row++)
        if (may[row])
            rows.row[rows.n++] = (uint16_t)row;
    return rows;
}

/* ---- */

bool phrase_preceded(const struct phrase_text *t, size_t word, size_t back, const char *pattern)
{
    struct phrase_match m;
    size_t first = word;
    while (first > 0 && back-- > 0 && *t->word[first - 1].folded)
        first--;
    return phrase_find_in(t, pattern, first, word, &m);
}

bool phrase_stands(const char *folded, const char *words)
{
    size_t len = strlen(words);
    for (const char *p = folded; (p = strstr(p, words)); p++)
        if ((p == folded || p[-1] == ' ') && (p[len] == ' ' || !p[len]))
            return true;
    return false;
}

char *phrase_words(void *mem, const struct phrase_text *t, struct phrase_match match)
{
    const struct phrase_word *last = &t->word[match.last];
    const char *start = t->word[match.first].start;
    char *s = talloc_strndup(mem, start, (size_t)(last->start + last->len - start));
    for (char *p = s; *p; p++)
        if (*p == '\n' || *p == '\t')
            *p = ' ';
    return s;
}
