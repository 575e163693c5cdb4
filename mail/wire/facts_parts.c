/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * One walk over the tree; what it meets first decides, and what lies in an attached message decides nothing.
 */
#include <strings.h>

#include "base/jsonbytes.h"
#include "mail/wire/charset.h"
#include "mail/wire/dsn.h"
#include "mail/wire/facts.h"
#include "mail/wire/facts_low.h"
#include "mail/wire/flowed.h"
#include "mail/wire/held.h"
#include "mail/wire/html.h"
#include "mail/wire/ical.h"
#include "mail/wire/reply_text.h"

enum { TEXT_MAX = 1 << 20, TEXTS_MAX = 4 << 20, TEXTS_OF_LARGE = 1 << 20, BODY_MAX = 4 << 20 };

struct walk {
    json_t *facts;
    const struct thin *thin; /* NULL: the mail is whole */
    size_t text_left;        /* of all texts together */
    struct text plain;       /* of the text/plain parts to be read */
    struct text html;        /* of the first text/html */
    json_t *returned;
};

struct place {
    const char *path;
    bool attached; /* inside a message inside the mail */
};

static json_t *entity_json(struct walk *w, const struct entity *o, struct place place);

/* ---- what the content means */

static void set_once(json_t *facts, const char *key, json_t *value)
{
    if (!value)
        return;
    if (json_object_get(facts, key))
        json_decref(value);
    else
        json_object_set_new(facts, key, value);
}

static json_t *returned_headers(const char *bytes, size_t len)
{
    MEM_SCOPE(mem);
    struct entity message = {.type = "text/plain"};
    fields_read(mem, bytes, len, &message.fields);
    return message.fields.n ? facts_returned(&message) : NULL;
}

/* An answer outdoes what is no answer: a mail may carry a whole calendar beside it. */
static bool is_answer(const json_t *calendar)
{
    static const char *const answers[] = {"REPLY", "COUNTER", "REFRESH", "DECLINECOUNTER"};
    const char *method = json_string_value(json_object_get(calendar, "method"));
    for (size_t i = 0; method && i < ARRAY_LEN(answers); i++)
        if (!strcasecmp(method, answers[i]))
            return true;
    return false;
}

static void set_calendar(json_t *facts, const char *bytes, size_t len, const struct entity *o)
{
    MEM_SCOPE(mem);
    if (is_answer(json_object_get(facts, "calendar")))
        return;
    const char *charset = params_get(&o->content_type, "charset"),
               *method = params_get(&o->content_type, "method");
    json_t *calendar = ical_parse(charset_decode(mem, bytes, len < TEXT_MAX ? len : TEXT_MAX, charset));
    if (calendar && !json_object_get(calendar, "method"))
        facts_set_text(calendar, "method", method, 40);
    if (is_answer(calendar))
        json_object_del(facts, "calendar");
    set_once(facts, "calendar", calendar);
}

/* What is not called a calendar may be one: a file under a general type, or the text of a client that does
 * not know its own type. */
static bool is_calendar(const char *type, const char *filename, const char *bytes, size_t len)
{
    static const char begin[] = "BEGIN:VCALENDAR", before[] = "\xef\xbb\xbf \t\r\n";
    static const char *const types[] = {"text/plain", "text/x-vcalendar", "application/octet-stream"};
    const char *dot = filename ? strrchr(filename, '.') : NULL;
    if (dot && (!strcasecmp(dot, ".ics") || !strcasecmp(dot, ".vcs")))
        return true;
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (strcmp(type, types[i]))
            continue;
        while (len && memchr(before, *bytes, sizeof before - 1))
            bytes++, len--;
        return len >= sizeof begin && !strncasecmp(bytes, begin, sizeof begin - 1);
    }
    return false;
}

