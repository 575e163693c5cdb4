/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/wire/ical.h"

#include "mail/wire/ical_zone.h"

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
