/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Each word says by its shape what it is, so their order does not matter.
 */
#include "mail/wire/date.h"

#include <ctype.h>
#include <strings.h>

struct clock {
    int year, month, day, hour, minute, second, zone_s;
    bool has_time;
};

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

/* Days since 1970-01-01 of a day of the Gregorian calendar. */
static int64_t days_of(int year, int month, int day)
{
    int64_t y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;
    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
}

static int month_of(const char *word)
{
    static const char names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    for (int i = 0; i < 12; i++)
        if (!strncasecmp(word, names + 3 * i, 3))
            return i + 1;
    return 0;
}

static bool zone_by_name(const char *word, int *zone_r)
{
    static const struct {
        const char *name;
        int hours;
    } zones[] = {{"EST", -5}, {"EDT", -4}, {"CST", -6}, {"CDT", -5}, {"MST", -7}, {"MDT", -6},
                 {"PST", -8}, {"PDT", -7}, {"CET", 1},  {"CEST", 2}, {"MEZ", 1},  {"MESZ", 2},
                 {"EET", 2},  {"EEST", 3}, {"BST", 1},  {"MSK", 3},  {"JST", 9}};
    for (size_t i = 0; i < ARRAY_LEN(zones); i++)
        if (!strcasecmp(word, zones[i].name)) {
            *zone_r = 3600 * zones[i].hours;
            return true;
        }
    return false;
}

static int zone_of(int digits, int value)
{
    return 60 * (digits > 2 ? value / 100 * 60 + value % 100 : 60 * value);
}

/* "+0100", "+01:00", "-5" */
static bool zone_by_number(const char *word, int *zone_r)
{
    int digits = 0, value = 0;
    for (const char *p = word + 1; *p; p++) {
        if (isdigit((unsigned char)*p) && ++digits <= 4)
            value = 10 * value + (*p - '0');
        else if (*p != ':')
            return false;
    }
    if (digits < 1 || digits > 4)
        return false;
    *zone_r = (*word == '-' ? -1 : 1) * zone_of(digits, value);
    return true;
}

/* "PM" behind the time. */
static bool take_half(struct clock *c, const char *word)
{
    bool pm = !strcasecmp(word, "PM");
    if (!pm && strcasecmp(word, "AM") != 0)
        return false;
    if (pm ? c->hour < 12 : c->hour == 12)
        c->hour += pm ? 12 : -12;
    return true;
}

/* "9:15", "09:15:48", "9:15:48.25" */
static void take_time(struct clock *c, const char *word)
{
    char *end;
    c->hour = (int)strtol(word, &end, 10);
    c->minute = (int)strtol(end + 1, &end, 10);
    c->second = *end == ':' ? (int)strtol(end + 1, &end, 10) : 0;
    c->has_time = true;
    take_half(c, end);
    if (*end == '+' || *end == '-')
        zone_by_number(end, &c->zone_s);
}

/* RFC 5322 4.3, and "0102" of programs that counted from 1900. */
static int year_of(long n, size_t digits)
{
    if (digits == 2)
        return (int)(n < 50 ? n + 2000 : n + 1900);
    return (int)(n < 200 ? n + 1900 : n);
}

static void take_number(struct clock *c, const char *word)
{
    char *end;
    long n = strtol(word, &end, 10);
    size_t digits = (size_t)(end - word);
    if (digits <= 2 && !c->day)
        c->day = (int)n;
    else if (digits <= 4 && !c->year)
        c->year = year_of(n, digits);
    else if (digits == 4 && c->has_time) /* a zone without its sign */
        c->zone_s = zone_of(4, (int)n);
}

static void take_word(struct clock *c, const char *word)
{
    int month = month_of(word);
    if (isdigit((unsigned char)*word) && strchr(word, ':'))
        take_time(c, word);
    else if (isdigit((unsigned char)*word))
        take_number(c, word);
    else if ((*word == '+' || *word == '-') && c->has_time)
        zone_by_number(word, &c->zone_s);
    else if (month && !c->month)
        c->month = month;
    else if (c->has_time && !strncasecmp(word, "GMT", 3) && (word[3] == '+' || word[3] == '-'))
        zone_by_number(word + 3, &c->zone_s);
    else if (c->has_time && !take_half(c, word))
        zone_by_name(word, &c->zone_s);
}

/* Comments are gone; hyphens within a date, and the T of ISO 8601, part words. */
static void read_words(struct clock *c, const char *value)
{
    char word[32];
    size_t len = 0;
    int depth = 0;
    for (const char *p = value;; p++) {
        depth += (*p == '(') - (*p == ')' && depth > 0);
        bool within =
            len && isalnum((unsigned char)word[len - 1]) && !strchr(word, ':') && strcasecmp(word, "GMT");
        bool parts = !*p || strchr(" \t,;()", *p) ||
                     (within && (*p == '-' || (*p == 'T' && isdigit((unsigned char)*word))));
        if (!parts && depth == 0 && len < sizeof word - 1) {
            word[len++] = *p;
            word[len] = 0;
        } else if (parts) {
            if (len)
                take_word(c, word);
            word[len = 0] = 0;
        }
        if (!*p)
            return;
    }
}

/* "2026-11-12" has its parts in another order. */
static const char *read_iso(struct clock *c, const char *value)
{
    for (int i = 0; i < 10; i++)
        if (i == 4 || i == 7 ? value[i] != '-' : !isdigit((unsigned char)value[i]))
            return value;
    c->year = (int)strtol(value, NULL, 10);
    c->month = (int)strtol(value + 5, NULL, 10);
    c->day = (int)strtol(value + 8, NULL, 10);
    return value + 10 + (value[10] == 'T');
}

bool date_read(const char *value, int64_t *when_r)
{
    struct clock c = {.has_time = false};
    read_words(&c, read_iso(&c, value + strspn(value, " \t")));
    if (c.year < 1900 || c.year > 9999 || c.month < 1 || c.month > 12 || c.day < 1 ||
        c.day > days_in(c.year, c.month) || c.hour < 0 || c.hour > 24 || c.minute < 0 || c.minute > 59 ||
        c.second < 0 || c.second > 60)
        return false;
    *when_r = days_of(c.year, c.month, c.day) * 86400 + c.hour * 3600 + c.minute * 60 + c.second - c.zone_s;
    return true;
}
