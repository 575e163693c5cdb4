/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Names of persons taken apart, as they come from lists, letters and questions: "z. Arben Hoti" is a man
 * called Arben Hoti; "Prof. dr Milan Petrović ml." has titles and a suffix; "Kelmendi, Arbnora" is turned; so
 * is "HOTI Arben".  crm/title.def has the words that are no names.
 */
#ifndef CRM_PERSONNAME_H
#define CRM_PERSONNAME_H

#include "crm/form.h"

enum title {
    TITLE_NONE,
    TITLE_PROF,
    TITLE_DR,
    TITLE_HAB,
    TITLE_MAG,
    TITLE_DI,
    TITLE_DON,
    TITLE_FATHER,
    TITLE_PROTOJEREJ,
    TITLE_JEREJ,
    TITLE_GENERAL,
    TITLE_COLONEL,
    TITLE_MAJOR,
    TITLE_CAPTAIN,
    TITLE_LIEUTENANT,
    TITLE_OTHER, /* as typed, and on envelopes alone */
    TITLE_JUNIOR,
    TITLE_SENIOR, /* of suffixes */
};

/* Members are talloc children of mem, "" where there is nothing. */
struct personname {
    const char *name;           /* without honorifics and titles; the suffix is at its end */
    const char *title;          /* as typed, "Prof. Dr." */
    const char *given, *family; /* given: not when it is but an initial */
    const char *suffix;         /* "ml.", "jr" */
    enum title generation;      /* which the suffix says: TITLE_JUNIOR, TITLE_SENIOR; TITLE_NONE */
    char gender;                /* by honorific, title or rank alone; 0 */
    enum form_class class;      /* that the title gives: doctor, captain, priest ... */
};
struct personname personname_of(void *mem, const char *typed);
/* The same of a list's, which shout: words of capitals get small letters, and a surname of them in front goes
 * behind. */
struct personname personname_of_list(void *mem, const char *typed);
/* What a field of its own says besides: honorifics and titles, as "Herr Dr." */
void personname_add_titles(void *mem, struct personname *name, const char *titles);

/* Nothing but honorifics and titles: "Frau Dr." */
bool personname_is_titles(const char *text);
/* "znj.", "Herr": the gender of a text that is an honorific and nothing more; 0: it is none, or of both. */
char personname_honorific(const char *text);
/* By a salutation, or what stands before a name: "Poštovana gospođo Simić"; 0: it says none, or both. */
char personname_greeting(const char *text);
/* "m", "f"; NULL for 0 */
const char *personname_gender_text(char gender);
/* By the given name, where it is certain; the family name and script tell the language. */
char personname_gender(const struct personname *name);

/* What the fold of one word says wherever it stands in a name; title_r: of a title. */
enum personname_word { PERSONNAME_OWN, PERSONNAME_PERHAPS, PERSONNAME_TITLE };
enum personname_word personname_word(const char *fold, enum title *title_r);

/* The titles at the begin of a title as typed ("Prof. Dr. sc."), one by one; false: there are no more. */
struct personname_title {
    enum title title;
    const char *typed;
    unsigned languages; /* that write it so (crm/form_low.h); 0: not known */
    bool special;       /* says more than the title's own word: "dr sci. med." */
};
bool personname_next_title(void *mem, const char **titles, struct personname_title *title_r);

#endif
