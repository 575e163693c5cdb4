/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/ical.h"

#include "mail/wire/ical_zone.h"

enum { ATTENDEES_MAX = 200, ADDRESSES_MAX = 20, TEXT_MAX_BYTES = 16384 };

/* Parameter values can hold neither quotes nor control characters (RFC 5545 3.2). */
static const char *param_text(void *mem, const char *s)
{
    char *copy = talloc_strdup(mem, s);
    for (char *p = copy; *p; p++)
        if (*p == '"')
            *p = '\'';
        else if ((unsigned char)*p < ' ' || *p == 0x7f)
            *p = ' ';
    return copy;
}

static struct icaltimetype utc(int64_t t)
{
    return icaltime_from_timet_with_zone((time_t)t, 0, icaltimezone_get_utc_timezone());
}

static void add_parameter(icalproperty *p, icalparameter *parameter)
{
    icalproperty_add_parameter(p, parameter);
}

/* CN and its language, where there is a name. */
static void add_name(void *mem, icalproperty *p, const char *name, const char *language)
{
    if (!name || !*name)
        return;
    add_parameter(p, icalparameter_new_cn(param_text(mem, name)));
    if (language)
        add_parameter(p, icalparameter_new_language(language));
}

static icalproperty *organizer_new(void *mem, const struct ical_invitation *i)
{
    icalproperty *p = icalproperty_new_organizer(talloc_asprintf(mem, "mailto:%s", i->organizer));
    add_name(mem, p, i->organizer_name, i->their_language);
    if (i->sent_by)
        add_parameter(p, icalparameter_new_sentby(talloc_asprintf(mem, "mailto:%s", i->sent_by)));
    return p;
}

static icalproperty *attendee_new(void *mem, const struct ical_invitation *i)
{
    icalproperty *p = icalproperty_new_attendee(talloc_asprintf(mem, "mailto:%s", i->attendee));
    add_name(mem, p, i->attendee_name, i->their_language);
    add_parameter(
        p, icalparameter_new_cutype(i->attendee_is_group ? ICAL_CUTYPE_GROUP : ICAL_CUTYPE_INDIVIDUAL));
    add_parameter(p, icalparameter_new_role(ICAL_ROLE_REQPARTICIPANT));
    if (!i->cancelled) {
        add_parameter(p, icalparameter_new_partstat(ICAL_PARTSTAT_NEEDSACTION));
        add_parameter(p, icalparameter_new_rsvp(ICAL_RSVP_TRUE));
    }
    return p;
}

static void add_text(icalcomponent *e, icalproperty *p, const char *language)
{
    if (language)
        add_parameter(p, icalparameter_new_language(language));
    icalcomponent_add_property(e, p);
}

static void add_clock(icalcomponent *e, icalproperty *p, const char *time_zone)
{
    add_parameter(p, icalparameter_new_tzid(time_zone));
    icalcomponent_add_property(e, p);
}

static icalcomponent *event_new(void *mem, const struct ical_invitation *i)
{
    icalcomponent *e = icalcomponent_new(ICAL_VEVENT_COMPONENT);
    icalcomponent_add_property(e, icalproperty_new_uid(i->uid));
    icalcomponent_add_property(e, icalproperty_new_dtstamp(utc(i->stamp)));
    icalcomponent_add_property(e, icalproperty_new_sequence(i->sequence));
    add_clock(e, icalproperty_new_dtstart(ical_zone_clock(i->time_zone, i->start)), i->time_zone);
    add_clock(e, icalproperty_new_dtend(ical_zone_clock(i->time_zone, i->end)), i->time_zone);
    add_text(e, icalproperty_new_summary(i->summary ? i->summary : ""), i->language);
    if (i->location && *i->location)
        add_text(e, icalproperty_new_location(i->location), i->language);
    if (i->description && *i->description)
        add_text(e, icalproperty_new_description(i->description), i->their_language);
    if (i->comment && *i->comment)
        add_text(e, icalproperty_new_comment(i->comment), NULL);
    icalcomponent_add_property(e, organizer_new(mem, i));
    icalcomponent_add_property(e, attendee_new(mem, i));
    icalcomponent_add_property(
        e, icalproperty_new_status(i->cancelled ? ICAL_STATUS_CANCELLED : ICAL_STATUS_CONFIRMED));
    icalcomponent_add_property(
        e, icalproperty_new_transp(i->cancelled ? ICAL_TRANSP_TRANSPARENT : ICAL_TRANSP_OPAQUE));
    return e;
}

/* Frees the component. */
static char *format(void *mem, icalcomponent *c)
{
    char *s = icalcomponent_as_ical_string_r(c), *copy = talloc_strdup(mem, s);
    icalmemory_free_buffer(s);
    icalcomponent_free(c);
    return copy;
}

