/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Between bounce_legacy.c (is it a notice, and whose) and bounce_recipients.c (of whom it speaks).
 */
#ifndef MAIL_BOUNCE_LOW_H
#define MAIL_BOUNCE_LOW_H

#include <jansson.h>

#include "base/mem.h"

struct notice {
    const char *text;          /* what the mail system says, without the copy of the message */
    bool delayed;              /* it is still tried */
    const char *mailer;        /* the notice's own address, or "" */
    const json_t *to, *copied; /* [[name, address]]: who gets the notice, and to whom the message went */
};
/* [{"address", "final", "action", "status", "diagnostic"}]; *listed_r: the notice names them as those who
 * failed, rather than somewhere in a sentence. */
json_t *bounce_recipients(const struct notice *notice, bool *listed_r);
/* The begin of the next line, or the end of the text. */
const char *bounce_behind_line(const char *p);

#endif
