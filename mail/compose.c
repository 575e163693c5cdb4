/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/compose.h"

#include <jansson.h>
#include <strings.h>
#include <time.h>

#include "base/digest.h"
#include "base/json_pool.h"
#include "base/json_quick.h"
#include "base/pack.h"
#include "mail/attachment.h"
#include "mail/choice.h"
#include "mail/class.h"
#include "mail/envelope.h"
#include "mail/message.h"
#include "mail/template.h"
#include "mail/token.h"
#include "mail/wire/ical.h"
#include "mail/wire/mime.h"
#include "sql/mailing.h"

struct composer {
    const struct conf *conf;
    const struct conf_smtp *account;
    const struct keyring *ring;
    const struct signer *signer;
    struct text_of *texts;
    struct zone *zones;
    struct attachment_desk *attachments;
};

/* What is made once a mailing and language. */
struct text_of {
    const struct composer *composer;
    int64_t mailing_id;
    const char *language, *from_name;
    struct template *template;
    struct class_mailing class;
    const char *missing; /* why there is no template */
    const struct pack_base *base;
    int64_t base_id; /* 0: letters are packed upon nothing */
    bool base_tried;
    struct text_of *next;
};

/* What is made once an event. */
struct zone {
    int64_t start, end;
    const char *text;
    struct zone *next;
};

/* The event of a mailing in a language, as it is when a row is claimed. */
struct event_of {
    int64_t mailing_id, start, end;
    int sequence;
    bool invites; /* or only thanks: no calendar goes with that */
    bool follows; /* what went before */
    bool cancelled;
    const char *for_language, *uid, *summary, *location, *language, *reason, *organizer_name, *zone;
    struct event_of *next;
};

struct composer_work {
    const struct text_of *text;
    const struct event_of *event;        /* NULL: none */
    const struct mime_part *const *part; /* pictures and attachments */
    size_t nparts;
    const char *in_reply_to, *references, *refers_to; /* what the recipient had about the event: the last;
                                                         all; all, the last one first. NULL: nothing */
    const char *kept;                                 /* content that was submitted before, or NULL */
    size_t kept_len;
};

struct composer *composer_new(void *mem, const struct conf *conf, const struct conf_smtp *account,
                              const struct keyring *ring, const struct signer *signer)
{
    mime_init();
    struct composer *c = talloc_zero(mem, struct composer);
    c->conf = conf;
    c->account = account;
    c->ring = ring;
    c->signer = signer;
    c->attachments = attachment_desk_new(c);
    return c;
}

/* ---- making a letter, in any thread */

/* The calendar that goes with the letter.  The letter itself describes the event: there are programs that
 * show nothing but the calendar. */
static const char *calendar(void *mem, const struct conf *conf, const struct conf_smtp *a,
                            const struct event_of *e, const struct outbox_row *row, json_t *view,
                            const char *letter, int64_t now)
{
    const char *kind = json_string_value(json_object_get(json_object_get(view, "contact"), "kind"));
    struct ical_invitation i = {
        .cancelled = e->cancelled,
        .uid = e->uid,
        .sequence = e->sequence,
        .stamp = now,
        .start = e->start,
        .end = e->end,
        .time_zone = conf->office.time_zone,
        .zone = e->zone,
        .summary = e->summary,
        .location = e->location,
        .description = letter,
        .comment = e->reason,
        .language = e->language,
        .their_language = row->language,
        .organizer_name = e->organizer_name,
        .organizer = a->organizer_address,
        .sent_by = strcasecmp(a->organizer_address, a->from_address) ? a->from_address : NULL,
        .attendee_name = row->name,
        .attendee = row->email,
        .attendee_is_group = kind && !strcmp(kind, "organisation"),
    };
    return ical_format_invitation(mem, &i);
}

