/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/pace.h"

enum { LOOK_NS = 200000000 }; /* how often a wait looks whether it is to end */

static bool before(const struct timespec *a, const struct timespec *b)
{
    return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

static struct timespec later(struct timespec t, long long ns)
{
    ns += t.tv_nsec;
    return (struct timespec){t.tv_sec + (time_t)(ns / 1000000000), (long)(ns % 1000000000)};
}

static struct timespec now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t;
}

void pace_wait(struct pace *p, bool (*stopping)(void *arg), void *arg)
{
    if (p->per_minute <= 0)
        return;
    struct timespec t = now(), slot;
    pthread_mutex_lock(&p->lock);
    slot = before(&p->next, &t) ? t : p->next;
    p->next = later(slot, 60000000000LL / p->per_minute);
    pthread_mutex_unlock(&p->lock);
    while (!stopping(arg) && before(&t, &slot)) {
        struct timespec look = later(t, LOOK_NS);
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, before(&look, &slot) ? &look : &slot, NULL);
        t = now();
    }
}
