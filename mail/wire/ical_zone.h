/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Inside of iCalendar: the VTIMEZONE of a zone (RFC 5545 3.6.5).
 */
#ifndef MAIL_WIRE_ICAL_ZONE_H
#define MAIL_WIRE_ICAL_ZONE_H

#include "mail/wire/ical_lazy.h"
#include <stdint.h>

/* True of all between the two times, and as long as the zone's rule of summer time stays. */
icalcomponent *ical_zone_new(const char *time_zone, int64_t from, int64_t to);
/* The zone's clock then, without a zone of its own: TZID goes beside it. */
struct icaltimetype ical_zone_clock(const char *time_zone, int64_t when);

#endif
