/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * What a mailing has in common (an event in a language, at the hours of a country) is kept with the maker,
 * what recipients have of their own is read for all that are asked for at once.
 */
#include "mail/view.h"

#include "base/unicode.h"
#include "base/unicode_locale.h"
#include "crm/form_contact.h"
#include "sql/mailing.h"

/* An event as it is, or as somebody was told of it, in a language. */
struct occasion {
    const char *said; /* mailing.event_said; NULL: as it is */
    const char *language;
    int64_t starts, ends;
    const char *name, *place; /* NULL: there is none */
    const char *date;
    const char *reason, *reply_by; /* of one as it is */
    struct hours *hours;
    struct occasion *next;
};

/* Its hours as those of a country are told of them. */
struct hours {
    const char *country, *time;
    struct hours *next;
};

struct view_maker {
    struct db *db;
    const struct conf *conf;
    int64_t event_id;
    struct occasion *occasions;
};

static void put(json_t *object, const char *key, const char *value)
{
    if (value)
        json_object_set_new(object, key, json_string(value));
}

/* "10.00–14.00"; to a country with other clocks "10.00–14.00 (Central European Time, GMT+1)" */
static const char *format_hours(void *mem, int64_t starts, int64_t ends, const char *zone,
                                const char *country, const char *language)
{
    const char *range = unicode_format_range(mem, starts, ends, zone, language),
               *name = unicode_zone_elsewhere(mem, starts, zone, country, language);
    return name ? talloc_asprintf(mem, "%s (%s)", range, name) : range;
}

/* The event is asked for in each language, of which a mailing has few. */
static int read_event(struct view_maker *m, struct occasion *o, struct err *err)
{
    DB_ROWS event = NULL;
    DB_ROWS words = NULL;
    const char *zone = m->conf->office.time_zone;
    int64_t reply_by;
    if (db_run(m->db, &event, err, SQL_MAILING_EVENT, db_int(m->event_id)) < 0 ||
        db_run(m->db, &words, err, SQL_MAILING_EVENT_TEXT, db_int(m->event_id), db_text(o->language),
               db_text(m->conf->office.default_language)) < 0)
        return -1;
    o->starts = db_get_int(event, 0, "starts"), o->ends = db_get_int(event, 0, "ends");
    if (db_rows_count(words)) {
        o->name = talloc_strdup(o, db_get_text(words, 0, "name"));
        o->place = talloc_strdup(o, db_get_text(words, 0, "place"));
    }
    if (!db_is_null(event, 0, "cancel_reason"))
        o->reason = conf_in_language(o, db_get_str(event, 0, "cancel_reason"), o->language);
    if (db_is_null(event, 0, "reply_by"))
        return 0;
    if (unicode_parse_time(db_get_str(event, 0, "reply_by"), zone, &reply_by, err) < 0)
        return -1;
    o->reply_by = unicode_format_date(o, reply_by, zone, o->language, UNICODE_DAY);
    return 0;
}

static int read_said(struct view_maker *m, struct occasion *o, struct err *err)
{
    DB_ROWS rows = NULL;
    if (db_run(m->db, &rows, err, SQL_MAILING_EVENT_SAID, db_text(o->said), db_text(o->language),
               db_text(m->conf->office.default_language)) < 0)
        return -1;
    o->starts = db_get_int(rows, 0, "starts"), o->ends = db_get_int(rows, 0, "ends");
    o->name = talloc_strdup(o, db_get_text(rows, 0, "name"));
    o->place = talloc_strdup(o, db_get_text(rows, 0, "place"));
    return 0;
}

static int find_occasion(struct view_maker *m, const char *said, const char *language,
                         struct occasion **occasion_r, struct err *err)
{
    struct occasion *o = m->occasions;
    while (o && (strcmp(o->language, language) || (o->said ? !said || strcmp(o->said, said) : said != NULL)))
        o = o->next;
    *occasion_r = o;
    if (o)
        return 0;
    *occasion_r = o = talloc_zero(m, struct occasion);
    o->language = talloc_strdup(o, language);
    o->said = said ? talloc_strdup(o, said) : NULL;
    if ((said ? read_said(m, o, err) : read_event(m, o, err)) < 0)
        return -1;
    o->date = unicode_format_date(o, o->starts, m->conf->office.time_zone, language, UNICODE_LONG);
    o->next = m->occasions;
    m->occasions = o;
    return 0;
}

