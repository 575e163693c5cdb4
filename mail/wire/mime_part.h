/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * A file as a part of messages.  It is encoded once, header and base64 lines, and put into as many messages
 * as there are as it stands.
 */
#ifndef MAIL_WIRE_MIME_PART_H
#define MAIL_WIRE_MIME_PART_H

#include "base/mem.h"

struct mime_file {
    const char *name;       /* UTF-8, of at most 200 octets, without folders */
    const char *type;       /* "application/pdf" */
    const char *content_id; /* without angle brackets: a picture in the HTML; NULL: an attachment */
    const char *bytes;
    size_t len;
};

/* Read-only from then on, and of all threads. */
struct mime_part {
    bool is_inline;
    const char *bytes; /* from Content-Type to the end of the body */
    size_t len;
};

/* ERR_INPUT for a name, type or id that cannot stand in a header.  The part is a talloc child of mem. */
int mime_part_make(void *mem, const struct mime_file *file, const struct mime_part **part_r,
                   struct err *err) MUST_CHECK;

#endif