/* The bytes of a letter to the row's address, with the view given; not signed yet. */
static int build(void *mem, const struct text_of *text, const struct event_of *event,
                 const struct outbox_row *row, json_t *view, char **raw_r, struct outbox_content *c,
                 struct err *err)
{
    const struct composer *composer = text->composer;
    const struct conf_smtp *account = composer->account;
    struct template_letter letter;
    struct class_letter class = {.conf = composer->conf,
                                 .account = account,
                                 .ring = row->contact_id ? composer->ring : NULL,
                                 .mailing = &text->class,
                                 .contact_id = row->contact_id,
                                 .language = row->language,
                                 .envelope_from = c->envelope_from};
    class_view(mem, &class, view);
    if (template_render(mem, text->template, view, &letter, err) < 0)
        return -1;
    c->date = time(NULL);
    c->subject = letter.subject;
    c->rfc_message_id = token_message_id(mem, composer->ring, composer->conf->office.domain, row->id, 1);
    struct mime_letter mime = {
        .from = {text->from_name, account->from_address},
        .to = &(struct mime_mailbox){row->name, row->email},
        .nto = 1,
        .subject = letter.subject,
        .in_reply_to = row->work->in_reply_to,
        .references = row->work->references,
        .message_id = talloc_strndup(mem, c->rfc_message_id + 1, strlen(c->rfc_message_id) - 2),
        .date = c->date,
        .time_zone = composer->conf->office.time_zone,
        .language = letter.languages,
        .text = letter.text,
        .html = letter.html,
        .part = row->work->part,
        .nparts = row->work->nparts,
    };
    if (event && event->invites) {
        mime.calendar = calendar(mem, composer->conf, account, event, row, view, letter.text, c->date);
        mime.calendar_method = event->cancelled ? "CANCEL" : "REQUEST";
    }
    class_headers(mem, &class, &mime);
    return mime_build(mem, &mime, raw_r, &c->len, err);
}

static json_t *view_of(const struct outbox_row *row)
{
    json_t *view = json_quick(row->view);
    must(view);
    return view;
}

struct composer_desk {
    void *scratch;
    struct json_pool *views;
    struct pack *pack;
};

struct composer_desk *composer_desk_new(void *mem)
{
    /* what an ordinary letter takes; more is had from malloc */
    enum { SCRATCH_BYTES = 128 * 1024, VIEW_BYTES = 32 * 1024 };
    struct composer_desk *desk = talloc(mem, struct composer_desk);
    desk->scratch = talloc_pool(desk, SCRATCH_BYTES);
    desk->views = json_pool_new(desk, VIEW_BYTES);
    desk->pack = pack_new(desk);
    return desk;
}

/* What stays of the letter is copied out of the scratch memory that it is made in. */
static int new_content(void *mem, struct composer_desk *desk, const struct outbox_row *row,
                       struct outbox_content *c, struct err *err)
{
    void *scratch = desk->scratch;
    const struct text_of *text = row->work->text;
    char *raw;
    json_pool_begin(desk->views);
    json_t *view = view_of(row);
    int rc = build(scratch, text, row->work->event, row, view, &raw, c, err);
    json_decref(view);
    json_pool_end();
    if (rc < 0 || signer_sign(scratch, text->composer->signer, &raw, &c->len, err) < 0) {
        talloc_free_children(scratch);
        return -1;
    }
    c->from_address = text->composer->account->from_address;
    c->from_name = text->from_name;
    c->refers_to = row->work->refers_to;
    digest_sha256(raw, c->len, c->sha256);
    const char *packed = pack_bytes(scratch, desk->pack, text->base, raw, c->len, &c->packed_len);
    c->packed = talloc_memdup(mem, packed, c->packed_len);
    c->base_id = text->base_id;
    c->raw = talloc_memdup(mem, raw, c->len);
    c->rfc_message_id = talloc_strdup(mem, c->rfc_message_id);
    c->subject = talloc_strdup(mem, c->subject);
    talloc_free_children(scratch);
    return 0;
}

int composer_content(void *mem, struct composer_desk *desk, const struct outbox_row *row,
                     struct outbox_content *c, struct err *err)
{
    const struct composer_work *work = row->work;
    const struct composer *composer = work->text->composer;
    *c = (struct outbox_content){
        .envelope_from = envelope_sender(mem, composer->ring, composer->account, row->id),
        .envid = token_envid(mem, composer->ring, row->id),
    };
    if (work->kept) {
        c->raw = work->kept;
        c->len = work->kept_len;
        c->rfc_message_id = row->rfc_message_id;
    } else if (new_content(mem, desk, row, c, err) < 0) {
        return -1;
    }
    return 0;
}

/* ---- what letters need, by whoever claims */

static int compile(struct composer *c, struct db *db, struct text_of *text, struct err *err)
{
    DB_ROWS rows = NULL;
    int rc = db_run(db, &rows, err, SQL_MAILING_TEXT_OF, db_int(text->mailing_id), db_text(text->language));
    if (rc < 0)
        return -1;
    if (rc == 0)
        return err_set(err, ERR_INPUT, "the mailing has no text in %s", text->language);
    struct template_text source = {
        .name = db_get_str(rows, 0, "name"),
        .language = text->language,
        .subject = db_get_str(rows, 0, "subject"),
        .body = db_get_str(rows, 0, "body"),
        .body_line = (int)db_get_int(rows, 0, "line"),
    };
    text->from_name = conf_in_language(text, c->account->from_name, text->language);
    text->class = class_of_mailing(text, rows);
    if (template_compile(text, &source, &text->template, err) < 0)
        return -1;
    return choice_load_second(text, db, text->mailing_id, text->language, text->template, err);
}

