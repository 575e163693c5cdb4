/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What we write, read back by libical: the times by the VTIMEZONE that goes along, who invites whom.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <libical/ical.h>

#include "base/unicode.h"
#include "mail/wire/ical.h"

static struct ical_invitation conference(void)
{
    return (struct ical_invitation){
        .uid = "42@klokot.example",
        .sequence = 1,
        .stamp = 1790000000,
        .start = 1805360400,
        .end = 1805374800,
        .time_zone = "Europe/Belgrade",
        .summary = "Конференција донатора",
        .location = "Дом културе",
        .description = "Поштовани господине,\nдођите.",
        .language = "sr-Cyrl",
        .their_language = "sr-Cyrl",
        .organizer_name = "Градоначелник",
        .organizer = "mayor@klokot.example",
        .attendee_name = "Драган Стојковић",
        .attendee = "guest@x.example",
    };
}

static icalcomponent *parsed(void *mem, const struct ical_invitation *i)
{
    icalcomponent *c = icalparser_parse_string(ical_format_invitation(mem, i));
    assert_non_null(c);
    assert_int_equal(icalcomponent_count_errors(c), 0);
    assert_true(icalrestriction_check(c));
    return c;
}

static icalcomponent *event_of(icalcomponent *calendar)
{
    assert_int_equal(icalcomponent_count_components(calendar, ICAL_VEVENT_COMPONENT), 1);
    return icalcomponent_get_first_component(calendar, ICAL_VEVENT_COMPONENT);
}

static int64_t unix_of(struct icaltimetype t)
{
    assert_non_null(t.zone); /* the one of the VTIMEZONE */
    return icaltime_as_timet_with_zone(t, t.zone);
}

/* Begin and end come back as they were, whatever the zone's clocks do, by the VTIMEZONE alone. */
static void test_times(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *start, *end;
        const char *contains; /* of the VTIMEZONE */
    } table[] = {
        {"Europe/Belgrade", "2027-03-18 10:00", "2027-03-18 14:00", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3"},
        {"Europe/Belgrade", "2027-07-12 09:00", "2027-07-12 22:00", "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10"},
        {"Europe/Belgrade", "2027-03-27 22:00", "2027-03-28 12:00", "TZOFFSETTO:+0200"},
        {"Europe/Belgrade", "2027-10-30 22:00", "2027-10-31 12:00", "TZOFFSETTO:+0100"},
        {"America/New_York", "2028-03-12 03:00", "2028-11-06 01:00", "RRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3"},
        {"Australia/Lord_Howe", "2027-01-05 10:00", "2027-06-05 10:00", "TZOFFSETTO:+1100"},
        {"Africa/Casablanca", "2027-02-01 10:00", "2027-04-20 10:00", "TZOFFSETTO:+0000"},
        {"Asia/Kolkata", "2027-05-05 10:00", "2027-05-05 11:00", "TZOFFSETTO:+0530"},
        {"Etc/UTC", "2027-05-05 10:00", "2027-05-05 11:00", "TZOFFSETTO:+0000"},
    };
    for (size_t k = 0; k < ARRAY_LEN(table); k++) {
        MEM_SCOPE(mem);
        struct err err;
        struct ical_invitation i = conference();
        i.time_zone = table[k].zone;
        assert_int_equal(unicode_parse_time(table[k].start, i.time_zone, &i.start, &err), 0);
        assert_int_equal(unicode_parse_time(table[k].end, i.time_zone, &i.end, &err), 0);
        char *text = ical_format_invitation(mem, &i);
        i.zone = ical_format_zone(mem, i.time_zone, i.start, i.end);
        assert_string_equal(ical_format_invitation(mem, &i), text);
        if (!strstr(text, table[k].contains))
            fail_msg("%s has no %s", text, table[k].contains);
        icalcomponent *calendar = parsed(mem, &i), *event = event_of(calendar);
        if (unix_of(icalcomponent_get_dtstart(event)) != i.start ||
            unix_of(icalcomponent_get_dtend(event)) != i.end)
            fail_msg("%s: other times: %s", table[k].start, text);
        struct icaltimetype t = icalcomponent_get_dtstart(event);
        struct unicode_clock clock = unicode_clock_of(i.start, i.time_zone);
        assert_int_equal(t.hour, clock.hour); /* written as the office's clock */
        icalcomponent_free(calendar);
    }
}

