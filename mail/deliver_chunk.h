/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Letters as they go to a connection: half an in-doubt window each, made by the connection itself or, while
 * its server answers, by a maker ahead of it.  What is paced is made when its turn comes.
 */
#ifndef MAIL_DELIVER_CHUNK_H
#define MAIL_DELIVER_CHUNK_H

#include "mail/compose.h"
#include "mail/deliver_low.h"

enum { CHUNK_MAX = 64 };
enum fate { TO_BE_SENT, HAS_OUTCOME, GOES_BACK, SET_ASIDE };

struct letter {
    struct outbox_row row; /* a copy: it may be set aside */
    const struct outbox_row *taken;
    struct outbox_letter out;
    struct outbox_content content;
    struct smtp_envelope envelope;
    enum fate fate;
    struct smtp_result result; /* what the outcome's strings are of */
    struct outbox_outcome outcome;
};

struct chunk {
    void *mem;
    int window;
    size_t n;
    struct letter letter[CHUNK_MAX];
};

/* NULL: later, or *ended_r. */
struct chunk *chunk_take(struct deliver *d, struct composer_desk *desk, int wait_ms, bool *ended_r);
void chunk_release(struct deliver *d, struct chunk *c);

void makers_begin(void *mem, struct deliver *d);
/* No connection takes any more: what nobody took goes back. */
int makers_end(struct deliver *d, struct err *err) MUST_CHECK;

#endif
