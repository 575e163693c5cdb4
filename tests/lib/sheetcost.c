/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "tests/lib/sheetcost.h"

#include <time.h>
#include <unistd.h>

#include "base/xlsx.h"

static pid_t cage_pid(void)
{
    char path[64], line[64] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
    FILE_SCOPE FILE *f = fopen(path, "r");
    must(f && fgets(line, sizeof line, f));
    return (pid_t)strtol(line, NULL, 10);
}

/* The most that the process had, in MB. */
static long peak_mb(pid_t pid)
{
    char path[64], line[256];
    snprintf(path, sizeof path, "/proc/%d/status", (int)pid);
    FILE_SCOPE FILE *f = fopen(path, "r");
    while (f && fgets(line, sizeof line, f))
        if (!strncmp(line, "VmHWM:", 6))
            return strtol(line + 6, NULL, 10) >> 10;
    return 0;
}

static long cpu_ms(pid_t pid)
{
    clockid_t clock;
    struct timespec t = {0};
    if (clock_getcpuclockid(pid, &clock) == 0)
        clock_gettime(clock, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int see(void *context, const struct xlsx_row *row, struct err *err)
{
    (void)row;
    (void)err;
    struct sheetcost *cost = context;
    cost->rows++;
    if (cost->rows % 1000 == 0)
        cost->cpu_ms = cpu_ms(cost->pid);
    return 0;
}

int sheetcost_read(const char *bytes, size_t len, struct sheetcost *cost, struct err *err)
{
    MEM_SCOPE(mem);
    struct cage *cage;
    struct xlsx_sheet *sheets;
    size_t n;
    if (cage_open(mem, &cage, err) < 0)
        return -1;
    *cost = (struct sheetcost){.pid = cage_pid()};
    int rc = xlsx_sheets(mem, cage, bytes, len, &sheets, &n, err);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = xlsx_each(cage, bytes, len, i, see, cost, err);
    long ms = cpu_ms(cost->pid);
    cost->cpu_ms = ms ? ms : cost->cpu_ms; /* it may have been ended */
    cost->mb = peak_mb(cost->pid);
    return rc;
}
