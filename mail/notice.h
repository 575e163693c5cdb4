/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a mail, of a machine or of a colleague, says of the address that we wrote to: nobody is there any
 * more, it is another now, or a click is wanted first.  Never more than a task for a person, who is shown the
 * words, the address and the name that it proposes.
 */
#ifndef MAIL_NOTICE_H
#define MAIL_NOTICE_H

#include <jansson.h>

#include "base/mem.h"
#include "mail/phrase.h"

enum notice_kind { NOTICE_LEFT, NOTICE_MOVED, NOTICE_CHALLENGE };

struct notice {
    enum notice_kind kind;
    const char *words;          /* as they were written */
    const char *address, *name; /* proposed; NULL: none */
};
/* "left", "moved", "challenge" */
const char *notice_word(enum notice_kind kind);
/* By the new text of the mail, in `text` too; what comes through a list speaks of nobody that we wrote to. */
bool notice_find(void *mem, const json_t *facts, const struct phrase_text *text, struct notice *notice_r);

#endif
