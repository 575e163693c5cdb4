/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The tables: classes, languages; and the vocative that a language's rows say.
 */
#include "base/unicode.h"
#include "crm/form_low.h"

enum { NEVER = 0, ALWAYS = 'A', ABROAD = 'F' };

static const struct {
    const char *name;
    enum form_class parent;
    int rank;
    char excellency;
} classes[] = {
#define CLASS(name, slug, parent, rank, excellency) {slug, FORM_##parent, rank, excellency},
#include "crm/form_class.def"
#undef CLASS
};

const char *form_class_name(enum form_class class)
{
    return classes[class].name;
}

bool form_class_find(const char *name, enum form_class *class_r)
{
    for (size_t i = FORM_NONE + 1; i < ARRAY_LEN(classes); i++)
        if (!strcmp(classes[i].name, name)) {
            *class_r = (enum form_class)i;
            return true;
        }
    return false;
}

int form_class_rank(enum form_class class)
{
    return classes[class].rank;
}

enum form_class form_class_parent(enum form_class class)
{
    return classes[class].parent;
}

char form_class_excellency(enum form_class class)
{
    return classes[class].excellency;
}

bool form_formality_find(const char *name, enum form_formality *formality_r)
{
    static const char *const names[] = {"formal", "neutral", "familiar"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        if (!strcmp(names[i], name)) {
            *formality_r = (enum form_formality)i;
            return true;
        }
    return false;
}

/* ---- the languages */

enum { GENDER_ANY = 0, GENDER_MALE = 'm', GENDER_FEMALE = 'f' };
enum { FORMALITY_ANY = -1, FORMALITY_FORMAL = FORM_FORMAL, FORMALITY_FAMILIAR = FORM_FAMILIAR };
enum { WHERE_WHOLE, WHERE_ENDING, WHERE_CONSONANT };

#define POST(class, man, woman, to_man, to_woman)                                                            \
    {FORM_ROW_POST, FORM_##class, 0, 0, {man, woman, to_man, to_woman}},
#define TITLE(title, salutation, envelope) {FORM_ROW_TITLE, TITLE_##title, 0, 0, {salutation, envelope}},
#define FORM(who, gender, formality, salutation, closing)                                                    \
    {FORM_ROW_FORM, FORM_##who, GENDER_##gender, FORMALITY_##formality, {salutation, closing}},
#define ENVELOPE(who, gender, line) {FORM_ROW_ENVELOPE, FORM_##who, GENDER_##gender, -1, {line}},
#define VOCATIVE(part, gender, where, ending, vocative)                                                      \
    {FORM_ROW_VOCATIVE, FORM_##part, GENDER_##gender, WHERE_##where, {ending, vocative}},

static const struct form_row sq[] = {
#include "crm/form_sq.def"
};
static const struct form_row sr[] = {
#include "crm/form_sr.def"
};
static const struct form_row en[] = {
#include "crm/form_en.def"
};
static const struct form_row de[] = {
#include "crm/form_de.def"
};
static const struct form_row pl[] = {
#include "crm/form_pl.def"
};

static const struct form_language languages[] = {
    {"en", FORM_EN, en, ARRAY_LEN(en)}, {"sq", FORM_SQ, sq, ARRAY_LEN(sq)},
    {"sr", FORM_SR, sr, ARRAY_LEN(sr)}, {"de", FORM_DE, de, ARRAY_LEN(de)},
    {"pl", FORM_PL, pl, ARRAY_LEN(pl)},
};

const struct form_language *form_language_find(const char *tag)
{
    size_t len = strcspn(tag, "-");
    for (size_t i = 0; i < ARRAY_LEN(languages); i++)
        if (strlen(languages[i].tag) == len && !strncmp(languages[i].tag, tag, len))
            return &languages[i];
    return &languages[0];
}

static const struct form_row *find(const struct form_language *language, enum form_row_kind kind, int who)
{
    for (size_t i = 0; i < language->n; i++)
        if (language->rows[i].kind == kind && language->rows[i].who == who)
            return &language->rows[i];
    return NULL;
}

const struct form_row *form_post_of(const struct form_language *language, enum form_class class)
{
    const struct form_row *row = NULL;
    for (; class != FORM_NONE && !row; class = classes[class].parent)
        row = find(language, FORM_ROW_POST, (int)class);
    return row;
}

const struct form_row *form_title_of(const struct form_language *language, enum title title)
{
    return find(language, FORM_ROW_TITLE, (int)title);
}

/* ---- the vocative */

bool form_ends_in(const char *s, const char *end)
{
    size_t len = strlen(s), n = strlen(end);
    return len >= n && !strcmp(s + len - n, end);
}

static bool ends_in_consonant(void *mem, const char *small)
{
    const char *fold = unicode_fold(mem, small);
    size_t len = strlen(fold);
    return len && !strchr("aeiouy", fold[len - 1]);
}

/* The row's text in the script of the name: Serbian tables are in Cyrillic. */
static const char *in_script(void *mem, const char *text, const char *name)
{
    return unicode_script(name) == UNICODE_CYRILLIC ? text : unicode_to_latin(mem, text);
}

static bool row_fits(void *mem, const struct form_row *row, const char *small, const char *ending)
{
    switch (row->how) {
    case WHERE_WHOLE:
        return !strcmp(small, ending);
    case WHERE_ENDING:
        return form_ends_in(small, ending);
    default:
        return ends_in_consonant(mem, small);
    }
}

/* "петар" with the capitals that Петар has */
static char *with_capital(void *mem, const char *small, const char *name)
{
    const char *rest = small, *first = name;
    if (!unicode_is_upper(unicode_next(&first)))
        return talloc_strdup(mem, small);
    unicode_next(&rest);
    char *begin = talloc_strndup(mem, small, (size_t)(rest - small));
    return talloc_asprintf(mem, "%s%s", unicode_upper(mem, begin), rest);
}

const char *form_vocative_of(void *mem, const struct form_language *language, const char *name, char gender,
                             enum form_name_part part)
{
    char *small = unicode_lower(mem, name);
    bool loud = *name && !strcmp(name, unicode_upper(mem, name));
    if (strlen(small) != strlen(name))
        return name; /* no name of these languages */
    for (size_t i = 0; i < language->n; i++) {
        const struct form_row *row = &language->rows[i];
        if (row->kind != FORM_ROW_VOCATIVE || row->who != (int)part || row->gender != gender)
            continue;
        const char *ending = in_script(mem, row->text[0], name);
        if (!row_fits(mem, row, small, ending))
            continue;
        const char *vocative = in_script(mem, row->text[1], name);
        if (row->how == WHERE_WHOLE)
            return with_capital(mem, vocative, name);
        size_t keep = strlen(name) - strlen(ending);
        return talloc_asprintf(mem, "%.*s%s", (int)keep, name,
                               loud ? unicode_upper(mem, vocative) : vocative);
    }
    return name;
}
