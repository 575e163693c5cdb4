/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Files that a part holds although MIME knows nothing of them: uuencode in a text, and what Outlook wraps
 * into TNEF (winmail.dat, MS-OXTNEF).
 */
#ifndef MAIL_WIRE_HELD_H
#define MAIL_WIRE_HELD_H

#include "base/mem.h"

enum { HELD_MAX = 200 };

struct held {
    const char *name;    /* clean text; NULL: it is the text of the message */
    const char *type;    /* "text/plain", ... */
    const char *charset; /* of a text; NULL */
    const char *bytes;   /* of the part, or of the context */
    size_t len;
};
struct held_list {
    struct held *v; /* of HELD_MAX */
    size_t n;
};

/* What a part of the type holds; name: of its file, or NULL. */
void held_read(void *mem, const char *type, const char *name, const char *bytes, size_t len,
               struct held_list *held_r);
/* The text without the files that stand in it. */
char *held_text(void *mem, const char *text);

#endif
