/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/log.h"

#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char *log_program = "adresar";
static enum log_level log_max = LOG_INFO_;

void log_init(const char *program, enum log_level max)
{
    log_program = program;
    log_max = max;
}

void log_line(enum log_level level, const char *fmt, ...)
{
    static const char *const name[] = {"error", "warning", "info", "debug"};
    if (level > log_max)
        return;
    char text[2048], when[32], line[sizeof text + 128];
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(text, sizeof text, fmt, ap);
    va_end(ap);
    for (char *p = text; *p; p++)
        if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = '?';
    time_t now = time(NULL);
    struct tm tm;
    gmtime_r(&now, &tm);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);
    int n = snprintf(line, sizeof line, "%s %s %s[%d]: %s\n", when, name[level], log_program, (int)getpid(),
                     text);
    if (n > 0 && write(STDERR_FILENO, line, (size_t)n) < 0)
        return; /* nowhere left to say it */
}
