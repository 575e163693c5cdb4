/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The tables of the languages, and what the files of the grammar share.
 *
 *     POST(CLASS, man, woman, to a man, to a woman)
 *         How the post is called, and how its holder is addressed by it; NULL: by name.
 *     TITLE(TITLE, in a salutation, on an envelope)
 *         A title that the language does not have stays as typed, on the envelope alone; NULL: no salutation
 * has it. FORM(who, gender, formality, salutation, closing) ENVELOPE(who, gender, line) VOCATIVE(part of the
 * name, gender, where, ending, vocative)      in small letters
 *
 * Of the last three the first row that fits is taken.  Who is a class, or EXCELLENCY, CLERGY, PERSON
 * (somebody with a name), ANY.
 *
 * Words of a form: {name} whole, {given}, {family}, {given!} and {family!} in the vocative, {post} the
 * address of it, {title} the first one, {titles} all of them with a blank behind, or nothing; {titles!} if
 * there are any.
 */
#ifndef CRM_FORM_LOW_H
#define CRM_FORM_LOW_H

#include "crm/personname.h"

/* Beside the classes, in the column who. */
enum { FORM_ANY = FORM_CLASS_COUNT, FORM_PERSON, FORM_CLERGY, FORM_EXCELLENCY };

enum form_row_kind { FORM_ROW_POST = 1, FORM_ROW_TITLE, FORM_ROW_FORM, FORM_ROW_ENVELOPE, FORM_ROW_VOCATIVE };
struct form_row {
    enum form_row_kind kind;
    int who;             /* a title in its rows; a part of the name in those of the vocative */
    char gender;         /* 0: any */
    int how;             /* formality, -1: any; where, in rows of the vocative */
    const char *text[4]; /* the other columns */
};
struct form_language {
    const char *tag; /* "sq" */
    unsigned bit;    /* of form_post_languages */
    const struct form_row *rows;
    size_t n;
};
/* English for one that is not known. */
const struct form_language *form_language_find(const char *tag);

enum { FORM_SQ = 1, FORM_SR = 2, FORM_EN = 4, FORM_DE = 8, FORM_PL = 16 };
/* In which of the languages the name of a post is, as far as its words tell. */
unsigned form_post_languages(const char *post);
/* The name is the class's word and nothing more, so that another language's word can stand for it. */
bool form_post_is_bare(const char *post);

/* One word's fold that is a post by itself: drejtor. */
bool form_post_is_word(const char *fold);

/* The row of the class or, where the language has no words for it, of its parent; NULL if it has none either.
 */
const struct form_row *form_post_of(const struct form_language *language, enum form_class class);
const struct form_row *form_title_of(const struct form_language *language, enum title title);

enum form_name_part { FORM_GIVEN, FORM_FAMILY };
/* How the name is called; the name itself where no row fits. */
const char *form_vocative_of(void *mem, const struct form_language *language, const char *name, char gender,
                             enum form_name_part part);

bool form_ends_in(const char *s, const char *end);

enum form_class form_class_parent(enum form_class class);
/* 'A' always, 'F' in another state, 0 never */
char form_class_excellency(enum form_class class);

#endif
