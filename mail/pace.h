/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Pace: one number, messages a minute, for all threads of a process together.
 */
#ifndef MAIL_PACE_H
#define MAIL_PACE_H

#include <pthread.h>
#include <stdbool.h>
#include <time.h>

struct pace {
    int per_minute; /* 0: as fast as it goes */
    pthread_mutex_t lock;
    struct timespec next; /* free slot */
};
/* Waits for a slot of its own; ends early, without it, when stopping(arg) says so. */
void pace_wait(struct pace *p, bool (*stopping)(void *arg), void *arg);

#endif
