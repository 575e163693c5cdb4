/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Of a calendar in a mail (mail/wire/facts.h): which event is answered, and by whom.
 */
#ifndef MAIL_CALENDAR_H
#define MAIL_CALENDAR_H

#include <jansson.h>

#include "base/mem.h"

/* RFC 5546: REPLY, COUNTER, REFRESH; and DECLINECOUNTER, which is an organizer's and none of ours asked for.
 */
enum calendar_method {
    CALENDAR_NONE,
    CALENDAR_REPLY,
    CALENDAR_COUNTER,
    CALENDAR_REFRESH,
    CALENDAR_DECLINECOUNTER
};

struct calendar_answer {
    enum calendar_method method;
    const char *method_name; /* as it is written; NULL: none */
    const json_t *event;     /* see ical.h; NULL: there is no calendar in the mail */
    const json_t *attendee;  /* NULL: nobody */
    bool alone;              /* it names nobody else, or it is the sender's own */
    bool ours;               /* its UID is of an event of ours */
};
/* Of several events the first that is ours (is_ours NULL: all are); of several attendees the sender, else
 * one who answers.  All lives in the facts. */
struct calendar_answer calendar_answer(const json_t *facts, bool (*is_ours)(const char *uid, void *arg),
                                       void *arg);

#endif
