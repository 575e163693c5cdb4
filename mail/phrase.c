/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/phrase.h"

#include <ctype.h>

#include "base/unicode.h"

enum { WORDS_MAX = 4000, WORD_BYTES_MAX = 200, GAP_MAX = 4 };

static bool is_plain(uint32_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

static bool is_word_char(uint32_t c)
{
    if (c < 0x80)
        return is_plain(c) || c == '\'';
    return unicode_is_letter(c) || unicode_is_mark(c) || unicode_is_digit(c) || c == 0x2019;
}

static uint32_t peek(const char *p)
{
    return unicode_next(&p);
}

/* Whether the sign between two words ends a sentence: "." only before a capital letter, so that "18. mart"
 * does not. */
static bool ends_sentence(uint32_t c, const char *behind)
{
    if (c == '?' || c == '!' || c == ';')
        return true;
    if (c == '\n')
        return *behind == '\n';
    if (c != '.' && c != ':')
        return false;
    while (*behind == ' ' || *behind == '\n')
        behind++;
    return !*behind || unicode_is_upper(peek(behind));
}

/* Where the words that begin with these (up to) three letters are found.  Of the patterns most have a word of
 * which no beginning stands in the text, and need not be looked for; of the others few places are looked at.
 */
static unsigned beginning(const char *s, size_t len)
{
    unsigned h = 0;
    for (size_t i = 0; i < 3; i++)
        h = h * 41 + (i < len ? (unsigned char)s[i] : 0);
    return h % PHRASE_BEGINNINGS;
}

/* Most words are letters of ASCII; their keys need no memory of their own.  NULL: another word. */
static const char *fold_plain(char **room, const char *start, size_t len)
{
    char *s = *room;
    for (size_t i = 0; i < len; i++) {
        if (!is_plain((unsigned char)start[i]))
            return NULL;
        s[i] = (char)(start[i] >= 'A' && start[i] <= 'Z' ? start[i] + 32 : start[i]);
    }
    s[len] = 0;
    *room += len + 1;
    return s;
}

static void add_word(void *mem, struct phrase_text *t, char **room, const char *start, const char *end)
{
    size_t len = (size_t)(end - start);
    if (len > WORD_BYTES_MAX)
        return;
    const char *folded = fold_plain(room, start, len);
    if (!folded)
        folded = unicode_fold(mem, talloc_strndup(mem, start, len));
    if (!*folded)
        return;
    t->word[t->n++] = (struct phrase_word){.folded = folded, .start = start, .len = len};
}

static void add_stop(struct phrase_text *t, const char *at, bool question)
{
    if (t->n && *t->word[t->n - 1].folded)
        t->word[t->n++] = (struct phrase_word){.folded = "", .start = at, .question = question};
    else if (t->n && question)
        t->word[t->n - 1].question = true;
}

struct phrase_text phrase_text(void *mem, const char *text)
{
    struct phrase_text t = {.word = talloc_array(mem, struct phrase_word, WORDS_MAX + 2),
                            .begins = talloc_zero_array(mem, uint16_t, PHRASE_BEGINNINGS)};
    char *room =
        talloc_size(mem, strlen(text) + 1); /* a word and its end are no longer than it and the sign behind */
    const char *p = text;
    while (*p && t.n < WORDS_MAX) {
        const char *start = p;
        uint32_t c = unicode_next(&p);
        if (!is_word_char(c)) {
            if (ends_sentence(c, p))
                add_stop(&t, start, c == '?');
            continue;
        }
        while (*p && is_word_char(peek(p)))
            unicode_next(&p);
        add_word(mem, &t, &room, start, p);
    }
    add_stop(&t, p, false);
    for (size_t i = t.n; i-- > 0;) { /* backwards, so that each chain goes forwards */
        struct phrase_word *w = &t.word[i];
        uint16_t *first = &t.begins[beginning(w->folded, strlen(w->folded))];
        w->next = *first;
        *first = (uint16_t)(i + 1);
    }
    return t;
}

/* ---- patterns */

/* One alternative of len bytes against a folded word. */
static bool fits(const char *folded, const char *pattern, size_t len)
{
    if (len == 1 && *pattern == '%')
        return *folded >= '0' && *folded <= '9';
    if (len > 1 && *folded != *pattern) /* most end here */
        return false;
    if (len && pattern[len - 1] == '*')
        return !strncmp(folded, pattern, len - 1);
    return strlen(folded) == len && !strncmp(folded, pattern, len);
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
        size_t len = strcspn(pattern, " ");
        const char *element = pattern;
        pattern += len + strspn(pattern + len, " ");
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

/* The first word from i on at which one of the alternatives may stand; t->n: none. */
static size_t next_candidate(const struct phrase_text *t, const char *pattern, size_t len, size_t i)
{
    size_t best = t->n;
    for (size_t at = 0, n; at <= len; at += n + 1) {
        n = 0;
        while (at + n < len && pattern[at + n] != '|')
            n++;
        bool open = n && pattern[at + n - 1] == '*';
        if ((open && n <= 3) || (n == 1 && !isalnum((unsigned char)pattern[at])))
            return i; /* it may begin in many ways */
        size_t next = t->begins[beginning(pattern + at, n - open)];
        while (next && next - 1 < i)
            next = t->word[next - 1].next;
        if (next && next - 1 < best)
            best = next - 1;
    }
    return best;
}

static bool may_stand(const struct phrase_text *t, const char *pattern)
{
    while (*pattern) {
        size_t len = strcspn(pattern, " ");
        if (strncmp(pattern, "..", 2) && next_candidate(t, pattern, len, 0) == t->n)
            return false;
        pattern += len + strspn(pattern + len, " ");
    }
    return true;
}

bool phrase_find_in(const struct phrase_text *t, const char *pattern, size_t from, size_t end,
                    struct phrase_match *match_r)
{
    bool first = *pattern == '^';
    if (!may_stand(t, pattern))
        return false;
    pattern += first ? 2 : 0;
    size_t len = strcspn(pattern, " ");
    for (size_t i = next_candidate(t, pattern, len, from); i < end;
         i = next_candidate(t, pattern, len, i + 1)) {
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

bool phrase_preceded(const struct phrase_text *t, size_t word, size_t back, const char *pattern)
{
    struct phrase_match m;
    size_t first = word;
    while (first > 0 && back-- > 0 && *t->word[first - 1].folded)
        first--;
    return phrase_find(t, pattern, first, &m) && m.last < word;
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
