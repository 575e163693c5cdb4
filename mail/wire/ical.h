/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * iMIP invitations (RFC 5545, 5546, 6047) by libical: REQUEST out.  Replies are read in the cage (facts.h).
 */
#ifndef MAIL_WIRE_ICAL_H
#define MAIL_WIRE_ICAL_H

#include <stdint.h>

#include "base/mem.h"

struct ical_request {
    const char *uid;
    int sequence;
    int64_t stamp, start, end; /* Unix time; written in UTC */
    const char *summary, *location, *description;
    const char *organizer_name, *organizer; /* address */
    const char *attendee_name, *attendee;   /* exactly one: nobody sees the others */
};
/* METHOD:REQUEST, RSVP=TRUE, PARTSTAT=NEEDS-ACTION, CRLF, folded at 75 octets. */
char *ical_format_request(void *mem, const struct ical_request *request);

#endif
