/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * iMIP (RFC 5545, 5546, 6047) by libical: invitations out, what came back in.
 */
#ifndef MAIL_WIRE_ICAL_H
#define MAIL_WIRE_ICAL_H

#include <jansson.h>
#include <stdint.h>

#include "base/mem.h"

struct ical_request {
    const char *uid;
    int sequence;
    int64_t stamp, start, end;                    /* Unix time; written in UTC */
    const char *summary, *location, *description; /* NULL: none */
    const char *organizer_name, *organizer;       /* address */
    const char *attendee_name, *attendee;         /* exactly one: nobody sees the others */
};
/* METHOD:REQUEST, RSVP=TRUE, PARTSTAT=NEEDS-ACTION, CRLF, folded at 75 octets. */
char *ical_format_request(void *mem, const struct ical_request *request);

/* Call in the cage only.  NULL when these bytes hold no calendar; else an object with what is there of
 *   "method" upper case, "prodid", "uid", "sequence" integer, "stamp" Unix time of DTSTAMP, "recurrence_id",
 * "summary", "organizer" address, "comment", "attendees" [{"address", "name", "partstat", "delegated_to"
 * [address], "delegated_from" [address], "sent_by"}] of the first VEVENT or VTODO.  Addresses come without
 * "mailto:". */
json_t *ical_parse(const char *bytes, size_t len);

#endif
