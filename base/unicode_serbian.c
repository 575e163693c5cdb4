/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Serbian in its two scripts.
 */
#include "base/unicode.h"

struct pair {
    uint32_t cyrillic;
    const char *latin;
};

/* Capitals; the small ones are made of them. Two letters of Latin stand for one where the second column is
 * longer. */
static const struct pair serbian[] = {
    {0x410, "A"}, {0x411, "B"},  {0x412, "V"}, {0x413, "G"}, {0x414, "D"},  {0x402, "Đ"},
    {0x415, "E"}, {0x416, "Ž"},  {0x417, "Z"}, {0x418, "I"}, {0x408, "J"},  {0x41a, "K"},
    {0x41b, "L"}, {0x409, "Lj"}, {0x41c, "M"}, {0x41d, "N"}, {0x40a, "Nj"}, {0x41e, "O"},
    {0x41f, "P"}, {0x420, "R"},  {0x421, "S"}, {0x422, "T"}, {0x40b, "Ć"},  {0x423, "U"},
    {0x424, "F"}, {0x425, "H"},  {0x426, "C"}, {0x427, "Č"}, {0x40f, "Dž"}, {0x428, "Š"},
};

/* Letters of other Cyrillic alphabets, as a Serbian text has them; one way only. */
static const struct pair foreign[] = {
    {0x419, "J"},  {0x429, "Šč"}, {0x42a, ""},   {0x42b, "Y"},  {0x42c, ""},   {0x42d, "E"},
    {0x42e, "Ju"}, {0x42f, "Ja"}, {0x401, "Jo"}, {0x403, "Gj"}, {0x40c, "Kj"}, {0x405, "Dz"},
    {0x404, "Je"}, {0x406, "I"},  {0x407, "Ji"}, {0x490, "G"},
};

/* The capital of a Cyrillic letter; 0 when c is none. */
static uint32_t capital_of(uint32_t c)
{
    if ((c >= 0x400 && c <= 0x42f) || c == 0x490)
        return c;
    if (c >= 0x430 && c <= 0x44f)
        return c - 0x20;
    if (c >= 0x450 && c <= 0x45f)
        return c - 0x50;
    return c == 0x491 ? 0x490 : 0;
}

static const char *latin_of(uint32_t capital)
{
    for (size_t i = 0; i < ARRAY_LEN(serbian); i++)
        if (serbian[i].cyrillic == capital)
            return serbian[i].latin;
    for (size_t i = 0; i < ARRAY_LEN(foreign); i++)
        if (foreign[i].cyrillic == capital)
            return foreign[i].latin;
    return NULL;
}

static bool next_is_upper(const char *s, bool *letter_r)
{
    uint32_t c = unicode_next(&s);
    *letter_r = unicode_is_letter(c);
    return unicode_is_upper(c);
}

enum spelling { ALL_SMALL, FIRST_CAPITAL, ALL_CAPITAL };

static void add_latin(struct text *t, const char *latin, enum spelling spelling)
{
    MEM_SCOPE(mem);
    text_puts(t, spelling == ALL_SMALL     ? unicode_lower(mem, latin)
                 : spelling == ALL_CAPITAL ? unicode_upper(mem, latin)
                                           : latin);
}

char *unicode_to_latin(void *mem, const char *s)
{
    struct text t = text_new(mem);
    bool upper_before = false;
    for (const char *at = s; *at;) {
        const char *begin = at;
        uint32_t c = unicode_next(&at), capital = capital_of(c);
        const char *latin = capital ? latin_of(capital) : NULL;
        bool letter_behind, upper_behind = next_is_upper(at, &letter_behind);
        /* Љ in ЉУБАВ or in КОЊ, not in Љубав; alone it is an initial: Lj. */
        bool loud = upper_behind || (!letter_behind && upper_before);
        if (latin)
            add_latin(&t, latin, c != capital ? ALL_SMALL : loud ? ALL_CAPITAL : FIRST_CAPITAL);
        else
            text_add(&t, begin, (size_t)(at - begin));
        upper_before = unicode_is_upper(c);
    }
    return t.s;
}

/* Words in which two letters stay two, by their begins. */
static const struct {
    const char *begin; /* small letters, Latin */
    const char *pair;  /* that is no letter of its own there */
} exceptions[] = {
    {"injekc", "nj"},  {"injekt", "nj"},  {"konjug", "nj"}, {"konjunk", "nj"},
    {"vanjezi", "nj"}, {"tanjug", "nj"},  {"inject", "nj"}, {"nadživ", "dž"},
    {"nadžnj", "dž"},  {"nadždr", "dž"},  {"odžal", "dž"},  {"odživ", "dž"},
    {"podžan", "dž"},  {"predživ", "dž"}, {"anjon", "nj"},  {"odžvak", "dž"},
};

static bool stays_two(const char *word, const char *pair)
{
    for (size_t i = 0; i < ARRAY_LEN(exceptions); i++)
        if (!strcmp(exceptions[i].pair, pair) &&
            !strncmp(word, exceptions[i].begin, strlen(exceptions[i].begin)))
            return true;
    return false;
}

/* The Cyrillic letter at the begin of a word's rest (small, Latin); its length in bytes, 0 for none. */
static size_t cyrillic_at(const char *rest, const char *word, uint32_t *capital_r)
{
    MEM_SCOPE(mem);
    size_t best = 0;
    for (size_t i = 0; i < ARRAY_LEN(serbian); i++) {
        const char *latin = unicode_lower(mem, serbian[i].latin);
        size_t len = strlen(latin);
        if (len <= best || strncmp(rest, latin, len))
            continue;
        bool two = unicode_width(latin) == 2;
        if (two && stays_two(word, latin))
            continue;
        best = len;
        *capital_r = serbian[i].cyrillic;
    }
    return best;
}

static bool is_serbian_word(const char *word)
{
    for (uint32_t c; (c = unicode_next(&word));)
        if (c < 0x80 && strchr("qwxyQWXY0123456789@_/\\", (int)c))
            return false;
    return true;
}

static void add_cyrillic_word(struct text *t, const char *word)
{
    MEM_SCOPE(mem);
    const char *small = unicode_lower(mem, word);
    if (!is_serbian_word(word) || strlen(small) != strlen(word)) {
        text_puts(t, word);
        return;
    }
    for (size_t at = 0; word[at];) {
        uint32_t capital = 0;
        size_t len = cyrillic_at(small + at, small, &capital);
        const char *here = word + at, *behind = here;
        uint32_t c = unicode_next(&behind);
        if (!len)
            unicode_add(t, c);
        else
            unicode_add(t, unicode_is_upper(c) ? capital : capital < 0x410 ? capital + 0x50 : capital + 0x20);
        at += len ? len : (size_t)(behind - here);
    }
}

char *unicode_to_cyrillic(void *mem, const char *s)
{
    MEM_SCOPE(scratch);
    struct text t = text_new(mem);
    while (*s) {
        size_t blank = strspn(s, " \t\r\n");
        text_add(&t, s, blank);
        s += blank;
        size_t len = strcspn(s, " \t\r\n");
        add_cyrillic_word(&t, talloc_strndup(scratch, s, len));
        s += len;
    }
    return t.s;
}
