/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/maillog.h"

#include <ctype.h>
#include <time.h>

/* ---- the time */

/* Two digits, or -1; a blank counts as 0 (" 3"). */
static int two_digits(const char *s)
{
    if ((*s != ' ' && !isdigit((unsigned char)*s)) || !isdigit((unsigned char)s[1]))
        return -1;
    return (*s == ' ' ? 0 : *s - '0') * 10 + (s[1] - '0');
}

/* HH:MM:SS in seconds, or -1. */
static long seconds_of(const char *s)
{
    int h = two_digits(s);
    int m = h < 0 || s[2] != ':' ? -1 : two_digits(s + 3);
    int sec = m < 0 || s[5] != ':' ? -1 : two_digits(s + 6);
    return sec < 0 || h > 23 || m > 59 || sec > 60 ? -1 : h * 3600L + m * 60L + sec;
}

static int month_of(const char *s)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int m = 0; m < 12; m++)
        if (!strncmp(s, months + 3 * (ptrdiff_t)m, 3))
            return m;
    return -1;
}

static int64_t local_hour(int64_t now, int month, int day, int hour)
{
    time_t at = now;
    struct tm today, tm = {.tm_mon = month, .tm_mday = day, .tm_hour = hour, .tm_isdst = -1};
    localtime_r(&at, &today);
    tm.tm_year = today.tm_year;
    struct tm before = tm;
    before.tm_year--;
    time_t t = mktime(&tm);
    return t > now + 86400 ? mktime(&before) : t;
}

/* "Nov 30 08:42:17 " */
static char *classic_time(struct maillog_clock *clock, char *line, int64_t *time_r)
{
    int month = month_of(line), day = line[3] == ' ' ? two_digits(line + 4) : -1;
    long s = month < 0 || day < 1 || line[6] != ' ' ? -1 : seconds_of(line + 7);
    if (s < 0 || line[15] != ' ')
        return NULL;
    if (memcmp(clock->hour, line, 9) != 0) {
        memcpy(clock->hour, line, 9);
        clock->hour_begins = local_hour(clock->now, month, day, (int)(s / 3600));
    }
    *time_r = clock->hour_begins + s % 3600;
    return line + 16;
}

/* "2026-11-30T08:42:17.123456+01:00 " */
static char *rfc3339_time(char *line, int64_t *time_r)
{
    struct tm tm = {0};
    for (int i = 0; i < 10; i++)
        if (i == 4 || i == 7 ? line[i] != '-' : !isdigit((unsigned char)line[i]))
            return NULL;
    tm.tm_year = two_digits(line) * 100 + two_digits(line + 2) - 1900;
    tm.tm_mon = two_digits(line + 5) - 1;
    tm.tm_mday = two_digits(line + 8);
    long s = line[10] != 'T' ? -1 : seconds_of(line + 11), zone = 0;
    if (s < 0 || tm.tm_mon < 0 || tm.tm_mon > 11 || tm.tm_mday < 1 || tm.tm_mday > 31)
        return NULL;
    char *p = line + 19;
    if (*p == '.')
        p += 1 + strspn(p + 1, "0123456789");
    if (*p == '+' || *p == '-') {
        int h = two_digits(p + 1), m = h < 0 || p[3] != ':' ? -1 : two_digits(p + 4);
        if (m < 0)
            return NULL;
        zone = (*p == '-' ? -1 : 1) * (h * 3600L + m * 60L);
        p += 6;
    } else if (*p++ != 'Z') {
        return NULL;
    }
    *time_r = timegm(&tm) + s - zone;
    return *p == ' ' ? p + 1 : NULL;
}

char *maillog_time(struct maillog_clock *clock, char *line, int64_t *time_r)
{
    if (strnlen(line, 17) < 17)
        return NULL;
    return isdigit((unsigned char)*line) ? rfc3339_time(line, time_r) : classic_time(clock, line, time_r);
}

/* ---- the line */

/* A short queue id is hexadecimal, a long one of digits and consonants. */
static bool is_queue_id(const char *s, size_t len)
{
    if (len < 6 || len > 32)
        return false;
    for (size_t i = 0; i < len; i++)
        if (!isalnum((unsigned char)s[i]))
            return false;
    return strncmp(s, "NOQUEUE", len) != 0 && memcmp(s, "warning", 7) != 0;
}

bool maillog_parse(char *rest, struct maillog_line *line_r)
{
    *line_r = (struct maillog_line){.host = ""};
    char *colon = strstr(rest, "]: "), *bracket = colon ? memrchr(rest, '[', (size_t)(colon - rest)) : NULL;
    if (!bracket)
        return false;
    *colon = *bracket = 0;
    char *blank = strrchr(rest, ' '), *tag = blank ? blank + 1 : rest, *slash = strrchr(tag, '/');
    if (!slash)
        return false;
    if (blank) {
        *blank = 0;
        line_r->host = rest;
    }
    line_r->pid = strtol(bracket + 1, NULL, 10);
    line_r->program = slash + 1;
    line_r->instance = tag;
    *strchr(tag, '/') = 0;
    line_r->text = colon + 3;
    char *end = strstr(line_r->text, ": ");
    if (end && is_queue_id(line_r->text, (size_t)(end - line_r->text))) {
        *end = 0;
        line_r->queue_id = line_r->text;
        line_r->text = end + 2;
    }
    return true;
}

bool maillog_value(const char *text, const char *key, char *value, size_t size)
{
    const char *at = text;
    size_t len = strlen(key);
    while (at && strncmp(at, key, len) != 0) {
        at = strstr(at, ", ");
        at = at ? at + 2 : NULL;
    }
    if (!at)
        return false;
    at += len;
    const char *end = *at == '<' ? strchr(at, '>') : NULL;
    size_t n = end ? (size_t)(end - at) + 1 : strcspn(at, ", ");
    snprintf(value, size, "%.*s", (int)n, at);
    return n < size;
}

bool maillog_client(const char *text, char *address, size_t size)
{
    const char *open = strchr(text, '['), *close = open ? strchr(open, ']') : NULL;
    if (!close)
        return false;
    snprintf(address, size, "%.*s", (int)(close - open - 1), open + 1);
    return true;
}

const char *maillog_words(const char *text)
{
    const char *status = strstr(text, ", status="), *open = status ? strchr(status, '(') : NULL;
    return open ? open : "";
}
