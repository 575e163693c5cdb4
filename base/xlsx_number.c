/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * How a number is shown: as the number it is, as a date, or digit by digit.
 *
 * A binary fraction that was calculated is 3.0000000000000004 in the file; the programs show 15 digits at
 * most, and we no more than nine decimals.
 *
 * Days: 1 is 1 January 1900, and 60 is a 29 February 1900 that never was (ECMA-376 18.17.4.1); in the other
 * system 0 is 1 January 1904.
 */
#include "base/xlsx_low.h"

#include <math.h>

enum { SECONDS = 86400, LAST_DAY = 2958465, LEAP_BUG = 60, MAX_DECIMALS = 9, PRECISION = 15 };

/* [-]digits[.digits][E[+-]digits], and nothing else that strtod takes */
static bool parse_number(const char *s, double *number_r)
{
    const char *digits = "0123456789", *at = s + strspn(s, "+-");
    size_t whole = strspn(at, digits), part = 0;
    if (at - s > 1)
        return false;
    at += whole;
    if (*at == '.') {
        part = strspn(++at, digits);
        at += part;
    }
    if (whole + part && (*at == 'E' || *at == 'e')) {
        at += 1 + (at[1] == '+' || at[1] == '-');
        size_t n = strspn(at, digits);
        if (!n)
            return false;
        at += n;
    }
    if (!(whole + part) || *at || whole + part > 400)
        return false;
    *number_r = strtod(s, NULL);
    return isfinite(*number_r);
}

/* Its digits are shown as they stand, more of them than a double holds. */
static bool is_whole(const char *s)
{
    if (!strcmp(s, "0"))
        return true;
    s += *s == '-';
    return *s != '0' && *s && !s[strspn(s, "0123456789")];
}

static void cut_zeros(char *s)
{
    char *end = s + strlen(s);
    if (!strchr(s, '.'))
        return;
    while (end[-1] == '0')
        *--end = 0;
    if (end[-1] == '.')
        *--end = 0;
}

static void add_plain(struct text *t, const char *value, double number)
{
    char s[400];
    double size = fabs(number);
    if (is_whole(value)) {
        text_puts(t, value);
        return;
    }
    if (size >= 1e21 || (size && size < 1e-6)) {
        text_printf(t, "%.*g", PRECISION, number);
        return;
    }
    if (size >= 1e15) { /* 15 digits, zeros behind them */
        snprintf(s, sizeof s, "%.*e", PRECISION - 1, number);
        number = strtod(s, NULL);
    }
    int whole = size < 1 ? 1 : (int)floor(log10(size)) + 1, decimals = PRECISION - whole;
    snprintf(s, sizeof s, "%.*f",
             decimals < 0              ? 0
             : decimals > MAX_DECIMALS ? MAX_DECIMALS
                                       : decimals,
             number);
    cut_zeros(s);
    text_puts(t, strcmp(s, "-0") != 0 ? s : "0");
}

/* From the right, a digit for each 0; those that are left over go in front of the first. */
static bool add_digits(struct text *t, double number, const char *mask)
{
    char digits[32], shown[128];
    size_t len = strlen(mask), at = sizeof shown, first = strcspn(mask, "0");
    if (number < 0 || number >= 1e15 || number != floor(number) || len > 64)
        return false;
    int left = snprintf(digits, sizeof digits, "%.0f", number);
    shown[--at] = 0;
    for (size_t i = len; i-- > 0;) {
        shown[--at] = mask[i] != '0' ? mask[i] : left ? digits[--left] : '0';
        while (i == first && left)
            shown[--at] = digits[--left];
    }
    text_puts(t, shown + at);
    return true;
}

/* ---- dates */

/* Of days since 1970-01-01, in the calendar of today. */
static void add_date(struct text *t, long days)
{
    long shifted = days + 719468, era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
    long day_of_era = shifted - era * 146097;
    long year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    long day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    long month = (5 * day_of_year + 2) / 153, day = day_of_year - (153 * month + 2) / 5 + 1;
    month += month < 10 ? 3 : -9;
    text_printf(t, "%04ld-%02ld-%02ld", year_of_era + era * 400 + (month <= 2), month, day);
}

static void add_day(struct text *t, long day, bool from_1904)
{
    enum { TO_1899_12_30 = 25569, TO_1904 = 24107 };
    if (from_1904)
        add_date(t, day - TO_1904);
    else if (day == LEAP_BUG)
        text_puts(t, "1900-02-29");
    else
        add_date(t, day - TO_1899_12_30 + (day < LEAP_BUG));
}

static void add_time(struct text *t, long hours, long seconds)
{
    text_printf(t, "%02ld:%02ld", hours, seconds / 60 % 60);
    if (seconds % 60)
        text_printf(t, ":%02ld", seconds % 60);
}

static bool add_moment(struct text *t, double number, const struct xlsx_format *format, bool from_1904)
{
    if (number < 0 || number >= LAST_DAY + 1)
        return false;
    long seconds = lround(fmod(number, 1) * SECONDS), day = (long)number;
    if (format->kind == XLSX_DURATION) {
        add_time(t, day * 24 + seconds / 3600, seconds);
        return true;
    }
    if (seconds == SECONDS && format->kind != XLSX_DATE) {
        seconds = 0;
        day++;
    }
    bool no_day = !from_1904 && day < 1;
    if (format->kind == XLSX_DATE && no_day)
        return false;
    if (format->kind != XLSX_TIME && !no_day)
        add_day(t, day, from_1904);
    if (format->kind == XLSX_DATE_TIME && !no_day)
        text_putc(t, ' ');
    if (format->kind != XLSX_DATE)
        add_time(t, seconds / 3600, seconds);
    return true;
}

void xlsx_add_number(struct text *t, const char *value, const struct xlsx_format *format, bool from_1904)
{
    double number;
    bool done = false;
    if (!parse_number(value, &number)) {
        xlsx_add_text(t, value, strlen(value));
        return;
    }
    if (format->kind == XLSX_DIGITS)
        done = add_digits(t, number, format->digits);
    else if (format->kind != XLSX_PLAIN)
        done = add_moment(t, number, format, from_1904);
    if (!done)
        add_plain(t, value, number);
}

/* "2026-11-25T09:30:00.000Z" is shown as a serial number is. */
void xlsx_add_iso_date(struct text *t, const char *value, const struct xlsx_format *format)
{
    const char *time = strchr(value, 'T');
    if (!time || strspn(time + 1, "0123456789:.Z") != strlen(time + 1) || strlen(time) < 6) {
        xlsx_add_text(t, value, strlen(value));
        return;
    }
    bool midnight = !strncmp(time + 1, "00:00:00", 8) && format->kind != XLSX_DATE_TIME;
    text_add(t, value, (size_t)(time - value));
    if (midnight && time > value)
        return;
    if (time > value)
        text_putc(t, ' ');
    bool seconds = time[6] == ':' && strncmp(time + 6, ":00", 3) != 0 && strlen(time) >= 9;
    text_add(t, time + 1, seconds ? 8 : 5);
}
