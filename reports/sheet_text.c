/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "reports/sheet_text.h"

#include <ctype.h>

#include "base/unicode.h"
#include "reports/sheet.h"

/* ---- width, in tenths of a digit of Calibri (and Carlito, which is made as wide), rounded up */

static int ascii_width(unsigned char c)
{
    if (strchr("ijlI.,:;'|!` ", c))
        return 5;
    if (strchr("frt()[]{}/\\-\"", c))
        return 7;
    if (strchr("acekgsvxyzJL", c))
        return 9;
    if (strchr("mwMW@%", c))
        return 17;
    return isupper(c) ? 12 : 10;
}

static int char_width(uint32_t c)
{
    if (c < 0x80)
        return c ? ascii_width((unsigned char)c) : 0;
    if (unicode_is_mark(c))
        return 0;
    if (c >= 0x1100)
        return c >= 0x2000 && c < 0x2100 ? 10 : 20;
    return unicode_is_upper(c) ? 13 : c >= 0x400 && c < 0x530 ? 11 : 10;
}

static int next_width(const char **s, uint32_t *c)
{
    *c = (unsigned char)**s < 0x80 ? (uint32_t)(unsigned char)*(*s)++ : unicode_next(s);
    return char_width(*c);
}

int sheet_text_width(const char *s, int cap)
{
    int widest = 0, line = 0;
    while (*s && widest < cap * 10) {
        uint32_t c;
        int width = next_width(&s, &c);
        line = c == '\n' ? 0 : line + width;
        if (line > widest)
            widest = line;
    }
    int digits = (widest + 9) / 10;
    return digits < cap ? digits : cap;
}

int sheet_text_lines(const char *s, int width)
{
    int lines = 1, line = 0, word = 0; /* what stands on this line, and of it the word that is not over */
    while (*s) {
        uint32_t c;
        int w = next_width(&s, &c);
        if (c == '\n') {
            lines++;
            line = word = 0;
            continue;
        }
        line += w;
        word = c == ' ' || c == '-' ? 0 : word + w;
        if (line <= width * 10 || c == ' ')
            continue;
        lines++;
        line = word = word < line && word <= width * 10 ? word : w;
    }
    return lines;
}

/* ---- what a cell may hold */

/* "_xHHHH_" is how the format writes a character that XML has not. */
static bool is_escape(const char *s)
{
    if (s[0] != '_' || s[1] != 'x')
        return false;
    for (int i = 2; i < 6; i++)
        if (!isxdigit((unsigned char)s[i]))
            return false;
    return s[6] == '_';
}

static bool is_not_xml(uint32_t c)
{
    return c == 0xFFFE || c == 0xFFFF;
}

static bool is_clean(const char *s)
{
    size_t len = strlen(s);
    return len <= SHEET_MAX_CELL && !memchr(s, '\r', len) && !strstr(s, "_x") && !strstr(s, "\xEF\xBF");
}

static size_t units(uint32_t c)
{
    return c > 0xFFFF ? 2 : 1;
}

static void add_clean(struct text *t, const char **s, size_t *used)
{
    const char *at = *s;
    uint32_t c = unicode_next(s);
    if (c == '\r') {
        if (**s == '\n')
            return;
        c = '\n';
    }
    if (is_escape(at)) {
        text_puts(t, "_x005F_");
        *used += 7;
        return;
    }
    unicode_add(t, is_not_xml(c) ? 0xFFFD : c);
    *used += units(c);
}

const char *sheet_text_clean(void *mem, const char *s, bool *cut_r)
{
    *cut_r = false;
    if (is_clean(s))
        return s;
    const size_t room = SHEET_MAX_CELL - strlen(SHEET_CUT);
    struct text t = text_new(mem);
    size_t used = 0, len_at_room = 0;
    while (*s && used <= SHEET_MAX_CELL) {
        add_clean(&t, &s, &used);
        if (used <= room)
            len_at_room = t.len;
    }
    if (used <= SHEET_MAX_CELL)
        return t.s;
    *cut_r = true;
    t.s[t.len = len_at_room] = 0;
    text_puts(&t, SHEET_CUT);
    return t.s;
}

/* ---- dates */

/* n digits at *s; -1 if they are not there */
static int take_digits(const char **s, int n)
{
    int value = 0;
    for (int i = 0; i < n; i++, ++*s) {
        if (!isdigit((unsigned char)**s))
            return -1;
        value = value * 10 + (**s - '0');
    }
    return value;
}

static bool take_time(const char *s, struct sheet_clock *clock)
{
    clock->hour = take_digits(&s, 2);
    if (clock->hour < 0 || *s++ != ':')
        return false;
    clock->minute = take_digits(&s, 2);
    if (*s == ':') {
        s++;
        clock->second = take_digits(&s, 2);
    }
    return !*s && clock->hour < 24 && clock->minute >= 0 && clock->minute < 60 && clock->second >= 0 &&
           clock->second < 60;
}

static int days_of_month(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return days[month - 1] + (month == 2 && leap);
}

bool sheet_text_clock(const char *s, struct sheet_clock *clock_r)
{
    *clock_r = (struct sheet_clock){0};
    if (strlen(s) < 10)
        return take_time(s, clock_r);
    clock_r->year = take_digits(&s, 4);
    if (clock_r->year < 1900 || *s++ != '-')
        return false;
    clock_r->month = take_digits(&s, 2);
    if (clock_r->month < 1 || clock_r->month > 12 || *s++ != '-')
        return false;
    clock_r->day = take_digits(&s, 2);
    if (clock_r->day < 1 || clock_r->day > days_of_month(clock_r->year, clock_r->month))
        return false;
    return !*s || ((*s == ' ' || *s == 'T') && take_time(s + 1, clock_r));
}

/* ---- names, footers, links */

char *sheet_text_tab(void *mem, const char *name, int nth)
{
    enum { MAX_UNITS = 31 };
    char tail[16] = "";
    if (nth > 1)
        snprintf(tail, sizeof tail, " (%d)", nth);
    struct text t = text_new(mem);
    size_t used = strlen(tail);
    while (*name) {
        uint32_t c = unicode_next(&name);
        used += units(c);
        if (used > MAX_UNITS)
            break;
        bool bad = c < 0x20 || is_not_xml(c) || (c < 0x80 && strchr("[]:*?/\\'", (int)c));
        unicode_add(&t, bad ? '-' : c);
    }
    text_puts(&t, t.len ? tail : "-");
    return t.s;
}

char *sheet_text_footer(void *mem, const char *s, size_t max_bytes)
{
    struct text t = text_new(mem);
    while (*s) {
        const char *at = s;
        uint32_t c = unicode_next(&s);
        if (t.len + (size_t)(s - at) + (c == '&') > max_bytes)
            break;
        unicode_add(&t, c == '\n' || c == '\r' ? ' ' : c);
        if (c == '&')
            text_putc(&t, '&');
    }
    return t.s;
}

const char *sheet_text_url(void *mem, const char *s)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-+~";
    if (!strncmp(s, "https://", 8))
        return s[strcspn(s, " \n\t<>\"")] ? NULL : s;
    size_t local = strspn(s, plain);
    if (local == 0 || s[local] != '@' || !s[local + 1] || s[local + 1 + strspn(s + local + 1, plain)])
        return NULL;
    return talloc_asprintf(mem, "mailto:%s", s);
}
