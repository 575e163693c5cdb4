/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/calendar.h"

#include <strings.h>

#include "mail/wire/facts.h"

static const char *text_at(const json_t *object, const char *key)
{
    const char *s = json_string_value(json_object_get(object, key));
    return s && *s ? s : NULL;
}

static enum calendar_method method_of(const char *method)
{
    static const char *const methods[] = {[CALENDAR_REPLY] = "REPLY",
                                          [CALENDAR_COUNTER] = "COUNTER",
                                          [CALENDAR_REFRESH] = "REFRESH",
                                          [CALENDAR_DECLINECOUNTER] = "DECLINECOUNTER"};
    for (size_t i = CALENDAR_REPLY; method && i < ARRAY_LEN(methods); i++)
        if (!strcasecmp(method, methods[i]))
            return (enum calendar_method)i;
    return CALENDAR_NONE;
}

/* A REPLY has one attendee (RFC 5546 3.2.3); there are programs that send all of them. */
static void choose_attendee(const json_t *facts, struct calendar_answer *answer)
{
    const json_t *attendees = json_object_get(answer->event, "attendees"), *a;
    const char *from = facts_from(facts, 1);
    size_t i;
    answer->alone = json_array_size(attendees) == 1;
    answer->attendee = json_array_get(attendees, 0);
    json_array_foreach(attendees, i, a)
    {
        const char *address = text_at(a, "address"), *partstat = text_at(a, "partstat");
        if (address && !strcasecmp(from, address)) {
            answer->attendee = a;
            answer->alone = true;
            return;
        }
        const char *best = text_at(answer->attendee, "partstat");
        if (partstat && strcasecmp(partstat, "NEEDS-ACTION") && (!best || !strcasecmp(best, "NEEDS-ACTION")))
            answer->attendee = a;
    }
}

struct calendar_answer calendar_answer(const json_t *facts, bool (*is_ours)(const char *uid, void *arg),
                                       void *arg)
{
    const json_t *first = json_object_get(facts, "calendar"), *others = json_object_get(first, "others");
    const char *method = text_at(first, "method");
    struct calendar_answer answer = {.method = method_of(method), .method_name = method, .event = first};
    for (size_t i = 0; answer.method && !answer.ours && i <= json_array_size(others); i++) {
        const json_t *event = i ? json_array_get(others, i - 1) : first;
        const char *uid = text_at(event, "uid");
        answer.ours = uid && (!is_ours || is_ours(uid, arg));
        if (answer.ours)
            answer.event = event;
    }
    choose_attendee(facts, &answer);
    return answer;
}
