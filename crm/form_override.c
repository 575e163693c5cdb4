/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Salutations that a person wrote: which language they are of, and whether a text in another script may have
 * them.
 */
#include "base/unicode.h"
#include "crm/form_low.h"

/* How salutations begin, as folds. */
static const struct {
    const char *begin, *language;
} begins[] = {
    {"i nderuar", "sq"},
    {"e nderuar", "sq"},
    {"te nderuar", "sq"},
    {"i e nderuar", "sq"},
    {"i dashur", "sq"},
    {"e dashur", "sq"},
    {"shkelqesi", "sq"},
    {"zoti ", "sq"},
    {"zonja ", "sq"},
    {"pershendetje", "sq"},
    {"postovan", "sr"},
    {"uvazen", "sr"},
    {"vasa ekselen", "sr"},
    {"vase ", "sr"},
    {"precasni", "sr"},
    {"casni oce", "sr"},
    {"dragi", "sr"},
    {"draga", "sr"},
    {"zdravo", "sr"},
    {"gospodine", "sr"},
    {"gospodjo", "sr"},
    {"cenjen", "sr"},
    {"zoteri", "sq"},
    {"dear", "en"},
    {"your exc", "en"},
    {"excellency", "en"},
    {"your grace", "en"},
    {"madam", "en"},
    {"sir", "en"},
    {"mr ", "en"},
    {"ms ", "en"},
    {"mrs ", "en"},
    {"hello", "en"},
    {"sehr geehrt", "de"},
    {"exzellenz", "de"},
    {"lieber", "de"},
    {"liebe ", "de"},
    {"guten tag", "de"},
    {"eure ", "de"},
    {"szanown", "pl"},
    {"drogi", "pl"},
    {"droga", "pl"},
    {"ekscelencj", "pl"},
    {"wasza ", "pl"},
    {"czcigodn", "pl"},
    {"wielebn", "pl"},
    {"son excellence", "fr"},
    {"madame", "fr"},
    {"monsieur", "fr"},
    {"h e ", ""},
    {"s e ", ""},
    {"i e ", ""},
};

const char *form_language_of(const char *salutation)
{
    MEM_SCOPE(mem);
    const char *fold = talloc_asprintf(mem, "%s ", unicode_fold(mem, salutation));
    const char *language = NULL;
    size_t best = 0;
    for (size_t i = 0; i < ARRAY_LEN(begins); i++) {
        size_t len = strlen(begins[i].begin);
        if (len > best && !strncmp(fold, begins[i].begin, len)) {
            best = len;
            language = begins[i].language;
        }
    }
    return language;
}

static bool is_same_language(const char *a, const char *b)
{
    size_t len = strcspn(a, "-");
    return strcspn(b, "-") == len && !strncmp(a, b, len);
}

/* The words of a text, blanks between, with a blank at both ends. */
static void add_words(struct text *t, const char *words)
{
    text_printf(t, " %s ", words);
}

/* What the grammar and the name have in Cyrillic. */
static const char *known_words(void *mem, const char *cyrillic_name)
{
    const struct form_language *sr = form_language_find("sr");
    struct text t = text_new(mem);
    for (size_t i = 0; i < sr->n; i++)
        for (size_t k = 0; k < ARRAY_LEN(sr->rows[i].text); k++)
            if (sr->rows[i].text[k] && sr->rows[i].kind != FORM_ROW_VOCATIVE)
                add_words(&t, sr->rows[i].text[k]);
    if (!cyrillic_name || unicode_script(cyrillic_name) != UNICODE_CYRILLIC)
        return t.s;
    struct personname name = personname_of(mem, cyrillic_name);
    add_words(&t, name.name);
    for (const char *gender = "mf"; *gender; gender++) {
        add_words(&t, form_vocative_of(mem, sr, name.given, *gender, FORM_GIVEN));
        add_words(&t, form_vocative_of(mem, sr, name.family, *gender, FORM_FAMILY));
    }
    return t.s;
}

/* The Cyrillic of which each word is known; NULL if one is not. */
static const char *in_cyrillic(void *mem, const char *latin, const char *cyrillic_name)
{
    const char *known = unicode_lower(mem, known_words(mem, cyrillic_name));
    char *cyrillic = unicode_to_cyrillic(mem, latin);
    for (const char *at = unicode_lower(mem, cyrillic); *at;) {
        size_t len = strcspn(at, " ");
        if (len && !strstr(known, talloc_asprintf(mem, " %.*s ", (int)len, at)))
            return NULL;
        at += len + (at[len] == ' ');
    }
    return cyrillic;
}

const char *form_override(void *mem, const char *salutation, const char *of_language, const char *usual,
                          const char *language, const char *cyrillic_name)
{
    if (!salutation || !*salutation)
        return NULL;
    const char *of = of_language ? of_language : form_language_of(salutation);
    of = of ? of : usual;
    if (!of || !is_same_language(of, language))
        return NULL;
    if (!is_same_language(language, "sr"))
        return salutation;
    bool cyrillic = unicode_script(salutation) == UNICODE_CYRILLIC;
    if (!strcmp(language, "sr-Cyrl"))
        return cyrillic ? salutation : in_cyrillic(mem, salutation, cyrillic_name);
    return cyrillic ? unicode_to_latin(mem, salutation) : salutation;
}