static void understand(struct walk *w, const json_t *part, const char *bytes, size_t len,
                       const struct entity *o, bool attached)
{
    enum meaning { DSN, ARF, MDN, HEADERS, CALENDAR };
    static const struct {
        const char *type;
        enum meaning meaning;
    } meanings[] = {
        {"message/delivery-status", DSN},
        {"message/global-delivery-status", DSN},
        {"message/feedback-report", ARF},
        {"message/disposition-notification", MDN},
        {"message/global-disposition-notification", MDN},
        {"text/rfc822-headers", HEADERS},
        {"message/global-headers", HEADERS},
        {"message/rfc822-headers", HEADERS},
        {"text/rfc822", HEADERS},
        {"text/calendar", CALENDAR},
        {"application/ics", CALENDAR},
    };
    const char *type = json_string_value(json_object_get(part, "type"));
    if (is_calendar(type, json_string_value(json_object_get(part, "filename")), bytes, len))
        type = "text/calendar";
    for (size_t i = 0; i < ARRAY_LEN(meanings); i++) {
        if (strcmp(type, meanings[i].type))
            continue;
        if (meanings[i].meaning == DSN)
            set_once(w->facts, attached ? "attached_dsn" : "dsn", dsn_parse(bytes, len));
        else if (attached)
            return;
        else if (meanings[i].meaning == ARF)
            set_once(w->facts, "arf", dsn_parse_feedback(bytes, len));
        else if (meanings[i].meaning == MDN)
            set_once(w->facts, "mdn", dsn_parse_disposition(bytes, len));
        else if (meanings[i].meaning == CALENDAR)
            set_calendar(w->facts, bytes, len, o);
        else if (!w->returned)
            w->returned = returned_headers(bytes, len);
    }
}

/* Texts to be read: all of plain text one behind the other, or the first HTML. */
static void collect(struct walk *w, const char *type, const char *text)
{
    size_t len = strlen(text);
    if (!strcmp(type, "text/plain") && w->plain.len + len < BODY_MAX) {
        if (w->plain.len)
            text_puts(&w->plain, "\n\n");
        text_add(&w->plain, text, len);
    } else if (!strcmp(type, "text/html") && !w->html.len) {
        text_add(&w->html, text, len < BODY_MAX ? len : 0);
    }
}

/* ---- the tree */

static bool shows_text(const char *type, const struct entity *o)
{
    static const char *const also[] = {"message/delivery-status", "message/global-delivery-status",
                                       "message/feedback-report", "message/disposition-notification",
                                       "message/global-headers"};
    for (size_t i = 0; i < ARRAY_LEN(also); i++)
        if (!strcmp(type, also[i]))
            return true;
    return !strncmp(type, "text/", 5) && !entity_is_attachment(o);
}

/* An HTML page may say itself what it is in. */
static const char *charset_in_page(void *mem, const char *bytes, size_t len)
{
    enum { HEAD = 2048 };
    const char *end = bytes + (len < HEAD ? len : HEAD),
               *p = memmem(bytes, (size_t)(end - bytes), "charset=", 8);
    if (!p)
        return NULL;
    for (p += 8; p < end && strchr("\"' ", *p);)
        p++;
    size_t n = 0;
    while (p + n < end && p[n] > ' ' && !strchr("\"'/;>", p[n]))
        n++;
    return talloc_strndup(mem, p, n);
}

static char *text_of(void *mem, const struct entity *o, const char *type, const char *bytes, size_t len)
{
    const char *format = params_get(&o->content_type, "format"),
               *delsp = params_get(&o->content_type, "delsp");
    const char *charset = o->charset;
    if (!charset && !strcmp(type, "text/html"))
        charset = charset_in_page(mem, bytes, len);
    char *text = charset_decode(mem, bytes, len < TEXT_MAX ? len : TEXT_MAX, charset);
    bool flowed = !strcmp(type, "text/plain") && format && !strcasecmp(format, "flowed");
    return flowed ? flowed_text(mem, text, delsp && !strcasecmp(delsp, "yes")) : text;
}

