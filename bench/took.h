/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * How long things took, in milliseconds.
 */
#ifndef BENCH_TOOK_H
#define BENCH_TOOK_H

#include <stdlib.h>
#include <time.h>

static inline double took_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static inline int took_by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* So many percent took no longer; `took` is sorted then. */
static inline double took_percentile(double *took, size_t n, size_t percent)
{
    qsort(took, n, sizeof *took, took_by_size);
    return took[(n * percent + 99) / 100 - 1];
}

#endif
