/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/inbox_match.h"

#include <strings.h>

#include "mail/envelope.h"
#include "mail/token.h"
#include "sql/inbox.h"

/* ---- tokens */

bool inbox_token_in_ids(const struct inbox *inbox, const struct letter_list *ids, int64_t *outbox_r)
{
    for (size_t i = 0; i < ids->n; i++)
        if (token_parse_message_id(inbox->ring, inbox->conf->office.domain, ids->item[i], outbox_r))
            return true;
    return false;
}

static bool token_in_addresses(const struct inbox *inbox, const struct letter_list *addresses,
                               int64_t *outbox_r)
{
    for (size_t i = 0; i < addresses->n; i++)
        if (envelope_parse(inbox->ring, inbox->conf, addresses->item[i], outbox_r))
            return true;
    return false;
}

/* What kind of token names the row, in the order in which they are believed; NULL: none. */
static const char *find_token(const struct inbox *inbox, const struct letter *l, bool report,
                              int64_t *outbox_r)
{
    if (report) {
        if (l->envid && token_parse_envid(inbox->ring, l->envid, outbox_r))
            return "envelope";
        if (token_in_addresses(inbox, &l->arrived_at, outbox_r))
            return "envelope";
        if (inbox_token_in_ids(inbox, &l->returned, outbox_r))
            return "keyed-id";
    }
    if (inbox_token_in_ids(inbox, &l->answers, outbox_r))
        return "keyed-id";
    return NULL;
}

bool inbox_has_token(const struct inbox *inbox, const struct letter *l)
{
    int64_t ignored;
    struct letter_list own = {&(const char *){l->message_id}, l->message_id ? 1 : 0};
    return find_token(inbox, l, true, &ignored) || inbox_token_in_ids(inbox, &own, &ignored);
}

/* ---- rows */

int inbox_match_row(void *mem, struct inbox *inbox, int64_t outbox, struct inbox_match *m, struct err *err)
{
    DB_ROWS rows = NULL;
    int rc = db_run(inbox->db, &rows, err, SQL_INBOX_OUTBOX, db_int(outbox));
    if (rc <= 0)
        return rc;
    m->outbox_id = outbox;
    m->mailing_id = db_get_int(rows, 0, "mailing_id");
    m->event_id = db_get_int_or(rows, 0, "event_id", 0);
    m->thread_id = db_get_int_or(rows, 0, "thread_id", m->thread_id);
    m->address_id = db_get_int_or(rows, 0, "address_id", 0);
    m->sent_message_id = db_get_int_or(rows, 0, "message_id", 0);
    m->contact_id = db_get_int(rows, 0, "contact_id");
    m->email = talloc_strdup(mem, db_get_str(rows, 0, "email"));
    m->outbox_state = talloc_strdup(mem, db_get_str(rows, 0, "state"));
    return 1;
}

int inbox_look(void *mem, struct inbox *inbox, const struct letter *l, int64_t id, struct inbox_look *look,
               struct err *err)
{
    DB_ROWS rows = NULL;
    int n =
        db_run(inbox->db, &rows, err, SQL_INBOX_LOOK, db_text(l->message_id), db_int(id), db_text(l->from));
    if (n < 0)
        return -1;
    *look = (struct inbox_look){
        .sent = !db_is_null(rows, 0, "sent_id"),
        .sent_outbox = db_get_int_or(rows, 0, "outbox_id", 0),
        .sent_thread = db_get_int_or(rows, 0, "thread_id", 0),
        .sent_contact = db_get_int_or(rows, 0, "contact_id", 0),
        .twin = db_get_int_or(rows, 0, "twin_id", 0),
        .placed_thread = db_get_int_or(rows, 0, "placed_thread", 0),
        .near_thread = db_get_int_or(rows, 0, "near_thread", 0),
        .related = db_get_bool(rows, 0, "related"),
        .answered = db_get_bool(rows, 0, "answered"),
        .senders = talloc_array(mem, int64_t, (unsigned)n),
    };
    for (int i = 0; i < n; i++)
        if (!db_is_null(rows, i, "sender"))
            look->senders[look->nsenders++] = db_get_int(rows, i, "sender");
    return 0;
}