static int find_text(struct composer *c, struct db *db, const struct outbox_row *row, struct text_of **text_r,
                     struct err *err)
{
    for (struct text_of *t = c->texts; t; t = t->next)
        if (t->mailing_id == row->mailing_id && !strcmp(t->language, row->language)) {
            *text_r = t;
            return 0;
        }
    struct text_of *t = talloc_zero(c, struct text_of);
    t->composer = c;
    t->mailing_id = row->mailing_id;
    t->language = talloc_strdup(t, row->language);
    if (compile(c, db, t, err) < 0) {
        if (err->code != ERR_INPUT)
            return -1;
        t->missing = talloc_strdup(t, err->text);
    }
    t->next = c->texts;
    c->texts = t;
    *text_r = t;
    return 0;
}

static const char *zone_for(struct composer *c, int64_t start, int64_t end)
{
    for (struct zone *z = c->zones; z; z = z->next)
        if (z->start == start && z->end == end)
            return z->text;
    struct zone *z = talloc(c, struct zone);
    *z = (struct zone){start, end, ical_format_zone(z, c->conf->office.time_zone, start, end), c->zones};
    c->zones = z;
    return z->text;
}

static const char *text_or(void *mem, const struct db_rows *rows, const char *column, const char *otherwise)
{
    return db_rows_count(rows) ? talloc_strdup(mem, db_get_str(rows, 0, column)) : otherwise;
}

static int event_for(void *mem, struct composer *c, struct db *db, const struct outbox_row *row,
                     struct event_of **events, const struct event_of **event_r, struct err *err)
{
    DB_ROWS event = NULL;
    DB_ROWS words = NULL;
    for (const struct event_of *e = *events; e; e = e->next)
        if (e->mailing_id == row->mailing_id && !strcmp(e->for_language, row->language)) {
            *event_r = e;
            return 0;
        }
    if (db_run(db, &event, err, SQL_MAILING_INVITATION, db_int(row->mailing_id)) < 0 ||
        db_run(db, &words, err, SQL_MAILING_EVENT_TEXT, db_int(row->event_id), db_text(row->language),
               db_text(c->conf->office.default_language)) < 0)
        return -1;
    const char *step = db_get_str(event, 0, "step");
    int64_t start = db_get_int(event, 0, "starts"), end = db_get_int(event, 0, "ends");
    struct event_of *e = talloc_zero(mem, struct event_of);
    *e = (struct event_of){
        .mailing_id = row->mailing_id,
        .for_language = row->language,
        .invites = strcmp(step, "thank") != 0,
        .follows = strcmp(step, "invite") != 0,
        .cancelled = !strcmp(step, "cancel"),
        .uid = talloc_strdup(e, db_get_str(event, 0, "uid")),
        .sequence = (int)db_get_int(event, 0, "sequence"),
        .start = start,
        .end = end,
        .zone = zone_for(c, start, end),
        .reason = conf_in_language(e, db_get_text(event, 0, "cancel_reason"), row->language),
        .organizer_name = conf_in_language(e, c->account->organizer_name, row->language),
        .summary = text_or(e, words, "name", ""),
        .location = text_or(e, words, "place", ""),
        .language = text_or(e, words, "language", NULL),
        .next = *events,
    };
    *event_r = *events = e;
    return 0;
}

/* A view of the same shape in which nobody is named: what the office says of itself and of the event stays.
 */
static json_t *nobody(json_t *value)
{
    const char *key;
    json_t *item, *made;
    size_t i;
    if (json_is_string(value))
        return json_string(!strncmp(json_string_value(value), "http", 4) ? "https://nobody.invalid/"
                                                                         : "Nobody");
    if (json_is_array(value)) {
        made = json_array();
        json_array_foreach(value, i, item)
        {
            json_array_append_new(made, nobody(item));
        }
        return made;
    }
    if (!json_is_object(value))
        return json_incref(value);
    made = json_object();
    json_object_foreach(value, key, item)
    {
        json_object_set_new(made, key, nobody(item));
    }
    return made;
}

