/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Files that are built into the program: migrations, layouts, translations.  Bytes end with a NUL that `len`
 * does not count; a table ends with a NULL name.  Names are paths from the root, "po/sq.po".
 */
#ifndef BASE_EMBEDDED_H
#define BASE_EMBEDDED_H

#include <stddef.h>

struct embedded {
    const char *name;
    const char *bytes;
    size_t len;
};

extern const struct embedded migrations[];
extern const struct embedded embedded[];

#endif
