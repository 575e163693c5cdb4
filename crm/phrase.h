/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Words that lists use, looked up in tables of phrases: "e mail*|posta elektronike|=nr".  Phrases are folds
 * (base/unicode.h) with a bar between them; a word that ends in * stands for all that begin so; a phrase
 * after = counts only when it is the whole.
 */
#ifndef CRM_PHRASE_H
#define CRM_PHRASE_H

/* How well a fold says one of the phrases: 100 it is one, less the more it says besides, 0 it does not. */
int phrase_match(const char *fold, const char *phrases);

#endif