static json_t *view_of_nobody(const struct outbox_row *row)
{
    static const char *const same[] = {"office", "mayor", "event", "reply_by", "language"};
    json_t *view = view_of(row), *made = nobody(view);
    for (size_t i = 0; i < ARRAY_LEN(same); i++)
        if (json_object_get(view, same[i]))
            json_object_set(made, same[i], json_object_get(view, same[i]));
    json_decref(view);
    return made;
}

/* What the mailing's letters in this language are packed upon: the letter to nobody, so that none of them is
 * needed to read another, and no erasure touches it. */
static int make_base(struct composer *c, struct db *db, struct text_of *text, const struct event_of *event,
                     const struct outbox_row *row, struct err *err)
{
    MEM_SCOPE(mem);
    struct composer_work work = {.text = text};
    const struct outbox_row to = {.mailing_id = row->mailing_id,
                                  .work = &work,
                                  .email = "nobody@nobody.invalid",
                                  .name = "Nobody",
                                  .language = row->language};
    struct outbox_content letter = {.envelope_from = c->account->bounce_address};
    struct err why;
    char *raw;
    if (attachment_parts(mem, c->attachments, db, row->mailing_id, 0, row->language, &work.part, &work.nparts,
                         err) < 0)
        return -1;
    text->base_tried = true;
    json_t *view = view_of_nobody(row);
    int rc = build(mem, text, event, &to, view, &raw, &letter, &why);
    json_decref(view);
    if (rc < 0)
        return 0; /* each stands for itself then */
    if (outbox_add_base(db, raw, letter.len, &text->base_id, err) < 0)
        return -1;
    text->base = pack_base_new(c, raw, letter.len);
    return 0;
}

/* A letter about an event that went before: mail programs show them together, and the answers stand with
 * both. */
static int find_earlier(void *mem, struct db *db, const struct outbox_row *row, struct composer_work *work,
                        struct err *err)
{
    DB_ROWS rows = NULL;
    int n = db_run(db, &rows, err, SQL_MAILING_EARLIER, db_int(row->id), db_int(row->event_id));
    if (n <= 0)
        return n;
    struct text newest = text_new(mem), oldest = text_new(mem);
    for (int i = 0; i < n; i++) {
        text_printf(&newest, "%s%s", i ? " " : "", db_get_str(rows, i, "rfc_message_id"));
        text_printf(&oldest, "%s%s", i ? " " : "", db_get_str(rows, n - 1 - i, "rfc_message_id"));
    }
    work->in_reply_to = talloc_strdup(mem, db_get_str(rows, 0, "rfc_message_id"));
    work->references = oldest.s;
    work->refers_to = newest.s;
    return 0;
}

static int prepare(void *mem, struct composer *c, struct db *db, struct outbox_row *row,
                   struct event_of **events, struct err *err)
{
    struct composer_work *work = talloc_zero(mem, struct composer_work);
    struct text_of *text;
    char *kept;
    row->work = work;
    if (find_text(c, db, row, &text, err) < 0)
        return -1;
    work->text = text;
    if (row->message_id) {
        if (message_load(mem, db, row->message_id, &kept, &work->kept_len, err) < 0)
            return -1;
        work->kept = kept;
        row->bytes = work->kept_len;
        return 0;
    }
    if (text->missing)
        return err_set(err, ERR_INPUT, "%s", text->missing);
    if (row->event_id && event_for(mem, c, db, row, events, &work->event, err) < 0)
        return -1;
    if (work->event && work->event->follows && find_earlier(mem, db, row, work, err) < 0)
        return -1;
    if (attachment_parts(mem, c->attachments, db, row->mailing_id, row->id, row->language, &work->part,
                         &work->nparts, err) < 0)
        return -1;
    for (size_t i = 0; i < work->nparts; i++)
        row->bytes += work->part[i]->len;
    return text->base_tried ? 0 : make_base(c, db, text, work->event, row, err);
}

int composer_prepare(void *mem, struct composer *c, struct db *db, struct outbox_row *rows, int n,
                     size_t most_bytes, struct err *err)
{
    struct event_of *events = NULL;
    size_t bytes = 0;
    int i;
    for (i = 0; i < n && bytes < most_bytes; i++, bytes += rows[i - 1].bytes) {
        if (rows[i].aside || prepare(mem, c, db, &rows[i], &events, err) == 0)
            continue;
        if (err->code == ERR_AWAY || err->code == ERR_AGAIN)
            return -1;
        rows[i].aside = "held";
        rows[i].reason = talloc_strdup(mem, err->text);
    }
    return i;
}
