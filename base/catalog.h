/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Translations of user-visible text: po/LANG.po, built into the program and parsed once (gettext's own reader
 * keeps its language process-wide; ours is a value, so that one process can speak to several people).
 *
 * Languages are BCP 47 tags: sq, sr-Cyrl, sr-Latn (made from sr-Cyrl by transliteration), en (the msgids
 * themselves). "sr" means sr-Latn.  A text without translation is itself.
 */
#ifndef BASE_CATALOG_H
#define BASE_CATALOG_H

#include "base/mem.h"

struct catalog;

/* Never fails: an unknown language gives English. A talloc child of mem. */
const struct catalog *catalog_new(void *mem, const char *language);
/* The same out of the text of a .po file. */
const struct catalog *catalog_parse(void *mem, const char *language, const char *po, size_t len);
const char *catalog_language(const struct catalog *catalog);
/* Valid as long as the catalogue. */
const char *catalog_text(const struct catalog *catalog, const char *msgid) __attribute__((format_arg(2)));
const char *catalog_plural(const struct catalog *catalog, const char *one, const char *many, long n)
    __attribute__((format_arg(2), format_arg(3)));
/* Marks a text in a table for the translators; catalog_text() is called where it is shown. */
#define N_(s) s

#endif
