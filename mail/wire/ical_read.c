/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Calendars as other programs write them.  Their lines are made whole first (ical_lines.c); libical reads
 * them.
 */
#include <strings.h>

#include "mail/wire/ical.h"
#include "mail/wire/ical_lazy.h"
#include "mail/wire/ical_lines.h"

enum { ATTENDEES_MAX = 200, ADDRESSES_MAX = 20, EVENTS_MAX = 20, TEXT_MAX_BYTES = 16384 };

/* ---- texts */

/* Text from outside as JSON: cut, and nothing where it is no UTF-8. */
static json_t *text_json(const char *s)
{
    size_t len = s ? strnlen(s, TEXT_MAX_BYTES) : 0;
    while (len && len == TEXT_MAX_BYTES && ((unsigned char)s[len] & 0xc0) == 0x80)
        len--;
    return s ? json_stringn(s, len) : NULL;
}

static void set_text(json_t *object, const char *key, const char *s)
{
    json_t *value = text_json(s);
    if (value)
        json_object_set_new(object, key, value);
}

static void set_property(json_t *object, const char *key, icalcomponent *c, icalproperty_kind kind)
{
    icalproperty *p = icalcomponent_get_first_property(c, kind);
    char *s = p ? icalproperty_get_value_as_string_r(p) : NULL;
    if (s && *s)
        set_text(object, key, s);
    icalmemory_free_buffer(s);
}

/* Free text, its escapes undone. */
static void set_plain(json_t *object, const char *key, icalcomponent *c, icalproperty_kind kind)
{
    icalproperty *p = icalcomponent_get_first_property(c, kind);
    icalvalue *v = p ? icalproperty_get_value(p) : NULL;
    if (v && icalvalue_isa(v) == ICAL_TEXT_VALUE)
        set_text(object, key, icalvalue_get_text(v));
}

/* ---- people */

/* "mailto:x@y", "MAILTO: x@y", "<x@y>", "Name <x@y>", and what is no address, as it stands.  A
 * child of mem. */
static char *address_of(void *mem, const char *value)
{
    const char *s = value + strspn(value, " \t\"'");
    if (!strncasecmp(s, "mailto:", 7))
        s += 7;
    const char *open = strrchr(s, '<'), *close = open ? strchr(open, '>') : NULL;
    if (close && memchr(open, '@', (size_t)(close - open)))
        return talloc_strndup(mem, open + 1, (size_t)(close - open - 1));
    s += strspn(s, " \t\"'<");
    size_t len = strlen(s);
    while (len && strchr(" \t\"'>", s[len - 1]))
        len--;
    return talloc_strndup(mem, s, len);
}

static void set_address(json_t *object, const char *key, const char *value)
{
    MEM_SCOPE(mem);
    const char *address = value ? address_of(mem, value) : "";
    if (*address)
        set_text(object, key, address);
}

/* The address of a person: the value, or where that names them otherwise (urn:uuid:, /o=Org/cn=...) the
 * parameter EMAIL (RFC 7986 6.2), or a name that is one. */
static void set_person(json_t *object, const char *key, icalproperty *p)
{
    static const char *const others[] = {"EMAIL", "X-EMAIL", "CN"};
    char *value = icalproperty_get_value_as_string_r(p);
    for (size_t i = 0; i < ARRAY_LEN(others) && (!value || !strchr(value, '@')); i++) {
        char *other = icalproperty_get_parameter_as_string_r(p, others[i]);
        if (other && strchr(other, '@')) {
            icalmemory_free_buffer(value);
            value = other;
        } else {
            icalmemory_free_buffer(other);
        }
    }
    set_address(object, key, value);
    icalmemory_free_buffer(value);
}

static void set_param(json_t *object, const char *key, icalproperty *p, const char *param)
{
    char *s = icalproperty_get_parameter_as_string_r(p, param);
    if (s && *s)
        set_text(object, key, s);
    icalmemory_free_buffer(s);
}

/* DELEGATED-TO="mailto:a","mailto:b" as a list of addresses. */
static void set_addresses(json_t *object, const char *key, icalproperty *p, const char *param)
{
    char *s = icalproperty_get_parameter_as_string_r(p, param);
    if (!s)
        return;
    MEM_SCOPE(mem);
    json_t *list = json_array();
    for (char *at = s; *at && json_array_size(list) < ADDRESSES_MAX;) {
        at += strspn(at, "\", ");
        size_t len = strcspn(at, "\",");
        bool more = at[len] != 0;
        at[len] = 0;
        json_t *address = *at ? text_json(address_of(mem, at)) : NULL;
        if (address)
            json_array_append_new(list, address);
        at += len + more;
    }
    json_object_set_new(object, key, list);
    icalmemory_free_buffer(s);
}

static json_t *attendee_json(icalproperty *p)
{
    json_t *a = json_object();
    MEM_SCOPE(mem);
    set_person(a, "address", p);
    set_param(a, "name", p, "CN");
    set_param(a, "partstat", p, "PARTSTAT");
    char *by = icalproperty_get_parameter_as_string_r(p, "SENT-BY");
    set_address(a, "sent_by", by);
    icalmemory_free_buffer(by);
    set_addresses(a, "delegated_to", p, "DELEGATED-TO");
    set_addresses(a, "delegated_from", p, "DELEGATED-FROM");
    return a;
}

static json_t *attendees_json(icalcomponent *c)
{
    json_t *list = json_array();
    for (icalproperty *p = icalcomponent_get_first_property(c, ICAL_ATTENDEE_PROPERTY);
         p && json_array_size(list) < ATTENDEES_MAX;
         p = icalcomponent_get_next_property(c, ICAL_ATTENDEE_PROPERTY))
        json_array_append_new(list, attendee_json(p));
    return list;
}

