/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The tables are short, and crm/mapping.c remembers what a word meant: a list has few different ones.
 */
#include "crm/listword.h"

#include <ctype.h>

#include "base/unicode.h"
#include "crm/personname.h"
#include "crm/phrase.h"
#include "crm/place.h"
#include "crm/word.h"

enum { ENOUGH = 60 }; /* points of a phrase that is most of a cell */

struct entry {
    const char *meaning, *phrases;
};

#define CATEGORY(slug, phrases)
#define CIRCLE(phrases)
#define LANGUAGE(tag, phrases)
#define NOTHING(phrases)
#define GENDER(gender, words)
#define TOTAL(words)

#undef CATEGORY
#define CATEGORY(slug, phrases) {slug, phrases},
static const struct entry categories[] = {
#include "crm/listword.def"
};
#undef CATEGORY
#define CATEGORY(slug, phrases)

#undef CIRCLE
#define CIRCLE(phrases) phrases
static const char circles[] =
#include "crm/listword.def"
    ;
#undef CIRCLE
#define CIRCLE(phrases)

#undef LANGUAGE
#define LANGUAGE(tag, phrases) {tag, phrases},
static const struct entry languages[] = {
#include "crm/listword.def"
};
#undef LANGUAGE
#define LANGUAGE(tag, phrases)

#undef NOTHING
#define NOTHING(phrases) phrases
static const char nothing[] =
#include "crm/listword.def"
    ;
#undef NOTHING
#define NOTHING(phrases)

#undef GENDER
#define GENDER(gender, words) {gender, words},
static const struct entry genders[] = {
#include "crm/listword.def"
};
#undef GENDER
#define GENDER(gender, words)

#undef TOTAL
#define TOTAL(words) words
static const char totals[] =
#include "crm/listword.def"
    ;

/* ---- categories, languages, countries */

const char *listword_category(const char *word, int *points_r)
{
    MEM_SCOPE(mem);
    const char *fold = unicode_fold(mem, word), *best = NULL;
    *points_r = ENOUGH - 1;
    for (size_t i = 0; i < ARRAY_LEN(categories); i++) {
        int points = !strcmp(categories[i].meaning, fold) ? 100 : phrase_match(fold, categories[i].phrases);
        if (points > *points_r) {
            *points_r = points;
            best = categories[i].meaning;
        }
    }
    return listword_is_circle(word) ? "ngo" : best;
}

static bool stands_in(const char *slugs, const char *slug)
{
    size_t len = strlen(slug);
    for (const char *s = slugs; *s; s += strcspn(s, ","), s += *s == ',')
        if (strcspn(s, ",") == len && !strncmp(s, slug, len))
            return true;
    return false;
}

const char *listword_categories(void *mem, const char *cell)
{
    enum { PLAIN = 97 };
    static const char between[] = ",;/";
    int points;
    struct text slugs = text_new(mem);
    for (const char *s = cell; strpbrk(cell, between) && *s;) {
        size_t len = strcspn(s, between);
        const char *slug = listword_category(talloc_strndup(mem, s, len), &points);
        if (!slug || points < PLAIN)
            return listword_category(cell, &points);
        if (!stands_in(slugs.s, slug))
            text_printf(&slugs, "%s%s", slugs.len ? "," : "", slug);
        s += len + (s[len] != 0);
    }
    return slugs.len ? slugs.s : listword_category(cell, &points);
}

bool listword_is_circle(const char *word)
{
    MEM_SCOPE(mem);
    const char *fold = unicode_fold(mem, word);
    int points = phrase_match(fold, circles);
    for (size_t i = 0; points && i < ARRAY_LEN(categories); i++)
        if (phrase_match(fold, categories[i].phrases) > points)
            return false;
    return points >= ENOUGH;
}

/* A tag as lists have it ("SQ", "sr"), in small letters; NULL: none that the table has. */
static const char *known_tag(const char *fold)
{
    for (size_t i = 0; i < ARRAY_LEN(languages); i++)
        if (!strcmp(languages[i].meaning, fold))
            return languages[i].meaning;
    return NULL;
}

static const char *language_of(const char *fold, bool cyrillic)
{
    const char *tag = known_tag(fold);
    for (size_t i = 0; !tag && i < ARRAY_LEN(languages); i++)
        if (phrase_match(fold, languages[i].phrases) >= 97)
            tag = languages[i].meaning;
    if (tag && !strcmp(tag, "sr") && !strncmp(fold, "srp", 3))
        tag = cyrillic ? "sr-Cyrl" : "sr-Latn";
    return tag;
}

