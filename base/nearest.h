/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a misspelt word was perhaps meant to be, for errors: "did you mean ...?"
 */
#ifndef BASE_NEAREST_H
#define BASE_NEAREST_H

#include <stddef.h>

/* The one of the list (n of them) that is nearest to the word, whatever the script; the word itself if it is
 * one of them; NULL if nothing is near. */
const char *nearest_word(const char *word, const char *const *list, size_t n);

#endif