static const char *parameter(icalproperty *p, const char *name, char buffer[200])
{
    char *s = icalproperty_get_parameter_as_string_r(p, name);
    snprintf(buffer, 200, "%s", s ? s : "");
    icalmemory_free_buffer(s);
    return buffer;
}

static void test_request(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    char buffer[200];
    struct ical_invitation i = conference();
    i.sent_by = "office@klokot.example";
    i.attendee_is_group = true;
    icalcomponent *calendar = parsed(mem, &i), *event = event_of(calendar);
    assert_int_equal(icalcomponent_get_method(calendar), ICAL_METHOD_REQUEST);
    assert_int_equal(icalcomponent_get_sequence(event), 1);
    assert_string_equal(icalcomponent_get_description(event), i.description);
    assert_int_equal(icalcomponent_count_properties(event, ICAL_ATTENDEE_PROPERTY), 1);
    assert_int_equal(icalcomponent_count_properties(event, ICAL_URL_PROPERTY), 0);
    icalproperty *p = icalcomponent_get_first_property(event, ICAL_ATTENDEE_PROPERTY);
    assert_string_equal(icalproperty_get_attendee(p), "mailto:guest@x.example");
    assert_string_equal(parameter(p, "PARTSTAT", buffer), "NEEDS-ACTION");
    assert_string_equal(parameter(p, "RSVP", buffer), "TRUE");
    assert_string_equal(parameter(p, "CUTYPE", buffer), "GROUP");
    assert_string_equal(parameter(p, "ROLE", buffer), "REQ-PARTICIPANT");
    assert_string_equal(parameter(p, "LANGUAGE", buffer), "sr-Cyrl");
    p = icalcomponent_get_first_property(event, ICAL_ORGANIZER_PROPERTY);
    assert_string_equal(icalproperty_get_organizer(p), "mailto:mayor@klokot.example");
    assert_string_equal(parameter(p, "SENT-BY", buffer), "mailto:office@klokot.example");
    assert_string_equal(parameter(p, "CN", buffer), "Градоначелник");
    p = icalcomponent_get_first_property(event, ICAL_LOCATION_PROPERTY);
    assert_string_equal(parameter(p, "LANGUAGE", buffer), "sr-Cyrl");
    icalcomponent_free(calendar);
}

static void test_cancel(void **state)
{
    (void)state;
    MEM_SCOPE(mem);
    struct ical_invitation i = conference();
    i.cancelled = true;
    i.comment = "поплава";
    i.sequence = 3;
    icalcomponent *calendar = parsed(mem, &i), *event = event_of(calendar);
    assert_int_equal(icalcomponent_get_method(calendar), ICAL_METHOD_CANCEL);
    assert_int_equal(icalcomponent_get_status(event), ICAL_STATUS_CANCELLED);
    assert_string_equal(icalcomponent_get_uid(event), i.uid);
    assert_int_equal(icalcomponent_get_sequence(event), 3);
    assert_string_equal(icalcomponent_get_comment(event), "поплава");
    icalproperty *p = icalcomponent_get_first_property(event, ICAL_ATTENDEE_PROPERTY);
    assert_null(icalproperty_get_first_parameter(p, ICAL_RSVP_PARAMETER));
    icalcomponent_free(calendar);
}

int main(void)
{
    mem_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_times),
        cmocka_unit_test(test_request),
        cmocka_unit_test(test_cancel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