/* ---- times */

/* Outlook's own time of answering, where it repeats the DTSTAMP of the invitation; 0: none. */
static int64_t replied_at(icalcomponent *c)
{
    int64_t at = 0;
    for (icalproperty *p = icalcomponent_get_first_property(c, ICAL_X_PROPERTY); p;
         p = icalcomponent_get_next_property(c, ICAL_X_PROPERTY)) {
        const char *name = icalproperty_get_x_name(p);
        if (!name || strcasecmp(name, "X-MICROSOFT-CDO-REPLYTIME") != 0)
            continue;
        char *value = icalproperty_get_value_as_string_r(p);
        at = value ? icaltime_as_timet(icaltime_from_string(value)) : 0;
        icalmemory_free_buffer(value);
    }
    return at;
}

static void set_stamp(json_t *facts, icalcomponent *c)
{
    icalproperty *p = icalcomponent_get_first_property(c, ICAL_DTSTAMP_PROPERTY);
    int64_t stamp = p ? icaltime_as_timet(icalproperty_get_dtstamp(p)) : 0, replied = replied_at(c);
    if (replied > stamp)
        stamp = replied;
    if (stamp > 0)
        json_object_set_new(facts, "stamp", json_integer(stamp));
}

/* Unix time where it is of UTC or of a zone that the calendar describes; else as it is written. */
static void set_time(json_t *facts, const char *key, icalcomponent *c, icalproperty_kind kind)
{
    icalproperty *p = icalcomponent_get_first_property(c, kind);
    if (!p)
        return;
    struct icaltimetype t = icalproperty_get_datetime_with_component(p, c);
    if (icaltime_is_null_time(t))
        return;
    if (t.zone && !t.is_date)
        json_object_set_new(facts, key, json_integer(icaltime_as_timet_with_zone(t, t.zone)));
    else
        set_property(facts, key, c, kind);
}

/* ---- events */

static json_t *event_json(icalcomponent *c)
{
    json_t *facts = json_object();
    set_property(facts, "uid", c, ICAL_UID_PROPERTY);
    set_property(facts, "recurrence_id", c, ICAL_RECURRENCEID_PROPERTY);
    icalproperty *organizer = icalcomponent_get_first_property(c, ICAL_ORGANIZER_PROPERTY);
    if (organizer)
        set_person(facts, "organizer", organizer);
    set_plain(facts, "summary", c, ICAL_SUMMARY_PROPERTY);
    set_plain(facts, "comment", c, ICAL_COMMENT_PROPERTY);
    if (icalcomponent_get_first_property(c, ICAL_SEQUENCE_PROPERTY))
        json_object_set_new(facts, "sequence", json_integer(icalcomponent_get_sequence(c)));
    set_stamp(facts, c);
    set_time(facts, "start", c, ICAL_DTSTART_PROPERTY);
    set_time(facts, "end", c, ICAL_DTEND_PROPERTY);
    json_object_set_new(facts, "attendees", attendees_json(c));
    return facts;
}

static bool is_event(icalcomponent *c)
{
    return icalcomponent_isa(c) == ICAL_VEVENT_COMPONENT || icalcomponent_isa(c) == ICAL_VTODO_COMPONENT;
}

/* All of them, those that stand for one date of a series (RECURRENCE-ID) behind the others. */
static json_t *events_json(icalcomponent *calendar)
{
    json_t *events = json_array(), *dates = json_array();
    for (icalcomponent *c = icalcomponent_get_first_component(calendar, ICAL_ANY_COMPONENT);
         c && json_array_size(events) + json_array_size(dates) < EVENTS_MAX;
         c = icalcomponent_get_next_component(calendar, ICAL_ANY_COMPONENT))
        if (is_event(c))
            json_array_append_new(icalcomponent_get_first_property(c, ICAL_RECURRENCEID_PROPERTY) ? dates
                                                                                                  : events,
                                  event_json(c));
    json_array_extend(events, dates);
    json_decref(dates);
    return events;
}

/* METHOD is of the calendar; there are programs that write it into the event. */
static void set_method(json_t *facts, icalcomponent *calendar)
{
    set_property(facts, "method", calendar, ICAL_METHOD_PROPERTY);
    for (icalcomponent *c = icalcomponent_get_first_component(calendar, ICAL_ANY_COMPONENT);
         c && !json_object_get(facts, "method");
         c = icalcomponent_get_next_component(calendar, ICAL_ANY_COMPONENT))
        if (is_event(c))
            set_property(facts, "method", c, ICAL_METHOD_PROPERTY);
}

static json_t *calendar_json(icalcomponent *calendar)
{
    json_t *events = events_json(calendar), *facts = json_array_get(events, 0);
    if (facts) {
        json_incref(facts);
        json_array_remove(events, 0);
        set_method(facts, calendar);
        set_property(facts, "prodid", calendar, ICAL_PRODID_PROPERTY);
        if (json_array_size(events))
            json_object_set(facts, "others", events);
    }
    json_decref(events);
    return facts;
}

json_t *ical_parse(const char *text)
{
    icalerror_set_errors_are_fatal(false);
    MEM_SCOPE(mem);
    char *lines = ical_lines(mem, text);
    icalcomponent *c = lines ? icalparser_parse_string(lines) : NULL;
    if (!c)
        return NULL;
    icalcomponent *calendar = icalcomponent_isa(c) == ICAL_VCALENDAR_COMPONENT
                                  ? c
                                  : icalcomponent_get_first_component(c, ICAL_VCALENDAR_COMPONENT);
    json_t *facts = calendar ? calendar_json(calendar) : NULL;
    icalcomponent_free(c);
    return facts;
}