static const char *hours_in(const struct view_maker *m, struct occasion *o, const char *country)
{
    for (const struct hours *e = o->hours; e; e = e->next)
        if (!strcmp(e->country, country))
            return e->time;
    struct hours *e = talloc(o, struct hours);
    *e = (struct hours){
        .country = talloc_strdup(e, country),
        .time = format_hours(e, o->starts, o->ends, m->conf->office.time_zone, country, o->language),
        .next = o->hours,
    };
    o->hours = e;
    return e->time;
}

/* What a letter in the language says of it. */
static json_t *event_words(const struct view_maker *m, struct occasion *o, const char *country)
{
    json_t *e = json_object();
    put(e, "date", o->date);
    put(e, "time", hours_in(m, o, country));
    put(e, "name", o->name);
    put(e, "place", o->place);
    return e;
}

/* What they were told of the event otherwise than it is now, said: what that was made of. */
static int add_before(struct view_maker *m, const char *said, const char *language, const char *country,
                      json_t *view, struct err *err)
{
    json_t *before = json_object(), *event = json_object_get(view, "event"), *is;
    const char *key;
    struct occasion *told;
    json_object_set_new(view, "before", before);
    if (!*said)
        return 0;
    if (find_occasion(m, said, language, &told, err) < 0)
        return -1;
    json_t *was = event_words(m, told, country);
    json_object_foreach(event, key, is)
    {
        if (json_object_get(was, key) && !json_equal(json_object_get(was, key), is))
            json_object_set(before, key, json_object_get(was, key));
    }
    json_decref(was);
    return 0;
}

static int add_event(struct view_maker *m, const char *told, const char *language, const char *country,
                     json_t *view, struct err *err)
{
    struct occasion *o;
    if (find_occasion(m, NULL, language, &o, err) < 0)
        return -1;
    json_object_set_new(view, "event", event_words(m, o, country));
    if (told && add_before(m, told, language, country, view, err) < 0)
        return -1;
    put(view, "reason", o->reason);
    put(view, "reply_by", o->reply_by);
    return 0;
}

static void add_office(void *mem, const struct conf *conf, const char *language, json_t *view)
{
    json_t *office = json_object(), *mayor = json_object();
    put(office, "name", conf_in_language(mem, conf->office.name, language));
    put(office, "phone", conf->office.phone);
    put(office, "email", conf->office.email);
    put(office, "person", conf_in_language(mem, conf->office.person, language));
    put(mayor, "name", conf_in_language(mem, conf->office.mayor, language));
    json_object_set_new(view, "office", office);
    json_object_set_new(view, "mayor", mayor);
}

static json_t *lines(const char *const *line)
{
    json_t *array = json_array();
    while (*line)
        json_array_append_new(array, json_string(*line++));
    return array;
}

/* Where they live, as far as it is known; "" */
static const char *country_of(void *mem, const struct form_contact *form, const char *home)
{
    struct postal_place place;
    struct err unknown;
    return postal_place(mem, &form->postal, home, &place, &unknown) > 0 ? place.country : "";
}

/* Lines in the window of an envelope, at the smallest size; a long one may take two. */
enum { MAX_ENVELOPE = 10 };

/* ERR_INPUT names them. */
static int add_paper(void *mem, const struct form_contact *form, const char *home, json_t *view,
                     struct err *err)
{
    struct postal_place place;
    size_t lines = json_array_size(json_object_get(view, "envelope"));
    int rc = postal_place(mem, &form->postal, home, &place, err);
    if (rc > 0 && lines > MAX_ENVELOPE)
        rc = err_set(err, ERR_INPUT, "the address has %zu lines, and a window shows %d", lines, MAX_ENVELOPE);
    if (rc < 0)
        return err_context(err, "%s",
                           form->name           ? form->name
                           : form->organisation ? form->organisation
                                                : "?");
    if (rc == 0)
        return 0;
    json_object_set_new(view, "paper", json_true());
    json_object_set_new(view, "postal",
                        json_pack("{s:s, s:s}", "country", place.country, "postcode", place.postcode));
    return 0;
}