const char *listword_language(void *mem, const char *words)
{
    MEM_SCOPE(scratch);
    char *fold = unicode_fold(scratch, words);
    bool cyrillic = unicode_script(words) == UNICODE_CYRILLIC;
    const char *whole = language_of(fold, cyrillic);
    if (whole)
        return talloc_strdup(mem, whole);
    struct text tags = text_new(mem);
    for (char *next, *word = fold; word && *word; word = next) {
        next = strchr(word, ' ');
        if (next)
            *next++ = 0;
        const char *tag = language_of(word, cyrillic);
        if (!tag && phrase_match(word, nothing) < 100)
            return NULL;
        if (tag && !strstr(tags.s, tag))
            text_printf(&tags, "%s%s", tags.len ? "," : "", tag);
    }
    return tags.len ? tags.s : NULL;
}

const char *listword_country(void *mem, const char *word)
{
    MEM_SCOPE(scratch);
    struct place place;
    const char *fold = unicode_fold(scratch, word);
    if (place_find(fold, &place) && place.land)
        return talloc_strdup(mem, place.country);
    bool code = strlen(fold) == 2 && isalpha((unsigned char)fold[0]) && isalpha((unsigned char)fold[1]);
    return code && strlen(word) == 2 ? unicode_upper(mem, word) : NULL;
}

bool listword_is_home(const char *label)
{
    static const char homes[] = "fshat*|selo|sela|village*|dorf|wies|naselj*|katund*|vendbanim*";
    MEM_SCOPE(mem);
    return phrase_match(unicode_fold(mem, label), homes) >= ENOUGH;
}

const char *listword_kind(const char *word)
{
    static const char persons[] = "person*|person fizik|fizick* lic*|individual|osob*|natural person|"
                                  "natürliche person|individ";
    static const char organisations[] = "organis*|organiz*|person juridik|pravn* lic*|legal person|"
                                        "legal entity|juristische person|firma|institucion*";
    MEM_SCOPE(mem);
    const char *fold = unicode_fold(mem, word);
    if (phrase_match(fold, organisations) >= 97)
        return "organisation";
    return phrase_match(fold, persons) >= 97 ? "person" : NULL;
}

/* ---- persons */

static bool has_word(const char *words, const char *fold)
{
    return phrase_match(fold, words) == 100;
}

/* "Z." is a gentleman, Ž (of ženski) none. */
const char *listword_gender(const char *word)
{
    MEM_SCOPE(mem);
    const char *fold = unicode_fold(mem, word), *gender = personname_gender_text(personname_honorific(word));
    for (size_t i = 0; i < ARRAY_LEN(genders) && !gender; i++)
        if (has_word(genders[i].phrases, fold))
            gender = genders[i].meaning;
    return gender;
}

/* ---- legal forms */

static const char *find_form(void *mem, const char *s, size_t len)
{
    const char *fold = unicode_fold(mem, talloc_strndup(mem, s, len));
    struct text letters = text_new(mem);
    for (; *fold; fold++)
        if (*fold != ' ')
            text_putc(&letters, *fold);
    const char *form;
    bool legal = word_find(letters.s, letters.len, &form) == WORD_LEGAL;
    return legal && *form != '-' ? form : NULL;
}

const char *listword_form(const char *word)
{
    MEM_SCOPE(mem);
    return find_form(mem, word, strlen(word));
}

/* A word of two letters is a form only with dots or in capitals: "Sa" and "ab" are words. */
static bool may_be_form(const char *s, size_t len)
{
    size_t letters = 0;
    bool capitals = true;
    for (size_t i = 0; i < len; i++) {
        letters += isalpha((unsigned char)s[i]) != 0;
        capitals = capitals && !islower((unsigned char)s[i]);
    }
    return letters > 2 || capitals || memchr(s, '.', len);
}

const char *listword_form_in(const char *name)
{
    MEM_SCOPE(mem);
    size_t len = strlen(name), first = strcspn(name, " ");
    if (first == len)
        return NULL;
    const char *at = name + len;
    for (int words = 0; words < 3 && at > name; words++) { /* "Sp. z o.o." has three */
        while (at > name && at[-1] == ' ')
            at--;
        while (at > name && at[-1] != ' ')
            at--;
        const char *form = at > name && may_be_form(at, strlen(at)) ? find_form(mem, at, strlen(at)) : NULL;
        if (form)
            return form;
    }
    return may_be_form(name, first) ? find_form(mem, name, first) : NULL;
}

bool listword_is_total(const char *word)
{
    MEM_SCOPE(mem);
    char *fold = unicode_fold(mem, word);
    fold[strcspn(fold, " ")] = 0;
    return has_word(totals, fold);
}
