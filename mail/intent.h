/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a person seems to answer to an invitation, in Albanian, Serbian (both scripts), Bosnian, Croatian,
 * Slovene, Macedonian, Polish, German, French, Italian or English.  A proposal to whoever reads the answer;
 * when it counts by itself is for mail/answer_rule.h to say.
 */
#ifndef MAIL_INTENT_H
#define MAIL_INTENT_H

#include "base/mem.h"

struct intent {
    const char *proposal; /* "accept", "decline", "tentative", "delegate", "question" or "none" */
    const char *words;    /* as they were written; "" for none */
    size_t start, length; /* where they stand, in characters */
    const char *rule;     /* "accept: PATTERN", by which it was read; "" for none */
    bool plain;           /* the text says nothing else: no second thought, no question, no condition */
    int persons;          /* how many come, the writer among them; 0: it is not said */
    const char *persons_words;
};
/* Of reply_text (facts.h): quotations would speak for us. */
struct intent intent_propose(void *mem, const char *reply_text);
/* The store's name of the answer that is proposed: accepted, declined, tentative, delegated, question; NULL:
 * none. */
const char *intent_answer(const char *proposal);

#endif
