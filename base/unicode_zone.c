/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * By ICU's own data: the same that a letter's date and time come from.
 */
#include "base/unicode_zone.h"

#include "base/icuuc_lazy.h"
#include "base/icui18n_lazy.h"

static UCalendar *calendar_open(const char *time_zone)
{
    UChar zone[128];
    int32_t len;
    UErrorCode status = U_ZERO_ERROR;
    u_strFromUTF8(zone, ARRAY_LEN(zone), &len, time_zone, -1, &status);
    UCalendar *calendar = ucal_open(zone, len, "en", UCAL_GREGORIAN, &status);
    must(U_SUCCESS(status));
    return calendar;
}

/* *summer_r: is some of it summer time? */
static int offset_at(UCalendar *calendar, UDate ms, bool *summer_r)
{
    UErrorCode status = U_ZERO_ERROR;
    ucal_setMillis(calendar, ms, &status);
    int32_t summer = ucal_get(calendar, UCAL_DST_OFFSET, &status),
            zone = ucal_get(calendar, UCAL_ZONE_OFFSET, &status);
    must(U_SUCCESS(status));
    *summer_r = summer != 0;
    return (zone + summer) / 1000;
}

int unicode_zone_offset(int64_t when, const char *time_zone)
{
    bool summer;
    UCalendar *calendar = calendar_open(time_zone);
    int offset = offset_at(calendar, (UDate)when * 1000, &summer);
    ucal_close(calendar);
    return offset;
}

bool unicode_zone_change(int64_t when, bool behind, const char *time_zone, struct unicode_change *change_r)
{
    UCalendar *calendar = calendar_open(time_zone);
    UErrorCode status = U_ZERO_ERROR;
    UDate at;
    bool before;
    ucal_setMillis(calendar, (UDate)when * 1000, &status);
    UBool found = ucal_getTimeZoneTransitionDate(
        calendar, behind ? UCAL_TZ_TRANSITION_NEXT : UCAL_TZ_TRANSITION_PREVIOUS_INCLUSIVE, &at, &status);
    must(U_SUCCESS(status));
    if (found) {
        change_r->at = (int64_t)(at / 1000);
        change_r->before_s = offset_at(calendar, at - 1, &before);
        change_r->after_s = offset_at(calendar, at, &change_r->summer);
    }
    ucal_close(calendar);
    return found;
}
