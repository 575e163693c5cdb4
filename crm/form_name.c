/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Names taken apart, and the gender that honorifics, salutations and given names tell.
 */
#include "base/unicode.h"
#include "crm/form_low.h"

enum { MAX_WORDS = 16, MALE = 'm', FEMALE = 'f', ANY = 0 };
enum need { ALWAYS, DOT, SMALL, CAPITAL, LONG, BEHIND };

static const struct word_row {
    const char *fold;
    enum form_title title;
    enum form_class class;
    char gender;
    enum need need;
} word_rows[] = {
#define WORD(fold, title, class, gender, need) {fold, FORM_TITLE_##title, FORM_##class, gender, need},
#include "crm/form_title.def"
#undef WORD
};

static const struct {
    const char *near;
    char gender;
} given_names[] = {
#define GIVEN(near, gender) {near, gender},
#define GIVEN_ENDING(language, end, gender)
#define FAMILY_ENDING(end, gender)
#include "crm/form_given.def"
#undef GIVEN
#undef GIVEN_ENDING
#undef FAMILY_ENDING
};

static const struct {
    unsigned language;
    const char *end;
    char gender;
} given_endings[] = {
#define GIVEN(fold, gender)
#define GIVEN_ENDING(language, end, gender) {FORM_##language, end, gender},
#define FAMILY_ENDING(end, gender)
#include "crm/form_given.def"
#undef GIVEN
#undef GIVEN_ENDING
#undef FAMILY_ENDING
};

static const struct {
    const char *end;
    char gender;
} family_endings[] = {
#define GIVEN(fold, gender)
#define GIVEN_ENDING(language, end, gender)
#define FAMILY_ENDING(end, gender) {end, gender},
#include "crm/form_given.def"
#undef GIVEN
#undef GIVEN_ENDING
#undef FAMILY_ENDING
};

/* What salutations say besides honorifics; ANY: both are meant. */
static const struct {
    const char *fold;
    char gender;
} phrases[] = {
    {"i e nderuar", ANY},  {"postovani postovana", ANY}, {"pani szanowny", ANY}, {"i nderuar", MALE},
    {"e nderuar", FEMALE}, {"e nderuara", FEMALE},       {"i dashur", MALE},     {"e dashur", FEMALE},
    {"postovana", FEMALE}, {"uvazena", FEMALE},          {"draga", FEMALE},      {"oce", MALE},
    {"szanowny", MALE},    {"szanowna", FEMALE},         {"drogi", MALE},        {"droga", FEMALE},
    {"ksieze", MALE},      {"geehrter", MALE},           {"lieber", MALE},
};

/* ---- words: they end at a blank, and behind a dot ("Prof.Dr.", "H.E.") */

struct words {
    const char *at[MAX_WORDS]; /* in the text */
    size_t len[MAX_WORDS];
    size_t n;
};

static struct words words_of(const char *text)
{
    struct words w = {.n = 0};
    while (*text && w.n < MAX_WORDS) {
        text += strspn(text, " ");
        size_t len = strcspn(text, " .");
        len += text[len] == '.';
        if (len) {
            w.at[w.n] = text;
            w.len[w.n++] = len;
        }
        text += len;
    }
    if (w.n == MAX_WORDS) /* the last one is all the rest */
        w.len[MAX_WORDS - 1] = strlen(w.at[MAX_WORDS - 1]);
    return w;
}

static char *join(void *mem, const struct words *w, size_t from, size_t n)
{
    if (!n)
        return talloc_strdup(mem, "");
    const char *end = w->at[from + n - 1] + w->len[from + n - 1];
    return talloc_strndup(mem, w->at[from], (size_t)(end - w->at[from]));
}

static bool starts_upper(const char *s)
{
    return unicode_is_upper(unicode_next(&s));
}

