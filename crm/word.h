/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What the words of names say, across languages: ministria, ministarstvo, ministry are one key.  crm/word.def
 * is the list; all text is a fold (base/unicode.h).
 */
#ifndef CRM_WORD_H
#define CRM_WORD_H

#include "base/mem.h"

enum word_class {
    WORD_NONE,
    WORD_LEGAL,   /* the form of a firm; its key as it is written ("SH.P.K."), or "-" */
    WORD_STOP,    /* and, of, in */
    WORD_TYPE,    /* club, embassy */
    WORD_WORD,    /* local, government */
    WORD_ACRONYM, /* osce */
    WORD_SHORT,   /* goca; of persons */
};

/* Of a word (len bytes) in the name of an organisation; WORD_NONE: one of its own. */
enum word_class word_find(const char *word, size_t len, const char **key_r);
/* Two given names of which one is a short form of the other, or both of a third. */
bool word_same_given(const char *a, const char *b);
/* The n-th organisation that is known by the words of its name; false: there are no more.  keys: blanks
 * between. */
bool word_spelt(size_t n, const char **key_r, const char **keys_r);

#endif
