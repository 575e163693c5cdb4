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
    const char *reply_by;   /* yyyy-mm-dd, or NULL */
    const char *department; /* NULL: the user's own */
    const char *domain;     /* right side of its UID (RFC 5545), by which calendars know it */
    const struct event_text *texts;
    size_t ntexts;
};
int event_add(struct db *db, const struct event_new *event, int64_t *id_r, struct err *err) MUST_CHECK;

/* One object (event.sql, event_view, says its shape); the caller drops it. */
int event_view(struct db *db, int64_t id, json_t **view_r, struct err *err) MUST_CHECK;

/* Columns id, starts, ends, name, place (in that language where there is one), department, state, reply_by,
 * accepted, declined, other; by date. */
int event_list(struct db *db, const char *language, struct db_rows **rows_r, struct err *err) MUST_CHECK;

/* What counts of each contact's answers, proposed ones too: contact_id, name, organisation, address, answer,
 * state, by, evidence (JSON), at, decided_by. */
int event_answers(struct db *db, int64_t id, struct db_rows **rows_r, struct err *err) MUST_CHECK;

#endif