int inbox_match_own(void *mem, struct inbox *inbox, const struct letter *l, const struct inbox_look *look,
                    struct inbox_match *m, struct err *err)
{
    int64_t outbox = 0;
    *m = (struct inbox_match){0};
    if (!l->message_id)
        return 0;
    bool ours = token_parse_message_id(inbox->ring, inbox->conf->office.domain, l->message_id, &outbox);
    if (!ours && !look->sent)
        return 0;
    if (look->sent_outbox)
        outbox = look->sent_outbox;
    m->thread_id = look->sent_thread;
    m->contact_id = look->sent_contact;
    m->by = "keyed-id";
    int rc = outbox ? inbox_match_row(mem, inbox, outbox, m, err) : 0;
    m->keyed = ours && rc == 1; /* the row may be gone, or there never was one (mail/probe.h) */
    return rc < 0 ? -1 : 1;
}

/* A token whose row is gone (a store put back to an earlier state) finds nothing. */
int inbox_match_token(void *mem, struct inbox *inbox, const struct letter *l, const struct inbox_look *look,
                      bool report, struct inbox_match *m, struct err *err)
{
    int64_t outbox;
    *m = (struct inbox_match){.senders = look->senders, .nsenders = look->nsenders};
    const char *by = find_token(inbox, l, report, &outbox);
    int rc = by ? inbox_match_row(mem, inbox, outbox, m, err) : 0;
    if (rc == 1) {
        m->by = by;
        m->keyed = true;
        m->from_other_address = !report && l->from && strcasecmp(l->from, m->email) != 0;
    }
    return rc;
}

static int match_address(void *mem, struct inbox *inbox, const struct letter *l, struct inbox_match *m,
                         struct err *err)
{
    int64_t outbox;
    int rc =
        token_in_addresses(inbox, &l->arrived_at, &outbox) ? inbox_match_row(mem, inbox, outbox, m, err) : 0;
    if (rc == 1) {
        m->by = "envelope";
        m->keyed = true;
        m->from_other_address = l->from && strcasecmp(l->from, m->email) != 0;
    }
    return rc;
}

/* The row is that of the attendee; an attendee who was not invited has the event alone. */
static int match_event(void *mem, struct inbox *inbox, const struct letter *l, struct inbox_match *m,
                       struct err *err)
{
    DB_ROWS events = NULL;
    DB_ROWS invited = NULL;
    if (!l->calendar.uid || !l->calendar.method)
        return 0;
    int rc = db_run(inbox->db, &events, err, SQL_INBOX_EVENT, db_text(l->calendar.uid));
    if (rc <= 0)
        return rc;
    int64_t event = db_get_int(events, 0, "id");
    int n = l->calendar.attendee ? db_run(inbox->db, &invited, err, SQL_INBOX_INVITED, db_int(event),
                                          db_text(l->calendar.attendee))
                                 : 0;
    if (n < 0 || (n > 0 && inbox_match_row(mem, inbox, db_get_int(invited, n - 1, "id"), m, err) < 0))
        return -1;
    m->event_id = event;
    m->by = "event-uid";
    return 1;
}

int inbox_match_attendee(void *mem, struct inbox *inbox, const struct letter *l, struct inbox_match *m,
                         struct err *err)
{
    DB_ROWS rows = NULL;
    const char *attendee = l->calendar.attendee;
    if (!attendee || (m->email && !strcasecmp(attendee, m->email)))
        return 0;
    int n = db_run(inbox->db, &rows, err, SQL_INBOX_INVITED, db_int(m->event_id), db_text(attendee));
    if (n <= 0)
        return n;
    m->by = "event-uid";
    m->keyed = false;
    return inbox_match_row(mem, inbox, db_get_int(rows, n - 1, "id"), m, err) < 0 ? -1 : 0;
}

int inbox_match_otherwise(void *mem, struct inbox *inbox, const struct letter *l, struct inbox_match *m,
                          struct err *err)
{
    int rc = match_address(mem, inbox, l, m, err);
    return rc ? rc : match_event(mem, inbox, l, m, err);
}

int inbox_match_thread(struct inbox *inbox, struct inbox_match *m, const char *subject, struct err *err)
{
    DB_ROWS rows = NULL;
    if (m->thread_id)
        return 0;
    if (db_run(inbox->db, &rows, err, SQL_INBOX_ADD_THREAD, db_text(subject ? subject : ""),
               db_int_or_null(m->mailing_id)) < 0)
        return -1;
    m->thread_id = db_get_int(rows, 0, "id");
    return m->sent_message_id && db_run(inbox->db, NULL, err, SQL_INBOX_SET_THREAD,
                                        db_int(m->sent_message_id), db_int(m->thread_id)) < 0
               ? -1
               : 0;
}