static bool fits(const struct word_row *row, const struct words *w, size_t from, size_t n)
{
    const char *s = w->at[from];
    size_t behind = w->n - from - n;
    bool dot = s[w->len[from] - 1] == '.';
    switch (row->need) {
    case ALWAYS:
        return true;
    case DOT: /* "G. Hoti" may be an initial */
        return dot && (behind > 1 || !starts_upper(s) || strlen(row->fold) > 1);
    case SMALL:
        return !starts_upper(s);
    case CAPITAL:
        return starts_upper(s);
    case LONG:
        return behind > 1;
    default:
        return false;
    }
}

/* The row for the words from there on, the longest; how many words it is. */
static const struct word_row *find_word(const struct words *w, size_t from, size_t *n_r)
{
    MEM_SCOPE(mem);
    for (size_t n = 3; n > 0; n--) {
        if (from + n > w->n)
            continue;
        const char *fold = unicode_fold(mem, join(mem, w, from, n));
        for (size_t i = 0; i < ARRAY_LEN(word_rows); i++)
            if (!strcmp(word_rows[i].fold, fold) && fits(&word_rows[i], w, from, n)) {
                *n_r = n;
                return &word_rows[i];
            }
    }
    return NULL;
}

/* ---- names */

static void take_title(void *mem, struct form_name *name, const struct word_row *row, const char *typed)
{
    if (!name->gender)
        name->gender = row->gender;
    if (!name->class)
        name->class = row->class;
    if (row->title)
        name->title =
            *name->title ? talloc_asprintf(mem, "%s %s", name->title, typed) : talloc_strdup(mem, typed);
}

static bool is_behind(void *mem, const char *word, const struct word_row **row_r)
{
    const char *fold = unicode_fold(mem, word);
    for (size_t i = 0; i < ARRAY_LEN(word_rows); i++)
        if (word_rows[i].need == BEHIND && !strcmp(word_rows[i].fold, fold)) {
            *row_r = &word_rows[i];
            return true;
        }
    return false;
}

static void take_behind(void *mem, struct form_name *name, struct words *w)
{
    const struct word_row *row;
    while (w->n > 1) {
        const char *word = join(mem, w, w->n - 1, 1);
        if (!is_behind(mem, word, &row))
            return;
        take_title(mem, name, row, word);
        w->n--;
    }
}

static bool all_upper(const char *s)
{
    size_t letters = 0;
    for (uint32_t c; (c = unicode_next(&s)); letters++)
        if (!unicode_is_upper(c))
            return false;
    return letters > 1;
}

static bool is_initial(const char *word)
{
    return unicode_width(word) == 1 || (unicode_width(word) == 2 && word[strlen(word) - 1] == '.');
}

static bool ends_in(const char *s, const char *end)
{
    size_t len = strlen(s), n = strlen(end);
    return len >= n && !strcmp(s + len - n, end);
}

static bool is_serbian_family(const char *family)
{
    MEM_SCOPE(mem);
    const char *fold = unicode_fold(mem, family);
    return unicode_script(family) == UNICODE_CYRILLIC || ends_in(fold, "ic") || ends_in(fold, "iq");
}

/* Where the family name begins: the last word, with its particles (van den Berg), and a double name's first
 * one (Ana Petrović Marković). */
static size_t family_begin(void *mem, const struct words *w)
{
    size_t at = w->n - 1;
    while (at > 1 && !starts_upper(w->at[at - 1]))
        at--;
    if (at == w->n - 1 && at > 1) {
        const char *fold = unicode_fold(mem, join(mem, w, at - 1, 1));
        if (ends_in(fold, "ic") || ends_in(fold, "iq"))
            at--;
    }
    return at;
}

static void split(void *mem, struct form_name *name, const struct words *w)
{
    name->name = join(mem, w, 0, w->n);
    size_t family = family_begin(mem, w);
    name->family = join(mem, w, family, w->n - family);
    if (family && all_upper(join(mem, w, 0, 1)) && !all_upper(name->family)) { /* HOTI Arben */
        name->given = name->family;
        name->family = join(mem, w, 0, family);
    } else if (family && !is_initial(join(mem, w, 0, 1)))
        name->given = join(mem, w, 0, 1);
}