char *ical_format_zone(void *mem, const char *time_zone, int64_t from, int64_t to)
{
    return format(mem, ical_zone_new(time_zone, from, to));
}

char *ical_format_invitation(void *mem, const struct ical_invitation *i)
{
    MEM_SCOPE(scratch);
    const char *zone = i->zone ? i->zone : ical_format_zone(scratch, i->time_zone, i->start, i->end);
    icalcomponent *c = icalcomponent_new(ICAL_VCALENDAR_COMPONENT);
    icalcomponent_add_property(c, icalproperty_new_prodid("-//Adresar//Adresar//EN"));
    icalcomponent_add_property(c, icalproperty_new_version("2.0"));
    icalcomponent_add_property(c, icalproperty_new_calscale("GREGORIAN"));
    icalcomponent_add_property(
        c, icalproperty_new_method(i->cancelled ? ICAL_METHOD_CANCEL : ICAL_METHOD_REQUEST));
    icalcomponent_add_component(c, event_new(scratch, i));
    char *s = format(scratch, c), *event = strstr(s, "BEGIN:VEVENT");
    return talloc_asprintf(mem, "%.*s%s%s", (int)(event - s), s, zone, event);
}

/* ---- in */

static const char *without_mailto(const char *value)
{
    return !strncasecmp(value, "mailto:", 7) ? value + 7 : value;
}

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
    if (s)
        set_text(object, key, without_mailto(s));
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

static void set_param(json_t *object, const char *key, icalproperty *p, const char *param)
{
    char *s = icalproperty_get_parameter_as_string_r(p, param);
    if (s)
        set_text(object, key, without_mailto(s));
    icalmemory_free_buffer(s);
}

/* DELEGATED-TO="mailto:a","mailto:b" as a list of addresses. */
static void set_addresses(json_t *object, const char *key, icalproperty *p, const char *param)
{
    char *s = icalproperty_get_parameter_as_string_r(p, param);
    if (!s)
        return;
    json_t *list = json_array();
    for (char *at = s; *at && json_array_size(list) < ADDRESSES_MAX;) {
        at += strspn(at, "\", ");
        size_t len = strcspn(at, "\",");
        bool more = at[len] != 0;
        at[len] = 0;
        json_t *address = *at ? text_json(without_mailto(at)) : NULL;
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
    char *address = icalproperty_get_value_as_string_r(p);
    if (address)
        set_text(a, "address", without_mailto(address));
    icalmemory_free_buffer(address);
    set_param(a, "name", p, "CN");
    set_param(a, "partstat", p, "PARTSTAT");
    set_param(a, "sent_by", p, "SENT-BY");
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

static void component_facts(json_t *facts, icalcomponent *c)
{
    set_property(facts, "uid", c, ICAL_UID_PROPERTY);
    set_property(facts, "recurrence_id", c, ICAL_RECURRENCEID_PROPERTY);
    set_property(facts, "organizer", c, ICAL_ORGANIZER_PROPERTY);
    set_plain(facts, "summary", c, ICAL_SUMMARY_PROPERTY);
    set_plain(facts, "comment", c, ICAL_COMMENT_PROPERTY);
    json_object_set_new(facts, "sequence", json_integer(icalcomponent_get_sequence(c)));
    icalproperty *stamp = icalcomponent_get_first_property(c, ICAL_DTSTAMP_PROPERTY);
    if (stamp)
        json_object_set_new(facts, "stamp", json_integer(icaltime_as_timet(icalproperty_get_dtstamp(stamp))));
    json_object_set_new(facts, "attendees", attendees_json(c));
}

static icalcomponent *first_event(icalcomponent *calendar)
{
    icalcomponent *e = icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
    return e ? e : icalcomponent_get_first_component(calendar, ICAL_VTODO_COMPONENT);
}

json_t *ical_parse(const char *bytes, size_t len)
{
    icalerror_set_errors_are_fatal(false);
    MEM_SCOPE(mem);
    icalcomponent *c = icalparser_parse_string(talloc_strndup(mem, bytes, len));
    if (!c)
        return NULL;
    icalcomponent *calendar = icalcomponent_isa(c) == ICAL_VCALENDAR_COMPONENT
                                  ? c
                                  : icalcomponent_get_first_component(c, ICAL_VCALENDAR_COMPONENT);
    icalcomponent *event = calendar ? first_event(calendar) : NULL;
    json_t *facts = NULL;
    if (event) {
        facts = json_object();
        set_property(facts, "method", calendar, ICAL_METHOD_PROPERTY);
        set_property(facts, "prodid", calendar, ICAL_PRODID_PROPERTY);
        component_facts(facts, event);
    }
    icalcomponent_free(c);
    return facts;
}
