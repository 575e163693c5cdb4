/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The class of a post by its name.  A comma or a dash begins what the post is about; a stroke or a
 * parenthesis another name of it, of which the higher one counts.
 */
#include "base/unicode.h"
#include "crm/form_low.h"

enum { NONE = 0, SQ = FORM_SQ, SR = FORM_SR, EN = FORM_EN, DE = FORM_DE, PL = FORM_PL };
enum { ANY = 0, MALE = 'm', FEMALE = 'f' };

static const struct words_row {
    const char *fold;
    unsigned languages;
    enum form_class class;
    char gender;
    bool only; /* as the first words */
} rows[] = {
#define WORDS(fold, languages, class, gender) {fold, languages, FORM_##class, gender, false},
#define ONLY(fold, languages, class, gender)  {fold, languages, FORM_##class, gender, true},
#include "crm/form_post.def"
#undef WORDS
#undef ONLY
};

/* Behind these stands what the post is about. */
static const char *const prepositions[] = {
    "of", "for", "to",  "in",  "i",   "e",   "te", "se", "per",  "prane", "ne", "nga", "za",  "u", "kod",
    "od", "na",  "pri", "der", "des", "fur", "im", "am", "beim", "von",   "do", "ds",  "dla", "w", "przy",
};
/* Before the post's own words. */
static const char *const modifiers[] = {"v", "d", "u", "acting", "ad", "interim", "p", "o", "ush", "the"};
/* A director of one of these is one of several in the house. */
static const char *const units[] = {
    "departmentit", "departamenti", "departamentit", "department", "division",  "divizionit", "sector",
    "sektorit",     "sektora",      "unit",          "njesise",    "odeljenja", "odseka",     "sluzbe",
    "abteilung",    "wydzialu",     "referatu",      "drejtorise", "uprave",
};
/* What a house calls otherwise. */
static const struct {
    const char *category;
    enum form_class from, to;
} houses[] = {
    {"municipality", FORM_PRESIDENT, FORM_MAYOR},
    {"municipality", FORM_ASSEMBLY_PRESIDENT, FORM_CHAIR},
    {"partner-city", FORM_PRESIDENT, FORM_MAYOR},
    {"partner-city", FORM_ASSEMBLY_PRESIDENT, FORM_CHAIR},
    {"village-council", FORM_PRESIDENT, FORM_VILLAGE_HEAD},
    {"business", FORM_DIRECTOR, FORM_MANAGER},
    {"investor", FORM_DIRECTOR, FORM_MANAGER},
};

static bool is_one_of(const char *word, size_t len, const char *const *list, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (strlen(list[i]) == len && !strncmp(list[i], word, len))
            return true;
    return false;
}

static bool begins_with_words(const char *text, const char *words)
{
    size_t len = strlen(words);
    return !strncmp(text, words, len) && (!text[len] || text[len] == ' ');
}

/* The longest row that stands at this word. */
static const struct words_row *row_at(const char *text, bool first)
{
    const struct words_row *best = NULL;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (*rows[i].fold == *text && (first || !rows[i].only) && begins_with_words(text, rows[i].fold) &&
            (!best || strlen(rows[i].fold) > strlen(best->fold)))
            best = &rows[i];
    return best;
}

/* In a fold; what stands behind the words in *rest_r. */
static const struct words_row *find_row(const char *fold, const char **rest_r)
{
    bool first = true;
    for (const char *at = fold; *at;) {
        const struct words_row *row = row_at(at, first);
        if (row) {
            at += strlen(row->fold);
            *rest_r = at + (*at == ' ');
            return row;
        }
        size_t len = strcspn(at, " ");
        if (is_one_of(at, len, prepositions, ARRAY_LEN(prepositions)) &&
            !is_one_of(at, len, modifiers, ARRAY_LEN(modifiers)))
            return NULL;
        first = first && is_one_of(at, len, modifiers, ARRAY_LEN(modifiers));
        at += len + (at[len] == ' ');
    }
    return NULL;
}

static bool names_unit(const char *rest)
{
    while (*rest) {
        size_t len = strcspn(rest, " ");
        if (is_one_of(rest, len, units, ARRAY_LEN(units)))
            return true;
        rest += len + (rest[len] == ' ');
    }
    return false;
}

/* The name's first part, and whether more follows behind a comma or a dash. */
static char *head_of(void *mem, const char *post, bool *more_r)
{
    static const char *const ends[] = {",", ";", " – ", " — ", " - ", ":"};
    size_t len = strlen(post);
    for (size_t i = 0; i < ARRAY_LEN(ends); i++) {
        const char *end = strstr(post, ends[i]);
        if (end && (size_t)(end - post) < len)
            len = (size_t)(end - post);
    }
    *more_r = post[len] != 0;
    return talloc_strndup(mem, post, len);
}

struct found {
    const struct words_row *row;
    enum form_class class;
};

/* 0 ranks below all */
static bool is_higher(enum form_class a, enum form_class b)
{
    int rank_a = form_class_rank(a), rank_b = form_class_rank(b);
    return rank_a && (!rank_b || rank_a < rank_b);
}

static struct found find(const char *post)
{
    MEM_SCOPE(mem);
    bool more;
    struct found best = {.row = NULL};
    const char *rest;
    for (const char *at = head_of(mem, post, &more); *at;) {
        size_t len = strcspn(at, "/()");
        const struct words_row *row = find_row(unicode_fold(mem, talloc_strndup(mem, at, len)), &rest);
        at += len + (at[len] != 0);
        if (!row)
            continue;
        enum form_class class = row->class;
        if (class == FORM_DIRECTOR && (more || names_unit(rest)))
            class = FORM_HEAD;
        if (!best.row || is_higher(class, best.class))
            best = (struct found){row, class};
    }
    return best;
}

enum form_class form_class_of(const char *post, const char *category, char *gender_r)
{
    struct found found = find(post);
    if (gender_r)
        *gender_r = found.row ? found.row->gender : 0;
    for (size_t i = 0; i < ARRAY_LEN(houses); i++)
        if (category && found.row && houses[i].from == found.class && !strcmp(houses[i].category, category))
            return houses[i].to;
    return found.row ? found.class : FORM_NONE;
}

unsigned form_post_languages(const char *post)
{
    struct found found = find(post);
    unsigned languages = 0;
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (found.row && !strcmp(rows[i].fold, found.row->fold))
            languages |= rows[i].languages;
    return languages;
}

bool form_post_is_bare(const char *post)
{
    MEM_SCOPE(mem);
    struct found found = find(post);
    return found.row && !strcmp(found.row->fold, unicode_fold(mem, post));
}

bool form_post_is_word(const char *fold)
{
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        if (*rows[i].fold == *fold && !strcmp(rows[i].fold, fold))
            return true;
    return false;
}