/* "Kelmendi, Arbnora" as it is spoken; "Arben Hoti, PhD" without the comma */
static char *turned(void *mem, const char *name)
{
    const struct word_row *row;
    char *s = unicode_squeeze(mem, name), *comma = strstr(s, ", ");
    if (!comma)
        return s;
    *comma = 0;
    const char *behind = comma + 2;
    struct words w = words_of(behind);
    return w.n && is_behind(mem, join(mem, &w, 0, 1), &row) ? talloc_asprintf(mem, "%s %s", s, behind)
                                                            : talloc_asprintf(mem, "%s %s", behind, s);
}

struct form_name form_name_of(void *mem, const char *typed)
{
    struct form_name name = {.name = "", .title = "", .given = "", .family = ""};
    char *text = turned(mem, typed);
    struct words w = words_of(text);
    size_t n, at = 0;
    const struct word_row *row;
    while (at < w.n && (row = find_word(&w, at, &n)) && at + n < w.n) {
        take_title(mem, &name, row, join(mem, &w, at, n));
        at += n;
    }
    w = words_of(w.n ? w.at[at] : "");
    take_behind(mem, &name, &w);
    if (w.n)
        split(mem, &name, &w);
    return name;
}

enum form_title form_title_next(void *mem, const char **titles, const char **typed_r)
{
    struct words w = words_of(*titles);
    size_t n = 1;
    if (!w.n)
        return FORM_TITLE_NONE;
    const struct word_row *row = NULL;
    for (size_t i = 0; i < ARRAY_LEN(word_rows) && !row;
         i++) /* a title stands here whatever it needs elsewhere */
        if (word_rows[i].title && !strcmp(word_rows[i].fold, unicode_fold(mem, join(mem, &w, 0, 1))))
            row = &word_rows[i];
    *typed_r = join(mem, &w, 0, n);
    *titles = w.at[n - 1] + w.len[n - 1];
    return row ? row->title : FORM_TITLE_OTHER;
}

/* ---- gender */

char form_gender_of(const char *text)
{
    MEM_SCOPE(mem);
    struct words w = words_of(unicode_squeeze(mem, text));
    const char *fold = talloc_asprintf(mem, " %s ", unicode_fold(mem, text));
    char found = 0;
    for (size_t i = 0; i < ARRAY_LEN(phrases); i++) {
        if (!strstr(fold, talloc_asprintf(mem, " %s ", phrases[i].fold)))
            continue;
        if (!phrases[i].gender || (found && found != phrases[i].gender))
            return 0;
        found = phrases[i].gender;
    }
    size_t n;
    for (size_t i = 0; i < w.n; i++) {
        const struct word_row *row = find_word(&w, i, &n);
        if (!row || row->title || !row->gender)
            continue;
        if (found && found != row->gender)
            return 0;
        found = row->gender;
    }
    return found;
}

static unsigned language_of_name(void *mem, const struct form_name *name)
{
    const char *family = unicode_fold(mem, name->family);
    if (is_serbian_family(name->family))
        return FORM_SR;
    return ends_in(family, "i") || ends_in(family, "u") || ends_in(family, "a") ? FORM_SQ : 0;
}

char form_gender_of_name(const struct form_name *name)
{
    MEM_SCOPE(mem);
    const char *given = unicode_fold(mem, name->given);
    if (!*given)
        return 0;
    const char *near = unicode_near(mem, given);
    for (size_t i = 0; i < ARRAY_LEN(given_names); i++)
        if (!strcmp(given_names[i].near, near))
            return given_names[i].gender;
    const char *family = unicode_fold(mem, name->family);
    for (size_t i = 0; i < ARRAY_LEN(family_endings); i++)
        if (ends_in(family, family_endings[i].end))
            return family_endings[i].gender;
    unsigned language = language_of_name(mem, name);
    for (size_t i = 0; i < ARRAY_LEN(given_endings); i++)
        if (given_endings[i].language == language && ends_in(given, given_endings[i].end) &&
            strlen(given) > strlen(given_endings[i].end) + 1)
            return given_endings[i].gender;
    return 0;
}
