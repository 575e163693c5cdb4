/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/view.h"

#include "base/unicode.h"
#include "base/unicode_locale.h"
#include "crm/form_contact.h"
#include "sql/mailing.h"

struct view_maker {
    void *mem;
    struct db *db;
    const struct conf *conf;
    int64_t event_id;
    const char *language;
};

static void put(json_t *object, const char *key, const char *value)
{
    if (value)
        json_object_set_new(object, key, json_string(value));
}

/* "10.00–14.00"; to a country with other clocks "10.00–14.00 (Central European Time, GMT+1)" */
static const char *hours(void *mem, int64_t starts, int64_t ends, const char *zone, const char *country,
                         const char *language)
{
    const char *range = unicode_format_range(mem, starts, ends, zone, language),
               *name = unicode_zone_elsewhere(mem, starts, zone, country, language);
    return name ? talloc_asprintf(mem, "%s (%s)", range, name) : range;
}

/* What a letter in the language says of an event. */
static json_t *event_words(const struct view_maker *m, const struct db_rows *when,
                           const struct db_rows *words, const char *country)
{
    const char *zone = m->conf->office.time_zone;
    int64_t starts = db_get_int(when, 0, "starts"), ends = db_get_int(when, 0, "ends");
    json_t *e = json_object();
    put(e, "date", unicode_format_date(m->mem, starts, zone, m->language, UNICODE_LONG));
    put(e, "time", hours(m->mem, starts, ends, zone, country, m->language));
    if (db_rows_count(words)) {
        put(e, "name", db_get_text(words, 0, "name"));
        put(e, "place", db_get_text(words, 0, "place"));
    }
    return e;
}

/* What they were told of the event otherwise than it is now, said: what that was made of. */
static int add_before(const struct view_maker *m, const char *said, const char *country, json_t *view,
                      struct err *err)
{
    DB_ROWS rows = NULL;
    json_t *before = json_object(), *event = json_object_get(view, "event"), *is;
    const char *key;
    json_object_set_new(view, "before", before);
    if (!*said)
        return 0;
    if (db_run(m->db, &rows, err, SQL_MAILING_EVENT_SAID, db_text(said), db_text(m->language),
               db_text(m->conf->office.default_language)) < 0)
        return -1;
    json_t *was = event_words(m, rows, rows, country);
    json_object_foreach(event, key, is)
    {
        if (json_object_get(was, key) && !json_equal(json_object_get(was, key), is))
            json_object_set(before, key, json_object_get(was, key));
    }
    json_decref(was);
    return 0;
}

static int add_event(const struct view_maker *m, const struct view_recipient *recipient, const char *country,
                     json_t *view, struct err *err)
{
    DB_ROWS event = NULL;
    DB_ROWS words = NULL;
    const char *zone = m->conf->office.time_zone;
    int64_t reply_by;
    if (db_run(m->db, &event, err, SQL_MAILING_EVENT, db_int(m->event_id)) < 0 ||
        db_run(m->db, &words, err, SQL_MAILING_EVENT_TEXT, db_int(m->event_id), db_text(m->language),
               db_text(m->conf->office.default_language)) < 0)
        return -1;
    json_object_set_new(view, "event", event_words(m, event, words, country));
    if (recipient->told && add_before(m, recipient->told, country, view, err) < 0)
        return -1;
    if (!db_is_null(event, 0, "cancel_reason"))
        put(view, "reason", conf_in_language(m->mem, db_get_str(event, 0, "cancel_reason"), m->language));
    if (db_is_null(event, 0, "reply_by"))
        return 0;
    if (unicode_parse_time(db_get_str(event, 0, "reply_by"), zone, &reply_by, err) < 0)
        return -1;
    put(view, "reply_by", unicode_format_date(m->mem, reply_by, zone, m->language, UNICODE_DAY));
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

static int make(void *mem, struct db *db, const struct conf *conf, const struct view_recipient *recipient,
                int64_t event_id, json_t **view_r, const char **name_r, int64_t *post_r, struct err *err)
{
    const char *language = recipient->language;
    const struct view_maker maker = {mem, db, conf, event_id, language};
    struct form_contact form;
    const struct form_wanted wanted = {.contact = recipient->contact_id,
                                       .post = recipient->post_id,
                                       .language = language,
                                       .home = conf->office.country,
                                       .country_language = conf->office.country_language};
    if (form_of_contact(mem, db, &wanted, &form, err) < 0)
        return -1;
    json_t *view = json_object(), *contact = json_object();
    put(contact, "id", talloc_asprintf(mem, "%lld", (long long)recipient->contact_id));
    put(contact, "name", form.name);
    put(contact, "kind", form.is_person ? "person" : "organisation");
    json_object_set_new(view, "contact", contact);
    put(view, "language", language);
    put(view, "salutation", form.salutation);
    put(view, "closing", form.closing);
    json_object_set_new(view, "envelope", lines(form.envelope));
    put(view, "organisation", form.organisation ? form.organisation : form.name);
    if (form.post_id)
        json_object_set_new(view, "post", json_pack("{s:s*}", "name", form.post));
    add_office(mem, conf, language, view);
    if ((recipient->paper && add_paper(mem, &form, conf->office.country, view, err) < 0) ||
        (event_id &&
         add_event(&maker, recipient, country_of(mem, &form, conf->office.country), view, err) < 0)) {
        json_decref(view);
        return -1;
    }
    *view_r = view;
    *name_r = form.name ? unicode_squeeze(mem, form.name) : ""; /* it stands in the header */
    *post_r = form.post_id;
    return 0;
}

int view_make(void *mem, struct db *db, const struct conf *conf, const struct view_recipient *recipient,
              int64_t event_id, json_t **view_r, const char **name_r, int64_t *post_r, struct err *err)
{
    if (make(mem, db, conf, recipient, event_id, view_r, name_r, post_r, err) < 0)
        return -1;
    if (!recipient->second)
        return 0;
    struct view_recipient below = *recipient;
    const char *name;
    int64_t post;
    json_t *second;
    below.language = recipient->second;
    below.post_id = *post_r;
    if (make(mem, db, conf, &below, event_id, &second, &name, &post, err) < 0) {
        json_decref(*view_r);
        return -1;
    }
    json_object_set_new(*view_r, "second", second);
    return 0;
}
