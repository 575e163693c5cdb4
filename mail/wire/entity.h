/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A mail as a tree of its parts (RFC 2045, 2046), as ranges of its bytes; what senders do wrong is read as
 * they meant it, and no text is lost: what cannot be taken apart is a part as it stands.
 *
 * GMime takes 30 times the memory of a large header, recurses, loses the content of a multipart without its
 * boundary and of an encoded message, and reads the names of files wrong in ways that cannot be mended from
 * outside; tests compare the two on mails as they should be.
 */
#ifndef MAIL_WIRE_ENTITY_H
#define MAIL_WIRE_ENTITY_H

#include "mail/wire/field.h"
#include "mail/wire/params.h"

enum { ENTITY_PARTS_MAX = 1000, ENTITY_DEPTH_MAX = 100 };

enum entity_kind { ENTITY_LEAF, ENTITY_MULTIPART, ENTITY_MESSAGE };

struct entity {
    enum entity_kind kind;
    struct fields fields; /* of the root, and of the child of an ENTITY_MESSAGE: those of a message */
    const char *type;     /* small letters, what is meant where none is declared */
    struct params content_type, disposition;
    const char *charset; /* declared; NULL */
    const char *body;    /* on the wire; of an ENTITY_MESSAGE decoded */
    size_t len;
    struct entity **child;
    size_t nchildren;
};

/* The root; omitted_r: parts beyond the caps are left as they stand. Ranges are of mail, all else of mem. */
struct entity *entity_read(void *mem, const char *mail, size_t len, bool *omitted_r);
/* The first field's value, decoded, in one line; NULL. */
char *entity_field(void *mem, const struct entity *e, const char *name);
/* The decoded bytes of what is no multipart; of the mail itself or of mem. */
const char *entity_content(void *mem, const struct entity *e, size_t *len_r);
/* As it is declared; NULL. */
char *entity_encoding(void *mem, const struct entity *e);
/* The name that the sender gave the file; NULL. */
char *entity_filename(void *mem, const struct entity *e);
bool entity_is_attachment(const struct entity *e);

#endif
