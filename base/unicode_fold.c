/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The keys for search.  Most characters are ASCII or stand in a table (Latin with its accents up to U+017F,
 * Cyrillic up to U+045F); the others go by their decomposition.
 */
#include "base/unicode.h"

/* Sixteen a row.  "?": it goes by its decomposition. */
/* clang-format off */
static const char latin_letters[0x180 - 0xc0][3] = {
    "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i",
    "d", "n", "o", "o", "o", "o", "o", "?", "o", "u", "u", "u", "u", "y", "th", "ss",
    "a", "a", "a", "a", "a", "a", "ae", "c", "e", "e", "e", "e", "i", "i", "i", "i",
    "d", "n", "o", "o", "o", "o", "o", "?", "o", "u", "u", "u", "u", "y", "th", "y",
    "a", "a", "a", "a", "a", "a", "c", "c", "c", "c", "c", "c", "c", "c", "d", "d",
    "dj", "dj", "e", "e", "e", "e", "e", "e", "e", "e", "e", "e", "g", "g", "g", "g",
    "g", "g", "g", "g", "h", "h", "h", "h", "i", "i", "i", "i", "i", "i", "i", "i",
    "i", "i", "ij", "ij", "j", "j", "k", "k", "?", "l", "l", "l", "l", "l", "l", "?",
    "?", "l", "l", "n", "n", "n", "n", "n", "n", "n", "?", "?", "o", "o", "o", "o",
    "o", "o", "oe", "oe", "r", "r", "r", "r", "r", "r", "s", "s", "s", "s", "s", "s",
    "s", "s", "t", "t", "t", "t", "t", "t", "u", "u", "u", "u", "u", "u", "u", "u",
    "u", "u", "u", "u", "w", "w", "y", "y", "y", "z", "z", "z", "z", "z", "z", "s",
};
static const char cyrillic_letters[0x460 - 0x400][3] = {
    "e", "e", "dj", "gj", "je", "dz", "i", "i", "j", "lj", "nj", "c", "kj", "i", "u", "dz",
    "a", "b", "v", "g", "d", "e", "z", "z", "i", "j", "k", "l", "m", "n", "o", "p",
    "r", "s", "t", "u", "f", "h", "c", "c", "s", "sc", "", "i", "", "e", "ju", "ja",
    "a", "b", "v", "g", "d", "e", "z", "z", "i", "j", "k", "l", "m", "n", "o", "p",
    "r", "s", "t", "u", "f", "h", "c", "c", "s", "sc", "", "i", "", "e", "ju", "ja",
    "e", "e", "dj", "gj", "je", "dz", "i", "i", "j", "lj", "nj", "c", "kj", "i", "u", "dz",
};
static const char ascii[] = /* a zero: it goes */
    "                                       \0        0123456789      "
    " abcdefghijklmnopqrstuvwxyz     \0abcdefghijklmnopqrstuvwxyz     ";
/* clang-format on */

/* What a decomposition does not tell, or tells otherwise than its readers mean it (й), and for speed what it
 * does; NULL: it has to be asked. */
static const char *find_letter(uint32_t c)
{
    const char *letter = "?";
    if (c >= 0xc0 && c < 0x180)
        letter = latin_letters[c - 0xc0];
    else if (c >= 0x400 && c < 0x460)
        letter = cyrillic_letters[c - 0x400];
    else if (c == 0x18f || c == 0x259)
        letter = "e";
    else if (c == 0x491)
        letter = "g";
    return *letter == '?' ? NULL : letter;
}

static bool is_apostrophe(uint32_t c)
{
    return c == '\'' || c == '`' || c == 0xb4 || c == 0x2018 || c == 0x2019 || c == 0x2bb || c == 0x2bc;
}

/* A blank for a sign, one for several and none at the begin. */
static void fold_sign(struct text *t, size_t begin)
{
    if (t->len > begin && t->s[t->len - 1] != ' ')
        text_putc(t, ' ');
}

/* A part of a decomposition, small already. */
static void fold_part(struct text *t, size_t begin, uint32_t c)
{
    const char *letter = find_letter(c);
    if (letter)
        text_puts(t, letter);
    else if (unicode_is_mark(c) || is_apostrophe(c) || c == 0xad || c == 0x200b || c == 0xfeff)
        return;
    else if (unicode_is_letter(c) || unicode_is_digit(c))
        unicode_add(t, c);
    else
        fold_sign(t, begin);
}

static void fold_other(struct text *t, size_t begin, uint32_t c)
{
    uint32_t part[20] = {c};
    const char *letter = find_letter(c);
    if (letter) {
        text_puts(t, letter);
        return;
    }
    int n = is_apostrophe(c) ? 0 : unicode_decompose(c, part);
    for (int i = 0; i < n; i++)
        fold_part(t, begin, part[i]);
}

