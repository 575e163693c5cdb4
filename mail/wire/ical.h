/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * iMIP (RFC 5545, 5546, 6047) by libical: invitations out, what came back in.
 */
#ifndef MAIL_WIRE_ICAL_H
#define MAIL_WIRE_ICAL_H

#include <jansson.h>
#include <stdint.h>

#include "base/mem.h"

struct ical_invitation {
    bool cancelled; /* METHOD:CANCEL, else REQUEST */
    const char *uid;
    int sequence;
    int64_t stamp, start, end; /* Unix time */
    const char *time_zone;     /* IANA; what start and end are written in */
    const char *zone;          /* its VTIMEZONE around the event, which is made once; NULL: made here */
    const char *summary, *location, *description; /* NULL: none */
    const char *comment;                          /* why it is cancelled, or NULL */
    const char *language;                         /* BCP 47, of summary and location */
    const char *their_language;                   /* of the description and the names */
    const char *organizer_name, *organizer;       /* address */
    const char *sent_by;                          /* the address that writes for the organizer, or NULL */
    const char *attendee_name, *attendee;         /* exactly one: nobody sees the others */
    bool attendee_is_group;                       /* an organisation */
};
/* A VTIMEZONE as the zone's clocks go between the two times. */
char *ical_format_zone(void *mem, const char *time_zone, int64_t from, int64_t to);
/* RSVP=TRUE, PARTSTAT=NEEDS-ACTION where it asks; CRLF, folded at 75 octets. */
char *ical_format_invitation(void *mem, const struct ical_invitation *invitation);

/* Call in the cage only.  text: UTF-8.  NULL when it holds no event of a calendar; else an object with what
 * is there of
 *   "method" upper case, "prodid", "uid", "sequence" integer, "recurrence_id", "summary", "organizer"
 * address, "comment", "stamp" when it was said, "start", "end" (Unix time, or text where the zone is not
 * described), "attendees" [{"address", "name", "partstat", "delegated_to" [address], "delegated_from"
 * [address], "sent_by"}] of the first VEVENT or VTODO; "others": further ones, likewise.  Addresses come
 * without "mailto:". */
json_t *ical_parse(const char *text);

#endif
