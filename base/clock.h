/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Milliseconds: of how long something takes, and until when a thread waits at most.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Of a clock that nobody sets. */
static inline int64_t clock_now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * INT64_C(1000) + t.tv_nsec / 1000000;
}

/* For pthread_cond_timedwait() and sem_timedwait(). */
static inline struct timespec clock_in_ms(int ms)
{
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    int64_t ns = t.tv_nsec + ms * INT64_C(1000000);
    return (struct timespec){t.tv_sec + ns / 1000000000, ns % 1000000000};
}

#endif
