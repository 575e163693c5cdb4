/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What the words in a list's cells mean, in the languages of the lists (crm/listword.def; legal forms are in
 * crm/word.def), without any mapping file.  Words come as they are typed.
 */
#ifndef CRM_LISTWORD_H
#define CRM_LISTWORD_H

#include "base/mem.h"

/* The short name of a category; NULL: it names none.  points_r: how much of the text says so (up to 100). */
const char *listword_category(const char *word, int *points_r);
/* Of a cell: "NGO / donor" is "ngo,donor", where each of its words is one and nothing besides; else as above.
 */
const char *listword_categories(void *mem, const char *cell);
/* Whether it says no more than that it is a society (club, association, shoqatë); "ngo" is a guess then. */
bool listword_is_circle(const char *word);
/* "српски/немачки" → "sr-Cyrl,de": tags of BCP 47 with a comma between; NULL if any word is none.  Serbian
 * that is called by its own name has the script in which it is called so. */
const char *listword_language(void *mem, const char *words);
/* ISO 3166, for names and codes; NULL: none. */
const char *listword_country(void *mem, const char *word);
/* Whether a column of villages is called as where somebody lives. */
bool listword_is_home(const char *label);
/* "person", "organisation" for what natural and legal persons are called; NULL: neither. */
const char *listword_kind(const char *word);
/* "m", "f" for an honorific or a word for the gender; NULL: neither. */
const char *listword_gender(const char *word);
/* A legal form as it is written: "sh.p.k" → "SH.P.K."; NULL: none that is known. */
const char *listword_form(const char *word);
/* The legal form that a name ends or begins with: "Medimorava d.o.o." → "D.O.O."; NULL: none. */
const char *listword_form_in(const char *name);
/* Whether a row that begins with this word holds sums. */
bool listword_is_total(const char *word);

#endif
