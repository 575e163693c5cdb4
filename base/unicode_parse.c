/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Dates and numbers as people type them.
 */
#include "base/unicode.h"

/* Reads exactly `n` digits, or 1 to -n of them. */
static bool take_digits(const char **s, int n, int *value_r)
{
    int most = n < 0 ? -n : n, seen = 0;
    *value_r = 0;
    for (; seen < most && **s >= '0' && **s <= '9'; seen++, (*s)++)
        *value_r = *value_r * 10 + (**s - '0');
    return n < 0 ? seen > 0 : seen == n;
}

static bool take(const char **s, const char *any_of)
{
    bool is = **s && strchr(any_of, **s);
    *s += is;
    return is;
}

static bool take_part(const char **s, int digits, int *value_r)
{
    take(s, " ");
    return take_digits(s, digits, value_r);
}

static bool take_date(const char **s, struct unicode_clock *c)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const char *begin = *s;
    bool iso = take_digits(s, 4, &c->year) && take(s, "-") && take_digits(s, 2, &c->month) && take(s, "-") &&
               take_digits(s, 2, &c->day);
    if (!iso) {
        *s = begin;
        if (!take_digits(s, -2, &c->day) || !take(s, ".") || !take_part(s, -2, &c->month) || !take(s, ".") ||
            !take_part(s, 4, &c->year))
            return false;
        take(s, ".");
    }
    if (c->year < 1800 || c->month < 1 || c->month > 12 || c->day < 1)
        return false;
    bool leap = c->month == 2 && c->year % 4 == 0 && (c->year % 100 != 0 || c->year % 400 == 0);
    return c->day <= days[c->month - 1] + leap;
}

static bool take_clock(const char **s, struct unicode_clock *c)
{
    if (!take(s, " T") || !take_digits(s, -2, &c->hour) || !take(s, ":.") || !take_digits(s, 2, &c->minute))
        return false;
    if (take(s, ":") && !take_digits(s, 2, &c->second))
        return false;
    return c->hour < 24 && c->minute < 60 && c->second < 60;
}

int unicode_parse_time(const char *s, const char *time_zone, int64_t *when_r, struct err *err)
{
    struct unicode_clock c = {0};
    const char *at = s;
    bool ok = take_date(&at, &c) && (!*at || take_clock(&at, &c));
    bool utc = ok && take(&at, "Z");
    if (!ok || *at)
        return err_set(err, ERR_INPUT, "\"%s\" is no date; write 2027-03-18 10:00 or 18.03.2027", s);
    if (!unicode_time_of(&c, utc ? "Etc/UTC" : time_zone, when_r))
        return err_set(err, ERR_INPUT, "\"%s\" does not exist in %s (the clocks change)", s, time_zone);
    return 0;
}

bool unicode_parse_date(const char *s, char iso[11])
{
    struct unicode_clock c = {0};
    if (!take_date(&s, &c) || *s)
        return false;
    return snprintf(iso, 11, "%04u-%02u-%02u", (unsigned)c.year % 10000, (unsigned)c.month % 100,
                    (unsigned)c.day % 100) == 10;
}

/* ---- numbers */

/* The sign, digits, dots, commas and apostrophes of a number that stands alone, but for a currency. */
static bool bare_number(struct text *t, const char *s)
{
    bool behind = false, before = true;
    for (uint32_t c; (c = unicode_next(&s));) {
        bool currency = c == 0x20ac || c == '$' || c == 0xa3;
        if (unicode_is_blank(c) || currency) {
            behind = behind || (currency && t->len > 0);
            continue;
        }
        bool mine = (c >= '0' && c <= '9') || c == '.' || c == ',' || c == '\'' || (before && c == '-');
        if (!mine || behind)
            return false;
        before = false;
        text_putc(t, (char)c);
    }
    return t->len > 0 && t->len < 40;
}

/* Which of the marks is the decimal one: the last, unless it marks thousands. */
static const char *decimal_mark(const char *digits, const char *language)
{
    const char *dot = strrchr(digits, '.'), *comma = strrchr(digits, ',');
    const char *last = dot > comma ? dot : comma;
    if (!last)
        return NULL;
    if (dot && comma)
        return last;
    if (strchr(digits, *last) != last)
        return NULL; /* several of one kind */
    bool english = language && !strncmp(language, "en", 2);
    return strlen(last + 1) == 3 && *last == (english ? ',' : '.') ? NULL : last;
}

char *unicode_parse_number(void *mem, const char *s, const char *language)
{
    MEM_SCOPE(scratch);
    struct text bare = text_new(scratch), t = text_new(mem);
    if (!bare_number(&bare, s))
        return NULL;
    const char *mark = decimal_mark(bare.s, language), *end = mark ? mark : bare.s + bare.len;
    size_t group = 0;
    bool grouped = false;
    for (const char *at = bare.s; at < end; at++) {
        bool separator = strchr(".,'", *at);
        if (separator ? (grouped ? group != 3 : group < 1 || group > 3) : false)
            return NULL;
        grouped = grouped || separator;
        group = separator ? 0 : group + (*at != '-');
        if (!separator)
            text_putc(&t, *at);
    }
    if (group == 0 || (grouped && group != 3))
        return NULL;
    if (mark) {
        if (!mark[1] || strspn(mark + 1, "0123456789") != strlen(mark + 1))
            return NULL;
        text_printf(&t, ".%s", mark + 1);
    }
    return t.s;
}
