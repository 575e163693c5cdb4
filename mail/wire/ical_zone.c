/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * One observance for each change of the clocks that matters to the event: the one that holds when it begins,
 * the one before, and those until it ends.  Where a change comes back each year by a rule (the last Sunday of
 * March), it is written as that rule, which the calendars of the recipients know; otherwise as the one day.
 */
#include "mail/wire/ical_zone.h"

#include "base/unicode.h"
#include "base/unicode_zone.h"

enum {
    RULE_YEARS = 6, /* a fourth Sunday is the last one no longer than that */
    MAX_CHANGES = 8 /* while the event lasts */
};

static struct icaltimetype clock_with(int64_t when, int offset_s)
{
    struct unicode_clock c = unicode_clock_of(when + offset_s, "UTC");
    struct icaltimetype t = icaltime_null_time();
    t.year = c.year;
    t.month = c.month;
    t.day = c.day;
    t.hour = c.hour;
    t.minute = c.minute;
    t.second = c.second;
    return t;
}

struct icaltimetype ical_zone_clock(const char *time_zone, int64_t when)
{
    return clock_with(when, unicode_zone_offset(when, time_zone));
}

/* The same change in the next year that has one. */
static bool next_year(const char *time_zone, struct unicode_change *change)
{
    struct unicode_change next = *change;
    do {
        if (!unicode_zone_change(next.at, true, time_zone, &next))
            return false;
    } while (next.summer != change->summer);
    bool same = next.before_s == change->before_s && next.after_s == change->after_s;
    *change = next;
    return same;
}

/* The rule by which the change comes back, as in "BYMONTH=3;BYDAY=-1SU"; false: there is none. */
static bool rule_of(const char *time_zone, struct unicode_change change, char rule[32])
{
    static const char *const days[] = {"SU", "MO", "TU", "WE", "TH", "FR", "SA"};
    struct icaltimetype first = clock_with(change.at, change.before_s);
    int weekday = icaltime_day_of_week(first), week = (first.day - 1) / 7 + 1;
    bool last = true, nth = true;
    struct icaltimetype t = first;
    for (int year = 0; year < RULE_YEARS; year++) {
        last = last && t.day + 7 > icaltime_days_in_month(t.month, t.year);
        nth = nth && (t.day - 1) / 7 + 1 == week;
        if (!next_year(time_zone, &change))
            return false;
        t = clock_with(change.at, change.before_s);
        if (t.year != first.year + year + 1 || t.month != first.month || t.hour != first.hour ||
            t.minute != first.minute || icaltime_day_of_week(t) != weekday)
            return false;
    }
    if (last || nth)
        snprintf(rule, 32, "BYMONTH=%d;BYDAY=%d%s", first.month, last ? -1 : week, days[weekday - 1]);
    return last || nth;
}

static void add_observance(icalcomponent *zone, const struct unicode_change *change, const char *rule)
{
    icalcomponent *o =
        icalcomponent_new(change->summer ? ICAL_XDAYLIGHT_COMPONENT : ICAL_XSTANDARD_COMPONENT);
    icalcomponent_add_property(o, icalproperty_new_dtstart(clock_with(change->at, change->before_s)));
    icalcomponent_add_property(o, icalproperty_new_tzoffsetfrom(change->before_s));
    icalcomponent_add_property(o, icalproperty_new_tzoffsetto(change->after_s));
    if (rule) {
        char text[64];
        snprintf(text, sizeof text, "FREQ=YEARLY;%s", rule);
        icalcomponent_add_property(o, icalproperty_new_rrule(icalrecurrencetype_from_string(text)));
    }
    icalcomponent_add_component(zone, o);
}

icalcomponent *ical_zone_new(const char *time_zone, int64_t from, int64_t to)
{
    icalcomponent *zone = icalcomponent_new(ICAL_VTIMEZONE_COMPONENT);
    icalcomponent_add_property(zone, icalproperty_new_tzid(time_zone));
    struct unicode_change now = {0}, before;
    char rule[32], rule_before[32];
    if (!unicode_zone_change(from, false, time_zone, &now)) { /* its clocks never changed */
        now.before_s = now.after_s = unicode_zone_offset(from, time_zone);
        add_observance(zone, &now, NULL);
        return zone;
    }
    if (unicode_zone_change(now.at - 1, false, time_zone, &before) && before.summer != now.summer &&
        rule_of(time_zone, now, rule) && rule_of(time_zone, before, rule_before)) {
        add_observance(zone, &before, rule_before);
        add_observance(zone, &now, rule);
        return zone;
    }
    for (int n = 0; n < MAX_CHANGES && now.at <= to; n++) {
        add_observance(zone, &now, NULL);
        if (!unicode_zone_change(now.at, true, time_zone, &now))
            break;
    }
    return zone;
}