/* The signs of ASCII at s; behind them. */
static const char *fold_ascii(struct text *t, size_t begin, const char *s, const char *end)
{
    text_room(t,
              (size_t)(end - s)); /* for what follows, too: few letters fold to more bytes than they have */
    char *to = t->s + t->len, last = t->len > begin ? to[-1] : ' ';
    for (; s < end && (unsigned char)*s < 0x80; s++) {
        char c = ascii[(unsigned char)*s];
        bool stays = c > ' ' || (c && last != ' ');
        *to = c; /* there is room */
        to += stays;
        last = stays ? c : last;
    }
    *to = 0;
    t->len = (size_t)(to - t->s);
    return s;
}

void unicode_fold_add(struct text *t, const char *s, size_t len)
{
    const char *end = s + len;
    size_t begin = t->len;
    while (s < end) {
        s = fold_ascii(t, begin, s, end);
        if (s < end)
            fold_other(t, begin, unicode_next(&s));
    }
    if (t->len > begin && t->s[t->len - 1] == ' ')
        t->s[--t->len] = 0;
}

char *unicode_fold(void *mem, const char *s)
{
    size_t len = strlen(s);
    struct text t = text_for(mem, len);
    unicode_fold_add(&t, s, len);
    return t.s;
}

/* Longer spellings stand before their begins. */
static const struct {
    const char *from, *to;
} spellings[] = {
    {"tsch", "c"}, {"sch", "s"}, {"tch", "c"}, {"dzh", "d"}, {"ch", "c"}, {"ts", "c"}, {"tz", "c"},
    {"cz", "c"},   {"kj", "c"},  {"q", "c"},   {"sh", "s"},  {"sz", "s"}, {"zh", "z"}, {"dj", "d"},
    {"gj", "d"},   {"xh", "d"},  {"dz", "d"},  {"dh", "d"},  {"lj", "l"}, {"nj", "n"}, {"j", "i"},
    {"y", "i"},    {"w", "v"},   {"th", "t"},  {"x", "ks"},  {"ae", "a"}, {"oe", "o"}, {"ue", "u"},
};

static const char *near_spelling(const char **at)
{
    for (size_t i = 0; i < ARRAY_LEN(spellings); i++) {
        if (**at != *spellings[i].from) /* most end here */
            continue;
        size_t len = strlen(spellings[i].from);
        if (!strncmp(*at, spellings[i].from, len)) {
            *at += len;
            return spellings[i].to;
        }
    }
    return NULL;
}

char *unicode_near(void *mem, const char *s)
{
    MEM_SCOPE(scratch);
    struct text t = text_new(mem);
    for (const char *at = unicode_fold(scratch, s); *at;) {
        const char *to = near_spelling(&at);
        char same[2] = {0, 0};
        if (!to) {
            same[0] = *at++;
            to = same;
        }
        for (; *to; to++) {
            bool twice = t.len > 0 && t.s[t.len - 1] == *to && *to >= 'a' && *to <= 'z';
            if (!twice)
                text_putc(&t, *to);
        }
    }
    return t.s;
}

char *unicode_squeeze(void *mem, const char *s)
{
    struct text t = text_new(mem);
    bool owed = false, marks = false;
    while (*s) {
        size_t plain = 0; /* most of any list, one step */
        while (s[plain] > ' ' && s[plain] < 0x7f)
            plain++;
        if (owed && plain)
            text_putc(&t, ' ');
        if (plain) {
            text_add(&t, s, plain);
            s += plain;
            owed = false;
            continue;
        }
        uint32_t c = unicode_next(&s);
        if (unicode_is_blank(c)) {
            owed = owed || (t.len > 0 && c != 0x200b && c != 0xfeff);
            continue;
        }
        if (owed)
            text_putc(&t, ' ');
        owed = false;
        marks = marks || unicode_is_mark(c);
        unicode_add(&t, c);
    }
    return marks ? unicode_compose(mem, t.s) : t.s;
}

enum unicode_script unicode_script(const char *s)
{
    bool latin = false, cyrillic = false;
    for (uint32_t c; (c = unicode_next(&s));) {
        if (!unicode_is_letter(c))
            continue;
        cyrillic = cyrillic || (c >= 0x400 && c <= 0x52f);
        latin = latin || c < 0x250 || (c >= 0x1e00 && c <= 0x1eff);
    }
    return latin && cyrillic ? UNICODE_MIXED
           : latin           ? UNICODE_LATIN
           : cyrillic        ? UNICODE_CYRILLIC
                             : UNICODE_NONE;
}
