/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Inside of iCalendar: the lines of a calendar, as they should have been written (RFC 5545 3.1).
 */
#ifndef MAIL_WIRE_ICAL_LINES_H
#define MAIL_WIRE_ICAL_LINES_H

#include "base/mem.h"

/* Unfolded, one a line, from the first BEGIN:VCALENDAR on, every component ended; NULL when there is none.
 * What programs get wrong is put right: lines broken without the blank that says so, names of people with
 * signs in them that should have been quoted. */
char *ical_lines(void *mem, const char *text);

#endif
