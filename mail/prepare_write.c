/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/prepare_low.h"

#include "sql/mailing.h"
#include "sql/outbox.h"
#include "sql/preflight.h"

static int write_recipients(struct preparation *p, const struct recipient *r, size_t n, struct err *err)
{
    MEM_SCOPE(mem);
    int64_t contact[PREPARE_AT_ONCE], post[PREPARE_AT_ONCE], address[PREPARE_AT_ONCE];
    const char *email[PREPARE_AT_ONCE], *name[PREPARE_AT_ONCE], *language[PREPARE_AT_ONCE],
        *view[PREPARE_AT_ONCE], *to_post[PREPARE_AT_ONCE];
    for (size_t i = 0; i < n; i++) {
        char *json = json_dumps(r[i].view, JSON_COMPACT);
        view[i] = talloc_strdup(mem, json);
        free(json);
        contact[i] = r[i].contact_id;
        post[i] = r[i].post_id;
        address[i] = r[i].address_id;
        email[i] = r[i].email;
        name[i] = r[i].name;
        language[i] = r[i].language;
        to_post[i] = r[i].to_post ? "true" : "false";
    }
    return db_run(p->db, NULL, err, SQL_OUTBOX_ADD, db_int(p->mailing), db_ints(mem, contact, n),
                  db_ints(mem, post, n), db_ints(mem, address, n), db_texts(mem, email, n),
                  db_texts(mem, name, n), db_texts(mem, language, n), db_texts(mem, view, n),
                  db_texts(mem, to_post, n)) < 0
               ? -1
               : 0;
}

/* For the trail. */
static int write_lines(struct preparation *p, const struct recipient *r, size_t n, struct err *err)
{
    MEM_SCOPE(mem);
    int64_t contact[PREPARE_AT_ONCE], line[PREPARE_AT_ONCE];
    for (size_t i = 0; i < n; i++) {
        contact[i] = r[i].contact_id;
        line[i] = r[i].line;
    }
    return db_run(p->db, NULL, err, SQL_PREFLIGHT_KEEP_LINES, db_int(p->mailing), db_ints(mem, contact, n),
                  db_ints(mem, line, n)) < 0
               ? -1
               : 0;
}

static int write_left_out(struct preparation *p, struct err *err)
{
    size_t n = talloc_array_length(p->left_out);
    int64_t *contact = talloc_array(p->mem, int64_t, (unsigned)n);
    const char **reason = talloc_array(p->mem, const char *, (unsigned)n);
    for (size_t i = 0; i < n; i++) {
        contact[i] = p->left_out[i].contact_id;
        reason[i] = p->left_out[i].reason;
    }
    return n && db_run(p->db, NULL, err, SQL_OUTBOX_ADD_EXCLUDED, db_int(p->mailing),
                       db_ints(p->mem, contact, n), db_texts(p->mem, reason, n)) < 0
               ? -1
               : 0;
}

static int write_draft(struct preparation *p, struct err *err)
{
    const struct mailing_order *o = p->order;
    DB_ROWS rows = NULL;
    if (db_run(p->db, &rows, err, SQL_MAILING_ADD, db_text(p->class.class->kind), db_text(p->name),
               db_int_or_null(o->event_id), db_int(p->department),
               db_text(mailing_account_names(p->mem, p->accounts)),
               db_text(o->shared_address ? o->shared_address : "each"), db_text(o->list),
               db_text(o->segment ? segment_question(o->segment) : NULL), db_bool(o->paper),
               db_text(o->step ? o->step : "invite"), db_text(o->answer), db_bool(o->receipt),
               db_int_or_null(o->missing_of)) < 0)
        return -1;
    p->mailing = db_get_int(rows, 0, "id");
    if (choice_keep(p->db, p->mailing, &p->choice, err) < 0 ||
        attachment_add(p->db, p->mailing, &p->enclosing.set, err) < 0)
        return -1;
    for (size_t i = 0; i < p->texts.n; i++) {
        const struct template_text *s = &p->texts.v[i];
        if (db_run(p->db, NULL, err, SQL_MAILING_ADD_TEXT, db_int(p->mailing), db_text(s->language),
                   db_text(s->name), db_int(s->body_line), db_text(s->subject), db_text(s->body)) < 0)
            return -1;
    }
    return 0;
}

int prepare_write(struct preparation *p, const struct recipient *r, size_t n, struct err *err)
{
    if ((!p->mailing && write_draft(p, err) < 0) || write_recipients(p, r, n, err) < 0 ||
        (p->order->list_file && write_lines(p, r, n, err) < 0))
        return -1;
    for (size_t i = 0; i < n; i++)
        if (r[i].own && enclosing_write_own(p->db, p->mailing, r[i].contact_id, r[i].own, err) < 0)
            return -1;
    return 0;
}

/* With where the recipients come from: the words of a segment, or the name of a list. */
int prepare_finish(struct preparation *p, struct err *err)
{
    const struct mailing_order *o = p->order;
    return (!p->mailing && write_draft(p, err) < 0) || write_left_out(p, err) < 0 ||
                   db_run(p->db, NULL, err, SQL_PREFLIGHT_KEEP_SOURCE, db_int(p->mailing),
                          db_text(o->list_file), db_text(o->segment ? segment_words(o->segment) : NULL)) < 0
               ? -1
               : 0;
}
