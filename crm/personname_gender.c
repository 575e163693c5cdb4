/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The gender that given names tell.
 */
#include "base/unicode.h"
#include "crm/form_low.h"

enum { MALE = 'm', FEMALE = 'f', ANY = 0 };

static const struct {
    const char *near;
    char gender;
} given_names[] = {
#define GIVEN(near, gender) {near, gender},
#define GIVEN_ENDING(language, end, gender)
#define FAMILY_ENDING(end, gender)
#include "crm/given.def"
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
#include "crm/given.def"
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
#include "crm/given.def"
#undef GIVEN
#undef GIVEN_ENDING
#undef FAMILY_ENDING
};

const char *personname_gender_text(char gender)
{
    return gender == MALE ? "m" : gender == FEMALE ? "f" : NULL;
}

static bool is_serbian_family(const char *family)
{
    MEM_SCOPE(mem);
    const char *fold = unicode_fold(mem, family);
    return unicode_script(family) == UNICODE_CYRILLIC || form_ends_in(fold, "ic") || form_ends_in(fold, "iq");
}

static unsigned language_of_name(void *mem, const struct personname *name)
{
    const char *family = unicode_fold(mem, name->family);
    if (is_serbian_family(name->family))
        return FORM_SR;
    return form_ends_in(family, "i") || form_ends_in(family, "u") || form_ends_in(family, "a") ? FORM_SQ : 0;
}

char personname_gender(const struct personname *name)
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
        if (form_ends_in(family, family_endings[i].end))
            return family_endings[i].gender;
    unsigned language = language_of_name(mem, name);
    for (size_t i = 0; i < ARRAY_LEN(given_endings); i++)
        if (given_endings[i].language == language && form_ends_in(given, given_endings[i].end) &&
            strlen(given) > strlen(given_endings[i].end) + 1)
            return given_endings[i].gender;
    return 0;
}
