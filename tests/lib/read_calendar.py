# SPDX-License-Identifier: AGPL-3.0-or-later
"""The calendar of a mail as Python's icalendar reads it: python3 tests/lib/read_calendar.py MAIL.eml prints KEY=VALUE a line."""
import email
import email.policy
import sys

import icalendar

mail = email.message_from_binary_file(open(sys.argv[1], "rb"), policy=email.policy.SMTP)
part = next(p for p in mail.walk() if p.get_content_type() == "text/calendar")
attached = next(p for p in mail.walk() if p.get_content_type() == "application/ics")
body = part.get_payload(decode=True).replace(b"\r\n", b"\n")  # a stored mail has lost its CRs
assert body == attached.get_payload(decode=True).replace(b"\r\n", b"\n"), "the attachment is another calendar"
calendar = icalendar.Calendar.from_ical(body)
event, = calendar.walk("VEVENT")
zone, = calendar.walk("VTIMEZONE")
attendees = event["ATTENDEE"] if isinstance(event["ATTENDEE"], list) else [event["ATTENDEE"]]
print("content-method=" + part.get_param("method"))
print("method=" + calendar["METHOD"])
print("tzid=" + zone["TZID"])
for key in "UID", "SEQUENCE", "SUMMARY", "LOCATION", "DESCRIPTION", "STATUS", "ORGANIZER", "COMMENT":
    if key in event:
        print(key.lower() + "=" + str(event[key]).replace("\n", " "))
for key in "SUMMARY", "LOCATION", "DESCRIPTION":
    print(key.lower() + "-language=" + event[key].params.get("LANGUAGE", ""))
for key in "CN", "SENT-BY":
    print("organizer-" + key.lower() + "=" + event["ORGANIZER"].params.get(key, ""))
print("attendees=" + " ".join(str(a) for a in attendees))
for key in "CN", "PARTSTAT", "RSVP", "CUTYPE", "ROLE":
    print("attendee-" + key.lower() + "=" + attendees[0].params.get(key, ""))
for key in "DTSTART", "DTEND":  # by the VTIMEZONE, which from_ical has read into a zone
    print(key.lower() + "=" + event[key].dt.isoformat())