static void set_text_of(struct walk *w, json_t *part, const struct entity *o, const char *bytes, size_t len,
                        struct place place)
{
    MEM_SCOPE(mem);
    const char *type = json_string_value(json_object_get(part, "type"));
    char *text = text_of(mem, o, type, bytes, len);
    size_t size = strlen(text);
    if (size > w->text_left)
        return;
    w->text_left -= size;
    json_object_set_new(part, "text", jsonbytes_text(text, size));
    if (!place.attached && !json_object_get(part, "filename"))
        collect(w, type, json_object_get(part, "holds") ? held_text(mem, text) : text);
}

/* Text within a file of Outlook's is to be read too. */
static void set_holds(struct walk *w, json_t *part, const char *bytes, size_t len, struct place place)
{
    MEM_SCOPE(mem);
    bool html = false;
    const char *text = facts_set_holds(mem, part, bytes, len, &html);
    if (text && !place.attached)
        collect(w, html ? "text/html" : "text/plain", text);
}

/* Of what was left out of a large mail size and sum are those of the whole. */
static void set_measure(struct walk *w, json_t *part, const struct entity *o)
{
    MEM_SCOPE(mem);
    unsigned char sum[DIGEST_BYTES];
    if (!thin_is_cut(w->thin, o->body, o->len))
        return;
    const char *encoding = o->kind == ENTITY_LEAF ? entity_encoding(mem, o) : NULL;
    size_t size = thin_measure(w->thin, encoding, o->body, o->len, sum);
    json_object_set_new(part, "size", json_integer((json_int_t)size));
    if (json_object_get(part, "sha256"))
        facts_set_digest(part, sum);
}

static void leaf_facts(struct walk *w, json_t *part, const struct entity *o, struct place place)
{
    MEM_SCOPE(mem);
    size_t len;
    const char *bytes = entity_content(mem, o, &len);
    json_object_set_new(part, "size", json_integer((json_int_t)len));
    facts_set_protection(part, o, bytes, len);
    set_holds(w, part, bytes, len, place);
    if (len)
        understand(w, part, bytes, len, o, place.attached);
    if (shows_text(o->type, o))
        set_text_of(w, part, o, bytes, len, place);
    if (!json_object_get(part, "text"))
        facts_set_sum(part, bytes, len);
    set_measure(w, part, o);
}

static void message_facts(struct walk *w, json_t *part, const struct entity *o, struct place place)
{
    MEM_SCOPE(mem);
    const struct entity *message = o->child[0];
    if (!place.attached) { /* of the inner ones each would be summed once a level */
        json_object_set_new(part, "size", json_integer((json_int_t)o->len));
        facts_set_sum(part, o->body, o->len);
        set_measure(w, part, o);
        if (!w->returned)
            w->returned = facts_returned(message);
    }
    facts_set_text(part, "subject", entity_field(mem, message, "Subject"), FACTS_FIELD_MAX);
    json_object_set_new(
        part, "parts",
        json_pack("[o]",
                  entity_json(w, message, (struct place){talloc_asprintf(mem, "%s.1", place.path), true})));
}

static void multipart_facts(struct walk *w, json_t *part, const struct entity *o, struct place place)
{
    json_t *parts = json_array();
    facts_set_protection(part, o, NULL, 0);
    for (size_t i = 0; i < o->nchildren; i++) {
        MEM_SCOPE(mem);
        json_array_append_new(
            parts,
            entity_json(w, o->child[i],
                        (struct place){talloc_asprintf(mem, "%s.%zu", place.path, i + 1), place.attached}));
    }
    json_object_set_new(part, "parts", parts);
}

static char *content_id(void *mem, const struct entity *o)
{
    char *id = entity_field(mem, o, "Content-ID"), *end;
    if (!id)
        return NULL;
    id += strspn(id, " <");
    end = strchr(id, '>');
    if (end)
        *end = 0;
    return id;
}

