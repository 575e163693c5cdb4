/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/unicode.h"
#include "mail/phrase_low.h"

enum { WORDS_MAX = 4000, WORD_BYTES_MAX = 200, CHAINS_LEAST = 64, CHAINS_MOST = 4096 };
enum { WORDS_LEAST = 16, WORD_BYTES_MEAN = 5 }; /* with the blank behind it: fewer than most texts have */

/* A sign of ASCII as it stands in a key; blank: it stands in none, '\'': in a word without being in its key;
 * 0: it is none of ASCII. */
static const char plain[256] = "                                       '        0123456789      "
                               " abcdefghijklmnopqrstuvwxyz      abcdefghijklmnopqrstuvwxyz     ";

static bool is_word_char(uint32_t c)
{
    if (c < 0x80)
        return plain[c] != ' ';
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

static inline uint32_t next_char(const char **p)
{
    unsigned char c = (unsigned char)**p;
    *p += c && c < 0x80;
    return c < 0x80 ? c : unicode_next(p);
}

/* The letters and digits of ASCII at p into key; how many. */
static size_t plain_len(const char *p, char *key)
{
    size_t n = 0;
    for (; plain[(unsigned char)p[n]] > '\''; n++)
        key[n] = plain[(unsigned char)p[n]];
    return n;
}

/* Behind the word that has begun before p. */
static const char *word_end(const char *p)
{
    for (const char *next = p;; p = next) {
        uint32_t c = next_char(&next);
        if (!c || !is_word_char(c))
            return p;
    }
}

struct writing {
    struct phrase_text *t;
    size_t size;       /* so many words have room */
    char *room;        /* for keys: a word and its end are no longer than it and the sign behind */
    struct text other; /* a word whose key may be */
};

/* The key of a word of which so many letters stand in the room; "" where it has none. */
static const char *fold(struct writing *w, const char *start, size_t len, size_t plain_letters)
{
    const char *folded = w->room;
    if (plain_letters < len) {
        w->other.len = 0;
        unicode_fold_add(&w->other, start, len);
        if (w->other.len > len)
            return talloc_strdup(w->t->word, w->other.s);
        memcpy(w->room, w->other.s, w->other.len);
        len = w->other.len;
    }
    w->room[len] = 0;
    w->room += len + 1;
    return folded;
}

static inline struct phrase_word *put(struct writing *w, const char *folded, const char *start, size_t len)
{
    if (w->t->n == w->size) {
        w->size *= 2;
        w->t->word = talloc_realloc(NULL, w->t->word, struct phrase_word, (unsigned)w->size);
    }
    struct phrase_word *word = &w->t->word[w->t->n++];
    *word = (struct phrase_word){.folded = folded, .start = start, .len = (uint32_t)len};
    return word;
}

/* A word that is not all letters and digits of ASCII. */
static const char *add_other(struct writing *w, const char *start, size_t plain_letters)
{
    const char *end = word_end(start + plain_letters);
    size_t len = (size_t)(end - start);
    if (!len || len > WORD_BYTES_MAX)
        return end;
    const char *s = fold(w, start, len, plain_letters);
    if (*s)
        put(w, s, start, len)->beginning = phrase_beginning(s[0], s[1], s[1] ? s[2] : 0);
    return end;
}

/* The word at start; behind it, or start: there is none. */
static inline const char *add_word(struct writing *w, const char *start)
{
    char *key = w->room;
    size_t n = plain_len(start, key);
    if (!n || n > WORD_BYTES_MAX || plain[(unsigned char)start[n]] != ' ')
        return add_other(w, start, n);
    key[n] = key[n + 1] = 0;
    w->room += n + 1;
    put(w, key, start, n)->beginning = phrase_beginning(key[0], key[1], key[2]);
    return start + n;
}

static void add_stop(struct writing *w, const char *at, bool question)
{
    struct phrase_text *t = w->t;
    if (t->n && *t->word[t->n - 1].folded)
        put(w, "", at, 0)->question = question;
    else if (t->n && question)
        t->word[t->n - 1].question = true;
}

static void chain_words(void *mem, struct phrase_text *t)
{
    unsigned n = CHAINS_LEAST;
    while (n < CHAINS_MOST && n < 4 * t->n)
        n *= 2;
    t->mask = n - 1;
    t->begins = talloc_zero_array(mem, uint16_t, n);
    t->beginning = talloc_array(mem, uint16_t, (unsigned)t->n + 1);
    for (size_t i = t->n; i-- > 0;) { /* backwards, so that each chain goes forwards */
        struct phrase_word *w = &t->word[i];
        uint16_t *first = &t->begins[w->beginning & t->mask];
        w->next = *first;
        if (!w->next || t->word[w->next - 1].beginning != w->beginning)
            t->beginning[t->nbeginnings++] = w->beginning;
        *first = (uint16_t)(i + 1);
    }
}

struct phrase_text phrase_text(void *mem, const char *text)
{
    MEM_SCOPE(scratch);
    size_t len = strlen(text), size = WORDS_LEAST + (len < WORDS_MAX ? len : WORDS_MAX) / WORD_BYTES_MEAN;
    struct phrase_text t = {.word = talloc_array(mem, struct phrase_word, (unsigned)size)};
    struct writing w = {.t = &t, .size = size, .room = talloc_size(mem, len + 2), .other = text_new(scratch)};
    const char *p = text;
    while (*p && t.n < WORDS_MAX) {
        const char *start = p;
        p = add_word(&w, start);
        if (p > start)
            continue;
        uint32_t c = next_char(&p);
        if (c != ' ' && ends_sentence(c, p))
            add_stop(&w, start, c == '?');
    }
    add_stop(&w, p, false);
    chain_words(mem, &t);
    return t;
}
