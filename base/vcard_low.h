/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What the files of base/vcard share.
 */
#ifndef BASE_VCARD_LOW_H
#define BASE_VCARD_LOW_H

#include "base/vcard.h"

/* ---- lines */

enum { VCARD_MAX_HEADER_BYTES = 8 << 10, VCARD_MAX_RAW_BYTES = 6 * VCARD_MAX_VALUE_BYTES };

struct vcard_source {
    const char *bytes;
    size_t len, at, lf;   /* lf: of the next one, seen from at */
    long line;            /* of the last physical line taken */
    const char *encoding; /* of values that are no UTF-8 */
};

struct vcard_line {
    long line;                /* the physical one that it begins on */
    size_t size;              /* bytes of the file that it took */
    const char *group, *name; /* NULL without one */
    struct vcard_param {
        const char *name, *value;
    } param[VCARD_MAX_PARAMS];
    size_t params;
    char *value;      /* as it stands, soft breaks and folds taken out */
    const char *flaw; /* why it cannot be read; name may be known nevertheless */
};

/* The next line that is not empty, of a card of that version; false at the end.  The texts are in raw and
 * live until the next call. */
bool vcard_next_line(struct vcard_source *source, int version, struct text *raw, struct vcard_line *line_r);
/* The first value of a parameter, NULL if it has none. */
const char *vcard_param(const struct vcard_line *line, const char *name);
/* Pictures, sounds, keys. */
bool vcard_is_binary(const char *name);
/* The value out of its transfer encoding and charset: UTF-8 with LF for line ends; NULL with line->flaw. */
const char *vcard_decode(void *mem, const struct vcard_source *source, struct vcard_line *line);

/* ---- values */

/* The piece of *rest up to a separator that is not escaped, and what is behind it; NULL: there was none left.
 */
const char *vcard_next(void *mem, const char **rest, char separator);
/* At most max pieces (the last has the rest); how many. */
size_t vcard_split(void *mem, const char *value, char separator, const char **piece, size_t max);
/* Without escapes, and without blanks at its edges. */
const char *vcard_unescape(void *mem, int version, const char *piece);
/* The commas that divide a component (RFC 6350 3.3, component) in other words. */
const char *vcard_join(void *mem, int version, const char *component, const char *words);
/* "tel:" and "mailto:" without the scheme and its escapes. */
const char *vcard_plain_uri(void *mem, const char *value);

/* ---- items (vcard_item.c) */

/* What the parameters say; without parts yet. */
struct vcard_item vcard_about(void *mem, const struct vcard_source *source, const struct vcard_line *line);
size_t vcard_item_size(const struct vcard_item *item); /* bytes of text */
/* The preferred first, others in their order. */
void vcard_sort(struct vcard_items *items);

/* ---- the table */

enum vcard_shape { VCARD_TEXT, VCARD_LIST, VCARD_STRUCTURE, VCARD_URI };
struct vcard_kind {
    const char *name; /* of the line */
    enum vcard_shape shape;
    size_t parts;           /* of a structure: those it always has */
    const char *list_words; /* of a structure: what stands for the comma of a list; NULL: it has no lists */
};
extern const struct vcard_kind vcard_kinds[VCARD_PROPERTIES];

#endif
