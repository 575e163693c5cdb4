/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * Events with invitations, and who said what.  Times are seconds since 1970; an event has its name and place
 * in each language that it is spoken of in.
 */
#ifndef CRM_EVENT_H
#define CRM_EVENT_H

#include <jansson.h>

#include "base/db.h"

struct event_text {
    const char *language, *name, *place;
};

struct event_new {
    int64_t start, end;
    const char *reply_by;   /* yyyy-mm-dd, not after the event has begun; or NULL */
    const char *time_zone;  /* of that day; NULL: UTC */
    const char *department; /* NULL: the user's own */
    const char *domain;     /* right side of its UID (RFC 5545), by which calendars know it */
    const struct event_text *texts;
    size_t ntexts;
};
int event_add(struct db *db, const struct event_new *event, int64_t *id_r, struct err *err) MUST_CHECK;

/* What changes, 0 or NULL for what stays; an end that is not said keeps the length.  When and where raise the
 * SEQUENCE (RFC 5546 2.1.4): then letters about the event that are not out yet are stopped, and answers to
 * the earlier time are open again.  ERR_CONFLICT for words alone while invitations go out, ERR_USAGE for
 * nothing at all. */
struct event_move {
    int64_t start, end;
    const char *reply_by, *time_zone, *place; /* place: in every language */
    const struct event_text *texts;           /* of these languages; name or place NULL: stays */
    size_t ntexts;
};
struct event_changed {
    int64_t sequence;
    bool raised;
    int64_t had,
        stopped; /* contacts who have the earlier invitation; whose letter was stopped, and have none */
};
int event_move(struct db *db, int64_t id, const struct event_move *move, struct event_changed *changed_r,
               struct err *err) MUST_CHECK;
/* For good.  reason: NULL, or a text that may stand in several languages (conf_in_language). */
int event_cancel(struct db *db, int64_t id, const char *reason, struct event_changed *changed_r,
                 struct err *err) MUST_CHECK;

/* The store's name of yes, no, perhaps, delegated, question; NULL: it is none of them. */
const char *event_answer_of(const char *word);
/* An answer that somebody heard: by phone, letter or in person, in the name of whoever is connected. */
struct event_said {
    const char *answer; /* the store's name */
    const char *by;     /* phone, letter, person */
    const char *note;   /* NULL: none */
    int64_t persons; /* how many come, the answering one or whom they send among them; 0: it was not said */
    const char *instead; /* the name of who comes instead, or NULL; or */
    int64_t instead_id;  /* the contact that does */
};
int event_answer_add(struct db *db, int64_t id, int64_t contact, const struct event_said *said,
                     struct err *err) MUST_CHECK;
/* The contact of a letter on paper about the event, by its number MAILING/RECIPIENT. */
int event_find_guest(struct db *db, int64_t id, const char *number, int64_t *contact_r,
                     struct err *err) MUST_CHECK;

/* Whom somebody has to telephone today (in the zone), and why: contact_id, name, organisation, phones,
 * language, email, why (no-address, bounced, refused, expired, overtaken, silent), detail, at, mailing_id. */
int event_calls(struct db *db, int64_t id, const char *time_zone, struct db_rows **rows_r,
                struct err *err) MUST_CHECK;

/* One object (event.sql, event_view, says its shape); the caller drops it. */
int event_view(struct db *db, int64_t id, json_t **view_r, struct err *err) MUST_CHECK;

/* Columns id, starts, ends, name, place (in that language where there is one), department, state, reply_by,
 * accepted, declined (confirmed), other (the rest, and what is only proposed), persons who come; by date. */
int event_list(struct db *db, const char *language, struct db_rows **rows_r, struct err *err) MUST_CHECK;

/* What counts of each contact's answers, proposed ones too: contact_id, name, organisation, address, answer,
 * state, by, evidence (JSON), at, decided_by, persons, instead, instead_id, sequence (of the version
 * answered), earlier (than today's), open (the time has changed since: it does not count). */
int event_answers(struct db *db, int64_t id, struct db_rows **rows_r, struct err *err) MUST_CHECK;

#endif
