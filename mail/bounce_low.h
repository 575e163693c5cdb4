/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between bounce_legacy.c (is it a notice, and whose), bounce_sign.c (by whom and about what) and
 * bounce_recipients.c (of whom it speaks).
 */
#ifndef MAIL_BOUNCE_LOW_H
#define MAIL_BOUNCE_LOW_H

#include <jansson.h>

#include "base/mem.h"

enum { NOTICE_LONG = 400 };

struct bounce_text {
    const char *text;          /* what the mail system says, without the copy of the message */
    bool delayed;              /* it is still tried */
    const char *mailer;        /* the notice's own address, or "" */
    const json_t *to, *copied; /* [[name, address]]: who gets the notice, and to whom the message went */
};
/* [{"address", "final", "action", "status", "diagnostic", "loose"}]: loose where a long notice as a whole is
 * the diagnostic; *listed_r: the notice names them as those who failed, rather than somewhere in a sentence.
 */
json_t *bounce_recipients(const struct bounce_text *notice, bool *listed_r);
/* The begin of the next line, or the end of the text. */
const char *bounce_behind_line(const char *p);

/* ---- bounce_sign.c; what is found goes to the evidence */

enum bounce_sender {
    SOMEBODY,
    NOREPLY,   /* an address that takes no answers */
    AUTOMATIC, /* no person: a ticket, an answer by itself, a notice */
    PERHAPS, /* the name of a mail system, or of its keeper, but an address to which errors go, or none known
              */
    NULL_PATH, /* any machine */
    DAEMON,    /* a mail system */
};
enum bounce_sender bounce_sender(const json_t *facts, json_t *evidence);
/* Its subject is that of a notice. */
bool bounce_subject_says(const json_t *facts, json_t *evidence);
/* Somebody answers, or passes it on. */
bool bounce_is_letter(const json_t *facts);

/* The first field of the name; NULL. */
const char *bounce_header(const json_t *facts, const char *name);

#endif
