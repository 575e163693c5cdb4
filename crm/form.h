/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The form of address as grammar: of what is known of a recipient (name, title, gender, post, how formal, in
 * which language and script) the line of the envelope, the salutation and the closing.  Each language is a
 * table (form_sq.def, form_sr.def, form_en.def, form_de.def, form_pl.def), read from above: the first row
 * that fits and whose words are known is taken, so that there is always one, and nothing is invented: who is
 * of unknown gender is addressed by name, without Mr or Ms.
 *
 * Serbian is written in Cyrillic here and made Latin from it, exactly (base/unicode.h).
 */
#ifndef CRM_FORM_H
#define CRM_FORM_H

#include <stdint.h>

#include "base/mem.h"

enum form_class {
#define CLASS(name, slug, parent, rank, excellency) FORM_##name,
#include "crm/form_class.def"
#undef CLASS
    FORM_CLASS_COUNT
};
enum form_formality { FORM_FORMAL, FORM_NEUTRAL, FORM_FAMILIAR };

/* "minister", "city-mayor" ...; "" for none. */
const char *form_class_name(enum form_class class);
/* false if there is none of the name. */
bool form_class_find(const char *name, enum form_class *class_r);
/* The protocol's order of classes, the lowest first; 0: of no rank. */
int form_class_rank(enum form_class class);
bool form_formality_find(const char *name, enum form_formality *formality_r); /* formal, neutral, familiar */

/* ---- what a post's name says: genders are 'm', 'f' or 0 where nothing tells it */

/* The class of a post by its name in any of the languages and scripts.  category: of the organisation or its
 * people (category.slug), or NULL: a "Kryetar" heads a municipality in one and a club in the other. gender_r
 * may be NULL. */
enum form_class form_class_of(const char *post, const char *category, char *gender_r);

/* ---- the form */
struct form_person {
    const char *name;  /* in the letter's language and script, titles may stand before it; NULL: no person */
    const char *title; /* besides the name's own; or NULL */
    char gender;       /* 0: as the words and the name tell */
    const char *post;  /* its name, or NULL */
    const char *category;  /* see form_class_of */
    enum form_class class; /* NONE: the one that the post's name tells */
    bool foreign;          /* holds the post in another state than the office's */
    enum form_formality formality;
    const char *language; /* an unknown one is treated as English; "sr" is sr-Latn */
};
struct form {
    const char *salutation; /* without a comma at its end */
    const char *closing;
    const char *name; /* for the envelope: honorific, titles, name; "" without a person */
    const char *post; /* in the language; "" without one */
    char gender;      /* that was found */
    enum form_class class;
};
/* Everything is a talloc child of mem. */
void form_make(void *mem, const struct form_person *person, struct form *form_r);

/* ---- a salutation that a person wrote, for a text in `language`: the salutation itself, in the text's
 * script; NULL if it is of another language.  of_language NULL: the language is the one that its words tell,
 * and where they tell none, `usual`, the contact's first.  A Latin one serves a Cyrillic text if each of its
 * words is known in Cyrillic, from the grammar or the name. */
const char *form_override(void *mem, const char *salutation, const char *of_language, const char *usual,
                          const char *language, const char *cyrillic_name);
/* "sq", "sr" ..., NULL if its words tell none; "" for what stands on an envelope and is no salutation ("H.E.
 * ..."). */
const char *form_language_of(const char *salutation);

#endif
