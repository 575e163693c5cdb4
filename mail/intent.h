/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a person seems to answer to an invitation, in Albanian, Serbian (both scripts), English, German or
 * Polish. Never more than a proposal to whoever reads the answer: it changes no state.
 */
#ifndef MAIL_INTENT_H
#define MAIL_INTENT_H

#include "base/mem.h"

struct intent {
    const char *proposal; /* "accept", "decline", "tentative", "delegate", "question" or "none" */
    const char *words;    /* as they were written; "" for none */
};
/* Of reply_text (facts.h): quotations would speak for us. */
struct intent intent_propose(void *mem, const char *reply_text);

#endif