static json_t *view_of(void *mem, const struct conf *conf, const struct view_recipient *recipient,
                       const struct form_contact *form)
{
    json_t *view = json_object(), *contact = json_object();
    put(contact, "id", talloc_asprintf(mem, "%lld", (long long)recipient->contact_id));
    put(contact, "name", form->name);
    put(contact, "kind", form->is_person ? "person" : "organisation");
    json_object_set_new(view, "contact", contact);
    put(view, "language", form->language);
    put(view, "salutation", form->salutation);
    put(view, "closing", form->closing);
    json_object_set_new(view, "envelope", lines(form->envelope));
    put(view, "organisation", form->organisation ? form->organisation : form->name);
    if (form->post_id)
        json_object_set_new(view, "post", json_pack("{s:s*}", "name", form->post));
    add_office(mem, conf, form->language, view);
    return view;
}

/* In the form's language.  -1 also for an address on paper, which is ERR_INPUT. */
static int make(struct view_maker *m, void *mem, const struct view_recipient *recipient,
                const struct form_contact *form, json_t **view_r, struct err *err)
{
    const char *home = m->conf->office.country;
    json_t *view = view_of(mem, m->conf, recipient, form);
    if ((recipient->paper && add_paper(mem, form, home, view, err) < 0) ||
        (m->event_id &&
         add_event(m, recipient->told, form->language, country_of(mem, form, home), view, err) < 0)) {
        json_decref(view);
        return -1;
    }
    *view_r = view;
    return 0;
}

/* form: of the text, and of the one below it if there is one. */
static int make_whole(struct view_maker *m, void *mem, const struct view_recipient *recipient,
                      const struct form_contact *form, struct view *v, struct err *err)
{
    json_t *second;
    *v = (struct view){.post_id = form[0].post_id,
                       .name = form[0].name ? unicode_squeeze(mem, form[0].name) : ""}; /* in the header */
    if (make(m, mem, recipient, &form[0], &v->value, err) < 0)
        return -1;
    if (!recipient->second)
        return 0;
    if (make(m, mem, recipient, &form[1], &second, err) < 0) {
        json_decref(v->value);
        v->value = NULL;
        return -1;
    }
    json_object_set_new(v->value, "second", second);
    return 0;
}

static struct form_wanted wanted_in(const struct view_maker *m, const struct view_recipient *r,
                                    const char *language)
{
    return (struct form_wanted){.contact = r->contact_id,
                                .post = r->post_id,
                                .language = language,
                                .home = m->conf->office.country,
                                .country_language = m->conf->office.country_language};
}

struct view_maker *view_maker_new(void *mem, struct db *db, const struct conf *conf, int64_t event_id)
{
    struct view_maker *m = talloc(mem, struct view_maker);
    *m = (struct view_maker){.db = db, .conf = conf, .event_id = event_id};
    return m;
}

int view_make(struct view_maker *m, void *mem, const struct view_recipient *r, size_t n, struct view *view_r,
              struct err *err)
{
    struct form_wanted *wanted = talloc_array(mem, struct form_wanted, (unsigned)(2 * n));
    struct form_contact *form = talloc_array(mem, struct form_contact, (unsigned)(2 * n));
    size_t nwanted = 0;
    for (size_t i = 0; i < n; i++) {
        wanted[nwanted++] = wanted_in(m, &r[i], r[i].language);
        if (r[i].second)
            wanted[nwanted++] = wanted_in(m, &r[i], r[i].second);
    }
    if (form_of_contacts(mem, m->db, wanted, nwanted, form, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        struct err why;
        const struct catalog *reader = err_language(NULL); /* it may be kept */
        int rc = make_whole(m, mem, &r[i], form, &view_r[i], &why);
        err_language(reader);
        form += r[i].second ? 2 : 1;
        if (rc == 0)
            continue;
        if (why.code != ERR_INPUT) {
            *err = why;
            while (i--)
                json_decref(view_r[i].value);
            return -1;
        }
        view_r[i].why = talloc_strdup(mem, why.text);
    }
    return 0;
}
