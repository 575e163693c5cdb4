/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "mail/compose.h"

#include <strings.h>
#include <time.h>

#include "mail/class.h"
#include "mail/envelope.h"
#include "mail/message.h"
#include "mail/template.h"
#include "mail/token.h"
#include "mail/wire/ical.h"
#include "mail/wire/mime.h"
#include "sql/mailing.h"

/* What is made once a mailing and language. */
struct kept {
    int64_t mailing_id;
    const char *language;
    struct template *text;
    struct class_mailing class;
    struct kept *next;
};

/* What is made once an event. */
struct zone {
    int64_t start, end;
    const char *text;
    struct zone *next;
};

struct composer {
    const struct conf *conf;
    const struct conf_smtp *account;
    const struct keyring *ring;
    const struct signer *signer;
    struct kept *kept;
    struct zone *zones;
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
    return c;
}

static int text_for(struct composer *c, struct db *db, const struct outbox_row *row,
                    const struct kept **kept_r, struct err *err)
{
    for (struct kept *k = c->kept; k; k = k->next)
        if (k->mailing_id == row->mailing_id && !strcmp(k->language, row->language)) {
            *kept_r = k;
            return 0;
        }
    DB_ROWS rows = NULL;
    int rc = db_run(db, &rows, err, SQL_MAILING_TEXT_OF, db_int(row->mailing_id), db_text(row->language));
    if (rc <= 0)
        return rc < 0 ? -1 : err_set(err, ERR_INPUT, "the mailing has no text in %s", row->language);
    struct template_text source = {
        .name = db_get_str(rows, 0, "name"),
        .language = row->language,
        .subject = db_get_str(rows, 0, "subject"),
        .body = db_get_str(rows, 0, "body"),
        .body_line = (int)db_get_int(rows, 0, "line"),
    };
    struct kept *k = talloc_zero(c, struct kept);
    if (template_compile(k, &source, &k->text, err) < 0)
        return -1;
    k->class = class_of_mailing(k, rows);
    k->mailing_id = row->mailing_id;
    k->language = talloc_strdup(k, row->language);
    k->next = c->kept;
    c->kept = k;
    *kept_r = k;
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

struct calendar {
    const char *text, *method; /* NULL: none */
};

/* The calendar that goes with the letter.  The letter itself describes the event:
 * there are programs that show nothing but the calendar. */
static int invitation(void *mem, struct composer *c, struct db *db, const struct outbox_row *row,
                      const char *letter, int64_t now, struct calendar *calendar_r, struct err *err)
{
    DB_ROWS event = NULL;
    DB_ROWS words = NULL;
    const struct conf_smtp *a = c->account;
    *calendar_r = (struct calendar){0};
    if (!row->event_id)
        return 0;
    if (db_run(db, &event, err, SQL_MAILING_INVITATION, db_int(row->mailing_id)) < 0 ||
        db_run(db, &words, err, SQL_MAILING_EVENT_TEXT, db_int(row->event_id), db_text(row->language),
               db_text(c->conf->office.default_language)) < 0)
        return -1;
    const char *step = db_get_str(event, 0, "step"), *reason = db_get_text(event, 0, "cancel_reason"),
               *kind = json_string_value(json_object_get(json_object_get(row->view, "contact"), "kind"));
    if (!strcmp(step, "thank"))
        return 0;
    bool has_words = db_rows_count(words) == 1;
    struct ical_invitation i = {
        .cancelled = !strcmp(step, "cancel"),
        .uid = db_get_str(event, 0, "uid"),
        .sequence = (int)db_get_int(event, 0, "sequence"),
        .stamp = now,
        .start = db_get_int(event, 0, "starts"),
        .end = db_get_int(event, 0, "ends"),
        .time_zone = c->conf->office.time_zone,
        .zone = zone_for(c, db_get_int(event, 0, "starts"), db_get_int(event, 0, "ends")),
        .summary = has_words ? db_get_str(words, 0, "name") : "",
        .location = has_words ? db_get_str(words, 0, "place") : "",
        .description = letter,
        .comment = conf_in_language(mem, reason, row->language),
        .language = has_words ? db_get_str(words, 0, "language") : NULL,
        .their_language = row->language,
        .organizer_name = conf_in_language(mem, a->organizer_name, row->language),
        .organizer = a->organizer_address,
        .sent_by = strcasecmp(a->organizer_address, a->from_address) ? a->from_address : NULL,
        .attendee_name = row->name,
        .attendee = row->email,
        .attendee_is_group = kind && !strcmp(kind, "organisation"),
    };
    *calendar_r = (struct calendar){ical_format_invitation(mem, &i), i.cancelled ? "CANCEL" : "REQUEST"};
    return 0;
}

/* The content that was submitted before goes again as it was. */
static int kept_content(void *mem, struct composer *c, struct db *db, const struct outbox_row *row,
                        struct outbox_content *content, struct err *err)
{
    char *raw;
    if (message_load(mem, db, row->message_id, &raw, &content->len, err) < 0)
        return -1;
    content->raw = raw;
    content->rfc_message_id = row->rfc_message_id;
    content->envelope_from = envelope_sender(mem, c->ring, c->account, row->id);
    content->envid = token_envid(mem, c->ring, row->id);
    return 0;
}

int composer_content(void *mem, struct composer *c, struct db *db, const struct outbox_row *row,
                     struct outbox_content *content_r, struct err *err)
{
    *content_r = (struct outbox_content){0};
    if (row->message_id)
        return kept_content(mem, c, db, row, content_r, err);
    const struct kept *text = NULL;
    struct template_letter letter;
    struct calendar calendar;
    char *raw;
    int64_t now = time(NULL);
    if (text_for(c, db, row, &text, err) < 0)
        return -1;
    const struct class_letter class = {.conf = c->conf,
                                       .account = c->account,
                                       .ring = c->ring,
                                       .mailing = &text->class,
                                       .contact_id = row->contact_id,
                                       .language = row->language,
                                       .envelope_from = envelope_sender(mem, c->ring, c->account, row->id)};
    class_view(mem, &class, row->view);
    if (template_render(mem, text->text, row->view, &letter, err) < 0 ||
        invitation(mem, c, db, row, letter.text, now, &calendar, err) < 0)
        return -1;
    char *id = token_message_id(mem, c->ring, c->conf->office.domain, row->id, 1);
    const char *from_name = conf_in_language(mem, c->account->from_name, row->language);
    struct mime_letter mime = {
        .from = {from_name, c->account->from_address},
        .to = &(struct mime_mailbox){row->name, row->email},
        .nto = 1,
        .subject = letter.subject,
        .message_id = talloc_strndup(mem, id + 1, strlen(id) - 2),
        .date = now,
        .time_zone = c->conf->office.time_zone,
        .language = row->language,
        .text = letter.text,
        .html = letter.html,
        .calendar = calendar.text,
        .calendar_method = calendar.method,
    };
    class_headers(mem, &class, &mime);
    if (mime_build(mem, &mime, &raw, &content_r->len, err) < 0 ||
        signer_sign(mem, c->signer, &raw, &content_r->len, err) < 0)
        return -1;
    content_r->raw = raw;
    content_r->rfc_message_id = id;
    content_r->envelope_from = class.envelope_from;
    content_r->envid = token_envid(mem, c->ring, row->id);
    content_r->from_address = c->account->from_address;
    content_r->from_name = from_name;
    content_r->subject = letter.subject;
    content_r->date = now;
    message_identity(raw, content_r->len, content_r->identity);
    return 0;
}
