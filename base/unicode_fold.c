/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The keys for search.  Most characters end in a table of two blocks of Unicode (Latin with its accents up to
 * U+024F, Cyrillic up to U+04FF); the others go by their decomposition.
 */
#include "base/unicode.h"

struct letter {
    uint32_t c; /* small */
    const char *latin;
};

/* What a decomposition does not tell, or tells otherwise than its readers mean it (й). */
static const struct letter letters[] = {
    {0x00df, "ss"}, {0x00e6, "ae"}, {0x00f0, "d"},  {0x00f8, "o"},  {0x00fe, "th"}, {0x0111, "dj"},
    {0x0127, "h"},  {0x0131, "i"},  {0x0142, "l"},  {0x0153, "oe"}, {0x0167, "t"},  {0x018f, "e"},
    {0x0259, "e"},  {0x0430, "a"},  {0x0431, "b"},  {0x0432, "v"},  {0x0433, "g"},  {0x0434, "d"},
    {0x0435, "e"},  {0x0436, "z"},  {0x0437, "z"},  {0x0438, "i"},  {0x0439, "j"},  {0x043a, "k"},
    {0x043b, "l"},  {0x043c, "m"},  {0x043d, "n"},  {0x043e, "o"},  {0x043f, "p"},  {0x0440, "r"},
    {0x0441, "s"},  {0x0442, "t"},  {0x0443, "u"},  {0x0444, "f"},  {0x0445, "h"},  {0x0446, "c"},
    {0x0447, "c"},  {0x0448, "s"},  {0x0449, "sc"}, {0x044a, ""},   {0x044b, "i"},  {0x044c, ""},
    {0x044d, "e"},  {0x044e, "ju"}, {0x044f, "ja"}, {0x0452, "dj"}, {0x0453, "gj"}, {0x0454, "je"},
    {0x0455, "dz"}, {0x0456, "i"},  {0x0457, "i"},  {0x0458, "j"},  {0x0459, "lj"}, {0x045a, "nj"},
    {0x045b, "c"},  {0x045c, "kj"}, {0x045e, "u"},  {0x045f, "dz"}, {0x0491, "g"},
};

static const char *find_letter(uint32_t c)
{
    size_t from = 0, to = ARRAY_LEN(letters);
    while (from < to) {
        size_t middle = (from + to) / 2;
        if (letters[middle].c == c)
            return letters[middle].latin;
        if (letters[middle].c < c)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

/* From U+00C0 to U+017F: the letter under one accent. */
static const char under_accent[] = "aaaaaa ceeeeiiii nooooo  uuuuy  aaaaaa ceeeeiiii nooooo  uuuuy y"
                                   "aaaaaaccccccccdd  eeeeeeeeeegggggggghh  iiiiiiii    jjkk llllll "
                                   "   nnnnnn   oooooo  rrrrrrsssssssstttt  uuuuuuuuuuuuwwyyyzzzzzz ";

static bool is_apostrophe(uint32_t c)
{
    return c == '\'' || c == '`' || c == 0xb4 || c == 0x2018 || c == 0x2019 || c == 0x2bb || c == 0x2bc;
}

/* A part of a decomposition, small already. */
static void fold_part(struct text *t, uint32_t c)
{
    const char *latin = find_letter(c);
    if (latin)
        text_puts(t, latin);
    else if (unicode_is_mark(c) || is_apostrophe(c) || c == 0xad || c == 0x200b || c == 0xfeff)
        return;
    else if (unicode_is_letter(c) || unicode_is_digit(c))
        unicode_add(t, c);
    else if (t->len > 0 && t->s[t->len - 1] != ' ')
        text_putc(t, ' ');
}

/* The small letter of a capital whose table entry would be lost in its decomposition (Й is И with a breve).
 */
static uint32_t small_cyrillic(uint32_t c)
{
    if (c >= 0x410 && c <= 0x42f)
        return c + 0x20;
    if (c >= 0x400 && c <= 0x40f)
        return c + 0x50;
    return c;
}

char *unicode_fold(void *mem, const char *s)
{
    struct text t = text_new(mem);
    for (uint32_t c; (c = unicode_next(&s));) {
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) {
            text_putc(&t, (char)c);
            continue;
        }
        if (c >= 'A' && c <= 'Z') {
            text_putc(&t, (char)(c + 32));
            continue;
        }
        if (c >= 0xc0 && c < 0x180 && under_accent[c - 0xc0] != ' ') {
            text_putc(&t, under_accent[c - 0xc0]);
            continue;
        }
        const char *latin = find_letter(small_cyrillic(c));
        if (latin) {
            text_puts(&t, latin);
            continue;
        }
        uint32_t part[20] = {c};
        int n = is_apostrophe(c) ? 0 : unicode_decompose(c, part);
        for (int i = 0; i < n; i++)
            fold_part(&t, part[i]);
    }
    if (t.len > 0 && t.s[t.len - 1] == ' ')
        t.s[--t.len] = 0;
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