static json_t *entity_json(struct walk *w, const struct entity *o, struct place place)
{
    MEM_SCOPE(mem);
    json_t *part = json_object();
    json_object_set_new(part, "path", json_string(place.path));
    facts_set_text(part, "type", o->type, 200);
    facts_set_text(part, "charset", o->charset, 100);
    facts_set_text(part, "filename", entity_filename(mem, o), 1000);
    facts_set_text(part, "disposition", *o->disposition.word ? o->disposition.word : NULL, 100);
    facts_set_text(part, "content_id", content_id(mem, o), 1000);
    if (o->kind == ENTITY_MULTIPART && !place.attached && !json_object_get(w->facts, "report_type"))
        facts_set_text(w->facts, "report_type", params_get(&o->content_type, "report-type"), 100);
    if (o->kind == ENTITY_MULTIPART)
        multipart_facts(w, part, o, place);
    else if (o->kind == ENTITY_MESSAGE)
        message_facts(w, part, o, place);
    else
        leaf_facts(w, part, o, place);
    return part;
}

static void set_text(json_t *facts, const char *key, const char *text)
{
    json_object_set_new(facts, key, jsonbytes_text(text, strlen(text)));
}

/* The plain text is read; the HTML only where there is none, or where it alone knows of a quotation. */
static void set_body(struct walk *w)
{
    MEM_SCOPE(mem);
    const json_t *from = json_array_get(json_object_get(w->facts, "from"), 0);
    const char *writer = json_string_value(json_array_get(from, 0));
    const char *body = w->plain.s;
    struct reply reply = reply_read(mem, body, NULL, writer);
    bool plain = body[strspn(body, " \t\n")];
    if (w->html.len && !reply.quotes) {
        struct html_page page = html_page(mem, w->html.s);
        struct reply other = reply_read(mem, page.text, page.marks, writer);
        if (!plain || other.quotes)
            reply = other;
        if (!plain)
            body = page.text;
    }
    set_text(w->facts, "body_text", body);
    set_text(w->facts, "reply_text", reply.text);
    set_text(w->facts, "reply_text_with_signature", reply.text_with_signature);
}

void facts_parts(json_t *facts, const struct entity *message, const struct thin *thin)
{
    MEM_SCOPE(mem);
    struct walk w = {.facts = facts,
                     .thin = thin,
                     .text_left = thin ? TEXTS_OF_LARGE : TEXTS_MAX,
                     .plain = text_new(mem),
                     .html = text_new(mem)};
    json_t *parts = json_pack("[o]", entity_json(&w, message, (struct place){"1", false}));
    json_object_set_new(facts, "parts", parts);
    facts_list_files(facts, parts);
    bool report = json_object_get(facts, "report_type") || json_object_get(facts, "dsn") ||
                  json_object_get(facts, "arf");
    if (w.returned)
        json_object_set(facts, report ? "returned" : "attached", w.returned);
    json_decref(w.returned);
    set_body(&w);
}

/* ---- one part */

static const char *held_at(void *mem, const struct entity *o, size_t n, size_t *len_r)
{
    struct held_list list;
    size_t len;
    const char *bytes = entity_content(mem, o, &len);
    held_read(mem, o->type, entity_filename(mem, o), bytes, len, &list);
    if (n > list.n)
        return NULL;
    *len_r = list.v[n - 1].len;
    return list.v[n - 1].bytes;
}

const char *facts_find_part(void *mem, const struct entity *message, const char *path, size_t *len_r)
{
    const struct entity *o = message;
    char *end;
    if (strtol(path, &end, 10) != 1)
        return NULL;
    while (*end == '.') {
        long n = strtol(end + 1, &end, 10);
        if (n < 1)
            return NULL;
        if (o->kind == ENTITY_LEAF)
            return *end ? NULL : held_at(mem, o, (size_t)n, len_r);
        if ((size_t)n > o->nchildren)
            return NULL;
        o = o->child[n - 1];
    }
    return *end || o->kind == ENTITY_MULTIPART ? NULL : entity_content(mem, o, len_r);
}
